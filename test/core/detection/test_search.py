"""FaceSearch: which parts of a frame are searched, and that no face is lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from support import extra_media, people
from support.clips import face_at, plain_wall, walk
from support.detectors import make_detector

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, Search
from fer_ros.core.detection.search import FaceSearch
from fer_ros.core.detection.window import Window, enclosing, shrunk_close_up
from fer_ros.core.types import Box, Detection, Frame

MS = 1_000_000
CONFIG = DetectorConfig()
WALL = (480, 640)

#: Overviews a second: more than there are frames.
EVERY_FRAME = 1000.0


class Recorder(FaceDetector):
    """Finds white squares: certain from 16 pixels on, uncertain from 6."""

    name = 'recorder'

    def __init__(self) -> None:
        self.looks: list[tuple[int, int, float]] = []

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        self.looks.append((frame.width, frame.height, scale))
        least = CONFIG.confidence if confidence is None else confidence
        contours, _ = cv2.findContours(
            (frame.image > 250).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        found = []
        for x, y, width, height in map(cv2.boundingRect, contours):
            seen = height * scale
            certainty = 0.9 if seen >= 16 else 0.3 if seen >= 6 else 0.0
            if certainty >= least:
                found.append(Detection(Box(x, y, width, height), certainty))
        return found

    def pixels(self) -> float:
        """Return how many pixels were searched since the last call."""
        looks, self.looks = self.looks, []
        return sum(width * height * scale**2 for width, height, scale in looks)


def scene(*squares: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return a picture with squares by left, top, side."""
    image = np.zeros(WALL, np.uint8)
    for left, top, side in squares:
        image[top : top + side, left : left + side] = 255
    return image


def searching(detector: FaceDetector, **changes: object) -> FaceSearch:
    detector.set_config(replace(CONFIG, **changes))  # type: ignore[arg-type]
    return FaceSearch(detector)


def run(search: FaceSearch, image: NDArray[np.uint8], frames: int, start: int = 0) -> list[int]:
    """Return how many faces are found in each frame of a still picture at 30 Hz."""
    return [
        len(search.detect(Frame(image, 'mono8', (start + index) * 33 * MS)))
        for index in range(frames)
    ]


def run_in_changing_light(search: FaceSearch, image: NDArray[np.uint8], frames: int) -> list[int]:
    """Return the same for a scene in which all pixels change in every frame."""
    return [
        len(search.detect(Frame(np.maximum(image, 20 * (i % 5)), 'mono8', i * 33 * MS)))
        for i in range(frames)
    ]


def boxes(search: FaceSearch, image: NDArray[np.uint8], stamp: int) -> list[Box]:
    return [face.box for face in search.detect(Frame(image, 'mono8', stamp))]


def test_the_first_frame_and_single_pictures_are_searched_in_full():
    recorder = Recorder()
    search = FaceSearch(recorder)
    for stamp in (0, 0, 900 * MS, 400 * MS):
        search.detect(Frame(scene(), 'mono8', stamp))
    search.detect(Frame(scene()[:, :320], 'mono8', 420 * MS))
    assert recorder.looks == [(640, 480, 1.0)] * 4 + [(320, 480, 1.0)]


def test_full_search_looks_at_every_frame_in_full():
    recorder = Recorder()
    run(searching(recorder, search=Search.FULL), scene((300, 200, 20)), 4)
    assert recorder.looks == [(640, 480, 1.0)] * 4


def test_a_detector_without_uncertain_results_gets_every_frame_in_full():
    recorder = Recorder()
    recorder.graded_confidence = False
    search = searching(recorder, search=Search.ECONOMY)
    run(search, scene(), 4)
    assert recorder.looks == [(640, 480, 1.0)] * 4
    assert search.selection_reason.endswith('full search')


