"""Published weights are identified by their content, read, and inserted without changes."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from training.data.dataset import make_dataset
from training.errors import TrainingError

pytestmark = pytest.mark.usefixtures('keras_backend')

WIDTHS = (32, 64, 128, 256)


def _integer(value: int) -> bytes:
    content = value.to_bytes((value.bit_length() + 7) // 8, 'little')
    return bytes([len(content)]) + content


def _layer(name: str, values: np.ndarray, *sizes: int) -> bytes:
    shape = (len(values), 1, 1, 1)
    head = _integer(len(name)) + name.encode() + _integer(2) + b''.join(map(_integer, shape))
    return head + values.astype('<f4').tobytes() + b''.join(map(_integer, sizes))


def _dlib_file(rng: np.random.Generator, blocks: int = 2) -> bytes:
    """Return convolutions, each with its affine layer, serialised as dlib does it."""
    content = b'before'
    channels = 3
    for width, side in [(32, 7), *((width, 3) for width in WIDTHS for _ in range(2 * blocks))]:
        kernel = rng.normal(0, (side * side * channels) ** -0.5, width * channels * side * side)
        bias = rng.normal(0, 0.1, width)
        content += _layer('con_4', np.concatenate([kernel, bias]), width, side, side)
        affine = np.concatenate([rng.uniform(0.5, 1.5, width), rng.normal(0, 0.1, width)])
        content += _layer('affine_', affine)
        channels = width
    return content + struct.pack('<f', 1.0)


@pytest.fixture
def known_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of random weights that is registered as known."""
    from training.initialisation import pretrained
    from training.initialisation.dlib_weights import put_dlib

    content = _dlib_file(np.random.default_rng(5))
    known = pretrained.Pretrained(
        'a test', 'https://example.org', 'CC0-1.0', ('dlib_resnet_small',), put_dlib
    )
    monkeypatch.setattr(pretrained, 'PRETRAINED', {hashlib.sha256(content).hexdigest(): known})
    path = tmp_path / 'weights.dat'
    path.write_bytes(content)
    return path


def _network(classes: int = 7):
    import keras

    from training.zoo import dlib_resnet
    from training.zoo.blocks import convolution

    picture = keras.Input((48, 48, 1), name='picture')
    x = keras.layers.MaxPooling2D(3, strides=2)(
        convolution(picture, 32, 7, strides=2, padding='valid')
    )
    return dlib_resnet.build_levels('dlib_resnet_small', picture, x, (2, 2, 2), classes, 0.2)


def _data(seed: int, contrast: float = 1.0):
    noise = np.random.default_rng(seed).integers(0, 256, (24, 48, 48)) * contrast
    return make_dataset(noise.astype(np.uint8), [0] * 24, ['happy'])


def test_layers_compute_the_result_of_the_file_for_any_calibration_pictures(
    known_file: Path,
) -> None:
    import keras

    from training.initialisation.dlib_weights import read_convolutions
    from training.initialisation.pretrained import initialise

    pictures = np.random.default_rng(0).uniform(-1, 1, (3, 48, 48, 1)).astype(np.float32)
    means = []
    for seed, contrast in ((1, 1.0), (2, 0.3)):
        network = _network()
        initialise(network, known_file, _data(seed, contrast))
        means.append(keras.Model(network.input, network.layers[-1].input)(pictures))
        first = next(x for x in network.layers if isinstance(x, keras.layers.BatchNormalization))
        stem = keras.Model(network.input, first.output)(pictures)
    assert np.allclose(means[0], means[1], atol=1e-4)
    # The stem against its definition: RGB of equal channels, means taken off, divided by 256.
    convolution = read_convolutions(known_file.read_bytes())[0]
    patch = (pictures[0, :7, :7] + 1) * 127.5
    seen = (patch - [122.782, 117.001, 104.298]) / 256
    expected = np.einsum('hwc,hwcf->f', seen, convolution.kernel) + convolution.bias
    expected = convolution.factor * expected + convolution.offset
    assert np.allclose(np.asarray(stem)[0, 0, 0], expected, atol=1e-4)


def test_the_small_architecture_takes_the_first_blocks_and_a_smaller_stem(
    known_file: Path,
) -> None:
    from training.initialisation.dlib_weights import put_dlib, read_convolutions
    from training.zoo import build

    content = _dlib_file(np.random.default_rng(5), blocks=4)
    network = build('dlib_resnet_small', 48, 'gray', 7)
    put_dlib(content, network, np.zeros((4, 48, 48, 1), np.float32))
    kernels = [layer.kernel for layer in network.layers if hasattr(layer, 'kernel')]
    assert kernels[0].shape == (5, 5, 1, 32)
    assert np.allclose(kernels[1], read_convolutions(content)[1].kernel)


def test_a_one_pixel_convolution_takes_the_centre_of_the_kernel() -> None:
    from training.initialisation.dlib_weights import put_dlib, read_convolutions
    from training.zoo import build

    content = _dlib_file(np.random.default_rng(5), blocks=4)
    network = build('dlib_resnet_lean', 64, 'gray', 7)
    put_dlib(content, network, np.zeros((4, 64, 64, 1), np.float32))
    single = [
        layer.kernel
        for layer in network.layers
        if hasattr(layer, 'kernel') and layer.kernel.shape == (1, 1, 256, 256)
    ]
    widest = [c for c in read_convolutions(content) if c.kernel.shape == (3, 3, 256, 256)]
    assert np.allclose(single[0][0, 0], widest[0].kernel[1, 1])


def test_training_starts_from_a_known_file(
    faces_npz: Path,
    known_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from support.training_runs import train

    from training.zoo import dlib_resnet_small

    monkeypatch.setattr(dlib_resnet_small, 'BLOCKS', (1, 1, 1))
    train(
        faces_npz, tmp_path / 'run', '--model', 'dlib_resnet_small', '--init', str(known_file),
        '--epochs', '1', '--freeze', '3', '--rate-decay', '0.9', '--optimizer', 'adamw',
    )  # fmt: skip
    assert 'a test (CC0-1.0, https://example.org)' in capsys.readouterr().out
    assert (tmp_path / 'run' / 'best.keras').exists()


def test_an_unknown_file_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    from training.initialisation.pretrained import initialise

    path = tmp_path / 'weights.dat'
    path.write_bytes(b'something else')
    with pytest.raises(TrainingError, match='not a known weight file: name a model folder'):
        initialise(SimpleNamespace(name='dlib_resnet'), path, _data(0))  # type: ignore[arg-type]


def test_an_unsuitable_architecture_is_refused(known_file: Path) -> None:
    from training.initialisation.pretrained import initialise

    network = SimpleNamespace(name='mini_xception')
    with pytest.raises(TrainingError, match='use --model dlib_resnet_small'):
        initialise(network, known_file, _data(0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    'content', [b'', b'no network', _dlib_file(np.random.default_rng(1))[:99]]
)
def test_a_file_that_is_not_a_dlib_network_is_refused(content: bytes) -> None:
    from training.initialisation.dlib_weights import read_convolutions

    with pytest.raises(TrainingError, match=r'not a (readable )?dlib network'):
        read_convolutions(content)
