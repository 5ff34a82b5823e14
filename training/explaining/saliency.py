"""Saliency maps of one picture and class: guided back-propagation and Grad-CAM."""

from __future__ import annotations

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from training.explaining.gradients import logit_gradients
from training.explaining.guided_relu import with_guided_relus
from training.zoo.blocks import HEAD


def guided_backpropagation(
    network: keras.Model, inputs: NDArray[np.float32], index: int
) -> NDArray[np.float32]:
    """Return the pixels that raise a logit (Springenberg et al. 2015).

    Gradients flow back through a ReLU only if both they and its input are positive.

    Args:
        network: Ends in logits.
        inputs: (1, H, W, C) normalised.
        index: Index of the class.

    Returns:
        (H, W) in [0, 1].
    """
    guided = with_guided_relus(network)
    (gradient,) = logit_gradients(keras.Model(guided.inputs, guided.outputs[0]), [inputs], index)
    return _to_unit(np.abs(gradient[0]).max(axis=-1))


def grad_cam(network: keras.Model, inputs: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """Return the places where the last features support a class (Selvaraju et al. 2017).

    If the head takes features of several sizes, the maps of all of them are added.

    Args:
        network: Ends in logits.
        inputs: (1, H, W, C) normalised.
        index: Index of the class.

    Returns:
        (H, W) in [0, 1].
    """
    last = _last_features(network)
    outputs = keras.Model(network.inputs, last).predict([inputs], verbose=0)
    features = keras.tree.flatten(outputs)  # Keras returns a single one without a list.
    gradients = logit_gradients(keras.Model(last, network.outputs[0]), features, index)
    heat = np.zeros(inputs.shape[1:3], np.float32)
    for values, gradient in zip(features, gradients, strict=True):
        # Summed, not averaged, so that features of every size count alike for a pixel.
        weights = gradient.sum(axis=(1, 2), keepdims=True)
        supports = np.maximum((weights * values).sum(axis=-1)[0], 0)
        heat += cv2.resize(supports, heat.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return _to_unit(heat)


def _last_features(network: keras.Model) -> list[keras.KerasTensor]:
    """Return the features (N, H, W, C) from which the rest of the network computes the logits."""
    found: dict[int, keras.KerasTensor] = {}
    tensors = list(network.outputs)
    while tensors:
        tensor = tensors.pop()
        layer = tensor._keras_history.operation
        if len(tensor.shape) == 4 and not layer.name.startswith(HEAD):
            found[id(tensor)] = tensor
        else:
            tensors += keras.tree.flatten(layer.input)
    return list(found.values())


def _to_unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    positive = np.maximum(values, 0)
    return (positive / max(float(positive.max()), 1e-12)).astype(np.float32)
