"""The pages are accessible: axe finds no serious fault in any of their states."""

from __future__ import annotations

import signal

import pytest
from support.axe import faults
from support.mjpeg import NetworkCamera

FITS = """
    const panel = document.querySelector('.settings');
    const place = panel.getBoundingClientRect();
    return panel.scrollHeight <= panel.clientHeight && panel.scrollWidth <= panel.clientWidth
        && place.top >= 0 && place.left >= 0 && place.bottom <= window.innerHeight
        && place.right <= window.innerWidth;"""


@pytest.fixture(scope='module')
def site(web, two_faces):
    with NetworkCamera([two_faces], fps=4) as camera:
        yield web('--source', camera.url, '--detector', 'haar', '--attribute-model', 'gender')


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=['desk', 'phone'])
def screen(request, chromium):
    width, height = request.param
    chromium.resize(width, height, mobile=width < 400)
    return chromium


@pytest.mark.parametrize('theme', ['light', 'dark'])
def test_dashboard_with_faces_and_without_server_is_accessible(screen, site, theme):
    screen.open(f'{site.url}/?theme={theme}')
    screen.wait_for(
        lambda: (
            screen.count('.face') == 2
            and screen.count('.box') == 2
            and screen.count('.events li')
            and screen.count('.track i')
        ),
        'faces',
    )
    assert faults(screen) == []
    assert screen.count('h1') == 1
    site.signal(signal.SIGSTOP)
    try:
        screen.wait_for(lambda: screen.count('body.lost'), 'loss')
        assert faults(screen) == []
    finally:
        site.signal(signal.SIGCONT)


def test_faces_are_listed_in_the_order_of_the_image(chromium, site):
    """Boxes and cards share the face ids."""
    chromium.resize(1280, 900)
    chromium.open(site.url)

    def stand_alike() -> bool:
        # Results that are old are not shown: both lists are of one moment.
        places, shown = chromium.script("""
        return fetch('/faces').then((answer) => answer.json()).then((now) => [
            now.result?.faces.map((face) => [face.box.x, face.face_id])
                .sort((one, other) => one[0] - other[0]),
            [...document.querySelectorAll('.face code')].map((id) => id.innerText)])""")
        return len(shown) == 2 and shown == [face_id for _, face_id in places]

    chromium.wait_for(stand_alike, 'faces in view in the order of the picture')


@pytest.mark.parametrize('theme', ['light', 'dark'])
@pytest.mark.parametrize('size', [(1000, 560), (390, 844), (800, 360)])
def test_headset_settings_fit_and_close_with_escape(chromium, site, size, theme):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    chromium.resize(*size)
    chromium.open(f'{site.url}/headset?theme={theme}')
    chromium.wait_for(lambda: chromium.text('.word.here'), 'word')
    assert faults(chromium) == []
    chromium.click('.settings-button')
    chromium.wait_for(lambda: chromium.script(FITS), 'panel that fits')
    assert faults(chromium) == []
    chromium.click('.settings .q-checkbox')
    ActionChains(chromium.driver).send_keys(Keys.ESCAPE).perform()
    chromium.wait_for(lambda: not chromium.count('.settings'), 'end of the panel')
    chromium.script('localStorage.clear()')


@pytest.mark.parametrize('path', ['/', '/headset', '/try'])
def test_each_stop_of_the_tab_key_shows_the_focus(chromium, site, path):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    chromium.resize(1280, 900)
    chromium.open(site.url + path)
    chromium.wait_for(lambda: chromium.count('button'), 'buttons')
    unseen = set()
    for _ in range(10):
        ActionChains(chromium.driver).send_keys(Keys.TAB).perform()
        name = chromium.script("""
            const element = document.activeElement;
            const around = [element, element.closest('.drop')].filter(Boolean);
            const seen = around.some((one) => getComputedStyle(one).outlineStyle === 'solid');
            return element === document.body || seen ? '' : element.outerHTML;""")
        if name:
            unseen.add(name)
    assert unseen == set()


def test_api_page_is_accessible(chromium, site):
    chromium.resize(1280, 900)
    chromium.open(f'{site.url}/docs')
    chromium.wait_for(
        lambda: 'Apparent expressions in a picture' in chromium.text('body'), 'API page'
    )
    assert faults(chromium) == []


def test_login_page_is_accessible(chromium, web, tmp_path):
    token_file = tmp_path / 'token.txt'
    token_file.write_text('a-token-that-only-tests-know')
    token_file.chmod(0o600)
    site = web('--source', 'synthetic', '--detector', 'haar', '--token-file', str(token_file))
    chromium.open(site.url)
    chromium.wait_for(lambda: chromium.count('#token'), 'login page')
    assert faults(chromium) == []
