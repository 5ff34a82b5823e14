"""The command line: `python -m training <command>`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.ending import until_output_closes
from fer_ros.core.errors import FerError
from fer_ros.core.missing import how_to_install
from fer_ros.executables import print_any_name
from training.errors import TrainingError

#: Options that name files of results.
RESULTS = {'out', 'json', 'report'}
#: Commands whose --out is a folder, which they never replace.
FOLDERS = {'train', 'search', 'export', 'import', 'collect'}

#: Remedy for a missing package.
ALL_AT_ONCE = 'To install all of them: pip install -r training/requirements.txt'

#: Command to its line in the help.
COMMANDS = {
    'collect': 'build a data set from your own pictures and videos',
    'inspect': 'examine a data set: counts, samples, broken pictures, copies, conflicting labels',
    'train': 'train a model of the zoo, or fine-tune one, on labelled faces',
    'search': 'train several architectures with the same budget, and compare accuracy and time',
    'export': 'convert a trained run to a model folder: TFLite, ONNX and the model card',
    'balance': 'make a model choose rare classes more often, and show the cost',
    'calibrate': 'fit the temperature of a model, so that confidence matches accuracy',
    'explain': 'show which parts of a picture support a class',
    'import': 'convert an old Keras model (.h5, .hdf5, model.json) to a model folder',
    'summary': 'show architectures: parameters, multiply-adds, time per face in each runtime',
    'evaluate': 'evaluate the files of a model folder on labelled faces, as the robot runs them',
    'robustness': 'evaluate models under blur, noise, darkness, covered mouths, turned heads and '
    'more',
    'end-to-end': 'evaluate models on faces that detectors find in composed camera frames',
    'compare': 'compare models: accuracy, size, speed, robustness, end to end',
}

#: Module in training/commands, if its name differs from the command.
MODULES = {'import': 'import_model', 'end-to-end': 'end_to_end'}

#: Command to the end of its help: examples, and the meaning of the results.
LESSONS = {
    'collect': """\
  python -m training collect photos/ --out faces --licence own --consent written

The names of subfolders become labels if they are expressions. --label sets the label of all
faces of a run. Faces without a label go to unsorted/. Sort them by hand. manifest.csv contains
the source of each face.
""",
    'inspect': """\
  python -m training inspect --data faces --report runs/faces.html

Inspect the data before training. If the training data contains a copy of a test picture, the
test measures what the model has memorised. A model cannot learn from copies with conflicting
labels.
""",
    'train': """\
  python -m training train --data faces --out runs/mine
  python -m training train --data faces --init models/default --freeze --out runs/mine
  python -m training train --data faces --out runs/mine --resume

The first command trains from scratch and needs thousands of pictures. The second fine-tunes a
trained model, for which about a hundred pictures of each class are enough to start. The third
continues after an interruption. curves.png in the folder of the run shows the losses. If the
development loss rises while the training loss falls, stop earlier (--patience) or augment more.
""",
    'search': """\
  python -m training search --data faces --out runs/shapes --shape mini_xception face_resnet-16-32

All architectures are trained with the same settings. Choose one, and train it for longer with
train.
""",
    'export': """\
  python -m training export runs/mine --out my_models/mine

Then calibrate the model, and run it with model:=my_models/mine.
""",
    'balance': """\
  python -m training balance my_models/mine --run runs/mine
  python -m training balance my_models/mine --run runs/mine --strength 0.5

A model rarely predicts a class that is rare in the data, and the accuracy does not show this.
The first command shows what each strength costs. Use the largest strength with an acceptable
cost, then calibrate the model.
""",
    'calibrate': """\
  python -m training calibrate my_models/mine --run runs/mine

Networks are usually overconfident. A temperature above 1 lowers the confidence, but does not
change any label.
""",
    'explain': """\
  python -m training explain --model my_models/mine --picture face.png --class happy

If the evidence is outside the face, the model has learned something other than expressions.
""",
    'import': """\
  python -m training import old/model.json --weights old/model.h5 --out my_models/old

Specify the classes in the order of the training (--labels), and the normalisation of the pixels
(--mean, --scale), because the files contain neither.
""",
    'summary': """\
  python -m training summary mini_xception face_resnet --latency

