"""Where a network comes from: the zoo, or one that was trained before."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from fer_ros.core.models import ModelCard
from fer_ros.core.models.card import CARD_FILE
from training import zoo
from training.data.dataset import Dataset
from training.data.normalisation import normalise
from training.errors import TrainingError
from training.initialisation.narrow import narrow
from training.initialisation.pretrained import MEASURED, initialise
from training.learning.config import DEFAULT_MODEL, WHOLE_BACKBONE, TrainConfig
from training.learning.run import BEST, Run
from training.zoo.blocks import HEAD

#: Files that hold the network in a run and in a model folder.
NETWORK_FILES = (BEST, 'model.keras')


def load_network(path: Path) -> keras.Model:
    """Load a network, without optimizer, from a run, a model folder or a .keras file."""
    files = [path / name for name in NETWORK_FILES] if path.is_dir() else [path]
    for file in files:
        if file.is_file():
            try:
                network: keras.Model = keras.saving.load_model(file, compile=False, safe_mode=True)
            except (OSError, ValueError, TypeError) as error:
                raise TrainingError(f'{file} cannot be loaded: {error}') from error
            return network
    raise TrainingError(f'no network at {path}: expected one of {", ".join(NETWORK_FILES)}')


def load_teacher(path: Path, data: Dataset) -> keras.Model:
    """Load a network to learn from.

    A run or a model folder names its classes; of a bare .keras file only their number is known.

    Raises:
        TrainingError: its input or its classes are not the data's.
    """
    network = load_network(path)
    _require_input(network, path, data)
    taught = classes_of(path) or data.classes
    if taught != data.classes or network.output_shape[-1] != len(data.classes):
        raise TrainingError(
            f'the teacher {path} has {network.output_shape[-1]} classes '
            f'({", ".join(taught)}), the data {", ".join(data.classes)}: a teacher needs the same '
            'in the same order; --relabel takes any order'
        )
    return network


def _require_input(network: keras.Model, path: Path, data: Dataset) -> None:
    shape = (data.size, data.size, 1 if data.channels == 'gray' else 3)
    if network.input_shape[1:] != shape:
        raise TrainingError(
            f'{path} takes pictures of {network.input_shape[1:]}, the data has {shape}: read it '
            'with --size and --channels that fit'
        )


def classes_of(path: Path) -> tuple[str, ...]:
    """Return the classes of a run or a model folder in the order of its outputs, else none."""
    if Run(path).begun:
        return Run(path).read_record().classes
    if (path / CARD_FILE).is_file():
        return ModelCard.read(path).labels
    return ()


def starting_network(config: TrainConfig, data: Dataset) -> keras.Model:
    """Return the network that training begins with, for the data's pictures and classes.

    With --init it has the given weights; where the number of classes differs, all but the head's.
    """
    classes = len(data.classes)
    network = _initial_network(config, data, classes)
    if config.freeze == WHOLE_BACKBONE:
        freeze_backbone(network)
    elif config.freeze:
        freeze_first(network, config.freeze)
    return network


def _initial_network(config: TrainConfig, data: Dataset, classes: int) -> keras.Model:
    name = config.model or DEFAULT_MODEL
    if not config.init:
        return zoo.build(name, data.size, data.channels, classes)
    if not trained_here(config.init):
        network = zoo.build(name, data.size, data.channels, classes)
        initialise(network, config.init, data)
        return network
    network = load_network(config.init)
    _require_input(network, config.init, data)
    if network.output_shape[-1] != classes:
        network = with_new_head(network, data, classes)
    if config.model in (None, network.name):
        return network
    narrower = zoo.build(config.model, data.size, data.channels, classes)
    some = np.sort(np.random.default_rng(0).permutation(len(data))[:MEASURED])
    narrow(network, narrower, normalise(data.pictures.load(some)))
    return narrower


def trained_here(path: Path) -> bool:
    """Tell a run, a model folder or a .keras file from a file of published weights."""
    return path.is_dir() or path.suffix == '.keras' or not path.exists()


def with_new_head(network: keras.Model, data: Dataset, classes: int) -> keras.Model:
    """Return the same architecture for other classes, with the backbone's weights."""
    fresh = zoo.build(network.name, data.size, data.channels, classes)
    for old, new in zip(network.layers, fresh.layers, strict=True):
        if not new.name.startswith(HEAD):
            new.set_weights(old.get_weights())
    return fresh


def freeze_backbone(network: keras.Model) -> None:
    """Let only the head learn; TrainingError where no layer is named as one."""
    if not any(layer.name.startswith(HEAD) for layer in network.layers):
        raise TrainingError(f'{network.name} has no layers named {HEAD}...; it cannot be frozen')
    for layer in network.layers:
        layer.trainable = layer.name.startswith(HEAD)


def freeze_first(network: keras.Model, count: int) -> None:
    """Keep the first `count` convolutions and the normalisations after them as they are."""
    depths = depths_of(network)
    if count >= max(depths.values()):
        raise TrainingError(
            f'--freeze {count} leaves nothing of {network.name} to learn: it has '
            f'{max(depths.values()) - 1} convolutions before the head'
        )
    for layer in network.layers:
        layer.trainable = depths[layer.name] > count


def depths_of(network: keras.Model) -> dict[str, int]:
    """Return for each layer how many layers with kernels come up to it, itself included."""
    depth, depths = 0, {}
    for layer in network.layers:
        depth += any(variable.path.endswith('kernel') for variable in layer.weights)
        depths[layer.name] = depth
    return depths


def use_mixed_precision(network: keras.Model) -> None:
    """Compute in bfloat16, the logits excepted; weights stay float32."""
    _set_policy(network, 'mixed_bfloat16')


def use_full_precision(network: keras.Model) -> None:
    """Compute in float32 everywhere."""
    _set_policy(network, 'float32')


def _set_policy(network: keras.Model, policy: str) -> None:
    for layer in network.layers:
        if not layer.name.startswith(f'{HEAD}_logits'):
            layer.dtype_policy = keras.dtype_policies.get(policy)
