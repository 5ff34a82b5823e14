"""A data set to which faces are added.

They are cropped as on the robot and recorded with their source.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import CropSpec, cut_crop
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.types import Detection, Frame
from training.base.files import write_bytes, writing
from training.data.manifest import MANIFEST
from training.data.near_copies import SeenPictures
from training.data.picture_files import find_pictures, fit_square, read_picture
from training.data.sources import Origin
from training.data.text_files import open_text
from training.errors import DataError

COLUMNS = (
    'file', 'label', 'source', 'position', 'licence', 'consent', 'detector', 'confidence',
    'x', 'y', 'width', 'height', 'sha256',
)  # fmt: skip
#: Side in pixels at which the sharpness of a face is measured.
SHARPNESS_SIDE = 48


@dataclass(frozen=True)
class _Row:
    """A stored face, as in the manifest."""

    file: Path
    label: str
    origin: Origin
    detection: Detection
    sha256: str


class Collection:
    """A data set folder with <label>/<hash>.png, and a manifest with the source of each face."""

    def __init__(
        self, folder: Path, spec: CropSpec, detector: FaceDetector, least_sharpness: float
    ) -> None:
        self._folder, self._spec = folder, spec
        self._detector, self._least_sharpness = detector, least_sharpness
        self._seen = SeenPictures()
        if folder.is_dir():
            for path in find_pictures(folder):
                self._seen.add(read_picture(path, spec.size, 'gray'))
        manifest = folder / MANIFEST
        self._columns = _columns_of(manifest) if manifest.is_file() else COLUMNS
        # An interrupted run can leave an incomplete row. The next row must start on a new line.
        self._cut_off = manifest.is_file() and not manifest.read_bytes().endswith(b'\n')
        self.kept = 0
        self.left_out: Counter[str] = Counter()

    def add(self, frame: Frame, origin: Origin) -> None:
        """Detect, crop, check and store the faces of one picture."""
        detections = self._detector.detect(frame)
        if not detections:
            self.left_out['pictures without a face that is large and certain enough'] += 1
        for detection in detections:
            crop = cut_crop(frame, detection, self._spec).image
            gray = crop if crop.ndim == 2 else crop.mean(axis=2).astype(np.uint8)
            if sharpness(gray) < self._least_sharpness:
                self.left_out['blurred faces'] += 1
            elif self._seen.has_copy(gray):
                self.left_out['near copies of stored faces'] += 1
            else:
                self._seen.add(gray)
                self._keep(crop, origin, detection)

    def _keep(self, crop: NDArray[np.uint8], origin: Origin, detection: Detection) -> None:
        content = cv2.imencode('.png', crop)[1].tobytes()
        digest = hashlib.sha256(content).hexdigest()
        file = Path(origin.label) / f'{digest[:16]}.png'
        write_bytes(self._folder / file, content)
        self._note(_Row(file, origin.label, origin, detection, digest))
        self.kept += 1

    def _note(self, row: _Row) -> None:
        """Add a line to the manifest."""
        path = self._folder / MANIFEST
        box = row.detection.box
        new = not path.exists()
        with (
            writing(path),
            path.open('a', newline='', encoding='utf-8', errors='surrogateescape') as file,
        ):
            writer = csv.DictWriter(file, self._columns)
            if new:
                writer.writeheader()
            elif self._cut_off:
                file.write('\r\n')
            self._cut_off = False
            values = (
                row.file.as_posix(), row.label, row.origin.source, row.origin.position,
                row.origin.licence, row.origin.consent, self._detector.name,
                f'{row.detection.confidence:.3f}',
                *(f'{side:.1f}' for side in (box.x, box.y, box.width, box.height)),
                row.sha256,
            )  # fmt: skip
            writer.writerow(dict(zip(COLUMNS, values, strict=True)))


def _columns_of(manifest: Path) -> tuple[str, ...]:
    """Return the columns of a table, which can have others such as `person`, in any order.

    Raises:
        DataError: It cannot be read, or lacks one of COLUMNS.
    """
    try:
        with open_text(manifest, errors='surrogateescape') as file:
            columns = tuple(next(csv.reader(file), ()))
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(f'{manifest} cannot be read: {error}') from error
    if missing := [name for name in COLUMNS if name not in columns]:
        raise DataError(
            f'{manifest} lacks the columns {", ".join(missing)}: add them to its first row, '
            'separated by commas, or name another --out'
        )
    return columns


def sharpness(gray: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian (Pech-Pacheco et al. 2000).

    It is low for blurred pictures. Larger pictures are reduced to SHARPNESS_SIDE, because the
    value depends on the size.
    """
    return float(cv2.Laplacian(fit_square(gray, min(SHARPNESS_SIDE, len(gray))), cv2.CV_32F).var())
