"""Matches results to their pictures, even if results arrive later or from another host.

A picture waits for its result for some time. A result that is drawn on another picture is marked,
so that it can be checked and faded. Times are stamps in nanoseconds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from fer_ros.core.types import S_TO_NS, EmotionSet

Picture = TypeVar('Picture')

#: Pictures older than this, in nanoseconds, are not kept.
LONGEST_KEPT = 2 * S_TO_NS


@dataclass(frozen=True, slots=True)
class Match(Generic[Picture]):
    """An image to show, with its result.

    Attributes:
        picture: The image to draw on.
        emotions: Emotions of that image, or of an earlier one if they are late. None before the
            first result.
        own: The earlier image of late emotions. None if it is no longer kept.
        late: Whether `emotions` are not of `picture`.
        age: Seconds from the image of the emotions to this one.
        silence: Seconds without any result.
    """

    picture: Picture
    emotions: EmotionSet | None
    own: Picture | None = None
    late: bool = False
    age: float = 0.0
    silence: float = 0.0


class ResultMatcher(Generic[Picture]):
    """Pairs images with their results by stamp. Several threads may call it.

    Args:
        max_delay: Seconds that the shown image may be older than the newest one, to wait for its
            result. After that, the newest image is shown with the latest result.
        max_bytes: Size limit of all kept images together.

    Attributes:
        tolerance: Largest difference of the stamps of a result and its image, nanoseconds. 0 if
            both have the stamp of the camera.
    """

    def __init__(self, max_delay: float, max_bytes: int) -> None:
        self.max_delay = max_delay
        self.max_bytes = max_bytes
        self.tolerance = 0
        self.unmatched = 0
        self._lock = threading.Lock()
        self._pictures: OrderedDict[int, tuple[Picture, int]] = OrderedDict()
        self._bytes = 0
        self._result: EmotionSet | None = None
        self._waiting_since: int | None = None
        self._heard: int | None = None

    @property
    def kept_bytes(self) -> int:
        """Return the memory of the kept pictures, bytes."""
        return self._bytes

    def clear(self) -> None:
        """Forget all pictures and results."""
        with self._lock:
            self._forget()

    def add_picture(self, stamp: int, picture: Picture, size: int) -> Match[Picture] | None:
        """Keep a picture of `size` bytes. Return the match to show now, None to wait for its
        result.

        If stamps go back, everything is forgotten.
        """
        with self._lock:
            if self._pictures and stamp < next(reversed(self._pictures)):
                self._forget()
            if stamp in self._pictures:
                return None
            self._pictures[stamp] = (picture, size)
            self._bytes += size
            self._make_room(stamp)
            result = self._result
            if result is not None and result.stamp == stamp:
                return self._own_result(result)
            if self._waiting_since is None:
                self._waiting_since = stamp
            if (stamp - self._waiting_since) / S_TO_NS <= self.max_delay:
                return None
            return self._late(stamp, picture)

    def add_result(self, emotions: EmotionSet) -> Match[Picture] | None:
        """Take a result and return its picture. None if it is no longer kept or has not arrived.

        Without any picture, the result waits for its own.
        """
        with self._lock:
            emotions = self._with_stamp_of_picture(emotions)
            self._result = emotions
            if not self._pictures:
                return None
            newest = self._heard = next(reversed(self._pictures))
            if emotions.stamp not in self._pictures:
                if emotions.stamp < newest:
                    self.unmatched += 1
                return None
            if (newest - emotions.stamp) / S_TO_NS > self.max_delay:
                return None
            return self._own_result(emotions)

    def _with_stamp_of_picture(self, emotions: EmotionSet) -> EmotionSet:
        if not (self.tolerance and self._pictures):
            return emotions
        nearest = min(self._pictures, key=lambda stamp: abs(stamp - emotions.stamp))
        is_near = abs(nearest - emotions.stamp) <= self.tolerance
        return replace(emotions, stamp=nearest) if is_near else emotions

    def _forget(self) -> None:
        self._pictures.clear()
        self._bytes = 0
        self._result = self._waiting_since = self._heard = None

    def _make_room(self, newest: int) -> None:
        """Drop the oldest pictures, never the newest."""
        while len(self._pictures) > 1:
            oldest = next(iter(self._pictures))
            if newest - oldest <= LONGEST_KEPT and self._bytes <= self.max_bytes:
                return
            self._drop(oldest)

    def _drop(self, stamp: int) -> None:
        _, size = self._pictures.pop(stamp)
        self._bytes -= size

    def _own_result(self, emotions: EmotionSet) -> Match[Picture]:
        for stamp in [stamp for stamp in self._pictures if stamp < emotions.stamp]:
            self._drop(stamp)
        self._heard = next(reversed(self._pictures))
        self._waiting_since = next((s for s in self._pictures if s > emotions.stamp), None)
        return Match(self._pictures[emotions.stamp][0], emotions)

    def _late(self, stamp: int, picture: Picture) -> Match[Picture]:
        heard = self._waiting_since if self._heard is None else self._heard
        assert heard is not None
        silence = (stamp - heard) / S_TO_NS
        if self._result is None:
            return Match(picture, None, late=True, silence=silence)
        own = self._pictures.get(self._result.stamp)
        return Match(
            picture,
            self._result,
            None if own is None else own[0],
            late=True,
            age=(stamp - self._result.stamp) / S_TO_NS,
            silence=silence,
        )
