"""The computation of a Keras network with PyTorch's own operations, on Keras's variables.

Keras on PyTorch composes its layers of elementary operations. PyTorch's own convolutions and
normalisations in channels-last order take about two thirds of the time on a processor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers
from torch import Tensor
from torch.nn import functional

#: Takes (N, H, W, C) pictures and whether the network is trained. Returns (N, K) logits.
Forward = Callable[[Tensor, bool], Tensor]


def native_forward(network: keras.Model) -> Forward:
    """Return the computation of the network. Layers without a native form run in Keras."""
    steps = []
    for layer in network.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        node = layer._inbound_nodes[0]
        sources = [id(tensor) for tensor in node.input_tensors]
        steps.append((layer, sources, id(node.output_tensors[0])))
    entry, exit_ = id(network.inputs[0]), id(network.outputs[0])

    def forward(pictures: Tensor, training: bool) -> Tensor:
        # A view of (N, H, W, C) memory as (N, C, H, W), which is channels last without a copy.
        values = {entry: pictures.permute(0, 3, 1, 2)}
        for layer, sources, target in steps:
            inputs = [values[source] for source in sources]
            values[target] = _run(layer, inputs, training)
        return values[exit_]

    return forward


def _run(layer: keras.Layer, inputs: list[Tensor], training: bool) -> Tensor:
    """Return the output of a layer for (N, C, H, W) or (N, K) inputs."""
    native = NATIVE.get(type(layer))
    result = native(layer, inputs, training) if native else None
    return _run_by_keras(layer, inputs, training) if result is None else result


def _run_by_keras(layer: keras.Layer, inputs: list[Tensor], training: bool) -> Tensor:
    given = [x.permute(0, 2, 3, 1) if x.ndim == 4 else x for x in inputs]
    result: Tensor = layer(given if len(given) > 1 else given[0], training=training)
    return result.permute(0, 3, 1, 2) if result.ndim == 4 else result


def _convolve(layer: layers.Conv2D, inputs: list[Tensor], training: bool) -> Tensor | None:
    if layer.dilation_rate != (1, 1) or layer.groups != 1:
        return None
    x, borders = _padded(inputs[0], layer.kernel_size, layer.strides, layer.padding)
    bias = layer.bias.value if layer.use_bias else None
    kernel = layer.kernel.value.permute(3, 2, 0, 1)
    return _activate(layer, functional.conv2d(x, kernel, bias, layer.strides, borders))


def _convolve_by_channel(
    layer: layers.DepthwiseConv2D, inputs: list[Tensor], training: bool
) -> Tensor | None:
    if layer.dilation_rate != (1, 1) or layer.depth_multiplier != 1:
        return None
    x, borders = _padded(inputs[0], layer.kernel_size, layer.strides, layer.padding)
    bias = layer.bias.value if layer.use_bias else None
    kernel = layer.kernel.value.permute(2, 3, 0, 1)
    groups = x.shape[1]
    return _activate(layer, functional.conv2d(x, kernel, bias, layer.strides, borders, 1, groups))


def _convolve_separably(
    layer: layers.SeparableConv2D, inputs: list[Tensor], training: bool
) -> Tensor | None:
    if layer.dilation_rate != (1, 1) or layer.depth_multiplier != 1:
        return None
    x, borders = _padded(inputs[0], layer.kernel_size, layer.strides, layer.padding)
    depthwise = layer.depthwise_kernel.value.permute(2, 3, 0, 1)
    x = functional.conv2d(x, depthwise, None, layer.strides, borders, groups=x.shape[1])
    bias = layer.bias.value if layer.use_bias else None
    pointwise = layer.pointwise_kernel.value.permute(3, 2, 0, 1)
    return _activate(layer, functional.conv2d(x, pointwise, bias))


def _normalise(
    layer: layers.BatchNormalization, inputs: list[Tensor], training: bool
) -> Tensor | None:
    if not (layer.scale and layer.center):
        return None
    return functional.batch_norm(
        inputs[0], layer.moving_mean.value, layer.moving_variance.value, layer.gamma.value,
        layer.beta.value, training and layer.trainable, 1 - layer.momentum, layer.epsilon,
    )  # fmt: skip


def _pool_highest(
    layer: layers.MaxPooling2D, inputs: list[Tensor], training: bool
) -> Tensor | None:
    x, borders = _padded(inputs[0], layer.pool_size, layer.strides, layer.padding, float('-inf'))
    return functional.max_pool2d(x, layer.pool_size, layer.strides, borders)


def _pool_mean(
    layer: layers.AveragePooling2D, inputs: list[Tensor], training: bool
) -> Tensor | None:
    if layer.padding != 'valid':
        return None
    return functional.avg_pool2d(inputs[0], layer.pool_size, layer.strides)


def _pool_all(
    layer: layers.GlobalAveragePooling2D, inputs: list[Tensor], training: bool
) -> Tensor | None:
    return inputs[0].mean(dim=(2, 3), keepdim=layer.keepdims)


def _rectify(layer: layers.ReLU, inputs: list[Tensor], training: bool) -> Tensor | None:
    plain = layer.max_value is None and not layer.negative_slope and not layer.threshold
    return functional.relu(inputs[0]) if plain else None


def _add(layer: layers.Add, inputs: list[Tensor], training: bool) -> Tensor | None:
    return sum(inputs[1:], start=inputs[0])


def _drop(layer: layers.Dropout, inputs: list[Tensor], training: bool) -> Tensor | None:
    return functional.dropout(inputs[0], layer.rate, training)


def _activate(layer: keras.Layer, x: Tensor) -> Tensor:
    if layer.activation is keras.activations.linear:
        return x
    activated: Tensor = layer.activation(x)
    return activated


def _padded(
    x: Tensor,
    kernel: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    value: float = 0.0,
) -> tuple[Tensor, tuple[int, int]]:
    """Return the picture, and the borders that the operation itself adds to it.

    Together, they are Keras's 'same' padding. A copy with borders is made only if opposite borders
    differ.
    """
    if padding != 'same':
        return x, (0, 0)
    missing = [
        max((-(-size // stride) - 1) * stride + length - size, 0)
        for size, length, stride in zip(x.shape[2:], kernel, strides, strict=True)
    ]
    (top, bottom), (left, right) = [(n // 2, n - n // 2) for n in missing]
    if (top, left) == (bottom, right):
        return x, (top, left)
    return functional.pad(x, (left, right, top, bottom), value=value), (0, 0)


#: Layer to its native form, which returns None for unsupported options.
NATIVE: dict[type[keras.Layer], Callable[[Any, list[Tensor], bool], Tensor | None]] = {
    layers.Conv2D: _convolve,
    layers.DepthwiseConv2D: _convolve_by_channel,
    layers.SeparableConv2D: _convolve_separably,
    layers.BatchNormalization: _normalise,
    layers.MaxPooling2D: _pool_highest,
    layers.AveragePooling2D: _pool_mean,
    layers.GlobalAveragePooling2D: _pool_all,
    layers.ReLU: _rectify,
    layers.Add: _add,
    layers.Dropout: _drop,
}
