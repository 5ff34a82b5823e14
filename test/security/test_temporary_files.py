"""Temporary files: another user cannot prepare them, cannot read them, and none is left."""

from __future__ import annotations

import os
import stat

import pytest
from support.waiting import wait_for
from support.web_process import WebProcess

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')


def test_the_web_server_uses_no_folder_that_another_user_prepared(tmp_path, monkeypatch):
    """NiceGUI writes back the storage that it reads, through links too."""
    private = tmp_path / 'private.txt'
    private.write_text('mine')
    shared = tmp_path / 'tmp'
    prepared = shared / f'fer_ros_web_{os.getuid()}'
    prepared.mkdir(parents=True)
    (prepared / 'storage-general.json').write_text('{"theirs": 1}')
    (prepared / 'storage-general.json.tmp').symlink_to(private)
    monkeypatch.setenv('TMPDIR', str(shared))
    site = WebProcess('--source', 'synthetic', '--detector', 'haar')
    try:
        folders = [path for path in shared.iterdir() if path != prepared]
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700]
    finally:
        site.stop()
    wait_for(lambda: list(shared.iterdir()) == [prepared], 'end of the temporary folder')
    assert private.read_text() == 'mine'