@pytest.mark.parametrize(
    ('squares', 'share'),
    [((), 0.35), (((100, 80, 120),), 0.35), (((100, 80, 36), (400, 80, 30)), 0.42)],
)
def test_fast_search_processes_about_a_third_of_the_pixels(squares, share):
    recorder = Recorder()
    search = FaceSearch(recorder)
    run(search, scene(*squares), 1)
    recorder.pixels()
    assert run(search, scene(*squares), 25, start=1) == [len(squares)] * 25
    assert recorder.pixels() <= share * 25 * WALL[0] * WALL[1]


def test_a_large_face_is_found_in_its_first_frame():
    search = FaceSearch(Recorder())
    run(search, scene(), 3)
    assert boxes(search, scene((100, 80, 60)), 99 * MS) == [Box(100, 80, 60, 60)]


def test_an_uncertain_face_is_checked_at_full_resolution_in_the_same_frame():
    search = FaceSearch(Recorder())
    run(search, scene(), 3)
    assert boxes(search, scene((500, 300, 24)), 99 * MS) == [Box(500, 300, 24, 24)]


@pytest.mark.parametrize(('side', 'scale'), [(100, 0.375), (60, 0.5)])
def test_the_coarse_search_is_finer_if_a_known_face_is_small(side, scale):
    recorder = Recorder()
    search = searching(recorder, overview_rate=EVERY_FRAME)
    run_in_changing_light(search, scene((300, 200, side)), 3)
    assert recorder.looks[1:] == [(640, 480, scale)] * 2


@pytest.mark.parametrize(
    ('shape', 'scale'),
    [((240, 320), 0.75), ((120, 160), 1.0), ((320, 240), 0.75), ((720, 1280), 0.375)],
)
def test_the_coarse_search_of_small_frames_keeps_enough_pixels(shape, scale):
    recorder = Recorder()
    search = searching(recorder, overview_rate=EVERY_FRAME)
    run_in_changing_light(search, np.zeros(shape, np.uint8), 2)
    assert recorder.looks[1] == (*shape[::-1], scale)


def test_a_detection_that_the_close_search_does_not_confirm_is_dropped():
    search = FaceSearch(Recorder())
    run(search, scene(), 3)
    assert boxes(search, scene((500, 300, 14)), 99 * MS) == []


def test_a_very_small_face_is_found_within_two_seconds_and_kept():
    # 10 pixels are nothing to this detector at half resolution; at full one it is sure from 16 on.
    class Keen(Recorder):
        def detect(
            self, frame: Frame, scale: float = 1.0, confidence: float | None = None
        ) -> list[Detection]:
            return super().detect(frame, scale, confidence) if scale == 1.0 else []

    for left, top in ((5, 5), (126, 90), (320, 240), (610, 455)):
        search = FaceSearch(Keen())
        run(search, scene(), 1)
        found = run(search, scene((left, top, 20)), 60, start=1)
        assert 1 in found[:52]
        assert found[found.index(1) :] == [1] * (60 - found.index(1))


def test_a_lost_face_is_searched_at_its_place_for_half_a_second():
    recorder = Recorder()
    search = FaceSearch(recorder)
    image = scene((300, 200, 30))
    run(search, image, 10)
    for index in range(10, 40):
        recorder.looks.clear()
        search.detect(Frame(scene(), 'mono8', index * 33 * MS))
        assert ((96, 96, 1.0) in recorder.looks) == (index <= 25)


def test_adjacent_faces_are_separated_and_counted_once():
    squares = tuple((60 + 45 * index, 100, 30) for index in range(6))
    search = FaceSearch(Recorder())
    assert run(search, scene(*squares), 30) == [6] * 30


def test_the_whole_frame_is_searched_if_close_searches_would_cost_more():
    recorder = Recorder()
    search = searching(recorder, overview_rate=EVERY_FRAME)
    squares = tuple((10 + 90 * x, 10 + 90 * y, 36) for x in range(7) for y in range(5))
    run_in_changing_light(search, scene(*squares), 9)
    assert recorder.looks == [(640, 480, 1.0)] * 9


