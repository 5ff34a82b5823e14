"""classify: label the apparent expressions in pictures, without ROS."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_ros.cli.picture_files import output_paths, write_annotated
from fer_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from fer_ros.cli.scores import report
from fer_ros.core.arguments import ArgumentParser, some_path
from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.errors import FerError
from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.core.sources.pictures import read_picture
from fer_ros.core.types import Frame


def main(argv: Sequence[str] | None = None) -> int:
    """Classify each picture and return the exit code: 1 if one failed."""
    parser = ArgumentParser(prog='classify', description=__doc__)
    parser.add_argument(
        'pictures', nargs='+', type=some_path, metavar='PICTURE', help='picture file'
    )
    parser.add_argument(
        '--out',
        '--output',
        type=some_path,
        metavar='FILE',
        help='new file for the picture with boxes and labels (PNG or JPEG). With several '
        'pictures, a folder',
    )
    add_pipeline_options(parser)
    options = parser.parse_args(argv)
    # Each picture once, even if its path is written in different ways.
    pictures = list({os.path.abspath(picture): picture for picture in options.pictures}.values())
    outputs: list[Path | None] = [options.out] * len(pictures)
    try:
        if options.out:
            outputs = [*output_paths(pictures, options.out)]
        classifier = PipelineBuilder(pipeline_config(options)).picture_classifier()
    except FerError as error:
        print(f'classify: {error}', file=sys.stderr)
        return 1
    failed = 0
    for picture, output in zip(pictures, outputs, strict=True):
        try:
            _classify(classifier, picture, output)
        except FerError as error:
            print(f'classify: {error}{_hint(picture)}', file=sys.stderr)
            failed += 1
    return 1 if failed else 0


def _hint(picture: Path) -> str:
    """Return how to label something that is not a picture, otherwise ''."""
    if os.path.isdir(picture) or kind_of(picture) is FileKind.VIDEO:
        return '; for videos and folders, use annotate'
    return ''


def _classify(classifier: PictureClassifier, picture: Path, output: Path | None) -> None:
    """Print the faces of a picture. Raises FerError."""
    image = read_picture(picture)
    emotions = classifier.classify(Frame(image, 'bgr8', 0))
    # At once, because errors are written at once, too.
    print(report(str(picture), emotions), flush=True)
    if output is not None:
        draw_emotions(image, emotions)
        write_annotated(output, image)
