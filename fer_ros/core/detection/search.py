"""Where to look in the frames of a sequence: everywhere, or closely only where it matters.

A detector's work grows with the pixels it is given, and most of a frame holds no face. FULL gives
it every frame whole. FAST gives it every frame at less than half the resolution, which shows all
faces from about 50 pixels on; closer looks in full resolution tell whether smaller or doubtful
ones are faces and where exactly, and go through the frame part by part for those too small to
leave a trace. ECONOMY does that five times a second, and between looks only where faces just were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, Search
from fer_ros.core.detection.window import (
    Window,
    close_ups,
    contains,
    merged,
    overlap,
    shrunk_close_up,
    window_about,
)
from fer_ros.core.types import Box, Detection, Frame

#: Frames further apart, in seconds, are single pictures: each is searched in full.
MAX_GAP = 0.5

#: Of the look at everything, relative to full resolution: the second where faces are known that
#: are too small for the first, since close looks at each would be more work.
COARSE_SCALES = (0.375, 0.5)

#: Pixels that the shorter side of a frame keeps in that look. Small frames hold small faces: one
#: of 59 pixels on 320x240, certain in full resolution, has a confidence of 0.14 at 0.375 of it.
COARSE_SIDE = 180

#: Height in pixels of the coarse look from which on a certain face needs no closer one: its box
#: is 0.05 of the height off then (median), landmarks turned by 3 degrees; no less with RetinaFace.
SURE_HEIGHT = 20.0

#: Of such heights: from here on the coarse look is enough also to tell that there is no face.
#: RetinaFace and YuNet find there, of 500 faces of photographs and clips that they find in full
#: resolution, 1.0 from 24 pixels on, 0.74 and 0.98 at 20 to 24, half and fewer below 15.
LARGE = 2.4

#: Of such heights: up to here a face is small for the coarser look.
BARELY = 1.4

#: Confidence in the coarse look from which on a closer one is worth it. Of those faces RetinaFace
#: gives it to 0.8 of 12 pixels and 0.95 of 16, and to 9 other places on 50 pictures.
WORTH_A_LOOK = 0.15

#: Seconds for which a place is looked at closely after its face was last found there.
MEMORY = 0.5

#: The frame is gone through in so many columns and rows, one part in so many seconds: all of it in
#: 1.6 s. So many pixels around each let a face that the coarse look may not show lie in one whole.
PARTS = 4
PART_PERIOD = 0.1
PART_MARGIN = 32

#: ECONOMY: seconds between two looks at everything, and the side in pixels to which the
#: surroundings of a large face are shrunk between them.
ECONOMY_PERIOD = 0.2
FOLLOW_SIDE = 128


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a face was found last, and when (nanoseconds)."""

    box: Box
    stamp: int


