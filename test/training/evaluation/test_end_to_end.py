"""Figures of found and lost faces for detectors and models with known answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.types import Box, Detection, Frame
from training.__main__ import main
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.evaluation import face_finding
from training.evaluation.end_to_end import backgrounds, figures_of
from training.evaluation.face_finding import SIDES, SMALLEST, Findings, find_faces, found_detection
from training.evaluation.scenes import Place, Scene, make_scene

SPEC = CropSpec(FER2013, 12)


class KnowsThePlaces:
    """Finds every inserted face except in the left half of the frame."""

    places: tuple[Place, ...] = ()
    side = 0

    def detect(self, frame: Frame) -> list[Detection]:
        return [
            Detection(
                Box(p.x - 0.4 * self.side, p.y - 0.5 * self.side, 0.8 * self.side, self.side), 0.9
            )
            for p in self.places
            if p.x >= frame.width / 2
        ] + [Detection(Box(-900, -900, 20, 20), 0.8)]


@pytest.fixture
def knowing_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = KnowsThePlaces()

    def make(faces, background, side, condition, rng) -> Scene:
        scene = make_scene(faces, background, side, condition, rng)
        detector.places, detector.side = scene.places, side
        return scene

    monkeypatch.setattr(face_finding, 'make_scene', make)
    monkeypatch.setattr(face_finding, 'create_detector', lambda *_: detector)


@pytest.mark.usefixtures('knowing_detector')
def test_every_picture_is_shown_in_every_condition_and_found_at_its_place() -> None:
    found = find_faces(make_images(6, 3), backgrounds(None), ['haar'], SPEC, processes=1)['haar']
    assert len(found.picture) == 6 * 2 * (1 + len(SIDES))
    for side in (SMALLEST, *SIDES):
        for name in ('upright', 'varied'):
            here = (found.side == side) & (found.condition == name)
            assert sorted(found.picture[here]) == list(range(6))
    assert 0 < found.found.sum() < len(found.found)
    assert found.crops[found.found].any(axis=(1, 2)).all()
    assert not found.crops[~found.found].any()
    assert found.elsewhere == found.frames


@pytest.mark.usefixtures('knowing_detector')
def test_the_same_seed_gives_the_same_scenes_and_another_does_not() -> None:
    first, again, other = (
        find_faces(make_images(5, 5), backgrounds(None), ['haar'], SPEC, seed, 1)['haar']
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first.crops, again.crops)
    assert not np.array_equal(first.roll, other.roll)


@pytest.mark.parametrize(
    ('x', 'height', 'is_it'), [(100, 50, True), (125, 50, False), (100, 20, False)]
)
def test_a_detection_is_matched_by_position_and_size(x: float, height: float, is_it: bool) -> None:
    detection = Detection(Box(x - 20, 100 - height / 2, 40, height), 0.9)
    assert (found_detection([detection], Place(100, 100, 0), 48) is not None) == is_it


class TellsBrightness:
    """Returns the class whose number is the gray level of the picture over 20."""

    name, class_names, crop_spec = 'brightness', EXPRESSIONS, SPEC

    def prepare(self, image: np.ndarray, source: CropSpec) -> np.ndarray:
        return image

    def logits(self, crops: list[np.ndarray]) -> np.ndarray:
        return np.eye(7, dtype=np.float32)[[int(crop.mean() / 20) for crop in crops]]


def test_losses_are_reported_for_the_same_pictures() -> None:
    pictures = np.stack([np.full((12, 12), 20 * k + 10, np.uint8) for k in range(4)])
    labels = [0, 1, 2, 5]  # the last one is wrong directly
    findings = Findings(
        picture=np.array([0, 1, 2, 3]),
        side=np.full(4, 96),
        condition=np.full(4, 'upright'),
        roll=np.zeros(4),
        gain=np.ones(4),
        found=np.array([True, True, False, True]),
        crops=pictures[[0, 3, 2, 3]],  # the second one was cut out wrong
        elsewhere=1,
        frames=2,
    )
    figures = figures_of(TellsBrightness(), make_dataset(pictures, labels, EXPRESSIONS), findings)
    row = figures['rows']['upright from 96 pixels']
    assert (row['shown'], row['found']) == (4, 0.75)
    assert row['direct'] == pytest.approx(2 / 3)
    assert row['accuracy'] == pytest.approx(1 / 3)
    assert row['points_lost'] == pytest.approx(100 / 3)
    assert figures['elsewhere_per_frame'] == 0.5


@pytest.mark.usefixtures('knowing_detector')
def test_the_command_writes_figures_for_each_detector(faces_npz: Path, tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path / 'tiny').folder
    arguments = ['--model', str(folder), '--data', str(faces_npz), '--split', 'test']
    arguments += ['--sample', '4', '--detectors', 'haar', '--processes', '1']
    assert main(['end-to-end', *arguments, '--json', str(tmp_path / 'r.json')]) == 0
    figures = json.loads((tmp_path / 'r.json').read_text())[str(folder)]['haar']
    assert figures['rows']['whole grid']['shown'] == 4 * 2 * len(SIDES)


@pytest.mark.usefixtures('knowing_detector')
def test_models_of_other_sizes_are_evaluated_on_the_same_frames(
    faces_npz: Path, tmp_path: Path
) -> None:
    folders = [write_tiny_model(tmp_path / f'tiny{size}', size=size).folder for size in (12, 16)]
    arguments = [word for folder in folders for word in ('--model', str(folder))]
    arguments += ['--data', str(faces_npz), '--split', 'test', '--sample', '4']
    arguments += ['--detectors', 'haar', '--processes', '1', '--json', str(tmp_path / 'r.json')]
    assert main(['end-to-end', *arguments]) == 0
    figures = json.loads((tmp_path / 'r.json').read_text())
    first, second = (figures[str(folder)]['haar']['rows'] for folder in folders)
    assert {part: row['found'] for part, row in first.items()} == {
        part: row['found'] for part, row in second.items()
    }


def test_colour_models_are_refused(
    faces_npz: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_tiny_model(tmp_path / 'tiny', channels='rgb').folder
    assert main(['end-to-end', '--model', str(folder), '--data', str(faces_npz)]) == 1
    assert 'models of gray crops' in capsys.readouterr().err
