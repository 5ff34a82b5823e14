"""Instruction counts from valgrind, which are the same on a busy machine.

`python -m benchmark.instructions MODEL` repeats each task under callgrind with
`--instr-atstart=no`, so that neither imports nor preparations count, and dumps the count of each
task. valgrind does not support AVX-512, so networks run their AVX2 code.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

WORKS = ('detect', 'classify', 'frame')
#: Repetitions of each task.
TIMES = 6

#: Longest time of all counts in seconds. On an idle machine, they take a fraction of that.
TIMEOUT = 900

_TOTAL = re.compile(r'^totals: (\d+)', re.MULTILINE)


def measure(model: str) -> dict[str, Any]:
    """Return millions of instructions for detection, classification and a whole frame."""
    if not shutil.which('vgdb'):
        return {'not_measured': 'instructions: valgrind is not installed'}
    with tempfile.TemporaryDirectory() as folder:
        try:
            _count(Path(folder), model)
        except subprocess.TimeoutExpired:
            return {'not_measured': f'instructions: the counts took more than {TIMEOUT} s'}
        # The last dump is that of the end of the process.
        totals = [
            int(_TOTAL.findall(path.read_text())[-1])
            for path in sorted(Path(folder).glob('count.*'), key=_number)
            if _number(path)
        ]
    return {work: total / TIMES / 1e6 for work, total in zip(WORKS, totals, strict=False)}


def _number(path: Path) -> int:
    """Return the number of a dump: count.PID.1 is the first, count.PID that of the end."""
    *_, number = path.name.split('.')
    return int(number) if path.name.count('.') == 2 else 0


def _count(folder: Path, model: str) -> None:
    """Leave one dump for each task in a folder."""
    subprocess.run(
        [
            'valgrind',
            '--tool=callgrind',
            '--instr-atstart=no',
            # With ROS from PyPI, Python starts again with another environment.
            '--trace-children=yes',
            '--trace-children-skip=*vgdb*',
            f'--callgrind-out-file={folder}/count.%p',
            sys.executable,
            '-m',
            'benchmark.instructions',
            model,
        ],
        cwd=ROOT,
        env={**os.environ, 'OPENBLAS_NUM_THREADS': '1'},
        capture_output=True,
        check=True,
        timeout=TIMEOUT,
    )


def _works(model: str) -> dict[str, Callable[[], object]]:
    from benchmark.pipelines import Pipeline
    from benchmark.scenes import RATE, Scene

    pipeline = Pipeline(model)
    images = Scene().walk(RATE)
    frames = iter(pipeline.frame(images[number % RATE]) for number in range(10**6))
    pipeline.process(images[0])
    crop = pipeline.faces.process(next(frames)).faces[0].crop
    assert crop is not None
    return {
        'detect': lambda: pipeline.faces.detector.detect(next(frames)),
        'classify': lambda: pipeline.emotions.classifier.classify([crop.image]),
        'frame': lambda: pipeline.emotions.process(pipeline.faces.process(next(frames))),
    }


def main(model: str) -> None:
    """Run each task, which the callgrind of this process counts and dumps."""
    works = _works(model)
    for work in WORKS:
        works[work]()
        _command_valgrind('instrumentation', 'on')
        for _ in range(TIMES):
            works[work]()
        _command_valgrind('instrumentation', 'off')
        _command_valgrind('dump', work)


def _command_valgrind(*command: str) -> None:
    subprocess.run(['vgdb', f'--pid={os.getpid()}', *command], check=True, capture_output=True)


if __name__ == '__main__':
    main(sys.argv[1])
