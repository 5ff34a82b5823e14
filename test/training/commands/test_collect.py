"""Collected faces are cut by the robot's own function, judged, sorted, and accounted for."""

from __future__ import annotations

import contextlib
import csv
import http.server
import os
import threading
import time
from collections.abc import Iterator
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
from training.data.downloads import DownloadLimits, download
from training.errors import DataError

SPEC = CropSpec(FER2013, 48)


class BrightSquares(FaceDetector):
    """Takes each picture for one face that fills its middle; a black picture has none."""

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


def test_faces_of_a_folder_are_cut_and_sorted_with_their_origin(tmp_path: Path) -> None:
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


def test_a_manifest_that_was_cut_off_is_continued_on_a_new_line(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'a.png'), _picture(0))
    cv2.imwrite(str(tmp_path / 'b.png'), _picture(1))
    out = tmp_path / 'out'
    _collect(out, str(tmp_path / 'a.png'))
    whole = (out / 'manifest.csv').read_bytes()
    (out / 'manifest.csv').write_bytes(whole[:-20])
    rows = _collect(out, str(tmp_path / 'b.png'))
    assert [row['source'] for row in rows] == [str(tmp_path / name) for name in ('a.png', 'b.png')]


def test_blurred_copied_broken_and_empty_pictures_are_left_out(
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


def test_every_format_is_read_an_animation_as_a_video_and_the_rest_is_named(
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
    assert 'notes.txt: it is neither a picture nor a video' in said
    assert 'drawing.psd cannot be decoded: Photoshop is not read' in said


def test_a_name_that_is_no_utf8_is_collected(tmp_path: Path) -> None:
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b'/mine\xe9'))
    source.mkdir()
    (source / 'a.png').write_bytes(encode('.png', _picture(1)))
    (source / os.fsdecode(b'none\xe9.png')).write_bytes(b'broken')
    options = ['--licence', 'own', '--consent', 'written', '--out', str(tmp_path / 'out')]
    assert main(['collect', str(source), *options]) == 0
    assert os.fsencode(source) in (tmp_path / 'out/manifest.csv').read_bytes()


def test_a_video_is_looked_at_every_so_often(tmp_path: Path) -> None:
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


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith('/round'):
            self.send_response(302)
            self.send_header('Location', '/round' + self.path)
            self.end_headers()
            return
        if self.path == '/nonsense':
            self.wfile.write(b'this is no HTTP\r\n\r\n')
            return
        if self.path == '/slow-head':
            self._trickle(b'HTTP/1.1 200 OK\r\nx: ')
            return
        self.send_response(200)
        self.end_headers()
        if self.path == '/slow-body':
            self._trickle(b'')
        elif self.path.startswith('/face.png'):
            self.wfile.write(cv2.imencode('.png', _picture(1))[1].tobytes())
        else:
            self.wfile.write(b'x' * 200_000)

    def _trickle(self, start: bytes) -> None:
        """Send a byte now and then until the client has had enough."""
        with contextlib.suppress(OSError):
            self.wfile.write(start)
            while True:
                self.wfile.write(b'x')
                time.sleep(0.05)

    def log_message(self, *given: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    """Serve a face, a long answer and endless redirects on this machine."""
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), _Server) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{found.server_address[1]}'
        found.shutdown()


@pytest.mark.parametrize('start', ['# mine\n', '\ufeff'], ids=['comment', 'byte order mark'])
def test_a_list_of_addresses_brings_its_own_labels_and_licences(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(
        collect, 'DownloadLimits', lambda *given: DownloadLimits(*given, private_addresses=True)
    )
    (tmp_path / 'list.csv').write_text(f'{start}{server}/face.png,Anger,CC0,oral\n{server}/no\n')
    rows = _collect(tmp_path / 'out', str(tmp_path / 'list.csv'))
    assert [(r['label'], r['licence'], r['consent']) for r in rows] == [('angry', 'CC0', 'oral')]


def test_the_record_of_an_address_shows_no_token(
    tmp_path: Path,
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        collect, 'DownloadLimits', lambda *given: DownloadLimits(*given, private_addresses=True)
    )
    list_file = tmp_path / 'list.csv'
    list_file.write_text(f'{server}/face.png?token=s3cret,sad\n{server}/no?pwd=s3cret,sad\n')
    rows = _collect(tmp_path / 'out', str(list_file))
    assert [row['source'] for row in rows] == [f'{server}/face.png?token=***']
    assert 's3cret' not in capsys.readouterr().out


@pytest.mark.parametrize(
    ('path', 'limits', 'named'),
    [
        ('/long', {'size': 100_000}, 'larger than'),
        ('/round', {}, 'redirect'),
        ('/slow-head', {'seconds': 0.3}, 'took longer than'),
        ('/slow-body', {'seconds': 0.3}, 'took longer than'),
    ],
    ids=['size', 'redirects', 'time of the head', 'time of the body'],
)
def test_downloads_are_bounded(
    server: str, path: str, limits: dict[str, float], named: str
) -> None:
    with pytest.raises(DataError, match=named):
        download(server + path, DownloadLimits(private_addresses=True, **limits))


@pytest.mark.parametrize(
    'url',
    [
        'http://a..b/',
        'http://[1::2/',
        'http://1.1.1.1:port/',
        'SERVER/a face.png',
        'SERVER/nonsense',
    ],
)
def test_an_address_that_cannot_be_fetched_is_named(url: str, server: str) -> None:
    limits = DownloadLimits(private_addresses='SERVER' in url)
    url = url.replace('SERVER', server)
    with pytest.raises(DataError) as error:
        download(url, limits)
    assert url in str(error.value)


def test_a_label_leads_to_no_folder_outside_of_the_data_set(
    tmp_path: Path,
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        collect, 'DownloadLimits', lambda *given: DownloadLimits(*given, private_addresses=True)
    )
    labels = ['../outside', '..', f'{tmp_path}/outside', '.hidden', 'a\tb']
    lines = ''.join(f'{server}/face.png,{label}\n' for label in labels)
    (tmp_path / 'list.csv').write_text(f'{lines}{server}/face.png,Anger\n')
    rows = _collect(tmp_path / 'data' / 'out', str(tmp_path / 'list.csv'))
    assert [row['label'] for row in rows] == ['angry']
    assert capsys.readouterr().out.count('cannot be the name of a folder') == len(labels)
    assert [path.name for path in (tmp_path / 'data').iterdir()] == ['out']
    given = ['--licence', 'own', '--consent', 'own', '--out', str(tmp_path / 'out')]
    assert main(['collect', str(tmp_path), '--label', '../outside', *given]) == 1


def test_a_list_that_is_no_text_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / 'list.csv'
    path.write_bytes(b'http://a/\xff\xfe.png\n')
    given = ['--licence', 'own', '--consent', 'own', '--out', str(tmp_path / 'out')]
    assert main(['collect', str(path), *given]) == 1
    assert f'{path} cannot be read' in capsys.readouterr().err


@pytest.mark.parametrize(
    'url', ['file:///etc/passwd', 'ftp://a/b', 'http://127.0.0.1/', 'http://10.0.0.1/']
)
def test_other_schemes_and_private_addresses_are_not_fetched(url: str) -> None:
    with pytest.raises(DataError, match=r'only http|private network'):
        download(url, DownloadLimits())


def test_licence_and_consent_must_be_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(['collect', str(tmp_path), '--out', str(tmp_path / 'out')])
