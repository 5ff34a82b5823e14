"""The model during training uses the right computation, and leaves its teachers unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures('keras_backend')


def _network() -> Any:
    import keras

    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3),
            keras.layers.GlobalAveragePooling2D(name='head_logits', dtype='float32'),
        ]
    )


def test_teachers_do_not_learn() -> None:
    from training.learning.trainer import Trainer

    trainer = Trainer(_network(), teachers=[_network()], distill_share=0.5)
    trainer.build((None, 8, 8, 1))
    assert len(trainer.trainable_variables) == 2


def test_mixed_precision_is_computed_by_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('torch')
    from training.learning import trainer
    from training.learning.networks import use_full_precision, use_mixed_precision

    monkeypatch.setattr(trainer.keras.backend, 'backend', lambda: 'torch')
    network = _network()
    use_mixed_precision(network)
    assert trainer._native_forward(network) is None
    use_full_precision(network)
    assert trainer._native_forward(network) is not None


def test_layers_that_an_earlier_run_froze_learn_again(tmp_path: Path) -> None:
    from training.learning.networks import freeze_backbone, load_network

    network = _network()
    expected = len(network.trainable_variables)
    freeze_backbone(network)
    assert len(network.trainable_variables) < expected
    network.save(tmp_path / 'model.keras')
    assert len(load_network(tmp_path).trainable_variables) == expected
