"""`make bench` or `python -m benchmark`: measure, print a table, and write JSON, a page and plots.

Each part can be omitted. Ratios belong to one run. Parts that cannot be measured are listed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from benchmark import comparison, machine, report
from benchmark.figures import figures, spreads
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.ending import until_output_closes
from fer_ros.core.errors import FerError
from fer_ros.core.models import ModelStore
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE

ROOT = Path(__file__).resolve().parents[1]

Measurement = Callable[[argparse.Namespace, Path], dict[str, Any]]


def _module(name: str) -> Any:
    """Return a module of a part. It is imported only when the part runs."""
    return import_module(f'benchmark.{name}')


#: Each part takes the options and a folder for its files, and returns its measurements.
PARTS: dict[str, Measurement] = {
    'rivals': lambda options, folder: _run_rivals(options, folder / 'rivals.json'),
    'stages': lambda options, _: _module('stages').measure(options.model, options.repetitions),
    'instructions': lambda options, _: _module('instructions').measure(options.model),
    'crowd': lambda options, _: _module('crowd').measure(options.model, options.repetitions),
    'changes': lambda options, _: _module('changes').measure(
        options.model,
        options.shared / 'data' if options.shared else None,
        options.event_seconds,
    ),
    'footprint': lambda options, _: _module('footprint').measure(min(options.repetitions, 5)),
    'annotate': lambda options, folder: _module('annotation').measure(
        options.model, folder, options.runs
    ),
    'nodes': lambda options, folder: _module('runs').measure(
        options.model, folder, options.seconds, options.runs
    ),
    'delivery': lambda options, folder: _module('delivery').measure(
        options.model, folder, options.seconds
    ),
    'edge': lambda _, folder: _module('edge').measure(folder),
    'soak': lambda options, folder: _module('runs').soak(
        options.model, folder, options.soak_minutes
    ),
}

#: Options with a number: name, default and meaning. The events are counted for ten minutes: in
#: three minutes, 0.35 false events per minute vary randomly between 0.3 and 1.3.
NUMBERS: tuple[tuple[str, int | float, str], ...] = (
    ('repetitions', 60, 'number of measurements of each time'),
    ('runs', 3, 'number of runs of the nodes and of annotate'),
    ('seconds', 15.0, 'seconds of a run'),
    ('soak-minutes', 10.0, 'minutes of the part soak'),
    ('event-seconds', 600.0, 'seconds of the sequences with changes and without'),
    ('clip-step', 10, 'compare every n-th frame of a clip'),
)

#: Settings of `--quick`: five minutes, all ratios. Other options override them.
QUICK = {
    'parts': ('rivals', 'stages', 'crowd', 'nodes'),
    'repetitions': 12,
    'runs': 1,
    'seconds': 6.0,
    'clip_step': 40,
}

#: Errors of a part that cannot be measured here.
FAILURES = (
    FerError, ImportError, OSError, RuntimeError, ValueError, subprocess.CalledProcessError
)  # fmt: skip

#: Figures of the last published run.
PUBLISHED = ROOT / 'docs' / 'benchmark.json'


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the requested parts and return the exit code."""
    options = _parse(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.shared:
        models = [str(options.shared / 'models'), os.environ.get('FER_ROS_MODEL_PATH', '')]
        os.environ['FER_ROS_MODEL_PATH'] = os.pathsep.join(filter(None, models))
    try:
        ModelStore().load_card(options.model)
    except FerError as error:
        print(f'benchmark: {error}', file=sys.stderr)
        return 1
    published = json.loads(PUBLISHED.read_text()) if PUBLISHED.is_file() else None
    details = _measure_parts(options)
    values = figures(details)
    _write(options, details, values)
    print(comparison.targets(values))
    if published:
        print(f'\nSince the published run of {published["date"]}, {published["processor"]}:\n')
        print(comparison.changes(values, spreads(details), published['figures']))
    for name, why in details['not_measured'].items():
        print(f'not measured: {name}: {why}')
    print(f'all figures: {options.out / "bench.json"}, tables: {options.out / "benchmark.md"}')
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = ArgumentParser(prog='benchmark', description=__doc__)
    parser.add_argument('--parts', nargs='+', choices=PARTS, default=tuple(PARTS))
    parser.add_argument(
        '--model', default=_default_model(), help='name or folder of the model (%(default)s)'
    )
    for name, default, meaning in NUMBERS:
        parser.add_argument(
            f'--{name}', type=type(default), default=default, help=f'{meaning} (%(default)s)'
        )
    parser.add_argument(
        '--keep',
        action='store_true',
        help='keep the results of the last run for parts that are not named',
    )
    parser.add_argument(
        '--rivals-python',
        default=os.environ.get('BENCH_PYTHON', ''),
        help='Python of the environment of requirements/bench.txt',
    )
    parser.add_argument(
        '--shared',
        type=Path,
        default=_shared(),
        help='folder with media/, data/ and models/ of the tests',
    )
    parser.add_argument('--out', '--output', type=Path, default=ROOT / 'build')
    parser.add_argument('--publish', action='store_true', help='also write docs/benchmark.md')
    parser.add_argument(
        '--quick',
        action='store_true',
        help='measure all ratios in five minutes, with fewer parts, repetitions and runs',
    )
    if parser.parse_args(argv).quick:
        parser.set_defaults(**QUICK)
    return parser.parse_args(argv)


def _default_model() -> str:
    parameters = EMOTION_CLASSIFIER_NODE.parameters
    return str(next(entry.default for entry in parameters if entry.name == 'model'))


def _shared() -> Path | None:
    folder = Path(os.environ.get('FER_ROS_SHARED', ROOT.parent / 'shared'))
    return folder if folder.is_dir() else None


def _details_file(options: argparse.Namespace) -> Path:
    return Path(options.out / 'bench_details.json')


def _measure_parts(options: argparse.Namespace) -> dict[str, Any]:
    """Return the measurements by part, with the machine and the reasons for missing parts."""
    details: dict[str, Any] = {}
    if options.keep and _details_file(options).is_file():
        details = json.loads(_details_file(options).read_text())
    missing: dict[str, str] = {}
    details |= {'model': options.model, 'machine': machine.describe(), 'not_measured': missing}
    with tempfile.TemporaryDirectory(prefix='fer_ros_benchmark_') as folder:
        for part, measure in PARTS.items():
            if part not in options.parts:
                continue
            print(f'{part} ...', file=sys.stderr, flush=True)
            try:
                details[part] = measure(options, Path(folder))
            except FAILURES as error:
                missing[part] = f'{type(error).__name__}: {error}'
                continue
            if 'not_measured' in details[part]:
                missing[part] = details[part]['not_measured']
    return details


def _write(
    options: argparse.Namespace, details: dict[str, Any], values: dict[str, float | None]
) -> None:
    """Write the figures, the page and the plots, and publish them if that is requested."""
    output: Path = options.out
    run = {**values, 'model': options.model, **details['machine']}
    (output / 'bench.json').write_text(json.dumps(run, indent=1) + '\n')
    _details_file(options).write_text(json.dumps(details, indent=1))
    drawn = _draw(options, _details_file(options), output / 'images')
    page = report.page(details, 'images')
    (output / 'benchmark.md').write_text(page)
    if options.publish:
        (ROOT / 'docs' / 'benchmark.md').write_text(page)
        for plot in drawn:
            shutil.copy(plot, ROOT / 'docs' / 'images' / plot.name)
        run = {name: details['machine'][name] for name in ('date', 'processor')}
        run |= {'model': options.model, 'figures': values}
        PUBLISHED.write_text(json.dumps(run, indent=1) + '\n')


def _run_rivals(options: argparse.Namespace, file: Path) -> dict[str, Any]:
    """Compare with other packages, in their environment if there is one."""
    command = [
        options.rivals_python or sys.executable,
        '-m',
        'benchmark.rivals',
        str(file),
        '--model',
        options.model,
        '--repetitions',
        str(options.repetitions),
        '--step',
        str(options.clip_step),
    ]
    if options.shared:
        command += ['--media', str(options.shared / 'media')]
    subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=None if options.rivals_python else subprocess.DEVNULL,
    )
    result: dict[str, Any] = json.loads(file.read_text())
    return result


def _draw(options: argparse.Namespace, details: Path, folder: Path) -> list[Path]:
    """Draw the plots if a Python with matplotlib is available. Return their files."""
    reason = ''
    for python in dict.fromkeys(filter(None, (options.rivals_python, sys.executable))):
        try:
            subprocess.run(
                [python, '-m', 'benchmark.plots', str(details), str(folder)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            return sorted(folder.glob('benchmark_*.png'))
        except OSError as error:
            reason = str(error)
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or [str(error)])[-1]
    print(f'no plots: {reason}', file=sys.stderr)
    return []


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C, which also ends the nodes."""
    sys.exit(128 + number)


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, _end)
    with until_output_closes():
        sys.exit(main())
