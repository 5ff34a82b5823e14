"""ROS messages to core types and back: the only module that knows both.

8-bit gray and colour images are viewed, not copied. OpenCV converts the usual others; what is left
goes through cv_bridge where that is installed.
"""

from __future__ import annotations

import array
import math
from typing import Any

import cv2
import numpy as np
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest
from std_msgs.msg import Header

from fer_msgs import msg as fer_msgs
from fer_ros.core import types
from fer_ros.core.errors import EncodingError, MessageError
from fer_ros.core.imaging.decoding import decode_image, encoded_size
from fer_ros.core.imaging.pixels import READABLE, read_pixels
from fer_ros.core.position import CameraModel

NANOSECONDS = 1_000_000_000

#: In 2038 the seconds of a Time end.
_LAST_STAMP = 2 ** 31 * NANOSECONDS - 1

_CROP_ENCODINGS = {'gray': 'mono8', 'bgr': 'bgr8', 'rgb': 'rgb8'}
_CROP_CHANNELS = {encoding: channels for channels, encoding in _CROP_ENCODINGS.items()}

#: Crops of at most this side are never compressed: a JPEG of 48x48 is half header.
LARGEST_RAW_CROP = 64

#: Longest side of a JPEG crop that is decoded: what comes from outside may not take any memory.
LARGEST_CROP = 1024

_EVENT_TYPES = {member.value for member in types.EventType}


def stamp_from_time(time: Time) -> int:
    """Return a stamp in nanoseconds."""
    return int(time.sec) * NANOSECONDS + int(time.nanosec)


def time_from_stamp(stamp: int) -> Time:
    """Return the message of a stamp in nanoseconds; the last one there is for a later stamp."""
    seconds, nanoseconds = divmod(min(stamp, _LAST_STAMP), NANOSECONDS)
    return Time(sec=seconds, nanosec=nanoseconds)


def header(stamp: int, frame_id: str) -> Header:
    """Return a header of a stamp in nanoseconds."""
    return Header(stamp=time_from_stamp(stamp), frame_id=frame_id)


def duration_message(seconds: float) -> Duration:
    """Return the message of a duration in seconds, at least 0."""
    whole, nanoseconds = divmod(round(max(seconds, 0.0) * NANOSECONDS), NANOSECONDS)
    return Duration(sec=whole, nanosec=nanoseconds)


def frame_from_image(message: Image) -> types.Frame:
    """Return the frame of an image message; 8-bit gray and colour without a copy.

    The frame's image is a view that keeps the message's data alive. Raises EncodingError for an
    image that contradicts itself, or whose encoding needs a cv_bridge that is not there.
    """
    if message.encoding in READABLE:
        pixels, encoding = read_pixels(
            message.data, message.encoding, message.width, message.height, message.step,
            bool(message.is_bigendian))
    else:
        pixels, encoding = _with_cv_bridge(message), 'bgr8'
    return types.Frame(
        pixels, encoding, stamp_from_time(message.header.stamp), message.header.frame_id)


def _with_cv_bridge(message: Image) -> NDArray[np.uint8]:
    try:
        # Imported here: it may be missing, or built for another numpy and fail in any way.
        from cv_bridge import CvBridge
        bridge = CvBridge()
    except Exception as error:
        raise EncodingError(
            f'image encoding {message.encoding!r} needs cv_bridge, which cannot be used '
            f'({type(error).__name__}: {error}): install ros-<distro>-cv-bridge (and a numpy it '
            f'was built for), or publish one of {", ".join(sorted(READABLE))}') from error
    try:
        # CvBridge trusts sizes that read_pixels would check.
        if not message.width or not message.height or not len(message.data):
            raise ValueError('the image is empty')
        image: NDArray[np.uint8] = bridge.imgmsg_to_cv2(message, 'bgr8')
    except Exception as error:
        raise EncodingError(
            f'cv_bridge cannot convert image encoding {message.encoding!r} '
            f'({error}): publish one of {", ".join(sorted(READABLE))}') from error
    return image


def frame_from_compressed(message: CompressedImage, rotate: bool = False) -> types.Frame:
    """Return the decoded frame of a message. Raises EncodingError.

    rotate: turn it upright as its EXIF orientation says: for photographs, not for a camera's
        frames, whose pixels must stay where camera_info has them.
    """
    image = decode_image(memoryview(message.data), rotate=rotate)
    return types.Frame(
        image, 'bgr8' if image.ndim == 3 else 'mono8', stamp_from_time(message.header.stamp),
        message.header.frame_id)


