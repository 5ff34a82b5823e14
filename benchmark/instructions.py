"""Instruction counts from valgrind, which are the same on a busy machine.

`python -m benchmark.instructions WORK TIMES` repeats a task under callgrind with
`--instr-atstart=no`, so that counting starts after the imports. Two repetition counts are
compared, so that one-time work does not count. valgrind does not support AVX-512, so networks run
their AVX2 code.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

WORKS = ('detect', 'classify', 'frame')
FEW, MANY = 3, 33

#: Longest time of one count in seconds. On an idle machine, it takes a fraction of that.
TIMEOUT = 300

_COLLECTED = re.compile(r'Collected : (\d+)')


def measure(model: str) -> dict[str, Any]:
    """Return millions of instructions for detection, classification and a whole frame."""
    if not shutil.which('vgdb'):
        return {'not_measured': 'instructions: valgrind is not installed'}
    try:
        return {
            work: (_count(work, MANY, model) - _count(work, FEW, model)) / 1e6 for work in WORKS
        }
    except subprocess.TimeoutExpired:
        return {'not_measured': f'instructions: a count took more than {TIMEOUT} s'}


def _count(work: str, times: int, model: str) -> float:
    """Return the instructions of some frames, and of the counting itself."""
    done = subprocess.run(
        [
            'valgrind',
            '--tool=callgrind',
            '--instr-atstart=no',
            # With ROS from PyPI, Python starts again with another environment.
            '--trace-children=yes',
            '--trace-children-skip=*vgdb*',
            '--callgrind-out-file=/dev/null',
            sys.executable,
            '-m',
            'benchmark.instructions',
            work,
            str(times),
            model,
        ],
        cwd=ROOT,
        env={**os.environ, 'OPENBLAS_NUM_THREADS': '1'},
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    )
    found = _COLLECTED.findall(done.stderr)
    if not found:
        raise RuntimeError(f'callgrind counted nothing: {done.stderr[-300:]}')
    return float(found[-1]) / (MANY - FEW)


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


def main(work: str, times: int, model: str) -> None:
    """Run the task, which the callgrind of this process counts."""
    do = _works(model)[work]
    do()
    on = ['vgdb', f'--pid={os.getpid()}', 'instrumentation', 'on']
    subprocess.run(on, check=True, capture_output=True)
    for _ in range(times):
        do()


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
