"""A person sends frames of the browser's own camera to the server."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.axe import faults
from support.browser import browser, missing
from support.people import Person, compose


@pytest.fixture(scope='module')
def picture(portraits, tmp_path_factory) -> Path:
    """A picture of one person and her mirror image."""
    wall = np.full((480, 640, 3), (150, 165, 170), np.uint8)
    people = [
        Person(portraits[0], 170, 210, 150),
        Person(portraits[0], 470, 210, 150, mirrored=True),
    ]
    path = tmp_path_factory.mktemp('picture') / 'two.jpg'
    cv2.imwrite(str(path), compose(wall, people).image)
    return path


@pytest.fixture(scope='module')
def page(picture, tmp_path_factory):
    """A browser whose camera is a file with that picture."""
    if lack := missing():
        pytest.skip(lack)
    camera = tmp_path_factory.mktemp('camera') / 'camera.mjpeg'
    camera.write_bytes(picture.read_bytes() * 30)
    with browser(
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        f'--use-file-for-fake-video-capture={camera}',
    ) as started:
        yield started


@pytest.fixture(scope='module')
def site(web):
    return web('--source', 'synthetic', '--detector', 'haar', '--model', 'tiny')


@pytest.mark.parametrize('size', [(1280, 900), (390, 844)], ids=['desk', 'phone'])
def test_the_page_says_where_frames_go_before_it_sends_one_and_stops_on_click(page, site, size):
    page.resize(*size, mobile=size[0] < 400)
    page.read_log().clear()
    page.open(f'{site.url}/try?theme=light')
    page.wait_for(lambda: page.count('.own-camera .start'), 'the button')
    told = page.text('.own-camera')
    assert 'only to this server' in told
    assert site.url.removeprefix('http://') in told
    assert 'not stored' in told
    assert not any(url.endswith('/frames') for url in page.read_log()), 'nothing before a click'
    page.click('.own-camera .start')
    page.wait_for(lambda: page.count('.own-camera .box') == 2, 'two faces')
    people = page.script(
        'return [...document.querySelectorAll(".own-camera .face .who")].map((e) => e.innerText)'
    )
    assert people == ['person 1', 'person 2'], 'from left to right'
    assert faults(page) == []
    opened = [url for url in page.read_log() if url.endswith('/frames')]
    assert opened == [site.url.replace('http', 'ws') + '/frames']
    page.click('.own-camera .stop')
    page.wait_for(lambda: page.count('.own-camera .start'), 'its end')
    assert (
        page.script('return document.querySelector(".own-camera video")?.srcObject ?? null')
        is None
    )


@pytest.mark.parametrize(
    ('error', 'remedy'),
    [
        ('NotAllowedError', 'Allow the camera for this page'),
        ('NotFoundError', 'connect one'),
        ('NotReadableError', 'Another program uses the camera'),
        ('AbortError', 'The camera cannot be used: why'),
    ],
)
def test_a_camera_that_cannot_be_used_is_explained_with_the_remedy(page, site, error, remedy):
    """A mock of the error, because this browser has a camera and permits it."""
    page.open(f'{site.url}/try?theme=light')
    page.wait_for(lambda: page.count('.own-camera .start'), 'the button')
    page.script(
        'const name = arguments[0];'
        'navigator.mediaDevices.getUserMedia ='
        ' () => Promise.reject(new DOMException("why", name))',
        error,
    )
    page.click('.own-camera .start')
    page.wait_for(lambda: remedy in page.text('.own-camera .problem'), remedy)
    assert page.count('.own-camera .start')


def test_a_camera_that_is_disconnected_is_reported(page, site):
    """A mock of the event, because the camera of this browser is a file."""
    page.open(f'{site.url}/try?theme=light')
    page.click('.own-camera .start')
    page.wait_for(lambda: page.count('.own-camera .stop'), 'the camera')
    page.script(
        'document.querySelector(".own-camera video").srcObject.getTracks()[0]'
        '.dispatchEvent(new Event("ended"))'
    )
    page.wait_for(lambda: 'was disconnected' in page.text('.own-camera .problem'), 'the reason')
    assert page.count('.own-camera .start'), 'it can be started again'


def test_privacy_mode_offers_no_camera_and_no_image(page, web, picture):
    site = web(
        '--source', str(picture), '--fps', '2', '--detector', 'haar',
        '--model', 'tiny', '--privacy',
    )  # fmt: skip
    page.resize(1280, 900)
    page.open(f'{site.url}/try?theme=light')
    page.wait_for(lambda: 'privacy mode' in page.text('.own-camera'), 'words')
    assert page.count('.own-camera .start') == 0
    page.open(f'{site.url}/?theme=light')
    page.wait_for(lambda: page.count('.face'), 'expressions')
    page.wait_for(lambda: 'no images arrive' in page.text('.picture-card'), 'no picture')
    assert page.count('.picture canvas.empty') == 1
