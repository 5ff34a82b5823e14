"""Names of topics and services."""

from __future__ import annotations

IMAGE_RAW = 'image_raw'
IMAGE_COMPRESSED = 'image_raw/compressed'
CAMERA_INFO = 'camera_info'
CAMERA_ENABLE = '~/enable'
CAMERA_ENABLED = '~/enabled'
FACES = 'faces'
FACE_EMOTIONS = 'face_emotions'
EXPRESSION_EVENTS = 'expression_events'
OVERLAY = 'overlay'
OVERLAY_COMPRESSED = 'overlay/compressed'
MARKERS = 'markers'
CLASSIFY_IMAGE = 'classify_image'
IMAGE_ANNOTATIONS = 'image_annotations'
DETECTIONS = 'detections'
LABEL_INFO = 'label_info'
#: REP-155 names. The topics of a face lie beside `tracked`, below its id.
HUMANS_FACES_TRACKED = '/humans/faces/tracked'
FACE_ROI = '/humans/faces/<face_id>/roi'
FACE_CROPPED = '/humans/faces/<face_id>/cropped'
FACE_EXPRESSION = '/humans/faces/<face_id>/expression'
