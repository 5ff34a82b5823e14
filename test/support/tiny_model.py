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
        """(N, C, S, S) to (N, classes)."""
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

    broken: the files hold weights that are not a number, the card does not say so.
    batch: a fixed batch size of the ONNX graph.
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
    """Probabilities of uint8 crops, by numpy."""
    inputs = (np.stack(crops).astype(np.float32) - 127.5) / 127.5
    planes = inputs[:, None] if network.channels == 1 else inputs.transpose(0, 3, 1, 2)
    return softmax(network.logits(planes).astype(np.float32), temperature)


# --- ONNX: field numbers of onnx.proto ---------------------------------------------------------


def onnx_bytes(network: TinyNetwork, batch: int | None = None) -> bytes:
    """The network as ONNX, opset 11, NCHW, any batch or a fixed one."""
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
    """The network as TFLite, NHWC, batch of one."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.description = 3, 'tiny'
    model.buffers, model.operatorCodes = [schema.BufferT()], []
    graph.name, graph.tensors, graph.operators = 'main', [], []

    def tensor(name: str, shape: Sequence[int], values: NDArray | None = None) -> int:
        entry = schema.TensorT()
        entry.name, entry.shape = name, list(shape)
        integer = values is not None and values.dtype == np.int32
        entry.type = schema.TensorType.INT32 if integer else schema.TensorType.FLOAT32
        entry.buffer = 0
        if values is not None:
            data = schema.BufferT()
            data.data = np.frombuffer(values.tobytes(), np.uint8)
            entry.buffer = len(model.buffers)
            model.buffers.append(data)
        graph.tensors.append(entry)
        return len(graph.tensors) - 1

    def constant(name: str, values: NDArray) -> int:
        return tensor(name, values.shape, np.ascontiguousarray(values))

    def operator(kind: int, inputs: list[int], output: int, options_type: int, options) -> None:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        code.version = 1
        model.operatorCodes.append(code)
        entry = schema.OperatorT()
        entry.opcodeIndex = len(model.operatorCodes) - 1
        entry.inputs, entry.outputs = inputs, [output]
        entry.builtinOptionsType, entry.builtinOptions = options_type, options
        graph.operators.append(entry)

    def convolution(source: int, weights: NDArray, bias: NDArray, side: int, act: int) -> int:
        options = schema.Conv2DOptionsT()
        options.padding, options.fusedActivationFunction = schema.Padding.VALID, act
        options.strideH = options.strideW = 1
        output = tensor('hidden', (1, side, side, len(bias)))
        operator(
            schema.BuiltinOperator.CONV_2D,
            [source, constant('w', weights.transpose(0, 2, 3, 1)), constant('b', bias)],
            output,
            schema.BuiltinOptions.Conv2DOptions,
            options,
        )
        return output

    size, activation = network.size, schema.ActivationFunctionType
    first = tensor('input', (1, size, size, network.channels))
    hidden = convolution(first, network.first, network.first_bias, size - 2, activation.RELU)
    maps = convolution(hidden, network.second, network.second_bias, size - 2, activation.NONE)
    logits = tensor('logits', (1, network.classes))
    reducer = schema.ReducerOptionsT()
    reducer.keepDims = False
    axes = constant('axes', np.array([1, 2], np.int32))
    operator(
        schema.BuiltinOperator.MEAN,
        [maps, axes],
        logits,
        schema.BuiltinOptions.ReducerOptions,
        reducer,
    )
    graph.inputs, graph.outputs = [first], [logits]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), file_identifier=b'TFL3')
    return bytes(builder.Output())
