"""Creation of networks: from the zoo, or from a trained network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from fer_ros.core.models import ModelCard
from fer_ros.core.models.card import CARD_FILE
from training import zoo
from training.data.dataset import Dataset
from training.data.labels import map_labels
from training.data.normalisation import PIXELS
from training.data.sample import representative_inputs
from training.errors import TrainingError
from training.initialisation.narrow import narrow
from training.initialisation.pretrained import initialise
from training.learning.config import DEFAULT_MODEL, WHOLE_BACKBONE, TrainConfig
from training.learning.run import BEST, Run
from training.zoo.blocks import HEAD

#: Files with the network in a run and in a model folder.
NETWORK_FILES = (BEST, 'model.keras')


def load_network(path: Path) -> keras.Model:
    """Load a network without optimizer from a run, a model folder or a .keras file.

    All of its layers can be trained.
    """
    files = [path / name for name in NETWORK_FILES] if path.is_dir() else [path]
    for file in files:
        if file.is_file():
            try:
                network: keras.Model = keras.saving.load_model(file, compile=False, safe_mode=True)
            except (OSError, ValueError, TypeError) as error:
                raise TrainingError(
                    f'{file} cannot be loaded ({error}): check that it is a Keras network'
                ) from error
            # A run with --freeze stores which of its layers were frozen.
            set_trainable(network, True)
            return network
    raise TrainingError(
        f'{path} contains no network: it must have one of {", ".join(NETWORK_FILES)}'
    )


def load_teacher(path: Path, data: Dataset) -> keras.Model:
    """Load a teacher network.

    A run or a model folder contains the names of its classes. A .keras file contains only their
    number.

    Raises:
        TrainingError: Its input or its classes differ from those of the data.
    """
    network = load_network(path)
    _require_input(network, path, data)
    taught = classes_of(path) or data.classes
    if taught != data.classes or network.output_shape[-1] != len(data.classes):
        raise TrainingError(
            f'the teacher {path} has {network.output_shape[-1]} classes '
            f'({", ".join(taught)}), the data {", ".join(data.classes)}: a teacher needs the '
            'same classes in the same order; use --relabel, which accepts any order'
        )
    return network


def _require_input(network: keras.Model, path: Path, data: Dataset) -> None:
    shape = (data.size, data.size, 1 if data.channels == 'gray' else 3)
    if network.input_shape[1:] != shape:
        _, side, _, depth = network.input_shape
        raise TrainingError(
            f'{path} takes pictures of {network.input_shape[1:]}, the data has {shape}: read the '
            f'data with --size {side} --channels {"gray" if depth == 1 else "rgb"}, or learn from '
            'its model folder with --relabel, which converts the pictures'
        )
    if not (path / CARD_FILE).is_file():
        return
    wanted = ModelCard.read(path).input
    if wanted.normalisation != PIXELS or wanted.channels != data.channels:
        raise TrainingError(
            f'{path} takes {wanted.channels} pictures as (pixel - {wanted.normalisation.mean:g}) '
            f'* {wanted.normalisation.scale:g}, but training uses {data.channels} pictures as '
            f'(pixel - {PIXELS.mean:g}) * {PIXELS.scale:g}: learn from it with --relabel, which '
            'prepares the pictures as the model needs them'
        )


def classes_of(path: Path) -> tuple[str, ...]:
    """Return the classes of a run or a model folder in the order of its outputs, or none."""
    if Run(path).begun:
        return Run(path).read_record().classes
    if (path / CARD_FILE).is_file():
        return ModelCard.read(path).labels
    return ()


def starting_network(config: TrainConfig, data: Dataset) -> keras.Model:
    """Return the initial network for the data.

    With --init, it has the given weights. The head is new for classes that they do not have.
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
    before = classes_of(config.init)
    if network.output_shape[-1] != classes or (
        before and map_labels(data.classes, before) != list(range(classes))
    ):
        network = with_new_head(network, data, before)
    if config.model in (None, network.name):
        return network
    narrower = zoo.build(config.model, data.size, data.channels, classes)
    narrow(network, narrower, representative_inputs(data))
    return narrower


