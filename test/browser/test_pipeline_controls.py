"""Controls on the page: change the pipeline, pause the image, save a snapshot, read refusals."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.axe import faults
from support.people import Person, compose

FITS = (
    'return document.documentElement.scrollWidth <= window.innerWidth && '
    'document.body.scrollWidth <= window.innerWidth'
)

CHANGE = """
    const field = document.querySelector(`.controls [name=${arguments[0]}]`);
    field.value = arguments[1];
    field.dispatchEvent(new Event('change', {bubbles: true}));"""


@pytest.fixture(scope='module')
def folder(portraits, tmp_path_factory) -> Path:
    """A picture of one person and one of two."""
    folder = tmp_path_factory.mktemp('pictures')
    wall = np.full((320, 480, 3), (150, 165, 170), np.uint8)
    one = Person(portraits[0], 130, 140, 120)
    two = Person(portraits[0], 350, 140, 120, mirrored=True)
    for name, people in (('one', [one]), ('two', [one, two])):
        cv2.imwrite(str(folder / f'{name}.png'), compose(wall, people).image)
    return folder


@pytest.fixture(scope='module')
def site(web, folder):
    return web(
        '--source', str(folder / 'one.png'), '--fps', '5', '--detector', 'haar', '--model', 'tiny',
        '--allow-source', str(folder / 'two.png'), '--allow-source', str(folder / 'gone.avi'),
    )  # fmt: skip


@pytest.fixture
def page(device, site):
    device.open(f'{site.url}/?theme=light')
    device.wait_for(lambda: device.count('.face') and device.count('.box'), 'a face')
    device.wait_for(lambda: device.count('.controls select'), 'controls')
    return device


def shown(page, name: str) -> str:
    return page.script(
        'return document.querySelector(`.controls [name=${arguments[0]}]`).value', name
    )


def settled(page) -> bool:
    return page.count('.controls form[aria-busy=false]') == 1


def test_another_source_can_be_chosen_by_name(page):
    assert shown(page, 'source') == 'one.png'
    page.script(CHANGE, 'source', 'two.png')
    page.wait_for(lambda: page.count('.face') == 2, 'two people')
    page.wait_for(lambda: settled(page) and shown(page, 'source') == 'two.png', 'its name')
    page.script(CHANGE, 'source', 'one.png')
    page.wait_for(lambda: page.count('.face') == 1, 'one person')


def test_a_refused_source_shows_the_reason_and_the_old_source_continues(page):
    page.script(CHANGE, 'source', 'gone.avi')
    page.wait_for(lambda: 'there is no file' in page.text('.controls .problem'), 'reason')
    page.wait_for(lambda: settled(page) and shown(page, 'source') == 'one.png', 'the old one')
    page.wait_for(lambda: page.count('.face') == 1, 'a face')
    assert faults(page) == []


def test_sensitivity_can_be_changed_by_keyboard_and_reset(page):
    from selenium.webdriver.common.keys import Keys

    ends = page.text('.controls .slider .ends')
    assert 'quick' in ends
    assert 'calm' in ends
    usual = shown(page, 'uncertain_threshold')
    field = page.driver.find_element('css selector', '.controls [name=uncertain_threshold]')
    field.send_keys(Keys.END)
    page.wait_for(lambda: settled(page) and shown(page, 'uncertain_threshold') == '100', 'most')
    page.wait_for(lambda: '?' in page.text('.face strong') or 'uncertain' in
                  page.text('.face strong'), 'no label that is sure')  # fmt: skip
    page.wait_for(lambda: page.count('.controls .reset:not(:disabled)'), 'reset')
    page.click('.controls .reset')
    page.wait_for(lambda: settled(page) and shown(page, 'uncertain_threshold') == usual, 'usual')
    page.script(CHANGE, 'time_constant', 100)
    page.wait_for(lambda: settled(page) and shown(page, 'time_constant') == '100', 'calmest')
    page.click('.controls .reset')
    page.wait_for(lambda: shown(page, 'time_constant') != '100', 'usual')


def test_another_model_and_detector_can_be_chosen(page):
    page.script(CHANGE, 'model', 'default')
    page.wait_for(lambda: settled(page) and shown(page, 'model') == 'default', 'the model')
    page.wait_for(
        lambda: (
            page.script('return fetch("/model").then((one) => one.json())')['name'] == 'default'
        ),
        'its results',
    )
    page.script(CHANGE, 'model', 'tiny')
    page.wait_for(lambda: settled(page) and shown(page, 'model') == 'tiny', 'the model of before')
    assert shown(page, 'detector') == 'haar'
    assert page.script(FITS)


def test_the_camera_can_be_turned_off_and_on(page):
    page.click('.controls .camera')
    page.wait_for(lambda: 'the camera is off' in page.text('.state'), 'off')
    page.wait_for(lambda: not page.count('.face') and not page.text('.figure .value').strip('- '),
                  'nothing as of now')  # fmt: skip
    assert faults(page) == []
    page.click('.controls .camera')
    page.wait_for(lambda: page.count('.face') == 1, 'a face')


def test_a_paused_image_is_marked_until_it_resumes(page):
    page.click('.tools .hold')
    page.wait_for(lambda: 'paused at' in page.text('.picture figcaption'), 'words')
    number = page.script('return document.querySelector(".picture canvas").toDataURL().length')
    page.script('document.querySelector(".picture canvas").getContext("2d").clearRect(0, 0, 9, 9)')
    assert page.count('.picture.held')
    assert number > 1000
    page.click('.tools .hold')
    page.wait_for(lambda: not page.text('.picture figcaption'), 'pictures of now')


def test_a_snapshot_is_saved_in_the_browser_only(page, tmp_path):
    page.click('.tools .keep')
    page.wait_for(lambda: list(tmp_path.glob('fer_ros_*.jpg')), 'the file')
    (file,) = tmp_path.glob('fer_ros_*.jpg')
    page.wait_for(lambda: cv2.imread(str(file)) is not None, 'its end')
    assert cv2.imread(str(file)).shape == (320, 480, 3)


def test_the_image_can_fill_the_screen(page):
    def is_whole() -> bool:
        return page.script('return document.fullscreenElement?.classList.contains("picture")')

    page.click('.tools .whole')
    page.wait_for(is_whole, 'the whole screen')
    page.wait_for(lambda: page.text('.tools .whole') == 'Leave full screen', 'the way back')
    places = page.wait_for(
        lambda: page.script(
            'return [".picture canvas", ".found"].map((name) => { const one = document.'
            'querySelector(name).getBoundingClientRect(); return [one.x, one.y, one.width, '
            'one.height].map(Math.round); })'
        ),
        'places',
    )
    assert places[0] == places[1], 'boxes lie on the picture'
    page.click('.tools .whole')
    page.wait_for(lambda: not is_whole(), 'the page')


def test_without_permission_the_page_has_no_controls(chromium, web, folder):
    site = web('--source', str(folder / 'one.png'), '--detector', 'haar', '--no-controls')
    chromium.resize(1280, 900)
    chromium.open(site.url)
    chromium.wait_for(lambda: chromium.count('.picture .box'), 'a face')
    assert chromium.count('.controls .title') == 0
