"""Table of emotion_classifier_node."""

from __future__ import annotations

from fer_ros.core.attention.attention import AttentionConfig
from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.ros.contract.names import ATTENTION_EVENTS, EXPRESSION_EVENTS, FACE_EMOTIONS, FACES
from fer_ros.ros.contract.qos import EVENTS, FRAMES, SENSOR_DATA
from fer_ros.ros.contract.schema import Applies, NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import (
    ATTRIBUTE_MODELS,
    AUTOSTART,
    DEVICE,
    DIAGNOSTICS_TOPIC,
    MODEL_FOLDERS,
    RUNTIME,
    TRACK_TIMEOUT,
    UNCERTAIN_THRESHOLD,
    model,
    transforms_in,
)

#: Largest distance of a point of regard from the origin of its frame, metres.
_FAR = 100.0
EMOTION_CLASSIFIER_NODE = NodeContract(
    name='emotion_classifier_node',
    summary='classifies, smooths and reports the apparent expression of each face',
    publishes=(
        Topic(
            FACE_EMOTIONS,
            'fer_msgs/FaceEmotionArray',
            FRAMES,
            'apparent expressions for each faces message; empty if that message is empty',
        ),
        Topic(
            EXPRESSION_EVENTS,
            'fer_msgs/ExpressionEvent',
            EVENTS,
            'a face appeared, changed its label, or left',
        ),
        Topic(
            ATTENTION_EVENTS,
            'fer_msgs/AttentionEvent',
            EVENTS,
            'a head turned to the robot or away from it',
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(FACES, 'fer_msgs/FaceArray', SENSOR_DATA, 'with crops'),
        *transforms_in('regard_frame'),
    ),
    parameters=(
        AUTOSTART,
        model('Model to classify with: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        DEVICE,
        Parameter.of(ClassifierConfig, 'threads', applies=Applies.CONFIGURE),
        Parameter.of(SmoothingConfig, 'method', name='smoothing'),
        Parameter.of(SmoothingConfig, 'time_constant'),
        Parameter.of(SmoothingConfig, 'window'),
        Parameter.of(SmoothingConfig, 'hold'),
        Parameter.of(SmoothingConfig, 'appear_time'),
        UNCERTAIN_THRESHOLD,
        TRACK_TIMEOUT,
        Parameter.of(AttentionConfig, 'attention_cone'),
        Parameter.of(AttentionConfig, 'attention_hold'),
        Parameter(
            'regard_frame',
            '',
            "TF frame of the point of regard, such as the robot's head. If empty, the camera's "
            'optical frame. Another frame needs tf2_ros.',
            applies=Applies.CONFIGURE,
        ),
        *(
            Parameter(
                f'regard_{axis}',
                0.0,
                f'{axis} in metres of the point of regard in regard_frame: the point that people '
                'look at when they look at the robot.',
                minimum=-_FAR,
                maximum=_FAR,
            )
            for axis in 'xyz'
        ),
    ),
)
