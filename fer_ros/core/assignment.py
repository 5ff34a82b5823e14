"""Assignment of rows to columns with the lowest total cost."""

from __future__ import annotations

import math
from collections.abc import Sequence


def least_cost_pairs(cost: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return one pair of row and column for each row or, if there are fewer, for each column.

    No other choice of pairs has a lower total cost (Kuhn, The Hungarian Method for the Assignment
    Problem, 1955, by shortest paths). SciPy has it too, but takes 0.2 s to load.

    Args:
        cost: (N, M) finite numbers.
    """
    if not cost or not cost[0]:
        return []
    if len(cost) > len(cost[0]):
        turned = list(zip(*cost, strict=True))
        return sorted((row, column) for column, row in least_cost_pairs(turned))
    # The dual variables: no pair costs less than the values of its row and column together.
    row_duals, column_duals = [0.0] * len(cost), [0.0] * len(cost[0])
    row_of: list[int | None] = [None] * len(cost[0])
    for row in range(len(cost)):
        _add_row(row, cost, row_duals, column_duals, row_of)
    return sorted((row, column) for column, row in enumerate(row_of) if row is not None)


def _add_row(
    new: int,
    cost: Sequence[Sequence[float]],
    row_duals: list[float],
    column_duals: list[float],
    row_of: list[int | None],
) -> None:
    """Assign one more row along the shortest path to a free column. Pairs on the path change."""
    columns = range(len(row_of))
    distance, came_from = [math.inf] * len(row_of), [-1] * len(row_of)
    done: list[int] = []
    row, column, length = new, -1, 0.0
    while True:
        for other in columns:
            if other not in done:
                through_row = length + cost[row][other] - row_duals[row] - column_duals[other]
                if through_row < distance[other]:
                    distance[other], came_from[other] = through_row, column
        column = min((other for other in columns if other not in done), key=distance.__getitem__)
        length = distance[column]
        owner = row_of[column]
        if owner is None:
            break
        done.append(column)
        row = owner
    row_duals[new] += length
    for other in done:
        owner = row_of[other]
        assert owner is not None
        row_duals[owner] += length - distance[other]
        column_duals[other] -= length - distance[other]
    while column >= 0:
        before = came_from[column]
        row_of[column] = new if before < 0 else row_of[before]
        column = before
