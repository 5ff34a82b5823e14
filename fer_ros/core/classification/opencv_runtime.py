"""OpenCV's DNN module, which is always available.

It processes crops one by one. A batch of 5 or 32 takes as long as single crops (mini-Xception of
opset 11, one thread, OpenCV 4.5.5, 4.6, 4.11 and 5.0). OpenCV 4.5.5 and 4.6 run graphs with
squeeze-and-excitation only for one crop.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification.runtime import Graph, Runtime
from fer_ros.core.opencv_threads import set_opencv_threads


class OpenCVRuntime(Runtime):
    """Runs an .onnx graph with cv2.dnn.

    OpenCV has one number of threads for the whole process. The last call of this class or of a
    detector sets it.
    """

    name = 'opencv'
    title = f'OpenCV DNN {cv2.__version__}'
    file_format = 'onnx'

    @classmethod
    def why_missing(cls) -> str | None:
        """Return None, or that this OpenCV was built without its DNN module."""
        if hasattr(cv2, 'dnn') and hasattr(cv2.dnn, 'readNetFromONNX'):
            return None
        return f'OpenCV {cv2.__version__} was built without its DNN module'

    def __init__(self, graph: Graph, threads: int, device: str = 'cpu') -> None:
        """Load a graph and run it once, because only then OpenCV reports unsupported layers."""
        set_opencv_threads(threads)
        self._classes = graph.classes
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(graph.data, np.uint8))
            output = self._forward(np.zeros((1, *graph.input_shape), np.float32))
        except cv2.error as error:
            raise self._refusal(graph, str(error).strip()) from error
        if output.size != graph.classes:
            raise self._refusal(
                graph, f'it has {output.size} outputs, but the card has {graph.classes} labels'
            )

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits, one crop after the other."""
        logits = np.empty((len(inputs), self._classes), np.float32)
        for index in range(len(inputs)):
            logits[index] = self._forward(inputs[index : index + 1]).reshape(-1)
        return logits

    def _forward(self, crop: NDArray[np.float32]) -> NDArray[np.float32]:
        self._net.setInput(crop)
        return np.asarray(self._net.forward(), np.float32)
