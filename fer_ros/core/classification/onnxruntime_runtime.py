"""onnxruntime."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification.runtime import Graph, Runtime
from fer_ros.core.errors import DeviceError, ModelError
from fer_ros.core.onnx_session import PROVIDERS, create_session


class OnnxRuntime(Runtime):
    """Runs an .onnx graph with onnxruntime, whole batches where the graph allows."""

    name = 'onnxruntime'
    title = 'onnxruntime'
    file_format = 'onnx'
    devices = tuple(PROVIDERS)

    @classmethod
    def why_missing(cls) -> str | None:
        """Return why onnxruntime cannot be imported, None when it can."""
        try:
            import onnxruntime  # noqa: F401
        except ImportError as error:
            return f'{error} (pip install onnxruntime)'
        return None

    def __init__(self, graph: Graph, threads: int, device: str = 'cpu') -> None:
        """Load a graph of float32 input."""
        try:
            session = create_session(graph.data, threads, device)
        except DeviceError as error:
            raise ModelError(f'{graph.source} cannot run on its {error}') from error
        except Exception as error:  # its errors have no common base but this
            raise self._refusal(graph, error) from error
        inputs, outputs = session.get_inputs(), session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise self._refusal(graph, f'it has {len(inputs)} inputs and {len(outputs)} outputs')
        if inputs[0].type != 'tensor(float)':
            raise self._refusal(graph, f'its input must be float32, not {inputs[0].type}')
        batch, *shape = inputs[0].shape
        output_shape = outputs[0].shape or [None, None]
        self._check_shapes(graph, tuple(shape), output_shape[1] if output_shape[1:] else None)
        self._session = session
        self._input = inputs[0].name
        self._batched = not isinstance(batch, int)
        self._classes = graph.classes

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits, in one call unless the graph is fixed to one crop."""
        if self._batched:
            return self._logits(inputs)
        singles = [self._logits(inputs[i : i + 1]) for i in range(len(inputs))]
        return np.concatenate(singles)

    def _logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        output: NDArray[np.float32] = self._session.run(None, {self._input: inputs})[0]
        return output.reshape(len(inputs), self._classes)
