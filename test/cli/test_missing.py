"""If a Python package is missing, one line names it and the command that installs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.waiting import PATIENCE

from fer_ros.core.missing import how_to_install
from fer_ros.executables import EXECUTABLES

ROOT = Path(__file__).resolve().parents[2]


def run_without_packages(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this checkout with the standard library alone."""
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    return subprocess.run(
        [sys.executable, '-S', '-m', *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=environment,
        cwd=ROOT,
    )


@pytest.mark.parametrize('name', sorted(set(EXECUTABLES) - {'doctor'}))
def test_a_command_names_the_missing_package_in_one_line(name):
    done = run_without_packages('fer_ros', name)
    assert done.returncode == 1
    assert done.stderr.count('\n') == 1
    assert done.stderr.startswith(f'{name} needs the Python package ')
    assert 'pip install' in done.stderr or 'source your ROS 2' in done.stderr


def test_training_names_the_missing_package_in_one_line():
    done = run_without_packages('training', 'evaluate')
    assert done.returncode == 1
    assert done.stderr.count('\n') == 1
    assert 'numpy' in done.stderr
    assert 'pip install -r training/requirements.txt' in done.stderr


def test_doctor_explains_what_is_missing_if_nothing_else_runs():
    done = run_without_packages('fer_ros', 'doctor')
    assert done.returncode == 1
    assert not done.stderr
    for package in ('numpy', 'cv2', 'yaml'):
        assert f'the Python package {package} cannot be imported' in done.stdout
    assert 'pip install -r' in done.stdout


def test_a_missing_dependency_of_a_package_is_named():
    error = ModuleNotFoundError("No module named 'cycler'", name='cycler')
    assert 'cycler, which is not installed: pip install cycler' in str(how_to_install(error))


def test_a_package_that_cannot_be_loaded_is_named_with_the_reason():
    error = ImportError('libGL.so.1: cannot open shared object file', name='cv2')
    assert 'libGL.so.1' in str(how_to_install(error))


@pytest.mark.parametrize('name', ['fer_ros.core.nothing', 'training.nothing', None])
def test_an_import_error_in_fer_ros_is_not_hidden(name):
    assert how_to_install(ImportError('nothing', name=name)) is None
