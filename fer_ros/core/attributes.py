"""Further attributes of a face from separate models. They are off by default."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.smoothing import ExpressionSmoother, SmoothingConfig

#: An attribute of a face does not change, so its average may be slow.
SMOOTHING = SmoothingConfig(method='ema', time_constant=2.0)


class AttributeEstimator:
    """Scores of one attribute, smoothed per face.

    Args:
        names: Names of the scores, in the order of the probabilities.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._smoother = ExpressionSmoother(SMOOTHING, names)

    def smooth(
        self,
        face_ids: Sequence[str],
        probabilities: NDArray[np.float32],
        stamp: int,
    ) -> list[dict[str, float]]:
        """Return name to score in [0, 1] for each face.

        Args:
            probabilities: (N, K), of this frame only.
            stamp: Nanoseconds.
        """
        scores = []
        for face_id, row in zip(face_ids, probabilities, strict=True):
            smoothed = self._smoother.update(face_id, row, stamp).probabilities
            scores.append(dict(zip(self.names, smoothed.tolist(), strict=True)))
        return scores

    def keep_only(self, face_ids: AbstractSet[str]) -> None:
        """Forget all other faces."""
        for face_id in self._smoother.face_ids - face_ids:
            self._smoother.forget(face_id)

    def reset(self) -> None:
        """Forget every face."""
        self._smoother.reset()
