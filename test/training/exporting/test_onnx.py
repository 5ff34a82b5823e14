"""Networks that OpenCV DNN cannot run are refused, and the others give the same logits there."""

from __future__ import annotations

import numpy as np
import pytest
from keras import Input, Model, layers

from training.errors import TrainingError
from training.exporting.onnx import run_onnx, run_opencv, to_onnx
from training.zoo import build


def test_squeeze_and_excitation_of_the_zoo_gives_the_same_logits_in_batches() -> None:
    network = build('face_resnet-4-8-16-se', 48, 'gray', 7)
    pictures = np.random.default_rng(1).random((3, 48, 48, 1), dtype=np.float32)
    content = to_onnx(network)
    expected = np.asarray(network(pictures))
    assert np.allclose(run_onnx(content, pictures), expected, atol=1e-5)
    assert np.allclose(run_opencv(content, pictures), expected, atol=1e-5)


@pytest.mark.parametrize('repeated', [False, True], ids=['not repeated', 'repeated in height'])
def test_gates_of_another_size_than_the_picture_are_refused(repeated: bool) -> None:
    picture = Input((8, 8, 4))
    gates = layers.GlobalAveragePooling2D(keepdims=True)(picture)
    gates = layers.Conv2D(4, 1, activation='sigmoid')(gates)
    gates = layers.Concatenate(1)([gates] * 8) if repeated else gates
    logits = layers.GlobalAveragePooling2D()(layers.Multiply()([picture, gates]))
    with pytest.raises(TrainingError, match='one number per channel'):
        to_onnx(Model(picture, logits))
