"""Networks of earlier runs start with the weights that fit the data, or are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_ros.core.models import ModelCard
from training.data.dataset import Dataset, make_dataset
from training.errors import TrainingError
from training.learning.config import TrainConfig

pytestmark = pytest.mark.usefixtures('keras_backend')


def _data(classes: Sequence[str]) -> Dataset:
    return make_dataset(np.zeros((len(classes), 48, 48), np.uint8), range(len(classes)), classes)


def _head(network: Any) -> np.ndarray:
    layers = [layer for layer in network.layers if layer.name.startswith('head_conv')]
    return np.asarray(layers[0].get_weights()[0])


def test_the_head_keeps_the_classes_that_the_network_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from training import zoo
    from training.learning import networks

    before = ('angry', 'happy', 'sad')
    trained = zoo.build('tiny_xception', 48, 'gray', 3)
    monkeypatch.setattr(networks, 'classes_of', lambda path: before)
    monkeypatch.setattr(networks, 'load_network', lambda path: trained)
    config = TrainConfig.of({'data': ['faces'], 'init': str(tmp_path)})
    fresh = networks.starting_network(config, _data(['sad', 'mask', 'Anger']))
    assert np.array_equal(_head(fresh)[..., [0, 2]], _head(trained)[..., [2, 0]])
    assert not np.array_equal(_head(fresh)[..., 1], _head(trained)[..., 1])
    assert 'must learn: mask' in capsys.readouterr().out
    assert networks.starting_network(config, _data(['Anger', 'happy', 'sad'])) is trained
    trained.name = 'foreign'
    with pytest.raises(TrainingError, match='needs an architecture of the zoo'):
        networks.starting_network(config, _data(['sad', 'happy', 'angry']))


@pytest.mark.parametrize('change', [{'mean': 0.0, 'scale': 1.0}, {'channels': 'rgb'}], ids=str)
def test_a_model_for_other_pixels_neither_starts_nor_teaches(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.learning import networks

    folder = Path(__file__).parents[3] / 'models' / 'tiny'
    card = ModelCard.read(folder)
    data = _data(card.labels)
    networks.load_teacher(folder, data)
    given = replace(card.input, channels=change.get('channels', card.input.channels))
    if 'mean' in change:
        given = replace(given, normalisation=replace(card.input.normalisation, **change))
    monkeypatch.setattr(ModelCard, 'read', lambda path: replace(card, input=given))
    with pytest.raises(TrainingError, match='--relabel'):
        networks.load_teacher(folder, data)


def test_a_model_for_gray_pictures_names_the_options_that_fit_it() -> None:
    from training.learning import networks

    data = make_dataset(np.zeros((1, 32, 32, 3), np.uint8), [0], ['happy'])
    with pytest.raises(TrainingError, match=r'--size 48 --channels gray, or .* --relabel'):
        networks.load_teacher(Path(__file__).parents[3] / 'models' / 'tiny', data)
