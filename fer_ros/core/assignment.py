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
    columns = len(cost[0])
    # The dual variables: no pair costs less than the values of its row and column together.
    of_row, of_column = [0.0] * len(cost), [0.0] * columns
    row_of: list[int | None] = [None] * columns
    for new in range(len(cost)):
        # The shortest path from the new row to a free column. It passes pairs that change.
        distance, came_from = [math.inf] * columns, [-1] * columns
        done: list[int] = []
        row, column, length = new, -1, 0.0
        while True:
            for other in range(columns):
                if other in done:
                    continue
                way = length + cost[row][other] - of_row[row] - of_column[other]
                if way < distance[other]:
                    distance[other], came_from[other] = way, column
            column = min(
                (other for other in range(columns) if other not in done),
                key=distance.__getitem__,
            )
            length = distance[column]
            owner = row_of[column]
            if owner is None:
                break
            done.append(column)
            row = owner
        of_row[new] += length
        for other in done:
            owner = row_of[other]
            assert owner is not None
            of_row[owner] += length - distance[other]
            of_column[other] -= length - distance[other]
        while column >= 0:
            before = came_from[column]
            row_of[column] = new if before < 0 else row_of[before]
            column = before
    return sorted((row, column) for column, row in enumerate(row_of) if row is not None)
