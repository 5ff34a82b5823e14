"""The short Python functions analyze() and track()."""

from __future__ import annotations

import builtins
import gc
import math
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.clips import face_at, nobody, write_clip

import fer_ros
from fer_ros.analysis import loaded_models
from fer_ros.core.errors import DetectorError, EncodingError, ModelError, SourceError
from fer_ros.core.position import CameraModel
from fer_ros.core.sources import SourceConfig
from fer_ros.core.types import AttentionType, EventType
from fer_ros.offline.results.records import HEAD_COLUMNS, POSITION_COLUMNS

ASTRONAUT = 'astronaut.png'


@pytest.fixture
def picture(photographs: Path) -> Path:
    return photographs / ASTRONAUT


@pytest.fixture
def clip(photographs: Path, tmp_path: Path) -> Path:
    face = [still.image for still in face_at(photographs, [(320, 240)] * 12)]
    return write_clip(tmp_path / 'face.avi', [*face, *nobody(6)], 10.0)


def test_importing_the_package_loads_no_heavy_module():
    program = (
        'import sys, fer_ros; '
        'print([m for m in ("numpy", "cv2", "scipy", "onnxruntime") if m in sys.modules])'
    )
    done = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == '[]'


def test_the_package_has_no_other_names():
    assert {'analyze', 'track', '__version__'} <= set(dir(fer_ros))
    with pytest.raises(AttributeError, match='analise'):
        fer_ros.analise  # noqa: B018


def test_three_lines_label_the_face_of_a_picture(picture):
    (face,) = fer_ros.analyze(picture)
    assert face.face_id == 'face1'
    assert face.label == 'happy' == max(face.probabilities, key=face.probabilities.get)
    assert face.confidence == pytest.approx(face.probabilities['happy'])
    assert sum(face.probabilities.values()) == pytest.approx(1.0, abs=1e-4)
    assert 0.5 < face.valence <= 1.0
    assert -1.0 <= face.arousal <= 1.0
    assert 0.5 < face.score <= 1.0
    assert face.box.x < 225 < face.box.x + face.box.width


def test_landmarks_are_inside_the_box_of_their_face(picture):
    (face,) = fer_ros.analyze(picture)
    if face.landmarks is None:
        pytest.skip('the detector that is here gives no landmarks')
    left_eye, right_eye, nose, *_ = face.landmarks
    assert left_eye[0] < nose[0] < right_eye[0]
    assert face.box.y < nose[1] < face.box.y + face.box.height


def test_a_face_of_a_picture_has_a_head_pose_and_attention(picture):
    (face,) = fer_ros.analyze(picture)
    if face.landmarks is None:
        pytest.skip('the detector that is here gives no landmarks')
    assert (face.yaw, face.pitch, face.roll) == face.head_pose.angles
    assert all(abs(angle) < 45 for angle in face.head_pose.angles)
    assert face.looks == (face.attention > 0.6)
    assert face.position.z == pytest.approx(face.head_pose.position[2])


def test_a_mirrored_face_has_the_opposite_yaw(picture):
    image = cv2.imread(str(picture))
    if fer_ros.analyze(image)[0].landmarks is None:
        pytest.skip('the detector that is here gives no landmarks')
    (face,), (mirrored,) = (fer_ros.analyze(pixels) for pixels in (image, image[:, ::-1].copy()))
    assert mirrored.roll == pytest.approx(-face.roll, abs=4)
    assert mirrored.yaw == pytest.approx(-face.yaw, abs=8)


def test_camera_parameters_determine_the_distance_of_a_face(picture):
    (usual,) = fer_ros.analyze(picture)
    (tele,) = fer_ros.analyze(picture, camera=CameraModel.from_fov(1000, 1000, 30.0))
    longer = math.tan(math.radians(30)) / math.tan(math.radians(15))
    assert tele.position.z == pytest.approx(longer * usual.position.z, rel=1e-6)
    assert tele.box == usual.box


def test_without_landmarks_there_is_a_position_but_no_head_pose(picture):
    (face, *_) = fer_ros.analyze(picture, detector='haar')
    assert face.head_pose is None
    assert face.attention is None
    assert not face.looks
    assert face.position.z > 0
    row = face.to_dict()
    assert all(math.isnan(row[name]) for name in ('yaw', 'pitch', 'roll', 'attention'))


def test_pixels_path_and_string_give_the_same_result(picture):
    image = cv2.imread(str(picture))
    assert list(fer_ros.analyze(image)) == list(fer_ros.analyze(str(picture)))
    assert list(fer_ros.analyze(image)) == list(fer_ros.analyze(picture))
    bgra = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    for form in (bgra, gray, gray[..., None]):
        assert len(fer_ros.analyze(form)) == 1


def test_a_list_gives_the_faces_of_each_picture(picture):
    empty = np.zeros((120, 160, 3), np.uint8)
    pictures = fer_ros.analyze([picture, empty])
    assert [len(faces) for faces in pictures] == [1, 0]
    assert [faces.name for faces in pictures] == [str(picture), '']


