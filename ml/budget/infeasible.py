"""Rules that cannot hold together: which they are, and the smallest relaxation of each that would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from ml.budget.channels import Interval
from ml.budget.curves import Floats
from ml.budget.problem import Floors, Problem
from ml.budget.search import Search
from ml.plain import plain

_ROUNDING: Final = 1e-7  # of the largest limit: no conflict, only rounding


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A rule of a conflict, and by how much it alone would have to give way; None where that would not be enough."""

    rule: str
    by: float | None
    words: str


def conflict_of(problem: Problem, intervals: Sequence[Interval]) -> tuple[Conflicting, ...]:
    """A smallest set of rules that cannot hold together; what would do with the smallest change comes first.

    Rules over money are told by a deletion filter (Chinneck and Dravnieks 1991, doi 10.1287/ijoc.3.2.157); where they
    can hold, those over outcomes are held against the most that can be reached. Empty where nothing was found.
    """
    limits = list(_limits(problem, intervals))
    if _reaches(problem, limits):
        return tuple(_out_of_reach(problem))
    needed = limits
    for each in limits:
        without = [other for other in needed if other is not each]
        if not _reaches(problem, without):
            needed = without
    found = [_relaxed(problem, limits, each) for each in needed]
    return tuple(sorted(found, key=lambda each: np.inf if each.by is None else each.by))


@dataclass(frozen=True, slots=True, eq=False)
class _Limit:
    """One side of a rule: ``row`` (n,) @ spends <= ``limit``, or a minimum buy of the spend ``buys``."""

    rule: str
    row: Floats
    limit: float
    buys: int = -1


def _limits(problem: Problem, intervals: Sequence[Interval]) -> Iterator[_Limit]:
    each = np.eye(problem.spends)
    for name, row, limit in zip(problem.equal.names, problem.equal.matrix.toarray(), problem.equal.limit, strict=True):
        yield _Limit(name, row, float(limit))
        yield _Limit(name, -row, -float(limit))
    for name, row, limit in zip(
        problem.at_most.names, problem.at_most.matrix.toarray(), problem.at_most.limit, strict=True
    ):
        yield _Limit(name, row, float(limit))
    for place, interval in enumerate(intervals):
        if interval.high_words:
            yield _Limit(interval.high_words, each[place], float(problem.high[place]))
        if interval.low > 0:
            yield _Limit(interval.low_words, -each[place], -float(problem.low[place]))
        if problem.least[place] > 0:
            words = f"a minimum buy of {problem.least[place]:,.2f}"
            yield _Limit(words, each[place], float(problem.least[place]), place)


def _reaches(problem: Problem, limits: Sequence[_Limit]) -> bool:
    return _least(problem, limits, None) is not None


def _least(problem: Problem, limits: Sequence[_Limit], eased: _Limit | None) -> float | None:
    """By how much ``eased`` must be eased at least for all to hold; 0 without one, None where nothing is enough.

    Mixed integer: spends (n,), whether each is bought (n,), and the easing.
    """
    n = problem.spends
    size = max([abs(each.limit) for each in limits], default=1.0) or 1.0
    most = 1e3
    rows, tops = [], []
    integral = np.zeros(2 * n + 1)
    for each in limits:
        by = -1.0 if each is eased else 0.0
        if each.buys < 0:
            rows.append(np.concatenate([each.row, np.zeros(n), [by]]))
            tops.append(each.limit / size)
        else:  # least * bought <= spend <= most * bought
            bought = np.zeros(n)
            bought[each.buys] = 1.0
            integral[n + each.buys] = 1.0
            rows.append(np.concatenate([-bought, bought * each.limit / size, [by]]))
            rows.append(np.concatenate([bought, -most * bought, [0.0]]))
            tops += [0.0, 0.0]
    upper = np.concatenate([np.full(n, most), np.ones(n), [most if eased is not None else 0.0]])
    slack = _ROUNDING if eased is None else 0.0  # what is eased needs none
    constraints = LinearConstraint(np.array(rows).reshape(len(rows), 2 * n + 1), ub=np.array(tops) + slack)
    cost = np.append(np.zeros(2 * n), 1.0)
    found = milp(cost, integrality=integral, bounds=Bounds(np.zeros(2 * n + 1), upper), constraints=constraints)
    return float(found.x[-1]) * size if found.success else None


def _relaxed(problem: Problem, limits: Sequence[_Limit], eased: _Limit) -> Conflicting:
    by = _least(problem, limits, eased)
    if by is None or by <= 0:
        return Conflicting(eased.rule, None, "")
    if eased.buys < 0 and abs(eased.limit) > 0:
        after = abs(eased.limit + by)
        return Conflicting(eased.rule, by, f"{abs(eased.limit):,.2f} becomes {after:,.2f} where {eased.rule}")
    return Conflicting(eased.rule, by, f"ease by {by:,.2f} that {eased.rule}")


def _out_of_reach(problem: Problem) -> Iterator[Conflicting]:
    """Floors of outcomes that the others leave out of reach, with how far each is reached."""
    floors = problem.floors
    for place, name in enumerate(floors.names):
        others = np.arange(len(floors.names)) != place
        alone = replace(
            problem,
            worth=floors.gain[place],
            price=floors.price[place],
            floors=Floors(
                floors.gain[others], floors.price[others], floors.floor[others],
                tuple(other for at, other in enumerate(floors.names) if at != place),
            ),
        )  # fmt: skip
        found = Search().maximise(alone)
        if found is None:
            yield Conflicting(name, None, "")
            continue
        missing = float(floors.floor[place]) - found.value
        if missing > _ROUNDING * max(abs(found.value), 1.0):
            yield Conflicting(name, missing, _reached(problem, place, found.spend, name))


def _reached(problem: Problem, place: int, spend: Floats, name: str) -> str:
    floors = problem.floors
    response = float(floors.gain[place] @ problem.responses(spend))
    money = float(floors.price[place] @ spend)
    if money > 0 and floors.floor[place] == 0:
        return f"ask for {plain(response / money)} of what it asks where {name}"
    return f"ask for at most {plain(response, 6)} where {name}"
