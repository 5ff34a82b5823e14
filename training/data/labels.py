"""Names of expressions: the spellings in data sets, and the names that are used here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from training.errors import DataError

#: The seven classes of FER2013, in its order.
EXPRESSIONS = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')

#: Our name to the spellings that data sets use (lower case, letters only).
SPELLINGS = {
    'angry': ('anger', 'an', 'ang', 'mad'),
    'disgust': ('disgusted', 'di', 'dis'),
    'fear': ('fearful', 'afraid', 'scared', 'fe', 'af', 'fea'),
    'happy': ('happiness', 'happily', 'joy', 'joyful', 'ha', 'hap', 'smile', 'smiling'),
    'sad': ('sadness', 'sa'),
    'surprise': ('surprised', 'su', 'sur'),
    'neutral': ('ne', 'neu', 'normal', 'calm', 'noemotion'),
    'contempt': ('contemptuous', 'co', 'con'),
}

CANONICAL = {spelling: name for name, others in SPELLINGS.items() for spelling in (name, *others)}
#: Spellings up to this length are codes. 'AF' is fear, but 'AF01' is the folder of a person.
CODE_LENGTH = 2


def canonical_label(label: str) -> str:
    """Return our name for an expression, or the label in lower case if it is unknown.

    Case, digits, spaces and punctuation are ignored: 'Anger', '0_angry' and 'ANGRY ' are the same.
    """
    plain = _plain(label)
    letters = ''.join(character for character in plain if character.isalpha())
    if len(letters) <= CODE_LENGTH and letters != plain:
        return plain
    return CANONICAL.get(letters, plain)


def composed(name: str) -> str:
    """Return a name in one spelling of its accents. Systems store 'ü' as one or two characters."""
    return unicodedata.normalize('NFC', name)


def _plain(name: str) -> str:
    return composed(name).strip().lower()


def map_labels(given: Sequence[str], wanted: Sequence[str]) -> list[int | None]:
    """Return the index of each given name among the wanted ones, or None.

    The same name counts before another spelling, so that 'calm' and 'neutral' can be two classes.

    Raises:
        DataError: Two given names are spellings of one wanted name.
    """
    exact = {_plain(name): position for position, name in enumerate(wanted)}
    spelled = {canonical_label(name): position for position, name in enumerate(wanted)} | exact
    names = [_plain(name) for name in given]
    places = [exact.get(name) for name in names]
    for number, name in enumerate(names):
        place = spelled.get(canonical_label(name))
        if places[number] is None and place is not None and _plain(wanted[place]) not in names:
            if place in places:
                raise DataError(
                    f'{given[places.index(place)]!r} and {given[number]!r} are both '
                    f'{wanted[place]!r}: merge them, or rename one'
                )
            places[number] = place
    return places


def in_our_order(labels: set[str]) -> list[str]:
    """Return expressions in the usual order, followed by other classes by name."""
    known = [name for name in SPELLINGS if name in labels]
    return known + sorted(label for label in labels if canonical_label(label) not in SPELLINGS)
