"""A narrower network starts with the important channels of a wider one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.errors import TrainingError

pytestmark = pytest.mark.usefixtures('keras_backend')

PICTURES = np.random.default_rng(0).uniform(-1, 1, (16, 24, 24, 1)).astype(np.float32)


def _build(stem: int, stages: tuple[int, ...], name: str = 'net'):
    from training.zoo.face_resnet import build_face_resnet

    return build_face_resnet(name, (24, 24, 1), 5, stem, stages, 0.1)


def test_removing_channels_without_influence_changes_nothing() -> None:
    from keras import layers

    from training.initialisation.narrow import narrow

    wide = _build(8, (12, 16))
    # Every second channel ends in nothing: its normalisation gives zero.
    for layer in wide.layers:
        if isinstance(layer, layers.BatchNormalization):
            count = layer.gamma.shape[0]
            alive = np.arange(count) % 2
            layer.gamma.assign(np.random.default_rng(count).uniform(0.5, 1.5, count) * alive)
            layer.beta.assign(np.random.default_rng(count + 1).uniform(-0.5, 0.5, count) * alive)
    network = _build(4, (6, 8))
    narrow(wide, network, PICTURES)
    expected = np.asarray(wide(PICTURES, training=False))
    assert np.allclose(np.asarray(network(PICTURES, training=False)), expected, atol=1e-4)


def test_the_same_width_keeps_everything() -> None:
    from training.initialisation.narrow import narrow

    wide, network = _build(4, (6, 8)), _build(4, (6, 8))
    narrow(wide, network, PICTURES)
    assert np.allclose(np.asarray(network(PICTURES)), np.asarray(wide(PICTURES)), atol=1e-5)


@pytest.mark.parametrize('stages', [(6, 9), (6, 8, 8), (6,)])
def test_different_networks_are_refused(stages: tuple[int, ...]) -> None:
    from training.initialisation.narrow import narrow

    with pytest.raises(TrainingError, match='same plain layers, and none of them can be wider'):
        narrow(_build(4, (6, 8)), _build(4, stages), PICTURES)


def test_training_starts_from_a_wider_network(
    faces_npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from support.training_runs import train

    from training.zoo import build, face_resnet_small, face_resnet_tiny
    from training.zoo.face_resnet import Stage

    # TensorFlow traces each block in each run, which takes longer than training.
    monkeypatch.setattr(face_resnet_small, 'STAGES', (Stage(6, 1), Stage(8, 1)))
    monkeypatch.setattr(face_resnet_tiny, 'STAGES', (Stage(4, 1), Stage(6, 1)))
    build('face_resnet_small', 48, 'gray', 7).save(tmp_path / 'wide.keras')
    begun = ('--model', 'face_resnet_tiny', '--init', str(tmp_path / 'wide.keras'))
    train(faces_npz, tmp_path / 'run', *begun, '--epochs', '1')
    train(faces_npz, tmp_path / 'run', *begun, '--epochs', '2', '--resume')
    record = json.loads((tmp_path / 'run' / 'record.json').read_text())
    assert record['architecture'] == 'face_resnet_tiny'
    assert len(record['history']) == 2
