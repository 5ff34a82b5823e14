"""Bags of both storages, with raw and compressed images, and their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip('rosbags', reason='no rosbags; see requirements/runtime.txt')

from rosbags.rosbag2 import StoragePlugin, Writer
from support.annotating import lines
from support.bags import STORE, write_image_bag

from fer_ros.core.errors import EncodingError
from fer_ros.offline.inputs.bags import BagSource, Topic
from fer_ros.offline.inputs.image_messages import frame_of

START = 1_700_000_000_000_000_000
#: One frame came late: the times of a bag are not even.
STAMPS = [START + milliseconds * 1_000_000 for milliseconds in (0, 40, 80, 240, 280, 320)]

IMAGE, COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'


def header(stamp: int) -> Any:
    seconds, nanoseconds = divmod(stamp, 1_000_000_000)
    return STORE.types['std_msgs/msg/Header'](
        stamp=STORE.types['builtin_interfaces/msg/Time'](sec=seconds, nanosec=nanoseconds),
        frame_id='eye',
    )


def image_message(
    stamp: int,
    pixels: np.ndarray,
    encoding: str = 'bgr8',
    big: bool = False,
) -> Any:
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels).view(np.uint8).reshape(-1)
    return STORE.types[IMAGE](
        header=header(stamp),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=int(big),
        step=data.size // height,
        data=data,
    )


def compressed_message(stamp: int, data: bytes) -> Any:
    return STORE.types[COMPRESSED](
        header=header(stamp), format='jpeg', data=np.frombuffer(data, np.uint8)
    )


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode('.jpg', image)[1].tobytes()


def write_bag(
    folder: Path,
    topics: dict[str, Iterable[Any]],
    storage: StoragePlugin = StoragePlugin.MCAP,
) -> Path:
    """Write messages, recorded 5 ms after their stamps."""
    with Writer(folder, version=9, storage_plugin=storage) as writer:
        for topic, messages in topics.items():
            connection = None
            for message in messages:
                kind = message.__msgtype__
                connection = connection or writer.add_connection(topic, kind, typestore=STORE)
                stamp = message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec
                writer.write(connection, stamp + 5_000_000, STORE.serialize_cdr(message, kind))
    return folder


@pytest.mark.parametrize('as_file', [False, True], ids=['folder', 'mcap file'])
def test_tables_and_video_have_the_header_stamps_of_the_bag(annotated, images, tmp_path, as_file):
    bag = write_image_bag(tmp_path / 'monday', zip(STAMPS, images, strict=False))
    path = next(bag.glob('*.mcap')) if as_file else bag
    ((name, outcome),) = annotated([path], tmp_path / 'out').items()
    assert name == f'{path.name}/image_raw'
    assert (outcome.frames, outcome.failure, outcome.warning) == (len(STAMPS), '', '')
    found = lines(tmp_path / 'out/inputs' / name)
    assert [line['stamp'] for line in found] == STAMPS
    assert [line['time'] for line in found] == [0.0, 0.04, 0.08, 0.24, 0.28, 0.32]
    assert all(len(line['faces']) == 1 for line in found)
    capture = cv2.VideoCapture(str(tmp_path / 'out/annotated' / f'{name}.mp4'))
    times = []
    while capture.read()[0]:
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    assert times == pytest.approx([0.0, 0.04, 0.08, 0.24, 0.28, 0.32], abs=1e-3)


def test_compressed_images_in_sqlite_are_read(annotated, images, tmp_path):
    bag = write_bag(
        tmp_path / 'bag',
        {
            '/camera/image_raw/compressed': [
                compressed_message(stamp, jpeg(image))
                for stamp, image in zip(STAMPS, images, strict=False)
            ]
        },
        StoragePlugin.SQLITE3,
    )
    (name,) = annotated([bag], tmp_path / 'out')
    assert name == 'bag/camera.image_raw.compressed'
    found = lines(tmp_path / 'out/inputs' / name)
    assert [line['stamp'] for line in found] == STAMPS
    assert {face['face_id'] for line in found for face in line['faces']} == {'face1'}


@pytest.mark.parametrize(
    ('stamp', 'fault', 'first'),
    [(0, 'have no stamp (it is 0)', 0), (10**9, 'all have the same stamp', 10)],
)
def test_unusable_stamps_are_replaced_by_recording_times_and_reported(
    tmp_path, stamp, fault, first
):
    kind = 'sensor_msgs/msg/Image'
    times = [10**12 + number * 10**8 for number in range(20)]
    with Writer(tmp_path / 'bag', version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection('/image', kind, typestore=STORE)
        for time in times:
            writer.write(
                connection, time, STORE.serialize_cdr(image_message(stamp, COLOURS), kind)
            )
    source = BagSource(tmp_path / 'bag', Topic('/image', kind, len(times)))
    source.open()
    stamps = [source.read().stamp for _ in times]
    source.close()
    assert stamps[first:] == times[first:]
    assert source.warning == f'images {fault}: the time of recording is used'


def test_images_with_padding_after_the_data_are_read(annotated, images, tmp_path):
    bag = write_bag(
        tmp_path / 'bag',
        {
            '/camera/image_raw/compressed': [
                compressed_message(stamp, jpeg(image).ljust(200_000, b'\0'))
                for stamp, image in zip(STAMPS, images, strict=False)
            ]
        },
    )
    ((name, outcome),) = annotated([bag], tmp_path / 'out').items()
    assert (outcome.frames, outcome.failure, outcome.warning) == (len(STAMPS), '', '')
    assert all(line['faces'] for line in lines(tmp_path / 'out/inputs' / name))


def test_each_requested_topic_has_its_own_results(annotated, images, tmp_path):
    bag = write_bag(
        tmp_path / 'bag',
        {
            f'/{side}/image_raw': [image_message(STAMPS[0], images[number])]
            for number, side in enumerate(('left', 'right'))
        },
    )
    refused = annotated([bag], tmp_path / 'refused')
    assert '/left/image_raw, /right/image_raw' in refused[str(bag)].failure
    topics = ['/left/image_raw', '/right/image_raw']
    assert set(annotated([bag], tmp_path / 'out', topics=topics)) == {
        'bag/left.image_raw',
        'bag/right.image_raw',
    }
    assert (tmp_path / 'out/annotated/bag/left.image_raw.mp4').is_file()
    assert (tmp_path / 'out/annotated/bag/right.image_raw.mp4').is_file()


def test_a_broken_message_is_skipped_and_counted(annotated, images, tmp_path):
    pictures = [jpeg(image) for image in images[:4]]
    pictures[1] = pictures[1][:300]
    bag = write_bag(
        tmp_path / 'bag',
        {
            '/image': [
                compressed_message(stamp, data)
                for stamp, data in zip(STAMPS, pictures, strict=False)
            ]
        },
    )
    (outcome,) = annotated([bag], tmp_path / 'out').values()
    assert outcome.frames == 3
    assert outcome.warning.startswith(
        '1 of 4 messages were skipped; the reason for the first one: image is'
    )
    assert [line['stamp'] for line in lines(tmp_path / 'out/inputs/bag/image')] == [
        STAMPS[0],
        STAMPS[2],
        STAMPS[3],
    ]


def write_out_of_order(folder: Path, images: list[np.ndarray], stamps: list[int]) -> Path:
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection('/image', IMAGE, typestore=STORE)
        for number, stamp in enumerate(stamps):
            message = image_message(stamp, images[number])
            writer.write(connection, START + number, STORE.serialize_cdr(message, IMAGE))
    return folder


def test_a_clock_change_is_reported_and_faces_get_new_ids(annotated, images, tmp_path):
    stamps = [STAMPS[0], STAMPS[1], STAMPS[0] - 60 * 10**9, STAMPS[1] - 60 * 10**9]
    bag = write_out_of_order(tmp_path / 'bag', images, stamps)
    (outcome,) = annotated([bag], tmp_path / 'out').values()
    assert 'the time jumps back 1 times: faces get new ids' in outcome.warning
    found = lines(tmp_path / 'out/inputs/bag/image')
    assert [line['stamp'] for line in found] == stamps
    assert [face['face_id'] for line in found for face in line['faces']] == [
        'face1',
        'face1',
        'face2',
        'face2',
    ]


def test_a_late_frame_is_skipped_and_counted_and_frame_numbers_follow_the_bag(
    annotated, images, tmp_path
):
    stamps = [STAMPS[0], STAMPS[3], STAMPS[1], STAMPS[4]]
    bag = write_out_of_order(tmp_path / 'bag', images, stamps)
    (outcome,) = annotated([bag], tmp_path / 'out').values()
    assert '1 frames are older than the previous frame and were skipped' in outcome.warning
    found = lines(tmp_path / 'out/inputs/bag/image')
    assert [line['frame'] for line in found] == [0, 1, 3]


def test_stamps_that_stay_back_skip_frames_but_cause_no_failure(annotated, images, tmp_path):
    stamps = [STAMPS[5] + 10**8, *(STAMPS[0] + number * 10**7 for number in range(12))]
    bag = write_out_of_order(tmp_path / 'bag', images, stamps)
    (outcome,) = annotated([bag], tmp_path / 'out').values()
    assert not outcome.failure
    assert outcome.frames >= 4
    assert 'were skipped' in outcome.warning


COLOURS = np.random.default_rng(3).integers(0, 256, (4, 6, 3), np.uint8)


def test_an_unreadable_bag_is_refused_with_the_reason(annotated, tmp_path):
    (tmp_path / 'bag.mcap').write_bytes(b'\x89MCAP0\r\n')
    (outcome,) = annotated([tmp_path / 'bag.mcap'], tmp_path / 'out').values()
    assert outcome.failure.startswith('the bag cannot be read (')


def sixteen_bits(kind: str) -> np.ndarray:
    """16-bit gray whose higher bytes are the first colour."""
    return (COLOURS[..., 0].astype(np.uint16) * 256 + 7).astype(kind)


def bayer(order: str) -> np.ndarray:
    """A Bayer image of one colour: 200 red, 120 green, 40 blue."""
    value = {'r': 200, 'g': 120, 'b': 40}
    cell = np.array([[value[c] for c in order[:2]], [value[c] for c in order[2:]]], np.uint8)
    return np.tile(cell, (4, 4))


@pytest.mark.parametrize(
    ('message', 'expected'),
    [
        (lambda: image_message(1, COLOURS), COLOURS),
        (lambda: image_message(1, COLOURS, '8UC3'), COLOURS),
        (lambda: image_message(1, COLOURS[..., ::-1], 'rgb8'), COLOURS[..., ::-1]),
        (lambda: image_message(1, COLOURS[..., 0], 'mono8'), COLOURS[..., 0]),
        (lambda: image_message(1, sixteen_bits('<u2'), 'mono16'), COLOURS[..., 0]),
        (lambda: image_message(1, sixteen_bits('>u2'), 'mono16', big=True), COLOURS[..., 0]),
    ],
)
def test_pixels_of_each_layout_are_read(message: Callable[[], Any], expected):
    frame = frame_of(message(), 5)
    assert np.array_equal(frame.image, expected)
    assert frame.stamp == 1


@pytest.mark.parametrize('order', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer_images_of_all_four_orders_have_the_right_colour(order):
    image = frame_of(image_message(1, bayer(order), f'bayer_{order}8'), 0).image
    assert np.abs(image[2:-2, 2:-2].astype(int) - (40, 120, 200)).max() <= 2


@pytest.mark.parametrize(
    ('encoding', 'first'), [('yuv422', 1), ('uyvy', 1), ('yuyv', 0), ('yuv422_yuy2', 0)]
)
def test_subsampled_images_have_the_right_colour(encoding, first):
    pixels = np.full((4, 6, 2), 128, np.uint8)
    pixels[..., first] = 150
    image = frame_of(image_message(1, pixels, encoding), 0).image
    assert image.shape == (4, 6, 3)
    assert np.ptp(image) <= 1, 'gray without colour difference'


def test_a_16_bit_depth_image_is_refused_with_the_supported_encodings():
    with pytest.raises(
        EncodingError, match=r"'16UC1' are not supported: convert them to one of 16UC3, "
    ):
        frame_of(image_message(1, sixteen_bits('<u2'), '16UC1'), 0)


def test_a_message_without_a_stamp_gets_its_recording_time():
    assert frame_of(image_message(0, COLOURS), 77).stamp == 77
