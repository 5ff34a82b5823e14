"""A tiny model with its card, made at test time: the same weights as ONNX, TFLite and numpy.

3x3 convolution, ReLU, 1x1 convolution to the classes, mean over the picture. The ONNX file is
written by hand (a protocol buffer of a few messages), the TFLite file with the schema that comes
with ai_edge_litert, so that no converter is needed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fer_ros.core.classification import softmax
from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.models import (
    ModelCard,
    ModelFile,
    ModelInput,
    Normalisation,
    choose_check,
)

LABELS = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')
CAN_WRITE_LITERT = importlib.util.find_spec('ai_edge_litert') is not None
_FILTERS = 6


class TinyNetwork:
    """Seeded weights, and what they compute, in numpy."""

    def __init__(self, classes: int, size: int = 12, channels: int = 1, seed: int = 0) -> None:
        random = np.random.RandomState(seed)
        self.size, self.channels, self.classes = size, channels, classes
        self.first = random.normal(0, 0.5, (_FILTERS, channels, 3, 3)).astype(np.float32)
        self.first_bias = random.normal(0, 0.2, _FILTERS).astype(np.float32)
        self.second = random.normal(0, 2.0, (classes, _FILTERS, 1, 1)).astype(np.float32)
        self.second_bias = random.normal(0, 0.5, classes).astype(np.float32)

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (N, classes) logits of (N, C, S, S) inputs."""
        windows = sliding_window_view(inputs, (3, 3), axis=(2, 3))
        hidden = np.einsum('ncyxij,fcij->nfyx', windows, self.first)
        hidden = np.maximum(hidden + self.first_bias[:, None, None], 0)
        return hidden.mean(axis=(2, 3)) @ self.second[:, :, 0, 0].T + self.second_bias


