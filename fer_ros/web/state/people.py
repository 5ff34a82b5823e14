"""Names for people in view: person 1, person 2 and so on, in the order in which they appeared."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from fer_ros.core.types import FaceEmotion

#: Number of people whose numbers are kept, the latest ones.
KEPT = 4096


class People:
    """Gives each face id the next number. The first person since the start has number 1.

    A person who leaves and returns gets a new id and a new number, because people are not
    recognised. Can be used on any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._count = 0

    def number(self, face_id: str) -> int:
        """Return the number of a face. A new face gets the next number."""
        with self._lock:
            number = self._numbers.get(face_id)
            if number is None:
                self._count = number = self._count + 1
                self._numbers[face_id] = number
                if len(self._numbers) > KEPT:
                    self._numbers.popitem(last=False)
            return number

    def see(self, faces: Iterable[FaceEmotion]) -> None:
        """Number the faces of a frame. New faces are numbered from left to right."""
        for face in left_to_right(faces):
            self.number(face.face_id)


def left_to_right(faces: Iterable[FaceEmotion]) -> list[FaceEmotion]:
    """Return the faces from left to right."""
    return sorted(faces, key=lambda face: face.box.center[0])