def test_many_known_faces_are_followed_by_one_search_and_stay_certain():
    recorder = Recorder()
    search = FaceSearch(recorder)
    squares = tuple((10 + 90 * x, 10 + 90 * y, 30) for x in range(7) for y in range(5))
    assert run(search, scene(*squares), 2) == [35] * 2
    assert recorder.looks[1:] == [(640, 480, 0.5)]
    found = search.detect(Frame(scene(*squares), 'mono8', 66 * MS))
    assert {face.confidence for face in found} == {0.9}


def test_faces_below_the_minimum_size_are_not_searched():
    recorder = Recorder()
    search = searching(recorder, min_face_size=60.0, overview_rate=EVERY_FRAME)
    run_in_changing_light(search, scene(), 5)
    assert recorder.looks[1:] == [(640, 480, 0.375)] * 4


@pytest.mark.parametrize(
    ('search', 'overview_rate', 'frames_between'),
    [(Search.FAST, 0.0, 3), (Search.ECONOMY, 0.0, 6), (Search.ECONOMY, 15.0, 2)],
)
def test_between_overviews_only_known_faces_and_parts_are_searched(
    search, overview_rate, frames_between
):
    recorder = Recorder()
    faces = searching(recorder, search=search, overview_rate=overview_rate)
    found = run_in_changing_light(faces, scene((300, 200, 100)), 60)
    assert found == [1] * 60
    overviews = [look for look in recorder.looks if look == (640, 480, 0.375)]
    assert len(overviews) == pytest.approx(60 / frames_between, abs=1)


@pytest.mark.parametrize('squares', [(), ((300, 200, 100),)])
def test_an_unchanged_image_is_not_searched_again(squares):
    recorder = Recorder()
    noise = np.random.default_rng(5)
    image = scene(*squares)
    search = FaceSearch(recorder)
    for index in range(60):
        dark = np.clip(noise.normal(20.0, 3.0, WALL), 0, 255).astype(np.uint8)
        faces = search.detect(Frame(np.maximum(image, dark), 'mono8', index * 33 * MS))
        assert len(faces) == len(squares)
    assert recorder.looks == [(640, 480, 1.0), *[(200, 200, 0.48)] * (59 * len(squares))]


def test_an_unchanged_image_is_searched_again_after_a_while():
    class Blind(Recorder):
        blind = False

        def detect(
            self, frame: Frame, scale: float = 1.0, confidence: float | None = None
        ) -> list[Detection]:
            found = super().detect(frame, scale, confidence)
            return [] if self.blind else found

    recorder = Blind()
    search = FaceSearch(recorder)
    image = scene((300, 200, 30))
    run(search, image, 4)
    recorder.blind = True
    assert run(search, image, 30, start=4) == [0] * 30
    recorder.blind = False
    assert run(search, image, 200, start=34)[-1] == 1


def test_a_new_face_is_found_within_a_tenth_of_a_second():
    search = FaceSearch(Recorder())
    for start in range(10, 13):
        search.restart()
        run(search, scene((300, 200, 100)), start)
        found = run(search, scene((300, 200, 100), (60, 60, 100)), 3, start=start)
        assert found[-1] == 2


def test_the_overview_shows_only_the_part_that_changed_and_the_known_faces():
    recorder = Recorder()
    search = FaceSearch(recorder)
    run(search, scene((300, 200, 100)), 6)
    recorder.looks.clear()
    found = run(search, scene((300, 200, 100), (200, 300, 60)), 3, start=6)
    assert found[-1] == 2
    ((width, height),) = [look[:2] for look in recorder.looks if look[2] == 0.375]
    assert width < WALL[1]
    assert height < WALL[0]


def test_a_face_that_extends_beyond_the_changed_part_is_found_completely():
    def picture(corner: int) -> NDArray[np.uint8]:
        image = np.full(WALL, 247, np.uint8)
        image[100:300, 200:400] = 251 if corner else 247
        image[100:124, 200:224] += np.uint8(corner)
        return image

    recorder = Recorder()
    search = FaceSearch(recorder)
    run(search, picture(0), 6)
    (found,) = [boxes(search, picture(4), stamp * 33 * MS) for stamp in range(6, 9)][-1]
    assert found == Box(200, 100, 200, 200)
    assert (*WALL[::-1], 0.375) in recorder.looks


