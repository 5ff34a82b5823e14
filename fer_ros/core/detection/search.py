"""Where to look in the frames of a sequence: everywhere, or closely only where it matters.

A detector's work grows with the pixels it is given, and most of a frame holds no face. FULL gives
it every frame whole. FAST gives it an overview ten times a second: the frame at less than half the
resolution, which shows all faces from about 50 pixels on. Closer looks in full resolution show
whether smaller or doubtful ones are faces and where exactly. Between two overviews it gets the
surroundings of each known face, and one part of the frame after another in full resolution, for
faces too small to leave a trace in the overview. ECONOMY has five overviews a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, Search
from fer_ros.core.detection.changes import Squares
from fer_ros.core.detection.parts import PART_PERIOD, PartScan
from fer_ros.core.detection.places import Places, missing
from fer_ros.core.detection.window import (
    CLOSE_UP,
    MIN_SIDE,
    SIDE_STEP,
    Window,
    close_ups,
    contains,
    merged,
    shrunk_close_up,
)
from fer_ros.core.types import S_TO_NS, Box, Detection, Frame

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

#: Side in pixels to which the surroundings of a known face are shrunk between two overviews.
FOLLOW_SIDE = 96

#: What each look takes besides its pixels, in pixels that take as long.
LOOK = 5000

#: Share of a period after which its work is due: frames that jitter about it do not miss it.
DUE = 0.9


#: Overviews a second; with FULL every frame is searched whole.
OVERVIEW_RATES = {Search.FULL: math.inf, Search.FAST: 10.0, Search.ECONOMY: 5.0}


class FaceSearch(FaceDetector):
    """A detector for sequences of frames, made of one for single frames.

    The first frame, one of another size than the last, and one that does not follow it within
    MAX_GAP seconds are searched in full; with a detector without graded confidence, Haar, every
    frame is: of 60 faces it finds in full resolution it would lose 12.
    """

    def __init__(self, detector: FaceDetector) -> None:
        """Search with a detector by its configuration."""
        self._detector = detector
        self.config = detector.config
        self.name = detector.name
        self.selection_reason = f'{detector.selection_reason}; {self._search.value} search'
        self._view = (0, 0, '', '')
        self._stamp = 0
        self._stamp_before = 0
        self._last_overview = 0
        self._places = Places()
        self._overview: Squares | None = None
        self._parts = PartScan()

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, most certain first; another scale searches in full."""
        if self._search is Search.FULL or scale != 1.0 or confidence is not None:
            return self._detector.detect(frame, scale, confidence)
        view = (frame.width, frame.height, frame.encoding, frame.frame_id)
        follows = view == self._view and 0.0 < _seconds(self._stamp, frame.stamp) <= MAX_GAP
        self._view = view
        self._stamp_before, self._stamp = self._stamp, frame.stamp
        if follows:
            found = self._look(frame)
        else:
            self._places.clear()
            found = self._look_at_all(frame)
        if self._places.remember(found, frame.stamp):
            # What has not changed may still show the face.
            self._parts.forget()
            self._overview = None
        return found

    @property
    def _search(self) -> Search:
        return self.config.search if self._detector.graded_confidence else Search.FULL

    @property
    def _overview_period(self) -> float:
        return 1.0 / (self.config.overview_rate or OVERVIEW_RATES[self._search])

    def set_config(self, config: DetectorConfig) -> None:
        """Look for faces by another configuration from the next frame on."""
        self._detector.set_config(config)
        self.config = config

    def restart(self) -> None:
        """Forget what came: the next frame is searched as the first one is."""
        self._view = (0, 0, '', '')
        self._parts.restart()

    def _look(self, frame: Frame) -> list[Detection]:
        """Return the faces of a frame that follows another one."""
        due = _seconds(self._last_overview, frame.stamp) >= DUE * self._overview_period
        if not due or self._shows_nothing_new(frame):
            followed = self._follow(frame)
            if followed is not None:
                return followed
        return self._look_coarsely_then_closely(frame)

    def _shows_nothing_new(self, frame: Frame) -> bool:
        """Tell whether a frame has changed since the last overview about known faces alone."""
        scale = self._coarse_scale(frame)
        around = (_surroundings(box, frame) for box in self._places.boxes)
        # A look that shrinks more than the overview would miss a smaller face beside a known one.
        known = [window for window in around if window.scale >= scale]
        now = Squares.of(frame)
        if now.show_news(self._overview, known):
            self._overview = now
            return False
        self._last_overview = frame.stamp
        return True

    def _follow(self, frame: Frame) -> list[Detection] | None:
        """Return the faces about the places known, and in the part whose turn it is.

        None where a face is no longer at its place, or where an overview is less work: it is due.
        """
        scale = self._coarse_scale(frame)
        limit = frame.width * frame.height * scale**2 + LOOK
        found: list[Detection] = []
        windows = [_surroundings(box, frame) for box in self._places.boxes]
        if _work(windows) > limit:
            found = self._look_at_known(frame, scale)
            unseen = missing(self._places.boxes, found)
            windows = [_surroundings(box, frame) for box in unseen]
            if _work(windows) > limit:
                return None
        found = merged(found, self._look_closely(frame, windows))
        if missing(self._places.seen_at(self._stamp_before), found):
            return None
        return merged(found, self._look_for_small(frame))

    def _look_at_known(self, frame: Frame, scale: float) -> list[Detection]:
        """Return the known faces that a coarse look shows, as certain as they were."""
        faces = []
        for face in self._detector.detect(frame, scale, WORTH_A_LOOK):
            confidence = self._places.confidence_at(face.box)
            if confidence is not None:
                faces.append(replace(face, confidence=max(face.confidence, confidence)))
        return faces

    def _look_at_all(self, frame: Frame) -> list[Detection]:
        self._last_overview = frame.stamp
        self._overview = Squares.of(frame)
        self._parts.note_whole(self._overview)
        return self._detector.detect(frame)

    def _look_coarsely_then_closely(self, frame: Frame) -> list[Detection]:
        """Return the faces by a coarse look, and closer ones where it is not enough.

        Where that would be more work than to look at everything closely, everything is.
        """
        self._last_overview = frame.stamp
        scale = self._coarse_scale(frame)
        sure_height = self._sure_height(scale)
        limit = frame.width * frame.height * (1.0 - scale**2) + LOOK
        known = [box for box in self._places.boxes if box.height < sure_height]
        if _work(close_ups(known, frame)) > limit:
            return self._look_at_all(frame)
        sure, doubtful = self._look_coarsely(frame, scale)
        unseen = [box for box in known if not any(contains(face.box, box.center) for face in sure)]
        windows = close_ups(doubtful + unseen, frame)
        if _work(windows) > limit:
            return self._look_at_all(frame)
        return merged(sure, self._look_closely(frame, windows) + self._look_for_small(frame))

    def _coarse_scale(self, frame: Frame) -> float:
        coarser, finer = self._coarse_scales(frame)
        least = BARELY * self._sure_height(coarser)
        return finer if any(box.height < least for box in self._places.boxes) else coarser

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

    def _look_for_small(self, frame: Frame) -> list[Detection]:
        """Return the faces in the next part of the frame that the overview may not show."""
        sure_height = self._sure_height(self._coarse_scale(frame))
        period = max(PART_PERIOD, self._overview_period)
        passed = self._parts.seconds_since(frame.stamp)
        # After an overview the next frame has less to do, if it comes soon.
        interval = _seconds(self._stamp_before, frame.stamp)
        waits = self._last_overview == frame.stamp and passed + interval < 1.5 * period
        if passed < DUE * period or waits or self.config.min_face_size >= sure_height:
            return []
        part = self._parts.next(frame)
        faces = self._look_closely(frame, [part] if part else [])
        # What is larger and was not seen coarsely is a part of a face. Up to there a whole one may
        # leave no trace: one of 59 pixels on a picture of 320x240 did not.
        return [face for face in faces if face.box.height < BARELY * sure_height]


def _surroundings(box: Box, frame: Frame) -> Window:
    """Return the window in which a known face is looked for between two overviews."""
    steps = math.ceil(CLOSE_UP * box.height / SIDE_STEP)
    return shrunk_close_up(box, min(max(steps * SIDE_STEP, MIN_SIDE), FOLLOW_SIDE), frame)


def _work(windows: Iterable[Window]) -> float:
    """Return what looks at windows take, in pixels searched."""
    return sum(window.pixels + LOOK for window in windows)


def _seconds(earlier: int, later: int) -> float:
    return (later - earlier) / S_TO_NS