def test_a_model_is_chosen_by_name(picture):
    default, tiny = (fer_ros.analyze(picture, model=name)[0] for name in ('default', 'tiny'))
    assert default.label == tiny.label == 'happy'
    assert default.confidence != tiny.confidence
    with pytest.raises(ModelError, match='no model'):
        fer_ros.analyze(picture, model='huge')


def test_detector_and_models_are_loaded_once(picture, monkeypatch):
    fer_ros.analyze(picture)
    monkeypatch.setattr(loaded_models, 'PipelineBuilder', None)
    assert len(fer_ros.analyze(picture)) == 1


def test_threads_can_call_analyze_at_the_same_time(picture):
    image = cv2.imread(str(picture))
    expected = list(fer_ros.analyze(image))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(list(fer_ros.analyze(image))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


@pytest.mark.parametrize(
    'pixels',
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros(12, np.uint8),
        np.zeros((4, 4, 3), np.float32),
    ],
    ids=['empty', 'two channels', 'a row', 'floats'],
)
def test_unsupported_pixels_are_refused_by_shape_and_type(pixels):
    with pytest.raises(EncodingError, match=r'shape .* type .*cv2\.imread'):
        fer_ros.analyze(pixels)


def test_an_image_of_pillow_is_analyzed_as_the_error_says(picture):
    pillow = pytest.importorskip('PIL.Image', reason='no Pillow')
    image = pillow.open(picture)
    with pytest.raises(TypeError, match=r'convert\("RGB"\)\)\[\.\.\., ::-1\]'):
        fer_ros.analyze(image)
    pixels = np.asarray(image.convert('RGB'))[..., ::-1]
    assert list(fer_ros.analyze(pixels)) == list(fer_ros.analyze(picture))


def test_an_unknown_detector_or_runtime_is_refused_with_the_choices(picture):
    with pytest.raises(DetectorError, match=r"'mtcnn': it must be one of .*yunet"):
        fer_ros.analyze(picture, detector='mtcnn')
    with pytest.raises(ModelError, match=r"'tensorrt': it must be one of .*onnxruntime"):
        fer_ros.track(picture, runtime='tensorrt')


@pytest.mark.parametrize(
    ('picture', 'reason'),
    [
        (None, 'cv2.imread returns None if it cannot read a file'),
        ([None], 'cv2.imread returns None if it cannot read a file'),
        (5, 'not int'),
        (b'a.png', 'not bytes'),
        ([[1, 2]], 'not list'),
    ],
    ids=repr,
)
def test_an_object_that_is_not_a_picture_is_named(picture, reason):
    with pytest.raises(TypeError, match=reason):
        fer_ros.analyze(picture)


def test_a_video_for_analyze_and_nothing_for_track_are_refused_with_the_remedy(clip):
    with pytest.raises(SourceError, match=r'for videos, use track\(\)'):
        fer_ros.analyze(clip)
    with pytest.raises(TypeError, match='a path, a URL or the number of a camera, not NoneType'):
        fer_ros.track(None)


def test_one_attribute_needs_no_list(picture):
    (one,), (listed,) = (
        fer_ros.analyze(picture, attributes=names) for names in ('gender', ['gender'])
    )
    assert one.attributes == listed.attributes != {}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r'nobody\.png'):
        fer_ros.analyze(tmp_path / 'nobody.png')
    with pytest.raises(SourceError, match=r'nobody\.avi'):
        fer_ros.track(tmp_path / 'nobody.avi')


def test_one_call_gives_the_annotated_picture(picture):
    faces = fer_ros.analyze(picture)
    image = faces.image
    annotated = faces.annotated()
    assert annotated.shape == image.shape
    assert (annotated != image).any()
    assert (faces.image == image).all(), 'the picture itself stays as it was'


def test_a_table_has_a_row_for_each_face(picture):
    pytest.importorskip('pandas', reason='no pandas')
    table = fer_ros.analyze([picture, picture]).to_frame()
    assert len(table) == 2
    assert list(table['label']) == ['happy', 'happy']
    assert set(table['picture']) == {str(picture)}
    assert table.filter(like='probability.').sum(axis=1).iloc[0] == pytest.approx(1.0, abs=1e-4)
    assert {*HEAD_COLUMNS, *POSITION_COLUMNS} < set(table), 'named as in the tables of annotate'
    assert (table['position.z'] > 0).all()


