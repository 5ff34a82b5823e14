"""The checks of doctor on the machine: faults in camera, models, cv_bridge, profiles. No ROS."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support.findings import the_one
from support.waiting import PATIENCE

from fer_ros.cli.doctor import checks, machine, middleware
from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.process import Process, holders, owner
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.ros.bringup.middleware import PROFILE_VARIABLES, share_folder

MIB = 1 << 20


@pytest.fixture
def fresh_cv_bridge():
    machine.cv_bridge_fault.cache_clear()
    yield
    machine.cv_bridge_fault.cache_clear()


@pytest.fixture
def altered_model(tmp_path) -> Path:
    """A copy of the shipped model with one byte changed in each of its files."""
    card = ModelStore().load_card(DEFAULT_MODEL)
    folder = tmp_path / 'models' / DEFAULT_MODEL
    shutil.copytree(card.folder, folder)
    for entry in card.files.values():
        file = folder / entry.file
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.chmod(0o644)
        file.write_bytes(data)
    return folder


def test_a_package_that_does_not_answer_is_a_fault(monkeypatch):
    monkeypatch.setattr(machine, 'TRIAL_TIMEOUT', 0.1)
    assert machine._fault_of('import time; time.sleep(60)') == 'it did not end within 0.1 s'


class TestCamera:
    @pytest.mark.parametrize('name', ['77', '/dev/video77'])
    def test_a_missing_camera_is_named(self, name):
        finding = the_one(machine.check_cameras(name))
        assert 'there is no /dev/video77' in finding.text

    def test_no_camera_at_all_is_a_note(self, monkeypatch):
        monkeypatch.setattr(machine, 'list_cameras', lambda: [])
        finding = the_one(machine.check_cameras(), Level.WARNING)
        assert finding.text == 'there is no camera'
        assert 'demo' in finding.meaning

    def test_a_busy_camera_is_named_with_its_user(self, tmp_path):
        device = tmp_path / 'video0'
        device.touch()
        command = 'import sys; file = open(sys.argv[1]); print("open", flush=True); input()'
        with subprocess.Popen(
            [sys.executable, '-c', command, str(device)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout.readline() == 'open\n'
            finding = the_one(machine.check_cameras(str(device)))
            process.communicate('\n')
        assert f'{device} is in use by' in finding.text
        assert f'({process.pid})' in finding.text
        assert holders(str(device)) == []

    def test_a_camera_of_a_ros_node_passes(self):
        node = Process(7, '/opt/ros/lib/usb_cam/usb_cam_node --ros-args', True, {})
        finding = machine.busy_camera('/dev/video0', [node])
        assert finding.level is Level.OK
        assert 'usb_cam_node (7)' in finding.text

    def test_a_camera_without_frames_is_a_problem(self, tmp_path):
        device = tmp_path / 'video0'
        device.touch()
        finding = the_one(machine.check_cameras(str(device)))
        assert str(device) in finding.text

    def test_one_working_camera_is_enough(self, monkeypatch):
        findings = {
            'a': Finding(Level.PROBLEM, 'a: no video', 'none'),
            'b': Finding(Level.OK, 'b'),
        }
        monkeypatch.setattr(machine, 'list_cameras', lambda: ['a', 'b'])
        monkeypatch.setattr(machine, '_check_camera', findings.__getitem__)
        assert machine.check_cameras() == [findings['b']]


class TestModels:
    def test_the_shipped_model_passes(self):
        findings = machine.check_models(DEFAULT_MODEL, ())
        assert Level.PROBLEM not in {finding.level for finding in findings}
        assert findings[0].text.startswith(f'{DEFAULT_MODEL}: ')

    def test_an_altered_model_is_a_problem(self, altered_model):
        finding = the_one(machine.check_models(DEFAULT_MODEL, (str(altered_model.parent),)))
        assert str(altered_model) in finding.text
        assert 'sha256' in finding.text

    def test_a_missing_model_is_a_problem(self):
        assert "no model 'nothing'" in the_one(machine.check_models('nothing', ())).text


class TestCvBridge:
    @pytest.mark.parametrize(
        ('module', 'text'),
        [
            (
                "raise ImportError('numpy.core.multiarray failed to import')",
                'numpy.core.multiarray',
            ),
            ('import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', 'signal 11'),
        ],
    )
    def test_a_cv_bridge_for_another_numpy_is_reported_with_what_still_works(
        self, fresh_cv_bridge, tmp_path, monkeypatch, module, text
    ):
        (tmp_path / 'cv_bridge.py').write_text(module)
        monkeypatch.setenv(
            'PYTHONPATH', f'{tmp_path}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'
        )
        finding = the_one(machine.check_cv_bridge(), Level.WARNING)
        assert text in finding.text
        assert 'Bayer and YUV images work without it' in finding.meaning

    def test_a_working_cv_bridge_passes(self, fresh_cv_bridge, tmp_path, monkeypatch):
        (tmp_path / 'cv_bridge.py').write_text(
            textwrap.dedent("""\
            class CvBridge:
                def cv2_to_imgmsg(self, image, encoding): return image
                def imgmsg_to_cv2(self, message, encoding): return message
            """)
        )
        monkeypatch.setenv(
            'PYTHONPATH', f'{tmp_path}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'
        )
        (finding,) = machine.check_cv_bridge()
        assert (finding.level, finding.text.split()[0]) == (Level.OK, 'works')


class TestSharedMemory:
    @pytest.mark.parametrize(
        ('free', 'level'), [(8, Level.PROBLEM), (40, Level.WARNING), (500, Level.OK)]
    )
    def test_too_little_space_for_images_is_a_problem(self, free, level):
        finding = machine.shared_memory_finding(Path('/dev/shm'), free * MIB, 1000 * MIB)
        assert finding.level is level

    def test_missing_shared_memory_is_reported(self, tmp_path):
        the_one(machine.check_shared_memory(tmp_path / 'shm'), Level.WARNING)


@pytest.mark.parametrize(
    ('distribution', 'told'), [('jazzy', 'ROS jazzy'), ('', '(ROS_DISTRO is not set)')]
)
def test_the_ros_distribution_is_named_or_that_it_is_unknown(monkeypatch, distribution, told):
    pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
    monkeypatch.setenv('ROS_DISTRO', distribution)
    (finding,) = machine.check_ros()
    assert finding.level is Level.OK
    assert finding.text.endswith(told)


def test_a_detector_is_built_and_searches():
    (finding,) = machine.check_detectors(())
    assert finding.level in (Level.OK, Level.WARNING)
    assert '640x480 in' in finding.text


class TestMiddleware:
    def profile(self, folder: Path, content: str) -> dict[str, str]:
        file = folder / 'dds.xml'
        file.write_text(content)
        return {PROFILE_VARIABLES[0]: str(file)}

    def test_without_a_profile_the_segment_is_small(self):
        assert middleware.segment_size({}) == 512 * 1024

    def test_the_shipped_profile_has_enough_space(self):
        environment = {PROFILE_VARIABLES[1]: str(share_folder() / 'config' / 'fastdds.xml')}
        assert middleware.segment_size(environment) == 16 * MIB
        (finding,) = middleware.check_profile(environment)
        assert '16 MiB' in finding.text

    def test_a_profile_without_shared_memory_counts_as_no_profile(self, tmp_path):
        environment = self.profile(
            tmp_path,
            (
                '<dds><profiles><participant><rtps><useBuiltinTransports>false'
                '</useBuiltinTransports></rtps></participant></profiles></dds>'
            ),
        )
        assert middleware.segment_size(environment) == 0

    def test_a_small_segment_is_a_warning(self, tmp_path):
        environment = self.profile(
            tmp_path,
            (
                '<dds><transport_descriptor><type>SHM</type><segment_size>100000</segment_size>'
                '</transport_descriptor></dds>'
            ),
        )
        the_one(middleware.check_profile(environment), Level.WARNING)

    @pytest.mark.parametrize(
        'content',
        [
            None,
            '<dds>',
            (
                '<dds><transport_descriptor><type>SHM</type><segment_size>much</segment_size>'
                '</transport_descriptor></dds>'
            ),
        ],
    )
    def test_an_unusable_profile_is_a_problem(self, tmp_path, content):
        environment = {PROFILE_VARIABLES[0]: str(tmp_path / 'none.xml')}
        if content is not None:
            environment = self.profile(tmp_path, content)
        the_one(middleware.check_profile(environment))

    def test_other_middleware_needs_no_profile(self):
        (finding,) = middleware.check_profile({'RMW_IMPLEMENTATION': 'rmw_zenoh_cpp'})
        assert finding.level is Level.OK

    @pytest.mark.parametrize(
        ('environment', 'level', 'text'),
        [
            ({}, Level.OK, 'domain 0, nodes of this machine and the network'),
            (
                {'ROS_DOMAIN_ID': '7', 'ROS_LOCALHOST_ONLY': '1'},
                Level.OK,
                'only nodes of this machine',
            ),
            ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'OFF'}, Level.PROBLEM, 'OFF'),
            ({'ROS_DOMAIN_ID': 'x'}, Level.PROBLEM, "'x'"),
            ({'ROS_DOMAIN_ID': '233'}, Level.PROBLEM, "'233'"),
        ],
    )
    def test_discovery_settings_are_described(self, environment, level, text):
        (finding,) = middleware.check_discovery(environment)
        assert finding.level is level
        assert text in finding.text

    @pytest.mark.parametrize(('super_client', 'count'), [('', 2), ('TRUE', 1)])
    def test_a_plain_client_does_not_see_nodes_of_a_discovery_server(self, super_client, count):
        findings = middleware.check_discovery(
            {'ROS_DISCOVERY_SERVER': '10.0.0.1:11811', 'ROS_SUPER_CLIENT': super_client}
        )
        assert len(findings) == count


def test_an_endpoint_of_another_vendor_has_no_known_process():
    assert owner(bytes(16)) is None


class TestWithoutRos:
    def run(
        self, tmp_path: Path, *arguments: str, meant: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run the command without rclpy. With `meant`, the installation omits ROS on purpose."""
        (tmp_path / 'rclpy.py').write_text("raise ModuleNotFoundError('No rclpy here')")
        path = f'{tmp_path}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'
        return subprocess.run(
            [sys.executable, '-m', 'fer_ros', 'doctor', *arguments],
            env={**os.environ, 'PYTHONPATH': path, 'FER_ROS_WITHOUT_ROS': str(int(meant))},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def test_an_intended_installation_without_ros_is_not_a_problem(self, tmp_path):
        result = self.run(tmp_path, meant=True)
        assert 'without ROS 2: everything except the nodes works' in ' '.join(
            result.stdout.split()
        )
        assert not re.search(r'^(problem|skipped)\s+(ROS|nodes|topics)', result.stdout, re.M)
        assert 'DDS' not in result.stdout

    def test_checks_that_need_ros_are_named_and_the_other_checks_run(
        self, tmp_path, altered_model
    ):
        result = self.run(
            tmp_path, '--camera', '/dev/video77', '--model-folder', str(altered_model.parent)
        )
        assert 'Traceback' not in result.stderr
        assert result.returncode == 1
        lines = result.stdout.splitlines()
        skipped = [line.split(maxsplit=2)[1] for line in lines if line.startswith('skipped')]
        assert skipped == ['nodes', 'topics', 'QoS', 'images', 'clocks', 'diagnostics']
        problems = [line.split()[1] for line in lines if line.startswith('problem ')]
        assert problems == ['ROS', 'camera', 'models']
        assert lines[-1].startswith('problems: 3')


def test_in_a_wrong_domain_no_node_is_started(monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', '233')
    monkeypatch.delenv('FER_ROS_WITHOUT_ROS', raising=False)
    monkeypatch.setattr(machine, 'ros_fault', lambda: '')
    monkeypatch.setattr(checks, 'MACHINE', {})
    monkeypatch.setitem(sys.modules, 'fer_ros.cli.doctor.observe', None)
    found = {}
    checks.examine(checks.Options('', DEFAULT_MODEL, (), 0.0), found.__setitem__)
    assert list(found) == list(checks.SYSTEM)
    assert {finding.level for finding in found.values()} == {Level.SKIPPED}


def test_a_second_opencv_is_reported(monkeypatch):
    from fer_ros.cli.doctor import packages

    there = {'opencv-python', 'opencv-python-headless'}
    monkeypatch.setattr(packages, '_is_installed', there.__contains__)
    (finding,) = packages._check_opencv()
    assert finding.level is Level.WARNING
    assert 'opencv-python, opencv-python-headless' in finding.text
    assert finding.remedy.startswith('pip uninstall opencv-python opencv-python-headless')
    there.pop()
    assert packages._check_opencv() == []
