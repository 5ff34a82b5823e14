"""A picture with its results drawn on it, faded if they are late."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.drawing import DrawingConfig, draw_emotions, draw_notice
from fer_ros.core.display.result_matching import Match
from fer_ros.core.imaging.channels import to_channels
from fer_ros.core.types import Box, FaceEmotion, Frame

#: Weight of late results on the picture.
LATE_OPACITY = 0.45

#: Seconds without a result after which the picture shows that.
STOPPED = 1.0

# Height in pixels to which faces are shrunk before they are compared.
_PATCH = 32
# The searched region around the old position of a face, in widths and heights of its box.
_REACH = 1.0
# Correlation above which two patches show the same face. The highest one of two different people
# among the 29 on the Solvay photograph of 1927 is 0.84. For one person 0.5 s later, in three
# clips, the median is 0.87 to 0.93.
_SAME_FACE = 0.86


def paint(match: Match[Frame], config: DrawingConfig | None = None) -> Frame:
    """Return a new bgr8 frame with its results drawn onto it.

    Late expressions are faded. They are drawn only where their face is found again by its image in
    their own picture. Without that picture, they are not drawn.
    """
    config = config or DrawingConfig()
    frame = match.picture
    image = bgr_copy(frame)
    if not match.late:
        assert match.emotions is not None
        draw_emotions(image, match.emotions, config)
    else:
        _draw_late(image, match, config)
    return Frame(image, 'bgr8', frame.stamp, frame.frame_id)


def bgr_copy(frame: Frame) -> NDArray[np.uint8]:
    """Return a copy of the image of a frame as bgr8, (H, W, 3), for drawing."""
    image = to_channels(frame.image, frame.encoding, 'bgr')
    return image.copy() if image is frame.image else image


def find_again(
    box: Box,
    then: NDArray[np.uint8],
    now: NDArray[np.uint8],
) -> Box | None:
    """Return the box of a face in a later picture. None if it is not found.

    Args:
        then: (H, W, 3) bgr8.
        now: The same size. The face is searched near its old position at the same size, by the
            correlation of brightness. A change of light has no effect. A patch without structure
            is never found.
    """
    face = _grown(box, 0.0, then)
    if then.shape != now.shape or not face.area:
        return None
    scale = _PATCH / face.height
    window = _grown(box, _REACH, now)
    patch, searched = _shrunk(then, face, scale), _shrunk(now, window, scale)
    if patch.std() < 1.0:
        return None
    likeness = cv2.matchTemplate(searched, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(likeness)
    if best < _SAME_FACE:
        return None
    moved_x, moved_y = window.x + x / scale - face.x, window.y + y / scale - face.y
    return Box(box.x + moved_x, box.y + moved_y, box.width, box.height)


def faces_on(match: Match[Frame], now: NDArray[np.uint8]) -> tuple[FaceEmotion, ...]:
    """Return the faces that can be drawn on the image of a match, at their positions in it.

    Args:
        match: An image with its result. Faces of a late result are searched again.
        now: The image of the match, (H, W, 3) bgr8.
    """
    if match.emotions is None:
        return ()
    if not match.late:
        return match.emotions.faces
    if match.own is None:
        return ()
    then = bgr_copy(match.own)
    return tuple(
        replace(face, box=box)
        for face in match.emotions.faces
        if (box := find_again(face.box, then, now)) is not None
    )


def lateness(match: Match[Frame]) -> str:
    """Return a text with the delay of the results of a match, '' if they are not late."""
    if match.silence > STOPPED:
        return f'no results for {match.silence:.0f} s'
    if match.late and match.emotions is not None:
        return f'results {match.age:.1f} s late'
    return ''


def _grown(box: Box, share: float, image: NDArray[np.uint8]) -> Box:
    """Return a box with a border of that share of its size, clipped to whole pixels."""
    border_x, border_y = share * box.width, share * box.height
    grown = Box(
        box.x - border_x, box.y - border_y, box.width + 2 * border_x, box.height + 2 * border_y
    )
    return Box(*map(float, grown.clipped(image.shape[1], image.shape[0])))


def _shrunk(image: NDArray[np.uint8], box: Box, scale: float) -> NDArray[np.uint8]:
    left, top, width, height = (round(value) for value in (box.x, box.y, box.width, box.height))
    gray = cv2.cvtColor(image[top : top + height, left : left + width], cv2.COLOR_BGR2GRAY)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _draw_late(image: NDArray[np.uint8], match: Match[Frame], config: DrawingConfig) -> None:
    if match.emotions is not None:
        drawn = image.copy()
        emotions = replace(match.emotions, faces=faces_on(match, image))
        draw_emotions(drawn, emotions, replace(config, searching=False))
        cv2.addWeighted(drawn, LATE_OPACITY, image, 1 - LATE_OPACITY, 0, dst=image)
    if text := lateness(match):
        draw_notice(image, text)
