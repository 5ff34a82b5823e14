"""The demo from the command line: its output and its end."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clips import face_at, nobody, write_clip
from support.output import output_after, output_until, printing
from support.robot import free_domain
from support.waiting import PATIENCE

from fer_ros.cli.demo import main
from fer_ros.ros.bringup.domains import take_domain
from fer_ros.web.libraries import missing_libraries


@pytest.fixture
def environment(tmp_path):
    with free_domain() as domain:
        yield {
            **os.environ,
            'ROS_DOMAIN_ID': str(domain),
            'ROS_LOG_DIR': str(tmp_path / 'ros'),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        }


@pytest.fixture
def face_clip(photographs, tmp_path):
    face = [still.image for still in face_at(photographs, [(320, 240)] * 20)]
    return write_clip(tmp_path / 'face.avi', [*face, *nobody(30)], 10.0)


def command(tmp_path, *arguments: str, web: str = 'false') -> list[str]:
    return [
        sys.executable,
        '-m',
        'fer_ros',
        'demo',
        '--log-folder',
        str(tmp_path / 'log'),
        f'web:={web}',
        *arguments,
    ]


def run(tmp_path, environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tmp_path, *arguments),
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    'arguments',
    [[], ['single_process:=true', 'namespace:=robot1']],
    ids=['three processes', 'single process in a namespace'],
)
def test_demo_prints_source_and_events(tmp_path, environment, face_clip, arguments):
    demo = command(tmp_path, f'source:={face_clip}', *arguments)
    with printing(demo, env=environment) as process:
        output = output_until(process, '  appeared: ', '  left: ')
        output += output_after(process)
    assert process.returncode == 0, output
    assert 'Traceback' not in output
    told = [
        line
        for line in output.splitlines()
        if line.startswith('source: ') or '  appeared: ' in line or '  left: ' in line
    ]
    assert told[0].startswith('source: video face.avi'), 'before the first event'
    # The clip is repeated: an event of its first pass may come before the demo is connected.
    assert re.search(r's  f\w+  appeared: \w+ \(\d\.\d\d\)', output)
    assert re.search(r's  f\w+  left:     last \w+, seen for \d\.\d s', output)
    events, faces, frames = re.search(
        r'(\d+) events? of (\d+) faces? in (\d+) frames?', output
    ).groups()
    assert int(events) >= 2
    assert int(faces) >= 1
    assert int(frames) > 10


def test_a_source_without_faces_gives_no_events(tmp_path, environment):
    result = run(tmp_path, environment, '--duration', '1', 'source:=synthetic')
    assert result.returncode == 0, result.stdout + result.stderr
    assert '0 events of 0 faces' in result.stdout


def test_the_dashboard_starts_and_its_address_is_printed(tmp_path, environment):
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    demo = command(tmp_path, 'source:=synthetic', 'single_process:=true', web='')
    with printing(demo, env=environment) as process:
        address = output_until(process, 'dashboard: ').split()[-1]
        with urllib.request.urlopen(f'{address}/healthz', timeout=PATIENCE) as answer:
            assert json.load(answer)['state']
        output_after(process)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demo_and_its_nodes_cleanly(tmp_path, environment, number):
    demo = command(tmp_path, 'source:=synthetic', 'single_process:=true')
    with printing(demo, env=environment) as process:
        output = output_until(process, 'source: synthetic')
        output += output_after(process, number)
    assert process.returncode == 0, output
    assert 'Traceback' not in output
    assert 'ended with exit code' not in output


def test_a_terminal_status_line_says_that_the_demo_searches(tmp_path, environment):
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        command(tmp_path, '--duration', '1', 'source:=synthetic', 'single_process:=true'),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=end,
        stderr=end,
    )
    os.close(end)
    output = b''
    try:
        while chunk := os.read(terminal, 4096):
            output += chunk
    except OSError:
        pass  # The terminal's other end was closed: the demo has ended.
    assert process.wait(PATIENCE) == 0, output
    assert b'\r\x1b[Ksearching for a face' in output
    os.close(terminal)


@pytest.mark.parametrize(
    ('argument', 'words'),
    [
        ('clip.mp4', "'clip.mp4' is not of the form name:=value"),
        ('sauce:=clip.mp4', "no argument 'sauce'"),
        (
            'source:=caf\udce9.png',
            r'source:=caf\udce9.png: ROS accepts only UTF-8: rename the file',
        ),
        ('detector:=dlib', 'one of auto, retinaface, yunet, haar'),
        ('params_file:=/nowhere/mine.yaml', '/nowhere/mine.yaml'),
        ('source:=/nowhere/clip.mp4', 'source /nowhere/clip.mp4 does not exist: check the path'),
    ],
)
def test_a_wrong_argument_is_explained_and_nothing_starts(capsys, argument, words):
    with pytest.raises(SystemExit) as ended:
        main([argument])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_help_lists_the_arguments(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--help'])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert '--duration' in text
    assert 'single_process:=' in text


def test_two_demos_have_separate_domains_logs_and_dashboards(tmp_path):
    """Both start from one folder and without environment variables, as two users would do."""
    without_web = missing_libraries()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ('ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE')
    }
    command = [
        sys.executable,
        '-m',
        'fer_ros',
        'demo',
        'source:=synthetic',
        'single_process:=true',
        'namespace:=robot',
        f'web:={"false" if without_web else "true"}',
    ]
    started = ['source: synthetic'] if without_web else ['source: synthetic', 'dashboard: ']
    options = {'env': {**environment, 'ROS_LOG_DIR': str(tmp_path / 'ros')}, 'cwd': tmp_path}
    with printing(command, **options) as one, printing(command, **options) as other:
        outputs = [output_until(process, *started) for process in (one, other)]
        ends = [output_after(process) for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), ends
    domains = [
        re.search(
            r'^topics: .*export ROS_DOMAIN_ID=(\d+) '
            r'ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST$',
            output,
            re.M,
        )[1]
        for output in outputs
    ]
    assert domains[0] != domains[1]
    assert {folder.name for folder in (tmp_path / 'log/demo').iterdir()} == set(domains)
    dashboards = [re.findall(r'^dashboard: (\S+)$', output, re.M) for output in outputs]
    assert without_web or dashboards[0] != dashboards[1]


def test_a_chosen_domain_is_used_unless_another_demo_uses_it():
    with free_domain() as chosen:
        first, holder = take_domain({'ROS_DOMAIN_ID': str(chosen)})
        with holder:
            second, other = take_domain({'ROS_DOMAIN_ID': str(chosen)})
            other.close()
        third, holder = take_domain({'ROS_DOMAIN_ID': str(chosen)})
        holder.close()
    assert first == third == chosen
    assert second != chosen


def test_a_domain_in_use_is_not_chosen_automatically():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as participant:
        domain, holder = take_domain({})
        holder.close()
        participant.bind(('', 7410 + 250 * domain))
        other, holder = take_domain({})
        holder.close()
    assert other != domain


def test_events_without_a_known_source_are_printed(middleware):
    rclpy = pytest.importorskip('rclpy')
    from fer_msgs.msg import AttentionEvent, ExpressionEvent
    from fer_ros.cli.monitor import Monitor

    context = rclpy.Context()
    with free_domain() as domain:
        rclpy.init(context=context, domain_id=domain)
        try:
            monitor = Monitor('', context=context)
            monitor._on_event(ExpressionEvent(type=ExpressionEvent.APPEARED, label='happy'))
            assert not monitor.lines
            assert 'appeared: happy' in monitor.last_lines()[0]
            assert not monitor.last_lines()
            monitor._on_attention(AttentionEvent(type=AttentionEvent.LOOKS, probability=0.75))
            assert 'looks:    to the camera (0.75)' in monitor.last_lines()[0]
            monitor.destroy_node()
        finally:
            rclpy.shutdown(context=context)


def test_events_are_printed_after_a_source_with_a_warning(middleware):
    """Without a camera, the demo plays photographs, and camera_node warns about that."""
    rclpy = pytest.importorskip('rclpy')
    from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

    from fer_msgs.msg import ExpressionEvent
    from fer_ros.cli.monitor import Monitor

    warning = DiagnosticStatus(
        level=DiagnosticStatus.WARN,
        name='camera_node: fer_ros',
        message='demo: there is no camera',
        values=[KeyValue(key='state', value='active')],
    )
    context = rclpy.Context()
    with free_domain() as domain:
        rclpy.init(context=context, domain_id=domain)
        try:
            monitor = Monitor('', context=context)
            unselected = DiagnosticStatus(
                name='camera_node: fer_ros', message='auto', values=warning.values
            )
            monitor._on_diagnostics(DiagnosticArray(status=[unselected]))
            monitor.messages = 1
            monitor._on_event(ExpressionEvent(type=ExpressionEvent.APPEARED, label='happy'))
            for _ in range(5):
                monitor._on_diagnostics(DiagnosticArray(status=[warning]))
            first, second = monitor.lines
            assert first == 'source: demo: there is no camera'
            assert 'appeared: happy' in second
            monitor.destroy_node()
        finally:
            rclpy.shutdown(context=context)


def test_notes_of_litert_are_not_in_the_logs(tmp_path, environment):
    pytest.importorskip('ai_edge_litert', reason='no LiteRT')
    parameters = tmp_path / 'litert.yaml'
    parameters.write_text(
        '/**/emotion_classifier_node:\n  ros__parameters:\n    runtime: litert\n'
    )
    run(
        tmp_path,
        environment,
        '--duration',
        '1',
        'source:=synthetic',
        f'params_file:={parameters}',
    )
    log = (tmp_path / 'log/emotion_classifier_node.log').read_text()
    assert 'litert' in log
    assert 'XNNPACK' not in log
