"""One input of each kind, with results that do not depend on the number of cores."""

from __future__ import annotations

import csv
import dataclasses
import json
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.annotating import contents, lines, searching
from support.tiny_model import write_tiny_model

from fer_ros.core.detection.base import Search
from fer_ros.core.detection.search import FaceSearch
from fer_ros.core.errors import FerError, OutputError
from fer_ros.core.pipeline import EmotionStage, FaceStage
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.scoring import FaceScorer
from fer_ros.core.sources.video import VideoSource
from fer_ros.core.types import Frame
from fer_ros.offline.results.pictures import VideoCanvas
from fer_ros.offline.running.ahead import ONE_CORE, WRITE_AHEAD, Cores
from fer_ros.offline.running.shared_models import SharedModels
from fer_ros.offline.settings import Settings

FRAMES, FPS = 14, 25.0


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / 'faces.csv').open(newline='') as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope='module')
def of_clip(annotated, clip, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp('of_clip') / 'out'
    outcome = annotated([clip], out)['clip.avi']
    assert (outcome.frames, outcome.failure, outcome.warning) == (FRAMES, '', '')
    return out


def test_every_frame_has_a_line_with_its_time_and_face(of_clip):
    found = lines(of_clip / 'inputs/clip.avi')
    assert [line['frame'] for line in found] == list(range(FRAMES))
    assert [line['time'] for line in found] == pytest.approx(
        [number / FPS for number in range(FRAMES)]
    )
    faces = [face for line in found for face in line['faces']]
    assert len(faces) == FRAMES
    assert {face['face_id'] for face in faces} == {'face1'}
    assert all(sum(face['probabilities'].values()) == pytest.approx(1, abs=1e-3) for face in faces)
    lefts = [face['box'][0] for face in faces]
    assert lefts[-1] - lefts[0] == pytest.approx(80, abs=6), 'it walks to the right'


def test_tables_equal_the_lines(of_clip):
    folder = of_clip / 'inputs/clip.avi'
    for row, line in zip(rows(folder), lines(folder), strict=True):
        (face,) = line['faces']
        assert int(row['frame']) == line['frame']
        assert row['label'] == face['label']
        assert row['raw_label'] == face['raw_label']
        assert [float(row[key]) for key in ('x', 'y', 'width', 'height')] == face['box']
        for name, value in face['probabilities'].items():
            assert float(row[f'probability.{name}']) == value


def test_a_face_appears_and_leaves_at_the_end(of_clip):
    found = lines(of_clip / 'inputs/clip.avi')
    events = [(line['frame'], event['type']) for line in found for event in line['events']]
    assert events[0][1] == 'appeared'
    assert events[-1] == (FRAMES - 1, 'left')
    with (of_clip / 'inputs/clip.avi/events.csv').open(newline='') as file:
        assert [(int(e['frame']), e['type']) for e in csv.DictReader(file)] == events
    appeared = rows(of_clip / 'inputs/clip.avi')[events[0][0]]
    assert appeared['events'] == 'appeared'


def test_events_report_when_a_head_turned_to_the_camera(of_clip):
    folder = of_clip / 'inputs/clip.avi'
    with (folder / 'events.csv').open(newline='') as file:
        events = [row for row in csv.DictReader(file) if row['type'].startswith('looks')]
    assert [event['type'] for event in events] == ['looks', 'looks_away']
    looks, away = events
    assert (looks['label'], looks['previous_label'], away['label']) == ('', '', '')
    assert float(looks['confidence']) > 0.6
    assert int(away['frame']) == FRAMES - 1
    seen = rows(folder)
    assert seen[int(looks['frame'])]['events'] == 'looks'
    assert seen[-1]['events'] == 'looks away; left'
    assert [int(row['looks']) for row in seen] == [
        int(looks['frame']) <= number for number in range(FRAMES)
    ]
    counted = json.loads((folder / 'summary.json').read_text())['events']
    assert (counted['looks'], counted['looks_away']) == (1, 1)


def test_the_annotated_video_has_boxes_on_frames_at_their_times(of_clip, images):
    capture = cv2.VideoCapture(str(of_clip / 'annotated/clip.avi.mp4'))
    times, first = [], None
    while True:
        ok, image = capture.read()
        if not ok:
            break
        first = image if first is None else first
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    assert times == pytest.approx([number / FPS for number in range(FRAMES)], abs=1e-3)
    difference = np.abs(first.astype(int) - images[0]).max(axis=2)
    box = [round(v) for v in lines(of_clip / 'inputs/clip.avi')[0]['faces'][0]['box']]
    assert difference[box[1] + box[3] // 2, box[0] - 2 : box[0] + 3].max() > 40, 'its left edge'
    assert np.median(difference) < 10, 'the rest is the source'


def test_the_summary_counts_the_contents_of_the_lines(of_clip):
    summary = json.loads((of_clip / 'inputs/clip.avi/summary.json').read_text())
    assert summary['frames'] == summary['frames_with_faces'] == FRAMES
    assert (summary['width'], summary['height']) == (320, 240)
    assert sum(summary['labels'].values()) == FRAMES
    (face,) = summary['faces']
    assert face['frames'] == FRAMES
    assert face['spans'][-1][1] == pytest.approx(FRAMES / FPS, abs=0.01)
    assert len(face['spans']) <= len(summary['labels']) + summary['events']['changed'] + 1


@pytest.mark.parametrize('search', [Search.FULL, Search.FAST])
def test_results_are_byte_identical_on_any_number_of_cores(
    annotated, clip, photographs, settings, tmp_path, search
):
    models = SharedModels(searching(settings, search))
    inputs = [clip, photographs / 'astronaut.png']
    shares = iter([1, 4, 2] * 100)
    for name, cores in (('one', Cores(1, lambda: 1)), ('more', Cores(4, lambda: next(shares)))):
        annotated(inputs, tmp_path / name, cores=cores, by=models)
    one, more = contents(tmp_path / 'one'), contents(tmp_path / 'more')
    assert len(one) == 2 * 5 + 2, 'tables, pictures'
    assert one == more


def test_a_picture_has_the_same_result_as_in_classify(annotated, photographs, tmp_path):
    picture = photographs / 'astronaut.png'
    annotated([picture], tmp_path)
    expected = (
        PipelineBuilder()
        .picture_classifier()
        .classify(Frame(cv2.imread(str(picture)), 'bgr8', 0))
        .faces[0]
    )
    (row,) = rows(tmp_path / 'inputs/astronaut.png')
    assert (row['face_id'], row['label']) == (expected.face_id, expected.label)
    assert float(row['confidence']) == pytest.approx(expected.confidence, abs=1e-3)
    place = [float(row[f'position.{axis}']) for axis in 'xyz']
    position = expected.position
    assert place == pytest.approx([position.x, position.y, position.z], abs=1e-2)
    if expected.head_pose is not None:
        angles = [float(row[name]) for name in ('yaw', 'pitch', 'roll')]
        assert angles == pytest.approx(expected.head_pose.angles, abs=1)
        assert float(row['attention']) == pytest.approx(expected.attention, abs=1e-2)
        assert row['looks'] == str(int(expected.looks))
    drawn = cv2.imread(str(tmp_path / 'annotated/astronaut.png'))
    assert drawn.shape == (512, 512, 3)
    assert (drawn != cv2.imread(str(picture))).any()


def test_a_frame_without_a_face_has_a_row_and_an_empty_line(annotated, tmp_path):
    cv2.imwrite(str(tmp_path / 'wall.pgm'), np.full((90, 120), 120, np.uint8))
    annotated([tmp_path / 'wall.pgm'], tmp_path / 'out')
    (row,) = rows(tmp_path / 'out/inputs/wall.pgm')
    assert (row['frame'], row['time'], row['face_id'], row['label']) == ('0', '0.0', '', '')
    (line,) = lines(tmp_path / 'out/inputs/wall.pgm')
    assert (line['faces'], line['events'], line['width']) == ([], [], 120)
    assert cv2.imread(str(tmp_path / 'out/annotated/wall.pgm.png')).shape == (90, 120, 3)


def test_without_pictures_no_file_shows_a_person(annotated, clip, photographs, settings, tmp_path):
    models = SharedModels(dataclasses.replace(settings, pictures=False))
    annotated([clip, photographs / 'astronaut.png'], tmp_path, by=models)
    written = {path.suffix for path in tmp_path.rglob('*') if path.is_file()}
    assert written == {'.csv', '.jsonl', '.svg', '.json'}
    assert '<image' not in (next(tmp_path.rglob('chart.svg'))).read_text()


def test_attributes_have_their_own_columns(annotated, clip, settings, tmp_path):
    card = dataclasses.replace(write_tiny_model(tmp_path / 'colour'), task='colour')
    card.write(tmp_path / 'colour')
    pipeline = dataclasses.replace(settings.pipeline, attribute_models=(str(tmp_path / 'colour'),))
    with_colour = Settings(pipeline).resolved()
    annotated([clip], tmp_path / 'out', by=SharedModels(with_colour))
    folder = tmp_path / 'out/inputs/clip.avi'
    scores = lines(folder)[-1]['faces'][0]['attributes']
    assert list(scores) == [f'colour.{label}' for label in card.labels]
    assert [float(rows(folder)[-1][name]) for name in scores] == list(scores.values())


def test_a_truncated_video_gives_its_contents_and_a_warning(annotated, clip, tmp_path):
    data = clip.read_bytes()
    (tmp_path / 'short.avi').write_bytes(data[: len(data) * 6 // 10])
    (outcome,) = annotated([tmp_path / 'short.avi'], tmp_path / 'out').values()
    assert not outcome.failure
    assert 0 < outcome.frames < FRAMES
    assert 'truncated or damaged' in outcome.warning
    summary = json.loads((tmp_path / 'out/inputs/short.avi/summary.json').read_text())
    assert summary['warning'] == outcome.warning


@pytest.mark.parametrize(
    ('name', 'data', 'reason'),
    [
        ('text.mp4', b'no video', 'no frame can be decoded'),
        ('empty.jpg', b'', 'is empty'),
        ('half.jpg', b'\xff\xd8\xff\xe0 half of it', 'truncated'),
    ],
)
def test_an_unreadable_input_fails_with_its_reason_and_leaves_nothing(
    annotated, tmp_path, name, data, reason
):
    (tmp_path / name).write_bytes(data)
    (outcome,) = annotated([tmp_path / name], tmp_path / 'out').values()
    assert reason in outcome.failure
    assert not outcome.fatal
    assert [path.name for path in (tmp_path / 'out').rglob('*') if path.is_file()] == []


def test_the_video_is_written_while_later_frames_are_processed(
    annotated, clip, settings, tmp_path, monkeypatch
):
    """A bounded number of images waits for the writer."""
    drawn: list[int] = []
    fourth_drawn = threading.Event()
    ahead: list[int] = []
    draw, write = VideoCanvas.draw, VideoCanvas.write

    def noted_draw(canvas, frame, emotions):
        drawn.append(frame.stamp)
        if len(drawn) == 4:
            fourth_drawn.set()
        return draw(canvas, frame, emotions)

    def held_write(canvas, picture, time):
        if not ahead:
            assert fourth_drawn.wait(60)
        ahead.append(len(drawn) - len(ahead))
        write(canvas, picture, time)

    monkeypatch.setattr(VideoCanvas, 'draw', noted_draw)
    monkeypatch.setattr(VideoCanvas, 'write', held_write)
    cores = Cores(2, lambda: 2)
    outcome = annotated([clip], tmp_path / 'out', cores=cores, by=SharedModels(settings))
    assert outcome['clip.avi'].failure == ''
    assert len(ahead) == FRAMES
    assert max(ahead) <= 2 * 2 + 2 + WRITE_AHEAD


@pytest.mark.parametrize('cores', [ONE_CORE, Cores(2, lambda: 2)])
def test_a_video_that_cannot_be_written_fails_with_its_reason(
    annotated, clip, settings, tmp_path, monkeypatch, cores
):
    """A device that is full after five frames simulates it."""
    written = 0

    def full(canvas, picture, time):
        nonlocal written
        written += 1
        if written > 5:
            raise OutputError('no space left on the device')

    monkeypatch.setattr(VideoCanvas, 'write', full)
    outcome = annotated([clip], tmp_path / 'out', cores=cores, by=SharedModels(settings))
    assert outcome['clip.avi'].failure == 'no space left on the device'
    assert 6 <= written <= 6 + WRITE_AHEAD
    assert not list((tmp_path / 'out').rglob('*.csv'))


@pytest.mark.parametrize('cores', [ONE_CORE, Cores(2, lambda: 2)])
@pytest.mark.parametrize(
    ('owner', 'step'),
    [
        (VideoSource, 'read'),
        (FaceSearch, 'detect'),
        (FaceStage, 'track'),
        (FaceScorer, 'score'),
        (EmotionStage, 'smooth'),
        (VideoCanvas, 'draw'),
    ],
)
def test_an_error_in_any_step_fails_the_input_and_leaves_no_thread_and_no_file(
    annotated, clip, settings, tmp_path, monkeypatch, owner, step, cores
):
    calls = 0
    work = getattr(owner, step)

    def fail_at_the_sixth(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls >= 6:
            raise FerError('the sixth frame is bad')
        return work(*arguments, **options)

    models = SharedModels(settings)
    threads = set(threading.enumerate())
    monkeypatch.setattr(owner, step, fail_at_the_sixth)
    outcome = annotated([clip], tmp_path / 'out', cores=cores, by=models)
    assert outcome['clip.avi'].failure == 'the sixth frame is bad'
    assert calls >= 6
    assert set(threading.enumerate()) == threads
    assert not list((tmp_path / 'out').rglob('*.csv'))
    assert not list((tmp_path / 'out').rglob('*.mp4'))
