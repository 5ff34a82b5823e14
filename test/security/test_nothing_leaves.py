"""System calls of the programs: no name look-up, no connection, no file except the listed ones.

docs/limits.md lists the files; this test has the same list.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.clips import nobody, write_clip
from support.family import Family
from support.waiting import PATIENCE

PYTHON = sys.executable

TRACE = (
    'strace',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-s',
    '200',
    '-e',
    'signal=none',
    '-e',
    'trace=connect,sendto,sendmsg,sendmmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,'
    'renameat2',
)

#: It would write next to the checkout.
WITHOUT_COVERAGE = ('env', '-u', 'COVERAGE_PROCESS_CONFIG', '-u', 'COVERAGE_PROCESS_START')

#: What programs write without being asked, below the home directory.
HOME_FILES = {
    'ros': r'\.ros(/log(/.*)?)?',
    'matplotlib': r'(\.cache|\.config)(/matplotlib(/.*)?)?',
    'keras': r'\.keras(/keras\.json)?',
}

# Traces of a name look-up: the files and the service of the C library.
_LOOK_UP = re.compile(r'"/etc/(resolv\.conf|hosts)"|htons\(53\)|systemd/resolve')
_ADDRESS = re.compile(r'sin_addr=inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_WRITTEN = re.compile(
    r'(?:O_WRONLY|O_RDWR|O_CREAT)|^\d+ +(?:creat|mkdir|mkdirat|rename|renameat|renameat2)\('
)
_PATH = re.compile(r'"([^"]*)"')
#: The kernel's, and shared memory of the middleware.
_NO_FILES = ('/dev/', '/proc/', '/sys/')


def traceable() -> bool:
    command = [*TRACE, '-o', os.devnull, 'true']
    return (
        bool(shutil.which('strace'))
        and not subprocess.run(command, capture_output=True).returncode
    )


pytestmark = pytest.mark.skipif(
    not traceable(), reason='no strace, or it may not look at processes here'
)


class Place:
    """A home, a folder to work in and one for temporary files, and the trace of a program."""

    def __init__(self, folder: Path) -> None:
        self.trace = folder / 'trace.txt'
        self.output = folder / 'output.txt'
        self.home, self.work, self.temporary = (
            folder / name for name in ('home', 'work', 'temporary')
        )
        for made in (self.home, self.work, self.temporary):
            made.mkdir()

    def traced(self, command: Sequence[str]) -> Family:
        """Return the program, to be run."""
        environment = {
            'HOME': str(self.home),
            'TMPDIR': str(self.temporary),
            'ROS_DOMAIN_ID': '',
            'ROS_LOG_DIR': '',
            'XDG_CACHE_HOME': '',
            'XDG_CONFIG_HOME': '',
            'MPLCONFIGDIR': '',
            'PYTHONPATH': os.pathsep.join(
                [str(Path(__file__).resolve().parents[2]), os.environ.get('PYTHONPATH', '')]
            ),
            'PYTHONDONTWRITEBYTECODE': '1',
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        }
        watched = [*TRACE, '-o', str(self.trace), *WITHOUT_COVERAGE, *command]
        return Family(watched, self.output, env=environment, cwd=self.work)

    def lines(self) -> list[str]:
        return self.trace.read_text(errors='replace').splitlines()

    def asked(self) -> list[str]:
        """Return the calls that look up a name or connect to another machine."""
        return [
            line
            for line in self.lines()
            if _LOOK_UP.search(line)
            or any(not is_here(one or other) for one, other in _ADDRESS.findall(line))
        ]

    def written(self, known: Sequence[str]) -> list[str]:
        """Return the calls that write outside the allowed places."""
        found = []
        for line in self.lines():
            if ' = -1 ' in line or not _WRITTEN.search(line):
                continue
            for path in _PATH.findall(line):
                # A name without a slash is one in a folder that was opened, such as a rename.
                absolute = Path(os.path.normpath(self.work / path))
                if not path.startswith(_NO_FILES) and not self._is_known(absolute, known):
                    found.append(line)
        return found

    def _is_known(self, path: Path, known: Sequence[str]) -> bool:
        if any(folder in (path, *path.parents) for folder in (self.work, self.temporary)):
            return True
        if not path.is_relative_to(self.home):
            return False
        name = path.relative_to(self.home).as_posix()
        return any(re.fullmatch(HOME_FILES[one], name) for one in known)

    def judge(self, *known: str) -> None:
        """Assert that the program sent nothing and wrote the listed files only."""
        assert self.lines(), 'nothing was traced'
        assert self.asked() == []
        assert self.written(known) == []
        names = {path.relative_to(self.home).as_posix() for path in self.home.rglob('*')}
        assert all(any(re.fullmatch(HOME_FILES[one], name) for one in known) for name in names)


def is_here(address: str) -> bool:
    return address.startswith(('127.', '::1', '::ffff:127.', '0.0.0.0')) or address == '::'


@pytest.fixture
def place(tmp_path) -> Place:
    place = Place(tmp_path)
    cv2.imwrite(str(place.work / 'wall.png'), np.full((120, 160, 3), 90, np.uint8))
    return place


def finish(place: Place, *command: str) -> None:
    """Run a program to its end."""
    with place.traced([PYTHON, '-m', *command]) as family:
        assert family.process.wait(PATIENCE) == 0, family.text()


def until(place: Place, text: str, command: Sequence[str]) -> None:
    """Run a program until it has printed a text, a little longer, and end it."""
    with place.traced([PYTHON, '-m', *command]) as family:
        family.wait_for(lambda: text in family.text(), repr(text))
        time.sleep(2.0)
        for pid in family.descendants(command[1]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        family.wait_until_all_are_gone()


def test_the_test_detects_an_outgoing_connection(place):
    """A program that does everything that is forbidden."""
    program = (
        'import pathlib, socket\n'
        'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))\n'
        '(pathlib.Path.home() / ".deviceid").write_text("7")\n'
    )
    with place.traced([PYTHON, '-c', program]) as family:
        family.process.wait(PATIENCE)
    assert any('192.0.2.1' in line for line in place.asked())
    assert any('.deviceid' in line for line in place.written(()))


@pytest.mark.parametrize('runtime', ['litert', 'onnxruntime', 'opencv'])
def test_classify_sends_nothing(place, runtime):
    if runtime != 'opencv':
        pytest.importorskip({'litert': 'ai_edge_litert'}.get(runtime, runtime))
    finish(
        place, 'fer_ros', 'classify', 'wall.png', '--output', 'annotated.png', '--runtime', runtime
    )
    place.judge()


def test_annotate_sends_nothing(place):
    pytest.importorskip('tqdm', reason='no tqdm; see requirements/runtime.txt')
    write_clip(place.work / 'clip.avi', nobody(8))
    finish(place, 'fer_ros', 'annotate', 'clip.avi', '--out', 'out', '--jobs', '2')
    place.judge()


def test_web_with_a_viewer_sends_nothing(place):
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    command = [PYTHON, '-m', 'fer_ros', 'web', '--source', 'synthetic', '--port', '0']
    with place.traced(command) as family:
        family.wait_for(lambda: 'dashboard: ' in family.text(), 'address')
        address = re.search(r'dashboard: (\S+)', family.text())[1]
        for page in ('/', '/headset', '/docs', '/healthz', '/metrics'):
            urllib.request.urlopen(address + page, timeout=PATIENCE).read()
        for pid in family.descendants('fer_ros'):
            os.kill(pid, signal.SIGTERM)
        family.wait_until_all_are_gone()
    place.judge()


@pytest.mark.usefixtures('ros')
class TestNodes:
    def test_demo_with_all_nodes_sends_nothing(self, place):
        command = [
            'demo',
            '--duration',
            '2',
            'source:=synthetic',
            'single_process:=true',
            'overlay:=true',
            'markers:=true',
            'record:=bag',
        ]
        with place.traced([PYTHON, '-m', 'fer_ros', *command]) as family:
            # Whether all is as fast as usual while it is watched plays no part.
            family.process.wait(PATIENCE)
            assert 'source: synthetic' in family.text()
        place.judge('ros')

    @pytest.mark.parametrize(
        ('node', 'said'),
        [('emotion_classifier_node', 'model default'), ('classify_image_node', 'model')],
    )
    def test_a_node_sends_nothing(self, place, node, said):
        until(place, said, ['fer_ros', node])
        place.judge('ros')

    def test_doctor_sends_nothing(self, place):
        with place.traced([PYTHON, '-m', 'fer_ros', 'doctor', '--seconds', '1']) as family:
            family.process.wait(PATIENCE)
            assert 'problems:' in family.text()
        place.judge('ros')


@pytest.fixture
def ros():
    pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
    pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')


@pytest.fixture
def faces(place) -> Path:
    """A small data set."""
    random = np.random.default_rng(0)
    for label in ('happy', 'neutral'):
        (place.work / 'faces' / label).mkdir(parents=True)
        for number in range(4):
            cv2.imwrite(
                str(place.work / 'faces' / label / f'{number}.png'),
                random.integers(0, 255, (48, 48), dtype=np.uint8),
            )
    return place.work / 'faces'


def test_training_evaluate_sends_nothing(place, faces):
    pytest.importorskip('matplotlib', reason='no matplotlib; see training/requirements.txt')
    model = Path(__file__).resolve().parents[2] / 'models/default'
    finish(
        place,
        'training',
        'evaluate',
        '--model',
        str(model),
        '--data',
        str(faces),
        '--json',
        'result.json',
        '--report',
        'report.html',
    )
    place.judge('matplotlib')


@pytest.mark.long
def test_training_with_tensorflow_sends_nothing(place, faces):
    pytest.importorskip('tensorflow', reason='no TensorFlow; see training/requirements.txt')
    finish(place, 'training', 'summary', 'mini_xception')
    place.judge('matplotlib', 'keras')
