"""The model during training: the network, with the additional terms of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from training.learning.losses import distillation_loss, l2_penalty
from training.learning.networks import set_trainable


class Trainer(keras.Model):
    """Wraps a network that ends in logits.

    The network itself does not change and is the saved part.

    Args:
        network: To train.
        l2: Weight of the squared kernels in the loss.
        teachers: Networks whose averaged output is distilled.
        distill_share: Share of the teachers in the loss, [0, 1].
        distill_temperature: At which the outputs are compared.
        logit_offsets: (K,) values that the loss adds to the logits, see losses.logit_offsets.
    """

    def __init__(
        self,
        network: keras.Model,
        l2: float = 0.0,
        teachers: Sequence[keras.Model] = (),
        distill_share: float = 0.0,
        distill_temperature: float = 1.0,
        logit_offsets: NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__(name='trainer')
        self.network = network
        self.teachers = list(teachers)
        for teacher in self.teachers:
            set_trainable(teacher, False)
        self._l2 = l2
        self._distill_share = distill_share
        self._distill_temperature = distill_temperature
        self._logit_offsets = logit_offsets
        self._native = _native_forward(network)

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Return the network's logits."""
        if self._native is not None and not _is_symbolic(inputs):
            return self._native(inputs, training)
        return self.network(inputs, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss of targets and teachers, plus the L2 penalty."""
        if training and self._logit_offsets is not None:
            y_pred = ops.add(y_pred, self._logit_offsets)  # PyTorch adds no numpy arrays.
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if not training:
            return loss
        if self.teachers:
            probabilities = sum(
                ops.softmax(teacher(x, training=False) / self._distill_temperature)
                for teacher in self.teachers
            ) / len(self.teachers)
            learned = distillation_loss(probabilities, y_pred, self._distill_temperature)
            loss = (1 - self._distill_share) * loss + self._distill_share * learned
        if self._l2:
            loss = loss + self._l2 * l2_penalty(self.network)
        return loss


def _native_forward(network: keras.Model) -> Any:
    """Return the computation of the network, by the backend itself if Keras is slower."""
    # Mixed precision is set for each layer, so the network itself remains float32.
    full_precision = all(layer.compute_dtype == 'float32' for layer in network.layers)
    if keras.backend.backend() != 'torch' or not full_precision:
        return None
    from training.learning.torch_forward import native_forward

    return native_forward(network)


def _is_symbolic(inputs: Any) -> bool:
    """Return whether a tensor is symbolic. Keras uses such tensors to determine shapes."""
    return isinstance(inputs, keras.KerasTensor) or str(inputs.device) == 'meta'
