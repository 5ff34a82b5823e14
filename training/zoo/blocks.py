"""Building blocks that several architectures share."""

from __future__ import annotations

from keras import KerasTensor, layers

#: Prefix of the names of head layers. All other layers are the backbone, which fine-tuning keeps.
HEAD = 'head'


def convolution(
    x: KerasTensor,
    filters: int,
    kernel: int = 3,
    kind: type[layers.Layer] = layers.Conv2D,
    **options: object,
) -> KerasTensor:
    """Convolution without bias, batch normalisation, ReLU."""
    x = kind(filters, kernel, use_bias=False, **{'padding': 'same', **options})(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)


def squeeze_excitation(x: KerasTensor, reduction: int = 4) -> KerasTensor:
    """Multiply each channel by a gate that depends on its mean (Hu et al. 2018).

    The gates are repeated to the size of the picture before the product, because OpenCV 4.5.5 and
    4.6 cannot multiply (N, C, H, W) by (N, C, 1, 1) in batches.
    """
    height, width, filters = x.shape[1:]
    gates = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gates = layers.Conv2D(max(filters // reduction, 4), 1, activation='relu')(gates)
    gates = layers.Conv2D(filters, 1, activation='sigmoid')(gates)
    for axis, count in ((1, height), (2, width)):
        gates = layers.Concatenate(axis)([gates] * count) if count > 1 else gates
    return layers.Multiply()([x, gates])


def separable_residual(
    x: KerasTensor, filters: int, enter: layers.Layer | None = None
) -> KerasTensor:
    """Two separable 3x3 convolutions and pooling, with a strided 1x1 shortcut; halves the size.

    Args:
        x: input.
        filters: of both convolutions and the shortcut.
        enter: an activation before the first of them, which the shortcut omits.
    """
    shortcut = layers.Conv2D(filters, 1, strides=2, padding='same', use_bias=False)(x)
    shortcut = layers.BatchNormalization()(shortcut)
    x = enter(x) if enter else x
    x = layers.SeparableConv2D(filters, 3, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.SeparableConv2D(filters, 3, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D(3, strides=2, padding='same')(x)
    return layers.Add()([x, shortcut])


def logits_by_convolution(x: KerasTensor, classes: int) -> KerasTensor:
    """One 3x3 convolution to the classes, averaged over the picture (float32 in any policy)."""
    x = layers.Conv2D(classes, 3, padding='same', name=f'{HEAD}_convolution')(x)
    return layers.GlobalAveragePooling2D(name=f'{HEAD}_logits', dtype='float32')(x)


def logits_by_dense(x: KerasTensor, classes: int) -> KerasTensor:
    """One dense layer to the classes (float32 in any policy)."""
    return layers.Dense(classes, name=f'{HEAD}_logits', dtype='float32')(x)
