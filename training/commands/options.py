"""The options that several commands share, and their values."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from fer_ros.core.classification import RUNTIMES
from fer_ros.core.crop import FER2013, GEOMETRIES, CropGeometry
from fer_ros.core.detection.select import DETECTORS
from fer_ros.core.options import option_of
from training.data.dataset import Dataset
from training.data.open import CHANNELS, DataOptions, open_data, print_skipped
from training.data.prepare import Parts
from training.data.sample import take_sample
from training.errors import DataError, TrainingError
from training.evaluation.end_to_end import SearchConfig
from training.evaluation.public_runs import LOG, PUBLIC
from training.learning.parts import given_parts
from training.learning.run import Run

DATA_HELP = (
    'labelled faces: an .npz, fer2013.csv or icml_face_data.csv, or a folder with one subfolder '
    'for each class; other data sets by name: kdef:FOLDER, affectnet:FOLDER, lfw:FOLDER, '
    'imdb:FILE.mat. Repeat the option to merge several'
)


def add_data_arguments(
    parser: argparse.ArgumentParser,
    required: bool = True,
    first: argparse._ActionsContainer | None = None,
) -> None:
    """Declare the options of the data. `first` is the group of --data, if it is another one."""
    group = parser.add_argument_group('data')
    (first or group).add_argument('--data', action='append', required=required, help=DATA_HELP)
    size = option_of(DataOptions, 'size').description
    group.add_argument('--size', type=int, help=size)
    channels = option_of(DataOptions, 'channels').description
    group.add_argument('--channels', choices=CHANNELS, help=channels)
    classes = option_of(DataOptions, 'classes').description
    group.add_argument('--classes', nargs='+', help=classes)
    votes = option_of(DataOptions, 'ferplus').description
    group.add_argument('--ferplus', default='', help=votes)


def open_listed(options: argparse.Namespace) -> Dataset:
    """Open the data that the options name, and print the files that could not be read."""
    data = open_data(data_options(options))
    print_skipped(data)
    return data


def data_options(options: argparse.Namespace) -> DataOptions:
    """Return the values of the options of add_data_arguments()."""
    try:
        return DataOptions(
            options.data, options.size, options.channels, options.classes, options.ferplus
        )
    except ValueError as error:
        raise DataError(str(error)) from error


def refuse_data_beside_run(options: argparse.Namespace) -> None:
    """Raise DataError if data, or how it is read, is named in addition to a run."""
    names = ['data', 'classes', 'ferplus']
    if not getattr(options, 'near', None):  # The data of --near is read in that size.
        names += ['size', 'channels']
    for name in names:
        if getattr(options, name):
            raise DataError(f'--run uses its own data: remove --{name} or --run')


def parts_of(options: argparse.Namespace) -> Parts:
    """Return the parts of --run, or of --data with --parts.

    Raises TrainingError without either.
    """
    if options.run:
        refuse_data_beside_run(options)
        return Run(options.run).data()[1]
    if options.data and options.parts:
        return given_parts(options.parts, open_listed(options))[1]
    raise TrainingError('name the training data with --run, or with --data and --parts')


def add_split_argument(parser: argparse.ArgumentParser) -> None:
    """Declare --split."""
    parser.add_argument('--split', default='', help='split of the data; default: all pictures')


def split_of(data: Dataset, options: argparse.Namespace) -> Dataset:
    """Return the split of the data that --split names, or all of it."""
    if options.split:
        return data.split(options.split)
    names = sorted(set(data.splits.tolist()))
    if len(names) > 1:
        print(f'all splits together: {", ".join(names)}; --split chooses one')
    return data


def add_sample_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of sample_of()."""
    parser.add_argument(
        '--sample', type=int, default=600, help='number of pictures to use; 0: all'
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='seed of the sample and of all random values'
    )


def sample_of(data: Dataset, options: argparse.Namespace) -> Dataset:
    """Return the random sample of the data that --sample and --seed define."""
    if options.sample < 0:
        raise TrainingError(f'--sample must be 0 or more, not {options.sample}')
    return take_sample(data, options.sample, options.seed)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the models to evaluate, and of their runtime."""
    parser.add_argument(
        '--model',
        action='append',
        required=True,
        type=Path,
        help='model folder; repeat the option to compare models',
    )
    add_runtime_argument(parser)


def add_runtime_argument(parser: argparse.ArgumentParser) -> None:
    """Declare --runtime."""
    parser.add_argument(
        '--runtime', choices=('auto', *RUNTIMES), default='auto', help='runtime of the models'
    )


def add_report_arguments(parser: argparse.ArgumentParser, shows: str) -> None:
    """Declare the options of results. `shows` is the content of the report."""
    parser.add_argument('--json', type=Path, help='file for the figures')
    parser.add_argument(
        '--report', type=Path, help=f'file for a report with {shows}, .md or .html'
    )
    parser.add_argument(
        '--no-faces', action='store_true', help='omit pictures of people from the report'
    )


def check_report_arguments(options: argparse.Namespace) -> None:
    """Raise TrainingError if --report is not the name of a report, or --no-faces has no effect."""
    if options.report:
        from training.reports.report import check_report

        check_report(options.report)
    elif getattr(options, 'no_faces', False):
        raise TrainingError('--no-faces changes only the report: add --report')


def add_log_argument(parser: argparse.ArgumentParser) -> None:
    """Declare the option of results.publish()."""
    parser.add_argument(
        '--log',
        type=Path,
        default=LOG,
        help=f'file with a record of each run on the split {PUBLIC}',
    )


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the search for faces in frames."""
    add = parser.add_argument_group('end to end').add_argument
    add(
        '--detectors', nargs='+', choices=DETECTORS,
        help='detectors to use; default: all that are available',
    )  # fmt: skip
    add(
        '--backgrounds', type=Path,
        help='folder of photographs to use as backgrounds, in addition to drawn ones; its '
        'boxes.json contains the positions of faces in them',
    )  # fmt: skip
    add('--processes', type=int, help='number of processes; default: all cores')


def search_config(options: argparse.Namespace) -> SearchConfig:
    """Return the values of the options of add_search_arguments(), with --seed."""
    return SearchConfig(
        options.detectors or (), options.backgrounds, options.processes, options.seed
    )


def add_card_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a model card that no file contains."""
    add = parser.add_argument
    add('--out', type=Path, required=True, help="model folder; its name is the model's name")
    add('--task', default='expression', help='subject of the labels, such as gender')
    add(
        '--geometry', type=parse_geometry, default=FER2013.name,
        help='framing of the training pictures: a name, or '
        'name,box_scale,center_x,center_y,max_roll',
    )  # fmt: skip
    add('--description', default='', help='one sentence about the model for the card')
    add('--licence', default='not stated', help='licence of the weights')
    add('--limits', default='', help='limits and bias of the model')


def parse_geometry(text: str) -> CropGeometry:
    """Return a known geometry by name, or one of 'name,box_scale,x,y,max_roll'.

    Raises:
        TrainingError: the text is neither.
    """
    if text in GEOMETRIES:
        return GEOMETRIES[text]
    name, *numbers = text.split(',')
    try:
        scale, x, y, roll = (float(number) for number in numbers)
        return CropGeometry(name, scale, (x, y), roll)
    except ValueError as error:
        raise TrainingError(
            f'{text!r} is not a crop geometry: give one of {", ".join(GEOMETRIES)}, or '
            'name,box_scale,center_x,center_y,max_roll'
        ) from error


def finite(text: str) -> float:
    """Return the number of an argument. With nan or inf, a model would return only nan."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f'{text!r} is not a finite number')
    return value
