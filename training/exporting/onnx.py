"""Conversion of a Keras network to ONNX for onnxruntime and OpenCV DNN (4.5.5 or later).

Operators that OpenCV's importers fail on are refused here, so that they do not fail on the robot.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from training.errors import TrainingError

#: The newest operator set whose Squeeze and Clip forms OpenCV 4.5.5 and 4.6 read.
OPSET = 11
INPUT = 'picture'
OUTPUT = 'logits'


def to_onnx(network: keras.Model) -> bytes:
    """Return the ONNX file: float32 NCHW in, (N, K) logits out, batch dimension free.

    Raises:
        TrainingError: it has operators that OpenCV DNN cannot run. The error names them.
    """
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None, *network.input_shape[1:]), tf.float32, name=INPUT)]
    function = tf.function(lambda picture: network(picture, training=False), signature)
    model, _ = tf2onnx.convert.from_function(
        function, input_signature=signature, opset=OPSET, inputs_as_nchw=[INPUT]
    )
    _flatten_after_pooling(model.graph)
    _name_output(model.graph)
    faults = list(opencv_faults(model.graph))
    if faults:
        raise TrainingError(
            'OpenCV DNN cannot run this network, so it is not exported: ' + '; '.join(faults)
        )
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def run_onnx(content: bytes, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run an ONNX file in onnxruntime on (N, H, W, C) in one batch."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=['CPUExecutionProvider'])
    logits: NDArray[np.float32] = session.run(None, {INPUT: inputs.transpose(0, 3, 1, 2)})[0]
    return logits


def run_opencv(content: bytes, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run an ONNX file in the installed OpenCV's DNN module on (N, H, W, C) in one batch."""
    import cv2

    net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
    net.setInput(np.ascontiguousarray(inputs.transpose(0, 3, 1, 2)))
    return np.asarray(net.forward(), dtype=np.float32).reshape(len(inputs), -1)


def opencv_faults(graph: onnx.GraphProto) -> Iterator[str]:
    """Return the nodes that OpenCV 4.5.5, 4.6 or 5.0 loads wrongly or not at all."""
    spatial = _spatial_gates(graph)
    for node in graph.node:
        attributes = {attribute.name: attribute for attribute in node.attribute}
        padding = attributes['auto_pad'].s if 'auto_pad' in attributes else b'NOTSET'
        if node.op_type == 'MaxPool' and padding != b'NOTSET':
            yield f'{node.name} is a MaxPool with automatic padding'
        if node.op_type == 'Clip' and len(node.input) > 1:
            yield f'{node.name} is a Clip with limits as inputs (use ReLU instead of ReLU6)'
        if node.op_type == 'Gemm' and ('transB' not in attributes or not attributes['transB'].i):
            yield f'{node.name} is a Gemm with weights that are not transposed'
        if node.op_type == 'Mul' and node.output[0] in spatial:
            yield (
                f'{node.name} multiplies a picture by one number per channel, which fails in '
                'batches (use training.zoo.blocks.squeeze_excitation)'
            )


def _spatial_gates(graph: onnx.GraphProto) -> set[str]:
    """Return outputs of products of a feature map with values pooled over the picture.

    Values that are repeated to the size of the picture are a feature map again.
    """
    #: Height and width (axes 2 and 3), as far as they are one pixel after pooling.
    single: dict[str, set[int]] = {}
    gates: set[str] = set()
    for node in graph.node:
        pooled = [single[name] for name in node.input if single.get(name)]
        if node.op_type in ('GlobalAveragePool', 'ReduceMean'):
            axes = {2, 3}
        elif not pooled:
            continue
        else:
            axes = set.intersection(*pooled)
            if node.op_type == 'Concat':
                axes -= {node.attribute[0].i % 4}
            elif node.op_type == 'Mul' and len(pooled) < len(node.input):
                gates.update(node.output)
                continue
        single.update(dict.fromkeys(node.output, axes))
    constants = {initializer.name for initializer in graph.initializer}
    return {
        node.output[0]
        for node in graph.node
        if node.output[0] in gates and not constants & set(node.input)
    }


def _flatten_after_pooling(graph: onnx.GraphProto) -> None:
    """Replace Squeeze by Flatten, because OpenCV 4.5.5 keeps one dimension too many in batches."""
    for node in graph.node:
        if node.op_type == 'Squeeze' and [list(a.ints) for a in node.attribute] == [[2, 3]]:
            del node.attribute[:]
            node.op_type = 'Flatten'
            node.attribute.append(onnx.helper.make_attribute('axis', 1))


def _name_output(graph: onnx.GraphProto) -> None:
    given = graph.output[0].name
    for node in graph.node:
        node.output[:] = [OUTPUT if name == given else name for name in node.output]
        node.input[:] = [OUTPUT if name == given else name for name in node.input]
    graph.output[0].name = OUTPUT
