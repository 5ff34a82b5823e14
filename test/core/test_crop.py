"""Cropping of faces: geometry, colour, borders and errors."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_ros.core.crop import (
    FER2013,
    GEOMETRIES,
    CropGeometry,
    CropSpec,
    cut_crop,
    resample_crop,
)
from fer_ros.core.errors import EncodingError, GeometryError
from fer_ros.core.types import ENCODING_CHANNELS, Box, Detection, Frame

GRAY48 = CropSpec(FER2013, 48)


def test_geometry_bounds_are_inclusive():
    CropGeometry('widest', 1.0, (0.0, 1.0), 180.0)
    for center, roll in (((-0.01, 0.5), 0.0), ((0.5, 1.01), 0.0), ((0.5, 0.5), 180.5)):
        with pytest.raises(ValueError, match='outside'):
            CropGeometry('outside', 1.0, center, roll)


def test_a_face_smaller_than_a_pixel_gives_a_crop():
    frame = Frame(np.full((20, 20), 77, np.uint8), 'mono8', 0)
    crop = cut_crop(frame, Detection(Box(10, 10, 0.4, 0.5), 1.0), GRAY48)
    assert (crop.image == 77).all()


def pattern(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return gray levels over face coordinates: box centre at (0, 0), box height 1."""
    return (
        120
        + 50 * np.sin(5 * u + 1)
        + 40 * np.cos(4 * v + 2 * u)
        + 30 * np.exp(-((u - 0.2) ** 2 + (v + 0.1) ** 2) / 0.02)
    )


def picture(
    center: tuple[float, float],
    height: float,
    roll: float = 0.0,
    size: tuple[int, int] = (640, 480),
) -> tuple[Frame, Detection]:
    """Return the pattern rendered as a face of this position, height and roll, and its box."""
    x, y = np.meshgrid(np.arange(size[0]) + 0.5 - center[0], np.arange(size[1]) + 0.5 - center[1])
    cos, sin = math.cos(roll) / height, math.sin(roll) / height
    image = np.clip(np.rint(pattern(cos * x + sin * y, cos * y - sin * x)), 0, 255)
    points = np.array([[-0.18, -0.1], [0.18, -0.1], [0.0, 0.05], [-0.15, 0.25], [0.15, 0.25]])
    turn = height * np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    landmarks = (points @ turn.T + center).astype(np.float32)
    box = Box(center[0] - 0.38 * height, center[1] - height / 2, 0.76 * height, height)
    return Frame(image.astype(np.uint8), 'mono8', 0), Detection(box, 0.9, landmarks)


def ideal_crop(spec: CropSpec) -> NDArray[np.float64]:
    """Return the exact crop of the pattern."""
    fractions = (np.arange(spec.size) + 0.5) / spec.size
    scale = spec.geometry.box_scale
    u, v = np.meshgrid(
        (fractions - spec.geometry.center[0]) * scale,
        (fractions - spec.geometry.center[1]) * scale,
    )
    return pattern(u, v)


