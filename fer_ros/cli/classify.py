"""classify: the apparent expressions on pictures, without ROS."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_ros.cli.picture_files import (
    check_output,
    output_paths,
    read_picture,
    write_annotated,
)
from fer_ros.cli.scores import report
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import create_detector
from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.errors import FerError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.types import Frame


def main(argv: Sequence[str] | None = None) -> int:
    """Classify each picture; return 1 when one could not be."""
    parser = ArgumentParser(prog='classify', description=__doc__)
    parser.add_argument('pictures', nargs='+', type=Path, metavar='PICTURE')
    parser.add_argument(
        '--output',
        type=Path,
        metavar='FILE',
        help='write the picture with boxes and labels into a new file; with several pictures, '
        'into a folder',
    )
    parser.add_argument('--model', default=DEFAULT_MODEL, help='by name or folder')
    parser.add_argument(
        '--runtime', default='auto', choices=('auto', 'litert', 'onnxruntime', 'opencv')
    )
    parser.add_argument(
        '--detector', default='auto', choices=('auto', 'retinaface', 'yunet', 'haar')
    )
    options = parser.parse_args(argv)
    # Each once, however it is spelt.
    pictures = list({os.path.abspath(picture): picture for picture in options.pictures}.values())
    outputs: list[Path | None] = [options.output] * len(pictures)
    try:
        if options.output and len(pictures) > 1:
            outputs = [*output_paths(pictures, options.output)]
        elif options.output:
            check_output(options.output)
        store = ModelStore()
        classifier = PictureClassifier(
            create_detector(options.detector, DetectorConfig(), store),
            load_classifier(store.load_card(options.model), options.runtime),
            SmoothingConfig().uncertain_threshold,
        )
    except FerError as error:
        print(f'classify: {error}', file=sys.stderr)
        return 1
    failed = 0
    for picture, output in zip(pictures, outputs, strict=True):
        try:
            _classify(classifier, picture, output)
        except FerError as error:
            print(f'classify: {error}', file=sys.stderr)
            failed += 1
    return 1 if failed else 0


def _classify(classifier: PictureClassifier, picture: Path, output: Path | None) -> None:
    """Print what is on a picture. Raises FerError."""
    image = decode_image(read_picture(picture), str(picture), rotate=True)
    emotions = classifier.classify(Frame(image, 'bgr8', 0))
    print(report(str(picture), emotions))
    if output is not None:
        draw_emotions(image, emotions)
        write_annotated(output, image)
