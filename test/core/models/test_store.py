"""Models are found by name in an ordered list of folders, files by name and hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from support.tiny_model import write_tiny_model

from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelStore, user_model_folder

SHA256 = hashlib.sha256(b'content').hexdigest()


@pytest.fixture(autouse=True)
def _no_folders_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    monkeypatch.delenv('FER_ROS_MODEL_PATH', raising=False)
    monkeypatch.delenv('AMENT_PREFIX_PATH', raising=False)


def test_folders_are_searched_in_the_documented_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv('FER_ROS_MODEL_PATH', os.pathsep.join(['/a', '', '/b']))
    monkeypatch.setenv('AMENT_PREFIX_PATH', os.pathsep.join(['/install/x', '/opt/y']))
    folders = list(ModelStore([tmp_path / 'mine', '/a']).folders)
    assert folders[:6] == [
        tmp_path / 'mine',
        Path('/a'),
        Path('/b'),
        tmp_path / 'data/fer_ros/models',
        Path('/install/x/share/fer_ros/models'),
        Path('/opt/y/share/fer_ros/models'),
    ]
    checkout = Path(__file__).resolve().parents[3]
    rest = [checkout / 'models'] if (checkout / 'package.xml').exists() else []
    assert folders[6 : 6 + len(rest)] == rest


def test_a_file_of_the_installed_wheel_is_found_when_the_checkout_is_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only the wheel contains the network of the face detector."""
    folder = tmp_path / 'site-packages' / 'fer_ros' / 'share' / 'models'
    folder.mkdir(parents=True)
    (folder / 'network.onnx').write_bytes(b'content')
    monkeypatch.setattr('sysconfig.get_path', lambda name: str(tmp_path / 'site-packages'))
    assert ModelStore().find_file('network.onnx', SHA256) == folder / 'network.onnx'


def test_the_user_folder_follows_the_xdg_specification(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    for unusable in ('', 'relative/path'):
        monkeypatch.setenv('XDG_DATA_HOME', unusable)
        assert user_model_folder() == tmp_path / '.local/share/fer_ros/models'


def test_the_first_folder_with_the_name_wins(tmp_path: Path) -> None:
    first = write_tiny_model(tmp_path / 'one/tiny', formats=['onnx'], seed=1)
    second = write_tiny_model(tmp_path / 'two/tiny', formats=['onnx'], seed=2)
    other = write_tiny_model(tmp_path / 'two/other', formats=['onnx'])
    store = ModelStore([tmp_path / 'none', tmp_path / 'one', tmp_path / 'two'])
    assert store.load_card('tiny') == first != second
    assert store.load_card('other') == other
    assert store.names()[:2] == ['tiny', 'other']


def test_a_model_is_found_through_the_environment_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = write_tiny_model(tmp_path / 'models/tiny', formats=['onnx'])
    monkeypatch.setenv('FER_ROS_MODEL_PATH', str(tmp_path / 'models'))
    assert ModelStore().load_card('tiny') == card


def test_a_path_names_a_folder_directly(tmp_path: Path) -> None:
    card = write_tiny_model(tmp_path / 'tiny', formats=['onnx'])
    assert ModelStore().load_card(tmp_path / 'tiny') == card
    assert ModelStore().load_card(str(tmp_path / 'tiny')) == card


@pytest.mark.parametrize('name', ['tyni', '', '.', '..'])
def test_an_unknown_name_is_answered_with_folders_and_names(tmp_path: Path, name: str) -> None:
    write_tiny_model(tmp_path / 'models/tiny', formats=['onnx'])
    write_tiny_model(tmp_path, formats=['onnx'])
    with pytest.raises(ModelError) as caught:
        ModelStore([tmp_path / 'models']).load_card(name)
    assert str(tmp_path / 'models') in str(caught.value)
    assert 'tiny' in str(caught.value)


def test_an_altered_model_is_an_error_and_later_folders_are_not_searched(tmp_path: Path) -> None:
    first = write_tiny_model(tmp_path / 'one/tiny', formats=['onnx'])
    write_tiny_model(tmp_path / 'two/tiny', formats=['onnx'])
    (first.folder / 'model.onnx').write_bytes(b'altered')
    with pytest.raises(ModelError, match='altered'):
        ModelStore([tmp_path / 'one', tmp_path / 'two']).load_card('tiny')


def test_a_file_is_found_by_name_and_hash(tmp_path: Path) -> None:
    (tmp_path / 'yunet.onnx').write_bytes(b'content')
    store = ModelStore([tmp_path / 'none', tmp_path])
    assert store.find_file('yunet.onnx', SHA256) == tmp_path / 'yunet.onnx'
    assert store.find_file('other.onnx', SHA256) is None


def test_an_altered_file_is_an_error_with_both_hashes(tmp_path: Path) -> None:
    (tmp_path / 'yunet.onnx').write_bytes(b'changed')
    with pytest.raises(ModelError) as caught:
        ModelStore([tmp_path]).find_file('yunet.onnx', SHA256)
    assert SHA256 in str(caught.value)
    assert hashlib.sha256(b'changed').hexdigest() in str(caught.value)
    assert str(tmp_path / 'yunet.onnx') in str(caught.value)
