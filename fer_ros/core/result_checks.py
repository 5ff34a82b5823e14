"""Checks of results that arrive from outside, in messages and recordings.

Pages, tables and pictures calculate with these numbers. A wrong one is refused here, once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fer_ros.core.errors import MessageError
from fer_ros.core.types import EmotionSet, Event, labels_of

#: Largest error of a probability that was sent as float32.
_ROUNDING = 1e-5


def check_emotions(emotions: EmotionSet) -> None:
    """Check the numbers of all faces.

    Raises:
        MessageError: A number is missing, not finite or out of its range.
    """
    for face in emotions.faces:
        _check_count('probabilities', face.probabilities.tolist(), emotions.class_names)
        _check_share('probability', face.probabilities.tolist())
        _check_share('confidence', (face.confidence, face.raw_confidence))
        _check_share('score of an attribute', face.attributes.values())
        if face.attention is not None:
            _check_share('probability of attention', (face.attention,))
        # NaN means that the model has none.
        known = [value for value in (face.valence, face.arousal) if not math.isnan(value)]
        _check('valence or arousal', known, -1.0, 1.0)
        if face.position is not None:
            place = (face.position.x, face.position.y, face.position.z)
            _check('coordinate', place, -math.inf, math.inf)


def check_event(event: Event) -> None:
    """Check the numbers of an event.

    Raises:
        MessageError: A number is not finite or out of its range.
    """
    _, _, confidence = labels_of(event)
    _check_share('confidence of an event', (confidence,))


def scores_by_name(names: Sequence[str], scores: Sequence[float]) -> dict[str, float]:
    """Return the scores of attributes by name.

    Raises:
        MessageError: There is not one score for each name.
    """
    _check_count('scores', scores, names)
    return dict(zip(names, scores, strict=True))


def _check_count(what: str, values: Sequence[float], names: Sequence[str]) -> None:
    if len(values) != len(names):
        raise MessageError(
            f'a face has {len(values)} {what} for {len(names)} names: its publisher must send one '
            'for each'
        )


def _check_share(what: str, values: Iterable[float]) -> None:
    _check(what, values, 0.0, 1.0)


def _check(what: str, values: Iterable[float], least: float, most: float) -> None:
    for value in values:
        if not (math.isfinite(value) and least - _ROUNDING <= value <= most + _ROUNDING):
            limits = '' if math.isinf(most) else f' from {least:g} to {most:g}'
            raise MessageError(f'a {what} is {value:g}: its publisher must send a number{limits}')
