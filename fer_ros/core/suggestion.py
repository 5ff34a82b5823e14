"""The question after a wrong name: which one was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(given: str, known: Iterable[str]) -> str:
    """Return a question for the known name that is closest to a wrong one. '' if none is close."""
    close = difflib.get_close_matches(given, list(known), 1)
    return f'; did you mean {close[0]}?' if close else ''
