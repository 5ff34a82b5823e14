"""The packages in typical workspaces, built with plain colcon."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

DOWNSTREAM_PACKAGE_XML = """\
<?xml version="1.0"?>
<package format="3">
  <name>smile_counter</name>
  <version>0.0.1</version>
  <description>A package of somebody else that uses the messages.</description>
  <maintainer email="somebody@example.org">somebody</maintainer>
  <license>Apache-2.0</license>
  <buildtool_depend>ament_cmake</buildtool_depend>
  <depend>fer_ros</depend>
  <export><build_type>ament_cmake</build_type></export>
</package>
"""

DOWNSTREAM_CMAKE = """\
cmake_minimum_required(VERSION 3.16)
project(smile_counter)
find_package(ament_cmake REQUIRED)
find_package(fer_msgs REQUIRED)
add_executable(smile smile.cpp)
target_link_libraries(smile ${fer_msgs_TARGETS})
install(TARGETS smile DESTINATION lib/${PROJECT_NAME})
ament_package()
"""

DOWNSTREAM_SOURCE = """\
#include <iostream>
#include <fer_msgs/msg/face_emotion_array.hpp>
int main() {
  fer_msgs::msg::FaceEmotionArray emotions;
  emotions.faces.resize(1);
  emotions.faces[0].label = fer_msgs::msg::FaceEmotion::HAPPY;
  std::cout << emotions.faces[0].label << std::endl;
}
"""

pytestmark = [
    # Each builds and compiles a workspace.
    pytest.mark.long('fer_msgs', 'CMakeLists.txt', 'package.xml', 'setup.cfg', 'test/build'),
    pytest.mark.skipif(not shutil.which('colcon'), reason='colcon is not installed'),
    pytest.mark.skipif(not os.environ.get('AMENT_PREFIX_PATH'), reason='no ROS 2 is sourced'),
]


def bare_environment() -> dict[str, str]:
    """Return the environment without the workspace in which fer_ros is already built."""
    variables = dict(os.environ)
    prefixes = variables['AMENT_PREFIX_PATH'].split(os.pathsep)
    ours = [prefix for prefix in prefixes if (Path(prefix) / 'share' / 'fer_ros').is_dir()]
    for name in ('AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH', 'LD_LIBRARY_PATH', 'PYTHONPATH'):
        entries = variables.get(name, '').split(os.pathsep)
        kept = [entry for entry in entries if not entry.startswith((*ours, str(ROOT / 'install')))]
        variables[name] = os.pathsep.join(entry for entry in kept if entry != str(ROOT))
    variables.pop('COLCON_PREFIX_PATH', None)
    return variables


def colcon_build(workspace: Path, *options: str) -> None:
    result = subprocess.run(
        ['colcon', 'build', '--event-handlers', 'console_cohesion+', *options],
        cwd=workspace,
        env=bare_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:]


def in_workspace(workspace: Path, command: str) -> str:
    """Run a shell command with the workspace sourced, outside the checkout."""
    result = subprocess.run(
        ['bash', '-c', f'. install/setup.bash && {command}'],
        cwd=workspace,
        env=bare_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def console_scripts() -> set[str]:
    """Return the names of the programs that setup.cfg declares."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / 'setup.cfg')
    entries = setup['options.entry_points']['console_scripts'].split('\n')
    return {entry.split('=')[0].strip() for entry in entries if entry}


@pytest.fixture(scope='module')
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the checkout and a package that depends on it, built."""
    workspace = tmp_path_factory.mktemp('workspace')
    downstream = workspace / 'src' / 'smile_counter'
    downstream.mkdir(parents=True)
    (downstream / 'package.xml').write_text(DOWNSTREAM_PACKAGE_XML)
    (downstream / 'CMakeLists.txt').write_text(DOWNSTREAM_CMAKE)
    (downstream / 'smile.cpp').write_text(DOWNSTREAM_SOURCE)
    (workspace / 'src' / 'fer_ros').symlink_to(ROOT)
    colcon_build(workspace)
    return workspace


def test_a_dependent_package_can_use_the_messages(workspace: Path) -> None:
    assert in_workspace(workspace, 'install/smile_counter/lib/smile_counter/smile') == 'happy'


def test_one_build_installs_messages_and_nodes(workspace: Path) -> None:
    script = (
        'from fer_msgs.msg import FaceEmotion; from fer_msgs.srv import ClassifyImage; '
        'import fer_ros; print(FaceEmotion.HAPPY, fer_ros.__file__)'
    )
    label, module = in_workspace(workspace, f'python3 -c "{script}"').split()
    assert label == 'happy'
    assert Path(module).is_relative_to(workspace / 'install')


def test_every_console_script_is_installed_for_ros2_run(workspace: Path) -> None:
    programs = workspace / 'install' / 'fer_ros' / 'lib' / 'fer_ros'
    assert {path.name for path in programs.iterdir() if os.access(path, os.X_OK)} == (
        console_scripts()
    )


def test_every_console_script_names_a_module(workspace: Path) -> None:
    script = (
        'import importlib.util as u; from fer_ros.executables import EXECUTABLES; '
        'print(sorted(EXECUTABLES), [m for m in EXECUTABLES.values() if u.find_spec(m) is None])'
    )
    printed = in_workspace(workspace, f'python3 -c "{script}"')
    assert printed == f'{sorted(console_scripts())} []'


@pytest.mark.parametrize('folder', ['config', 'launch', 'models'])
def test_every_file_that_a_node_reads_is_installed(workspace: Path, folder: str) -> None:
    installed = workspace / 'install' / 'fer_ros' / 'share' / 'fer_ros' / folder
    there = {path.relative_to(installed) for path in installed.rglob('*') if path.is_file()}
    source = ROOT / folder
    wanted = {path.relative_to(source) for path in source.rglob('*') if path.is_file()}
    assert {path for path in wanted if path.suffix != '.pyc'} <= there


def test_messages_and_nodes_can_be_packaged_separately(tmp_path: Path) -> None:
    """A distribution may build fer_msgs alone, and fer_ros on top of it."""
    (tmp_path / 'src').mkdir()
    (tmp_path / 'src' / 'fer_msgs').symlink_to(ROOT / 'fer_msgs')
    installed_as = ['--symlink-install', '--merge-install']
    colcon_build(tmp_path, *installed_as)
    assert in_workspace(tmp_path, 'python3 -c "from fer_msgs.msg import FaceArray"') == ''

    (tmp_path / 'src' / 'fer_ros').symlink_to(ROOT)
    apart = ['--cmake-args', '-DFER_ROS_BUILD_MESSAGES=OFF']
    colcon_build(tmp_path, *installed_as, '--packages-select', 'fer_ros', *apart)
    assert not list((tmp_path / 'build' / 'fer_ros').glob('fer_msgs*'))
    assert in_workspace(tmp_path, 'python3 -c "import fer_ros; import fer_msgs.msg"') == ''
