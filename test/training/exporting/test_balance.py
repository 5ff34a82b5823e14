"""The balance command changes the bias of the head, so that rare classes are chosen more often."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.__main__ import main
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.errors import TrainingError
from training.evaluation.calibration import with_temperature
from training.exporting.balance import (
    NOTE,
    log_frequencies,
    offsets_for_recall,
    scores_of,
    write_balanced,
)
from training.exporting.tflite import precision_of


def test_balance_is_shown_as_accuracy_and_the_recall_of_each_class() -> None:
    logits = np.array([[3.0, 0, 0], [3, 0, 0], [0, 1, 0], [2, 1, 0]])
    scores = scores_of(logits, np.array([0, 0, 1, 1]))
    assert scores.accuracy == 0.75
    assert scores.balanced == 0.75
    assert scores.least == 1
    assert np.allclose(scores.recall, [1, 0.5, np.nan], equal_nan=True)


def test_the_weakest_class_is_raised_until_each_reaches_the_recall() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 600)
    logits = np.eye(3)[labels] + rng.normal(0, 0.8, (600, 3)) - np.array([0, 0, 1.0])
    offsets = offsets_for_recall(logits, labels, 0.6)
    assert scores_of(logits, labels).recall.min() < 0.4
    assert scores_of(logits + offsets, labels).recall.min() >= 0.6
    assert offsets[2] > 0
    with pytest.raises(TrainingError, match=r'recall of 0\.99'):
        offsets_for_recall(logits, labels, 0.99)


def test_a_model_that_needs_no_offset_is_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = write_tiny_model(tmp_path / 'tiny')
    before = card.path.read_bytes()
    assert main(['balance', str(card.folder), '--offsets', f'{card.labels[0]}=0']) == 0
    assert 'the model is unchanged' in capsys.readouterr().out
    assert card.path.read_bytes() == before


def _logits(folder: Path, runtime: str) -> np.ndarray:
    return load_classifier(ModelCard.read(folder), runtime).logits(list(make_images(7, 7, 5)))


@pytest.mark.usefixtures('tensorflow')
def test_every_file_subtracts_the_offsets_and_the_card_says_so(
    model_folder: Path, own_folder: Path
) -> None:
    before = with_temperature(ModelCard.read(own_folder), 1.5)
    offsets = np.log(np.arange(1, 8) / 28)
    write_balanced(before, -0.5 * offsets, 'half of it', 'float32')
    card = ModelCard.read(own_folder)
    assert (card.name, card.labels, card.task) == (before.name, before.labels, before.task)
    assert card.temperature == 1.5
    assert card.data.endswith('. Balanced: half of it.')
    for runtime in ('litert', 'onnxruntime'):
        change = _logits(own_folder, runtime) - _logits(model_folder, runtime)
        assert np.allclose(change, -0.5 * offsets, atol=1e-4)


@pytest.mark.usefixtures('tensorflow')
def test_the_command_shows_the_trade_off_and_adjusts_once(
    own_folder: Path, trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = (own_folder / 'model.onnx').read_bytes()
    assert main(['balance', str(own_folder), '--run', str(trained_run)]) == 0
    assert capsys.readouterr().out.count('strength') == 1
    assert (own_folder / 'model.onnx').read_bytes() == files, 'to look changes nothing'
    strength = ['balance', str(own_folder), '--run', str(trained_run), '--strength', '0.3']
    assert main(strength) == 0
    assert 'unchanged' in capsys.readouterr().out, 'all classes are equally frequent'
    arguments = ['balance', str(own_folder), '--offsets', 'sad=0.3']
    assert main(arguments) == 0
    assert 'calibrate again' in capsys.readouterr().out
    assert main(arguments) == 1
    assert 'already balanced' in capsys.readouterr().err


def test_classes_without_pictures_are_named(model_folder: Path) -> None:
    data = make_dataset(np.zeros((6, 48, 48), np.uint8), list(range(6)), EXPRESSIONS)
    with pytest.raises(TrainingError, match='no pictures of neutral'):
        log_frequencies(ModelCard.read(model_folder), data)


def test_the_balancing_data_must_be_named(
    model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['balance', str(model_folder)]) == 1
    assert 'with --run, or with --data and --parts' in capsys.readouterr().err


@pytest.mark.usefixtures('tensorflow')
def test_given_offsets_need_no_data(model_folder: Path, own_folder: Path) -> None:
    names = ModelCard.read(own_folder).labels
    arguments = ['balance', str(own_folder), '--offsets', f'{names[1]}=0.5', f'{names[2]}=-0.25']
    assert main(arguments) == 0
    change = _logits(own_folder, 'onnxruntime') - _logits(model_folder, 'onnxruntime')
    assert np.allclose(change, [0, 0.5, -0.25, 0, 0, 0, 0], atol=1e-4)
    assert f'{names[1]} +0.50, {names[2]} -0.25' in ModelCard.read(own_folder).data


@pytest.mark.usefixtures('tensorflow')
def test_balancing_keeps_the_precision(own_folder: Path) -> None:
    def now() -> str:
        return precision_of((own_folder / 'model.tflite').read_bytes())

    assert now() == 'float32'
    arguments = ['balance', str(own_folder), '--offsets', 'sad=0.5']
    assert main([*arguments, '--precision', 'float16']) == 0
    assert not (own_folder / 'model.onnx').exists(), 'its successor is compressed'
    card = ModelCard.read(own_folder)
    replace(card, data=card.data.partition(NOTE)[0]).write(own_folder)
    assert main(arguments) == 0
    assert now() == 'float16'


@pytest.mark.usefixtures('tensorflow')
def test_balancing_of_an_int8_model_needs_pictures(
    own_folder: Path, trained_run: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from training.exporting import model_folder, tflite

    written: list[Any] = []

    def note(*given: Any) -> ModelCard:
        written.extend(given[-2:])
        return ModelCard.read(own_folder)

    # The small network of the tests loses too much in int8 to pass the check of its card.
    monkeypatch.setattr(tflite, 'precision_of', lambda content: 'int8')
    monkeypatch.setattr(model_folder, 'write_model_folder', note)
    arguments = ['balance', str(own_folder), '--offsets', 'sad=0.5']
    assert main(arguments) == 1
    assert '--run, or --precision float32' in capsys.readouterr().err
    assert main([*arguments, '--run', str(trained_run)]) == 0
    precision, samples = written
    assert precision == 'int8'
    assert samples.shape[1:] == (48, 48, 1)


def test_an_offset_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(['balance', 'mine', '--offsets', 'sad'])
    assert "'sad' is not CLASS=VALUE" in capsys.readouterr().err


def test_an_offset_of_an_unknown_class_is_refused(
    own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['balance', str(own_folder), '--offsets', 'bored=0.5']) == 1
    assert 'has no class bored' in capsys.readouterr().err
