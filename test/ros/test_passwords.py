"""No log, diagnostics or command line shows the password of a camera address."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.nodes import node_process
from support.robot import Robot

from fer_ros.cli.doctor.command import lines
from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.process import holders
from fer_ros.ros.base.diagnostics import WARN, Condition, status
from fer_ros.ros.bringup.plan import plan

ADDRESS = 'rtsp://me:s3c#ret@127.0.0.1:1/live'


@pytest.mark.parametrize('system', ['Linux', 'macOS'])
def test_the_camera_node_says_how_to_write_a_password_and_hides_it(tmp_path, monkeypatch, system):
    if system == 'macOS':
        monkeypatch.delattr(os, 'memfd_create')
    with Robot([node_process('camera_node', source=ADDRESS)], tmp_path) as robot:
        told = robot.wait_for_status(
            'camera_node', lambda status: 'cannot be opened' in status.message, 'its fault'
        )
        command = Path(f'/proc/{robot._processes.pids["camera_node"]}/cmdline').read_text()
    if system == 'macOS':
        file = command.split('--params-file\0')[-1].split('\0')[0]
        assert file.startswith(tempfile.gettempdir())
        assert not Path(file).exists()
    assert 'rtsp://me:***@127.0.0.1:1/live' in told.message
    assert 'write %23 for #' in told.message
    logs = ''.join(
        file.read_text(errors='replace') for file in tmp_path.rglob('*') if file.is_file()
    )
    assert 'cannot be opened' in logs
    for shown in (str(told), logs, command):
        assert 's3c' not in shown


def test_a_source_without_a_password_stays_on_the_command_line():
    camera, *_ = plan('pipeline', {'source': '/dev/video0'}, {})
    assert camera.private_parameters() == ''
    secret, *_ = plan('pipeline', {'source': ADDRESS}, {})
    assert ADDRESS in secret.private_parameters()
    assert 's3c' not in ' '.join(secret.command('private.yaml'))


def test_diagnostics_show_no_password():
    told = status('a', 'b', Condition(WARN, f'{ADDRESS} failed'), {'reason': f"'{ADDRESS}'"})
    assert 's3c' not in str(told)


def test_doctor_shows_no_password(tmp_path):
    finding = Finding(Level.PROBLEM, f'{ADDRESS} fails', ADDRESS, ADDRESS)
    assert 's3c' not in '\n'.join(lines('x', finding))
    held = tmp_path / 'held'
    held.touch()
    with (
        held.open() as file,
        subprocess.Popen(
            [sys.executable, '-c', 'input()', f'source:={ADDRESS}'],
            stdin=subprocess.PIPE,
            pass_fds=(file.fileno(),),
        ) as process,
    ):
        (holder,) = holders(str(held))
        process.communicate(b'\n')
    assert 's3c' not in holder.name + holder.command
