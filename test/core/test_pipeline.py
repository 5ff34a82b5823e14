"""FaceStage and EmotionStage, with mocks of slow parts."""

from __future__ import annotations

import logging
import math
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_ros.core.attention.attention import AttentionConfig
from fer_ros.core.crop import FER2013, CropSpec, resample_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.errors import EncodingError, GeometryError, LateError
from fer_ros.core.events import EventConfig
from fer_ros.core.pipeline import EmotionStage, FaceStage
from fer_ros.core.position import CameraModel
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.tracking import TrackerConfig
from fer_ros.core.types import (
    AttentionType,
    Box,
    Crop,
    Detection,
    EventType,
    Face,
    FaceSet,
    Frame,
    HeadPose,
)
from fer_ros.core.upright import Upright

SECOND = 1_000_000_000
LABELS = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')
HAPPY, SAD = 100, 140
AT_ONCE = SmoothingConfig('off', appear_time=0.0)


class FixedDetector(FaceDetector):
    """Finds the detections that the test sets."""

    name = 'fixed'

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = list(boxes)
        self.searched: list[int] = []

    def detect(self, frame: Frame) -> list[Detection]:
        self.searched.append(frame.stamp)
        return [Detection(box, 0.9) for box in self.boxes]


class ShadeClassifier:
    """Reads the class from a crop's gray level: level // 32 is its index."""

    name = 'shade'
    model_hash = 'ab' * 32
    class_names = LABELS

    def __init__(self, size: int = 8) -> None:
        self.crop_spec = CropSpec(FER2013, size, 'gray')
        self.batches: list[int] = []

    def prepare(self, image: NDArray[np.uint8], source: CropSpec) -> NDArray[np.uint8]:
        return resample_crop(image, source, self.crop_spec)

    def classify(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.batches.append(len(crops))
        assert all(crop.shape == (self.crop_spec.size,) * 2 for crop in crops)
        probabilities = np.full((len(crops), len(LABELS)), 0.02, np.float32)
        for row, crop in zip(probabilities, crops, strict=True):
            row[int(crop.mean()) // 32] = 0.88
        return probabilities


def frame(seconds: float, level: int = 100) -> Frame:
    return Frame(np.full((240, 320, 3), level, np.uint8), 'bgr8', round(seconds * SECOND), 'eye')


def face_set(
    seconds: float,
    levels: dict[str, int | None],
    *,
    size: int = 8,
    channels: str = 'gray',
    geometry: str = 'fer2013',
) -> FaceSet:
    """Return faces by id with crops of one gray level. None is a face without a crop."""
    shape = CropSpec(FER2013, size, channels).shape
    affine = np.zeros((2, 3), np.float32)
    return FaceSet(
        round(seconds * SECOND),
        'eye',
        320,
        240,
        tuple(
            Face(
                face_id,
                Box(10, 20, 60, 80),
                0.9,
                crop=None if level is None else Crop(np.full(shape, level, np.uint8), affine),
            )
            for face_id, level in levels.items()
        ),
        geometry,
        channels,
    )


def emotion_stage(**options: object) -> EmotionStage:
    return EmotionStage(ShadeClassifier(), **options)  # type: ignore[arg-type]


def told(stage: EmotionStage, faces: FaceSet) -> list[tuple[EventType, str, str]]:
    return [(e.type, e.face_id, e.label) for e in stage.process(faces).events]


class TestFaceStage:
    def test_a_face_set_has_stamp_frame_id_and_size_of_its_frame(self):
        faces = FaceStage(FixedDetector([])).process(frame(3.5))
        assert faces == FaceSet(round(3.5 * SECOND), 'eye', 320, 240)

    def test_a_face_is_tracked_and_cropped_for_the_model(self):
        stage = FaceStage(FixedDetector([Box(100, 80, 60, 80)]), CropSpec(FER2013, 24, 'rgb'))
        faces = stage.process(frame(0))
        (face,) = faces.faces
        assert face.face_id[0].isalpha()
        assert face.crop.image.shape == (24, 24, 3)
        assert face.crop.affine.shape == (2, 3)
        assert (faces.crop_geometry, faces.crop_channels) == ('fer2013', 'rgb')
        assert stage.process(frame(0.1)).faces[0].face_id == face.face_id

    def test_a_late_frame_is_not_searched(self):
        detector = FixedDetector([Box(100, 80, 60, 80)])
        stage = FaceStage(detector)
        stage.process(frame(1.0))
        with pytest.raises(LateError):
            stage.process(frame(0.9))
        stage.process(frame(1.1))
        assert detector.searched == [SECOND, round(1.1 * SECOND)]

    def test_without_a_subscriber_or_a_spec_no_crops_are_made(self):
        boxes = [Box(100, 80, 60, 80)]
        unwanted = FaceStage(FixedDetector(boxes), CropSpec(FER2013, 24)).process(
            frame(0), cut_crops=False
        )
        without = FaceStage(FixedDetector(boxes)).process(frame(0))
        for faces in (unwanted, without):
            assert faces.faces[0].crop is None
            assert (faces.crop_geometry, faces.crop_channels) == ('', '')

    def test_a_position_needs_a_camera_and_follows_its_resolution(self):
        stage = FaceStage(FixedDetector([Box(130, 80, 60, 80)]))
        assert stage.process(frame(0)).faces[0].position is None
        same = stage.process(frame(0.1), CameraModel.from_fov(320, 240, 60.0)).faces[0].position
        twice = stage.process(frame(0.2), CameraModel.from_fov(640, 480, 60.0)).faces[0].position
        assert same.z == pytest.approx(twice.z)
        assert 0.3 < same.z < 2.0
        assert same.x == pytest.approx(0.0, abs=1e-6)

    def test_a_jump_back_gives_one_warning_and_new_ids(self, caplog):
        stage = FaceStage(FixedDetector([Box(100, 80, 60, 80)]))
        before = stage.process(frame(100)).faces[0].face_id
        with caplog.at_level(logging.WARNING):
            after = stage.process(frame(1)).faces[0].face_id
            assert stage.process(frame(1.1)).faces[0].face_id == after
        assert after != before
        assert [r.getMessage() for r in caplog.records] == [
            'time jumped back by 99.000 s: all faces get new identities'
        ]

    def test_a_repeated_stamp_is_not_a_jump(self, caplog):
        stage = FaceStage(FixedDetector([Box(100, 80, 60, 80)]))
        first = stage.process(frame(5)).faces[0].face_id
        assert stage.process(frame(5)).faces[0].face_id == first
        assert not caplog.records

    def test_ids_are_kept_when_the_tracker_gets_another_configuration(self):
        stage = FaceStage(FixedDetector([Box(100, 80, 60, 80)]))
        first = stage.process(frame(0)).faces[0].face_id
        stage.set_config(DetectorConfig(), TrackerConfig(track_timeout=5.0))
        assert stage.process(frame(4)).faces[0].face_id == first

    def test_a_contradictory_frame_is_refused(self):
        stage = FaceStage(FixedDetector([Box(100, 80, 60, 80)]), CropSpec(FER2013, 8))
        wrong = Frame(np.zeros((240, 320), np.uint8), 'bgr8', 0)
        with pytest.raises(EncodingError, match='bgr8'):
            stage.process(wrong)

    def test_rotation_follows_gravity_and_no_new_rotation_is_lost_while_a_frame_is_processed(self):
        class Busy(FixedDetector):
            def detect(self, frame: Frame) -> list[Detection]:
                if not stage.upright.flip:
                    stage.set_config(DetectorConfig(), TrackerConfig(), Upright(0, True))
                return super().detect(frame)

        stage = FaceStage(Busy([]))
        stage.process(frame(0), up=(0.0, 1.0, 0.0))
        assert stage.upright == Upright(180, False)
        stage.process(frame(0.1), up=(0.0, 1.0, 0.0))
        assert stage.upright == Upright(180, True)
        stage.process(frame(0.2))
        assert stage.upright == Upright(180, True)


class TestEmotionStage:
    def test_no_faces_give_an_empty_set_of_the_same_frame_and_no_events(self):
        result = emotion_stage().process(face_set(2.0, {}))
        assert (result.emotions.stamp, result.emotions.frame_id) == (2 * SECOND, 'eye')
        assert (result.emotions.image_width, result.emotions.image_height) == (320, 240)
        assert result.emotions.class_names == LABELS
        assert (result.emotions.model_name, result.emotions.model_hash) == ('shade', 'ab' * 32)
        assert result.emotions.faces == ()
        assert result.events == []

    def test_all_faces_of_a_frame_are_one_batch(self):
        classifier = ShadeClassifier()
        result = EmotionStage(classifier).process(  # type: ignore[arg-type]
            face_set(0, {'f1': HAPPY, 'f2': SAD, 'f3': 0})
        )
        assert classifier.batches == [3]
        assert [(f.face_id, f.raw_label) for f in result.emotions.faces] == [
            ('f1', 'happy'),
            ('f2', 'sad'),
            ('f3', 'angry'),
        ]

    def test_expressions_have_probabilities_affect_and_box(self):
        (face,) = emotion_stage().process(face_set(0, {'f1': HAPPY})).emotions.faces
        assert face.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert face.label == 'happy'
        assert face.confidence == pytest.approx(0.88)
        assert face.box == Box(10, 20, 60, 80)
        assert face.valence > 0.3
        assert not math.isnan(face.arousal)

    def test_a_face_appears_changes_and_leaves(self):
        stage = emotion_stage(events=EventConfig(track_timeout=1.0))
        events = []
        for step in range(60):
            level = HAPPY if step < 20 else SAD
            present: dict[str, int | None] = {'f1': level} if step < 40 else {}
            events += told(stage, face_set(step / 10, present))
        assert events == [
            (EventType.APPEARED, 'f1', 'happy'),
            (EventType.CHANGED, 'f1', 'sad'),
            (EventType.LEFT, 'f1', 'sad'),
        ]

    def test_faces_without_crops_are_counted_and_get_no_expression(self):
        result = emotion_stage().process(face_set(0, {'f1': None, 'f2': HAPPY}))
        assert result.unclassified == 1
        assert [face.face_id for face in result.emotions.faces] == ['f2']

    def test_a_frame_without_any_crop_needs_no_geometry(self):
        result = emotion_stage().process(
            face_set(0, {'f1': None, 'f2': None}, geometry='', channels='gray')
        )
        assert result.unclassified == 2
        assert result.emotions.faces == ()

    @pytest.mark.parametrize(('size', 'channels'), [(24, 'gray'), (8, 'bgr'), (31, 'rgb')])
    def test_crops_of_another_size_or_in_colour_are_converted_for_the_model(self, size, channels):
        result = emotion_stage().process(face_set(0, {'f1': SAD}, size=size, channels=channels))
        assert result.emotions.faces[0].raw_label == 'sad'

    def test_crops_of_an_unknown_geometry_are_refused_and_both_are_named(self):
        with pytest.raises(GeometryError, match=r"'passport'.*'fer2013'"):
            emotion_stage().process(face_set(0, {'f1': HAPPY}, geometry='passport'))

    def test_a_colour_model_refuses_gray_crops(self):
        classifier = ShadeClassifier()
        classifier.crop_spec = CropSpec(FER2013, 8, 'rgb')
        with pytest.raises(GeometryError, match=r'gray.*rgb'):
            EmotionStage(classifier).process(  # type: ignore[arg-type]
                face_set(0, {'f1': HAPPY})
            )

    def test_refused_crops_do_not_affect_known_faces(self):
        stage = emotion_stage(smoothing=AT_ONCE)
        assert told(stage, face_set(0, {'f1': HAPPY})) == [(EventType.APPEARED, 'f1', 'happy')]
        with pytest.raises(GeometryError):
            stage.process(face_set(0.1, {'f1': HAPPY}, geometry='passport'))
        assert told(stage, face_set(0.2, {'f1': HAPPY})) == []

    def test_a_jump_back_gives_one_warning_and_every_face_leaves(self, caplog):
        stage = emotion_stage(smoothing=AT_ONCE)
        told(stage, face_set(100, {'f1': HAPPY}))
        with caplog.at_level(logging.WARNING):
            events = told(stage, face_set(1, {'f2': HAPPY}))
            told(stage, face_set(1.1, {'f2': HAPPY}))
        assert events == [(EventType.LEFT, 'f1', 'happy'), (EventType.APPEARED, 'f2', 'happy')]
        assert [r.getMessage() for r in caplog.records] == [
            'time jumped back by 99.000 s: all faces leave'
        ]

    def test_late_faces_are_not_classified(self):
        stage = emotion_stage()
        stage.process(face_set(1.0, {'a': HAPPY}))
        with pytest.raises(LateError):
            stage.process(face_set(0.9, {'a': HAPPY}))
        stage.process(face_set(1.1, {'a': HAPPY}))
        assert stage.classifier.batches == [1, 1]

    def test_a_jump_back_is_reported_even_if_its_first_faces_cannot_be_classified(self):
        stage = emotion_stage()
        stage.process(face_set(5.0, {'a': HAPPY}))
        with pytest.raises(GeometryError):
            stage.process(face_set(2.5, {'a': HAPPY}, geometry='unknown'))
        assert stage.process(face_set(2.6, {'a': HAPPY})).seconds_back == pytest.approx(2.4)

    def test_a_result_reports_by_how_much_time_went_back(self):
        stage = emotion_stage()
        back = [stage.process(face_set(stamp, {})).seconds_back for stamp in (5, 2.5, 2.6)]
        assert back == [0.0, 2.5, 0.0]

    def test_without_frames_a_face_leaves_once_after_the_timeout(self):
        stage = emotion_stage(smoothing=AT_ONCE, events=EventConfig(track_timeout=2.0))
        told(stage, face_set(10, {'f1': HAPPY}))
        assert stage.expire(2 * SECOND) == ([], [])
        (event,), _ = stage.expire(2 * SECOND + 1)
        assert (event.type, event.face_id, event.stamp) == (EventType.LEFT, 'f1', 12 * SECOND + 1)
        assert stage.expire(10 * SECOND) == ([], [])

    def test_closing_lets_every_face_leave_and_any_stamp_is_accepted_afterwards(self, caplog):
        stage = emotion_stage(smoothing=AT_ONCE)
        told(stage, face_set(10, {'f1': HAPPY, 'f2': SAD}))
        events, _ = stage.close(SECOND)
        assert [(e.type, e.face_id, e.stamp) for e in events] == [
            (EventType.LEFT, 'f1', 11 * SECOND),
            (EventType.LEFT, 'f2', 11 * SECOND),
        ]
        assert told(stage, face_set(1, {'f3': SAD})) == [(EventType.APPEARED, 'f3', 'sad')]
        assert not caplog.records

    def test_a_new_configuration_applies_from_the_next_frame(self):
        stage = emotion_stage()
        assert told(stage, face_set(0, {'f1': HAPPY})) == []
        stage.set_config(AT_ONCE, EventConfig(track_timeout=0.5))
        assert told(stage, face_set(0.1, {'f1': HAPPY})) == [(EventType.APPEARED, 'f1', 'happy')]
        assert told(stage, face_set(0.7, {})) == [(EventType.LEFT, 'f1', 'happy')]

    @pytest.mark.parametrize('end', ['expire', 'close'])
    def test_a_looking_head_looks_away_when_its_face_leaves(self, end):
        stage = emotion_stage(attention=AttentionConfig(attention_hold=0.0))
        here = HeadPose((0.0, 0.0, 1.0), (0.5, 0.5, -0.5, 0.5), np.eye(6) * 0.005)
        for step in range(5):
            faces = face_set(step / 10, {'f1': HAPPY})
            result = stage.process(
                replace(faces, faces=tuple(replace(f, head_pose=here) for f in faces.faces))
            )
        assert result.emotions.faces[0].looks
        events, turns = getattr(stage, end)(5 * SECOND)
        assert [event.type for event in events] == [EventType.LEFT]
        assert [turn.type for turn in turns] == [AttentionType.LOOKS_AWAY]

    def test_a_configuration_from_another_thread_disturbs_no_frame(self):
        stage = emotion_stage()
        configs = [SmoothingConfig(method) for method in ('majority', 'ema', 'off')]
        ended = threading.Event()

        def change() -> None:
            while not ended.is_set():
                for config in configs:
                    stage.set_config(config, EventConfig())

        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        thread = threading.Thread(target=change)
        thread.start()
        try:
            for step in range(300):
                shown = {f'f{number}': HAPPY for number in range(step % 7, step % 7 + 4)}
                for face in stage.process(face_set(step / 30, shown)).emotions.faces:
                    assert face.probabilities.sum() == pytest.approx(1.0, abs=1e-4)
        finally:
            ended.set()
            thread.join()
            sys.setswitchinterval(interval)

    def test_an_id_that_returns_after_its_face_left_starts_again(self):
        stage = emotion_stage()
        for step in range(5):
            told(stage, face_set(step / 10, {'f1': HAPPY}))
        told(stage, face_set(5, {}))
        (face,) = stage.process(face_set(5.1, {'f1': SAD})).emotions.faces
        assert face.label == 'sad'


def test_faces_are_not_carried_from_one_still_picture_to_the_next():
    """The same box with another face, as in a folder of portraits: two people, two labels."""
    face_stage = FaceStage(FixedDetector([Box(100, 60, 80, 100)]), ShadeClassifier().crop_spec)
    emotion_stage = EmotionStage(ShadeClassifier())
    events, ids = [], []
    for number in range(20):
        picture = number // 10
        shown = replace(frame(number / 5, (HAPPY, SAD)[picture]), frame_id=f'eye/{picture + 1}')
        result = emotion_stage.process(face_stage.process(shown))
        ids += [face.face_id for face in result.emotions.faces]
        events += [(event.type, event.label) for event in result.events]
    assert ids == [ids[0]] * 10 + [ids[10]] * 10
    assert ids[0] != ids[10]
    assert events == [
        (EventType.APPEARED, 'happy'),
        (EventType.LEFT, 'happy'),
        (EventType.APPEARED, 'sad'),
    ]
