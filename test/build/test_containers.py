"""Dockerfiles and compose files are read. No container engine is needed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from support.documents import blocks

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.bringup.arguments import arguments_of

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / 'docker'
DOCKERFILES = sorted(DOCKER.glob('Dockerfile*'))
COMPOSE = sorted(DOCKER.glob('compose*.yaml'))


@pytest.mark.parametrize('file', DOCKERFILES, ids=lambda file: file.name)
def test_hadolint_finds_no_fault(file):
    if shutil.which('hadolint') is None:
        pytest.skip('no hadolint')
    result = subprocess.run(
        ['hadolint', '--no-color', file], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize('file', DOCKERFILES, ids=lambda file: file.name)
def test_copied_and_read_files_are_in_the_checkout(file):
    text = file.read_text(encoding='utf-8')
    named = re.findall(r'src/fer_ros/(\S+\.txt)', text) + re.findall(
        r'^COPY (docker/\S+)', text, re.M
    )
    for path in named:
        assert (ROOT / path).is_file(), path


def test_the_extras_of_the_image_exist_in_the_package():
    hook = (ROOT / 'hatch_build.py').read_text(encoding='utf-8')
    (extras,) = re.findall(r'\[([a-z,]+)\]"', (DOCKER / 'Dockerfile').read_text(encoding='utf-8'))
    for extra in extras.split(','):
        assert f"'{extra}': " in hook


def test_the_packages_of_the_ros_image_have_the_versions_of_the_package():
    text = (DOCKER / 'Dockerfile.ros').read_text(encoding='utf-8')
    runtime = (ROOT / 'requirements' / 'runtime.txt').read_text(encoding='utf-8').splitlines()
    packages = set(re.findall(r"'([a-z-]+[<>=][^']+)'", text))
    assert 'numpy<2' in packages, "Ubuntu's OpenCV is built for numpy 1"
    assert len(packages) == 3
    assert packages - {'numpy<2'} <= set(runtime)


def test_the_image_without_a_command_prints_the_commands():
    """The dashboard would listen on 127.0.0.1 of the container, where nobody can open it."""
    assert 'CMD ["--help"]' in (DOCKER / 'Dockerfile').read_text(encoding='utf-8')


@pytest.mark.parametrize('file', COMPOSE, ids=lambda file: file.name)
def test_every_service_builds_a_known_dockerfile_and_runs_a_known_command(file):
    services = yaml.safe_load(file.read_text(encoding='utf-8'))['services']
    for service in services.values():
        assert (ROOT / service['build']['dockerfile']).is_file()
        command = service['command']
        if command[:2] != ['ros2', 'launch']:
            assert command[0] in EXECUTABLES
            continue
        package, launch, *arguments = command[2:]
        assert package == 'fer_ros'
        assert (ROOT / 'launch' / launch).is_file()
        known = {argument.name for argument in arguments_of(launch.partition('.')[0])}
        assert {argument.partition(':=')[0] for argument in arguments} <= known


def test_the_dashboard_is_published_on_localhost_only_and_requires_a_token():
    (service,) = yaml.safe_load((DOCKER / 'compose.yaml').read_text())['services'].values()
    assert service['ports'] == ['127.0.0.1:8080:8080']
    assert service['environment']['FER_ROS_WEB_TOKEN'].startswith('${FER_ROS_WEB_TOKEN:?')


def test_the_systemd_unit_of_the_pi_page_is_valid(tmp_path):
    if shutil.which('systemd-analyze') is None:
        pytest.skip('no systemd-analyze')
    page = (ROOT / 'docs' / 'raspberry_pi.md').read_text(encoding='utf-8')
    (unit,) = (block.text for block in blocks(page) if block.language == 'ini')
    # The program and the user are those of a Pi.
    unit = unit.replace('/home/pi/fer/bin/fer_ros', '/bin/true').replace('User=pi\n', '')
    (tmp_path / 'fer_ros.service').write_text(unit)
    result = subprocess.run(
        ['systemd-analyze', 'verify', '--man=no', tmp_path / 'fer_ros.service'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert 'fer_ros.service' not in result.stderr
