"""Valence and arousal from the probabilities of the basic expressions.

The circumplex (Russell 1980, 'A circumplex model of affect', Journal of Personality and Social
Psychology 39) places emotion words on a plane of pleasure and arousal. The coordinates here are
the mean ratings of the words happy, sad, angry, fearful, disgusted and surprised in Russell and
Mehrabian 1977, 'Evidence for a three-factor theory of emotions', Journal of Research in
Personality 11, 273-294, without their third dimension, dominance. They were taken from works that
quote that table and agree with each other, not from the print itself. Neutral is the centre by
definition.

People rated words for feelings. For apparent expressions, the ratings are only a common scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

#: Label of each basic expression to its (valence, arousal), [-1, 1] each.
CIRCUMPLEX = {
    'angry': (-0.51, 0.59),
    'disgust': (-0.60, 0.35),
    'fear': (-0.64, 0.60),
    'happy': (0.81, 0.51),
    'sad': (-0.63, -0.27),
    'surprise': (0.40, 0.67),
    'neutral': (0.0, 0.0),
}

_CENTRE = (0.0, 0.0)


class AffectEstimator:
    """Expected position on the circumplex: the mean of CIRCUMPLEX weighted by probabilities.

    Any other class, such as contempt, counts as the centre, because it has no coordinate. The
    result is NaN for a model that lacks one of the seven.
    """

    def __init__(self, class_names: Sequence[str]) -> None:
        self._has_basic_expressions = CIRCUMPLEX.keys() <= set(class_names)
        self._coordinates = np.array(
            [CIRCUMPLEX.get(name, _CENTRE) for name in class_names], dtype=np.float32
        )

    def estimate(self, probabilities: NDArray[np.float32]) -> tuple[float, float]:
        """Return valence and arousal, [-1, 1] each, or NaN both.

        Args:
            probabilities: (K,) in the order of class_names, sum 1.
        """
        if not self._has_basic_expressions:
            return nan, nan
        valence, arousal = probabilities @ self._coordinates
        return float(valence), float(arousal)
