"""Reads and writes the calibration files of ROS's camera_calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import yaml
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

from fer_ros.core.errors import OutputError, SourceError
from fer_ros.core.models.files import write_atomically
from fer_ros.core.paths import user_path
from fer_ros.core.position import CameraModel

#: Optional keys of a file by the field of CameraModel.
_MATRICES = {'rectification': 'rectification_matrix', 'projection': 'projection_matrix'}


def read_calibration(url: str) -> CameraModel | None:
    """Return the camera of a calibration file, None if it does not exist yet in its folder.

    Args:
        url: A path, a file:// URL, or package://<package>/<path in its share>. The YAML file is
            one of camera_info_manager with image_width, image_height, camera_matrix and
            distortion_coefficients. distortion_model (default: plumb_bob), rectification_matrix
            and projection_matrix are optional.

    Raises:
        SourceError: The file cannot be read or is wrong.
    """
    path = _path_of(url)
    if path.parent.is_dir() and not path.exists():
        return None
    try:
        return _camera(yaml.safe_load(path.read_text(encoding='utf-8')))
    except OSError as error:
        raise SourceError(
            f'calibration file {path} cannot be read ({error.strerror}): correct '
            'camera_info_url or leave it empty'
        ) from error
    except (yaml.YAMLError, KeyError, IndexError, TypeError, ValueError) as error:
        raise SourceError(
            f'calibration file {path} does not have the format of camera_calibration '
            f'({type(error).__name__}: {error}): calibrate again or leave camera_info_url '
            'empty'
        ) from error


def _camera(content: Any) -> CameraModel:
    matrix = _numbers(content['camera_matrix'])
    further: dict[str, Any] = {
        field: _numbers(content[key]) for field, key in _MATRICES.items() if key in content
    }
    if 'distortion_model' in content:
        further['distortion_model'] = str(content['distortion_model'])
    return CameraModel(
        width=int(content['image_width']),
        height=int(content['image_height']),
        fx=matrix[0],
        fy=matrix[4],
        cx=matrix[2],
        cy=matrix[5],
        distortion=_numbers(content['distortion_coefficients']),
        **further,
    )


def write_calibration(url: str, camera: CameraModel, name: str) -> Path:
    """Write a calibration file, and return its path. An existing one is replaced, no other file.

    Args:
        url: As for read_calibration(). The file must end in .yaml or .yml.
        name: Name of the camera, for readers of the file.

    Raises:
        SourceError: The URL is wrong, or the file is not a calibration.
        OutputError: The file cannot be written.
    """
    read_calibration(url)
    # The target of a link, because colcon can install links to the files of a package.
    path = _path_of(url).resolve()
    if path.suffix not in ('.yaml', '.yml'):
        raise OutputError(f'{path} does not end in .yaml: correct camera_info_url')
    matrix = (camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0)
    content = {
        'image_width': camera.width,
        'image_height': camera.height,
        'camera_name': name,
        'camera_matrix': _matrix(3, matrix),
        'distortion_model': camera.distortion_model,
        'distortion_coefficients': _matrix(1, camera.distortion),
        'rectification_matrix': _matrix(3, camera.rectification),
        'projection_matrix': _matrix(3, camera.projection),
    }
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=None)
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise OutputError(
            f'calibration file {path} cannot be written ({error.strerror}): correct '
            'camera_info_url or the permissions of the folder'
        ) from error
    return path


def _path_of(url: str) -> Path:
    parsed = urlparse(url)
    path = unquote(parsed.path)
    if parsed.scheme == 'file':
        return Path(path)
    if parsed.scheme == 'package':
        try:
            return Path(get_package_share_directory(parsed.netloc)) / path.lstrip('/')
        except (PackageNotFoundError, ValueError) as error:
            raise SourceError(
                f'camera_info_url {url!r} names the package {parsed.netloc!r}, which is not '
                'installed: source its workspace, or give a path'
            ) from error
    if parsed.scheme:
        raise SourceError(
            f'camera_info_url {url!r} is not a file: give a path, a file:// URL or a package:// '
            'URL'
        )
    return user_path(url)


def _numbers(matrix: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in matrix['data'])


def _matrix(rows: int, data: tuple[float, ...]) -> dict[str, Any]:
    return {'rows': rows, 'cols': len(data) // rows, 'data': list(data)}
