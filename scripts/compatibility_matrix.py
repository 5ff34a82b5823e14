"""Run the tests with other versions of Python, numpy, OpenCV and ROS 2, and write the table.

    python3 scripts/compatibility_matrix.py              every cell, then docs/compatibility.md
    python3 scripts/compatibility_matrix.py CELL ... only these; the others keep their results
    python3 scripts/compatibility_matrix.py --list the versions of each cell

Each cell is a virtual environment in .cache/matrix/, made from requirements/ with some versions
replaced. For a cell that cannot be created, the table contains the reason. Results are stored in
docs/compatibility.json, so that cells can be run one by one, on several machines. Standard library
only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from matrix_cells import CELLS, CORE_TESTS, ROOT, Cell
from matrix_table import outcome, with_table
from ros_wheels import fix_exported_paths, make_underlay
from setup_commands import reason_of_failure

RESULTS = ROOT / 'docs' / 'compatibility.json'
PAGE = ROOT / 'docs' / 'compatibility.md'

#: Test tools that every cell installs. The linters give the same result everywhere.
TEST_TOOLS = ('hypothesis', 'pytest', 'pytest-timeout')
#: Longest time of one test in seconds, on a busy machine.
TEST_TIMEOUT = 600


class CellError(Exception):
    """A cell cannot be created. The message gives the reason."""


def main() -> int:
    """Run cells and write the table. Return 1 if a test failed."""
    parser = argparse.ArgumentParser(description='Run the tests with other versions.')
    parser.add_argument('cells', nargs='*', metavar='CELL')
    parser.add_argument('--list', action='store_true', help='only print the cells')
    parser.add_argument('--core', action='store_true', help='omit the tests that need ROS')
    arguments = parser.parse_args()
    if arguments.list:
        for cell in CELLS:
            print(
                f'{cell.name}: Python {cell.python}, numpy {cell.numpy}, OpenCV {cell.opencv}, '
                f'{cell.ros or "no ROS"}'
            )
        return 0
    unknown = set(arguments.cells) - {cell.name for cell in CELLS}
    if unknown:
        parser.error(f'no cell {", ".join(sorted(unknown))}: --list names them')
    os.nice(10)
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for cell in CELLS:
        if not arguments.cells or cell.name in arguments.cells:
            print(f'{cell.name} ...', flush=True)
            results[cell.name] = run_cell(cell, CORE_TESTS if arguments.core else cell.tests)
            print(f'  {outcome(results[cell.name])}', flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + '\n')
            PAGE.write_text(with_table(PAGE.read_text(encoding='utf-8'), results), 'utf-8')
    return int(any(result.get('failed') for result in results.values()))


def run_cell(cell: Cell, tests: Sequence[str]) -> dict[str, object]:
    """Create a cell and run its tests. Return the results for the table."""
    when = time.strftime('%Y-%m-%d', time.gmtime())
    try:
        make(cell)
        return {'when': when, **versions(cell), **test(cell, tests)}
    except CellError as error:
        return {'when': when, 'not_created': str(error)}


def make(cell: Cell) -> None:
    """Create the environment of a cell if it does not exist. Raises CellError."""
    ready = cell.folder / 'ready'
    wanted = key_of(cell)
    if ready.is_file() and ready.read_text() == wanted:
        return
    shutil.rmtree(cell.folder, ignore_errors=True)
    cell.folder.mkdir(parents=True)
    python = interpreter(cell.python)
    command(cell, [python, '-m', 'venv', str(cell.folder / 'venv')])
    pip = [str(cell.folder / 'venv' / 'bin' / 'pip'), 'install', '-q', '--no-input']
    if cell.ros:
        command(cell, [*pip, '-r', str(ROOT / 'requirements' / cell.ros)])
        command(cell, [*pip, '-r', str(ROOT / 'requirements' / 'build.txt'), 'cmake<4'])
    listed = cell.folder / 'requirements.txt'
    listed.write_text('\n'.join(requirements(cell)))
    command(cell, [*pip, '-r', str(listed)])
    command(cell, [*pip, '--no-deps', '-r', str(ROOT / 'requirements' / 'runtime_no_deps.txt')])
    if cell.ros:
        build_messages(cell)
    ready.write_text(wanted)


def key_of(cell: Cell) -> str:
    """Return a hash of everything that the environment of a cell is made from."""
    files = [ROOT / 'requirements' / 'runtime_no_deps.txt']
    if cell.ros:
        files += [ROOT / 'requirements' / name for name in (cell.ros, 'build.txt')]
        files += sorted(path for path in (ROOT / 'fer_msgs').rglob('*') if path.is_file())
    content = [*requirements(cell), *(f'{file}\n{file.read_text()}' for file in files)]
    return hashlib.sha256('\0'.join(content).encode()).hexdigest()


def requirements(cell: Cell) -> list[str]:
    """Return the packages to install: those of the run time in the cell's versions, and tools."""
    lines = (ROOT / 'requirements' / 'runtime.txt').read_text().splitlines()
    replaced = ('numpy', 'opencv-python-headless')
    kept = [
        line
        for line in lines
        if line and not line.startswith('#') and name_of(line) not in replaced
    ]
    tools = [
        line
        for line in (ROOT / 'requirements' / 'test.txt').read_text().splitlines()
        if name_of(line) in TEST_TOOLS
    ]
    return [f'numpy=={cell.numpy}', f'opencv-python-headless=={cell.opencv}', *kept, *tools]


