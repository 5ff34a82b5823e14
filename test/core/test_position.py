"""The position of a face from the size of its box."""

from __future__ import annotations

import math

import pytest

from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.types import Box

CAMERA = CameraModel.from_fov(640, 480, 60.0)


def frontal_box(center_x: float, center_y: float, width: float) -> Box:
    height = 1.305 * width
    return Box(center_x - width / 2, center_y - height / 2, width, height)


def test_the_field_of_view_spans_the_width():
    camera = CameraModel.from_fov(640, 480, 90.0)
    assert camera.fx == pytest.approx(320.0)
    assert camera.fy == camera.fx
    assert (camera.cx, camera.cy) == (319.5, 239.5)


def test_a_face_in_the_centre_is_straight_ahead():
    width = CAMERA.fx * 0.138 * 0.99 / 1.5
    position = estimate_position(frontal_box(320, 240, width), CAMERA)
    assert (position.x, position.y) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert position.z == pytest.approx(1.5)


def test_half_the_size_is_twice_the_distance():
    near = estimate_position(frontal_box(320, 240, 100), CAMERA)
    far = estimate_position(frontal_box(320, 240, 50), CAMERA)
    assert far.z == pytest.approx(2 * near.z)
    assert far.stddev == pytest.approx(2 * near.stddev)


def test_x_is_right_and_y_is_down():
    position = estimate_position(frontal_box(480, 300, 80), CAMERA)
    assert position.x == pytest.approx(160 / CAMERA.fx * position.z)
    assert position.y == pytest.approx(60 / CAMERA.fx * position.z)


def test_standard_deviation_is_eight_percent_along_the_line_of_sight():
    ahead = estimate_position(frontal_box(320, 240, 80), CAMERA)
    assert ahead.stddev == pytest.approx(0.08 * ahead.z, rel=0.02)
    aside = estimate_position(frontal_box(600, 240, 80), CAMERA)
    assert aside.stddev / math.hypot(aside.x, aside.y, aside.z) == pytest.approx(
        ahead.stddev / ahead.z
    )


@pytest.mark.parametrize(('narrower', 'lower'), [(0.7, 1.0), (1.0, 0.8)], ids=['aside', 'bowed'])
def test_a_turned_face_is_not_farther_away(narrower: float, lower: float):
    frontal = frontal_box(320, 240, 80)
    width, height = narrower * frontal.width, lower * frontal.height
    turned = Box(320 - width / 2, 240 - height / 2, width, height)
    assert estimate_position(turned, CAMERA).z == pytest.approx(
        estimate_position(frontal, CAMERA).z, rel=1e-6
    )


def test_half_the_resolution_keeps_the_position_of_a_face():
    width, height = 100.0, 130.0
    full = estimate_position(Box(400, 100, width, height), CAMERA)
    half = estimate_position(Box(200, 50, width / 2, height / 2), CAMERA.scaled_to(320, 240))
    assert (half.x, half.y, half.z) == pytest.approx((full.x, full.y, full.z))


def test_a_projection_is_scaled_with_the_image():
    projection = (480.0, 0.0, 319.5, -30.0, 0.0, 490.0, 239.5, 0.0, 0.0, 0.0, 1.0, 0.0)
    camera = CameraModel(640, 480, 500.0, 510.0, 319.5, 239.5, projection=projection)
    assert camera.scaled_to(320, 240).projection == pytest.approx(
        (240.0, 0.0, 159.5, -15.0, 0.0, 245.0, 119.5, 0.0, 0.0, 0.0, 1.0, 0.0)
    )


@pytest.mark.parametrize('field', ['rectification', 'projection'])
def test_a_matrix_of_another_size_is_refused(field: str):
    with pytest.raises(ValueError, match=f'the {field} must have'):
        CameraModel(640, 480, 500.0, 510.0, 319.5, 239.5, **{field: (1.0, 0.0)})


@pytest.mark.parametrize(
    ('model', 'coefficients', 'reason'),
    [
        ('plumb_bob', (0.1, 0.0, 0.0), 'must have 4 or 5 or 8 or 12 or 14 .*, got 3'),
        ('equidistant', (0.1,) * 5, 'must have 4 distortion coefficients, got 5'),
        ('plumb_bob', (math.nan,) * 5, 'must be finite'),
    ],
)
def test_a_distortion_that_cannot_be_corrected_is_refused(
    model: str, coefficients: tuple[float, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        CameraModel(
            640, 480, 500.0, 510.0, 319.5, 239.5, distortion=coefficients, distortion_model=model
        )


@pytest.mark.parametrize('values', [(), (0.0, 0.0, 0.0), (0.1,) * 3])
def test_no_distortion_and_unknown_models_are_accepted(values: tuple[float, ...]) -> None:
    model = 'own model' if any(values) else 'plumb_bob'
    camera = CameraModel(
        640, 480, 500.0, 510.0, 319.5, 239.5, distortion=values, distortion_model=model
    )
    assert camera.distortion == values


@pytest.mark.parametrize(
    'values',
    [(0, 1, 1, 1, 1, 1), (1, 1, 0, 1, 1, 1), (1, 1, 1, -1, 1, 1), (1, 1, 1, 1, math.nan, 1)],
)
def test_an_impossible_camera_is_refused(values: tuple[float, ...]):
    with pytest.raises(ValueError, match='must'):
        CameraModel(*values)


@pytest.mark.parametrize('arguments', [(0, 480, 1.0), (640, 480, 0.0), (640, 480, 180.0)])
def test_an_impossible_field_of_view_is_refused(arguments: tuple[int, int, float]):
    with pytest.raises(ValueError, match='must'):
        CameraModel.from_fov(*arguments)
