"""The history: labels, probabilities and durations, on the page and as files."""

from __future__ import annotations

import csv
import json
import re

import cv2
import numpy as np
import pytest
from support.axe import faults
from support.people import Person, compose

FITS = (
    'return document.documentElement.scrollWidth <= window.innerWidth && '
    'document.body.scrollWidth <= window.innerWidth'
)

HOVER = """
    const track = document.querySelector('.track');
    const box = track.querySelector('i').getBoundingClientRect();
    track.dispatchEvent(new PointerEvent('pointermove', {
        clientX: box.x + box.width / 2, clientY: box.y + 4, bubbles: true}));"""


@pytest.fixture(scope='module')
def site(web, portraits, tmp_path_factory):
    """One person and her mirror image, who stay in view."""
    wall = np.full((320, 480, 3), (150, 165, 170), np.uint8)
    people = [
        Person(portraits[0], 130, 140, 120),
        Person(portraits[0], 350, 140, 120, mirrored=True),
    ]
    path = tmp_path_factory.mktemp('picture') / 'two.png'
    cv2.imwrite(str(path), compose(wall, people).image)
    return web('--source', str(path), '--fps', '4', '--detector', 'haar', '--model', 'tiny')


@pytest.fixture
def page(device, site):
    device.open(f'{site.url}/?theme=light')
    device.wait_for(lambda: device.count('.track i') and device.count('.seen dt'), 'lines')
    return device


def test_each_time_line_names_its_label(page):
    page.wait_for(
        lambda: page.script(
            'return [...document.querySelectorAll(".track span")].some('
            '(one) => one.checkVisibility() && one.innerText)'
        ),
        'words on a line',
    )
    assert page.text('.line .who').startswith('person ')
    page.wait_for(lambda: page.script(FITS), 'a page that fits')
    assert faults(page) == []


def test_the_pointer_shows_the_probabilities_of_a_moment(page):
    assert 'Point at a line' in page.text('.readout')

    def told() -> bool:
        page.script(HOVER)
        readout = page.text('.readout')
        return bool(re.search(r'person \d+, .*: \u2068\w+\u2069 \(.*\d+ %', readout)) and (
            page.count('.moment') == 1
        )

    page.wait_for(told, 'label and probabilities')


def test_arrow_keys_show_the_probabilities_of_a_moment(page):
    from selenium.webdriver.common.keys import Keys

    page.click('.spans button:last-child')
    page.wait_for(lambda: page.count('.track i'), 'lines')
    track = page.driver.find_element('css selector', '.track')
    track.send_keys(Keys.HOME)
    page.wait_for(lambda: 'not in view' in page.text('.readout'), 'ten minutes ago')
    value = 'return Number(document.querySelector(".track").getAttribute("aria-valuenow"))'
    before = page.script(value)
    assert before <= -590
    page.driver.find_element('css selector', '.track').send_keys(Keys.ARROW_RIGHT)
    page.wait_for(lambda: page.script(value) > before, 'a step on')
    page.driver.find_element('css selector', '.track').send_keys(Keys.END)
    page.wait_for(lambda: page.script(value) >= -3, 'now')
    told = page.script('return document.querySelector(".track").getAttribute("aria-valuetext")')
    assert told == page.text('.readout')
    page.driver.find_element('css selector', '.track').send_keys(Keys.ESCAPE)
    page.click('.spans button')


def test_the_page_shows_how_long_each_expression_was_seen(page):
    seen = page.script(
        'return [...document.querySelectorAll(".seen .number")].map((one) => one.innerText)'
    )
    assert all(re.fullmatch(r'(\d+ min )?\d+ s', one) for one in seen)
    assert 'How long each expression was seen' in page.text('.look-back')


def test_events_are_saved_as_a_table_and_as_json(page, tmp_path):
    page.wait_for(lambda: page.count('.events li') > 1, 'events')
    for number, name in enumerate(('events.csv', 'events.json')):
        page.script(
            'document.querySelectorAll(".look-back .actions button")[arguments[0]].click()', number
        )
        page.wait_for((tmp_path / name).is_file, name)
    rows = list(csv.DictReader((tmp_path / 'events.csv').read_text().splitlines()))
    events = json.loads((tmp_path / 'events.json').read_text())
    assert rows[0]['type'] == events[0]['type'] == 'appeared'
    assert [int(row['number']) for row in rows] == [event['number'] for event in events][
        : len(rows)
    ]


def test_the_page_loads_new_history_only(page):
    page.wait_for(
        lambda: any('/history?after=1' in url for url in page.read_log()), 'a question for news'
    )
