"""The executables of the package: `ros2 run fer_ros NAME`, or `python -m fer_ros NAME`.

Each imports its module only when it runs. A signal ends it without a traceback from the start of
run(), also during that import and the shutdown of Python. If a Python package is missing, one line
names it and the command that installs it.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from importlib import import_module
from inspect import cleandoc
from io import TextIOWrapper
from pathlib import Path
from textwrap import wrap
from types import FrameType

from fer_ros import __version__
from fer_ros.core.ending import end_signals, end_with_parent, until_output_closes
from fer_ros.core.missing import how_to_install
from fer_ros.core.redaction import redact

#: Name to the module with its main().
EXECUTABLES = {
    'camera_node': 'fer_ros.ros.nodes.camera_node',
    'face_detector_node': 'fer_ros.ros.nodes.face_detector_node',
    'emotion_classifier_node': 'fer_ros.ros.nodes.emotion_classifier_node',
    'single_process': 'fer_ros.ros.nodes.single_process',
    'overlay_node': 'fer_ros.ros.nodes.overlay_node',
    'marker_node': 'fer_ros.ros.nodes.marker_node',
    'classify_image_node': 'fer_ros.ros.nodes.classify_image_node',
    'tf_node': 'fer_ros.ros.adapters.tf_node',
    'rep155_node': 'fer_ros.ros.adapters.rep155_node',
    'vision_msgs_node': 'fer_ros.ros.adapters.vision_msgs_node',
    'foxglove_node': 'fer_ros.ros.adapters.foxglove_node',
    'web_node': 'fer_ros.ros.nodes.web_node',
    'demo': 'fer_ros.cli.demo',
    'launch': 'fer_ros.cli.launch',
    'annotate': 'fer_ros.cli.annotate',
    'classify': 'fer_ros.cli.classify',
    'classify_image': 'fer_ros.cli.classify_image',
    'web': 'fer_ros.cli.web',
    'fetch_models': 'fer_ros.cli.fetch_models',
    'record': 'fer_ros.cli.record',
    'doctor': 'fer_ros.cli.doctor.command',
    'greet': 'fer_ros.examples.greet',
    'look_at_who_looks': 'fer_ros.examples.look_at_who_looks',
}


#: The commands in groups, with what they do. The other executables are nodes.
COMMANDS = {
    'with or without ROS 2': {
        'web': 'serve the dashboard and the HTTP API for a camera, video or stream',
        'classify': 'label the faces of pictures on the terminal',
        'annotate': 'label the faces of pictures, videos and bags, and write tables',
        'demo': 'start everything and print events',
        'doctor': 'check the installation, the camera and the running nodes',
        'fetch_models': 'install the face detector YuNet',
    },
    'with ROS 2': {
        'launch': 'start the pipeline',
        'record': 'record results into a bag',
        'classify_image': 'label the faces of a picture with classify_image_node',
        'greet': 'example: greet people who smile',
        'look_at_who_looks': 'example: turn to a person who looks at the robot',
    },
}


#: Commands that end on their own. If a signal interrupts one, its exit code says so. The others
#: run until a signal, so it is a success.
FINITE = ('annotate', 'classify', 'classify_image', 'doctor', 'fetch_models')


_ROS_OPTIONS = """\
It has the options of every ROS program, for example:
  --ros-args -p NAME:=VALUE    set a parameter
  --ros-args -r FROM:=TO       rename a topic"""


def print_any_name() -> None:
    """Make the standard streams escape characters that they cannot encode, as in file names."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def run(name: str) -> int:
    """Run an executable with the arguments of sys.argv; return its exit code."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number if name in FINITE else 0)

    if os.name != 'posix':
        print(f'{name}: fer_ros needs Linux or macOS: on Windows, use it in WSL', file=sys.stderr)
        return 1
    for number in end_signals():
        signal.signal(number, leave)
    end_with_parent()
    print_any_name()
    if not _has_folder():
        print(f'{name}: the current folder was removed: change to another one', file=sys.stderr)
        return 1
    try:
        with until_output_closes():
            module = import_module(EXECUTABLES[name])
            if not _has_options(name) and {'-h', '--help'} & set(sys.argv[1:]):
                print(f'{cleandoc(module.__doc__ or "")}\n\n{_ROS_OPTIONS}')
                return 0
            return int(module.main() or 0)
    except ImportError as error:
        fault = how_to_install(error)
        if fault is None:
            raise
        print(f'{name} {fault}', file=sys.stderr)
        return 1
    finally:
        # Python removes handlers, but not this, before its shutdown. On a busy machine, the
        # shutdown can take longer than the 5 s after which launch sends SIGTERM. A node that ended
        # well would then count as one that died.
        for number in end_signals():
            signal.signal(number, signal.SIG_IGN)


def _has_options(name: str) -> bool:
    return not name.endswith('_node') and not EXECUTABLES[name].startswith('fer_ros.examples.')


def _has_folder() -> bool:
    """Return whether the current folder exists. Without it, no relative path has a meaning."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


camera_node = partial(run, 'camera_node')
face_detector_node = partial(run, 'face_detector_node')
emotion_classifier_node = partial(run, 'emotion_classifier_node')
single_process = partial(run, 'single_process')
overlay_node = partial(run, 'overlay_node')
marker_node = partial(run, 'marker_node')
classify_image_node = partial(run, 'classify_image_node')
tf_node = partial(run, 'tf_node')
rep155_node = partial(run, 'rep155_node')
vision_msgs_node = partial(run, 'vision_msgs_node')
foxglove_node = partial(run, 'foxglove_node')
web_node = partial(run, 'web_node')
demo = partial(run, 'demo')
launch = partial(run, 'launch')
annotate = partial(run, 'annotate')
classify = partial(run, 'classify')
classify_image = partial(run, 'classify_image')
web = partial(run, 'web')
fetch_models = partial(run, 'fetch_models')
record = partial(run, 'record')
doctor = partial(run, 'doctor')
greet = partial(run, 'greet')
look_at_who_looks = partial(run, 'look_at_who_looks')


def main() -> int:
    """Run the executable that the first argument names."""
    program = 'fer_ros' if Path(sys.argv[0]).name == 'fer_ros' else 'python -m fer_ros'
    asked = sys.argv[1] if len(sys.argv) > 1 else ''
    with until_output_closes():
        if asked in ('-h', '--help'):
            print(_help(program))
            return 0
        if asked == '--version':
            print(f'fer_ros {__version__}')
            return 0
        if asked not in EXECUTABLES:
            print(_help(program), file=sys.stderr)
            if asked:
                print(f'\n{program}: there is no command {redact(asked)!r}', file=sys.stderr)
            return 2
    sys.argv = sys.argv[1:]
    return run(sys.argv[0])


def _help(program: str) -> str:
    """Return the commands with what they do, and the names of the nodes."""
    lines = [f'usage: {program} COMMAND [arguments]']
    for heading, commands in COMMANDS.items():
        lines += ['', f'{heading}:']
        lines += [f'  {name:<18} {purpose}' for name, purpose in commands.items()]
    nodes = [name for name in EXECUTABLES if not any(name in some for some in COMMANDS.values())]
    lines += [
        '',
        'nodes:',
        *wrap(', '.join(nodes), 78, initial_indent='  ', subsequent_indent='  '),
    ]
    return '\n'.join([*lines, '', f'{program} COMMAND --help describes one of them.'])
