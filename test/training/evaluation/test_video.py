"""Clips whose expressions change at known times, and the figures of a model on them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from fer_ros.core.classification import Classifier, load_classifier
from fer_ros.core.emotion_stage import EmotionStage
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.errors import DataError
from training.evaluation.video import (
    EXPRESSIONS_SHOWN,
    FRAMES_BLENDED,
    FRAMES_SHOWN,
    Clip,
    follow,
    make_clip,
    summarise_clips,
    video,
)


@pytest.fixture(scope='module')
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return load_classifier(write_tiny_model(tmp_path_factory.mktemp('models') / 'tiny'))


def _clip(*classes: int) -> Clip:
    truth = np.repeat(classes, FRAMES_SHOWN)
    blended = (np.arange(len(truth)) % FRAMES_SHOWN < FRAMES_BLENDED) & (
        np.arange(len(truth)) >= FRAMES_SHOWN
    )
    return Clip(np.zeros((len(truth), 8, 8), np.uint8), truth, blended)


def _certain(classes: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.where(np.eye(7)[classes] > 0, 0.94, 0.01).astype(np.float32)


def test_a_perfect_model_is_delayed_by_smoothing_only(
    classifier: Classifier,
) -> None:
    clip = _clip(3, 0, 6)
    answers = follow(EmotionStage(classifier), _certain(clip.truth))
    figures = summarise_clips([(clip, answers)])
    assert figures['found'] == 1
    assert figures['false_events'] == 0
    assert 0 < figures['delay'] <= figures['delay_90'] < 0.6
    assert figures['right'] > 0.85


def test_events_of_an_expression_that_is_not_shown_are_false(
    classifier: Classifier,
) -> None:
    clip = _clip(3, 0)
    said = clip.truth.copy()
    said[FRAMES_SHOWN // 3 : 2 * FRAMES_SHOWN // 3] = 5  # one second of another, then back
    figures = summarise_clips([(clip, follow(EmotionStage(classifier), _certain(said)))])
    minutes = len(clip.truth) / 15 / 60
    assert figures['false_events'] == pytest.approx(1 / minutes)
    assert figures['found'] == 1


def test_a_change_without_an_event_is_missed(classifier: Classifier) -> None:
    clip = _clip(3, 0)
    answers = follow(EmotionStage(classifier), _certain(np.full(len(clip.truth), 3)))
    figures = summarise_clips([(clip, answers)])
    assert figures['found'] == 0
    assert figures['delay'] is None


def test_a_clip_shows_each_of_its_pictures_and_blends_them() -> None:
    labels = np.arange(14) % 7
    pictures = make_dataset(make_images(14, 7), labels, EXPRESSIONS).pictures
    clip = make_clip(pictures, labels, np.random.default_rng(1))
    assert clip.pictures.shape == (EXPRESSIONS_SHOWN * FRAMES_SHOWN, *pictures.shape)
    shown = clip.truth[::FRAMES_SHOWN]
    assert (shown[1:] != shown[:-1]).all()
    assert clip.blended.sum() == (EXPRESSIONS_SHOWN - 1) * FRAMES_BLENDED
    assert not clip.blended[:FRAMES_SHOWN].any()
    again = make_clip(pictures, labels, np.random.default_rng(1))
    assert np.array_equal(clip.pictures, again.pictures)


def test_a_clip_of_one_class_is_refused() -> None:
    pictures = make_dataset(make_images(3, 7), [0, 0, 0], EXPRESSIONS).pictures
    with pytest.raises(DataError, match='at least two classes'):
        make_clip(pictures, np.zeros(3, np.int64), np.random.default_rng(1))


def test_pictures_without_agreement_of_annotators_are_left_out(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.evaluation import video as module

    monkeypatch.setattr(module, 'CLIPS', 1)
    votes = np.eye(7, dtype=np.float32)[np.arange(14) % 7]
    votes[7:] = np.roll(votes[7:], 1, axis=1)
    data = make_dataset(make_images(14, 7), np.arange(14) % 7, EXPRESSIONS, votes=votes)
    figures = video(classifier, data)
    assert figures == video(classifier, data.subset(np.arange(7)))
    assert figures['clips'] == 1
    assert 0 <= figures['right'] <= 1
