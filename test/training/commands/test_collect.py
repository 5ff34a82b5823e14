"""Collected faces are cropped by the function of the robot, checked, sorted and listed."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.photographs import encode

from fer_ros.core.crop import FER2013, CropSpec, cut_crop
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.types import Box, Detection, Frame
from training.__main__ import main
from training.commands import collect
from training.data.collection import sharpness
from training.data.readers.folders import read_folders

SPEC = CropSpec(FER2013, 128)


class BrightSquares(FaceDetector):
    """Finds one face in the middle of each picture, and none in a black picture."""

    name = 'bright squares'

    def detect(self, frame: Frame) -> list[Detection]:
        if frame.image.max() < 10:
            return []
        height, width = frame.image.shape[:2]
        return [Detection(Box(width / 4, height / 4, width / 2, height / 2), 0.9)]


def _picture(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    return cv2.resize(small, (160, 160), interpolation=cv2.INTER_NEAREST)


@pytest.fixture(autouse=True)
def _own_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, 'create_detector', lambda *given: BrightSquares())


def _collect(out: Path, *arguments: str) -> list[dict[str, str]]:
    options = ['--licence', 'CC-BY-4.0', '--consent', 'written', '--out', str(out)]
    assert main(['collect', *arguments, *options]) == 0
    if not (out / 'manifest.csv').exists():
        return []
    with (out / 'manifest.csv').open() as file:
        return list(csv.DictReader(file))


def test_faces_of_a_folder_are_cropped_and_sorted_with_their_origin(tmp_path: Path) -> None:
    source = tmp_path / 'mine'
    for folder, seed in (('Happiness', 1), ('holiday', 2)):
        (source / folder).mkdir(parents=True)
        cv2.imwrite(str(source / folder / 'a.png'), _picture(seed))
    rows = _collect(tmp_path / 'out', str(source))
    assert [row['label'] for row in rows] == ['happy', 'unsorted']
    assert {(row['licence'], row['consent']) for row in rows} == {('CC-BY-4.0', 'written')}
    assert rows[0]['source'].endswith('a.png')
    kept = cv2.imread(str(tmp_path / 'out' / rows[0]['file']), cv2.IMREAD_GRAYSCALE)
    frame = Frame(_picture(1), 'bgr8', 0)
    assert np.array_equal(kept, cut_crop(frame, BrightSquares().detect(frame)[0], SPEC).image)


def test_collected_faces_can_be_read_and_those_of_a_source_stay_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / 'mine'
    for folder, seeds in (('happy', (1, 2)), ('holiday', (3, 4))):
        (source / folder).mkdir(parents=True)
        gif = encode('.gif', *(_picture(seed) for seed in seeds))
        (source / folder / 'clip.gif').write_bytes(gif)
    (source / 'notes.txt').write_text('mine')
    _collect(tmp_path / 'out', str(source), '--every', '0.1')
    told = capsys.readouterr().out
    assert 'skipped 1 files' in told
    assert f'move the faces in {tmp_path / "out" / "unsorted"}' in told
    data = read_folders(tmp_path / 'out', 64, 'gray')
    assert data.counts() == {'happy': 2}
    assert set(data.groups) == {str(source / 'happy' / 'clip.gif')}
    assert 'unsorted' in data.skipped[0]


def test_the_sharpness_does_not_depend_on_the_size_of_the_crop() -> None:
    small = np.random.default_rng(1).integers(0, 256, (48, 48)).astype(np.uint8)
    large = cv2.resize(small, (192, 192), interpolation=cv2.INTER_NEAREST)
    assert sharpness(large) == sharpness(small)


def test_a_truncated_manifest_continues_on_a_new_line(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'a.png'), _picture(0))
    cv2.imwrite(str(tmp_path / 'b.png'), _picture(1))
    out = tmp_path / 'out'
    _collect(out, str(tmp_path / 'a.png'))
    whole = (out / 'manifest.csv').read_bytes()
    (out / 'manifest.csv').write_bytes(whole[:-20])
    rows = _collect(out, str(tmp_path / 'b.png'))
    assert [row['source'] for row in rows] == [str(tmp_path / name) for name in ('a.png', 'b.png')]


def test_a_manifest_keeps_the_columns_that_its_owner_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, name in enumerate('ab'):
        cv2.imwrite(str(tmp_path / f'{name}.png'), _picture(seed))
    out = tmp_path / 'out'
    rows = _collect(out, str(tmp_path / 'a.png'))
    named = [{'person': 'anna', **row} for row in rows]
    with (out / 'manifest.csv').open('w', newline='') as file:
        writer = csv.DictWriter(file, list(named[0]))
        writer.writeheader()
        writer.writerows(named)
    rows = _collect(out, str(tmp_path / 'b.png'))
    assert [row['person'] for row in rows] == ['anna', '']
    assert rows[1]['source'] == str(tmp_path / 'b.png')
    (out / 'manifest.csv').write_text('file,person\n')
    given = ['--out', str(out), '--licence', 'own', '--consent', 'written']
    assert main(['collect', str(tmp_path / 'a.png'), *given]) == 1
    assert 'lacks the columns label, source' in capsys.readouterr().err


def test_blurred_duplicate_broken_and_empty_pictures_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / 'mine'
    source.mkdir()
    cv2.imwrite(str(source / 'a.png'), _picture(1))
    cv2.imwrite(str(source / 'again.jpg'), _picture(1))
    cv2.imwrite(str(source / 'blurred.png'), cv2.GaussianBlur(_picture(2), (0, 0), 12))
    cv2.imwrite(str(source / 'nobody.png'), np.zeros((60, 60, 3), np.uint8))
    (source / 'broken.jpg').write_bytes(b'nothing')
    assert len(_collect(tmp_path / 'out', str(source))) == 1
    said = capsys.readouterr().out
    for line in ('1 blurred', '1 near copies', '1 pictures without a face', 'broken.jpg'):
        assert line in said
    assert len(_collect(tmp_path / 'out', str(source))) == 1


def test_every_format_is_read_and_other_files_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / 'mine'
    source.mkdir()
    (source / 'phone.heic').write_bytes(encode('.heic', _picture(1)))
    (source / 'no_suffix').write_bytes(encode('.jpg', _picture(2)))
    (source / 'wave.gif').write_bytes(encode('.gif', _picture(3), _picture(4)))
    (source / 'notes.txt').write_text('hello')
    (source / 'drawing.psd').write_bytes(b'8BPS')
    rows = _collect(tmp_path / 'out', str(source), '--every', '0.1')
    assert sorted((Path(row['source']).name, row['position']) for row in rows) == [
        ('no_suffix', ''),
        ('phone.heic', ''),
        ('wave.gif', '0.00 s'),
        ('wave.gif', '0.12 s'),
    ]
    said = capsys.readouterr().out
    assert 'notes.txt is neither a picture nor a video' in said
    assert 'drawing.psd cannot be decoded: Photoshop is not supported' in said


def test_a_name_that_is_not_utf8_is_collected(tmp_path: Path) -> None:
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b'/mine\xe9'))
    source.mkdir()
    (source / 'a.png').write_bytes(encode('.png', _picture(1)))
    (source / os.fsdecode(b'none\xe9.png')).write_bytes(b'broken')
    options = ['--licence', 'own', '--consent', 'written', '--out', str(tmp_path / 'out')]
    assert main(['collect', str(source), *options]) == 0
    assert os.fsencode(source) in (tmp_path / 'out/manifest.csv').read_bytes()


def test_a_video_is_sampled_at_intervals(tmp_path: Path) -> None:
    path = tmp_path / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (160, 160))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no MJPG video')
    for seed in range(30):
        writer.write(_picture(seed))
    writer.release()
    rows = _collect(tmp_path / 'out', str(path), '--every', '1', '--label', 'sad')
    assert [row['position'] for row in rows] == ['0.00 s', '1.00 s', '2.00 s']
    assert {row['label'] for row in rows} == {'sad'}


@pytest.mark.parametrize('start', ['# mine\n', '\ufeff'], ids=['comment', 'byte order mark'])
def test_a_list_provides_labels_and_licences(tmp_path: Path, start: str) -> None:
    (tmp_path / 'more').mkdir()
    cv2.imwrite(str(tmp_path / 'face.png'), _picture(1))
    cv2.imwrite(str(tmp_path / 'more' / 'face.png'), _picture(2))
    (tmp_path / 'list.csv').write_text(
        f'{start}face.png,Anger,CC0,oral\n{tmp_path}/more,sad\n', encoding='utf-8'
    )
    rows = _collect(tmp_path / 'out', str(tmp_path / 'list.csv'))
    assert [(r['label'], r['licence'], r['consent']) for r in rows] == [
        ('angry', 'CC0', 'oral'),
        ('sad', 'CC-BY-4.0', 'written'),
    ]


def test_missing_files_of_a_list_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / 'face.png'), _picture(1))
    (tmp_path / 'list.txt').write_text('gone.png\nface.png\n')
    assert len(_collect(tmp_path / 'out', str(tmp_path / 'list.txt'))) == 1
    assert 'gone.png: the file or folder does not exist' in capsys.readouterr().out


def test_an_address_is_not_fetched_and_its_token_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def connect(*given: object, **options: object) -> None:
        raise AssertionError('a connection was opened')

    monkeypatch.setattr('socket.socket.connect', connect)
    (tmp_path / 'list.txt').write_text('https://a.example/face.png?token=s3cret,sad\n')
    assert _collect(tmp_path / 'out', str(tmp_path / 'list.txt')) == []
    said = capsys.readouterr().out
    assert 'addresses are not downloaded' in said
    assert 'wget' in said
    assert 's3cret' not in said


def test_a_label_cannot_name_a_folder_outside_the_data_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / 'mine'
    source.mkdir()
    cv2.imwrite(str(source / 'face.png'), _picture(1))
    labels = ['../outside', '..', f'{tmp_path}/outside', '.hidden', 'a\tb']
    lines = ''.join(f'face.png,{label}\n' for label in labels)
    (source / 'list.csv').write_text(f'{lines}face.png,Anger\n')
    rows = _collect(tmp_path / 'data' / 'out', str(source / 'list.csv'))
    assert [row['label'] for row in rows] == ['angry']
    assert capsys.readouterr().out.count('cannot be the name of a folder') == len(labels)
    assert [path.name for path in (tmp_path / 'data').iterdir()] == ['out']
    given = ['--licence', 'own', '--consent', 'own', '--out', str(tmp_path / 'out')]
    assert main(['collect', str(source), '--label', '../outside', *given]) == 1


def test_a_list_that_is_not_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / 'list.csv'
    path.write_bytes(b'a\xff\xfe.png\n')
    given = ['--licence', 'own', '--consent', 'own', '--out', str(tmp_path / 'out')]
    assert main(['collect', str(path), *given]) == 1
    assert f'{path} cannot be read' in capsys.readouterr().err


def test_licence_and_consent_are_required(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(['collect', str(tmp_path), '--out', str(tmp_path / 'out')])
