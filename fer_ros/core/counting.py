"""Numbers with their nouns."""

from __future__ import annotations


def count_text(number: int, what: str) -> str:
    """Return a number with its noun in singular or plural."""
    return f'{number} {what}' if number == 1 else f'{number} {what}s'
