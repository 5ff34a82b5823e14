"""Measurement of the loss of a TFLite file with lower precision, before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import softmax
from training.data.normalisation import normalise
from training.errors import TrainingError
from training.evaluation.metrics import expected_calibration_error

if TYPE_CHECKING:
    import keras

    from training.data.dataset import Dataset

PRECISIONS = ('float32', 'float16', 'int8')
#: Largest loss of a smaller file, as shares: accuracy, and expected calibration error.
ACCURACY_LOSS, ECE_LOSS = 0.005, 0.01


def check_loss(
    network: keras.Model, precision: str, samples: NDArray[np.float32], data: Dataset
) -> None:
    """Measure and print the loss of a TFLite file with lower precision.

    Args:
        network: ends in logits.
        precision: of PRECISIONS.
        samples: (N, H, W, C) normalised input for the value ranges of int8.
        data: labelled pictures to measure on.

    Raises:
        TrainingError: it loses more than ACCURACY_LOSS or ECE_LOSS.
    """
    from training.exporting.tflite import run_tflite, to_tflite

    accuracy, ece = {}, {}
    for kind in ('float32', precision):
        content = to_tflite(network, kind, samples)
        logits = np.concatenate(
            [run_tflite(content, normalise(chunk)) for chunk in data.pictures.chunks()]
        )
        probabilities = softmax(logits)
        accuracy[kind] = float((logits.argmax(axis=1) == data.labels).mean())
        ece[kind] = expected_calibration_error(probabilities, data.labels)
        print(
            f'TFLite {kind}: accuracy {accuracy[kind]:.4f}, ECE {ece[kind]:.4f}, '
            f'{len(content) / 1024:.0f} KiB'
        )
    lost, gained = accuracy['float32'] - accuracy[precision], ece[precision] - ece['float32']
    if lost > ACCURACY_LOSS or gained > ECE_LOSS:
        raise TrainingError(
            f'{precision} loses {100 * lost:.2f} points of accuracy and {100 * gained:.2f} of '
            f'ECE, but at most {100 * ACCURACY_LOSS:g} and {100 * ECE_LOSS:g} are allowed: use a '
            'higher precision; nothing was written'
        )
