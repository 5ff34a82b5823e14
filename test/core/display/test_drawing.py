"""Drawing of apparent expressions onto images."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from fer_ros.core.display.drawing import DrawingConfig, draw_emotions, draw_notice
from fer_ros.core.display.palette import COLOURS, colour_of, contrast, readable_on
from fer_ros.core.types import Box, EmotionSet, FaceEmotion, HeadPose

NAMES = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')
SIZES = [(240, 320), (480, 640), (1080, 1920)]
GROUND = 90


def picture(height: int = 480, width: int = 640) -> np.ndarray:
    return np.full((height, width, 3), GROUND, dtype=np.uint8)


def face(box: Box, label: str = 'happy', names: tuple[str, ...] = NAMES) -> FaceEmotion:
    probabilities = np.full(len(names), 1 / len(names), dtype=np.float32)
    return FaceEmotion('f3x1', box, label, 0.8, label, 0.8, probabilities, 0.0, 0.0)


def emotions(image: np.ndarray, *faces: FaceEmotion, names: tuple[str, ...] = NAMES) -> EmotionSet:
    return EmotionSet(0, 'camera', image.shape[1], image.shape[0], names, 'model', '', faces)


def touched(image: np.ndarray) -> np.ndarray:
    return np.any(image != GROUND, axis=2)


@pytest.mark.parametrize(('height', 'width'), SIZES)
def test_a_box_has_the_colour_of_its_label_at_any_size(height, width):
    image = picture(height, width)
    box = Box(0.4 * width, 0.4 * height, 0.2 * height, 0.25 * height)
    draw_emotions(image, emotions(image, face(box)))
    bottom = image[round(box.y + box.height), round(box.x + box.width / 2)]
    assert tuple(bottom) == COLOURS['happy']
    inside = image[round(box.center[1]), round(box.center[0])]
    assert np.all(inside == GROUND), 'the face itself stays free'


def test_an_uncertain_face_is_grey_and_has_a_question_mark():
    image, sure = picture(), picture()
    box = Box(256, 192, 96, 120)
    uncertain = replace(face(box), uncertain=True)
    draw_emotions(image, emotions(image, uncertain), DrawingConfig(bars=False))
    draw_emotions(sure, emotions(sure, face(box)), DrawingConfig(bars=False))
    assert tuple(image[312, 304]) == COLOURS['uncertain']
    tags = [touched(drawn)[:185].any(axis=0).sum() for drawn in (image, sure)]
    assert tags[0] > tags[1], 'the tag is longer'
    assert (uncertain.label_text, uncertain.label_now) == ('happy?', 'uncertain')
    assert replace(uncertain, label='uncertain').label_text == 'uncertain'
    assert (face(box).label_text, face(box).label_now) == ('happy', 'happy')


@pytest.mark.parametrize(('height', 'width'), SIZES)
def test_text_is_larger_on_larger_pictures(height, width):
    image, small = picture(height, width), picture(240, 320)
    draw_emotions(image, emotions(image))
    draw_emotions(small, emotions(small))

    def rows(drawn):
        return int(touched(drawn).any(axis=1).sum())

    assert rows(image) / rows(small) == pytest.approx(max(1.0, height / 320), rel=0.35)


def test_a_picture_without_faces_says_that_it_searches():
    image = picture()
    draw_emotions(image, emotions(image))
    assert touched(image).any()
    silent = picture()
    draw_emotions(silent, emotions(silent), DrawingConfig(searching=False))
    assert not touched(silent).any()


@pytest.mark.parametrize('box', [Box(-20, -30, 100, 120), Box(600, 420, 100, 120)])
def test_the_label_stays_inside_the_picture(box):
    image = picture()
    draw_emotions(image, emotions(image, face(box)))
    filled = np.all(image == COLOURS['happy'], axis=2)
    assert filled.sum() > 500, 'most of the tag is there'


def test_bars_are_next_to_a_large_face():
    with_bars, without = picture(), picture()
    large = face(Box(100, 100, 150, 200))
    draw_emotions(with_bars, emotions(with_bars, large))
    draw_emotions(without, emotions(without, large), DrawingConfig(bars=False))
    changed = np.any(with_bars != without, axis=2)
    assert changed.any()
    assert not changed[:, :250].any(), 'they cover nothing of the face'


def test_bars_move_to_the_left_if_the_right_has_no_room():
    with_bars, without = picture(), picture()
    large = face(Box(480, 100, 150, 200))
    draw_emotions(with_bars, emotions(with_bars, large))
    draw_emotions(without, emotions(without, large), DrawingConfig(bars=False))
    changed = np.any(with_bars != without, axis=2)
    assert changed.any()
    assert not changed[:, 480:].any()


def test_bars_are_left_out_if_they_would_cover_other_faces():
    boxes = [Box(x, y, 60, 75) for x in range(20, 560, 100) for y in range(60, 400, 120)]
    faces = [face(box) for box in boxes]
    with_bars, without = picture(), picture()
    draw_emotions(with_bars, emotions(with_bars, *faces))
    draw_emotions(without, emotions(without, *faces), DrawingConfig(bars=False))
    assert np.array_equal(with_bars, without)


def test_a_label_that_would_cover_a_face_moves_below_its_own():
    image = picture()
    behind, front = Box(300, 100, 60, 75), Box(320, 180, 80, 100)
    draw_emotions(image, emotions(image, face(behind), face(front, 'sad')))
    sad = np.all(image == COLOURS['sad'], axis=2)
    assert sad[281:300, 320:400].sum() > 500
    assert sad[100:175, 303:357].sum() == 0


def test_the_id_is_drawn_only_on_request():
    box = Box(100, 100, 150, 200)
    with_id, without = picture(), picture()
    draw_emotions(with_id, emotions(with_id, face(box)))
    draw_emotions(without, emotions(without, face(box)), DrawingConfig(ids=False))
    assert not np.array_equal(with_id, without)


def test_a_model_with_other_classes_gets_colours():
    names = ('awake', 'asleep')
    image = picture()
    own = face(Box(100, 100, 150, 200), 'asleep', names)
    draw_emotions(image, emotions(image, own, names=names))
    assert colour_of('awake', names) != colour_of('asleep', names)
    assert np.all(image == colour_of('asleep', names), axis=2).sum() > 500


def test_a_face_outside_the_picture_is_not_drawn():
    image = picture()
    outside = face(Box(-300, -300, 50, 60))
    draw_emotions(image, emotions(image, outside))


def seen_without_red_cones(colour: tuple[int, int, int]) -> np.ndarray:
    """Return a colour as protanopes see it, linear RGB (Vienot, Brettel and Mollon 1999)."""
    linear = (np.array(colour[::-1]) / 255.0) ** 2.2
    dichromat = np.array(
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]
    )
    return dichromat @ linear


def test_colours_differ_without_red_cones():
    for one, other in itertools.combinations(COLOURS.values(), 2):
        distance = np.abs(seen_without_red_cones(one) - seen_without_red_cones(other)).max()
        assert distance > 0.05, (one, other)


def test_attributes_have_rows_below_the_classes_and_can_be_left_out():
    def drawn(config, attributes):
        image = picture(480, 640)
        one = face(Box(100, 100, 180, 240))
        one = replace(one, attributes=attributes)
        draw_emotions(image, emotions(image, one), config)
        return image

    plain = drawn(DrawingConfig(), {})
    assert not np.array_equal(plain, drawn(DrawingConfig(), {'glasses': 0.9}))
    assert np.array_equal(plain, drawn(DrawingConfig(attributes=False), {'glasses': 0.9}))
    only = drawn(DrawingConfig(bars=False), {'glasses': 0.9})
    assert 0 < touched(only)[:, 290:].sum() < touched(plain)[:, 290:].sum()


@pytest.mark.parametrize(('height', 'width'), SIZES)
def test_a_notice_stays_inside_the_picture(height, width):
    image = picture(height, width)
    draw_notice(image, 'no results for 12 s')
    columns = np.flatnonzero(touched(image).any(axis=0))
    assert columns[0] > 0
    assert columns[-1] < width - 1


def test_labels_of_adjacent_faces_do_not_overlap():
    """`surprise` is wider than the small face: its tag reaches above the adjacent face."""
    left, right = Box(200, 200, 34, 44), Box(240, 200, 34, 44)
    alone, both = picture(), picture()
    draw_emotions(alone, emotions(alone, face(left, 'surprise')), DrawingConfig(ids=False))
    draw_emotions(
        both, emotions(both, face(left, 'surprise'), face(right, 'sad')), DrawingConfig(ids=False)
    )
    tag = slice(180, 200), slice(200, 260)
    assert np.array_equal(both[tag], alone[tag])
    assert np.all(both == COLOURS['sad'], axis=2).sum() > 300


def test_a_label_between_close_faces_covers_none_of_them():
    """The faces above and below the middle one take the places next to it."""
    boxes = [Box(300, 140, 60, 60), Box(300, 205, 60, 60), Box(300, 270, 60, 60)]
    labels = ('happy', 'surprise', 'sad')
    image = picture()
    faces = [face(box, label) for box, label in zip(boxes, labels, strict=True)]
    draw_emotions(image, emotions(image, *faces), DrawingConfig(ids=False, bars=False))
    for box in boxes:
        top, left = round(box.y) + 5, round(box.x) + 5
        assert np.all(image[top : top + 50, left : left + 50] == GROUND)
    for label in labels:
        assert np.all(image == COLOURS[label], axis=2).sum() > 500, 'most of its tag is there'


def test_axes_show_the_head_pose_on_request():
    # Facing the camera, turned by 20 degrees to the person's left, the right of the picture.
    half = math.radians(20.0) / 2
    turned = HeadPose(
        (0.0, 0.0, 1.0),
        (
            0.5 * (math.cos(half) + math.sin(half)),
            0.5 * (math.cos(half) - math.sin(half)),
            0.5 * (math.sin(half) - math.cos(half)),
            0.5 * (math.cos(half) + math.sin(half)),
        ),
        np.zeros((6, 6)),
    )
    assert turned.angles == pytest.approx((20.0, 0.0, 0.0))
    head = replace(face(Box(250, 150, 140, 180)), head_pose=turned)
    plain, axes = picture(), picture()
    draw_emotions(plain, emotions(plain, head), DrawingConfig(bars=False))
    draw_emotions(axes, emotions(axes, head), DrawingConfig(bars=False, axes=True))
    changed = np.any(plain != axes, axis=2)
    blue, green, red = (axes[..., channel].astype(int) for channel in range(3))
    eyes = 320
    for name, strong, others, is_there in (
        ('x', red, (green, blue), lambda x, y: x.mean() > eyes),
        ('y', green, (red, blue), lambda x, y: x.mean() > eyes),
        ('z', blue, (red, green), lambda x, y: y.max() < 240 and abs(x.mean() - eyes) < 15),
    ):
        y, x = np.nonzero(changed & (strong > 150) & (others[0] < 120) & (others[1] < 120))
        assert len(x) > 50, name
        assert is_there(x, y), name


def test_a_face_without_a_head_pose_has_no_axes():
    plain, axes = picture(), picture()
    box = Box(250, 150, 140, 180)
    draw_emotions(plain, emotions(plain, face(box)), DrawingConfig(bars=False))
    draw_emotions(axes, emotions(axes, face(box)), DrawingConfig(bars=False, axes=True))
    assert (plain == axes).all()


@pytest.mark.parametrize('label', COLOURS)
def test_a_text_on_each_colour_can_be_read(label):
    assert contrast(readable_on(COLOURS[label]), COLOURS[label]) >= 4.5
