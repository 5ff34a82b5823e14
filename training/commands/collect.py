"""Build a data set from your own pictures: detect, crop and sort the faces as on the robot.

You choose the source of each picture. The manifest contains its licence and consent. Pictures of a
search engine have neither, so nothing is downloaded.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.arguments import add_option
from fer_ros.core.crop import FER2013, GEOMETRIES, CropSpec
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import create_detector
from fer_ros.core.models import ModelStore
from training.base.progress import progress
from training.data.collection import Collection
from training.data.manifest import UNSORTED
from training.data.sources import Defaults, folder_name, pictures_of
from training.errors import TrainingError

#: Side of the crops. Training reduces them to the size of the network.
SIZE = 128


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add(
        'source', metavar='SOURCE', nargs='+',
        help='folder (names of subfolders that are expressions become labels), picture, video, '
        'or a .csv or .txt list of these: path[,label[,licence[,consent]]]',
    )  # fmt: skip
    add('--out', type=Path, required=True, help='folder of the data set; faces are added to it')
    add(
        '--licence',
        required=True,
        help='licence of the pictures, for the manifest; unknown if you do not know it',
    )
    add(
        '--consent',
        required=True,
        help='consent of the people shown, for the manifest; none if there is none',
    )
    add(
        '--label',
        default='',
        help='label of all faces; default: from the folder or list, otherwise unsorted',
    )
    add('--size', type=int, default=SIZE, help='side of the crops in pixels')
    add('--channels', choices=('gray', 'bgr'), default='gray', help='channels of the crops')
    add('--geometry', choices=sorted(GEOMETRIES), default=FER2013.name, help='framing')
    add_option(parser, DetectorConfig, 'detector')
    add('--confidence', type=float, default=0.8, help='lowest confidence of a face')
    add(
        '--min-face',
        type=float,
        default=40,
        help='smallest height of a face in pixels of the source',
    )
    add(
        '--min-sharpness',
        type=float,
        default=100,
        help='smallest sharpness of a face (variance of the Laplacian)',
    )
    add('--every', type=float, default=1.0, help='seconds between two frames of a video')


def run(options: argparse.Namespace) -> None:
    """Process all sources. Print the numbers of kept and skipped pictures, with the reasons."""
    label = folder_name(options.label) if options.label else ''
    defaults = Defaults(label, options.licence, options.consent, options.every)
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
    skipped = 0
    for source in options.source:
        for picture in progress(pictures_of(source, defaults), source):
            if isinstance(picture, str):
                print(f'skipped {picture}')
                skipped += 1
            else:
                collection.add(*picture)
    print(f'kept {collection.kept} faces in {options.out}; skipped {skipped} files')
    for reason, count in collection.left_out.items():
        print(f'  left out: {count} {reason}')
    if (options.out / UNSORTED).is_dir():
        print(
            f'move the faces in {options.out / UNSORTED} into folders named like expressions; '
            'training skips them'
        )
