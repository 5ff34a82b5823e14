"""Recorded messages of other packages, used if these are not installed.

Recorded from hri_msgs 2.0.0, vision_msgs 4.1.1 and foxglove_msgs 3.4.3: the fields that the
adapters use, as get_fields_and_field_types() gives them. What is installed is compared with this.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseWithCovariance
from std_msgs.msg import Header

#: Message to its fields and their types.
RECORDED: dict[str, dict[str, str]] = {
    'hri_msgs/IdsList': {'header': 'std_msgs/Header', 'ids': 'sequence<string>'},
    'hri_msgs/NormalizedRegionOfInterest2D': {
        'header': 'std_msgs/Header',
        'xmin': 'float',
        'ymin': 'float',
        'xmax': 'float',
        'ymax': 'float',
        'c': 'float',
    },
    'hri_msgs/Expression': {
        'header': 'std_msgs/Header',
        'expression': 'string',
        'valence': 'float',
        'arousal': 'float',
        'confidence': 'float',
    },
    'hri_msgs/NormalizedPointOfInterest2D': {'x': 'float', 'y': 'float', 'c': 'float'},
    'hri_msgs/FacialLandmarks': {
        'header': 'std_msgs/Header',
        'landmarks': 'hri_msgs/NormalizedPointOfInterest2D[70]',
        'height': 'uint32',
        'width': 'uint32',
    },
    'hri_msgs/EngagementLevel': {'header': 'std_msgs/Header', 'level': 'uint8'},
    'vision_msgs/Point2D': {'x': 'double', 'y': 'double'},
    'vision_msgs/Pose2D': {'position': 'vision_msgs/Point2D', 'theta': 'double'},
    'vision_msgs/BoundingBox2D': {
        'center': 'vision_msgs/Pose2D',
        'size_x': 'double',
        'size_y': 'double',
    },
    'vision_msgs/ObjectHypothesis': {'class_id': 'string', 'score': 'double'},
    'vision_msgs/ObjectHypothesisWithPose': {
        'hypothesis': 'vision_msgs/ObjectHypothesis',
        'pose': 'geometry_msgs/PoseWithCovariance',
    },
    'vision_msgs/Detection2D': {
        'header': 'std_msgs/Header',
        'results': 'sequence<vision_msgs/ObjectHypothesisWithPose>',
        'bbox': 'vision_msgs/BoundingBox2D',
        'id': 'string',
    },
    'vision_msgs/Detection2DArray': {
        'header': 'std_msgs/Header',
        'detections': 'sequence<vision_msgs/Detection2D>',
    },
    'vision_msgs/VisionClass': {'class_id': 'uint16', 'class_name': 'string'},
    'vision_msgs/LabelInfo': {
        'header': 'std_msgs/Header',
        'class_map': 'sequence<vision_msgs/VisionClass>',
        'threshold': 'float',
    },
    'foxglove_msgs/Point2': {'x': 'double', 'y': 'double'},
    'foxglove_msgs/Color': {'r': 'double', 'g': 'double', 'b': 'double', 'a': 'double'},
    'foxglove_msgs/PointsAnnotation': {
        'timestamp': 'builtin_interfaces/Time',
        'type': 'uint8',
        'points': 'sequence<foxglove_msgs/Point2>',
        'outline_color': 'foxglove_msgs/Color',
        'thickness': 'double',
    },
    'foxglove_msgs/TextAnnotation': {
        'timestamp': 'builtin_interfaces/Time',
        'position': 'foxglove_msgs/Point2',
        'text': 'string',
        'font_size': 'double',
        'text_color': 'foxglove_msgs/Color',
        'background_color': 'foxglove_msgs/Color',
    },
    'foxglove_msgs/ImageAnnotations': {
        'timestamp': 'builtin_interfaces/Time',
        'points': 'sequence<foxglove_msgs/PointsAnnotation>',
        'texts': 'sequence<foxglove_msgs/TextAnnotation>',
    },
}

#: Constants that the adapters use.
CONSTANTS: dict[str, dict[str, Any]] = {
    'hri_msgs/Expression': {
        'NEUTRAL': 'neutral',
        'ANGRY': 'angry',
        'SAD': 'sad',
        'HAPPY': 'happy',
        'SURPRISED': 'surprised',
        'DISGUSTED': 'disgusted',
        'SCARED': 'scared',
    },
    'hri_msgs/FacialLandmarks': {
        'NOSE': 30,
        'MOUTH_OUTER_RIGHT': 48,
        'MOUTH_OUTER_LEFT': 54,
        'RIGHT_PUPIL': 68,
        'LEFT_PUPIL': 69,
    },
    'hri_msgs/EngagementLevel': {
        'UNKNOWN': 0,
        'DISENGAGED': 1,
        'ENGAGING': 2,
        'ENGAGED': 3,
        'DISENGAGING': 4,
    },
    'foxglove_msgs/PointsAnnotation': {'LINE_LOOP': 2},
}

_SIMPLE = {
    'string': str,
    'float': float,
    'double': float,
    'uint8': int,
    'uint16': int,
    'uint32': int,
}
_REAL = {
    'std_msgs/Header': Header,
    'builtin_interfaces/Time': Time,
    'geometry_msgs/PoseWithCovariance': PoseWithCovariance,
}


class StandIn:
    """A message that refuses fields it does not have and values of another type."""

    fields: dict[str, str]

    def __init__(self) -> None:
        for name, kind in self.fields.items():
            object.__setattr__(self, name, _default(kind))

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in self.fields, f'{type(self).__name__} has no field {name}'
        check(self.fields[name], value)
        object.__setattr__(self, name, value)


def check(kind: str, value: Any) -> None:
    """Raise AssertionError unless a value is of a recorded type."""
    if kind.startswith('sequence<'):
        assert isinstance(value, list), f'{value!r} is no list'
        for element in value:
            check(kind[len('sequence<') : -1], element)
    elif kind in _SIMPLE:
        assert type(value) is _SIMPLE[kind], f'{value!r} is no {kind}'
    else:
        assert type(value) is (_REAL.get(kind) or _classes[kind]), f'{value!r} is no {kind}'


def _default(kind: str) -> Any:
    if kind.startswith('sequence<'):
        return []
    if kind.endswith(']'):
        element, _, count = kind[:-1].partition('[')
        return [_default(element) for _ in range(int(count))]
    return (_SIMPLE.get(kind) or _REAL.get(kind) or _classes[kind])()


_classes = {
    name: type(name.partition('/')[2], (StandIn,), {'fields': fields, **CONSTANTS.get(name, {})})
    for name, fields in RECORDED.items()
}


def recorded_messages(package: str) -> SimpleNamespace:
    """Return the replacement of the module <package>.msg."""
    return SimpleNamespace(
        **{
            kind.__name__: kind
            for name, kind in _classes.items()
            if name.startswith(f'{package}/')
        }
    )
