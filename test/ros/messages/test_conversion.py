"""Conversion of ROS messages to core types and back, without copies and guesses."""

from __future__ import annotations

import array
import math
import sys
from dataclasses import replace
from types import ModuleType

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from support.photographs import encode

from fer_msgs import msg as fer_msgs
from fer_ros.core.crop import LARGEST_SIZE
from fer_ros.core.errors import EncodingError, MessageError
from fer_ros.core.position import CameraModel
from fer_ros.core.types import (
    ENCODING_CHANNELS,
    AttentionEvent,
    AttentionType,
    Box,
    Crop,
    EmotionSet,
    EventType,
    ExpressionEvent,
    Face,
    FaceEmotion,
    FaceSet,
    Frame,
    HeadPose,
    Position,
)
from fer_ros.ros import messages

STAMP = 1_700_000_000_123_456_789


def image_message(
    pixels: np.ndarray,
    encoding: str,
    *,
    padding: int = 0,
    last_row_padded: bool = True,
    **fields: object,
) -> Image:
    """Return the message of an image whose rows end in `padding` more bytes."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    padded = np.pad(rows, ((0, 0), (0, padding)), constant_values=255)
    data = padded.tobytes() if last_row_padded else padded.tobytes()[: padded.size - padding]
    message = Image(height=height, width=width, encoding=encoding, step=padded.shape[1])
    message.header = Header(stamp=messages.time_from_stamp(STAMP), frame_id='eye')
    message.data = array.array('B', data)
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def picture(channels: int, height: int = 5, width: int = 7) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(channels).integers(0, 256, shape, np.uint8)


def over_the_wire(message):
    return deserialize_message(serialize_message(message), type(message))


class TestImages:
    @pytest.mark.parametrize(
        ('encoding', 'channels'),
        [*ENCODING_CHANNELS.items(), ('8UC1', 1), ('8UC3', 3), ('8UC4', 4)],
    )
    def test_every_8_bit_encoding_is_viewed_without_a_copy(self, encoding, channels):
        pixels = picture(channels)
        message = image_message(pixels, encoding)
        frame = messages.frame_from_image(message)
        np.testing.assert_array_equal(frame.image, pixels)
        assert np.shares_memory(frame.image, np.frombuffer(message.data, np.uint8))
        assert (frame.stamp, frame.frame_id) == (STAMP, 'eye')
        assert ENCODING_CHANNELS[frame.encoding] == channels

    @pytest.mark.parametrize(
        ('encoding', 'same'),
        [('8UC1', 'mono8'), ('8UC3', 'bgr8'), ('8UC4', 'bgra8'), ('rgb8', 'rgb8')],
    )
    def test_an_encoding_without_colour_order_is_read_as_in_opencv(self, encoding, same):
        message = image_message(picture(ENCODING_CHANNELS[same]), encoding)
        assert messages.frame_from_image(message).encoding == same

    @pytest.mark.parametrize('channels', [1, 3, 4])
    @pytest.mark.parametrize('last_row_padded', [True, False])
    def test_padded_rows_are_removed_without_a_copy(self, channels, last_row_padded):
        encoding = {1: 'mono8', 3: 'rgb8', 4: 'bgra8'}[channels]
        pixels = picture(channels)
        message = image_message(pixels, encoding, padding=9, last_row_padded=last_row_padded)
        frame = messages.frame_from_image(message)
        np.testing.assert_array_equal(frame.image, pixels)
        assert np.shares_memory(frame.image, np.frombuffer(message.data, np.uint8))

    def test_byte_order_does_not_matter_for_8_bit_images(self):
        pixels = picture(3)
        frame = messages.frame_from_image(image_message(pixels, 'bgr8', is_bigendian=1))
        np.testing.assert_array_equal(frame.image, pixels)

    def test_a_view_keeps_the_pixels_alive(self):
        pixels = picture(3)
        frame = messages.frame_from_image(over_the_wire(image_message(pixels, 'bgr8')))
        np.testing.assert_array_equal(frame.image, pixels)

    @pytest.mark.parametrize('encoding', ['', '16UC1', '32FC1', 'nv24'])
    def test_without_cv_bridge_other_encodings_are_refused_with_the_remedy(
        self, encoding, monkeypatch
    ):
        monkeypatch.setitem(sys.modules, 'cv_bridge', None)
        with pytest.raises(EncodingError, match=rf"'{encoding}' needs cv_bridge.*cv-bridge.*bgr8"):
            messages.frame_from_image(image_message(picture(1), encoding))

    def test_a_broken_cv_bridge_does_not_affect_8_bit_images(self, monkeypatch):
        monkeypatch.setitem(sys.modules, 'cv_bridge', broken_cv_bridge())
        assert messages.frame_from_image(image_message(picture(3), 'bgr8')).width == 7
        with pytest.raises(EncodingError, match='multiarray failed to import'):
            messages.frame_from_image(image_message(picture(1), '16UC1'))

    @pytest.mark.parametrize('encoding', ['bayer_rggb8', 'bayer_grbg16', 'yuyv', 'nv12', 'mono16'])
    @pytest.mark.parametrize('bridge', ['missing', 'broken', 'there'])
    def test_encodings_that_opencv_converts_do_not_need_cv_bridge(
        self, encoding, bridge, monkeypatch
    ):
        modules = {'missing': None, 'broken': broken_cv_bridge(), 'there': cv_bridge(None)}
        monkeypatch.setitem(sys.modules, 'cv_bridge', modules[bridge])
        size = 1 if encoding in ('bayer_rggb8', 'nv12') else 2
        rows = 9 if encoding == 'nv12' else 6
        message = image_message(
            np.full((rows, 8 * size), 128, np.uint8), encoding, height=6, width=8
        )
        frame = messages.frame_from_image(message)
        assert (frame.height, frame.width, frame.stamp) == (6, 8, STAMP)
        assert frame.encoding == ('mono8' if encoding == 'mono16' else 'bgr8')

    def test_the_byte_order_of_16_bit_images_is_used(self):
        gray = picture(1)
        for kind, big in (('<u2', 0), ('>u2', 1)):
            rows = (gray.astype(np.uint16) * 256).astype(kind).view(np.uint8)
            message = image_message(rows, 'mono16', width=7, is_bigendian=big)
            np.testing.assert_array_equal(messages.frame_from_image(message).image, gray)

    def test_an_installed_cv_bridge_converts_other_encodings(self, monkeypatch):
        converted = picture(3)
        monkeypatch.setitem(sys.modules, 'cv_bridge', cv_bridge(lambda *_: converted))
        frame = messages.frame_from_image(image_message(picture(1), 'nv24'))
        assert frame.encoding == 'bgr8'
        assert frame.stamp == STAMP
        np.testing.assert_array_equal(frame.image, converted)

    def test_an_encoding_that_cv_bridge_cannot_convert_is_named(self, monkeypatch):
        def convert(message: Image, encoding: str) -> np.ndarray:
            raise RuntimeError('[wurst] is not a color format')

        monkeypatch.setitem(sys.modules, 'cv_bridge', cv_bridge(convert))
        with pytest.raises(EncodingError, match=r"cannot convert image encoding 'wurst'.*color"):
            messages.frame_from_image(image_message(picture(1), 'wurst'))
        with pytest.raises(EncodingError, match='the image is empty'):
            messages.frame_from_image(Image(encoding='16UC1'))

    @pytest.mark.parametrize(
        ('fields', 'reason'),
        [
            ({'width': 0}, '0x5 pixels is empty'),
            ({'height': 0}, '7x0 pixels is empty'),
            ({'step': 20}, 'step 20 is shorter than a row of 7 pixels in bgr8'),
            ({'step': 0}, 'step 0 is shorter'),
            ({'height': 6}, 'must send all of them'),
            ({'width': 2**31, 'step': 2**32 - 1}, 'shorter|must send all of them'),
            ({'data': array.array('B')}, 'image has 0 bytes'),
            ({'data': array.array('B', bytes(104))}, 'image has 104 bytes'),
        ],
    )
    def test_a_contradictory_image_is_refused(self, fields, reason, monkeypatch):
        monkeypatch.setitem(sys.modules, 'cv_bridge', None)
        with pytest.raises(EncodingError, match=reason):
            messages.frame_from_image(image_message(picture(3), 'bgr8', **fields))


def cv_bridge(convert) -> ModuleType:
    """Return a module that behaves as cv_bridge."""
    module = ModuleType('cv_bridge')

    class CvBridge:
        def imgmsg_to_cv2(self, message: Image, encoding: str) -> np.ndarray:
            assert encoding == 'bgr8'
            return convert(message, encoding)

    module.CvBridge = CvBridge
    return module


def broken_cv_bridge() -> ModuleType:
    """Return a module that fails as a cv_bridge that was built for another numpy."""
    module = ModuleType('cv_bridge')

    def __getattr__(name: str) -> object:  # noqa: N807
        raise ImportError('numpy.core.multiarray failed to import')

    module.__getattr__ = __getattr__
    return module


class TestCompressedImages:
    @pytest.mark.parametrize('suffix', ['.jpg', '.png'])
    def test_a_compressed_image_becomes_a_frame_with_its_header(self, suffix):
        data = cv2.imencode(suffix, picture(3, 32, 48))[1].tobytes()
        message = CompressedImage(
            header=Header(stamp=messages.time_from_stamp(STAMP), frame_id='eye'),
            format='jpeg',
            data=array.array('B', data),
        )
        frame = messages.frame_from_compressed(over_the_wire(message))
        assert frame.image.shape == (32, 48, 3)
        assert (frame.encoding, frame.stamp, frame.frame_id) == ('bgr8', STAMP, 'eye')

    @pytest.mark.parametrize('suffix', ['.jpg', '.png'])
    def test_a_truncated_image_is_refused(self, suffix):
        data = cv2.imencode(suffix, picture(3, 32, 48))[1].tobytes()
        message = CompressedImage(data=array.array('B', data[: len(data) // 2]))
        with pytest.raises(EncodingError, match='truncated'):
            messages.frame_from_compressed(message)

    def test_an_image_with_padding_after_the_data_is_whole(self):
        data = cv2.imencode('.jpg', picture(3, 32, 48))[1].tobytes()
        message = CompressedImage(data=array.array('B', data + bytes(60_000)))
        frame = messages.frame_from_compressed(over_the_wire(message))
        assert frame.image.shape == (32, 48, 3)

    def test_photographs_are_turned_upright_and_camera_frames_are_not(self):
        data = array.array('B', encode('.jpg', picture(3, 32, 48), orientation=6))
        message = CompressedImage(data=data)
        assert messages.frame_from_compressed(message).image.shape == (32, 48, 3)
        turned = messages.frame_from_compressed(message, rotate=True)
        assert turned.image.shape == (48, 32, 3)

    def test_an_empty_image_is_refused(self):
        with pytest.raises(EncodingError, match='empty'):
            messages.frame_from_compressed(CompressedImage())

    def test_a_jpeg_is_sent_unchanged(self):
        message = messages.compressed_message(STAMP, 'eye', b'\xff\xd8jpeg')
        assert bytes(message.data) == b'\xff\xd8jpeg'
        assert (message.format, message.header.frame_id) == ('jpeg', 'eye')
        assert messages.stamp_from_time(message.header.stamp) == STAMP


class TestImageBuffer:
    @pytest.mark.parametrize(('encoding', 'channels'), ENCODING_CHANNELS.items())
    def test_a_frame_is_the_same_after_conversion_to_a_message(self, encoding, channels):
        frame = Frame(picture(channels), encoding, STAMP, 'eye')
        back = messages.frame_from_image(over_the_wire(messages.ImageBuffer().fill(frame)))
        np.testing.assert_array_equal(back.image, frame.image)
        assert (back.encoding, back.stamp, back.frame_id) == (encoding, STAMP, 'eye')

    def test_frames_of_one_size_reuse_the_same_memory(self):
        buffer = messages.ImageBuffer()
        first = buffer.fill(Frame(picture(3), 'bgr8', 1)).data
        second = buffer.fill(Frame(picture(3)[::-1], 'bgr8', 2)).data
        assert second is first

    def test_size_and_encoding_can_change_between_frames(self):
        buffer = messages.ImageBuffer()
        for number, (encoding, height, width) in enumerate(
            [
                ('bgr8', 4, 6),
                ('bgr8', 6, 4),
                ('mono8', 8, 9),
                ('rgba8', 3, 6),
                ('mono8', 4, 6),
                ('bgr8', 4, 6),
            ]
        ):
            frame = Frame(
                picture(ENCODING_CHANNELS[encoding], height, width), encoding, number, 'eye'
            )
            back = messages.frame_from_image(buffer.fill(frame))
            np.testing.assert_array_equal(back.image, frame.image)
            assert (back.encoding, back.stamp) == (encoding, number)

    def test_a_read_only_or_strided_view_is_copied_correctly(self):
        pixels = picture(3, 6, 8)[:, ::-1]
        pixels.flags.writeable = False
        message = messages.ImageBuffer().fill(Frame(pixels, 'bgr8', 0))
        np.testing.assert_array_equal(messages.frame_from_image(message).image, pixels)


class TestStamps:
    @pytest.mark.parametrize(
        'stamp',
        [
            0,
            1,
            999_999_999,
            1_000_000_000,
            STAMP,
            -1,
            -1_000_000_001,
            (2**31 - 1) * 1_000_000_000 + 999_999_999,
            -(2**31) * 1_000_000_000,
        ],
    )
    def test_a_stamp_is_the_same_after_conversion_to_a_message(self, stamp):
        time = messages.time_from_stamp(stamp)
        assert 0 <= time.nanosec < 1_000_000_000
        assert messages.stamp_from_time(over_the_wire(time)) == stamp

    def test_a_received_stamp_with_unusual_parts_is_accepted(self):
        assert messages.stamp_from_time(Time(sec=1, nanosec=2**32 - 1)) == 5_294_967_295

    @pytest.mark.parametrize(
        ('seconds', 'parts'),
        [
            (0.0, (0, 0)),
            (1.5, (1, 500_000_000)),
            (-3.0, (0, 0)),
            (0.9999999999, (1, 0)),
            (86400.25, (86400, 250_000_000)),
        ],
    )
    def test_a_duration_is_not_negative_and_its_nanoseconds_are_in_range(self, seconds, parts):
        message = messages.duration_message(seconds)
        assert (message.sec, message.nanosec) == parts


class TestCameraInfo:
    def test_the_message_of_a_camera_is_used_again_until_the_camera_changes(self):
        buffer = messages.CameraInfoBuffer()
        first, second = (CameraModel.from_fov(640, 480, fov) for fov in (60.0, 90.0))
        for number, camera in enumerate((first, first, second, second, first)):
            filled = buffer.fill(camera, STAMP + number, f'eye{number}')
            assert filled == messages.camera_info(camera, STAMP + number, f'eye{number}')

    def test_a_camera_is_the_same_after_conversion_to_a_message(self):
        camera = CameraModel(640, 480, 500.0, 510.0, 320.5, 240.5, (0.1, -0.2, 0.0, 0.01, 0.0))
        message = over_the_wire(messages.camera_info(camera, STAMP, 'eye'))
        assert messages.camera_from_info(message) == camera
        assert messages.stamp_from_time(message.header.stamp) == STAMP
        assert message.header.frame_id == 'eye'
        assert message.distortion_model == 'plumb_bob'
        np.testing.assert_array_equal(
            np.reshape(message.p, (3, 4))[:, :3], np.reshape(message.k, (3, 3))
        )

    def test_a_camera_is_published_with_its_calibration(self):
        rectification = (0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
        projection = (480.0, 0.0, 322.5, -30.0, 0.0, 490.0, 241.5, 0.0, 0.0, 0.0, 1.0, 0.0)
        camera = CameraModel(
            640,
            480,
            500.0,
            510.0,
            320.5,
            240.5,
            (0.1,) * 8,
            'rational_polynomial',
            rectification,
            projection,
        )
        message = over_the_wire(messages.camera_info(camera, STAMP, 'eye'))
        assert message.distortion_model == 'rational_polynomial'
        assert tuple(message.d) == (0.1,) * 8
        assert tuple(message.r) == rectification
        assert tuple(message.p) == projection
        assert messages.camera_from_info(message) == camera

    @pytest.mark.parametrize(
        'k',
        [
            [0.0] * 9,
            [math.nan] * 9,
            [math.inf, 0, 0, 0, math.inf, 0, 0, 0, 1.0],
            [-500.0, 0, 320, 0, -500, 240, 0, 0, 1],
            [500.0, 0, 320, 0, 5e-324, 240, 0, 0, 1],
            [1e308, 0, 320, 0, 500.0, 240, 0, 0, 1],
        ],
    )
    def test_an_uncalibrated_camera_is_none(self, k):
        message = CameraInfo(width=640, height=480, k=np.array(k, float))
        assert messages.camera_from_info(message) is None

    def test_a_distortion_that_does_not_match_its_model_is_refused_with_a_remedy(self):
        k = np.array([500.0, 0, 320, 0, 500, 240, 0, 0, 1])
        message = CameraInfo(width=640, height=480, distortion_model='plumb_bob', k=k)
        message.d = [0.1, 0.0, 0.0]
        with pytest.raises(MessageError, match=r'got 3.*calibrate its camera'):
            messages.camera_from_info(message)

    def test_a_camera_without_a_size_is_none(self):
        k = np.array([500.0, 0, 320, 0, 500, 240, 0, 0, 1])
        assert messages.camera_from_info(CameraInfo(k=k)) is None


def face(face_id: str = 'fab1', **fields: object) -> Face:
    values: dict = {
        'box': Box(10.0, 20.0, 30.0, 40.0),
        'confidence': 0.75,
        'landmarks': np.arange(10, dtype=np.float32).reshape(5, 2),
        'position': Position(0.1, -0.2, 1.5, 0.18),
        'crop': Crop(picture(1, 12, 12), np.arange(6, dtype=np.float32).reshape(2, 3)),
        **fields,
    }
    return Face(face_id, **values)


def faces_of(*faces: Face, channels: str = 'gray') -> FaceSet:
    return FaceSet(STAMP, 'eye', 320, 240, faces, 'fer2013', channels)


def assert_same_face(face: Face, expected: Face) -> None:
    assert (face.face_id, face.box) == (expected.face_id, expected.box)
    assert face.confidence == pytest.approx(expected.confidence)
    if expected.landmarks is None:
        assert face.landmarks is None
    else:
        np.testing.assert_array_equal(face.landmarks, expected.landmarks)
    if expected.position is None:
        assert face.position is None
    else:
        assert (face.position.x, face.position.y, face.position.z) == (
            expected.position.x,
            expected.position.y,
            expected.position.z,
        )
        assert face.position.stddev == pytest.approx(expected.position.stddev)
    if expected.crop is None:
        assert face.crop is None
    else:
        np.testing.assert_array_equal(face.crop.image, expected.crop.image)
        np.testing.assert_array_equal(face.crop.affine, expected.crop.affine)


class TestFaces:
    def test_a_face_set_is_the_same_after_conversion_to_a_message(self):
        faces = faces_of(
            face(), face('fab2', landmarks=None, position=None), face('fab3', crop=None)
        )
        back = messages.face_set(over_the_wire(messages.face_array(faces)))
        assert (back.stamp, back.frame_id, back.image_width, back.image_height) == (
            STAMP,
            'eye',
            320,
            240,
        )
        assert (back.crop_geometry, back.crop_channels) == ('fer2013', 'gray')
        for found, expected in zip(back.faces, faces.faces, strict=True):
            assert_same_face(found, expected)

    def test_a_message_that_is_filled_again_is_like_a_new_one(self):
        large = face('fab4', crop=Crop(picture(1, 100, 100), np.zeros((2, 3), np.float32)))
        unknown = face('fab2', landmarks=None, position=None, crop=None)
        message = fer_msgs.FaceArray()
        for shown, quality in (
            ([face(), large], 90),
            ([large, unknown, face('fab3')], 90),
            ([unknown], 0),
            ([large, large], 0),
            ([], 0),
            ([face()], 90),
        ):
            filled = messages.face_array(faces_of(*shown), quality, message)
            new = messages.face_array(faces_of(*shown), quality)
            assert filled is message
            assert repr(filled) == repr(new)

    @pytest.mark.parametrize('channels', ['gray', 'bgr', 'rgb'])
    def test_crops_keep_their_channels(self, channels):
        pixels = picture(1 if channels == 'gray' else 3, 12, 12)
        faces = faces_of(face(crop=Crop(pixels, np.zeros((2, 3), np.float32))), channels=channels)
        back = messages.face_set(over_the_wire(messages.face_array(faces)))
        assert back.crop_channels == channels
        np.testing.assert_array_equal(back.faces[0].crop.image, pixels)

    def test_an_empty_set_has_the_header_of_its_image(self):
        message = messages.face_array(FaceSet(STAMP, 'eye', 320, 240))
        assert message.header == messages.header(STAMP, 'eye')
        assert list(message.faces) == []
        back = messages.face_set(message)
        assert back == FaceSet(STAMP, 'eye', 320, 240)

    def test_unknown_values_are_nan_and_a_missing_crop_is_empty(self):
        (message,) = messages.face_array(
            faces_of(face(landmarks=None, position=None, crop=None))
        ).faces
        assert np.isnan(message.landmarks).all()
        assert np.isnan(message.crop_affine).all()
        assert math.isnan(message.position.x)
        assert math.isnan(message.position_stddev)
        assert (message.crop.width, message.crop.height, len(message.crop.data)) == (0, 0, 0)

    def test_incomplete_landmarks_are_none(self):
        (message,) = messages.face_array(faces_of(face())).faces
        message.landmarks[3] = math.nan
        back = messages.face_set(fer_msgs.FaceArray(faces=[message]))
        assert back.faces[0].landmarks is None

    def test_a_crop_has_the_header_of_its_image(self):
        message = messages.face_array(faces_of(face()))
        assert message.faces[0].crop.header == message.header

    def test_a_region_is_clipped_to_the_image(self):
        (message,) = messages.face_array(faces_of(face(box=Box(-10.4, 200.0, 50.0, 80.0)))).faces
        roi = message.roi
        assert (roi.x_offset, roi.y_offset, roi.width, roi.height) == (0, 200, 40, 40)

    def test_crops_with_different_encodings_are_refused(self):
        gray = messages.face_array(faces_of(face())).faces[0]
        color = messages.face_array(
            faces_of(
                face(crop=Crop(picture(3, 12, 12), np.zeros((2, 3), np.float32))), channels='bgr'
            )
        ).faces[0]
        with pytest.raises(EncodingError, match='differ'):
            messages.face_set(fer_msgs.FaceArray(faces=[gray, color]))

    @pytest.mark.parametrize(
        ('fields', 'reason'),
        [
            ({'encoding': 'mono16'}, "crop encoding 'mono16' is not one of mono8, bgr8, rgb8"),
            ({'height': 0}, 'empty'),
            ({'step': 3}, 'step 3 is shorter'),
            ({'data': array.array('B', bytes(5))}, 'must send all of them'),
        ],
    )
    def test_a_contradictory_crop_is_refused(self, fields, reason):
        message = messages.face_array(faces_of(face()))
        for name, value in fields.items():
            setattr(message.faces[0].crop, name, value)
        with pytest.raises(EncodingError, match=reason):
            messages.face_set(message)


class TestCompressedCrops:
    @staticmethod
    def colourful(channels: str, side: int = 100) -> np.ndarray:
        """A smooth picture, which JPEG changes by a few levels only."""
        levels = np.linspace(20, 230, side, dtype=np.float32)
        planes = [
            np.tile(levels, (side, 1)),
            np.tile(levels[:, None], (1, side)),
            np.full((side, side), 90.0, np.float32),
        ]
        count = 1 if channels == 'gray' else 3
        return np.squeeze(np.dstack(planes[:count]).astype(np.uint8))

    def message(self, channels: str = 'gray', quality: int = 90, side: int = 100):
        crop = Crop(self.colourful(channels, side), np.arange(6, dtype=np.float32).reshape(2, 3))
        return messages.face_array(faces_of(face(crop=crop), channels=channels), quality)

    @pytest.mark.parametrize(
        ('channels', 'decoded'), [('gray', 'gray'), ('bgr', 'bgr'), ('rgb', 'bgr')]
    )
    def test_a_large_crop_is_sent_as_jpeg_and_decoded_again(self, channels, decoded):
        message = self.message(channels)
        assert message.faces[0].crop.width == 0
        assert message.faces[0].compressed_crop.header == message.header
        back = messages.face_set(over_the_wire(message))
        assert back.crop_channels == decoded
        crop = back.faces[0].crop
        expected = self.colourful(channels)
        if channels == 'rgb':
            expected = expected[..., ::-1]
        assert crop.image.shape == expected.shape
        assert np.abs(crop.image.astype(int) - expected).max() < 12
        np.testing.assert_array_equal(crop.affine, np.arange(6).reshape(2, 3))

    def test_a_jpeg_is_much_smaller(self):
        raw, jpeg = (self.message('rgb', quality).faces[0] for quality in (0, 80))
        assert len(raw.crop.data) == 30_000
        assert len(jpeg.compressed_crop.data) < 6_000

    def test_a_small_crop_is_not_compressed(self):
        face_message = self.message(side=messages.LARGEST_RAW_CROP).faces[0]
        assert len(face_message.compressed_crop.data) == 0
        assert face_message.crop.width == messages.LARGEST_RAW_CROP

    @pytest.mark.parametrize(
        ('fields', 'reason'),
        [
            ({'format': 'yuv422; jpeg compressed bgr8'}, "crop encoding 'yuv422' is not one of"),
            ({'data': array.array('B', b'no picture')}, 'no JPEG'),
        ],
    )
    def test_a_compressed_crop_that_is_not_a_picture_is_refused(self, fields, reason):
        message = self.message()
        for name, value in fields.items():
            setattr(message.faces[0].compressed_crop, name, value)
        with pytest.raises(EncodingError, match=reason):
            messages.face_set(message)

    def test_a_truncated_jpeg_is_refused(self):
        message = self.message()
        jpeg = message.faces[0].compressed_crop
        jpeg.data = jpeg.data[: len(jpeg.data) // 2]
        with pytest.raises(EncodingError, match='truncated'):
            messages.face_set(message)

    def test_a_giant_crop_is_refused_before_decoding(self):
        message = self.message(side=LARGEST_SIZE + 1)
        with pytest.raises(EncodingError, match='1025x1025 pixels'):
            messages.face_set(message)


class TestEmotions:
    emotions = EmotionSet(
        STAMP,
        'eye',
        320,
        240,
        ('happy', 'sad'),
        'tiny',
        'ab' * 32,
        (
            FaceEmotion(
                'fab1',
                Box(10.0, 20.0, 30.0, 40.0),
                'happy',
                0.75,
                'sad',
                0.5,
                np.array([0.75, 0.25], np.float32),
                0.5,
                -0.25,
                Position(0.0, 0.0, 2.0, 0.25),
                {'smiling': 0.5, 'glasses': 0.25},
                uncertain=True,
                appeared=True,
                attention=0.5,
                looks=True,
            ),
            FaceEmotion(
                'fab2',
                Box(0.0, 0.0, 3.0, 4.0),
                'uncertain',
                0.3,
                'happy',
                0.3,
                np.array([0.3, 0.7], np.float32),
                math.nan,
                math.nan,
            ),
        ),
    )

    def test_every_field_is_converted(self):
        message = over_the_wire(messages.emotion_array(self.emotions))
        assert message.header == messages.header(STAMP, 'eye')
        assert (message.image_width, message.image_height) == (320, 240)
        assert list(message.class_names) == ['happy', 'sad']
        assert (message.model_name, message.model_hash) == ('tiny', 'ab' * 32)
        first, second = message.faces
        assert (first.face_id, first.label, first.confidence) == ('fab1', 'happy', 0.75)
        assert (first.appeared, first.uncertain) == (True, True)
        assert (second.appeared, second.uncertain) == (False, False)
        assert (first.raw_label, first.raw_confidence) == ('sad', 0.5)
        assert list(first.probabilities) == [0.75, 0.25]
        assert (first.valence, first.arousal) == (0.5, -0.25)
        assert (first.roi.x_offset, first.roi.y_offset) == (10, 20)
        assert (first.roi.width, first.roi.height) == (30, 40)
        assert (first.position.z, first.position_stddev) == (2.0, 0.25)
        assert list(first.attribute_names) == ['smiling', 'glasses']
        assert list(first.attribute_scores) == [0.5, 0.25]
        assert second.label == fer_msgs.FaceEmotion.UNCERTAIN
        assert math.isnan(second.valence)
        assert math.isnan(second.position.z)
        assert list(second.attribute_names) == []

    def test_emotions_are_the_same_after_conversion_to_a_message(self):
        back = messages.emotion_set(over_the_wire(messages.emotion_array(self.emotions)))
        assert (back.stamp, back.frame_id, back.class_names) == (STAMP, 'eye', ('happy', 'sad'))
        assert (back.model_name, back.model_hash) == ('tiny', 'ab' * 32)
        first, second = back.faces
        assert first == replace(self.emotions.faces[0], probabilities=first.probabilities)
        assert first.probabilities.tolist() == [0.75, 0.25]
        assert second.position is None
        assert second.attributes == {}

    def test_a_message_that_is_filled_again_is_like_a_new_one(self):
        message = fer_msgs.FaceEmotionArray()
        first, second = self.emotions.faces
        for shown in ((first, second), (second,), (), (second, first, first)):
            emotions = replace(self.emotions, faces=shown, stamp=STAMP + len(shown))
            filled = messages.emotion_array(emotions, message)
            assert filled is message
            assert repr(filled) == repr(messages.emotion_array(emotions))

    def test_an_empty_set_has_the_header_of_its_image(self):
        message = messages.emotion_array(EmotionSet(STAMP, 'eye', 320, 240, ('a', 'b'), 't', ''))
        assert list(message.faces) == []
        assert message.header == messages.header(STAMP, 'eye')


class TestEvents:
    @pytest.mark.parametrize(
        ('kind', 'number'),
        [
            (EventType.APPEARED, fer_msgs.ExpressionEvent.APPEARED),
            (EventType.CHANGED, fer_msgs.ExpressionEvent.CHANGED),
            (EventType.LEFT, fer_msgs.ExpressionEvent.LEFT),
        ],
    )
    def test_every_field_is_converted(self, kind, number):
        event = ExpressionEvent(
            kind,
            STAMP,
            'eye',
            'fab1',
            'happy',
            'sad',
            0.75,
            2.5,
            Box(10.0, 20.0, 30.0, 400.0),
            Position(0.5, 0.25, 2.0, 0.25),
            image_width=320,
            image_height=240,
        )
        message = over_the_wire(messages.event_message(event))
        assert message.type == number
        assert message.header == messages.header(STAMP, 'eye')
        assert (message.face_id, message.label, message.previous_label) == ('fab1', 'happy', 'sad')
        assert message.confidence == 0.75
        assert (message.duration.sec, message.duration.nanosec) == (2, 500_000_000)
        assert (message.roi.y_offset, message.roi.height) == (20, 220)
        assert (message.position.x, message.position.z) == (0.5, 2.0)

    def test_an_event_is_the_same_after_conversion_to_a_message(self):
        event = ExpressionEvent(
            EventType.CHANGED,
            STAMP,
            'eye',
            'fab1',
            'happy',
            'sad',
            0.75,
            2.5,
            Box(10.0, 20.0, 30.0, 40.0),
        )
        shown = replace(event, image_width=320, image_height=240)
        message = over_the_wire(messages.event_message(shown))
        assert messages.expression_event(message) == event, 'the message has no size of the image'


def test_a_message_type_is_found_by_its_name():
    assert messages.message_type('fer_msgs/FaceArray') is fer_msgs.FaceArray
    assert messages.message_type('sensor_msgs/Image') is Image


class TestHeadPoses:
    pose = HeadPose((0.1, -0.2, 1.5), (0.5, 0.5, -0.5, 0.5), np.arange(36.0).reshape(6, 6))

    def test_head_poses_are_the_same_after_conversion_to_messages(self):
        face = Face('fab1', Box(1.0, 2.0, 3.0, 4.0), 0.5, head_pose=self.pose)
        faces = messages.face_set(
            over_the_wire(messages.face_array(FaceSet(STAMP, 'eye', 320, 240, (face,))))
        )
        emotion = replace(TestEmotions.emotions.faces[0], head_pose=self.pose)
        emotions = messages.emotion_set(
            over_the_wire(messages.emotion_array(replace(TestEmotions.emotions, faces=(emotion,))))
        )
        for back in (faces.faces[0].head_pose, emotions.faces[0].head_pose):
            assert back is not None
            assert (back.position, back.orientation) == (self.pose.position, self.pose.orientation)
            assert (back.covariance == self.pose.covariance).all()

    def test_a_face_without_a_pose_has_nan_and_is_read_without_a_pose(self):
        face = Face('fab1', Box(1.0, 2.0, 3.0, 4.0), 0.5)
        message = messages.face_array(FaceSet(STAMP, 'eye', 320, 240, (face,)))
        pose = message.faces[0].head_pose
        assert math.isnan(pose.pose.position.z)
        assert math.isnan(pose.pose.orientation.w)
        assert np.isnan(pose.covariance).all()
        assert messages.face_set(over_the_wire(message)).faces[0].head_pose is None

    def test_unset_fields_are_not_a_pose(self):
        message = fer_msgs.FaceEmotionArray(faces=[fer_msgs.FaceEmotion()])
        assert messages.emotion_set(message).faces[0].head_pose is None


class TestAttentionEvents:
    def test_attention_events_are_the_same_after_conversion_to_a_message(self):
        event = AttentionEvent(
            AttentionType.LOOKS_AWAY,
            STAMP,
            'eye',
            'fab1',
            0.25,
            1.5,
            Box(1.0, 2.0, 3.0, 4.0),
        )
        back = messages.attention_event(
            over_the_wire(
                messages.attention_message(replace(event, image_width=320, image_height=240))
            )
        )
        assert back == event

    def test_a_probability_that_is_not_finite_is_refused_with_the_remedy(self):
        message = fer_msgs.AttentionEvent(type=1, probability=math.inf)
        with pytest.raises(MessageError, match='must send a number from 0 to 1'):
            messages.attention_event(message)

    def test_an_unknown_type_is_refused_with_the_remedy(self):
        message = fer_msgs.AttentionEvent(type=7)
        with pytest.raises(MessageError, match=r'unknown type 7: .* AttentionEvent\.msg'):
            messages.attention_event(message)


class TestDepth:
    @pytest.mark.parametrize(
        ('encoding', 'kind'), [('16UC1', 'u2'), ('mono16', 'u2'), ('32FC1', 'f4')]
    )
    @pytest.mark.parametrize('order', ['<', '>'])
    def test_distances_are_read_in_any_byte_order_and_padding(self, encoding, kind, order):
        pixels = np.arange(35).reshape(5, 7).astype(order + kind)
        rows = np.zeros((5, 7 * pixels.itemsize + 3), np.uint8)
        rows[:, :-3] = pixels.view(np.uint8).reshape(5, -1)
        message = Image(
            header=messages.header(STAMP, 'eye'),
            width=7,
            height=5,
            step=rows.shape[1],
            encoding=encoding,
            is_bigendian=int(order == '>'),
            data=array.array('B', rows.tobytes()),
        )
        depth = messages.depth_image(message)
        assert depth.stamp == STAMP
        assert depth.image.dtype == np.dtype(kind)
        assert (depth.image == pixels).all()

    @pytest.mark.parametrize(
        ('wrong', 'reason'),
        [
            ({'encoding': 'bgr8'}, "'bgr8': publish one of 16UC1"),
            ({'step': 3}, 'rows of 3 bytes'),
            ({'height': 9}, '7x9 pixels'),
            ({'width': 0}, '0x5 pixels'),
        ],
    )
    def test_a_contradictory_depth_image_is_refused(self, wrong, reason):
        fields = {'width': 7, 'height': 5, 'step': 14, 'encoding': '16UC1', **wrong}
        message = Image(**fields, data=array.array('B', bytes(70)))
        with pytest.raises(EncodingError, match=reason):
            messages.depth_image(message)
