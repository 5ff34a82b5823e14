"""The pages in a real browser show the state of the pipeline."""

from __future__ import annotations

import pytest
from support.browser import Browser

#: The sum of the pixels, which distinguishes the current picture from others.
SUM_OF_PIXELS = """
    const canvas = document.querySelector('.picture canvas');
    if (!canvas || canvas.classList.contains('empty')) return null;
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let sum = 0;
    for (let index = 0; index < data.length; index += 97) sum += data[index] * (index % 251);
    return sum;"""

NOT_WIDER_THAN_THE_SCREEN = (
    'return document.documentElement.scrollWidth <= window.innerWidth && '
    'document.body.scrollWidth <= window.innerWidth'
)


@pytest.fixture(scope='module')
def site(web, scene, chromium):
    return web('--source', str(scene), '--attribute-model', 'gender')


@pytest.fixture
def page(chromium: Browser, site):
    chromium.resize(1280, 900)
    chromium.open(f'{site.url}/?theme=light')
    chromium.wait_for(lambda: chromium.count('.picture canvas'), 'picture')
    return chromium


def test_dashboard_shows_moving_frames_faces_and_events(page):
    first = page.wait_for(lambda: page.script(SUM_OF_PIXELS), 'first frame')
    page.wait_for(lambda: page.script(SUM_OF_PIXELS) not in (None, first), 'another frame')
    page.wait_for(lambda: page.count('.picture .box'), 'box')
    page.wait_for(lambda: '%' in page.text('.tag'), 'label')
    page.wait_for(lambda: page.count('.face .bars dt') >= 7, 'bar for each class')
    page.wait_for(lambda: 'gender.woman' in page.text('.face .attributes'), 'attributes')
    page.wait_for(lambda: 'appeared' in page.text('.events'), 'event')
    page.wait_for(lambda: page.count('.track i'), 'time line')
    page.wait_for(lambda: float(page.text('.figure .value') or 0) > 0, 'rate')
    assert 'face' in page.text('.state') or 'searching' in page.text('.state')
    assert 'video scene.avi' in page.text('.nodes')


def test_dashboard_shows_searching_and_then_a_new_face(page):
    page.wait_for(lambda: 'searching for a face' in page.text('.state'), 'search')
    page.wait_for(lambda: '1 face in view' in page.text('.state'), 'face')
    page.wait_for(lambda: page.text('.events').count('left after') > 0, 'leaving')


@pytest.mark.parametrize('path', ['/', '/headset'])
@pytest.mark.parametrize('theme', ['light', 'dark'])
def test_nothing_is_wider_than_a_phone_screen(page, site, path, theme):
    page.resize(360, 780, scale=2, mobile=True)
    page.open(f'{site.url}{path}?theme={theme}')
    page.wait_for(
        lambda: (
            page.count('.word')
            if path == '/headset'
            else page.count('.picture .box') and page.count('.events li')
        ),
        'content',
    )
    assert page.script(NOT_WIDER_THAN_THE_SCREEN)
    is_dark = 'body--dark' in page.script('return document.body.className')
    assert is_dark == (theme == 'dark')


def test_nothing_is_loaded_from_other_servers_or_blocked(page, site):
    # The page of an earlier test asked for its own server until now.
    page.open('about:blank')
    page.wait_for(page.is_silent, 'silence')
    page.driver.get_log('browser')
    for path in ('/', '/headset', '/docs'):
        page.open(site.url + path)
        page.wait_for(lambda: page.text('body'), 'content')
    page.wait_for(lambda: 'Apparent expressions in a picture' in page.text('body'), 'API page')
    assert page.hosts() == {site.url.removeprefix('http://')}
    refused = [
        entry['message']
        for entry in page.driver.get_log('browser')
        if entry['level'] == 'SEVERE' and 'WebSocket' not in entry['message']
    ]
    assert not refused, 'the security policy fits the pages'


def test_the_chosen_theme_is_remembered(page, site):
    page.open(site.url)
    page.wait_for(lambda: page.count('nav .q-btn'), 'button')

    def is_dark():
        return 'body--dark' in page.script('return document.body.className')

    def chosen():
        return page.script('return localStorage.getItem("fer_ros.theme")') or ''

    # Chromium without a screen prefers light: system, light, dark.
    page.click('nav .q-btn')
    page.wait_for(lambda: 'light' in chosen(), 'light')
    page.click('nav .q-btn')
    page.wait_for(is_dark, 'dark')
    page.wait_for(lambda: 'dark' in chosen(), 'memory')
    page.open(site.url)
    page.wait_for(is_dark, 'dark again')
    page.script('localStorage.clear()')


def test_the_headset_view_follows_its_settings(page, site):
    page.open(f'{site.url}/headset?size=30&labels=happy')
    page.wait_for(lambda: page.text('.word') == 'happy', 'word')
    size = page.script(
        'return parseFloat(getComputedStyle(document.querySelector(".word")).fontSize)'
    )
    assert size == pytest.approx(0.3 * 900, abs=2)
    page.open(f'{site.url}/headset?labels=sad')
    page.wait_for(lambda: 'searching' in page.text('.told'), 'search')
    page.wait_for(lambda: not page.text('.told'), 'somebody in view')
    assert page.text('.word') == ''


def test_the_headset_view_enters_and_leaves_full_screen(page, site):
    def is_full():
        return page.script('return document.fullscreenElement !== null')

    page.open(f'{site.url}/headset')
    page.wait_for(lambda: page.count('.settings-button'), 'button')
    page.click('.settings-button')
    page.click('.full-screen')
    page.wait_for(is_full, 'full screen')
    page.click('.full-screen')
    page.wait_for(lambda: not is_full(), 'window again')


def test_settings_of_the_headset_view_are_remembered(page, site):
    page.open(f'{site.url}/headset')
    page.script('localStorage.clear()')
    page.wait_for(lambda: page.count('.settings-button'), 'button')
    page.click('.settings-button')
    page.wait_for(lambda: page.count('.settings .q-checkbox') == 7, 'settings')
    page.click('.settings .q-checkbox')
    kept = page.wait_for(
        lambda: page.script('return localStorage.getItem("fer_ros.headset")'), 'memory'
    )
    assert 'angry' not in kept
    page.open(f'{site.url}/headset')
    page.wait_for(lambda: page.count('.settings-button'), 'button')
    page.click('.settings-button')
    page.wait_for(
        lambda: page.count('.settings .q-checkbox[aria-checked=true]') == 6, 'the choice of before'
    )
    page.script('localStorage.clear()')


def test_the_page_reconnects_after_a_restart_of_the_pipeline(page, site):
    """The server restarts on the same port, and the page reconnects on its own."""
    page.wait_for(lambda: page.script(SUM_OF_PIXELS), 'frame')
    page.script('window.isOld = true')
    site.restart()
    page.wait_for(lambda: not page.script('return window.isOld'), 'page that loads itself anew')
    first = page.wait_for(lambda: page.script(SUM_OF_PIXELS), 'frame')
    page.wait_for(lambda: page.script(SUM_OF_PIXELS) not in (None, first), 'moving frames')
    page.wait_for(lambda: 'appeared' in page.text('.events'), 'event')