def map_points(affine: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    return points @ affine[:, :2].T + affine[:, 2]


@pytest.mark.parametrize(
    ('center', 'height', 'roll'),
    [
        ((320.0, 240.0), 48 / FER2013.box_scale, 0.0),
        ((321.3, 200.7), 60.0, 0.0),
        ((250.0, 250.0), 100.0, 0.3),
        ((300.4, 220.2), 200.0, -0.5),
        ((320.0, 240.0), 400.0, 0.1),
        ((340.7, 304.1), 413.0, -0.7),
    ],
)
def test_position_size_and_roll_of_a_face_do_not_change_its_crop(center, height, roll):
    frame, detection = picture(center, height, roll, size=(700, 600))
    for spec in (GRAY48, CropSpec(FER2013, 64)):
        crop = cut_crop(frame, detection, spec)
        assert crop.image.shape == (spec.size, spec.size)
        assert crop.image.dtype == np.uint8
        error = np.abs(crop.image - ideal_crop(spec))[2:-2, 2:-2]
        assert error.mean() < 0.8
        assert error.max() < 5.0


def test_another_geometry_gives_another_crop_of_the_same_face():
    wide = CropSpec(CropGeometry('wide', box_scale=1.3, center=(0.45, 0.6), max_roll=45.0), 56)
    frame, detection = picture((320.0, 240.0), 180.0, 0.2)
    assert np.abs(cut_crop(frame, detection, wide).image - ideal_crop(wide)).mean() < 0.8


def test_affine_maps_source_points_to_crop_points():
    frame, detection = picture((300.3, 220.8), 170.0, 0.35)
    dark = np.zeros_like(frame.image)
    for point in detection.landmarks:
        single = dark.copy()
        # A disc with its centre on the point; cv2 counts pixel centres, landmarks pixel edges.
        middle = np.rint((point - 0.5) * 16).astype(int).tolist()
        cv2.circle(single, middle, 6 * 16, 255, -1, cv2.LINE_AA, 4)
        crop = cut_crop(Frame(single, 'mono8', 0), detection, GRAY48)
        weights = crop.image / crop.image.sum()
        axis = np.arange(48) + 0.5
        found = np.array([(weights.sum(axis=0) * axis).sum(), (weights.sum(axis=1) * axis).sum()])
        np.testing.assert_allclose(found, map_points(crop.affine, point), atol=0.05)


def test_box_centre_and_height_follow_the_geometry():
    frame, detection = picture((300.0, 200.0), 150.0)
    affine = cut_crop(frame, detection, GRAY48).affine
    assert affine.dtype == np.float32
    box = detection.box
    center = map_points(affine, np.array(box.center, np.float32))
    np.testing.assert_allclose(center, (0.50 * 48, 0.49 * 48), atol=1e-4)
    top = map_points(affine, np.array([box.center[0], box.y], np.float32))
    assert center[1] - top[1] == pytest.approx(0.5 * 1.03 * 48, rel=1e-4)


def test_eyes_are_level_up_to_the_maximum_roll():
    frame, detection = picture((320.0, 240.0), 120.0, math.radians(40))
    eyes = map_points(cut_crop(frame, detection, GRAY48).affine, detection.landmarks[:2])
    assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-3)
    assert eyes[0, 0] < eyes[1, 0]


@pytest.mark.parametrize('degrees', [70.0, -70.0])
def test_a_larger_roll_is_corrected_by_the_maximum(degrees):
    frame, detection = picture((320.0, 240.0), 120.0, math.radians(degrees))
    left, right = map_points(cut_crop(frame, detection, GRAY48).affine, detection.landmarks[:2])
    left_over = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
    assert left_over == pytest.approx(math.copysign(25.0, degrees), abs=0.01)


def test_eyes_that_coincide_in_profile_do_not_turn_the_crop():
    frame, detection = picture((320.0, 240.0), 120.0)
    profile = detection.landmarks.copy()
    profile[1] = profile[0] + (0.5, 2.0)
    turned = cut_crop(frame, Detection(detection.box, 0.9, profile), GRAY48)
    upright = cut_crop(frame, Detection(detection.box, 0.9), GRAY48)
    assert math.degrees(abs(turned.affine[0, 1] / upright.affine[0, 0])) < 10.0


@pytest.mark.parametrize('landmarks', [None, np.full((5, 2), np.nan, np.float32)])
def test_without_landmarks_the_box_alone_determines_the_crop(landmarks):
    frame, detection = picture((300.0, 230.0), 90.0)
    crop = cut_crop(frame, Detection(detection.box, 0.9, landmarks), GRAY48)
    assert crop.affine[0, 1] == 0.0
    assert np.abs(crop.image - ideal_crop(GRAY48)).mean() < 0.8


@pytest.mark.parametrize('height', [120.0, 230.0, 440.0])
def test_a_large_face_is_averaged_so_that_fine_stripes_do_not_alias(height):
    stripes = np.zeros((480, 640), np.uint8)
    stripes[:, ::2] = 255
    _, detection = picture((320.0, 240.0), height, 0.02)
    crop = cut_crop(Frame(stripes, 'mono8', 0), detection, GRAY48).image.astype(int)
    assert abs(crop.mean() - 127.5) < 2.0
    # A mean over 2.4 pixels of stripes 2 wide still varies by 45; a single pixel by 255.
    assert crop.max() - crop.min() < 64