def name_of(requirement: str) -> str:
    """Return the package of a line of a requirements file."""
    return re.split(r'[\s<>=!~;\[]', requirement, maxsplit=1)[0]


def interpreter(version: str) -> str:
    """Return a Python of that version from PATH or pyenv. Raises CellError."""
    pyenv = Path(os.environ.get('PYENV_ROOT', Path.home() / '.pyenv')) / 'versions'
    found = [str(path) for path in sorted(pyenv.glob(f'{version}.*/bin/python3'))]
    on_path = shutil.which(f'python{version}')
    for python in [*([on_path] if on_path else []), *reversed(found)]:
        # pyenv has a shim for every version, and most of them fail.
        if subprocess.run([python, '-c', 'import venv'], capture_output=True).returncode == 0:
            return python
    raise CellError(f'Python {version} is not installed: install it, for example with pyenv')


def build_messages(cell: Cell) -> None:
    """Build fer_msgs against the ROS wheels of the cell. Raises CellError."""
    venv = cell.folder / 'venv'
    query = 'import numpy, sysconfig; print(numpy.get_include(), sysconfig.get_paths()["include"])'
    numpy_include, python_include = command(
        cell, [str(venv / 'bin' / 'python'), '-c', query]
    ).split()
    fix_exported_paths(venv, Path(python_include), Path(numpy_include))
    make_underlay(venv)
    # Copied, because CMake refuses to export messages that use headers below their source folder.
    shutil.copytree(ROOT / 'fer_msgs', cell.folder / 'source')
    command(
        cell,
        [
            str(venv / 'bin' / 'colcon'),
            '--log-base',
            'log',
            'build',
            '--base-paths',
            'source',
            '--cmake-args',
            '-DBUILD_TESTING=OFF',
        ],
    )


def environment(cell: Cell) -> dict[str, str]:
    """Return the variables of a cell, without those of a sourced ROS or another environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ('HOME', 'LANG', 'TMPDIR', 'FER_ROS_SHARED') or name.startswith('PIP_')
    }
    venv = cell.folder / 'venv'
    return {
        **kept,
        'VIRTUAL_ENV': str(venv),
        'OMP_NUM_THREADS': '1',
        'PYTHONDONTWRITEBYTECODE': '1',
        'PATH': f'{venv / "bin"}:{os.environ["PATH"]}',
        'PYTHONPATH': str(ROOT),
        **({'AMENT_PREFIX_PATH': str(venv)} if cell.ros else {}),
    }


def command(cell: Cell, words: Sequence[str]) -> str:
    """Run a command in the folder of the cell and return what it prints. Raises CellError."""
    done = subprocess.run(
        words,
        cwd=cell.folder,
        env=environment(cell),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    (cell.folder / 'setup.log').open('a').write(f'$ {" ".join(words)}\n{done.stdout}{done.stderr}')
    if done.returncode:
        reason = reason_of_failure((done.stderr or done.stdout).splitlines())
        raise CellError(f'{Path(words[0]).name} failed: {reason[:300]}')
    return done.stdout


def versions(cell: Cell) -> dict[str, object]:
    """Return the versions in a cell."""
    script = (
        'import cv2, json, numpy, platform; print(json.dumps(dict('
        'python=platform.python_version(), numpy=numpy.__version__, '
        'opencv=cv2.__version__)))'
    )
    found: dict[str, object] = json.loads(
        command(cell, [str(cell.folder / 'venv' / 'bin' / 'python'), '-c', script])
    )
    distribution = {'ros.txt': 'Jazzy', 'ros_kilted.txt': 'Kilted', '': 'none'}
    return {**found, 'ros': distribution[cell.ros]}


def test(cell: Cell, tests: Sequence[str]) -> dict[str, object]:
    """Run the tests of a cell. Return counts, failed tests, and skipped tests with reasons."""
    report = cell.folder / 'report.xml'
    report.unlink(missing_ok=True)
    setup = f'. {cell.folder}/install/setup.bash && ' if cell.ros else ''
    command_line = (
        f'{setup}exec python -m pytest -q -p no:cacheprovider --timeout {TEST_TIMEOUT} '
        f'--junitxml {report} {" ".join(tests)}'
    )
    # A sourced environment prepends its own PYTHONPATH. The checkout stays in it.
    done = subprocess.run(
        ['bash', '-c', command_line],
        cwd=ROOT,
        env=environment(cell),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    (cell.folder / 'test.log').write_text(done.stdout + done.stderr)
    if not report.is_file():
        raise CellError(f'pytest did not run: see {cell.folder / "test.log"}')
    return {'tests': ' '.join(tests), **counts(report)}


def counts(report: Path) -> dict[str, object]:
    """Return the number of passed tests, the failed ones, and the skipped ones by reason."""
    passed, failed, reasons = 0, [], Counter[str]()
    for case in ElementTree.parse(report).getroot().iter('testcase'):
        skipped = case.find('skipped')
        if case.find('failure') is not None or case.find('error') is not None:
            failed.append(f'{case.get("classname")}::{case.get("name")}')
        elif skipped is not None:
            reasons[str(skipped.get('message'))] += 1
        else:
            passed += 1
    return {'passed': passed, 'failed': failed, 'skipped': dict(reasons)}


if __name__ == '__main__':
    sys.exit(main())
