"""An interrupted video continues, and its results equal those of an uninterrupted run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from support.annotating import contents, searching
from support.clips import face_at, nobody, walk, write_clip

from fer_ros.core.detection.base import Search
from fer_ros.core.scoring import FaceScores
from fer_ros.core.types import Box, Detection
from fer_ros.offline.inputs.finding import find_inputs
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.running.ahead import Cores
from fer_ros.offline.running.annotate import StoppedError, annotate
from fer_ros.offline.running.journal import BLOCK, Journal
from fer_ros.offline.running.shared_models import SharedDetector, SharedModels

LANDMARKS = np.array([[1.1, 2], [3, 4], [5, 6], [7, 8], [9, 10]], np.float32)
FACES = [Detection(Box(0.1, 1 / 3, 50, 60), 0.987, LANDMARKS), Detection(Box(1, 2, 3, 4), 0.9)]
SCORES = FaceScores(
    np.array([[0.1, 0.9], [0.7, 0.3]], np.float32), (np.array([[0.3], [0.4]], np.float32),)
)


@pytest.fixture(scope='module')
def long_clip(photographs, tmp_path_factory) -> Path:
    faces = face_at(photographs, walk((200, 220), (420, 260), 2 * BLOCK), face_height=150)
    images = [still.image[::2, ::2] for still in faces]
    wall = [image[::2, ::2] for image in nobody(20)]
    return write_clip(tmp_path_factory.mktemp('long') / 'long.avi', [*images, *wall], 25)


def fill(journal: Journal, frames: range) -> None:
    for number in frames:
        journal.note_detections(number, FACES)
        if number % 7:
            journal.note_scores(number, SCORES)


def test_complete_blocks_are_read_back_bit_for_bit(tmp_path):
    fill(Journal(tmp_path / 'of one'), range(2 * BLOCK + 9))
    journal = Journal(tmp_path / 'of one')
    assert journal.known == 2 * BLOCK
    first, second = journal.detections(BLOCK + 1)
    assert (first.box, first.confidence) == (FACES[0].box, FACES[0].confidence)
    assert np.array_equal(first.landmarks, LANDMARKS)
    assert second == FACES[1]
    scores = journal.scores(1)
    assert np.array_equal(scores.probabilities, SCORES.probabilities)
    assert np.array_equal(scores.attributes[0], SCORES.attributes[0])
    assert journal.scores(7) is None, 'a frame that came too late'


def test_a_journal_continues_after_its_known_blocks(tmp_path):
    fill(Journal(tmp_path / 'of one'), range(BLOCK + 9))
    journal = Journal(tmp_path / 'of one')
    fill(journal, range(3 * BLOCK))
    assert Journal(tmp_path / 'of one').known == 3 * BLOCK
    journal.remove()
    assert Journal(tmp_path / 'of one').known == 0


@pytest.mark.parametrize(
    ('search', 'cores'),
    [
        (Search.FULL, Cores(1, lambda: 1)),
        (Search.FULL, Cores(3, lambda: 3)),
        (Search.FAST, Cores(1, lambda: 1)),
    ],
)
def test_an_interrupted_video_continues_and_gives_the_same_bytes(
    long_clip, settings, tmp_path, monkeypatch, search, cores
):
    models = SharedModels(searching(settings, search))

    def run(out: Path, stop_at: int = 0) -> OutputFolder:
        def tell(done: int, length: int) -> None:
            if done == stop_at:
                raise StoppedError

        output = OutputFolder(out)
        (one,) = find_inputs([long_clip], [], out).inputs
        with output.locked():
            outcome = annotate(one, output, models, cores, tell)
            assert not outcome.failure
        return output

    run(tmp_path / 'whole')
    with pytest.raises(StoppedError):
        run(tmp_path / 'out', stop_at=BLOCK + 20)
    searched = []
    detect = SharedDetector.detect
    monkeypatch.setattr(
        SharedDetector,
        'detect',
        lambda self, frame, *rest: searched.append(frame.stamp) or detect(self, frame, *rest),
    )
    run(tmp_path / 'out')
    assert min(searched) == pytest.approx(BLOCK / 25 * 1e9, abs=1e6), 'nothing is searched twice'
    after = contents(tmp_path / 'out')
    assert after == contents(tmp_path / 'whole')


def test_a_journal_of_another_file_or_other_settings_is_not_used(long_clip, settings, tmp_path):
    output = OutputFolder(tmp_path)
    (one,) = find_inputs([long_clip], [], tmp_path).inputs
    places = {
        output.unfinished(one, settings),
        output.unfinished(dataclasses.replace(one, modified=1), settings),
        output.unfinished(one, searching(settings, Search.FAST)),
    }
    assert len(places) == 3