def trained_here(path: Path) -> bool:
    """Return whether a path is a run, a model folder or a .keras file."""
    return path.is_dir() or path.suffix == '.keras' or not path.exists()


def with_new_head(network: keras.Model, data: Dataset, before: Sequence[str]) -> keras.Model:
    """Return the same architecture for the classes of the data.

    The backbone keeps its weights, and the head those of the classes that the network already has.

    Args:
        network: A trained network of the zoo.
        data: With the new classes.
        before: The classes of the network in the order of its outputs; none if unknown.

    Raises:
        TrainingError: The architecture is not in the zoo, so it cannot be built again.
    """
    if zoo.made_for(network.name) is None:
        raise TrainingError(
            f'the network has {network.output_shape[-1]} classes ({", ".join(before)}), the data '
            f'{", ".join(data.classes)}: a new head needs an architecture of the zoo, and '
            f'{network.name!r} is not one; use data with the same classes in the same order'
        )
    fresh = zoo.build(network.name, data.size, data.channels, len(data.classes))
    places = map_labels(data.classes, before)
    known = {index: place for index, place in enumerate(places) if place is not None}
    for old, new in zip(network.layers, fresh.layers, strict=True):
        weights = old.get_weights()
        if new.name.startswith(HEAD):
            changed = [np.array(weight) for weight in new.get_weights()]
            for trained, weight in zip(weights, changed, strict=True):
                weight[..., list(known)] = trained[..., list(known.values())]
            weights = changed
        new.set_weights(weights)
    for text, there in (('keeps', True), ('must learn', False)):
        names = [name for index, name in enumerate(data.classes) if (index in known) is there]
        if names:
            print(f'the head of the network {text}: {", ".join(names)}')
    return fresh


def set_trainable(network: keras.Model, trainable: bool) -> None:
    """Freeze all layers, or make all of them trainable.

    On TensorFlow, `network.trainable` alone does not change the layers.
    """
    for layer in network._flatten_layers():
        layer.trainable = trainable


def freeze_backbone(network: keras.Model) -> None:
    """Freeze everything except the head. Raises TrainingError if there is no head."""
    if not any(layer.name.startswith(HEAD) for layer in network.layers):
        raise TrainingError(
            f'{network.name} has no layers named {HEAD}..., so it cannot be frozen: remove '
            '--freeze'
        )
    for layer in network.layers:
        layer.trainable = layer.name.startswith(HEAD)


def freeze_first(network: keras.Model, count: int) -> None:
    """Freeze the first `count` convolutions and the normalisations after them."""
    depths = depths_of(network)
    if count >= max(depths.values()):
        raise TrainingError(
            f'--freeze {count} leaves no layer of {network.name} to train: it has '
            f'{max(depths.values()) - 1} convolutions before the head'
        )
    for layer in network.layers:
        layer.trainable = depths[layer.name] > count


def depths_of(network: keras.Model) -> dict[str, int]:
    """Return the number of layers with kernels up to each layer, including itself."""
    depth, depths = 0, {}
    for layer in network.layers:
        depth += any(variable.path.endswith('kernel') for variable in layer.weights)
        depths[layer.name] = depth
    return depths


def use_mixed_precision(network: keras.Model) -> None:
    """Compute in bfloat16, except the logits. Weights stay float32."""
    _set_policy(network, 'mixed_bfloat16')


def use_full_precision(network: keras.Model) -> None:
    """Compute in float32 everywhere."""
    _set_policy(network, 'float32')


def _set_policy(network: keras.Model, policy: str) -> None:
    for layer in network.layers:
        if not layer.name.startswith(f'{HEAD}_logits'):
            layer.dtype_policy = keras.dtype_policies.get(policy)
