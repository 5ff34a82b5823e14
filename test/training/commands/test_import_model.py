"""Models of older Keras versions become model folders with the same outputs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.__main__ import main

pytestmark = pytest.mark.usefixtures('tensorflow')

SIDE, CLASSES = 24, 7


def _old_layer(kind: str, name: str, **config: object) -> dict:
    return {'class_name': kind, 'config': {'name': name, 'trainable': True, **config}}


def _old_sequential() -> dict:
    """An architecture as Keras 2 wrote it, with a separable convolution and a softmax."""
    separable = {
        'filters': 8, 'kernel_size': [3, 3], 'strides': [1, 1], 'padding': 'same',
        'activation': 'relu', 'use_bias': False, 'groups': 1, 'depth_multiplier': 1,
        'kernel_initializer': {'class_name': 'GlorotUniform', 'config': {'seed': None}},
        'kernel_regularizer': None, 'kernel_constraint': None,
    }  # fmt: skip
    first = {
        'filters': 4, 'kernel_size': [3, 3], 'activation': 'relu', 'dtype': 'float32',
        'batch_input_shape': [None, SIDE, SIDE, 1],
    }  # fmt: skip
    layers = [
        _old_layer('Conv2D', 'first', **first),
        _old_layer('SeparableConv2D', 'second', **separable),
        _old_layer('GlobalAveragePooling2D', 'pooled'),
        _old_layer('Dense', 'last', units=CLASSES, activation='softmax'),
    ]
    return {
        'class_name': 'Sequential', 'config': {'name': 'old_net', 'layers': layers},
        'keras_version': '2.2.4', 'backend': 'tensorflow',
    }  # fmt: skip


def _same_network() -> object:
    import keras
    from keras import layers

    network = keras.Sequential([
        keras.Input((SIDE, SIDE, 1)),
        layers.Conv2D(4, 3, activation='relu', name='first'),
        layers.SeparableConv2D(
            8, 3, padding='same', activation='relu', use_bias=False, name='second'
        ),
        layers.GlobalAveragePooling2D(name='pooled'),
        layers.Dense(CLASSES, activation='softmax', name='last'),
    ])  # fmt: skip
    return network


@pytest.fixture
def old_model(tmp_path: Path) -> tuple[Path, object]:
    """model.json and weights.h5, and the network they describe."""
    from h5py import File
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    network = _same_network()
    (tmp_path / 'model.json').write_text(json.dumps(_old_sequential()))
    with File(tmp_path / 'weights.h5', 'w') as file:
        save_weights_to_hdf5_group(file, network)
    return tmp_path / 'model.json', network


def test_json_with_weights_gives_the_outputs_of_the_original(
    old_model: tuple[Path, object], tmp_path: Path
) -> None:
    path, network = old_model
    out = tmp_path / 'imported'
    arguments = ['--mean', '0', '--scale', str(1 / 255), '--data-note', 'my own pictures']
    assert main(['import', str(path), '--out', str(out), *arguments]) == 0
    card = ModelCard.read(out)
    crops = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE)).astype(np.uint8)
    before = np.asarray(network(crops[..., None] / np.float32(255)))
    assert np.allclose(load_classifier(card).classify(list(crops)), before, atol=1e-5)
    assert (card.data, card.input.size) == ('my own pictures', SIDE)


def test_a_whole_model_in_one_file_is_read(old_model: tuple[Path, object], tmp_path: Path) -> None:
    from h5py import File
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    from training.exporting.legacy import load_old_model

    with File(tmp_path / 'whole.hdf5', 'w') as file:
        file.attrs['model_config'] = json.dumps(_old_sequential())
        save_weights_to_hdf5_group(file.create_group('model_weights'), old_model[1])
    picture = np.random.default_rng(0).random((1, SIDE, SIDE, 1), dtype=np.float32)
    loaded = load_old_model(tmp_path / 'whole.hdf5')
    assert np.allclose(np.asarray(loaded(picture)), np.asarray(old_model[1](picture)), atol=1e-6)


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        (
            lambda layers: layers.insert(1, _old_layer('Lambda', 'code', function='x')),
            "'code' is a Lambda",
        ),
        (lambda layers: layers[-1]['config'].update(activation='linear'), 'add a layer Softmax'),
    ],
    ids=['code inside', 'no softmax'],
)
def test_an_unsupported_file_is_refused(
    old_model: tuple[Path, object],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: object,
    named: str,
) -> None:
    config = _old_sequential()
    change(config['config']['layers'])
    old_model[0].write_text(json.dumps(config))
    assert main(['import', str(old_model[0]), '--out', str(tmp_path / 'imported')]) == 1
    assert named in capsys.readouterr().err
    assert not (tmp_path / 'imported').exists()


def test_labels_that_do_not_fit_the_outputs_are_refused(
    old_model: tuple[Path, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['--out', str(tmp_path / 'imported'), '--labels', 'happy', 'sad']
    assert main(['import', str(old_model[0]), *arguments]) == 1
    assert '7 outputs, but 2 labels' in capsys.readouterr().err


def test_weights_without_an_architecture_are_refused(
    old_model: tuple[Path, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = old_model[0].with_name('weights.h5')
    assert main(['import', str(weights), '--out', str(tmp_path / 'imported')]) == 1
    assert 'only weights' in capsys.readouterr().err


def test_a_model_with_two_inputs_is_refused() -> None:
    import keras

    from training.errors import TrainingError
    from training.exporting.legacy import ending_in_logits

    inputs = [keras.Input((7,)), keras.Input((7,))]
    model = keras.Model(inputs, keras.layers.Softmax()(keras.layers.Add()(inputs)))
    with pytest.raises(TrainingError, match='2 inputs and 1 outputs'):
        ending_in_logits(model)


def test_a_wrong_geometry_is_refused_with_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['run', '--out', str(tmp_path / 'out'), '--geometry', 'wide,1,2']
    assert main(['export', *arguments]) == 1
    assert "'wide,1,2' is not a crop geometry: give one of" in capsys.readouterr().err
