"""The text of a source determines its kind, or is refused."""

from __future__ import annotations

import pytest

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig, create_source


@pytest.mark.parametrize(('spec', 'kind'), [
    ('auto', 'AutoSource'),
    ('0', 'CameraSource'),
    ('/dev/video0', 'CameraSource'),
    ('/dev/v4l/by-id/usb-cam', 'CameraSource'),
    ('clip.mp4', 'VideoSource'),
    (' clip.MKV ', 'VideoSource'),
    ('face.JPG', 'PictureSource'),
    ('rtsp://cam/live', 'StreamSource'),
    ('https://cam/video.mjpg', 'StreamSource'),
    ('synthetic', 'SyntheticSource'),
    ('demo', 'DemoSource'),
])  # fmt: skip
def test_the_spec_selects_the_source(spec, kind):
    assert type(create_source(spec, SourceConfig())).__name__ == kind


def test_a_folder_is_recognised(tmp_path, monkeypatch):
    assert type(create_source(str(tmp_path), SourceConfig())).__name__ == 'FolderSource'
    monkeypatch.setenv('HOME', str(tmp_path))
    assert type(create_source('~', SourceConfig())).__name__ == 'FolderSource'


@pytest.mark.parametrize(('spec', 'reason'), [
    ('', 'no source is given'), ('ftp://cam/live', 'ftp:// cannot be read'),
])  # fmt: skip
def test_an_impossible_source_is_refused_at_once(spec, reason):
    with pytest.raises(SourceError, match=reason):
        create_source(spec, SourceConfig())


def test_a_misspelt_kind_is_answered_with_the_known_kinds():
    with pytest.raises(SourceError, match=r"no file syntetic.*'synthetic' or 'demo'"):
        create_source('syntetic', SourceConfig()).open()