The parameters determine the size of the file, and the multiply-adds determine most of the time.
Depthwise layers take longer than their multiply-adds suggest.
""",
    'evaluate': """\
  python -m training evaluate --model my_models/mine --data test.npz --json result.json
  python -m training evaluate --model my_models/mine --run runs/mine --split test --report r.html

Evaluate on people who are not in the training data. Accuracy hides rare classes, so read macro
F1 and the recall of each class. An expected calibration error (ECE) of 0.03 means that
confidences are wrong by 3 points on average.
""",
    'robustness': """\
  python -m training robustness --model my_models/mine --data test.npz --report robust.html

First look for changes that reduce the accuracy at their mildest strength, because mild blur,
noise and darkness are common on a robot.
""",
    'end-to-end': """\
  python -m training end-to-end --model my_models/mine --data test.npz

The difference from the accuracy on the same pictures without detection is the cost of the
detector and the crop.
""",
    'compare': """\
  python -m training compare models/mini_xception my_models/mine --data test.npz --out compared.md

The times of the other models are also given relative to the first model.
""",
}

DESCRIPTION = """\
Train a model for the robot on labelled faces. The usual steps:

  python -m training train --data faces.npz --out runs/mine
  python -m training export runs/mine --out models/mine
  python -m training calibrate models/mine --run runs/mine
  python -m training evaluate --model models/mine --data test.npz --json result.json
"""


class TeachingFormatter(
    argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter
):
    """Keeps the lines of examples, and shows defaults that carry information."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        named = 'default: ' in (action.help or '')
        if (
            named
            or action.default is None
            or action.default is False
            or action.default in ('', [])
        ):
            return action.help
        return super()._get_help_string(action)


def create_parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser. Only the given command has its options."""
    parser = ArgumentParser(
        prog='python -m training',
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest='command', required=True, metavar='command')
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + '.',
            epilog='for example:\n\n' + LESSONS[name],
            formatter_class=TeachingFormatter,
        )
        if list(given[:1]) == [name]:
            module = importlib.import_module(f'training.commands.{MODULES.get(name, name)}')
            module.add_arguments(command)
            files = RESULTS - {'out'} if name in FOLDERS else RESULTS
            if files.intersection(action.dest for action in command._actions):
                command.add_argument(
                    '--overwrite', action='store_true', help='replace existing result files'
                )
            command.set_defaults(execute=module.run)
    return parser


def check_outputs(options: argparse.Namespace) -> None:
    """Raise TrainingError if a file in the options already exists or is named twice.

    It takes long to compute the results of an earlier command again.
    """
    given = [
        path for name in sorted(RESULTS)
        if isinstance(path := getattr(options, name, None), Path)
    ]  # fmt: skip
    for path in given:
        _require_writable(path)
        if path.is_file() and not getattr(options, 'overwrite', False):
            remedy = ', or add --overwrite to replace it' if hasattr(options, 'overwrite') else ''
            raise TrainingError(f'{path} already exists: name another file{remedy}')
        if given.count(path) > 1:
            raise TrainingError(
                f'{path} is the file of two results: name a different file for each'
            )


def _require_writable(path: Path) -> None:
    """Raise TrainingError if a file or folder could not be created."""
    folder = next(place for place in (path, *path.absolute().parents) if place.exists())
    if folder == path and not path.is_dir():
        folder = path.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise TrainingError(
            f'{path} cannot be written, because {folder} is not a folder, or you may not write '
            'to it: choose another path'
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0, 1 after an error, 130 after Ctrl-C."""
    print_any_name()
    given = list(sys.argv[1:] if arguments is None else arguments)
    with until_output_closes():
        return _run(given)


def _run(given: Sequence[str]) -> int:
    try:
        options = create_parser(given).parse_args(given)
        check_outputs(options)
        options.execute(options)
    except FerError as error:
        print(f'training {given[0]}: {error}', file=sys.stderr)
        return 1
    except ImportError as error:
        fault = how_to_install(error, ALL_AT_ONCE)
        if fault is None:
            raise
        print(f'training {given[0]} {fault}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f'training {given[0]}: interrupted', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
