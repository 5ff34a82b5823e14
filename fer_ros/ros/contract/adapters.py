"""Tables of the nodes that publish messages of other packages."""

from __future__ import annotations

from fer_ros.core.attention.engagement import EngagementConfig
from fer_ros.ros.contract.names import (
    DETECTIONS,
    FACE_ALIGNED,
    FACE_CROPPED,
    FACE_EXPRESSION,
    FACE_LANDMARKS,
    FACE_ROI,
    FACES,
    HUMANS_FACES_TRACKED,
    HUMANS_PERSONS_TRACKED,
    IMAGE_ANNOTATIONS,
    LABEL_INFO,
    PERSON_ANONYMOUS,
    PERSON_ENGAGEMENT,
    PERSON_FACE_ID,
    TF,
)
from fer_ros.ros.contract.qos import FRAMES, LATCHED, RELIABLE, SENSOR_DATA
from fer_ros.ros.contract.schema import Applies, NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import (
    AUTOSTART,
    DIAGNOSTICS_TOPIC,
    EMOTIONS_IN,
    PRIVACY,
    TRACK_TIMEOUT,
)

TF_NODE = NodeContract(
    name='tf_node',
    summary='broadcasts a TF frame for each face, with the name of REP-155; needs tf2_msgs',
    publishes=(
        Topic(
            TF,
            'tf2_msgs/TFMessage',
            RELIABLE,
            "face_<face_id> in the camera's optical frame, with the stamp of the image, for each "
            'face with a head pose; x points out of the face, z up',
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(EMOTIONS_IN,),
    parameters=(AUTOSTART,),
)

REP155_NODE = NodeContract(
    name='rep155_node',
    summary='publishes faces as described in REP-155, for ROS4HRI; needs hri_msgs',
    publishes=(
        Topic(
            HUMANS_FACES_TRACKED,
            'hri_msgs/IdsList',
            RELIABLE,
            'ids of the faces in view; the topics below follow its remapping',
        ),
        Topic(
            FACE_ROI,
            'hri_msgs/NormalizedRegionOfInterest2D',
            RELIABLE,
            'region of the face, [0, 1]',
        ),
        Topic(
            FACE_CROPPED,
            'sensor_msgs/Image',
            RELIABLE,
            "the classifier's crop, scaled to 128x128",
            picture=True,
        ),
        Topic(
            FACE_ALIGNED,
            'sensor_msgs/Image',
            RELIABLE,
            'the same crop, rotated so that the eyes are level',
            picture=True,
        ),
        Topic(
            FACE_LANDMARKS,
            'hri_msgs/FacialLandmarks',
            RELIABLE,
            'pupils, nose tip and mouth corners, [0, 1]; other landmarks are 0 with confidence 0',
        ),
        Topic(
            FACE_EXPRESSION,
            'hri_msgs/Expression',
            RELIABLE,
            'expression by its REP-155 name, empty if it has none; valence and arousal',
        ),
        Topic(
            HUMANS_PERSONS_TRACKED,
            'hri_msgs/IdsList',
            RELIABLE,
            'with persons: an anonymous person for each face',
        ),
        Topic(
            PERSON_FACE_ID,
            'std_msgs/String',
            LATCHED,
            'with persons: the id of the face, sent once',
        ),
        Topic(PERSON_ANONYMOUS, 'std_msgs/Bool', LATCHED, 'with persons: true, sent once'),
        Topic(
            PERSON_ENGAGEMENT,
            'hri_msgs/EngagementLevel',
            RELIABLE,
            'with persons: engagement, from the direction of the head, how long, and the distance',
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(FACES, 'fer_msgs/FaceArray', SENSOR_DATA, 'results of face_detector_node'),
        EMOTIONS_IN,
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        TRACK_TIMEOUT,
        Parameter(
            'crop_size',
            128,
            'Width and height of the topic cropped in pixels (128 in REP-155).',
            minimum=16,
            maximum=1024,
        ),
        Parameter(
            'persons',
            False,
            'Publish an anonymous person with engagement for each face. Leave this off if another '
            'node, such as hri_person_manager, publishes persons.',
            applies=Applies.CONFIGURE,
        ),
        Parameter.of(EngagementConfig, 'engagement_distance'),
        Parameter.of(EngagementConfig, 'engagement_time'),
    ),
)

VISION_MSGS_NODE = NodeContract(
    name='vision_msgs_node',
    summary='publishes apparent expressions as vision_msgs; needs vision_msgs',
    publishes=(
        Topic(
            DETECTIONS,
            'vision_msgs/Detection2DArray',
            FRAMES,
            'one detection for each face, with all classes, the most probable first',
        ),
        Topic(
            LABEL_INFO, 'vision_msgs/LabelInfo', LATCHED, 'names of the class ids in detections'
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(EMOTIONS_IN,),
    parameters=(AUTOSTART,),
)

FOXGLOVE_NODE = NodeContract(
    name='foxglove_node',
    summary="draws faces in Foxglove's image panel; needs foxglove_msgs",
    publishes=(
        Topic(
            IMAGE_ANNOTATIONS,
            'foxglove_msgs/ImageAnnotations',
            FRAMES,
            'a box and a text for each face, with the stamp of the source image',
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(EMOTIONS_IN,),
    parameters=(AUTOSTART,),
)
