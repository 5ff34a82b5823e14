"""Saliency maps of one picture and class: guided back-propagation and Grad-CAM."""

from __future__ import annotations

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from training.explaining.gradients import logit_gradient
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
    gradient = logit_gradient(with_guided_relus(network), inputs, index)[0]
    return _to_unit(np.abs(gradient).max(axis=-1))


def grad_cam(network: keras.Model, inputs: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """Return the places where the last features support a class (Selvaraju et al. 2017).

    Args:
        network: Ends in logits.
        inputs: (1, H, W, C) normalised.
        index: Index of the class.

    Returns:
        (H, W) in [0, 1].
    """
    place = max(
        i for i, layer in enumerate(network.layers)
        if len(layer.output.shape) == 4 and not layer.name.startswith(HEAD)
    )  # fmt: skip
    split = network.layers[place].output
    features = np.asarray(keras.Model(network.inputs[0], split).predict(inputs, verbose=0))
    gradient = logit_gradient(keras.Model(split, network.outputs[0]), features, index)
    weights = gradient.mean(axis=(1, 2), keepdims=True)
    heat = np.maximum((weights * features).sum(axis=-1)[0], 0)
    return _to_unit(cv2.resize(heat, inputs.shape[2:0:-1], interpolation=cv2.INTER_CUBIC))


def _to_unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    positive = np.maximum(values, 0)
    return (positive / max(float(positive.max()), 1e-12)).astype(np.float32)