@pytest.mark.parametrize(
    'center', [(10.0, 240.0), (630.0, 5.0), (320.0, 479.0), (-20.0, -20.0)], ids=str
)
@pytest.mark.parametrize('height', [60.0, 350.0])
def test_pixels_beyond_the_image_repeat_its_edge(center, height):
    noise = np.random.RandomState(3).randint(0, 256, (120, 160)).astype(np.uint8)
    image = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)
    _, detection = picture(center, height, 0.2)
    border = 420
    box = detection.box
    moved = Detection(
        Box(box.x + border, box.y + border, box.width, box.height),
        0.9,
        detection.landmarks + border,
    )
    wide = np.pad(image, border, mode='edge')
    crop = cut_crop(Frame(image, 'mono8', 0), detection, GRAY48).image.astype(int)
    expected = cut_crop(Frame(wide, 'mono8', 0), moved, GRAY48).image.astype(int)
    np.testing.assert_allclose(crop, expected, atol=1)


def test_a_face_outside_the_image_gives_edge_pixels():
    image = np.full((20, 30), 77, np.uint8)
    crop = cut_crop(
        Frame(image, 'mono8', 0), Detection(Box(-500.0, 900.0, 30.0, 40.0), 0.5), GRAY48
    )
    assert (crop.image == 77).all()


