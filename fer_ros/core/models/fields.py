"""Typed access to a JSON object. An error names each entry with a wrong type."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from fer_ros.core.errors import ModelError


def parse_json(data: bytes) -> object:
    """Parse UTF-8 JSON without duplicate keys, NaN and infinity.

    Raises:
        ModelError: The text is not UTF-8 or not JSON, or has NaN, infinity or a key twice. The
            parser would silently keep the last of two keys.
    """
    try:
        return json.loads(
            data.decode('utf-8'), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise ModelError(f'not UTF-8: {error}') from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f'not JSON: {error}') from error


def _unique_keys(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ModelError(f'given twice: {", ".join(map(repr, twice))}')
    return entries


def _refuse_constant(name: str) -> object:
    raise ModelError(f'{name} is not a number in JSON')


class Fields:
    """The entries of a JSON object, by name and type.

    Each method raises a ModelError if the entry is missing or has another type. The error names
    the entry.
    """

    def __init__(self, value: object, where: str = '') -> None:
        if not isinstance(value, dict):
            raise ModelError(f'{where or "the card"} must be a JSON object')
        self._entries: dict[str, object] = value
        self._where = where

    def _name(self, key: str) -> str:
        return f'{self._where}.{key}' if self._where else key

    def allow_only(self, keys: Sequence[str]) -> None:
        """Refuse entries with other keys, so that a misspelt entry is not ignored."""
        unknown = [key for key in self._entries if key not in keys]
        if unknown:
            names = ', '.join(repr(self._name(key)) for key in unknown)
            raise ModelError(f'unknown entry {names} (known: {", ".join(keys)})')

    def has(self, key: str) -> bool:
        """Return whether there is such an entry."""
        return key in self._entries

    def get(self, key: str) -> object:
        """Return the entry of any type."""
        if key not in self._entries:
            raise ModelError(f'{self._name(key)!r} is missing')
        return self._entries[key]

    def text(self, key: str) -> str:
        """Return a string that is not empty."""
        return self._as_text(self.get(key), self._name(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, none of them empty."""
        value = self._as_list(key)
        return tuple(self._as_text(v, f'{self._name(key)}[{i}]') for i, v in enumerate(value))

    def number(self, key: str) -> float:
        """Return a finite number."""
        return self._as_number(self.get(key), self._name(key))

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of finite numbers."""
        value = self._as_list(key)
        return tuple(self._as_number(v, f'{self._name(key)}[{i}]') for i, v in enumerate(value))

    def whole(self, key: str) -> int:
        """Return a whole number."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ModelError(f'{self._name(key)!r} must be a whole number, not {value!r}')
        return value

    def section(self, key: str) -> Fields:
        """Return the entry, a JSON object, with typed access."""
        return Fields(self.get(key), self._name(key))

    def mapping(self, key: str) -> Mapping[str, object]:
        """Return the entry, a JSON object, with values of any type."""
        return self.section(key)._entries

    def number_mapping(self, key: str) -> dict[str, float]:
        """Return the entry, a JSON object whose values are finite numbers."""
        fields = self.section(key)
        return {name: fields.number(name) for name in fields._entries}

    def _as_list(self, key: str) -> Sequence[object]:
        value = self.get(key)
        if not isinstance(value, list):
            raise ModelError(f'{self._name(key)!r} must be a list, not {value!r}')
        return value

    @staticmethod
    def _as_text(value: object, name: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ModelError(f'{name!r} must be a text that is not empty, not {value!r}')
        return value

    @staticmethod
    def _as_number(value: object, name: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ModelError(f'{name!r} must be a number, not {value!r}')
        number = float(value) if abs(value) < 1e300 else math.inf
        if not math.isfinite(number):
            raise ModelError(f'{name!r} must be a finite number, not {value!r}')
        return number
