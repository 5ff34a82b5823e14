"""FaceArray to the faces of a frame and back, with their crops."""

from __future__ import annotations

import array
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image

from fer_msgs import msg as fer_msgs
from fer_ros.core import types
from fer_ros.core.crop import LARGEST_SIZE
from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.decoding import decode_image, encoded_size
from fer_ros.core.imaging.files import encode_picture
from fer_ros.ros.messages.geometry import (
    box_from_roi,
    head_pose,
    position_from_point,
    set_point,
    set_pose,
    set_roi,
    stddev_of,
)
from fer_ros.ros.messages.images import frame_from_image
from fer_ros.ros.messages.interfaces import of_length
from fer_ros.ros.messages.stamps import set_header, stamp_from_time

#: Encodings of images by the channels of a crop.
CROP_ENCODINGS = {'gray': 'mono8', 'bgr': 'bgr8', 'rgb': 'rgb8'}
_CROP_CHANNELS = {encoding: channels for channels, encoding in CROP_ENCODINGS.items()}

#: Crops up to this side are never compressed, because half of a JPEG of 48x48 is its header.
LARGEST_RAW_CROP = 64


def _set_crop(message: Image, crop: types.Crop, channels: str) -> None:
    message.height, message.width = crop.image.shape[:2]
    message.encoding = CROP_ENCODINGS[channels]
    message.step = message.width * types.ENCODING_CHANNELS[message.encoding]
    message.data = array.array('B', crop.image.tobytes())


def _crop_jpeg(crop: types.Crop, channels: str, quality: int) -> CompressedImage:
    image = crop.image
    if channels == 'rgb':
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
    inside = 'mono8' if channels == 'gray' else 'bgr8'
    message = CompressedImage(format=f'{CROP_ENCODINGS[channels]}; jpeg compressed {inside}')
    message.data = array.array('B', encode_picture('.jpg', image, quality))
    return message


def face_array(
    faces: types.FaceSet, jpeg_quality: int = 0, message: fer_msgs.FaceArray | None = None
) -> fer_msgs.FaceArray:
    """Return the message of a face set.

    Args:
        faces: The faces.
        jpeg_quality: JPEG quality of crops larger than LARGEST_RAW_CROP, 1 to 100. 0 compresses
            none.
        message: An earlier one, which is filled again, as in emotion_array().
    """
    message = message or fer_msgs.FaceArray()
    set_header(message.header, faces.stamp, faces.frame_id)
    message.image_width = faces.image_width
    message.image_height = faces.image_height
    message.crop_geometry = faces.crop_geometry
    message.faces = of_length(message.faces, len(faces.faces), fer_msgs.Face)
    for of_face, face in zip(message.faces, faces.faces, strict=True):
        _set_face(of_face, face, faces, jpeg_quality)
    return message


def _set_face(
    message: fer_msgs.Face, face: types.Face, faces: types.FaceSet, jpeg_quality: int
) -> None:
    message.face_id = face.face_id
    set_roi(message.roi, face.box, faces.image_width, faces.image_height)
    message.confidence = face.confidence
    set_point(message.position, face.position)
    message.position_stddev = stddev_of(face.position)
    set_pose(message.head_pose, face.head_pose)
    nothing = np.float32(math.nan)
    message.landmarks = (
        np.full(10, nothing) if face.landmarks is None else face.landmarks.reshape(10)
    )
    crop = face.crop
    message.crop_affine = np.full(6, nothing) if crop is None else crop.affine.reshape(6)
    if crop and jpeg_quality and max(crop.image.shape[:2]) > LARGEST_RAW_CROP:
        message.crop = Image()
        message.compressed_crop = _crop_jpeg(crop, faces.crop_channels, jpeg_quality)
        set_header(message.compressed_crop.header, faces.stamp, faces.frame_id)
        return
    if message.compressed_crop.format:
        message.compressed_crop = CompressedImage()
    if crop:
        _set_crop(message.crop, crop, faces.crop_channels)
    else:
        message.crop = Image()
    set_header(message.crop.header, faces.stamp, faces.frame_id)


def face_set(message: fer_msgs.FaceArray) -> types.FaceSet:
    """Return the faces of a message. Uncompressed crops are views of it.

    Raises:
        EncodingError: A crop contradicts itself, cannot be decoded, or has another encoding than
            the others.
    """
    channels = ''
    faces = []
    for face in message.faces:
        of_this = _crop_channels(face)
        if of_this and channels and of_this != channels:
            raise EncodingError(
                f'crops of one FaceArray differ ({of_this} and {channels}): '
                'its publisher must cut all of them alike'
            )
        channels = channels or of_this
        faces.append(_face(face))
    return types.FaceSet(
        stamp_from_time(message.header.stamp),
        message.header.frame_id,
        message.image_width,
        message.image_height,
        tuple(faces),
        message.crop_geometry,
        channels,
    )


def _crop_channels(face: fer_msgs.Face) -> str:
    """Return the channels of the crop of a face after decoding. '' without a crop."""
    jpeg = face.compressed_crop
    if not (face.crop.width or len(jpeg.data)):
        return ''
    encoding = face.crop.encoding if face.crop.width else jpeg.format.partition(';')[0]
    channels = _CROP_CHANNELS.get(encoding)
    if channels is None:
        raise EncodingError(
            f'crop encoding {encoding!r} is not one of {", ".join(_CROP_CHANNELS)}: '
            'its publisher must use one of them'
        )
    return 'bgr' if channels == 'rgb' and not face.crop.width else channels


def _crop_pixels(face: fer_msgs.Face) -> NDArray[np.uint8]:
    """Return the pixels of the crop of a face."""
    if face.crop.width:
        return frame_from_image(face.crop).image
    data = memoryview(face.compressed_crop.data)
    size = encoded_size(np.frombuffer(data, np.uint8))
    # Before it is decoded, because that limits the memory.
    if size is None or max(size) > LARGEST_SIZE:
        found = 'no JPEG' if size is None else f'{size[0]}x{size[1]} pixels'
        raise EncodingError(
            f'a compressed crop is {found}: its publisher must send JPEGs of at most '
            f'{LARGEST_SIZE}x{LARGEST_SIZE}'
        )
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
        message.face_id,
        box_from_roi(message.roi),
        message.confidence,
        None if np.isnan(landmarks).any() else landmarks.reshape(5, 2),
        position_from_point(message.position, message.position_stddev),
        crop,
        head_pose(message.head_pose),
    )
