"""Your own model: its labels can be long, and can be written from right to left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from support.nodes import face_emotion
from support.site import Site, people_in_view

from fer_ros.core.types import Box, EmotionSet, EventType, ExpressionEvent, FaceEmotion

LONG = 'a label that is much longer than the screen of a phone is wide'
RIGHT_TO_LEFT = ('سعيد', 'غاضب')
NAMES = ('happy', LONG, *RIGHT_TO_LEFT)


@pytest.fixture(scope='module')
def site(live_site: Site) -> Iterator[Site]:
    """Two people who stay, one with each kind of label."""
    faces = (_face('fa', LONG, 100), _face('fb', RIGHT_TO_LEFT[0], 400))
    live_site.pipeline_state.take_event(
        ExpressionEvent(
            EventType.CHANGED, 1, 'eye', 'fb', *RIGHT_TO_LEFT[::-1], 0.8, 1.0, faces[1].box
        )
    )
    with people_in_view(
        live_site, lambda stamp: EmotionSet(stamp, 'eye', 640, 480, NAMES, 'mine', 'hash', faces)
    ):
        yield live_site


def _face(face_id: str, label: str, x: float) -> FaceEmotion:
    usual = face_emotion(face_id, box=Box(x, 150, 120, 150))
    probabilities = np.full(len(NAMES), 0.2 / 3, np.float32)
    probabilities[NAMES.index(label)] = 0.8
    return FaceEmotion(
        face_id, usual.box, label, 0.8, label, 0.8, probabilities, 0.5, -0.25, None,
        {'an attribute with a name that is longer than usual': 0.5}, False, True,
    )  # fmt: skip


@pytest.fixture
def page(chromium, site):
    chromium.resize(320, 800, mobile=True)
    chromium.open(f'{site.url}/?theme=light&lang=en')
    chromium.wait_for(lambda: chromium.count('.face') == 2 and chromium.count('.tag'), 'faces')
    chromium.wait_for(lambda: chromium.count('.seen dt') and chromium.count('.track i'), 'lines')
    return chromium


def test_long_labels_fit_a_phone(page):
    assert page.script('return document.documentElement.scrollWidth') == 320
    # In a test, no person is in view for minutes.
    widths = page.script("""
        for (const duration of document.querySelectorAll('.seen .number'))
            duration.innerText = '59 min 59 s';
        return [...document.querySelectorAll('.bars dd:not(.number)')].map(
            (bar) => bar.getBoundingClientRect().width);""")
    assert min(widths) > 60, 'bars can be compared'


def test_a_label_from_right_to_left_keeps_the_order_of_the_text_around_it(page):
    page.resize(1280, 900)
    label, number = page.script("""
        const tag = [...document.querySelectorAll('.tag')].find(
            (one) => one.innerText.includes(arguments[0]));
        return [tag.querySelector('bdi'), tag.querySelector('b')].map((part) => {
            const box = part.getBoundingClientRect();
            return [box.left, box.right];
        });""", RIGHT_TO_LEFT[0])  # fmt: skip
    assert label[1] <= number[0]
    before, after = page.script("""
        const event = [...document.querySelectorAll('.events li *')].find(
            (one) => one.childElementCount === 0 && one.innerText.includes('→')).firstChild;
        return arguments[0].map((label) => {
            const range = document.createRange();
            const start = event.data.indexOf(label);
            range.setStart(event, start);
            range.setEnd(event, start + label.length);
            return range.getBoundingClientRect().left;
        });""", RIGHT_TO_LEFT)  # fmt: skip
    assert before < after, 'the arrow points to the new label'
