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
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ros_wheels import fix_exported_paths, make_underlay

ROOT = Path(__file__).resolve().parents[1]
MATRIX = ROOT / '.cache' / 'matrix'
RESULTS = ROOT / 'docs' / 'compatibility.json'
PAGE = ROOT / 'docs' / 'compatibility.md'
BEGIN = '<!-- matrix: begin, written by make matrix -->'
END = '<!-- matrix: end -->'

#: Tests without ROS, and tests with ROS.
CORE_TESTS = ('test/core', 'test/cli/test_classify.py', 'test/training/data')
ROS_TESTS = ('test/ros',)
#: Test tools that every cell installs. The linters give the same result everywhere.
TEST_TOOLS = ('hypothesis', 'pytest', 'pytest-timeout')
#: Longest time of one test in seconds, on a busy machine.
TEST_TIMEOUT = 600


@dataclass(frozen=True)
class Cell:
    """One combination. ros: the requirements file of a distribution's wheels, '' for none."""

    name: str
    python: str
    numpy: str
    opencv: str
    ros: str = ''

    @property
    def folder(self) -> Path:
        """Return the path of its environment."""
        return MATRIX / self.name

    @property
    def tests(self) -> tuple[str, ...]:
        """Return the folders of its tests."""
        return CORE_TESTS + ROS_TESTS if self.ros else CORE_TESTS


CELLS = (
    Cell('py310-oldest', '3.10', '1.26.*', '4.5.5.*'),
    Cell('py310-numpy1', '3.10', '1.26.*', '4.6.*'),
    Cell('py311-numpy1', '3.11', '1.26.*', '4.11.*'),
    Cell('py312-numpy2', '3.12', '2.*', '4.*'),
    Cell('py313-numpy2', '3.13', '2.*', '4.*'),
    Cell('py312-opencv5', '3.12', '2.*', '5.*'),
    Cell('py312-jazzy', '3.12', '1.26.*', '4.6.*', 'ros.txt'),
    Cell('py312-kilted', '3.12', '2.*', '4.*', 'ros_kilted.txt'),
    Cell('py310-jazzy', '3.10', '2.*', '4.*', 'ros.txt'),
)

#: Untested combinations, with the reasons.
NOT_HAD = (
    'ROS 2 Humble and Rolling: PyPI has no wheels of them. The code handles the known differences '
    '(Humble has no sequence numbers and no post-set callback).',
    'ROS 2 from Debian packages: the machine that ran the tests has none.',
    'arm64 with ROS 2: PyPI has ROS wheels for x86_64 only. Without ROS, see below.',
)


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
        return {'when': when, 'not_had': str(error)}


def make(cell: Cell) -> None:
    """Create the environment of a cell if it does not exist. Raises CellError."""
    ready = cell.folder / 'ready'
    wanted = '\n'.join([*requirements(cell), cell.ros])
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
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        told = [line for line in said if 'error' in line.lower()] or said or ['it printed nothing']
        raise CellError(f'{Path(words[0]).name} failed: {told[-1][:300]}')
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
    cases = list(ElementTree.parse(report).getroot().iter('testcase'))
    failed = [
        case
        for case in cases
        if case.find('failure') is not None or case.find('error') is not None
    ]
    skipped = [case for case in cases if case.find('skipped') is not None]
    reasons: dict[str, int] = {}
    for case in skipped:
        element = case.find('skipped')
        reason = str(element.get('message')) if element is not None else ''
        reasons[reason] = reasons.get(reason, 0) + 1
    return {
        'tests': ' '.join(tests),
        'passed': len(cases) - len(failed) - len(skipped),
        'failed': [f'{case.get("classname")}::{case.get("name")}' for case in failed],
        'skipped': reasons,
    }


def outcome(result: Mapping[str, object]) -> str:
    """Return the result column of a cell."""
    if 'not_had' in result:
        return f'**not created**: {result["not_had"]}'
    failed = result['failed']
    skipped = result['skipped']
    assert isinstance(failed, list)
    assert isinstance(skipped, dict)
    failures = f'**{len(failed)} failed**, ' if failed else ''
    return f'{failures}{result["passed"]} passed, {sum(skipped.values())} skipped'


def with_table(page: str, results: Mapping[str, Mapping[str, object]]) -> str:
    """Return the text of docs/compatibility.md with a new table. Raises ValueError."""
    before, found, rest = page.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found or not found_end:
        raise ValueError(f'{PAGE} lacks the lines {BEGIN} and {END}')
    return f'{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}'


def table(results: Mapping[str, Mapping[str, object]]) -> str:
    """Return the table of all cells, followed by the failed and the skipped tests."""
    rows = [
        '| cell | Python | numpy | OpenCV | ROS 2 | tests | result | on |',
        '|---|---|---|---|---|---|---|---|',
    ]
    notes = []
    for cell in CELLS:
        result = results.get(cell.name, {'not_had': 'not run yet', 'when': ''})
        found = {
            'python': cell.python,
            'numpy': cell.numpy,
            'opencv': cell.opencv,
            'ros': '',
            'tests': '',
            **result,
        }
        rows.append(
            f'| {cell.name} | {found["python"]} | {found["numpy"]} | {found["opencv"]} '
            f'| {found["ros"]} | {found["tests"]} | {outcome(result)} | {found["when"]} |'
        )
        failed, skipped = result.get('failed', []), result.get('skipped', {})
        assert isinstance(failed, list)
        assert isinstance(skipped, dict)
        notes += [f'- {cell.name}: failed: `{name}`' for name in failed]
        notes += [f'- {cell.name}: {count} skipped: {reason}' for reason, count in skipped.items()]
    return '\n'.join(
        [
            *rows,
            '',
            *(f'- Not tested: {reason}' for reason in NOT_HAD),
            '',
            'Skipped tests:',
            '',
            *notes,
        ]
    )


if __name__ == '__main__':
    sys.exit(main())
