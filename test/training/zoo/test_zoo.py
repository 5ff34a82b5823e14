"""Every architecture builds, returns logits, and has the published number of parameters."""

from __future__ import annotations

import numpy as np
import pytest

from training.errors import TrainingError
from training.zoo import ARCHITECTURES, build

pytestmark = pytest.mark.usefixtures('keras_backend')

#: For seven classes. The first four as counted from the published code, the fifth as its many
#: users print it.
PUBLISHED = {
    'mini_xception': 58_423,
    'big_xception': 208_871,
    'simple_cnn': 642_935,
    'four_conv_cnn': 2_345_607,
}
LARGEST = {'face_resnet_tiny': 160_000, 'face_resnet_small': 1_000_000, 'face_resnet': 2_000_000}


@pytest.mark.parametrize('name', ARCHITECTURES)
def test_a_network_accepts_its_pictures_and_returns_logits(name: str) -> None:
    size, channels = ARCHITECTURES[name]
    network = build(name, size, channels, classes=5)
    pictures = np.random.default_rng(0).random((2, *network.input_shape[1:]), dtype=np.float32)
    logits = np.asarray(network(pictures * 2 - 1))
    assert logits.shape == (2, 5)
    assert not np.allclose(logits.sum(axis=1), 1)
    assert network.name == name


@pytest.mark.parametrize('name', PUBLISHED)
def test_a_network_has_the_published_number_of_parameters(name: str) -> None:
    assert build(name, *ARCHITECTURES[name], classes=7).count_params() == PUBLISHED[name]


@pytest.mark.parametrize('name', LARGEST)
def test_own_networks_stay_within_their_budget(name: str) -> None:
    assert build(name, *ARCHITECTURES[name], classes=7).count_params() <= LARGEST[name]


@pytest.mark.parametrize('name', ARCHITECTURES)
def test_the_head_alone_depends_on_the_classes(name: str) -> None:
    size, channels = ARCHITECTURES[name]
    few, many = build(name, size, channels, 3), build(name, size, channels, 9)
    for layer, other in zip(few.layers, many.layers, strict=True):
        same = [w.shape for w in layer.weights] == [w.shape for w in other.weights]
        assert same or layer.name.startswith('head')


@pytest.mark.parametrize(('name', 'size'), [('simpler_cnn', 96), ('four_conv_cnn', 12)])
def test_pictures_of_an_unsupported_size_are_refused(name: str, size: int) -> None:
    with pytest.raises(
        TrainingError, match=f'{name} cannot be built for pictures of .{size}.*--size'
    ):
        build(name, size, 'gray', 7)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TrainingError, match='mini_xception'):
        build('no_such_net', 48, 'gray', 7)


def test_numbers_describe_a_face_resnet() -> None:
    described = build('face_resnet-28-48-96-192', 48, 'gray', 7)
    assert described.count_params() == build('face_resnet', 48, 'gray', 7).count_params()
    deep = build('face_resnet-4-8x3k-16', 48, 'gray', 7)
    sizes = [layer.output.shape[1] for layer in deep.layers if layer.name.startswith('add')]
    assert sizes == [48, 48, 48, 24, 24]
    separable = build('face_resnet-28-48-96-192-separable', 48, 'gray', 7)
    assert separable.count_params() < described.count_params() / 5
    gated = build('face_resnet-28-48-96-192-separable-se', 48, 'gray', 7)
    assert sum(layer.name.startswith('multiply') for layer in gated.layers) == 6


@pytest.mark.parametrize(
    'name',
    ['face_resnet-', 'face_resnet-16', 'face_resnet-16-0', 'face_resnet-16-32y', 'other-8-8'],
)
def test_numbers_that_describe_no_network_are_refused(name: str) -> None:
    with pytest.raises(TrainingError, match='no architecture'):
        build(name, 48, 'gray', 7)
