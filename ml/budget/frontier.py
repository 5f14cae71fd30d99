"""Two objectives at once: the plans of which no other is better in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from ml.budget.channels import Channel, intervals_of
from ml.budget.curves import Floats
from ml.budget.plan import allocate
from ml.budget.problem import Floors, Problem
from ml.budget.rules import Rule
from ml.budget.search import Search
from ml.budget.static import problem_of
from warehouse.errors import BadSetting

_ROUNDING: Final = 1e-6  # of the second objective


@dataclass(frozen=True, slots=True)
class Point:
    """A plan by its spends, and what it brings of both objectives."""

    spends: Mapping[str, float]
    first: float
    second: float


def frontier(
    channels: Sequence[Channel],
    budget: Decimal,
    first: Mapping[str, float],
    second: Mapping[str, float],
    rules: Sequence[Rule] = (),
    *,
    points: int = 9,
) -> tuple[Point, ...]:
    """From the best for ``first`` to the best for ``second``, which say what a channel's response is worth in each.

    Revenue and margin, say, or revenue and new customers. Between the ends the first is maximised while the second is
    kept at even steps (Haimes 1971's constraint), so that points of a frontier that is not concave are found too.
    Raises as :func:`allocate`, and :class:`BadSetting` for less than 2 points.
    """
    if points < 2:
        raise BadSetting(f"points == {points}, must be 2 or more.")
    allocate(channels, budget, rules)  # refuses what cannot be planned, with words
    intervals = intervals_of(channels, rules, budget)
    search = Search()
    one, other = (problem_of(channels, intervals, rules, budget, weights=weights) for weights in (first, second))
    ends = [search.maximise(each) for each in (one, other)]
    if ends[0] is None or ends[1] is None:
        raise BadSetting("The rules leave no room for the whole budget.", remedy="Ask for a smaller one.")
    best, least = other.value(ends[1].spend), other.value(ends[0].spend)
    found = [_point(channels, one, other, ends[0].spend)]
    for floor in np.linspace(least, best, points)[1:-1].tolist():
        kept = search.maximise(_kept(one, other.worth, floor), [ends[0].spend])
        if kept is not None:
            found.append(_point(channels, one, other, kept.spend))
    last = search.maximise(_kept(one, other.worth, best * (1 - _ROUNDING)), [ends[1].spend])
    found.append(_point(channels, one, other, ends[1].spend if last is None else last.spend))
    return tuple(each for each in found if not any(_beats(another, each) for another in found))


def _kept(problem: Problem, worth: Floats, floor: float) -> Problem:
    """With a row that keeps what is worth so much at the floor."""
    n = problem.spends
    row = Floors.of(n, n, [("the second objective", worth, np.zeros(n), floor)])
    return replace(
        problem,
        floors=Floors(
            np.vstack([problem.floors.gain, row.gain]),
            np.vstack([problem.floors.price, row.price]),
            np.concatenate([problem.floors.floor, row.floor]),
            (*problem.floors.names, *row.names),
        ),
    )


def _point(channels: Sequence[Channel], one: Problem, other: Problem, spend: Floats) -> Point:
    names = [channel.name for channel in channels]
    return Point(dict(zip(names, spend.tolist(), strict=True)), one.value(spend), other.value(spend))


def _beats(one: Point, other: Point) -> bool:
    size = _ROUNDING * max(abs(other.first), abs(other.second))
    no_worse = one.first >= other.first and one.second >= other.second
    return no_worse and (one.first > other.first + size or one.second > other.second + size)
