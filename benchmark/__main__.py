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
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from benchmark import comparison, machine, report
from benchmark.figures import figures, spreads
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.ending import until_output_closes
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE

ROOT = Path(__file__).resolve().parents[1]

PARTS = (
    'rivals',
    'stages',
    'instructions',
    'crowd',
    'changes',
    'footprint',
    'annotate',
    'nodes',
    'delivery',
    'edge',
    'soak',
)

#: Settings of `--quick`: five minutes, all ratios. Other options override them.
QUICK = {
    'parts': ('rivals', 'stages', 'crowd', 'nodes'),
    'repetitions': 12,
    'runs': 1,
    'seconds': 6.0,
    'clip_step': 40,
}

#: Figures of the last published run.
PUBLISHED = ROOT / 'docs' / 'benchmark.json'


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the requested parts and return the exit code."""
    options = _parse(argv)
    output: Path = options.out
    output.mkdir(parents=True, exist_ok=True)
    if options.shared:
        models = [str(options.shared / 'models'), os.environ.get('FER_ROS_MODEL_PATH', '')]
        os.environ['FER_ROS_MODEL_PATH'] = os.pathsep.join(filter(None, models))
    details_file = output / 'bench_details.json'
    details: dict[str, Any] = {}
    if options.keep and details_file.is_file():
        details = json.loads(details_file.read_text())
    details |= {'model': options.model, 'machine': machine.describe(), 'not_measured': {}}
    with tempfile.TemporaryDirectory(prefix='fer_ros_benchmark_') as folder:
        for part, measure in _measurements(options, Path(folder)).items():
            if part in options.parts:
                _measure(part, measure, details)
    values = figures(details)
    spread = spreads(details)
    (output / 'bench.json').write_text(
        json.dumps({**values, 'model': options.model, **details['machine']}, indent=1) + '\n'
    )
    details_file.write_text(json.dumps(details, indent=1))
    drawn = _draw(options, details_file, output / 'images')
    (output / 'benchmark.md').write_text(report.page(details, 'images'))
    if options.publish:
        (ROOT / 'docs' / 'benchmark.md').write_text(report.page(details, 'images'))
        for plot in drawn:
            shutil.copy(plot, ROOT / 'docs' / 'images' / plot.name)
    print(comparison.targets(values))
    if PUBLISHED.is_file():
        published = json.loads(PUBLISHED.read_text())
        print(f'\nSince the published run of {published["date"]}, {published["processor"]}:\n')
        print(comparison.changes(values, spread, published['figures']))
    if options.publish:
        run = {name: details['machine'][name] for name in ('date', 'processor')}
        run |= {'model': options.model, 'figures': values}
        PUBLISHED.write_text(json.dumps(run, indent=1) + '\n')
    for name, why in details['not_measured'].items():
        print(f'not measured: {name}: {why}')
    print(f'all figures: {output / "bench.json"}, tables: {output / "benchmark.md"}')
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = ArgumentParser(prog='benchmark', description=__doc__)
    parser.add_argument('--parts', nargs='+', choices=PARTS, default=PARTS)
    parser.add_argument(
        '--model', default=_default_model(), help='name or folder of the model (%(default)s)'
    )
    parser.add_argument(
        '--repetitions',
        type=int,
        default=60,
        help='number of measurements of each time (%(default)s)',
    )
    parser.add_argument(
        '--runs',
        type=int,
        default=3,
        help='number of runs of the nodes and of annotate (%(default)s)',
    )
    parser.add_argument(
        '--seconds', type=float, default=15.0, help='seconds of a run (%(default)s)'
    )
    parser.add_argument(
        '--soak-minutes',
        type=float,
        default=10.0,
        help='minutes of the part soak (%(default)s)',
    )
    parser.add_argument(
        '--keep',
        action='store_true',
        help='keep the results of the last run for parts that are not named',
    )
    # For one false event per minute. In three minutes, 0.35 varies randomly between 0.3 and 1.3.
    parser.add_argument(
        '--event-seconds',
        type=float,
        default=600.0,
        help='seconds of the sequences with changes and without (%(default)s)',
    )
    parser.add_argument(
        '--clip-step',
        type=int,
        default=10,
        help='compare every n-th frame of a clip (%(default)s)',
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


def _measurements(
    options: argparse.Namespace,
    folder: Path,
) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the parts. Each imports its modules only when it runs."""

    def rivals() -> dict[str, Any]:
        return _run_rivals(options, folder / 'rivals.json')

    def stages() -> dict[str, Any]:
        from benchmark import stages

        return stages.measure(options.model, options.repetitions)

    def instructions() -> dict[str, Any]:
        from benchmark import instructions

        return instructions.measure(options.model)

    def crowd() -> dict[str, Any]:
        from benchmark import crowd

        return crowd.measure(options.model, options.repetitions)

    def changes() -> dict[str, Any]:
        from benchmark import changes

        data = options.shared / 'data' if options.shared else None
        return changes.measure(options.model, data, options.event_seconds)

    def footprint() -> dict[str, Any]:
        from benchmark import footprint

        return footprint.measure(min(options.repetitions, 5))

    def annotate() -> dict[str, Any]:
        from benchmark import annotation

        return annotation.measure(options.model, folder, options.runs)

    def nodes() -> dict[str, Any]:
        from benchmark import runs

        return runs.measure(options.model, folder, options.seconds, options.runs)

    def delivery() -> dict[str, Any]:
        from benchmark import delivery

        return delivery.measure(options.model, folder, options.seconds)

    def soak() -> dict[str, Any]:
        from benchmark import runs

        return runs.soak(options.model, folder, options.soak_minutes)

    def edge() -> dict[str, Any]:
        from benchmark import edge

        return edge.measure(folder)

    return {
        'rivals': rivals,
        'stages': stages,
        'instructions': instructions,
        'crowd': crowd,
        'changes': changes,
        'footprint': footprint,
        'annotate': annotate,
        'nodes': nodes,
        'delivery': delivery,
        'edge': edge,
        'soak': soak,
    }


def _measure(
    part: str,
    measure: Callable[[], dict[str, Any]],
    details: dict[str, Any],
) -> None:
    print(f'{part} ...', file=sys.stderr, flush=True)
    try:
        result = measure()
    except (ImportError, OSError, RuntimeError, subprocess.CalledProcessError) as error:
        details['not_measured'][part] = f'{type(error).__name__}: {error}'
        return
    if 'not_measured' in result:
        details['not_measured'][part] = result['not_measured']
    details[part] = result


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
