"""Single nodes without a launch, in separate processes, and their input."""

from __future__ import annotations

from typing import Any

import numpy as np
from support.tiny_model import LABELS as NAMES

from fer_ros.core.types import (
    UNCERTAIN,
    Box,
    EmotionSet,
    EventType,
    ExpressionEvent,
    FaceEmotion,
    Position,
)
from fer_ros.ros.bringup.node_process import NodeProcess

#: The nodes of the whole bring-up, which is started with the arguments WHOLE. The others need
#: packages that may be missing, or wait for a call.
RUNNING = (
    'camera_node',
    'face_detector_node',
    'emotion_classifier_node',
    'overlay_node',
    'marker_node',
)
WHOLE = {'overlay': 'true', 'markers': 'true'}


def node_process(
    executable: str,
    *,
    remappings: tuple[tuple[str, str], ...] = (),
    **parameters: Any,
) -> NodeProcess:
    """Return the process of a node with default parameters, except the given ones."""
    return NodeProcess(executable, '', (), parameters, remappings, (), {}, 'info', False)


def face_emotion(
    face_id: str = 'f3x1',
    label: str = 'happy',
    box: Box | None = None,
    position: Position | None = None,
    uncertain: bool = False,
) -> FaceEmotion:
    """Return a face that appeared and is 80 % sure of its label, unless it is uncertain."""
    probabilities = np.full(len(NAMES), 0.2 / 6, np.float32)
    best = label if label in NAMES else 'neutral'
    probabilities[NAMES.index(best)] = 0.8
    return FaceEmotion(
        face_id,
        box or Box(200, 150, 120, 150),
        label,
        0.8,
        best,
        0.8,
        probabilities,
        0.5,
        -0.25,
        position,
        {'glasses': 0.75},
        uncertain or label == UNCERTAIN,
        True,
    )


def emotion_set(stamp: int, *faces: FaceEmotion, frame_id: str = 'eye') -> EmotionSet:
    """Return the expressions of a 640x480 picture."""
    return EmotionSet(stamp, frame_id, 640, 480, NAMES, 'model', 'hash', faces)


def appeared(label: str = 'happy') -> ExpressionEvent:
    """Return the event of a face that appeared."""
    return ExpressionEvent(
        EventType.APPEARED, 1, 'eye', 'f1', label, '', 0.8, 0.0, Box(1, 2, 3, 4)
    )
