"""The regions of each frame of a sequence that are searched for faces.

The work of a detector grows with the number of pixels, and most of a frame shows no face. FULL
searches each frame completely. FAST searches an overview ten times per second: what has changed,
at less than half the resolution, which shows all faces of about 50 pixels or more. Windows at full
resolution then show whether smaller or doubtful candidates are faces, and their exact positions.
Between two overviews, FAST searches the surroundings of each known face, and one tile of the frame
after another at full resolution, for faces that are too small for the overview. ECONOMY has five
overviews per second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from fer_ros.core.detection.base import (
    DetectorConfig,
    FaceDetector,
    HalvedFrame,
    Search,
    half_of,
)
from fer_ros.core.detection.changes import CellMeans
from fer_ros.core.detection.known_faces import KnownFaces, missing
from fer_ros.core.detection.tiles import TILE_PERIOD, TileScan
from fer_ros.core.detection.window import (
    MIN_SIDE,
    Window,
    close_ups,
    contains,
    enclosing,
    merged,
    shrunk_close_up,
    widened,
)
from fer_ros.core.types import S_TO_NS, Box, Detection, Frame

#: Frames further apart, in seconds, are single pictures: each is searched completely.
MAX_GAP = 0.5

#: Scales of the overview, relative to full resolution. The second applies if a known face is too
#: small for the first, because a window at full resolution for each would be more work.
OVERVIEW_SCALES = (0.375, 0.5)

#: Pixels that the shorter side of the overview keeps. Small frames have small faces: one of 59
#: pixels on 320x240, certain at full resolution, has a confidence of 0.14 at a scale of 0.375.
OVERVIEW_SIDE = 180

#: Height in pixels of the overview. A certain face of this height needs no window at full
#: resolution: its box is off by 0.05 of the height (median), and its landmarks are turned by 3
#: degrees. With RetinaFace, the errors are not smaller.
SURE_HEIGHT = 20.0

#: Factor of SURE_HEIGHT. A candidate of this height that is doubtful in the overview is not a
#: face. Of 500 faces of photographs and clips that RetinaFace and YuNet find at full resolution,
#: they find in the overview 1.0 from 24 pixels on, 0.74 and 0.98 at 20 to 24, at most half below
#: 15.
LARGE = 2.4

#: Factor of SURE_HEIGHT. Faces below this height are small for the coarser overview.
SMALL = 1.4

#: Candidates of the overview with this confidence get a window at full resolution. RetinaFace
#: gives it to 0.8 of those faces of 12 pixels, to 0.95 of 16 pixels, and to 9 other places on 50
#: pictures.
CANDIDATE_CONFIDENCE = 0.15

#: Constant time of a call of the detector, as the number of pixels that take as long.
CALL_COST = 5000

#: Work is due after this share of its period, so that a frame that is a little early counts.
DUE = 0.9

#: Overviews per second. FULL searches every frame completely.
OVERVIEW_RATES = {Search.FULL: math.inf, Search.FAST: 10.0, Search.ECONOMY: 5.0}


class FaceSearch(FaceDetector):
    """A detector for sequences of frames, made from one for single frames.

    It searches a frame completely if it is the first, if it has another size than the last, or if
    it comes more than MAX_GAP seconds later. With a detector without graded confidence (Haar), it
    searches every frame completely: it would lose 12 of 60 faces otherwise.

    Args:
        detector: Searches single frames. Its configuration selects the search.
    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self.config = detector.config
        self.name = detector.name
        self.has_landmarks = detector.has_landmarks
        self.selection_reason = f'{detector.selection_reason}; {self._search.value} search'
        self._view = (0, 0, '', '')
        self._stamp = 0
        self._stamp_before = 0
        self._last_overview = 0
        self._known = KnownFaces()
        self._overview: CellMeans | None = None
        self._tiles = TileScan()

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, with the highest confidence first.

        Args:
            frame: The next frame of the sequence.
            scale: Scale of the searched image. With another scale than 1, the frame is searched
                completely.
            confidence: Lower limit, [0, 1]. If given, the frame is searched completely.
        """
        if self._search is Search.FULL or scale != 1.0 or confidence is not None:
            return self._detector.detect(frame, scale, confidence)
        view = (frame.width, frame.height, frame.encoding, frame.frame_id)
        follows = view == self._view and 0.0 < _seconds(self._stamp, frame.stamp) <= MAX_GAP
        self._view = view
        self._stamp_before, self._stamp = self._stamp, frame.stamp
        if follows:
            found = self._search_next(frame)
        else:
            self._known.clear()
            found = self._search_fully(frame)
        if self._known.update(found, frame.stamp):
            # A region that has not changed may still show the face.
            self._tiles.forget()
            self._overview = None
        return found

    @property
    def _search(self) -> Search:
        return self.config.search if self._detector.graded_confidence else Search.FULL

    @property
    def _overview_period(self) -> float:
        return 1.0 / (self.config.overview_rate or OVERVIEW_RATES[self._search])

    def set_config(self, config: DetectorConfig) -> None:
        """Apply another configuration from the next frame on."""
        self._detector.set_config(config)
        self.config = config

    def restart(self) -> None:
        """Search the next frame like the first one."""
        self._view = (0, 0, '', '')
        self._tiles.restart()

    def _search_next(self, frame: Frame) -> list[Detection]:
        """Return the faces of a frame that follows another one."""
        part = _whole(frame, self._overview_scale(frame))
        if _seconds(self._last_overview, frame.stamp) < DUE * self._overview_period:
            found = self._search_known(frame)
        else:
            # To read the whole image from memory takes longer than to halve it.
            half = half_of(frame)
            frame = HalvedFrame(frame.image, frame.encoding, frame.stamp, frame.frame_id, half)
            changed = self._changed_part(frame)
            found = self._search_known(frame) if changed is None else None
            part = changed or part
        return self._search_overview(frame, part) if found is None else found

    def _changed_part(self, frame: Frame) -> Window | None:
        """Return the part of the frame that needs an overview, with all known faces.

        None if only the surroundings of known faces changed since the overview.
        """
        scale = self._overview_scale(frame)
        around = [_surroundings(box, frame) for box in self._known.boxes]
        # A window that is shrunk more than the overview would hide a smaller face next to a known
        # one.
        known = [window for window in around if window.scale >= scale]
        now = CellMeans.of(frame)
        changed = now.changed_part(self._overview, known)
        if changed is None:
            self._last_overview = frame.stamp
            return None
        part = enclosing([widened(changed), *around], frame, scale)
        if self._overview is None or part == _whole(frame, scale):
            self._overview = now
        else:
            self._overview = self._overview.with_newer(now, part)
        return part

    def _search_known(self, frame: Frame) -> list[Detection] | None:
        """Return the faces in the surroundings of known faces and in the next tile.

        Returns:
            The faces. None if an overview is needed because a face left its surroundings, or
            because the overview is less work.
        """
        scale = self._overview_scale(frame)
        limit = frame.width * frame.height * scale**2 + CALL_COST
        found: list[Detection] = []
        windows = [_surroundings(box, frame) for box in self._known.boxes]
        if _cost(windows) > limit:
            found = self._known_in_overview(frame, scale)
            unseen = missing(self._known.boxes, found)
            windows = [_surroundings(box, frame) for box in unseen]
            if _cost(windows) > limit:
                return None
        found = merged(found, self._search_windows(frame, windows))
        if missing(self._known.boxes_at(self._stamp_before), found):
            return None
        return merged(found, self._search_tile(frame))

    def _known_in_overview(self, frame: Frame, scale: float) -> list[Detection]:
        """Return the known faces that the overview shows, with at least their old confidence."""
        faces = []
        for face in self._detector.detect(frame, scale, CANDIDATE_CONFIDENCE):
            confidence = self._known.confidence_at(face.box)
            if confidence is not None:
                faces.append(replace(face, confidence=max(face.confidence, confidence)))
        return faces

    def _search_fully(self, frame: Frame) -> list[Detection]:
        self._last_overview = frame.stamp
        self._overview = CellMeans.of(frame)
        self._tiles.note_full_search(self._overview)
        return self._detector.detect(frame)

    def _search_overview(self, frame: Frame, part: Window) -> list[Detection]:
        """Return the faces of the overview, and of windows where it is not enough.

        Searches the whole frame if that is less work than the windows, or if the overview of a
        part shows a face at its edge.

        Args:
            frame: The frame.
            part: The part of it that is searched, with the scale of the overview.
        """
        self._last_overview = frame.stamp
        sure_height = self._sure_height(part.scale)
        limit = frame.width * frame.height * (1.0 - part.scale**2) + CALL_COST
        known = [box for box in self._known.boxes if box.height < sure_height]
        if _cost(close_ups(known, frame)) > limit:
            return self._search_fully(frame)
        sure, doubtful = self._candidates(frame, part)
        if not all(part.holds(box, frame) for box in [face.box for face in sure] + doubtful):
            return self._search_overview(frame, _whole(frame, part.scale))
        unseen = [box for box in known if not any(contains(face.box, box.center) for face in sure)]
        windows = close_ups(doubtful + unseen, frame)
        if _cost(windows) > limit:
            return self._search_fully(frame)
        return merged(sure, self._search_windows(frame, windows) + self._search_tile(frame))

    def _overview_scale(self, frame: Frame) -> float:
        coarser, finer = self._overview_scales(frame)
        least = SMALL * self._sure_height(coarser)
        return finer if any(box.height < least for box in self._known.boxes) else coarser

    @staticmethod
    def _overview_scales(frame: Frame) -> tuple[float, float]:
        """Return OVERVIEW_SCALES, or larger ones if a small frame would have too few pixels."""
        least = min(OVERVIEW_SIDE / min(frame.width, frame.height), 1.0)
        return max(OVERVIEW_SCALES[0], least), max(OVERVIEW_SCALES[1], least)

    def _sure_height(self, scale: float) -> float:
        """Return SURE_HEIGHT of an overview of this scale, in pixels of the frame."""
        return SURE_HEIGHT / (scale * self.config.input_scale)

    def _candidates(self, frame: Frame, part: Window) -> tuple[list[Detection], list[Box]]:
        """Return the certain faces of the overview, and the boxes that need a window.

        Args:
            frame: The frame.
            part: The part of it that is searched, with the scale of the overview.
        """
        sure_height = self._sure_height(part.scale)
        sure, doubtful = [], []
        found = self._detector.detect(part.view(frame), part.scale, CANDIDATE_CONFIDENCE)
        for face in map(part.to_frame, found):
            height = face.box.height
            if face.confidence >= self.config.confidence and height >= sure_height:
                sure.append(face)
            elif height < LARGE * sure_height:
                doubtful.append(face.box)
        return sure, doubtful

    def _search_windows(self, frame: Frame, windows: Iterable[Window]) -> list[Detection]:
        """Return the faces completely inside a window. A face inside two windows comes twice."""
        faces = []
        for window in windows:
            found = map(window.to_frame, self._detector.detect(window.view(frame), window.scale))
            faces += [face for face in found if window.holds(face.box, frame)]
        return faces

    def _search_tile(self, frame: Frame) -> list[Detection]:
        """Return the faces in the next tile that are too small for the overview."""
        sure_height = self._sure_height(self._overview_scale(frame))
        period = max(TILE_PERIOD, self._overview_period)
        passed = self._tiles.seconds_since(frame.stamp)
        # The next frame after an overview has less work.
        interval = _seconds(self._stamp_before, frame.stamp)
        waits = self._last_overview == frame.stamp and passed + interval < 1.5 * period
        if passed < DUE * period or waits or self.config.min_face_size >= sure_height:
            return []
        tile = self._tiles.next(frame)
        faces = self._search_windows(frame, [tile] if tile else [])
        # A larger candidate that the overview does not show is a part of a face. A smaller one can
        # be a face that the overview misses, as one of 59 pixels on a picture of 320x240.
        return [face for face in faces if face.box.height < SMALL * sure_height]


def _surroundings(box: Box, frame: Frame) -> Window:
    """Return the window that is searched for a known face between two overviews."""
    return shrunk_close_up(box, MIN_SIDE, frame)


def _whole(frame: Frame, scale: float) -> Window:
    return Window(0, 0, frame.width, frame.height, scale)


def _cost(windows: Iterable[Window]) -> float:
    """Return the time to search windows, as the number of pixels that take as long."""
    return sum(window.pixels + CALL_COST for window in windows)


def _seconds(earlier: int, later: int) -> float:
    return (later - earlier) / S_TO_NS