def write_tiny_model(
    folder: Path,
    *,
    labels: Sequence[str] = LABELS,
    channels: str = 'gray',
    size: int = 12,
    temperature: float = 1.5,
    seed: int = 0,
    formats: Iterable[str] = ('litert', 'onnx') if CAN_WRITE_LITERT else ('onnx',),
    broken: bool = False,
    batch: int | None = None,
) -> ModelCard:
    """Write model files and card into a new folder.

    Args:
        broken: Whether the files contain weights that are not a number. The card does not say so.
        batch: A fixed batch size of the ONNX graph. None allows any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = TinyNetwork(len(labels), size, 1 if channels == 'gray' else 3, seed)
    card = ModelCard(
        name=folder.name,
        task='expression',
        labels=tuple(labels),
        input=ModelInput(size, channels, FER2013, Normalisation(127.5, 1 / 127.5)),
        files={'onnx': ModelFile('model.onnx', '0' * 64, 'NCHW')},
        check=choose_check(
            lambda crops: reference_probabilities(network, crops, temperature),
            labels,
            CropSpec(FER2013, size, channels),
        ),
        temperature=temperature,
        licence='Apache-2.0',
        description='tiny model for tests',
    )
    if broken:
        network.second_bias[:] = np.nan
    files = {}
    if 'litert' in formats:
        (folder / 'model.tflite').write_bytes(litert_bytes(network))
        files['litert'] = ModelFile.describe(folder / 'model.tflite', 'NHWC')
    if 'onnx' in formats:
        (folder / 'model.onnx').write_bytes(onnx_bytes(network, batch))
        files['onnx'] = ModelFile.describe(folder / 'model.onnx', 'NCHW')
    return replace(card, files=files).write(folder)


def reference_probabilities(
    network: TinyNetwork, crops: Sequence[NDArray[np.uint8]], temperature: float
) -> NDArray[np.float32]:
    """Return (N, classes) probabilities of uint8 crops, computed by numpy."""
    inputs = (np.stack(crops).astype(np.float32) - 127.5) / 127.5
    planes = inputs[:, None] if network.channels == 1 else inputs.transpose(0, 3, 1, 2)
    return softmax(network.logits(planes).astype(np.float32), temperature)


# --- ONNX: field numbers of onnx.proto ---------------------------------------------------------


def onnx_bytes(network: TinyNetwork, batch: int | None = None) -> bytes:
    """Return the network as ONNX, opset 11, NCHW, with any batch or a fixed one."""
    kernel = {'pads': [0] * 4, 'strides': [1, 1]}
    nodes = [
        _node('Conv', ['input', 'first', 'first_bias'], 'a', kernel_shape=[3, 3], **kernel),
        _node('Relu', ['a'], 'b'),
        _node('Conv', ['b', 'second', 'second_bias'], 'c', kernel_shape=[1, 1], **kernel),
        _node('GlobalAveragePool', ['c'], 'd'),
        _node('Flatten', ['d'], 'logits', axis=1),
    ]
    tensors = [_tensor(n, getattr(network, n)) for n in ('first', 'first_bias', 'second')]
    tensors.append(_tensor('second_bias', network.second_bias))
    size = batch or 'N'
    graph = b''.join(
        [
            *(_message(1, node) for node in nodes),
            _message(2, b'tiny'),
            *(_message(5, tensor) for tensor in tensors),
            _message(11, _value('input', [size, network.channels, network.size, network.size])),
            _message(12, _value('logits', [size, network.classes])),
        ]
    )
    return _number(1, 6) + _message(7, graph) + _message(8, _message(1, b'') + _number(2, 11))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]) -> bytes:
    content = b''.join(_message(1, name.encode()) for name in inputs)
    content += _message(2, output.encode()) + _message(3, output.encode())
    content += _message(4, kind.encode())
    for name, value in attributes.items():
        attribute = _message(1, name.encode())
        if isinstance(value, int):
            attribute += _number(3, value) + _number(20, 2)
        else:
            attribute += b''.join(_number(8, item) for item in value) + _number(20, 7)
        content += _message(5, attribute)
    return content


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b''.join(_number(1, size) for size in values.shape)
    return dims + _number(2, 1) + _message(8, name.encode()) + _message(9, values.tobytes())


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b''.join(
        _message(1, _number(1, d) if isinstance(d, int) else _message(2, d.encode()))
        for d in shape
    )
    tensor_type = _number(1, 1) + _message(2, dims)
    return _message(1, name.encode()) + _message(2, _message(1, tensor_type))


# --- TFLite ------------------------------------------------------------------------------------


def litert_bytes(network: TinyNetwork) -> bytes:
    """Return the network as TFLite, NHWC, batch of one."""
    from ai_edge_litert import schema_py_generated as schema

    graph = _LiteRTGraph(schema)
    side, activation = network.size - 2, schema.ActivationFunctionType
    pixels = graph.add_tensor('input', (1, network.size, network.size, network.channels))
    hidden = graph.add_convolution(
        pixels, network.first, network.first_bias, side, activation.RELU
    )
    maps = graph.add_convolution(
        hidden, network.second, network.second_bias, side, activation.NONE
    )
    logits = graph.add_tensor('logits', (1, network.classes))
    graph.add_mean(maps, logits)
    return graph.as_bytes(pixels, logits)


class _LiteRTGraph:
    """A TFLite graph that is composed of tensors and operators. Tensors are numbered from 0."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._model, self._graph = schema.ModelT(), schema.SubGraphT()
        self._model.version, self._model.description = 3, 'tiny'
        self._model.buffers, self._model.operatorCodes = [schema.BufferT()], []
        self._graph.name, self._graph.tensors, self._graph.operators = 'main', [], []

    def add_tensor(self, name: str, shape: Sequence[int], values: NDArray | None = None) -> int:
        """Add a tensor and return its number. It is constant if it has values."""
        schema = self._schema
        tensor = schema.TensorT()
        tensor.name, tensor.shape = name, list(shape)
        integer = values is not None and values.dtype == np.int32
        tensor.type = schema.TensorType.INT32 if integer else schema.TensorType.FLOAT32
        tensor.buffer = 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            tensor.buffer = len(self._model.buffers)
            self._model.buffers.append(buffer)
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def add_convolution(
        self, source: int, weights: NDArray, bias: NDArray, side: int, activation: int
    ) -> int:
        """Add a convolution with (K, C, h, w) weights and return the number of its output."""
        schema = self._schema
        options = schema.Conv2DOptionsT()
        options.padding, options.fusedActivationFunction = schema.Padding.VALID, activation
        options.strideH = options.strideW = 1
        kernels = weights.transpose(0, 2, 3, 1)
        inputs = [
            source,
            self.add_tensor('weights', kernels.shape, kernels),
            self.add_tensor('bias', bias.shape, bias),
        ]
        output = self.add_tensor('hidden', (1, side, side, len(bias)))
        self._add_operator('CONV_2D', 'Conv2DOptions', options, inputs, output)
        return output

    def add_mean(self, source: int, output: int) -> None:
        """Add the mean over height and width."""
        options = self._schema.ReducerOptionsT()
        options.keepDims = False
        axes = self.add_tensor('axes', (2,), np.array([1, 2], np.int32))
        self._add_operator('MEAN', 'ReducerOptions', options, [source, axes], output)

    def _add_operator(
        self, kind: str, options_kind: str, options: Any, inputs: list[int], output: int
    ) -> None:
        code = self._schema.OperatorCodeT()
        code.builtinCode = getattr(self._schema.BuiltinOperator, kind)
        code.deprecatedBuiltinCode = code.builtinCode
        code.version = 1
        self._model.operatorCodes.append(code)
        operator = self._schema.OperatorT()
        operator.opcodeIndex = len(self._model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, [output]
        operator.builtinOptionsType = getattr(self._schema.BuiltinOptions, options_kind)
        operator.builtinOptions = options
        self._graph.operators.append(operator)

    def as_bytes(self, entry: int, output: int) -> bytes:
        """Return the file of the graph."""
        import flatbuffers

        self._graph.inputs, self._graph.outputs = [entry], [output]
        self._model.subgraphs = [self._graph]
        builder = flatbuffers.Builder(4096)
        builder.Finish(self._model.Pack(builder), file_identifier=b'TFL3')
        return bytes(builder.Output())
