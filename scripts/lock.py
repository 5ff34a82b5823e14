"""Pin the packages of a new machine with hashes: writes requirements/lock/<python>.txt.

    make lock        for the environment of `make build`, from the ranges in requirements/

`make build LOCKED=1` then installs exactly these files (pip --require-hashes).
Run by the Python of that environment. uv finds the dependencies and the hashes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

from setup_commands import ROOT
from setup_steps import REQUIREMENTS, lock_path

#: Requirement files of a new machine, without tests and documentation. A build also needs CMake
#: if the system has none.
WITH_DEPENDENCIES = '-r ros.txt\n-r build.txt\n-r runtime.txt\n-r web.txt\ncmake\n'
WITHOUT_DEPENDENCIES = '-r runtime_no_deps.txt\n'


def main() -> int:
    """Write the lock file of this interpreter."""
    path = lock_path()
    installed = subprocess.run(
        [sys.executable, '-m', 'pip', 'list', '--format=freeze'],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    with tempfile.NamedTemporaryFile(suffix='.txt') as constraints:
        constraints.write(installed)
        constraints.flush()
        locked = [
            compiled(WITH_DEPENDENCIES, '--constraint', constraints.name),
            compiled(WITHOUT_DEPENDENCIES, '--no-deps'),
        ]
    path.parent.mkdir(exist_ok=True)
    head = f'# The files that a new machine installs on {path.stem}. Written by make lock.\n\n'
    path.write_text(head + ''.join(locked), encoding='utf-8')
    print(f'wrote {path.relative_to(ROOT)}')
    return 0


def compiled(requirements: str, *options: str) -> str:
    """Return requirements with exact versions and hashes."""
    command = ['uv', 'pip', 'compile', '--quiet', '--python', sys.executable, '--generate-hashes']
    return subprocess.run(
        [*command, '--no-header', '--no-annotate', *options, '-'],
        cwd=REQUIREMENTS,
        input=requirements,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


if __name__ == '__main__':
    sys.exit(main())
