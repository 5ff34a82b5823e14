"""The number of threads of OpenCV: one for the whole process, set only here."""

from __future__ import annotations

import cv2


def set_opencv_threads(threads: int) -> None:
    """Set the number of threads of OpenCV for this process.

    The last call applies, by the newest detector or the newest model on OpenCV.
    """
    cv2.setNumThreads(threads)
