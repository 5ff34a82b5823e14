"""Search of folders for files."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def walk(
    folder: Path, unlisted: Callable[[OSError], None], left_out: Iterable[Path] = ()
) -> Iterator[tuple[Path, list[Path], list[Path]]]:
    """Yield a folder and those below it, each with its folders and files, without hidden ones.

    Each folder is searched once, also if links point to it. Linked folders follow last, so that a
    folder keeps its own name. A link to a folder above is not followed.

    Args:
        folder: A folder or a link to one.
        unlisted: Called with the error, which names the folder, if a folder cannot be listed.
        left_out: Folders below that are not searched.

    Yields:
        Folder, its folders and its files, both sorted. The caller can remove folders from the
        list, so that they are not searched.
    """
    start = Path(os.path.realpath(folder))
    searched = {*start.parents, *(Path(os.path.realpath(one)) for one in left_out)} - {start}
    waiting = deque([folder])
    while waiting:
        for name, folder_names, file_names in os.walk(waiting.popleft(), onerror=unlisted):
            here = Path(name)
            real = Path(os.path.realpath(here))
            if real in searched:
                folder_names.clear()
                continue
            searched.add(real)
            folders = sorted(here / one for one in folder_names if not one.startswith('.'))
            yield here, folders, sorted(here / f for f in file_names if not f.startswith('.'))
            waiting.extend(one for one in folders if one.is_symlink())
            folder_names[:] = [one.name for one in folders if not one.is_symlink()]
