"""Loading of models from Keras 1 and 2, and removal of the final softmax."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import keras
from keras.src.legacy.saving import legacy_h5_format, saving_options, saving_utils

from fer_ros.core.crop import CropGeometry, CropSpec
from training.errors import TrainingError

#: Entries of older versions for these layers that Keras 3 does not accept.
DROPPED = ('groups', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint')
#: Entries of the last versions of Keras 2, which only the older loader supports.
NEWER = ('module', 'registered_name', 'build_config')
SEPARABLE = ('SeparableConv2D', 'DepthwiseConv2D')


def load_old_model(path: Path, weights: Path | None = None) -> keras.Model:
    """Load a complete model, or an architecture in JSON with its weights. Raises TrainingError.

    No code in the file is run. Layers with Python code (Lambda) are refused.
    """
    try:
        if path.suffix == '.keras':
            model: keras.Model = keras.saving.load_model(path, compile=False, safe_mode=True)
            return model
        if path.suffix == '.json':
            config = json.loads(path.read_text(encoding='utf-8'))
            return _build(config, _weights_beside(path, weights))
        return _build(_config_inside(path), path)
    except TrainingError:
        raise
    except Exception as error:
        raise TrainingError(f'{path} cannot be loaded: {type(error).__name__}: {error}') from error


def ending_in_logits(model: keras.Model) -> keras.Model:
    """Return a functional model without the final softmax.

    Raises TrainingError if there is none, or if the model has several inputs or outputs.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise TrainingError(
            f'{model.name} has {len(model.inputs)} inputs and {len(model.outputs)} outputs: only '
            'models with one of each can be imported'
        )
    last = model.layers[-1]
    if isinstance(last, keras.layers.Softmax) or (
        isinstance(last, keras.layers.Activation) and _is_softmax(last.activation)
    ):
        return keras.Model(model.inputs[0], last.input, name=model.name)
    if not _is_softmax(getattr(last, 'activation', None)):
        raise TrainingError(
            f'{model.name} ends in {type(last).__name__} and not in a softmax over classes: only '
            'classifiers can be imported. If it ends in logits, add a layer Softmax in Keras first'
        )
    last.activation = keras.activations.linear
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)


def crop_spec_of(
    path: Path, network: keras.Model, geometry: CropGeometry, channel_order: str
) -> CropSpec:
    """Return the specification of the crops that a network takes.

    Args:
        path: of the file that it was loaded from, for errors.
        network: to be imported.
        geometry: framing of its training pictures.
        channel_order: 'rgb' or 'bgr', of a network for colour.

    Raises:
        TrainingError: it does not take square pictures with 1 or 3 channels, channels last.
    """
    shape = network.input_shape
    if len(shape) != 4 or shape[1] is None or shape[1] != shape[2] or shape[3] not in (1, 3):
        raise TrainingError(
            f'{path} takes {shape}; only square pictures with 1 or 3 channels, channels '
            'last, can be imported'
        )
    return CropSpec(geometry, shape[1], 'gray' if shape[3] == 1 else channel_order)


def _build(config: dict[str, Any], weights: Path) -> keras.Model:
    with saving_options.keras_option_scope(use_legacy_config=True):
        model: keras.Model = saving_utils.model_from_config(_cleaned(config))
    with h5py.File(weights, 'r') as file:
        group = file.get('model_weights', file)
        legacy_h5_format.load_weights_from_hdf5_group(group, model)
    return model


def _config_inside(path: Path) -> dict[str, Any]:
    with h5py.File(path, 'r') as file:
        text = file.attrs.get('model_config')
    if text is None:
        raise TrainingError(
            f'{path} contains only weights: name its model.json, and pass the weights with '
            '--weights'
        )
    config: dict[str, Any] = json.loads(text)
    return config


def _cleaned(config: Any) -> Any:
    """Return a configuration that Keras 3 accepts. Raises TrainingError if it contains code."""
    if isinstance(config, list):
        return [_cleaned(part) for part in config]
    if not isinstance(config, dict):
        return config
    if config.get('class_name') == 'Lambda':
        raise TrainingError(
            f'the layer {config.get("config", {}).get("name")!r} is a Lambda layer with Python '
            'code, which is not run for safety: replace the layer'
        )
    cleaned = {key: _cleaned(value) for key, value in config.items()}
    if 'class_name' in cleaned:
        cleaned = {key: value for key, value in cleaned.items() if key not in NEWER}
    if cleaned.get('class_name') == 'Sequential':
        cleaned['config'] = _with_input_layer(cleaned['config'])
    if cleaned.get('class_name') in SEPARABLE:
        inner = cleaned['config']
        cleaned['config'] = {key: value for key, value in inner.items() if key not in DROPPED}
    return cleaned


def _with_input_layer(config: Any) -> dict[str, Any]:
    """Add the input layer to a sequential model. Old versions stored it in the first layer."""
    if isinstance(config, list):
        config = {'name': 'sequential', 'layers': config}
    first = config['layers'][0]
    shape = first['config'].pop('batch_input_shape', None)
    if shape is not None and first['class_name'] != 'InputLayer':
        entry = {'class_name': 'InputLayer', 'config': {'name': 'picture', 'batch_shape': shape}}
        config['layers'] = [entry, *config['layers']]
    elif shape is not None:
        first['config']['batch_shape'] = shape
    return dict(config)


def _weights_beside(path: Path, weights: Path | None) -> Path:
    if weights is not None:
        return weights
    found = sorted([*path.parent.glob('*.h5'), *path.parent.glob('*.hdf5')])
    if len(found) != 1:
        raise TrainingError(
            f'{len(found)} weight files are next to {path}: select one with --weights'
        )
    return found[0]


def _is_softmax(activation: object) -> bool:
    return getattr(activation, '__name__', '') == 'softmax'
