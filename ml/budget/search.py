"""The best spends for curves of any shape, with proof: branch and bound over concave envelopes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from typing import Final

import numpy as np

from ml.budget.curves import Floats
from ml.budget.envelope import Pieces, pieces_of
from ml.budget.problem import TOLERANCE, Problem
from ml.budget.relaxation import Relaxation, Relaxed

GAP: Final = 1e-5
MOST_NODES: Final = 600
_ROUNDS: Final = 6  # of tightening the pieces around where they are used
_TIGHT: Final = 1e-8  # of the responses: pieces so close to their curves need no tightening
_INSIDE: Final = 0.02  # of an interval: how close to its ends it is split
_BOXES: Final = (0.02, 1e-3)  # of the upper bounds: how far around the best spends better ones are looked for


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best spends (n,) that were found, their value, and a bound that no spends exceed.

    ``local`` is the program around them, whose duals say what each row is worth. ``nodes`` programs were solved.
    """

    spend: Floats
    value: float
    bound: float
    local: Relaxed
    nodes: int

    @property
    def gap(self) -> float:
        """By how much, as a part of the bound, something better may exist."""
        return max(self.bound - self.value, 0.0) / max(abs(self.bound), 1e-300)


class Search:
    """Holds the compiled program, so that a problem of the same form is solved again without compiling."""

    def __init__(self) -> None:
        self._relaxation: Relaxation | None = None
        self._last: Floats | None = None

    def maximise(
        self, problem: Problem, known: Iterable[Floats] = (), *, gap: float = GAP, most_nodes: int = MOST_NODES
    ) -> Found | None:
        """The best spends; None where nothing keeps the rules.

        ``known`` are spends (n,) to be no worse than, as far as they keep the rules; pieces begin dense around the
        best of the last problem, or the first of these. The interval in which an envelope is furthest above its curve
        is split, until the bound is within ``gap`` of the best or ``most_nodes`` programs are solved (Falk and Soland
        1969, doi 10.1287/mnsc.15.9.550).
        """
        known = list(known)
        best = _Best(problem)
        for spend in known:
            best.offer(spend)
        cached = lru_cache(maxsize=8_192)(_pieces_by_place(problem))
        root = self._solve(problem, _root(problem, self._near(problem, known)), cached, best)
        if root is None:
            return None
        order, nodes, closed = count(), 1, -np.inf
        heap = [(-root.relaxed.bound, next(order), root)]
        while heap and nodes < most_nodes and not best.reaches(-heap[0][0], gap):
            solved = heapq.heappop(heap)[2]
            children = _split(problem, solved)
            if not children:
                closed = max(closed, solved.relaxed.bound)
            for child in children:
                below = self._solve(problem, child, cached, best)
                nodes += 1
                if below is None:
                    continue
                if best.reaches(below.relaxed.bound, gap):
                    closed = max(closed, below.relaxed.bound)
                else:
                    heapq.heappush(heap, (-below.relaxed.bound, next(order), below))
        if not best.spend.size:
            return None
        self._last = best.spend
        local = root if nodes == 1 else self._polish(problem, best, root)
        bound = max(closed, -heap[0][0] if heap else -np.inf, best.value)
        return Found(best.spend, best.value, bound, local.relaxed, nodes)

    def forget(self) -> None:
        """Begin the next search like a first one: the same question has the same answer, whatever was asked before."""
        self._last = None

    def _solve(self, problem: Problem, node: _Node, cached: Callable[..., Pieces], best: _Best) -> _Solved | None:
        """The node's relaxation, its pieces tightened around where they are used while that lowers the bound."""
        last: _Solved | None = None
        for _ in range(_ROUNDS):
            intervals = zip(node.start, node.end, node.near, _least(problem), strict=True)
            pieces = [cached(place, *interval) for place, interval in enumerate(intervals)]
            relaxed = self._fitting(problem, pieces).solve(problem, pieces, node.start, node.low, node.high)
            if relaxed is None:
                return None
            best.offer(relaxed.spend)
            above = [each.value(at - start) for each, at, start in zip(pieces, relaxed.fed, node.start, strict=True)]
            excess = np.maximum(np.array(above) - problem.responses(relaxed.spend), 0.0)
            gained = np.inf if last is None else last.relaxed.bound - relaxed.bound
            node = replace(node, near=relaxed.fed)
            last = _Solved(node, relaxed, excess)
            if excess.sum() <= _TIGHT * np.abs(above).sum() or gained < 0.1 * excess.sum():
                break
        return last

    def _near(self, problem: Problem, known: Sequence[Floats]) -> Floats:
        if self._last is not None and self._last.size == problem.spends:
            return self._last
        return known[0] if known else (problem.low + problem.high) / 2

    def _polish(self, problem: Problem, best: _Best, root: _Solved) -> _Solved:
        """Move the best spends to the nearest peak; the program around it."""
        local = root
        for part in _BOXES:
            around = _around(problem, best.spend, part)
            local = self._solve(problem, around, _pieces_by_place(problem), best) or local
        return local

    def _fitting(self, problem: Problem, pieces: Sequence[Pieces]) -> Relaxation:
        most = max(each.lengths.size for each in pieces)
        if self._relaxation is None or not self._relaxation.fits(problem, most):
            self._relaxation = Relaxation(problem, most)
        return self._relaxation


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """Intervals of spends (n,) and of what reaches responses (J,), and where in these pieces are to be dense."""

    low: Floats
    high: Floats
    start: Floats
    end: Floats
    near: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """A node with its relaxation, and by how much (J,) each response is more by its pieces than by its curve."""

    node: _Node
    relaxed: Relaxed
    excess: Floats


