"""The number of threads of OpenCV: one for the whole process, set only here."""

from __future__ import annotations

import cv2


def set_opencv_threads(threads: int) -> None:
    """Set the number of threads of OpenCV for the whole process.

    The last call counts: that of the part made last, a detector or a model on OpenCV.
    """
    cv2.setNumThreads(threads)
