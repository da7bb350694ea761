"""Pairs rows with columns at the least total cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Costs = npt.NDArray[np.float64]


def assign(costs: Costs) -> list[tuple[int, int]]:
    """Pair each row or each column, whichever are fewer, with one of the others.

    Shortest augmenting paths with potentials (Kuhn, 1955; Munkres, 1957), O(n²m).

    Args:
        costs: [N, M], finite.

    Returns:
        min(N, M) pairs (row, column), by row.
    """
    if costs.size == 0:
        return []
    if costs.shape[0] > costs.shape[1]:
        return sorted((row, column) for column, row in assign(costs.T))
    rows, columns = costs.shape
    of_row, of_column = np.zeros(rows), np.zeros(columns)
    owner, held = np.full(columns, -1), np.full(rows, -1)
    for row in range(rows):
        _augment(costs, row, owner, held, of_row, of_column)
    return sorted((int(owner[c]), c) for c in range(columns) if owner[c] >= 0)


def _augment(
    costs: Costs,
    row: int,
    owner: npt.NDArray[np.int_],
    held: npt.NDArray[np.int_],
    of_row: Costs,
    of_column: Costs,
) -> None:
    """Give ``row`` a column by the cheapest path of exchanges; update the potentials.

    ``owner`` is the row of each column and ``held`` the column of each row, -1 for none.
    """
    columns = costs.shape[1]
    distance, before = np.full(columns, np.inf), np.full(columns, -1)
    done = np.zeros(columns, np.bool_)
    current, travelled, sink = row, 0.0, -1
    while sink < 0:
        reduced = travelled + costs[current] - of_row[current] - of_column
        shorter = ~done & (reduced < distance)
        distance[shorter], before[shorter] = reduced[shorter], current
        nearest = int(np.where(done, np.inf, distance).argmin())
        travelled, done[nearest] = float(distance[nearest]), True
        current = int(owner[nearest])
        sink = nearest if current < 0 else -1
    of_row[row] += travelled
    for column in np.flatnonzero(done):
        slack = travelled - distance[column]
        of_column[column] -= slack
        if owner[column] >= 0:
            of_row[owner[column]] += slack
    current = -1
    while current != row:
        current = int(before[sink])
        owner[sink], held[current], sink = current, sink, int(held[current])