def frame(item: types.Frame | Image | CompressedImage) -> types.Frame:
    """Return the frame of whatever carries one. Raises EncodingError."""
    if isinstance(item, types.Frame):
        return item
    if isinstance(item, CompressedImage):
        return frame_from_compressed(item)
    return frame_from_image(item)


class ImageBuffer:
    """An Image message that is filled again and again: one copy a frame, no allocation."""

    def __init__(self) -> None:
        self._message = Image()
        self._pixels: NDArray[np.uint8] = np.empty(0, np.uint8)

    def fill(self, frame: types.Frame) -> Image:
        """Copy the frame's pixels into the message and return it. Valid until the next fill."""
        image = frame.image
        if self._pixels.size != image.size:
            self._message.data = array.array('B', bytes(image.size))
            # The message may have copied the array: write to the one it holds.
            self._pixels = np.frombuffer(self._message.data, np.uint8)
        np.copyto(self._pixels.reshape(image.shape), image)
        message = self._message
        message.header = header(frame.stamp, frame.frame_id)
        message.height, message.width = frame.height, frame.width
        message.encoding = frame.encoding
        message.step = frame.width * types.ENCODING_CHANNELS[frame.encoding]
        return message


def compressed_message(stamp: int, frame_id: str, jpeg: bytes) -> CompressedImage:
    """Return the message of a JPEG."""
    message = CompressedImage(header=header(stamp, frame_id), format='jpeg')
    message.data = array.array('B', jpeg)
    return message


def camera_info(camera: CameraModel, stamp: int, frame_id: str) -> CameraInfo:
    """Return the CameraInfo of a camera, as it was calibrated."""
    message = CameraInfo(
        header=header(stamp, frame_id), width=camera.width, height=camera.height,
        distortion_model=camera.distortion_model)
    message.d = list(camera.distortion)
    message.k = [camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0]
    message.r = list(camera.rectification)
    message.p = list(camera.projection)
    return message


def camera_from_info(message: CameraInfo) -> CameraModel | None:
    """Return the camera of a CameraInfo, None for an uncalibrated one (K[0] == 0, no size).

    Raises MessageError for a principal point that is no number.
    """
    fx, fy = float(message.k[0]), float(message.k[4])
    sized = message.width > 0 and message.height > 0
    if not (sized and math.isfinite(fx) and math.isfinite(fy) and fx > 0 and fy > 0):
        return None
    try:
        return CameraModel(
            width=message.width, height=message.height, fx=fx, fy=fy, cx=float(message.k[2]),
            cy=float(message.k[5]), distortion=tuple(map(float, message.d)),
            distortion_model=message.distortion_model,
            rectification=tuple(map(float, message.r)), projection=tuple(map(float, message.p)))
    except ValueError as error:
        raise MessageError(f'a camera_info is wrong ({error}): calibrate its camera') from error


def _roi(box: types.Box, width: int, height: int) -> RegionOfInterest:
    x, y, box_width, box_height = box.clipped(width, height)
    return RegionOfInterest(x_offset=x, y_offset=y, width=box_width, height=box_height)


def _box(roi: RegionOfInterest) -> types.Box:
    return types.Box(
        float(roi.x_offset), float(roi.y_offset), float(roi.width), float(roi.height))


def _point(position: types.Position | None) -> Point:
    if position is None:
        return Point(x=math.nan, y=math.nan, z=math.nan)
    return Point(x=position.x, y=position.y, z=position.z)


def _position(point: Point, stddev: float) -> types.Position | None:
    if math.isnan(point.z):
        return None
    return types.Position(point.x, point.y, point.z, stddev)


def _stddev(position: types.Position | None) -> float:
    return math.nan if position is None else position.stddev


def _crop_image(crop: types.Crop, channels: str) -> Image:
    image = crop.image
    encoding = _CROP_ENCODINGS[channels]
    message = Image(
        height=image.shape[0], width=image.shape[1], encoding=encoding,
        step=image.shape[1] * types.ENCODING_CHANNELS[encoding])
    message.data = array.array('B', image.tobytes())
    return message


def _crop_jpeg(crop: types.Crop, channels: str, quality: int) -> CompressedImage:
    image = crop.image
    if channels == 'rgb':
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
    _, jpeg = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    inside = 'mono8' if channels == 'gray' else 'bgr8'
    message = CompressedImage(format=f'{_CROP_ENCODINGS[channels]}; jpeg compressed {inside}')
    message.data = array.array('B', jpeg.tobytes())
    return message


