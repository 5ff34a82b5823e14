"""Table of emotion_classifier_node."""

from __future__ import annotations

from fer_ros.core.attention.attention import AttentionConfig
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.ros.contract.names import ATTENTION_EVENTS, EXPRESSION_EVENTS, FACE_EMOTIONS, FACES
from fer_ros.ros.contract.qos import EVENTS, FRAMES, SENSOR_DATA
from fer_ros.ros.contract.schema import Applies, NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import (
    ATTRIBUTE_MODELS,
    AUTOSTART,
    DIAGNOSTICS_TOPIC,
    MODEL_FOLDERS,
    RUNTIME,
    TRACK_TIMEOUT,
    UNCERTAIN_THRESHOLD,
    model,
)

_ATTENTION = AttentionConfig()
_SMOOTHING = SmoothingConfig()
#: Metres to which a point of regard may lie away from the origin of its frame.
_FAR = 100.0
EMOTION_CLASSIFIER_NODE = NodeContract(
    name='emotion_classifier_node',
    summary='classifies, smooths and reports the apparent expression of each face',
    publishes=(
        Topic(
            FACE_EMOTIONS,
            'fer_msgs/FaceEmotionArray',
            FRAMES,
            'apparent expressions for each faces message, empty when it was',
        ),
        Topic(
            EXPRESSION_EVENTS,
            'fer_msgs/ExpressionEvent',
            EVENTS,
            'a face appeared, its label changed, it left',
        ),
        Topic(
            ATTENTION_EVENTS,
            'fer_msgs/AttentionEvent',
            EVENTS,
            'a head turned to the robot, or away from it',
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(Topic(FACES, 'fer_msgs/FaceArray', SENSOR_DATA, 'with crops'),),
    parameters=(
        AUTOSTART,
        model('Model to classify with: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        Parameter(
            'threads',
            1,
            'Processor threads of the runtime.',
            minimum=1,
            maximum=64,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'smoothing',
            _SMOOTHING.method,
            'Filter over time: ema (moving average), majority (vote of a window), off.',
            choices=('off', 'majority', 'ema'),
        ),
        Parameter(
            'time_constant',
            _SMOOTHING.time_constant,
            'ema: seconds in which the weight of a frame falls to 1/e.',
            minimum=0.001,
            maximum=60.0,
        ),
        Parameter(
            'window',
            _SMOOTHING.window,
            'majority: number of frames that vote.',
            minimum=1,
            maximum=1000,
        ),
        Parameter(
            'hold',
            _SMOOTHING.hold,
            'Seconds for which a new label must be 2.7 times as probable as the present one to '
            'replace it; a clearer lead takes less, a smaller one more.',
            minimum=0.0,
            maximum=60.0,
        ),
        Parameter(
            'appear_time',
            _SMOOTHING.appear_time,
            'Seconds for which a face must be in view before it appears, whatever its label.',
            minimum=0.0,
            maximum=60.0,
        ),
        UNCERTAIN_THRESHOLD,
        TRACK_TIMEOUT,
        Parameter(
            'attention_cone',
            _ATTENTION.cone,
            'Degrees between where a face points and the point of regard up to which the head '
            'counts as turned to the robot.',
            minimum=1.0,
            maximum=90.0,
        ),
        Parameter(
            'attention_hold',
            _ATTENTION.hold,
            'Seconds for which a head must clearly be turned to the robot, or away, until an '
            'event tells so; in doubt it takes longer.',
            minimum=0.0,
            maximum=60.0,
        ),
        Parameter(
            'regard_frame',
            '',
            "TF frame of the point of regard, such as the robot's head; empty = the camera's "
            'optical frame. Another frame needs tf2_ros.',
            applies=Applies.CONFIGURE,
        ),
        *(
            Parameter(
                f'regard_{axis}',
                0.0,
                f'{axis} of the point of regard in that frame, metres: where people look who look '
                'at the robot.',
                minimum=-_FAR,
                maximum=_FAR,
            )
            for axis in 'xyz'
        ),
    ),
)
