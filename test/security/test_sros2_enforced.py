"""The policy with real keys: the pipeline works, and a program without rights gets nothing.

Needs sros2 and a middleware with DDS security, as a ROS distribution brings them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('sros2', reason='no sros2: it comes with a ROS distribution')

from support.robot import free_domain

from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.bringup.processes import Processes

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / 'test' / 'support' / 'secured_program.py'
ROBOT_PROGRAM = '/fer_ros/robot_program'
#: Seconds that a message may take to come, and for which one waits for one that must not come.
PATIENCE, SILENCE = 60, 8


def create_keys(folder: Path) -> None:
    """Make keys and signed permissions for every enclave of the policy."""
    from sros2.keystore import create_enclave, create_keystore, create_permission
    from sros2.policy import load_policy

    policy = ROOT / 'config' / 'sros2_policy.xml'
    create_keystore(folder)
    for enclave in load_policy(policy).iter('enclave'):
        create_enclave(folder, enclave.get('path'))
        create_permission(folder, enclave.get('path'), policy)


@pytest.fixture(scope='module')
def secured(tmp_path_factory):
    """Run the pipeline under the policy; return the environment of a program with keys."""
    with free_domain() as domain, pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp('keys')
        for name, value in (
            ('ROS_DOMAIN_ID', str(domain)),
            ('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST'),
            ('ROS_LOG_DIR', str(folder)),
            ('ROS_SECURITY_KEYSTORE', str(folder / 'own')),
            ('ROS_SECURITY_ENABLE', 'true'),
            ('ROS_SECURITY_STRATEGY', 'Enforce'),
        ):
            patch.setenv(name, value)
        create_keys(folder / 'own')
        create_keys(folder / 'foreign')
        processes = Processes(plan('pipeline', {'source': 'synthetic'}), folder)
        with processes:
            said = program('hear', dict(os.environ), PATIENCE)
            if 'security libraries' in said:
                pytest.skip('this middleware was built without DDS security')
            logs = '\n'.join(file.read_text() for file in folder.glob('*_node.log'))
            assert not processes.dead(), logs
            yield {**os.environ, 'said': said, 'foreign': str(folder / 'foreign'), 'logs': logs}


def program(action: str, environment: dict[str, str], seconds: float = SILENCE) -> str:
    done = subprocess.run(
        [
            sys.executable,
            str(PROGRAM),
            action,
            str(seconds),
            '--ros-args',
            '--enclave',
            ROBOT_PROGRAM,
        ],
        env={**environment, 'PYTHONPATH': f'{ROOT}:{environment.get("PYTHONPATH", "")}'},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_a_robot_program_receives_results_and_switches_the_camera(secured):
    assert 'heard' in secured['said'], secured['said'] + secured['logs']
    assert 'switched False\nswitched True' in secured['said']
    for complaint in ('denied', 'Traceback', 'SECURITY ERROR'):
        assert complaint not in secured['logs']


@pytest.mark.parametrize('action', ['forge', 'peek'])
def test_a_robot_program_can_neither_publish_faces_nor_receive_images(secured, action):
    assert program(action, secured).startswith('denied')


@pytest.mark.parametrize('action', ['hear', 'peek'])
def test_a_program_without_keys_receives_nothing(secured, action):
    insecure = {**secured, 'ROS_SECURITY_ENABLE': 'false'}
    assert program(action, insecure).splitlines()[0] == 'silence'
    assert program('hear', secured).startswith('heard'), 'the pipeline runs all the while'


def test_keys_of_another_authority_are_refused(secured):
    foreign = {**secured, 'ROS_SECURITY_KEYSTORE': secured['foreign']}
    assert program('hear', foreign).splitlines()[0] == 'silence'
