"""Learning rates decrease towards the input, and the first layers can be frozen."""

from __future__ import annotations

import numpy as np
import pytest

from training.errors import TrainingError

pytestmark = pytest.mark.usefixtures('keras_backend')


def _network():
    from training.zoo.face_resnet import build_face_resnet

    return build_face_resnet('net', (12, 12, 1), 3, 2, (4,), 0.0)


def test_each_variable_moves_by_its_factor_of_the_rate() -> None:
    import keras

    from training.learning.rates import rate_factors, with_factors

    network = _network()
    factors = rate_factors(network, 0.5)
    assert factors[-1] == 1, 'the head learns at the full rate'
    assert factors == sorted(factors), 'and what is before it at less'
    optimizer = with_factors(keras.optimizers.SGD, factors)(learning_rate=0.1)
    optimizer.build(network.trainable_variables)
    before = [np.array(v) for v in network.trainable_variables]
    optimizer.apply([keras.ops.ones_like(v) for v in network.trainable_variables])
    for old, new, factor in zip(before, network.trainable_variables, factors, strict=True):
        assert np.allclose(old - np.array(new), 0.1 * factor, atol=1e-6)


def test_the_first_convolutions_are_frozen_and_the_rest_learns() -> None:
    from keras import layers

    from training.learning.networks import freeze_first

    network = _network()
    freeze_first(network, 2)
    weighted = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    assert [layer.trainable for layer in weighted] == [False, False] + 4 * [True]
    assert network.layers[-1].trainable
    first_norm = next(x for x in network.layers if isinstance(x, layers.BatchNormalization))
    assert not first_norm.trainable


def test_freezing_everything_is_refused_with_the_number_of_layers() -> None:
    from training.learning.networks import freeze_first

    with pytest.raises(TrainingError, match=r'leaves no layer of net to train: it has \d'):
        freeze_first(_network(), 9)


def test_logit_offsets_follow_the_frequency_of_the_classes() -> None:
    from training.learning.losses import logit_offsets

    labels = np.array([0] * 8 + [1] * 2)
    assert np.allclose(logit_offsets(labels, 2, 1.0), np.log([0.8, 0.2]))
    assert np.allclose(logit_offsets(labels, 2, 0.5), 0.5 * np.log([0.8, 0.2]))
    assert np.isfinite(logit_offsets(labels, 3, 1.0)).all()


def test_offsets_change_the_loss_in_training_only() -> None:
    import keras

    from training.learning.trainer import Trainer

    network = _network()
    trainer = Trainer(network, logit_offsets=np.array([0.0, -1.0, -3.0], np.float32))
    trainer.build((None, 12, 12, 1))
    trainer.compile('sgd', keras.losses.CategoricalCrossentropy(from_logits=True))
    logits, target = keras.ops.zeros((1, 3)), keras.ops.convert_to_tensor([[0.0, 0.0, 1.0]])
    judged = float(trainer.compute_loss(y=target, y_pred=logits, training=False))
    learned = float(trainer.compute_loss(y=target, y_pred=logits, training=True))
    assert judged == pytest.approx(np.log(3), abs=1e-4)
    assert learned == pytest.approx(np.log(1 + np.exp(-1) + np.exp(-3)) + 3, abs=1e-4)
