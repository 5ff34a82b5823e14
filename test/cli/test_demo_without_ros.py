"""The demo without ROS 2: the same events and dashboard in one process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from support.clips import face_at, nobody, write_clip
from support.output import output_after, output_until, printing
from support.waiting import PATIENCE

#: Refuses every import of ROS, as on a machine that has none.
NO_ROS = """\
import sys


class NoRos:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in ('rclpy', 'fer_msgs', 'launch', 'ament_index_python'):
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)


sys.meta_path.insert(0, NoRos())
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which no package of ROS can be imported."""
    (tmp_path / 'site').mkdir()
    (tmp_path / 'site' / 'sitecustomize.py').write_text(NO_ROS)
    path = os.pathsep.join([str(tmp_path / 'site'), os.environ.get('PYTHONPATH', '')])
    return {**os.environ, 'FER_ROS_WITHOUT_ROS': '1', 'PYTHONPATH': path}


def command(*arguments: str) -> list[str]:
    return [sys.executable, '-m', 'fer_ros', 'demo', *arguments]


def run(environment, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_events_are_printed_immediately(environment, tmp_path, photographs):
    face = [still.image for still in face_at(photographs, [(320, 240)] * 20)]
    clip = write_clip(tmp_path / 'face.avi', [*face, *nobody(30)], 10.0)
    demo = command(f'source:={clip}', 'web:=false')
    with printing(demo, env=environment, cwd=tmp_path) as process:
        output = output_until(process, '  appeared: ', '  left: ')
        output += output_after(process)
    assert process.returncode == 0, output
    lines = output.splitlines()
    assert lines[0].startswith('without ROS 2: ')
    known = re.compile(r' {10}\S|source: | *\d+\.\d s  |\d+ events? of ')
    assert [line for line in lines[1:] if not known.match(line)] == []
    told = [line for line in lines if line.startswith('source: ') or '  appeared: ' in line]
    assert told[0].startswith('source: video face.avi')
    assert re.search(r's  f\w+  appeared: \w+ \(\d\.\d\d\)', output)
    assert re.search(r's  f\w+  left:     last \w+, seen for \d\.\d s', output)
    events, faces, frames = map(
        int, re.search(r'(\d+) events? of (\d+) faces? in (\d+) frames?', lines[-1]).groups()
    )
    assert events >= 2
    assert faces >= 1
    assert frames > 10


def test_the_dashboard_starts_and_a_signal_ends_it(environment, tmp_path):
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    demo = command('source:=synthetic')
    with printing(demo, env=environment, cwd=tmp_path) as process:
        address = output_until(process, 'dashboard: ').split()[-1]
        with urllib.request.urlopen(f'{address}/healthz', timeout=PATIENCE) as answer:
            assert json.load(answer)['state']
        output_after(process)
    assert process.returncode == 0


def test_a_missing_source_is_named(environment, tmp_path):
    result = run(environment, tmp_path, 'source:=nobody.mp4', 'web:=false')
    assert result.returncode != 0
    assert 'nobody.mp4' in result.stdout + result.stderr
    assert 'Traceback' not in result.stderr


def test_options_that_need_ros_are_refused_by_name(environment, tmp_path):
    result = run(environment, tmp_path, 'namespace:=robot1')
    assert result.returncode == 2
    assert 'namespace needs ROS 2' in result.stderr


def test_help_lists_the_options_that_work_without_ros(environment, tmp_path):
    text = run(environment, tmp_path, '--help').stdout
    assert 'source:=' in text
    assert 'namespace:=' not in text
