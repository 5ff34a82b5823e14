"""Coverage-guided fuzzing of the readers of external bytes, and property tests with more examples.

    python scripts/fuzz.py [--seconds 60] [TARGET ...]     needs atheris and hypothesis

The targets are those of test/support/targets.py. Each failing input is written to
.cache/fuzz/TARGET/ as a file. Add it to a test.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOUND = ROOT / '.cache' / 'fuzz'
#: Memory limit of a target in megabytes. A picture of MAX_PIXELS takes 300, and OpenCV as much.
MEMORY = 2048
#: Longest time of one input in seconds.
TIMEOUT = 20
EXAMPLES = 2000


def main() -> int:
    """Fuzz each target in a separate process, then run the property tests with many examples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else '')
    parser.add_argument('targets', nargs='*')
    parser.add_argument('--seconds', type=int, default=60, help='seconds for each target')
    parser.add_argument('--in-this-process', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / 'test'), str(ROOT / 'test' / 'fuzz')]
    if options.in_this_process:
        run_target(options.targets[0], options.seconds)
    from support.targets import TARGETS

    failed = []
    for name in options.targets or TARGETS:
        print(f'{name}: {options.seconds} s', flush=True)
        command = [
            sys.executable,
            __file__,
            '--in-this-process',
            name,
            '--seconds',
            str(options.seconds),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if 'DONE' in line or 'Done' in line]
        print('  ' + (said[-1].strip() if said else '').replace('\t', ' '), flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout[-3000:] + done.stderr[-3000:])
    if not options.targets:
        examples = {**os.environ, 'FER_ROS_FUZZ_EXAMPLES': str(EXAMPLES)}
        tests = [sys.executable, '-m', 'pytest', '-q', 'test/fuzz', '-k', 'any or damaged']
        failed += ['test/fuzz'] if subprocess.run(tests, cwd=ROOT, env=examples).returncode else []
    print(f'failed: {", ".join(failed)}' if failed else 'nothing found')
    return int(bool(failed))


def run_target(name: str, seconds: int) -> None:
    """Fuzz a target in this process, and end the process."""
    import atheris

    with atheris.instrument_imports(include=['fer_ros', 'training']):
        from support.targets import TARGETS
        from test_bytes import SEEDS
    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(SEEDS[name]):
        (corpus / f'seed_{index}').write_bytes(seed)
    target = TARGETS[name](Path(tempfile.mkdtemp()))

    def take(data: bytes) -> None:
        target(data)

    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f'-max_total_time={seconds}',
            f'-rss_limit_mb={MEMORY}',
            f'-timeout={TIMEOUT}',
            f'-artifact_prefix={corpus}/found_',
            '-verbosity=1',
        ],
        take,
    )
    atheris.Fuzz()


if __name__ == '__main__':
    sys.exit(main())
