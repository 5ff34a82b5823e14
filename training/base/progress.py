"""Progress bars in a terminal, if tqdm is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar('Item')


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Iterate over items with a bar that disappears at the end. A log gets no bar.

    Args:
        items: To iterate over.
        what: Text of the bar.
        total: Number of items, if they have no length.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    bar: Iterable[Item] = tqdm(items, desc=what, total=total, leave=False, disable=None)
    return bar
