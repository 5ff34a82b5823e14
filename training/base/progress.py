"""Progress bars, at a terminal and where tqdm is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar('Item')


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Go through items with a bar that disappears at the end. A log gets no bar.

    Args:
        items: to go through.
        what: is being done, for the bar.
        total: how many there are, where the items cannot tell.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    bar: Iterable[Item] = tqdm(items, desc=what, total=total, leave=False, disable=None)
    return bar
