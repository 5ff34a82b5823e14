"""The displayed image with late results and without results."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support import extra_media, people
from support.clips import Still

from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import create_detector
from fer_ros.core.display.drawing import DrawingConfig
from fer_ros.core.display.overlay import find_again, paint
from fer_ros.core.display.palette import COLOURS
from fer_ros.core.display.result_matching import Match
from fer_ros.core.models import ModelStore
from fer_ros.core.types import ENCODING_CHANNELS, Box, EmotionSet, FaceEmotion, Frame

NAMES = ('happy', 'sad')
BOX = Box(200, 150, 120, 150)


def scene(shift: int = 0, seed: int = 1) -> Frame:
    """Return a picture with a blurred random patch in BOX. Patches differ as faces do."""
    image = np.full((480, 640, 3), 90, np.uint8)
    patch = np.random.default_rng(seed).integers(0, 256, (150, 120, 3), np.uint8)
    left = int(BOX.x) + shift
    blurred = cv2.GaussianBlur(patch, (0, 0), 12)
    image[150:300, left : left + 120] = cv2.normalize(blurred, None, 20, 230, cv2.NORM_MINMAX)
    return Frame(image, 'bgr8', 0)


def happy(box: Box = BOX) -> EmotionSet:
    face = FaceEmotion(
        'f3x1', box, 'happy', 0.8, 'happy', 0.8, np.array([0.8, 0.2], np.float32), 0.5, 0.3
    )
    return EmotionSet(0, 'camera', 640, 480, NAMES, 'model', '', (face,))


def yellow(frame: Frame) -> int:
    return int(np.all(frame.image == COLOURS['happy'], axis=2).sum())


def changed(frame: Frame, source: Frame) -> np.ndarray:
    return np.any(frame.image != source.image, axis=2)


def test_the_source_image_is_not_changed():
    source = scene()
    before = source.image.copy()
    painted = paint(Match(source, happy()))
    assert yellow(painted) > 500
    assert np.array_equal(source.image, before)


@pytest.mark.parametrize('encoding', ENCODING_CHANNELS)
def test_every_encoding_gives_a_bgr_image(encoding):
    channels = ENCODING_CHANNELS[encoding]
    image = np.zeros((48, 64, channels)[: 2 if channels == 1 else 3], np.uint8)
    if channels > 1:
        image[..., 0 if encoding.startswith('r') else 2] = 200  # red
    painted = paint(
        Match(
            Frame(image, encoding, 7, 'optical'), EmotionSet(7, 'optical', 64, 48, NAMES, 'm', '')
        ),
        DrawingConfig(searching=False),
    )
    assert (painted.encoding, painted.stamp, painted.frame_id) == ('bgr8', 7, 'optical')
    assert painted.image.shape == (48, 64, 3)
    assert tuple(painted.image[0, 0]) == ((0, 0, 200) if channels > 1 else (0, 0, 0))


@pytest.mark.parametrize('shift', [0, 37, -80])
def test_a_late_result_is_faded_and_follows_the_face(shift):
    now = scene(shift)
    painted = paint(Match(now, happy(), own=scene(), late=True, age=0.3, silence=0.1))
    assert yellow(painted) == 0, 'not in full colour'
    drawn = changed(painted, now)
    left, right = 200 + shift, 320 + shift
    for column in (left, right):
        assert drawn[180:280, column - 4 : column + 5].any(axis=1).all(), 'a side of the box'
    assert not drawn[160:290, left + 12 : right - 12].any(), 'the face itself stays free'


def test_a_late_result_is_not_drawn_if_the_face_has_left():
    now = scene(shift=300)
    painted = paint(Match(now, happy(), own=scene(), late=True, age=0.3, silence=0.1))
    assert not changed(painted, now)[:420].any()


def test_a_late_result_is_not_drawn_on_another_face():
    """Another person is now at the place of the face."""
    now = scene(seed=2)
    painted = paint(Match(now, happy(), own=scene(), late=True, age=0.3, silence=0.1))
    assert not changed(painted, now)[:420].any()


def test_a_late_result_without_its_own_image_is_not_drawn():
    now = scene()
    painted = paint(Match(now, happy(), own=None, late=True, age=3.0, silence=0.1))
    assert not changed(painted, now)[:420].any()


def test_the_image_says_that_results_have_stopped():
    now = scene()
    stopped = paint(Match(now, None, late=True, silence=3.0))
    assert changed(stopped, now)[420:].any()
    starting = paint(Match(now, None, late=True, silence=0.5))
    assert not changed(starting, now).any()


def test_an_empty_late_result_does_not_say_that_it_searches():
    now = scene()
    nobody = EmotionSet(0, 'camera', 640, 480, NAMES, 'model', '')
    late = paint(Match(now, nobody, own=scene(), late=True, age=0.3, silence=0.3))
    searching = paint(Match(now, nobody))
    assert not np.array_equal(late.image, searching.image)


def test_a_face_is_found_in_other_light_but_not_without_structure():
    then, now = scene().image, scene(40).image
    found = find_again(BOX, then, (now * 0.7 + 40).astype(np.uint8))
    assert (found.x, found.y) == pytest.approx((240, 150), abs=3)
    assert (found.width, found.height) == (BOX.width, BOX.height)
    flat = np.full_like(now, 120)
    assert find_again(BOX, flat, flat) is None
    assert find_again(Box(-300, -300, 20, 20), then, now) is None
    assert find_again(BOX, then, now[:240, :320]) is None


def test_a_face_at_the_border_is_found_by_its_visible_part():
    then = scene().image[:, 260:].copy()
    found = find_again(Box(BOX.x - 260, BOX.y, BOX.width, BOX.height), then, then)
    assert (found.x, found.y) == pytest.approx((BOX.x - 260, BOX.y), abs=2)


def composed_crowd() -> Still:
    """Return a crowd in which adjacent faces and every seventh face are different people."""
    crowd = people.crowd()
    # Two people alternate. With an odd number, the last would be next to the first.
    return Still(crowd.image, crowd.faces[:28])


def solvay_conference() -> Still:
    image = extra_media.solvay_conference()
    detector = create_detector(DetectorConfig(), ModelStore())
    boxes = tuple(detection.box for detection in detector.detect(Frame(image, 'bgr8', 0)))
    if len(boxes) < 20:
        pytest.skip(f'{detector.name} finds only {len(boxes)} of the faces')
    return Still(image, boxes)


@pytest.mark.parametrize(
    'make_crowd',
    [
        pytest.param(composed_crowd, id='composed'),
        pytest.param(solvay_conference, id='Solvay', marks=pytest.mark.extra('media')),
    ],
)
def test_faces_in_a_crowd_are_not_confused(make_crowd, portraits):
    """Each face is searched at the place and in the size of another face."""
    crowd = make_crowd()
    image = crowd.image
    for number, box in enumerate(crowd.faces):
        for other in (crowd.faces[number - 1], crowd.faces[number - 7]):
            scale = box.height / other.height
            (x, y), (other_x, other_y) = box.center, other.center
            move = np.array([[scale, 0, x - scale * other_x], [0, scale, y - scale * other_y]])
            now = cv2.warpAffine(image, move, (image.shape[1], image.shape[0]))
            assert find_again(box, image, now) is None
