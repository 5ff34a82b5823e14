"""Assignment with the least total cost."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from fer_ros.core.assignment import least_cost_pairs


@pytest.mark.parametrize('kind', ['any', 'equal', 'gated'])
def test_no_other_assignment_costs_less(kind: str) -> None:
    """The reference is SciPy's assignment."""
    random = np.random.default_rng(7)
    for _ in range(300):
        rows, columns = random.integers(1, 8, 2)
        cost = random.normal(0.0, 10.0, (rows, columns))
        if kind == 'equal':
            cost = np.round(cost / 10.0)
        elif kind == 'gated':
            cost[random.random(cost.shape) < 0.6] = 1e6
        pairs = least_cost_pairs(cost.tolist())
        assert len(pairs) == min(rows, columns)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
        best = cost[linear_sum_assignment(cost)].sum()
        assert sum(cost[pair] for pair in pairs) == pytest.approx(best)


def test_an_empty_matrix_gives_no_pairs() -> None:
    assert least_cost_pairs([]) == []
    assert least_cost_pairs([[], []]) == []
