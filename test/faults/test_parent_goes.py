"""If a program ends, also by SIGKILL or with its terminal, everything that it started ends."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clips import nobody, write_clip
from support.family import Family
from support.robot import free_domain

SYNTHETIC = 'source:=synthetic'
FER_ROS = (sys.executable, '-m', 'fer_ros')


@pytest.fixture
def environment(tmp_path):
    with free_domain() as domain:
        yield {
            'ROS_DOMAIN_ID': str(domain),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
            'ROS_LOG_DIR': str(tmp_path / 'ros'),
        }


def demo(tmp_path):
    return [*FER_ROS, 'demo', '--log-folder', str(tmp_path / 'log'), SYNTHETIC, 'web:=false']


def started(family, nodes):
    return all(family.descendants(node) for node in nodes)


NODES = ('camera_node', 'face_detector_node', 'emotion_classifier_node')


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGHUP])
def test_demo_nodes_end_when_the_demo_is_killed(tmp_path, environment, number):
    with Family(demo(tmp_path), tmp_path / 'out.txt', env=environment) as family:
        family.wait_for(lambda: 'source: synthetic' in family.text(), 'source')
        assert started(family, NODES)
        family.process.send_signal(number)
        family.wait_until_all_are_gone()
        assert 'Traceback' not in family.text()


def test_demo_nodes_end_when_the_terminal_closes(tmp_path, environment):
    terminal, end = pty.openpty()
    # In a shell that reads commands, as where a person closes the window.
    with Family(
        ['bash', '--norc', '-i'],
        tmp_path / 'out.txt',
        env=environment,
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
        preexec_fn=lambda: take(end),
    ) as family:
        os.close(end)
        os.write(terminal, (' '.join(f"'{word}'" for word in demo(tmp_path)) + '\n').encode())
        output = b''
        while b'source: synthetic' not in output:
            output += os.read(terminal, 4096)
        assert started(family, NODES)
        os.close(terminal)
        family.wait_until_all_are_gone()


def take(terminal: int) -> None:
    """Make a terminal the terminal of this session."""
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def test_nohup_keeps_the_demo_running(tmp_path, environment):
    with Family(['nohup', *demo(tmp_path)], tmp_path / 'out.txt', env=environment) as family:
        family.wait_for(lambda: 'source: synthetic' in family.text(), 'source')
        family.process.send_signal(signal.SIGHUP)
        for node in family.descendants('camera_node'):
            os.kill(node, signal.SIGHUP)
        seen = family.text().count('searching')
        family.wait_for(lambda: family.text().count('searching') > seen, 'life')
        family.process.send_signal(signal.SIGTERM)
        family.wait_until_all_are_gone()


@pytest.mark.parametrize('moment', ['running', 'starting'])
def test_nodes_end_when_the_launch_command_is_killed(tmp_path, environment, moment):
    """During the start, nodes have not yet asked the kernel for the signal."""
    command = [*FER_ROS, 'launch', 'pipeline', SYNTHETIC]
    with Family(command, tmp_path / 'out.txt', env=environment) as family:
        family.wait_for(lambda: family.descendants('emotion_classifier_node'), 'processes')
        if moment == 'running':
            family.wait_for(lambda: 'opened synthetic' in family.text(), 'camera')
        family.process.kill()
        family.wait_until_all_are_gone()


@pytest.mark.skipif(not shutil.which('ros2'), reason='no ROS distribution with launch is sourced')
@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGHUP])
def test_nodes_end_when_the_launch_file_process_is_killed(tmp_path, environment, number):
    command = ['ros2', 'launch', 'fer_ros', 'pipeline.launch.py', SYNTHETIC]
    with Family(command, tmp_path / 'out.txt', env=environment) as family:
        family.wait_for(lambda: started(family, NODES), 'nodes')
        family.wait_for(lambda: 'opened synthetic' in family.text(), 'camera')
        family.process.send_signal(number)
        family.wait_until_all_are_gone()


def test_another_program_in_a_launch_ends_with_its_parent(tmp_path):
    """As with rviz2 under `launch`."""
    program = (
        'import os, subprocess, sys\n'
        'from fer_ros.core.ending import PARENT_VARIABLE\n'
        "subprocess.run([sys.executable, '-m', 'fer_ros.core.ending', 'sleep', '1000'],\n"
        '               env={**os.environ, PARENT_VARIABLE: str(os.getpid())})\n'
    )
    with Family([sys.executable, '-c', program], tmp_path / 'out.txt') as family:
        family.wait_for(lambda: family.descendants('sleep'), 'sleep')
        family.process.kill()
        family.wait_until_all_are_gone()


def test_a_wrapper_between_parent_and_node_is_supported(tmp_path):
    """As with a debugger or a terminal in a launch prefix."""
    program = (
        'import os, subprocess, sys\n'
        'from fer_ros.core.ending import PARENT_VARIABLE\n'
        "command = sys.executable + ' -m fer_ros.core.ending echo runs; true'\n"
        "subprocess.run(['sh', '-c', command],\n"
        '               env={**os.environ, PARENT_VARIABLE: str(os.getpid())})\n'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout == 'runs\n', done.stderr


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGHUP])
def test_annotate_workers_end_when_annotate_is_killed(tmp_path, number):
    pytest.importorskip('tqdm', reason='no tqdm; see requirements/runtime.txt')
    clips = [str(write_clip(tmp_path / f'{name}.avi', nobody(400))) for name in 'ab']
    parts = tmp_path / 'out' / '.parts'
    command = [*FER_ROS, 'annotate', *clips, '--out', str(parts.parent), '--jobs', '2']
    with Family(command, tmp_path / 'out.txt') as family:
        # Python itself prints a traceback in a worker whose parent ends before it sent the work.
        family.wait_for(lambda: len(list(parts.glob('*.log'))) == 2, 'workers with work')
        assert len(family.descendants('spawn_main')) == 2
        family.process.send_signal(number)
        family.wait_until_all_are_gone()
        assert 'Traceback' not in family.text()


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGHUP])
def test_web_leaves_no_process(tmp_path, number):
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    command = [*FER_ROS, 'web', '--source', 'synthetic', '--port', '0']
    with Family(command, tmp_path / 'out.txt') as family:
        family.wait_for(lambda: 'dashboard:' in family.text(), 'address')
        family.process.send_signal(number)
        family.wait_until_all_are_gone()
        assert 'Traceback' not in family.text()