@pytest.mark.parametrize('encoding', ENCODING_CHANNELS)
@pytest.mark.parametrize('channels', ['gray', 'rgb', 'bgr'])
def test_every_encoding_gives_the_same_crop(encoding, channels):
    colour = np.random.RandomState(5).randint(0, 256, (6, 8, 3)).astype(np.uint8)
    bgr = cv2.resize(colour, (80, 60), interpolation=cv2.INTER_LINEAR)
    if encoding == 'mono8':
        bgr = cv2.cvtColor(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    codes = {
        'mono8': cv2.COLOR_BGR2GRAY,
        'rgb8': cv2.COLOR_BGR2RGB,
        'bgra8': cv2.COLOR_BGR2BGRA,
        'rgba8': cv2.COLOR_BGR2RGBA,
    }
    image = cv2.cvtColor(bgr, codes[encoding]) if encoding in codes else bgr
    wanted = {'gray': cv2.COLOR_BGR2GRAY, 'rgb': cv2.COLOR_BGR2RGB}
    expected = cv2.cvtColor(bgr, wanted[channels]) if channels in wanted else bgr
    size = 48
    # A box whose crop is exactly the middle 48 x 48 pixels.
    height = size / FER2013.box_scale
    box = Box(16.0 + 24.0 - 20.0, 6.0 + 0.49 * size - height / 2, 40.0, height)
    spec = CropSpec(FER2013, size, channels)
    crop = cut_crop(Frame(image, encoding, 0), Detection(box, 0.9), spec)
    np.testing.assert_allclose(crop.image.astype(int), expected[6:54, 16:64].astype(int), atol=1)


def test_a_read_only_view_with_padded_rows_gives_the_same_crop_as_a_copy():
    frame, detection = picture((300.0, 230.0), 90.0)
    wide = np.zeros((480, 700), np.uint8)
    wide[:, :640] = frame.image
    view = wide[:, :640]
    view.flags.writeable = False
    crop = cut_crop(Frame(view, 'mono8', 0), detection, GRAY48)
    np.testing.assert_array_equal(crop.image, cut_crop(frame, detection, GRAY48).image)


@pytest.mark.parametrize(
    ('shape', 'encoding'),
    [
        ((40, 40), 'bgr8'),
        ((40, 40, 3), 'mono8'),
        ((40, 40, 3), 'rgba8'),
        ((40, 40, 2), 'yuv422'),
        ((0, 40), 'mono8'),
    ],
)
def test_an_image_that_contradicts_its_encoding_is_refused(shape, encoding):
    frame = Frame(np.zeros(shape, np.uint8), encoding, 0)
    with pytest.raises(EncodingError, match=encoding):
        cut_crop(frame, Detection(Box(5, 5, 20, 25), 0.9), GRAY48)


@pytest.mark.parametrize('box', [Box(5, 5, 20, 0), Box(5, 5, 20, -3), Box(math.nan, 5, 20, 25)])
def test_a_box_without_size_is_refused(box):
    with pytest.raises(GeometryError, match='finite box'):
        cut_crop(Frame(np.zeros((40, 40), np.uint8), 'mono8', 0), Detection(box, 0.9), GRAY48)


def test_resampling_keeps_the_framing():
    frame, detection = picture((300.0, 230.0), 150.0)
    large = cut_crop(frame, detection, CropSpec(FER2013, 96))
    small = resample_crop(large.image, CropSpec(FER2013, 96), GRAY48)
    assert np.abs(small - ideal_crop(GRAY48)).mean() < 0.8


def test_resampling_converts_to_gray_in_the_right_channel_order():
    red = np.zeros((48, 48, 3), np.uint8)
    red[..., 0] = 200
    spec = CropSpec(FER2013, 48, 'rgb')
    assert abs(int(resample_crop(red, spec, GRAY48)[0, 0]) - 60) <= 1
    bgr = resample_crop(red, spec, CropSpec(FER2013, 48, 'bgr'))
    assert bgr[0, 0].tolist() == [0, 0, 200]


def test_resampling_to_the_same_spec_copies_nothing():
    image = np.zeros((48, 48), np.uint8)
    assert resample_crop(image, GRAY48, CropSpec(FER2013, 48)) is image


def test_rounded_numbers_of_a_card_match_a_geometry():
    rounded = CropGeometry('fer2013', box_scale=0.9709, center=(0.5, 0.49), max_roll=45.0)
    image = np.zeros((48, 48), np.uint8)
    assert resample_crop(image, GRAY48, CropSpec(rounded, 48)) is image


@pytest.mark.parametrize(
    'change', [{'box_scale': 1.1}, {'center': (0.5, 0.45)}, {'max_roll': 0.0}], ids=str
)
def test_another_framing_is_refused_and_both_are_named(change):
    values = {'box_scale': FER2013.box_scale, 'center': FER2013.center, 'max_roll': 45.0}
    other = CropGeometry('other', **{**values, **change})
    with pytest.raises(GeometryError, match=r'fer2013.*other'):
        resample_crop(np.zeros((48, 48), np.uint8), GRAY48, CropSpec(other, 48))


def test_gray_cannot_become_colour():
    with pytest.raises(GeometryError, match=r'gray.*rgb'):
        resample_crop(np.zeros((48, 48), np.uint8), GRAY48, CropSpec(FER2013, 48, 'rgb'))


def test_a_crop_that_contradicts_its_spec_is_refused():
    with pytest.raises(GeometryError, match=r'\(40, 40\)'):
        resample_crop(np.zeros((40, 40), np.uint8), GRAY48, CropSpec(FER2013, 24))


@pytest.mark.parametrize(
    'values',
    [{'box_scale': 0.0}, {'center': (0.5, 1.5)}, {'center': (0.5,)}, {'max_roll': -1.0}],
    ids=str,
)
def test_an_impossible_geometry_is_refused(values):
    arguments = {'name': 'x', 'box_scale': 1.0, 'center': (0.5, 0.5), 'max_roll': 45.0, **values}
    with pytest.raises(ValueError, match='x: '):
        CropGeometry(**arguments)


@pytest.mark.parametrize(('size', 'channels'), [(0, 'gray'), (48, 'grey'), (48, 'rgba')])
def test_an_impossible_spec_is_refused(size, channels):
    with pytest.raises(ValueError, match='must be'):
        CropSpec(FER2013, size, channels)


def test_geometries_are_found_by_name():
    assert GEOMETRIES['fer2013'] is FER2013
