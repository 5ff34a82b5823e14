"""LiteRT, formerly TensorFlow Lite.

One interpreter takes one crop and is called for each crop. With mini-Xception on one thread and 1
to 32 crops, this takes 0.116 ms per crop. It takes 0.112 to 0.117 ms with an interpreter for each
power of two, and the same or more if the input is resized for each batch. Views of the tensors
instead of copies of 9 kB make no measurable difference, and must not be kept after a call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification.runtime import Graph, Runtime
from fer_ros.core.notes import without_notes

#: Beginning of the messages about loaded graphs, such as the created delegate.
NOTE = b'INFO: '


class LiteRTRuntime(Runtime):
    """Runs a .tflite graph with ai_edge_litert, or with the older tflite_runtime."""

    name = 'litert'
    title = 'LiteRT'
    file_format = 'litert'

    @classmethod
    def why_missing(cls) -> str | None:
        """Return why no interpreter can be imported, None when one can."""
        try:
            _import_interpreter()
        except ImportError as error:
            return f'{error} (pip install ai-edge-litert)'
        return None

    def __init__(self, graph: Graph, threads: int, device: str = 'cpu') -> None:
        """Load a graph with float32 input and output, for batches of one."""
        # The interpreter reads the weights from these bytes until it is deleted.
        self._data = graph.data
        try:
            with without_notes(NOTE):
                interpreter = _import_interpreter()(model_content=self._data, num_threads=threads)
            inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
            if len(inputs) != 1 or len(outputs) != 1:
                raise ValueError(f'it has {len(inputs)} inputs and {len(outputs)} outputs, not 1')
            types = inputs[0]['dtype'], outputs[0]['dtype']
            if types != (np.float32, np.float32):
                raise ValueError(f'its input and output must be float32, not {types}')
            self._input, self._output = inputs[0]['index'], outputs[0]['index']
            signature = inputs[0].get('shape_signature', inputs[0]['shape'])
            self._check_shapes(graph, tuple(map(int, signature[1:])), int(outputs[0]['shape'][-1]))
            with without_notes(NOTE):
                interpreter.resize_tensor_input(self._input, (1, *graph.input_shape))
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise self._refusal(graph, error) from error
        self._interpreter = interpreter
        self._classes = graph.classes

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits, one crop after the other."""
        logits = np.empty((len(inputs), self._classes), np.float32)
        for index in range(len(inputs)):
            self._interpreter.set_tensor(self._input, inputs[index : index + 1])
            self._interpreter.invoke()
            logits[index] = self._interpreter.get_tensor(self._output).reshape(-1)
        return logits


def _import_interpreter() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as missing:
        try:
            from tflite_runtime.interpreter import Interpreter
        except ImportError:
            raise missing from None
    return Interpreter