class FaceSearch(FaceDetector):
    """A detector for sequences of frames, made of one for single frames.

    The first frame, one of another size than the last, and one that does not follow it within
    MAX_GAP seconds are searched in full; with a detector that tells no doubt, Haar, every frame
    is: of 60 faces it finds in full resolution it would lose 12.
    """

    def __init__(self, detector: FaceDetector) -> None:
        """Search with a detector by its configuration."""
        self._detector = detector
        self.config = detector.config
        self.name = detector.name
        self.selection_reason = f'{detector.selection_reason}; {self._search.value} search'
        self._size = (0, 0)
        self._frame_id = ''
        self._stamp = 0
        self._last_overview = 0
        self._places: list[_Place] = []
        self._part = 0
        self._last_part = 0

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, most certain first; another scale searches in full."""
        if self._search is Search.FULL or scale != 1.0 or confidence is not None:
            return self._detector.detect(frame, scale, confidence)
        size = (frame.width, frame.height)
        follows = (
            size == self._size
            and frame.frame_id == self._frame_id
            and 0.0 < _seconds(self._stamp, frame.stamp) <= MAX_GAP
        )
        self._size, self._frame_id, self._stamp = size, frame.frame_id, frame.stamp
        if follows:
            found = self._look(frame)
        else:
            self._places.clear()
            self._last_part = frame.stamp
            found = self._look_at_all(frame)
        self._remember(found, frame.stamp)
        return found

    @property
    def _search(self) -> Search:
        return self.config.search if self._detector.tells_doubt else Search.FULL

    def set_config(self, config: DetectorConfig) -> None:
        """Look for faces by another configuration from the next frame on."""
        self._detector.set_config(config)
        self.config = config

    def restart(self) -> None:
        """Forget what came: the next frame is the first of a sequence."""
        self._size = (0, 0)
        self._part = 0

    def _look(self, frame: Frame) -> list[Detection]:
        """Return the faces of a frame that follows another one."""
        if self._search is Search.ECONOMY and (
            _seconds(self._last_overview, frame.stamp) < ECONOMY_PERIOD
        ):
            windows = [shrunk_close_up(place.box, FOLLOW_SIDE, frame) for place in self._places]
            if _pixels(windows) < frame.width * frame.height * self._coarse_scales(frame)[0] ** 2:
                return merged([], self._look_closely(frame, windows))
        return self._look_coarsely_then_closely(frame)

    def _look_at_all(self, frame: Frame) -> list[Detection]:
        self._last_overview = frame.stamp
        return self._detector.detect(frame)

    def _look_coarsely_then_closely(self, frame: Frame) -> list[Detection]:
        """Return the faces by a coarse look, and closer ones where it is not enough.

        Where that would be more work than to look at everything closely, everything is.
        """
        self._last_overview = frame.stamp
        scale = self._coarse_scale(frame)
        sure_height = self._sure_height(scale)
        limit = frame.width * frame.height * (1.0 - scale**2)
        known = [p.box for p in self._places if p.box.height < sure_height]
        if _pixels(close_ups(known, frame)) > limit:
            return self._look_at_all(frame)
        sure, doubtful = self._look_coarsely(frame, scale)
        unseen = [box for box in known if not any(contains(face.box, box.center) for face in sure)]
        windows = close_ups(doubtful + unseen, frame)
        if _pixels(windows) > limit:
            return self._look_at_all(frame)
        close = self._look_closely(frame, windows) + self._look_for_small(frame, sure_height)
        return merged(sure, close)

    def _coarse_scale(self, frame: Frame) -> float:
        coarser, finer = self._coarse_scales(frame)
        least = BARELY * self._sure_height(coarser)
        return finer if any(place.box.height < least for place in self._places) else coarser

    @staticmethod
    def _coarse_scales(frame: Frame) -> tuple[float, float]:
        """Return COARSE_SCALES, or more where they would leave too few pixels of a small frame."""
        least = min(COARSE_SIDE / min(frame.width, frame.height), 1.0)
        return max(COARSE_SCALES[0], least), max(COARSE_SCALES[1], least)

    def _sure_height(self, scale: float) -> float:
        """Return from which height on, in pixels of the frame, a look at that scale is enough."""
        return SURE_HEIGHT / (scale * self.config.input_scale)

    def _look_coarsely(self, frame: Frame, scale: float) -> tuple[list[Detection], list[Box]]:
        """Return the faces that are sure, and where a closer look is needed."""
        sure_height = self._sure_height(scale)
        sure, doubtful = [], []
        for face in self._detector.detect(frame, scale, WORTH_A_LOOK):
            height = face.box.height
            if face.confidence >= self.config.confidence and height >= sure_height:
                sure.append(face)
            elif height < LARGE * sure_height:
                doubtful.append(face.box)
        return sure, doubtful

    def _look_closely(self, frame: Frame, windows: Iterable[Window]) -> list[Detection]:
        """Return the faces that lie in a window as a whole, twice where they lie in two."""
        faces = []
        for window in windows:
            found = map(window.to_frame, self._detector.detect(window.view(frame), window.scale))
            faces += [face for face in found if window.holds(face.box, frame)]
        return faces

    def _look_for_small(self, frame: Frame, sure_height: float) -> list[Detection]:
        """Return the faces in the next part of the frame that the coarse look may not show."""
        # A tenth of a period early, so that frames which jitter about it do not miss it.
        due = _seconds(self._last_part, frame.stamp) >= 0.9 * PART_PERIOD
        if not due or self.config.min_face_size >= sure_height:
            return []
        self._last_part = frame.stamp
        row, column = divmod(self._part, PARTS)
        self._part = (self._part + 1) % PARTS**2
        width, height = -(-frame.width // PARTS), -(-frame.height // PARTS)
        part = window_about(
            ((column + 0.5) * width, (row + 0.5) * height),
            width + 2 * PART_MARGIN,
            height + 2 * PART_MARGIN,
            frame,
        )
        # What is larger and was not seen coarsely is a part of a face. Up to there a whole one may
        # leave no trace: one of 59 pixels on a picture of 320x240 did not.
        return [
            face
            for face in self._look_closely(frame, [part])
            if face.box.height < BARELY * sure_height
        ]

    def _remember(self, faces: list[Detection], stamp: int) -> None:
        """Keep where faces are, and where they were and nothing is found now."""
        lost = [
            place
            for place in self._places
            if _seconds(place.stamp, stamp) <= MEMORY
            and not any(overlap(face.box, place.box) > 0.0 for face in faces)
        ]
        self._places = [_Place(face.box, stamp) for face in faces] + lost


def _pixels(windows: Iterable[Window]) -> float:
    return sum(window.pixels for window in windows)


def _seconds(earlier: int, later: int) -> float:
    return (later - earlier) * 1e-9
