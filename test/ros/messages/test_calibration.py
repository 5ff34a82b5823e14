"""Calibration files, by path and by URL."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')

from fer_ros.core.errors import SourceError
from fer_ros.ros.messages.calibration import read_calibration

CALIBRATION = """
image_width: 640
image_height: 480
camera_matrix: {rows: 3, cols: 3, data: [700.0, 0, 320, 0, 710.0, 240, 0, 0, 1]}
distortion_coefficients: {rows: 1, cols: 5, data: [0.1, 0, 0, 0, 0]}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file in the share of an installed package."""
    index = tmp_path / 'share' / 'ament_index' / 'resource_index' / 'packages'
    index.mkdir(parents=True)
    (index / 'my_robot').touch()
    path = tmp_path / 'share' / 'my_robot' / 'config' / 'left eye.yaml'
    path.parent.mkdir(parents=True)
    path.write_text(CALIBRATION)
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path))
    return path


def test_a_file_is_read_by_path_and_by_url(file):
    urls = (str(file), file.as_uri(), 'package://my_robot/config/left%20eye.yaml')
    assert [read_calibration(url).fx for url in urls] == [700.0] * 3


@pytest.mark.parametrize(
    ('url', 'reason'),
    [
        ('package://other_robot/eye.yaml', "package 'other_robot', which is not installed"),
        ('package:///eye.yaml', 'which is not installed'),
        ('package://my_robot/none.yaml', 'none.yaml cannot be read'),
        ('https://robot/eye.yaml', 'give a path, a file:// URL or a package:// URL'),
    ],
)
def test_the_error_for_a_wrong_url_contains_the_remedy(file, url, reason):
    with pytest.raises(SourceError, match=reason):
        read_calibration(url)