class _Best:
    """The best spends so far that keep every rule."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.spend: Floats = np.zeros(0)
        self.value = -np.inf

    def offer(self, spend: Floats) -> None:
        value = self._problem.value(spend)
        if value > self.value and self._problem.allows(spend):
            self.spend, self.value = spend, value

    def reaches(self, bound: float, gap: float) -> bool:
        return bound - self.value <= gap * abs(bound)


def _pieces_by_place(problem: Problem) -> Callable[..., Pieces]:
    return lambda place, *interval: pieces_of(problem.curves[place], *interval)


def _root(problem: Problem, near: Floats) -> _Node:
    return _Node(problem.low, problem.high, problem.fed(problem.low), problem.fed(problem.high), problem.fed(near))


def _around(problem: Problem, spend: Floats, part: float) -> _Node:
    """The box of spends that are as near as ``part`` of the upper bounds, bought or not bought as they are."""
    width = part * problem.high
    bought = (problem.least > 0) & (spend >= problem.least * (1 - TOLERANCE))
    unbought = (problem.least > 0) & ~bought
    low = np.maximum(np.where(bought, problem.least, problem.low), spend - width)
    high = np.where(unbought, problem.low, np.minimum(problem.high, spend + width))
    low = np.minimum(low, high)
    return _Node(low, high, problem.fed(low), problem.fed(high), problem.fed(spend))


def _least(problem: Problem) -> Floats:
    """(J,) the minimum buy of the spend that a response has to itself, 0 where there is none."""
    own = problem.own
    return np.where(own >= 0, problem.least[own], 0.0) if problem.least.any() else np.zeros(own.size)


def _split(problem: Problem, solved: _Solved) -> list[_Node]:
    """The node in two, none where its relaxation is as good as exact."""
    node, spend = solved.node, solved.relaxed.spend
    slack = TOLERANCE * problem.high
    between = (spend > node.low + slack) & (spend < problem.least - slack)
    if between.any():
        place = int(np.argmax(np.where(between, np.minimum(spend, problem.least - spend), -1.0)))
        return [_narrowed(problem, node, place, high=0.0), _narrowed(problem, node, place, low=problem.least[place])]
    gaps = solved.excess * (problem.worth + problem.floors.gain.sum(axis=0))
    at = int(np.argmax(gaps))
    if solved.excess[at] <= _TIGHT * np.abs(problem.responses(spend)).sum():
        return []
    width = node.end[at] - node.start[at]
    cut = min(max(solved.relaxed.fed[at], node.start[at] + _INSIDE * width), node.end[at] - _INSIDE * width)
    place = int(problem.own[at])
    if place >= 0:
        return [_narrowed(problem, node, place, high=cut), _narrowed(problem, node, place, low=cut)]
    end, start = node.end.copy(), node.start.copy()
    end[at] = start[at] = cut
    return [replace(node, end=end), replace(node, start=start)]


def _narrowed(problem: Problem, node: _Node, place: int, *, low: float = 0.0, high: float = np.inf) -> _Node:
    """With other bounds of one spend, and of what it feeds."""
    lows, highs = node.low.copy(), node.high.copy()
    lows[place], highs[place] = max(low, lows[place]), min(high, highs[place])
    start = np.maximum(node.start, problem.fed(lows) if lows[place] > node.low[place] else node.start)
    end = np.minimum(node.end, problem.fed(highs) if highs[place] < node.high[place] else node.end)
    return _Node(lows, highs, start, end, node.near)
