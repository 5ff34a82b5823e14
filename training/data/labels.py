"""Names of expressions: the spellings in data sets, and the names that are used here."""

from __future__ import annotations

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


def canonical_label(label: str) -> str:
    """Return our name for an expression, or the label in lower case if it is unknown.

    Case, digits, spaces and punctuation are ignored: 'Anger', '0_angry' and 'ANGRY ' are the same.
    """
    letters = ''.join(character for character in label.lower() if character.isalpha())
    return CANONICAL.get(letters, label.strip().lower())


def map_labels(given: Sequence[str], wanted: Sequence[str]) -> list[int | None]:
    """Return the index of each given name among the wanted ones, or None.

    The same name counts before another spelling, so that 'calm' and 'neutral' can be two classes.

    Raises:
        DataError: Two given names are spellings of one wanted name.
    """
    exact = {name.strip().lower(): position for position, name in enumerate(wanted)}
    spelled = {canonical_label(name): position for position, name in enumerate(wanted)} | exact
    names = [name.strip().lower() for name in given]
    places = [exact.get(name) for name in names]
    for number, name in enumerate(names):
        place = spelled.get(canonical_label(name))
        if (
            places[number] is None
            and place is not None
            and wanted[place].strip().lower() not in names
        ):
            if place in places:
                raise DataError(
                    f'{given[places.index(place)]!r} and {given[number]!r} are both '
                    f'{wanted[place]!r}: merge them, or rename one'
                )
            places[number] = place
    return places


def require_known(label: str, where: str) -> str:
    """Return the canonical name of an expression.

    Raises DataError with the label and its place.
    """
    name = canonical_label(label)
    if name not in SPELLINGS:
        raise DataError(
            f'unknown label {label!r} in {where}: the known labels are {", ".join(SPELLINGS)} '
            f'and their common spellings. Rename it, or name the classes of all folders with '
            f'--classes, such as --classes {label}=happy'
        )
    return name


def in_our_order(labels: set[str]) -> list[str]:
    """Return expressions in the usual order, followed by other classes by name."""
    known = [name for name in SPELLINGS if name in labels]
    return known + sorted(label for label in labels if canonical_label(label) not in SPELLINGS)
