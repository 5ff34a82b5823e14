"""The addresses of the pages: their arguments apply, are passed on, and are checked."""

from __future__ import annotations

import httpx
import pytest
from support.waiting import PATIENCE

HREFS = """return [...document.querySelectorAll('a')]
    .map((a) => a.getAttribute('href')).filter((href) => href !== '/docs')"""


@pytest.fixture(scope='module')
def site(web):
    return web('--source', 'synthetic', '--fps', '1', '--detector', 'haar', '--model', 'tiny')


@pytest.mark.parametrize(
    ('address', 'status', 'reason'),
    [
        ('/headset?labels=happy,hapy', 422, '/headset: labels must be one or more of angry, '),
        ('/headset?size=41', 422, '/headset: size must be a whole number from 6 to 40'),
        pytest.param(
            f'/headset?size={"9" * 5000}', 422, 'a whole number from 6 to 40', id='long size'
        ),
        ('/headset?size=big&lang=xx', 422, '6 to 40; lang must be one of en, de, es, fr, ja'),
        ('/?theme=pink', 422, '/: theme must be one of auto, light, dark'),
        ('/try?lang=klingon', 422, '/try: lang must be one of en, de, es, fr, ja'),
        ('/try?size=30', 400, '/try has no argument size: its arguments are theme, lang'),
        ('/headset?labels=happy&labels=sad', 400, '/headset: labels is given twice: give it once'),
    ],
)
def test_a_wrong_argument_of_a_page_is_refused_with_the_possible_ones(
    site, address, status, reason
):
    refused = httpx.get(site.url + address, timeout=PATIENCE)
    assert refused.status_code == status
    assert reason in refused.json()['detail']


@pytest.mark.parametrize('address', ['/headset?size=30&labels=happy,%20sad', '/?theme=&lang='])
def test_allowed_and_empty_values_show_the_page(site, address):
    assert httpx.get(site.url + address, timeout=PATIENCE).is_success


@pytest.mark.parametrize(
    ('path', 'pages'), [('/', {'/', '/try', '/headset'}), ('/headset', {'/'})]
)
def test_links_keep_the_theme_and_language_of_the_address(chromium, site, path, pages):
    chromium.resize(1280, 900)
    chromium.open(f'{site.url}{path}?lang=de&theme=dark')
    if path == '/headset':
        chromium.click('.settings-button')
    links = chromium.wait_for(lambda: chromium.script(HREFS), 'links')
    assert set(links) == {f'{page}?theme=dark&lang=de' for page in pages}


def test_a_theme_that_a_person_selects_replaces_the_one_in_the_addresses(chromium, site):
    chromium.resize(1280, 900)
    chromium.open(f'{site.url}/?lang=de&theme=dark')
    chromium.click('nav .q-btn')
    chromium.wait_for(
        lambda: chromium.script('return location.search') == '?lang=de', 'address without theme'
    )
    assert not [link for link in chromium.script(HREFS) if 'theme' in link]
    chromium.script('localStorage.clear()')
