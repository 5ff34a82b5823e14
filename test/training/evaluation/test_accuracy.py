"""The evaluation of a model folder on labelled faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import CAN_WRITE_LITERT, write_tiny_model

from fer_ros.core.models import ModelStore
from training.__main__ import main
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.evaluation.accuracy import evaluate, for_card


def test_votes_without_a_majority_give_no_agreement() -> None:
    """For example, votes belong to another data set that was merged with these pictures."""
    data = make_dataset(
        np.zeros((2, 48, 48), np.uint8), [0, 1], EXPRESSIONS,
        votes=np.zeros((2, len(EXPRESSIONS)), np.float32),
    )  # fmt: skip
    figures = evaluate(ModelStore().load_card('tiny'), data, np.zeros(2, bool)).figures
    assert 'ferplus' not in figures
    assert 'ferplus_agreement' not in for_card(figures)


@pytest.mark.parametrize(
    ('runtime', 'file'),
    [
        ('opencv', 'model.onnx'),
        pytest.param(
            'litert', 'model.tflite',
            marks=pytest.mark.skipif(not CAN_WRITE_LITERT, reason='no ai_edge_litert'),
        ),
    ],
)  # fmt: skip
def test_the_evaluated_file_and_its_runtime_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], runtime: str, file: str
) -> None:
    """The files of an int8 model compute different values."""
    card = write_tiny_model(tmp_path / 'tiny')
    np.savez(
        tmp_path / 'faces.npz', images=np.zeros((7, 12, 12), np.uint8), labels=np.arange(7),
        classes=np.array(card.labels),
    )  # fmt: skip
    options = ['--data', str(tmp_path / 'faces.npz'), '--runtime', runtime]
    assert main(['evaluate', '--model', str(card.folder), *options]) == 0
    assert f'tiny ({file}) in {runtime}: accuracy' in capsys.readouterr().out
