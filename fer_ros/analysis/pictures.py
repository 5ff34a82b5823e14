"""Pictures: `analyze`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from fer_ros.analysis.faces import Faces, Pictures, face_of
from fer_ros.analysis.loaded_models import LoadedModels, load_models
from fer_ros.core.errors import EncodingError, SourceError
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.position import CameraModel
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.core.sources.pictures import read_picture
from fer_ros.core.types import Frame

#: A picture: pixels, (H, W, 3) BGR, (H, W, 4) BGRA or (H, W) gray, uint8; or the path of a file.
Picture = NDArray[np.uint8] | str | os.PathLike[str]

_ENCODINGS = {1: 'mono8', 3: 'bgr8', 4: 'bgra8'}


@overload
def analyze(  # type: ignore[overload-overlap]
    picture: Picture,
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: str | Sequence[str] = (),
    camera: CameraModel | None = None,
) -> Faces: ...


@overload
def analyze(
    picture: Sequence[Picture],
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: str | Sequence[str] = (),
    camera: CameraModel | None = None,
) -> Pictures: ...


def analyze(
    picture: Picture | Sequence[Picture],
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: str | Sequence[str] = (),
    camera: CameraModel | None = None,
) -> Faces | Pictures:
    """Return the faces of a picture with their apparent expressions.

    Args:
        picture: The path of a file, or pixels as OpenCV reads them: (H, W, 3) BGR, (H, W, 4) BGRA
            or (H, W) gray, uint8. You can also pass a list of these.
        model: By name, such as `default` or `tiny`, or a folder.
        detector: `auto`, `retinaface`, `yunet` or `haar`.
        runtime: `auto`, `litert`, `onnxruntime` or `opencv`.
        attributes: A model of a further attribute, by name or folder, or a list of these.
        camera: The camera of the picture, at any resolution. It affects positions, and slightly
            the head poses. None assumes a horizontal field of view of 60 degrees.

    Returns:
        The faces from left to right. For a list, one such object for each picture.

    Raises:
        EncodingError: The pixels have another shape or type.
        TypeError: A picture is neither a path nor a numpy array.
        SourceError: The file does not exist, or is not a readable picture.
        DetectorError: The detector is unknown or not available.
        ModelError: The model or the runtime does not exist, or the files of the model do not match
            its card.
    """
    models = load_models(model, detector, runtime, attributes)
    if isinstance(picture, Iterable) and not isinstance(picture, str | bytes | np.ndarray):
        return Pictures(_analyze(one, models, camera) for one in picture)
    return _analyze(picture, models, camera)


def _analyze(picture: Picture, models: LoadedModels, camera: CameraModel | None) -> Faces:
    _check_type(picture)
    if isinstance(picture, np.ndarray):
        frame, name = _frame_of(picture), ''
    else:
        frame, name = Frame(_read(Path(picture)), 'bgr8', 0), os.fspath(picture)
    pictures = models.builder.picture_classifier(detector=models.detector, scorer=models.scorer)
    with models.lock:
        detections = pictures.find(frame)
        emotions = pictures.classify(frame, detections, camera)
    faces = [
        face_of(emotion, emotions.class_names, detection.confidence, detection.landmarks)
        for emotion, detection in zip(emotions.faces, detections, strict=True)
    ]
    return Faces(frame, emotions, faces, name)


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        return read_picture(path)
    except SourceError as error:
        if kind_of(path) in (FileKind.VIDEO, FileKind.ANIMATION):
            raise SourceError(f'{error}; for videos, use track()') from error
        raise


def _check_type(picture: object) -> None:
    """Raise TypeError for an object that is neither a path nor pixels."""
    if picture is None:
        raise TypeError(
            'the picture is None: cv2.imread returns None if it cannot read a file. Check the '
            'path, or pass the path to analyze()'
        )
    if not isinstance(picture, str | os.PathLike | np.ndarray):
        raise TypeError(
            f'a picture is a path or a numpy array, not {type(picture).__name__}. Convert a '
            'Pillow image with numpy.asarray(image.convert("RGB"))[..., ::-1]'
        )


def _frame_of(pixels: NDArray[np.uint8]) -> Frame:
    """Return pixels as a frame. Raises EncodingError."""
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    encoding = _ENCODINGS.get(channels) if pixels.ndim in (2, 3) and pixels.size else None
    if encoding is None or pixels.dtype != np.uint8:
        raise EncodingError(
            f'pixels have the shape {pixels.shape} and the type {pixels.dtype}: use (H, W, 3) '
            'BGR, (H, W, 4) BGRA or (H, W) gray, uint8, as cv2.imread returns it'
        )
    pixels = np.ascontiguousarray(pixels)
    return Frame(pixels.reshape(pixels.shape[:2]) if channels == 1 else pixels, encoding, 0)
