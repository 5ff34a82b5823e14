"""Conversion of a Keras network to TensorFlow Lite. Needs TensorFlow."""

from __future__ import annotations

import tempfile

import keras
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification.litert_runtime import NOTE
from fer_ros.core.notes import without_notes
from training.errors import TrainingError

#: Beginning of the line that the converter prints when it quantises.
QUANTISING = b'fully_quantize: '


def to_tflite(
    network: keras.Model, precision: str, samples: NDArray[np.float32] | None = None
) -> bytes:
    """Return the TFLite file: float32 in and out, NHWC, batch dimension free.

    Args:
        network: ends in logits.
        precision: float16 halves the weights, int8 quantises weights and activations.
        samples: (N, H, W, C) normalised input for the value ranges of int8.

    Raises:
        TrainingError: int8 has no samples.
    """
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *network.input_shape[1:]), tf.float32, name='picture')]
    with tempfile.TemporaryDirectory() as folder:
        network.export(folder, format='tf_saved_model', input_signature=signature, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if precision != 'float32':
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision == 'float16':
            converter.target_spec.supported_types = [tf.float16]
        if precision == 'int8':
            if samples is None:
                raise TrainingError(
                    'int8 needs sample pictures for its value ranges: name the run with its data'
                )
            pictures = samples
            converter.representative_dataset = lambda: ([each[None]] for each in pictures)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        with without_notes(QUANTISING):
            content: bytes = converter.convert()
    return content


def precision_of(content: bytes) -> str:
    """Return the precision of a TFLite file: float32, float16 or int8."""
    from ai_edge_litert.interpreter import Interpreter

    with without_notes(NOTE):
        tensors = Interpreter(model_content=content).get_tensor_details()
    types = {np.dtype(tensor['dtype']).name for tensor in tensors}
    return next((name for name in ('int8', 'float16') if name in types), 'float32')


def run_tflite(content: bytes, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run a TFLite file on (N, H, W, C) in one batch, in LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    with without_notes(NOTE):
        interpreter = Interpreter(model_content=content)
        index = interpreter.get_input_details()[0]['index']
        interpreter.resize_tensor_input(index, inputs.shape)
        interpreter.allocate_tensors()
    interpreter.set_tensor(index, inputs)
    interpreter.invoke()
    output = interpreter.get_output_details()[0]['index']
    logits: NDArray[np.float32] = interpreter.get_tensor(output)
    return logits
