"""Comparison of exported files with the Keras network."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from fer_ros.core.crop import CropSpec
from fer_ros.core.models import Normalisation, check_input
from training.data.normalisation import normalise
from training.errors import TrainingError
from training.exporting.onnx import run_onnx, run_opencv
from training.exporting.tflite import run_tflite

#: Largest difference of a logit between the Keras network and an export, except int8.
PARITY = 1e-4
#: Seeds of the compared pictures, in batches of one and of five.
SEEDS = range(1000, 1030)

Execute = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def check_parity(
    network: keras.Model,
    spec: CropSpec,
    normalisation: Normalisation,
    tflite: bytes | None,
    onnx: bytes,
) -> None:
    """Compare each file in each runtime with Keras.

    Args:
        network: the source of the files.
        spec: of its input crops.
        normalisation: of the pixels.
        tflite: the file; None for int8, whose figures are compared instead.
        onnx: the file.

    Raises:
        TrainingError: a file differs too much.
    """
    crops = np.stack([check_input(spec, seed) for seed in SEEDS])
    inputs = normalise(crops, normalisation.mean, normalisation.scale)
    expected = ops.convert_to_numpy(network(inputs, training=False))
    runs: dict[str, Execute] = {
        'ONNX in onnxruntime': lambda part: run_onnx(onnx, part),
        'ONNX in OpenCV DNN': lambda part: run_opencv(onnx, part),
    }
    if tflite is not None:
        runs['TFLite'] = lambda part: run_tflite(tflite, part)
    for name, execute in runs.items():
        worst = largest_difference(execute, inputs, expected)
        print(f'{name}: logits within {worst:.1e} of Keras')
        if not worst <= PARITY:
            raise TrainingError(
                f'{name} differs from Keras by {worst:.2e}, more than {PARITY}; nothing is '
                'written, because the file would give other labels'
            )


def largest_difference(
    execute: Execute, inputs: NDArray[np.float32], expected: NDArray[np.float32]
) -> float:
    """Return the largest difference of a logit, over batches of one and of five."""
    worst = 0.0
    for batch in (1, 5):
        for start in range(0, len(inputs), batch):
            part = slice(start, start + batch)
            worst = max(worst, float(np.abs(execute(inputs[part]) - expected[part]).max()))
    return worst