def test_a_table_without_a_face_has_the_columns_of_one_with_a_face(picture, tmp_path):
    pytest.importorskip('pandas', reason='no pandas')
    (gray, *_) = empty = list(nobody(3))
    for with_face, without in [
        (fer_ros.analyze(picture), fer_ros.analyze(gray)),
        (fer_ros.analyze([picture]), fer_ros.analyze([gray])),
    ]:
        table = without.to_frame()
        assert len(table) == 0
        assert list(table) == list(with_face.to_frame())
    video = fer_ros.track(write_clip(tmp_path / 'nobody.avi', empty, 10.0)).to_frame()
    assert list(video) == ['frame', 'time', *fer_ros.analyze(picture).to_frame()]
    assert list(fer_ros.analyze([]).to_frame()) == ['picture']


def test_without_pandas_the_error_says_how_to_install_it(picture, monkeypatch):
    real = builtins.__import__

    def without_pandas(name, *rest):
        if name == 'pandas':
            raise ModuleNotFoundError("No module named 'pandas'", name='pandas')
        return real(name, *rest)

    monkeypatch.setattr(builtins, '__import__', without_pandas)
    with pytest.raises(ImportError, match='pip install pandas'):
        fer_ros.analyze(picture).to_frame()


def test_a_video_gives_frames_with_faces_and_events(clip):
    with fer_ros.track(clip) as tracking:
        assert 'face.avi' in tracking.description
        frames = list(tracking)
    assert len(frames) == 18
    assert [frame.number for frame in frames] == list(range(18))
    assert frames[-1].time == pytest.approx(1.7, abs=0.05)
    assert {face.face_id for frame in frames for face in frame.faces} == {
        frames[0].faces[0].face_id
    }
    events = [event for frame in frames for event in frame.events]
    assert [event.type for event in events] == [EventType.APPEARED, EventType.LEFT]
    assert frames[0].annotated().shape == frames[0].image.shape


def test_a_table_of_a_video_has_frame_and_time(clip):
    pytest.importorskip('pandas', reason='no pandas')
    table = fer_ros.track(clip).to_frame()
    assert list(table['frame']) == list(range(12))
    assert table['time'].is_monotonic_increasing
    assert table['face_id'].nunique() == 1


def test_a_facing_person_looks_and_looks_away_on_leaving(clip):
    with fer_ros.track(clip) as tracking:
        frames = list(tracking)
    if frames[0].faces[0].landmarks is None:
        pytest.skip('the detector that is here gives no landmarks')
    turns = [(frame.number, turn) for frame in frames for turn in frame.attention_events]
    assert [turn.type for _, turn in turns] == [AttentionType.LOOKS, AttentionType.LOOKS_AWAY]
    (first, looks), (_, away) = turns
    assert first > 0, 'it must last'
    assert {looks.face_id, away.face_id} == {frames[0].faces[0].face_id}
    assert away.stamp == frames[-1].events[-1].stamp == frames[-1].stamp
    assert away.duration == pytest.approx((away.stamp - looks.stamp) * 1e-9)
    assert [face.looks for frame in frames for face in frame.faces] == [
        frame.number >= first for frame in frames for _ in frame.faces
    ]


def test_two_videos_can_be_followed_at_the_same_time(clip):
    first, second = fer_ros.track(clip), fer_ros.track(clip)
    pairs = list(zip(first, second, strict=True))
    assert len(pairs) == 18
    for one, other in pairs:
        assert [face.box for face in one.faces] == [face.box for face in other.faces]
        assert [face.label for face in one.faces] == [face.label for face in other.faces]


def test_a_video_can_be_left_before_its_end(clip):
    tracking = fer_ros.track(clip)
    next(iter(tracking))
    tracking.close()
    assert list(tracking) == []


def open_files() -> list[str]:
    """Return the files that this process has open."""
    numbers = Path('/proc/self/fd').iterdir()
    return [str(number.readlink()) for number in numbers if number.exists()]


@pytest.mark.parametrize('frames', [0, 1])
def test_a_video_is_closed_when_it_is_no_longer_used(clip, frames):
    tracking = fer_ros.track(clip)
    assert str(clip) in open_files()
    gc.disable()
    try:
        for _ in range(frames):
            next(tracking)
        del tracking
        assert str(clip) not in open_files()
    finally:
        gc.enable()


def test_late_frames_are_skipped_and_counted():
    """The clock is set back by 0.1 s after the second frame."""
    times = iter([0, 10**9, 2 * 10**9, int(1.9e9), *range(3 * 10**9, 10**11, 10**9)])
    config = SourceConfig(64, 48, 1000, clock=lambda: next(times))
    with fer_ros.track('synthetic', config=config) as tracking:
        frames = [next(tracking) for _ in range(3)]
        assert tracking.late == 1
    assert [frame.time for frame in frames] == [0.0, 1.0, 2.0]
    assert [frame.number for frame in frames] == [0, 1, 3]


def test_a_config_sets_rate_and_size():
    with fer_ros.track('synthetic', config=SourceConfig(64, 48, 10, realtime=False)) as tracking:
        frame = next(iter(tracking))
    assert frame.image.shape == (48, 64, 3)
    assert not frame.faces
    assert not math.isnan(frame.time)
