"""Build a data set from your own pictures: find the faces, cut them as the robot does, sort them.

This stands in place of the scrapers of older systems, which took whatever a search engine showed
for a word. Such pictures have no licence and no consent of the people in them, the engines' terms
forbid it, the labels are the search words, and copies of the same picture come back in every
search. Here each picture has a source that somebody chose, and the manifest names it with licence
and consent.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import FER2013, GEOMETRIES, CropSpec, cut_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.detection.select import create_detector
from fer_ros.core.models import ModelStore
from fer_ros.core.types import Detection, Frame
from training.collect_sources import Defaults, Origin, folder_name, pictures_of
from training.data.near_copies import SeenPictures
from training.data.pictures import find_pictures, read_picture
from training.downloads import DownloadLimits
from training.errors import TrainingError
from training.progress import progress
from training.record import write_bytes

MANIFEST = 'manifest.csv'
COLUMNS = (
    'file', 'label', 'source', 'position', 'licence', 'consent', 'detector', 'confidence',
    'x', 'y', 'width', 'height', 'sha256',
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add(
        'source', metavar='SOURCE', nargs='+',
        help='folder (names of subfolders that are expressions become labels), picture, video, '
        'or a .csv or .txt list: url[,label[,licence[,consent]]]',
    )  # fmt: skip
    add('--out', type=Path, required=True, help='folder of the data set; faces are added to it')
    add('--licence', required=True, help='of the pictures, for the manifest; say unknown if it is')
    add('--consent', required=True, help='of the people shown, for the manifest; say none if none')
    add('--label', default='', help='for all faces; else by folder or list, else unsorted')
    add('--size', type=int, default=48, help='side of the crops, pixels')
    add('--channels', choices=('gray', 'bgr'), default='gray', help='of the crops')
    add('--geometry', choices=sorted(GEOMETRIES), default=FER2013.name, help='framing')
    add('--detector', default='auto', help='auto, retinaface, yunet or haar')
    add('--confidence', type=float, default=0.8, help='least certainty of a face')
    add('--min-face', type=float, default=40, help='least height of a face, source pixels')
    add('--min-sharpness', type=float, default=100, help='least variance of the Laplacian')
    add('--every', type=float, default=1.0, help='seconds between looks at a video')
    limits = DownloadLimits()
    add('--max-bytes', type=int, default=limits.size, help='of one download')
    add('--max-seconds', type=float, default=limits.seconds, help='of one download')
    add('--max-redirects', type=int, default=limits.redirects, help='of one download')


def run(options: argparse.Namespace) -> None:
    """Go through all sources; print what was kept, what was left out, and why."""
    limits = DownloadLimits(options.max_bytes, options.max_seconds, options.max_redirects)
    label = folder_name(options.label) if options.label else ''
    defaults = Defaults(label, options.licence, options.consent, options.every, limits)
    try:
        config = DetectorConfig(
            detector=options.detector,
            confidence=options.confidence,
            min_face_size=options.min_face,
        )
    except ValueError as error:
        raise TrainingError(str(error)) from error
    detector = create_detector(config, ModelStore())
    spec = CropSpec(GEOMETRIES[options.geometry], options.size, options.channels)
    collection = Collection(options.out, spec, detector, options.min_sharpness)
    unreadable = 0
    for source in options.source:
        for picture in progress(pictures_of(source, defaults), source):
            if isinstance(picture, str):
                print(f'skipped {picture}')
                unreadable += 1
            else:
                collection.add(*picture)
    print(f'kept {collection.kept} faces in {options.out}; {unreadable} pictures unreadable')
    for reason, count in collection.left_out.items():
        print(f'  left out: {count} {reason}')


@dataclass(frozen=True)
class _Row:
    """A kept face, as the manifest has it."""

    file: Path
    label: str
    origin: Origin
    detection: Detection
    sha256: str


class Collection:
    """A data set folder that grows: <label>/<hash>.png, and a manifest of where each is from."""

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
        # An interrupted run may leave half a row, which the next one must not be added to.
        self._cut_off = manifest.is_file() and not manifest.read_bytes().endswith(b'\n')
        self.kept = 0
        self.left_out: Counter[str] = Counter()

    def add(self, frame: Frame, origin: Origin) -> None:
        """Find, cut, judge and keep the faces of one picture."""
        detections = self._detector.detect(frame)
        if not detections:
            self.left_out['pictures without a face large and sure enough'] += 1
        for detection in detections:
            crop = cut_crop(frame, detection, self._spec).image
            gray = crop if crop.ndim == 2 else crop.mean(axis=2).astype(np.uint8)
            if sharpness(gray) < self._least_sharpness:
                self.left_out['blurred faces'] += 1
            elif self._seen.has_copy(gray):
                self.left_out['near copies of faces already kept'] += 1
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
        try:
            new = not path.exists()
            with path.open('a', newline='', encoding='utf-8', errors='surrogateescape') as file:
                writer = csv.writer(file)
                if new:
                    writer.writerow(COLUMNS)
                elif self._cut_off:
                    file.write('\r\n')
                self._cut_off = False
                writer.writerow([
                    row.file.as_posix(), row.label, row.origin.source, row.origin.position,
                    row.origin.licence, row.origin.consent, self._detector.name,
                    f'{row.detection.confidence:.3f}',
                    *(f'{side:.1f}' for side in (box.x, box.y, box.width, box.height)),
                    row.sha256,
                ])  # fmt: skip
        except OSError as error:
            raise TrainingError(f'cannot write {path} ({error.strerror})') from error


def sharpness(gray: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian (Pech-Pacheco et al. 2000): low where it is blurred."""
    return float(cv2.Laplacian(gray, cv2.CV_32F).var())