def face_array(faces: types.FaceSet, jpeg_quality: int = 0) -> fer_msgs.FaceArray:
    """Return the message of a face set.

    jpeg_quality: of crops larger than LARGEST_RAW_CROP, 1 to 100; 0 leaves all uncompressed.
    """
    message = fer_msgs.FaceArray(
        header=header(faces.stamp, faces.frame_id), image_width=faces.image_width,
        image_height=faces.image_height, crop_geometry=faces.crop_geometry)
    message.faces = [_face_message(face, faces, jpeg_quality) for face in faces.faces]
    return message


def _face_message(face: types.Face, faces: types.FaceSet, jpeg_quality: int) -> fer_msgs.Face:
    message = fer_msgs.Face(
        face_id=face.face_id,
        roi=_roi(face.box, faces.image_width, faces.image_height),
        confidence=face.confidence,
        position=_point(face.position), position_stddev=_stddev(face.position))
    nothing = np.float32(math.nan)
    message.landmarks = (
        np.full(10, nothing) if face.landmarks is None else face.landmarks.reshape(10))
    crop = face.crop
    if crop is None:
        message.crop_affine = np.full(6, nothing)
        message.crop.header = header(faces.stamp, faces.frame_id)
        return message
    message.crop_affine = crop.affine.reshape(6)
    if jpeg_quality and max(crop.image.shape[:2]) > LARGEST_RAW_CROP:
        message.compressed_crop = _crop_jpeg(crop, faces.crop_channels, jpeg_quality)
        message.compressed_crop.header = header(faces.stamp, faces.frame_id)
    else:
        message.crop = _crop_image(crop, faces.crop_channels)
        message.crop.header = header(faces.stamp, faces.frame_id)
    return message


def face_set(message: fer_msgs.FaceArray) -> types.FaceSet:
    """Return the faces of a message; uncompressed crops are views of it.

    Raises EncodingError for a crop that contradicts itself, cannot be decoded or differs from the
    others' encoding.
    """
    channels = ''
    faces = []
    for face in message.faces:
        of_this = _crop_channels(face)
        if of_this and channels and of_this != channels:
            raise EncodingError(
                f'crops of one FaceArray differ ({of_this} and {channels}): '
                'its publisher must cut all of them alike')
        channels = channels or of_this
        faces.append(_face(face))
    return types.FaceSet(
        stamp_from_time(message.header.stamp), message.header.frame_id,
        message.image_width, message.image_height, tuple(faces), message.crop_geometry, channels)


def _crop_channels(face: fer_msgs.Face) -> str:
    """Return the channels of a face's crop as it is after decoding, '' without a crop."""
    jpeg = face.compressed_crop
    if not (face.crop.width or len(jpeg.data)):
        return ''
    encoding = face.crop.encoding if face.crop.width else jpeg.format.partition(';')[0]
    channels = _CROP_CHANNELS.get(encoding)
    if channels is None:
        raise EncodingError(
            f'crop encoding {encoding!r} is not one of {", ".join(_CROP_CHANNELS)}: '
            'its publisher must use one of them')
    return 'bgr' if channels == 'rgb' and not face.crop.width else channels


def _crop_pixels(face: fer_msgs.Face) -> NDArray[np.uint8]:
    """Return the pixels of a face's crop."""
    if face.crop.width:
        return frame_from_image(face.crop).image
    data = memoryview(face.compressed_crop.data)
    size = encoded_size(np.frombuffer(data, np.uint8))
    if size is None or max(size) > LARGEST_CROP:
        found = 'no JPEG' if size is None else f'{size[0]}x{size[1]} pixels'
        raise EncodingError(
            f'a compressed crop is {found}: its publisher must send JPEGs of at most '
            f'{LARGEST_CROP}x{LARGEST_CROP}')
    image = decode_image(data, 'a compressed crop')
    if _crop_channels(face) == 'gray':
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    return image


def _face(message: fer_msgs.Face) -> types.Face:
    landmarks = np.asarray(message.landmarks, np.float32)
    crop = None
    if message.crop.width or len(message.compressed_crop.data):
        affine = np.asarray(message.crop_affine, np.float32).reshape(2, 3)
        crop = types.Crop(_crop_pixels(message), affine)
    return types.Face(
        message.face_id, _box(message.roi), message.confidence,
        None if np.isnan(landmarks).any() else landmarks.reshape(5, 2),
        _position(message.position, message.position_stddev), crop)


