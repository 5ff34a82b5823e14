"""A folder is locked by one process at a time."""

from __future__ import annotations

import errno
import fcntl
import os

import pytest

from fer_ros.core.folder_lock import lock_folder


def test_a_folder_is_locked_until_the_block_ends(tmp_path):
    with lock_folder(tmp_path), pytest.raises(BlockingIOError):
        lock_folder(tmp_path)
    with lock_folder(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_a_file_system_without_locks_is_used_without_one(tmp_path, monkeypatch):
    """A mock refuses the lock, because such a network file system cannot exist here."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, 'flock', refuse)
    with lock_folder(tmp_path):
        pass


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        lock_folder(tmp_path / 'missing')
