"""Paths drawn by hypothesis, and a chain walked by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
from hypothesis import strategies as st

from ml.attribution.paths import Paths, paths_from_lists

CHANNELS = ("a", "b", "c", "d")

Journey = tuple[list[str], int, int]


def rows(*, fewest: int = 1) -> st.SearchStrategy[list[Journey]]:
    """Rows of a path, conversions and null journeys; at least one path has a touch and a conversion."""
    touches = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=5)
    row = st.tuples(touches, st.integers(0, 4), st.integers(0, 4))
    sure = st.tuples(touches, st.integers(1, 4), st.integers(0, 4))
    return st.tuples(sure, st.lists(row, min_size=fewest - 1, max_size=8)).map(lambda pair: [pair[0], *pair[1]])


def paths_of(journeys: Sequence[Journey]) -> Paths:
    """The rows as paths; a conversion's value depends on its path."""
    return paths_from_lists(
        [path for path, _, _ in journeys],
        [conversions for _, conversions, _ in journeys],
        value=[conversions * (10.0 + len(path)) for path, conversions, _ in journeys],
        nulls=[nulls for _, _, nulls in journeys],
    )


def conversion_without(journeys: Sequence[Journey], order: int, removed: Collection[str]) -> float:
    """P(conversion) of the chain of this order when these channels lead nowhere, by dense linear algebra by hand."""
    leaves: dict[tuple[str, ...], float] = defaultdict(float)
    moves: dict[tuple[tuple[str, ...], tuple[str, ...]], float] = defaultdict(float)
    converted: dict[tuple[str, ...], float] = defaultdict(float)
    begin = ("^",) * order
    for path, conversions, nulls in journeys:
        state = begin
        for channel in path:
            following = (*state, channel)[1:]
            moves[state, following] += conversions + nulls
            leaves[state] += conversions + nulls
            state = following
        converted[state] += conversions
        leaves[state] += conversions + nulls
    states = sorted({begin, *leaves, *(there for _, there in moves)})
    place = {state: number for number, state in enumerate(states)}
    system, right = np.eye(len(states)), np.zeros(len(states))
    for (here, there), count in moves.items():
        if leaves[here] and not set(there) & set(removed):
            system[place[here], place[there]] -= count / leaves[here]
    for state, count in converted.items():
        if leaves[state]:
            right[place[state]] = count / leaves[state]
    return float(np.linalg.solve(system, right)[place[begin]])
