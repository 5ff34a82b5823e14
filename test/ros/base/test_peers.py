"""A robot can boot before its network: nodes wait for the names of their peers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.family import Family
from support.robot import PATIENCE, free_domain

from fer_ros.ros.base import peers
from fer_ros.ros.base.peers import PEERS_VARIABLE

#: A name that never resolves (RFC 2606).
NOBODY = 'robot.invalid'
WAITS = f'the name of the peer {NOBODY} cannot be resolved'


@pytest.fixture
def environment(tmp_path):
    with free_domain() as domain:
        yield {
            'ROS_DOMAIN_ID': str(domain),
            'ROS_LOG_DIR': str(tmp_path / 'ros'),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        }


def fer_ros(*arguments: str) -> list[str]:
    return [sys.executable, '-m', 'fer_ros', *arguments]


@pytest.mark.parametrize(
    'command',
    [
        fer_ros('launch', 'edge', 'source:=synthetic', f'peer:={NOBODY}'),
        fer_ros('launch', 'compute', f'peer:={NOBODY}'),
    ],
)
def test_both_hosts_wait_for_a_name_and_a_signal_ends_them_cleanly(command, tmp_path, environment):
    with Family(command, tmp_path / 'out.txt', env=environment) as family:
        nodes = len(family.descendants()) or 1
        family.wait_for(lambda: family.text().count(WAITS) >= nodes, 'line that says so')
        assert family.process.poll() is None
        family.process.send_signal(signal.SIGINT)
        assert family.process.wait(PATIENCE) == 0
        assert 'Traceback' not in family.text()


def test_a_recording_waits_for_its_peer(tmp_path, environment):
    with Family(
        fer_ros('record', '--output', str(tmp_path / 'bag')),
        tmp_path / 'out.txt',
        env={**environment, PEERS_VARIABLE: NOBODY},
    ) as family:
        family.wait_for(lambda: WAITS in family.text(), 'line that says so')
        family.process.send_signal(signal.SIGTERM)
        assert family.process.wait(PATIENCE) == 0


def can_mount() -> bool:
    return (
        bool(shutil.which('unshare'))
        and not subprocess.run(['unshare', '-rm', 'true'], capture_output=True).returncode
    )


@pytest.mark.skipif(not can_mount(), reason='no user may have name spaces of his own here')
def test_the_nodes_start_as_soon_as_the_name_resolves(tmp_path, environment):
    """In a file system whose /etc/hosts gets the name of the peer later."""
    hosts = tmp_path / 'hosts'
    hosts.write_text('127.0.0.1 localhost\n')
    node = fer_ros('camera_node', '--ros-args', '-p', 'source:=synthetic')
    command = [
        'unshare',
        '-rm',
        'sh',
        '-c',
        'mount --bind "$0" /etc/hosts; exec "$@"',
        str(hosts),
        *node,
    ]
    with Family(
        command, tmp_path / 'out.txt', env={**environment, PEERS_VARIABLE: f'{NOBODY};127.0.0.1'}
    ) as family:
        family.wait_for(lambda: WAITS in family.text(), 'line that says so')
        with hosts.open('a') as file:
            file.write(f'127.0.0.1 {NOBODY}\n')
        family.wait_for(lambda: 'opened synthetic' in family.text(), 'camera')


def test_names_become_addresses_and_addresses_stay(monkeypatch):
    monkeypatch.setenv(PEERS_VARIABLE, 'localhost; 10.0.0.7 ;fe80::1')
    assert peers.wait_for_peers(threading.Event(), pytest.fail)
    assert os.environ[PEERS_VARIABLE] == '127.0.0.1;10.0.0.7;fe80::1'


def test_without_peers_nothing_waits(monkeypatch):
    monkeypatch.delenv(PEERS_VARIABLE, raising=False)
    assert peers.wait_for_peers(threading.Event(), pytest.fail)
    assert PEERS_VARIABLE not in os.environ


def test_unknown_peers_are_removed_and_returned(monkeypatch):
    monkeypatch.setenv(PEERS_VARIABLE, f'{NOBODY};127.0.0.1')
    assert peers.leave_out_unknown_peers() == [NOBODY]
    assert os.environ[PEERS_VARIABLE] == '127.0.0.1'