def test_economy_finds_a_new_face_within_a_fifth_of_a_second():
    search = searching(Recorder(), search=Search.ECONOMY)
    run(search, scene((300, 200, 100)), 10)
    found = run(search, scene((300, 200, 100), (60, 60, 100)), 8, start=10)
    assert found[0] == 1
    assert found[-1] == 2


def test_economy_follows_a_moving_face():
    search = searching(Recorder(), search=Search.ECONOMY)
    lefts = range(20, 500, 8)
    for index, left in enumerate(lefts):
        (found,) = boxes(search, scene((left, 150, 90)), index * 33 * MS)
        assert found.x == left


@pytest.mark.parametrize('search', [Search.FAST, Search.ECONOMY])
@pytest.mark.parametrize(
    'pictures',
    [
        pytest.param(people.groups, id='composed'),
        pytest.param(extra_media.labelled_photographs, id='VOC', marks=pytest.mark.extra('media')),
    ],
)
def test_labelled_faces_stay_found_from_frame_to_frame(pictures, search, portraits):
    retinaface = make_detector('retinaface')
    for name, still in pictures().items():
        faces = searching(retinaface, search=search)
        counts = [
            len(faces.detect(Frame(still.image, 'bgr8', index * 33 * MS))) for index in range(9)
        ]
        assert counts == [len(still.faces)] * 9, name


@pytest.mark.parametrize(
    'crowd',
    [
        pytest.param(lambda: people.crowd().image, id='composed'),
        pytest.param(extra_media.solvay_conference, id='Solvay', marks=pytest.mark.extra('media')),
    ],
)
def test_the_faces_of_a_crowd_stay_found(crowd, portraits):
    image = crowd()
    faces = FaceSearch(make_detector('retinaface'))
    assert [len(faces.detect(Frame(image, 'bgr8', i * 33 * MS))) for i in range(3)] == [29] * 3


@pytest.mark.parametrize('face_height', [40.0, 120.0])
@pytest.mark.parametrize('search', [Search.FAST, Search.ECONOMY])
def test_a_real_face_is_followed_without_jumps(search, face_height, photographs):
    faces = searching(make_detector('retinaface'), search=search)
    places = walk((80.0, 200.0), (560.0, 260.0), 24)
    found = []
    for index, still in enumerate(face_at(photographs, places, face_height)):
        (face,) = faces.detect(Frame(still.image, 'bgr8', index * 33 * MS))
        found.append(np.subtract(face.box.center, still.faces[0].center) / face_height)
        assert face.box.height == pytest.approx(still.faces[0].height, rel=0.15)
    assert max(np.abs(b - a).max() for a, b in pairwise(found)) < 0.12
    empty = Frame(plain_wall(), 'bgr8', 24 * 33 * MS)
    assert faces.detect(empty) == []


@pytest.mark.parametrize('height', [20.0, 61.0, 118.7, 333.0])
def test_the_surroundings_of_a_face_are_halved_without_a_rest(height):
    frame = Frame(np.zeros((1000, 1000), np.uint8), 'mono8', 0)
    window = shrunk_close_up(Box(400.0, 400.0, 0.8 * height, height), 96, frame)
    assert window.width == window.height
    assert window.width % 8 == 0
    assert window.width == pytest.approx(max(2 * height, 96), abs=4)
    assert window.width * window.scale == pytest.approx(96)


@pytest.mark.parametrize('scale', [0.375, 0.5, 0.75])
def test_a_window_around_others_contains_them_and_has_one_of_a_few_sizes(scale):
    frame = Frame(np.zeros(WALL, np.uint8), 'mono8', 0)
    window = enclosing([Window(-20, 300, 90, 60), Window(100, 320, 50, 30)], frame, scale)
    assert window.left == 0
    assert window.left + window.width >= 150
    assert window.top <= 300
    assert window.top + window.height >= 360
    assert window.width * scale % 32 == pytest.approx(0.0, abs=1)
    assert window.height * scale % 32 == pytest.approx(0.0, abs=1)
