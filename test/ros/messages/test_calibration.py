"""Calibration files, by path and by URL."""

from __future__ import annotations

import errno

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')

from fer_ros.core.errors import FerError, OutputError, SourceError
from fer_ros.core.position import CameraModel
from fer_ros.ros.messages.calibration import read_calibration, write_calibration

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
        ('package://my_robot/none/eye.yaml', 'none/eye.yaml cannot be read'),
        ('package://my_robot/config', 'config cannot be read'),
        ('https://robot/eye.yaml', 'give a path, a file:// URL or a package:// URL'),
    ],
)
def test_the_error_for_a_wrong_url_contains_the_remedy(file, url, reason):
    with pytest.raises(SourceError, match=reason):
        read_calibration(url)


def test_a_missing_file_is_accepted_if_its_folder_exists(file):
    assert read_calibration('package://my_robot/config/right.yaml') is None


CAMERA = CameraModel(
    1280,
    720,
    900.25,
    910.5,
    639.5,
    359.5,
    distortion=(0.1, -0.2, 0.001, 1e-7, 0.0, 0.1, 0.2, 0.3),
    distortion_model='rational_polynomial',
    rectification=(0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    projection=(880.0, 0.0, 640.0, -50.0, 0.0, 890.0, 360.0, 0.0, 0.0, 0.0, 1.0, 0.0),
)


def test_what_is_written_is_read_again_and_a_link_stays_a_link(file, tmp_path):
    link = tmp_path / 'link.yaml'
    link.symlink_to(file)
    assert write_calibration(str(link), CAMERA, 'left') == file
    assert link.is_symlink()
    assert read_calibration(file.as_uri()) == CAMERA
    assert 'camera_name: left' in file.read_text()


@pytest.mark.parametrize(
    ('name', 'reason'),
    [
        ('camera.txt', 'does not end in .yaml'),
        ('none/camera.yaml', 'cannot be read'),
        ('other.yaml', 'does not have the format'),
    ],
)
def test_a_file_that_cannot_be_written_is_named(tmp_path, name, reason):
    other = tmp_path / 'other.yaml'
    other.write_text('key: value')
    with pytest.raises(FerError, match=f'{name} {reason}'):
        write_calibration(str(tmp_path / name), CAMERA, 'left')
    assert other.read_text() == 'key: value'


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr('os.fsync', full)
    with pytest.raises(OutputError, match='yaml cannot be written'):
        write_calibration(str(tmp_path / 'camera.yaml'), CAMERA, 'left')
    assert list(tmp_path.iterdir()) == []