def emotion_array(emotions: types.EmotionSet) -> fer_msgs.FaceEmotionArray:
    """Return the message of an emotion set."""
    message = fer_msgs.FaceEmotionArray(
        header=header(emotions.stamp, emotions.frame_id), image_width=emotions.image_width,
        image_height=emotions.image_height, class_names=list(emotions.class_names),
        model_name=emotions.model_name, model_hash=emotions.model_hash)
    message.faces = [_emotion_message(face, emotions) for face in emotions.faces]
    return message


def _emotion_message(
    face: types.FaceEmotion, emotions: types.EmotionSet,
) -> fer_msgs.FaceEmotion:
    message = fer_msgs.FaceEmotion(
        face_id=face.face_id,
        roi=_roi(face.box, emotions.image_width, emotions.image_height),
        position=_point(face.position), position_stddev=_stddev(face.position),
        appeared=face.appeared, label=face.label, confidence=face.confidence,
        uncertain=face.uncertain,
        raw_label=face.raw_label, raw_confidence=face.raw_confidence,
        valence=face.valence, arousal=face.arousal,
        attribute_names=list(face.attributes))
    message.probabilities = array.array('f', face.probabilities.tobytes())
    message.attribute_scores = array.array('f', face.attributes.values())
    return message


def event_message(
    event: types.ExpressionEvent, image_width: int, image_height: int,
) -> fer_msgs.ExpressionEvent:
    """Return the message of an event in an image of this size."""
    return fer_msgs.ExpressionEvent(
        header=header(event.stamp, event.frame_id), type=event.type.value,
        face_id=event.face_id, label=event.label, previous_label=event.previous_label,
        confidence=event.confidence, duration=duration_message(event.duration),
        roi=_roi(event.box, image_width, image_height), position=_point(event.position))


def emotion_set(message: fer_msgs.FaceEmotionArray) -> types.EmotionSet:
    """Return the apparent expressions of a message.

    Raises MessageError where names and numbers of a face do not go together.
    """
    classes = len(message.class_names)
    for face in message.faces:
        if len(face.probabilities) != classes or len(face.attribute_scores) != len(
                face.attribute_names):
            raise MessageError(
                f'a face has {len(face.probabilities)} probabilities for {classes} classes and '
                f'{len(face.attribute_scores)} scores for {len(face.attribute_names)} '
                'attributes: its publisher must send one for each')
    return types.EmotionSet(
        stamp_from_time(message.header.stamp), message.header.frame_id,
        message.image_width, message.image_height, tuple(message.class_names),
        message.model_name, message.model_hash, tuple(map(_face_emotion, message.faces)))


def _face_emotion(message: fer_msgs.FaceEmotion) -> types.FaceEmotion:
    return types.FaceEmotion(
        face_id=message.face_id, box=_box(message.roi),
        appeared=message.appeared, label=message.label, confidence=message.confidence,
        uncertain=message.uncertain,
        raw_label=message.raw_label, raw_confidence=message.raw_confidence,
        probabilities=np.asarray(message.probabilities, np.float32),
        valence=message.valence, arousal=message.arousal,
        position=_position(message.position, message.position_stddev),
        attributes=dict(zip(message.attribute_names, message.attribute_scores, strict=True)))


def expression_event(message: fer_msgs.ExpressionEvent) -> types.ExpressionEvent:
    """Return the event of a message. Its position has no standard deviation: NaN.

    Raises MessageError for a type of event that there is not.
    """
    if message.type not in _EVENT_TYPES:
        raise MessageError(
            f'an expression event has the unknown type {message.type}: its publisher must use '
            'those of ExpressionEvent.msg')
    return types.ExpressionEvent(
        type=types.EventType(message.type), stamp=stamp_from_time(message.header.stamp),
        frame_id=message.header.frame_id, face_id=message.face_id, label=message.label,
        previous_label=message.previous_label, confidence=message.confidence,
        duration=message.duration.sec + message.duration.nanosec / NANOSECONDS,
        box=_box(message.roi), position=_position(message.position, math.nan))


def message_type(name: str) -> Any:
    """Return the class of a message type named package/Type."""
    return _interface(name, 'msg')


def service_type(name: str) -> Any:
    """Return the class of a service type named package/Type."""
    return _interface(name, 'srv')


def _interface(name: str, folder: str) -> Any:
    package, kind = name.split('/')
    module = __import__(f'{package}.{folder}', fromlist=[kind])
    return getattr(module, kind)
