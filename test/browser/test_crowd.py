"""Many people: all names over the live picture can be read, and the time lines stay short."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from support.axe import COLOURS, faults
from support.nodes import emotion_set, face_emotion
from support.site import Site, people_in_view

from fer_ros.core.types import Box, EmotionSet

#: Five people in a row, one of them at each edge, and one close to the top.
PEOPLE = {
    'fa': ('surprise', Box(2, 150, 120, 150)),
    'fb': ('neutral', Box(120, 140, 110, 140)),
    'fc': ('surprise', Box(250, 4, 120, 150)),
    'fd': ('disgust', Box(370, 160, 120, 150)),
    'fe': ('surprise', Box(530, 150, 108, 140)),
}

#: The tags that are seen: left, top, right, bottom; after them the picture.
PLACES = """
    const place = (element) => {
        const box = element.getBoundingClientRect();
        return [box.left, box.top, box.right, box.bottom];
    };
    const tags = [...document.querySelectorAll('.tag')].filter(
        (tag) => tag.checkVisibility({visibilityProperty: true}));
    return [...tags.map(place), place(document.querySelector('.found'))];"""

#: Places of 300 crowds of 1 to 12 people: [tags, {width, height}, number of people] of each.
CROWDS = """
    const done = arguments[0];
    import('/static/tag_places.js').then(({ placeTags }) => {
        let seed = 1;
        const random = (end) => (seed = (seed * 16807) % 2147483647) % end;
        done([...Array(300)].map((_, index) => {
            const picture = { width: 200 + random(800), height: 150 + random(600) };
            const boxes = [...Array(1 + index % 12)].map((_, id) => ({
                id, x: random(picture.width) - 20, y: random(picture.height) - 20,
                width: 20 + random(200), height: 30 + random(250)}));
            const sizes = boxes.map(() => ({width: 60 + random(100), short: 24, height: 21}));
            return [placeTags(boxes, sizes, picture), picture, boxes.length];
        }));
    });"""


@pytest.fixture(scope='module')
def site(live_site: Site) -> Iterator[Site]:
    """Five people who stay."""
    with people_in_view(live_site, _result):
        yield live_site


def _result(stamp: int) -> EmotionSet:
    return emotion_set(
        stamp, *(face_emotion(face_id, label, box) for face_id, (label, box) in PEOPLE.items())
    )


def _overlap(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize('language', ['en', 'de', 'ja'])
@pytest.mark.parametrize('width', [320, 390, 1280])
def test_each_of_five_people_has_a_tag_in_the_picture_and_no_tag_covers_another(
    chromium, site, width, language
):
    chromium.resize(width, 800, mobile=width < 400)
    chromium.open(f'{site.url}/?theme=light&lang={language}')
    chromium.wait_for(lambda: chromium.count('.tag') == len(PEOPLE), 'tags')

    def in_order() -> bool:
        *tags, picture = chromium.script(PLACES)
        return (
            len(tags) == len(PEOPLE)
            and all(
                tag[0] >= picture[0] and tag[1] >= picture[1]
                and tag[2] <= picture[2] + 1 and tag[3] <= picture[3] + 1
                for tag in tags
            )
            and not any(_overlap(one, other) for one in tags for other in tags if one is not other)
        )  # fmt: skip

    chromium.wait_for(in_order, 'tags that can all be read')
    # On a phone of 320 pixels a tag may be shortened, but most of them are whole.
    assert chromium.count('.tag:not(.short)') >= 4


def test_tags_stay_apart_and_inside_for_any_crowd(chromium, site):
    chromium.open(site.url)
    chromium.driver.set_script_timeout(60)
    for tags, picture, people in chromium.driver.execute_async_script(CROWDS):
        placed = [
            (tag['x'], tag['y'], tag['x'] + tag['width'], tag['y'] + tag['height'])
            for tag in tags
            if tag
        ]
        assert len(placed) == people or people > 3
        for index, one in enumerate(placed):
            assert one[0] >= 0
            assert one[1] >= 0
            assert one[2] <= picture['width']
            assert one[3] <= picture['height']
            assert not any(_overlap(one, other) for other in placed[:index])


def test_a_snapshot_has_the_tags_of_all_people_inside_too(chromium, site, tmp_path):
    """Their colours are seen at each edge of the saved picture, on which nothing else has one."""
    import cv2

    chromium.driver.execute_cdp_cmd(
        'Browser.setDownloadBehavior', {'behavior': 'allow', 'downloadPath': str(tmp_path)}
    )
    chromium.resize(1280, 800)
    chromium.open(f'{site.url}/?theme=light')
    chromium.wait_for(lambda: chromium.count('.tag') == len(PEOPLE), 'tags')
    chromium.click('.keep')
    saved = chromium.wait_for(lambda: list(tmp_path.glob('fer_ros_*.jpg')), 'picture')
    image = cv2.imread(str(saved[0])).astype(int)
    assert image.shape == (480, 640, 3)
    coloured = (image.max(axis=2) - image.min(axis=2)) > 40
    # Filled tags: rows of a tag's height that are coloured on most of their length.
    filled = cv2.erode(coloured.astype(np.uint8), np.ones((15, 4), np.uint8))
    count, _, areas, _ = cv2.connectedComponentsWithStats(filled)
    assert count - 1 >= len(PEOPLE)
    assert all(areas[1:, cv2.CC_STAT_LEFT] >= 0)


def test_time_lines_of_many_people_start_with_the_newest_and_scroll(chromium, site):
    visitors = [
        face_emotion(f'v{number:03}', 'angry', Box(30 * number, 10, 20, 25))
        for number in range(15)
    ]
    for _ in range(4):
        site.pipeline_state.take_emotions(emotion_set(time.time_ns(), *visitors), 0.02)
        time.sleep(0.2)
    chromium.resize(1280, 900)
    chromium.open(f'{site.url}/?theme=light')
    chromium.wait_for(lambda: chromium.count('.line.gone') >= 15, 'lines of people who left')
    numbers = chromium.script(
        'return [...document.querySelectorAll(".lines .who")].map('
        '(one) => Number(one.innerText.split(" ")[1]))'
    )
    assert numbers == sorted(numbers, reverse=True)
    height, whole = chromium.script(
        'const lines = document.querySelector(".lines");'
        'return [lines.clientHeight, lines.scrollHeight]'
    )
    assert height <= 320
    assert whole > height
    assert chromium.text('.scale').endswith('now'), 'the scale does not scroll'
    assert faults(chromium, COLOURS) == [], 'lines of people who left can be read'
