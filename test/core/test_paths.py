"""Unusual paths: unknown home folders and impossible names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fer_ros.core.errors import ModelError, SourceError
from fer_ros.core.models import ModelStore, user_model_folder
from fer_ros.core.paths import user_path
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.offline.inputs.finding import find_inputs

#: Longer than a file name can be. A check whether it exists raises an error.
LONG = 'x' * 300


def test_an_unknown_home_folder_is_not_an_error(monkeypatch):
    monkeypatch.setenv('HOME', '/home/me')
    assert user_path('~/a') == Path('/home/me/a')
    assert user_path('~nobody_has_this_name/a') == Path('~nobody_has_this_name/a')
    monkeypatch.delenv('HOME')
    monkeypatch.delenv('XDG_DATA_HOME', raising=False)
    monkeypatch.setattr(os, 'getuid', lambda: 4_000_000_000)
    assert user_path('~/a') == Path('~/a')
    assert user_model_folder().is_absolute()


@pytest.mark.parametrize('name', [f'{LONG}.mp4', f'{LONG}.jpg', LONG, 'a\0b.mp4', 'a\0b.jpg'])
def test_a_source_with_an_impossible_name_is_an_error_that_says_so(name):
    source = create_source(f'./{name}', SourceConfig())
    with pytest.raises(SourceError, match=r'cannot be read|no file'):
        source.open()
    assert kind_of(Path(name)) in (FileKind.VIDEO, FileKind.PICTURE, FileKind.OTHER)


def test_a_model_with_an_impossible_name_is_an_error_that_says_so():
    for name in (LONG, f'/{LONG}', Path(LONG)):
        with pytest.raises(ModelError):
            ModelStore().load_card(name)
    assert ModelStore([f'/{LONG}']).names()


def test_only_the_input_with_an_impossible_name_is_refused(tmp_path):
    found = find_inputs([tmp_path / f'{LONG}.jpg', tmp_path / LONG], [], tmp_path / 'out')
    assert not found.inputs
    assert len(found.refused) == 2
    assert all('File name too long' in reason for reason in found.refused.values())
