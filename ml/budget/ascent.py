"""Many smooth responses at once, as periods have them: quadratic programs uphill, and a bound from the top."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, replace
from typing import Final

import cvxpy as cp
import numpy as np
from cvxpy.atoms.affine.binary_operators import multiply
from cvxpy.atoms.sum_squares import sum_squares

from ml.budget.curves import Curve, Floats
from ml.budget.envelope import Above
from ml.budget.problem import Problem

_Solvers = tuple[tuple[str, dict[str, float]], ...]

_STEPS: Final = 40
_CLOSE: Final = 1e-7  # of the value: a bound so close ends the ascent
_STILL: Final = 1e-9  # of the value: a step that adds less ends it
_ASIDE: Final = 1e-5  # of what reaches a response: where curvature is measured
_ALONG: Final = np.concatenate([np.geomspace(1e-3, 0.5, 12), np.linspace(0.55, 1.0, 10)])
_LINEAR: _Solvers = ((cp.HIGHS, {}),)
_QUADRATIC: _Solvers = ((cp.CLARABEL, {"tol_gap_abs": 1e-8, "tol_gap_rel": 1e-8, "tol_feas": 1e-9}), (cp.HIGHS, {}))
_SOLVED: Final = (cp.OPTIMAL, cp.OPTIMAL_INACCURATE)


@dataclass(frozen=True, slots=True, eq=False)
class Ascended:
    """Spends (n,), their value, a bound that no spends exceed, and what each row's limit is worth around them."""

    spend: Floats
    value: float
    bound: float
    of_at_most: Floats
    of_equal: Floats


class Ascent:
    """Holds the compiled programs of a problem without floors and minimum buys; only its matrices are fixed."""

    def __init__(self, problem: Problem) -> None:
        self._matrices = (problem.mixing, problem.at_most.matrix, problem.equal.matrix)
        n, j = problem.spends, len(problem.curves)
        spend, fed = cp.Variable(n), cp.Variable(j)
        self._spend = spend
        self._low, self._high, self._carried = cp.Parameter(n), cp.Parameter(n), cp.Parameter(j)
        self._at_most, self._equal = (cp.Parameter(len(rows.names)) for rows in (problem.at_most, problem.equal))
        self._linear, self._price = cp.Parameter(j), cp.Parameter(n)
        self._root, self._centre = cp.Parameter(j, nonneg=True), cp.Parameter(j)
        rules = [fed == problem.mixing @ spend + self._carried, spend >= self._low, spend <= self._high]
        self._kept: dict[str, cp.Constraint] = {}
        if problem.at_most.names:
            self._kept["at_most"] = problem.at_most.matrix @ spend <= self._at_most
        if problem.equal.names:
            self._kept["equal"] = problem.equal.matrix @ spend == self._equal
        rules += self._kept.values()
        gain = self._linear @ fed - self._price @ spend
        bent = sum_squares(multiply(self._root, fed) - self._centre)
        self._quadratic = cp.Problem(cp.Maximize(gain - bent / 2), rules)
        self._tangent = cp.Problem(cp.Maximize(gain), rules)

    def fits(self, problem: Problem) -> bool:
        """Whether the programs serve, with other limits and curves."""
        return all(
            mine is other or (mine.shape == other.shape and mine.nnz == other.nnz and not abs(mine - other).sum())
            for mine, other in zip(
                self._matrices, (problem.mixing, problem.at_most.matrix, problem.equal.matrix), strict=True
            )
        )

    def climb(self, problem: Problem, start: Floats | None = None) -> Ascended | None:
        """To the top; None where nothing keeps the rules.

        Concave responses are maximised by Newton's steps, each a quadratic program over the rules, with a search along
        it; the tangents at the top bound all spends from above (Frank and Wolfe 1956). Where a response is not concave,
        the bound is that of the envelopes, and the top is the best of those reached from theirs and from ``start``.
        """
        curves = _Together(problem)
        envelopes = _Together(replace(problem, curves=_envelopes(problem)))
        self._set(problem)
        begin = start if start is not None and problem.allows(start) else self._anywhere(problem)
        if begin is None:
            return None
        above = self._top(envelopes, begin)
        bound = self._bound(envelopes, above)
        best = above
        if envelopes.is_above(curves):
            tops = [self._top(curves, each) for each in (above, begin)]
            best = max([*tops, begin], key=curves.value)
            self._bound(curves, best)  # for the prices there
        prices = {name: np.atleast_1d(np.asarray(rule.dual_value)) for name, rule in self._kept.items()}
        rate = self._size / self._money
        none = np.zeros(0)
        value = curves.value(best)
        return Ascended(
            best, value, max(bound, value), prices.get("at_most", none) * rate, prices.get("equal", none) * rate
        )

    def _set(self, problem: Problem) -> None:
        self._money = float(np.max(problem.high, initial=0.0)) or 1.0
        self._size = float(np.abs(problem.worth @ problem.responses(problem.high))) / max(problem.spends, 1) or 1.0
        self._low.value, self._high.value = problem.low / self._money, problem.high / self._money
        self._carried.value = problem.carried / self._money
        self._at_most.value = problem.at_most.limit / self._money
        self._equal.value = problem.equal.limit / self._money
        self._price.value = problem.price * (self._money / self._size)

    def _anywhere(self, problem: Problem) -> Floats | None:
        """Spends that keep the rules, near the middle of their bounds."""
        middle = problem.fed((problem.low + problem.high) / 2)
        self._linear.value = np.zeros(middle.size)
        self._root.value, self._centre.value = np.ones(middle.size), middle / self._money
        return self._solved(self._quadratic)

    def _solved(self, program: cp.Problem) -> Floats | None:
        """The spends; an interior point that is lost in rounding hands on to an active set."""
        for solver, options in _LINEAR if program is self._tangent else _QUADRATIC:
            with contextlib.suppress(cp.SolverError), warnings.catch_warnings(action="ignore"):
                program.solve(solver=solver, **options)  # type: ignore[no-untyped-call]  # of cvxpy
                break
        else:
            return None
        if program.status not in _SOLVED:
            return None
        money = self._money
        found: Floats = np.clip(np.asarray(self._spend.value), self._low.value, self._high.value) * money
        return found

    def _top(self, curves: _Together, begin: Floats) -> Floats:
        spend, value = begin, curves.value(begin)
        for _ in range(_STEPS):
            fed, slope, bend = curves.around(spend)
            unit = self._money / self._size
            root = np.sqrt(bend * unit * self._money)
            self._root.value, self._centre.value = root, root * fed / self._money
            self._linear.value = slope * unit
            aim = self._solved(self._quadratic)
            if aim is None:
                break
            step = curves.best_along(spend, aim)
            gained = curves.value(step) - value
            if gained <= 0:
                break
            spend, value = step, value + gained
            if gained <= _STILL * abs(value):
                break
        return spend

    def _bound(self, curves: _Together, spend: Floats) -> float:
        """What the tangents at these spends allow at most."""
        _, slope, _ = curves.around(spend)
        self._linear.value = slope * (self._money / self._size)
        best = self._solved(self._tangent)
        if best is None:
            return np.inf
        there = slope @ (curves.problem.mixing @ (best - spend)) - curves.problem.price @ (best - spend)
        return curves.value(spend) + max(float(there), 0.0)


class _Together:
    """A problem's curves, each evaluated once for all the responses that share it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        places: dict[int, list[int]] = {}
        for place, curve in enumerate(problem.curves):
            places.setdefault(id(curve), []).append(place)
        self._shared = [(problem.curves[each[0]], np.array(each)) for each in places.values()]

    def value(self, spend: Floats) -> float:
        return float(self.values(spend[None])[0])

    def values(self, spends: Floats) -> Floats:
        """(S,) of (S, n) spends."""
        problem = self.problem
        fed = spends @ problem.mixing.T + problem.carried
        total = -(spends @ problem.price)
        for curve, places in self._shared:
            total = total + curve.value(fed[:, places].ravel()).reshape(len(spends), -1) @ problem.worth[places]
        return np.asarray(total)

    def around(self, spend: Floats) -> tuple[Floats, Floats, Floats]:
        """(J,) what reaches each response, its slope and how much it bends downwards, in units of worth."""
        problem = self.problem
        fed = problem.fed(spend)
        top = np.maximum(problem.fed(problem.high), 1e-300)
        slope, bend = np.empty_like(fed), np.empty_like(fed)
        for curve, places in self._shared:
            at, aside = fed[places], _ASIDE * top[places]
            before, after = np.maximum(at - aside, 0.0), at + aside
            slope[places] = curve.slope(np.maximum(at, 1e-3 * aside))
            bend[places] = (curve.slope(np.maximum(before, 1e-3 * aside)) - curve.slope(after)) / (after - before)
        flattest = 1e-9 * np.abs(slope) / top
        return fed, problem.worth * slope, problem.worth * np.maximum(bend, flattest)

    def best_along(self, start: Floats, aim: Floats) -> Floats:
        """The best on the way, looked for twice, the second time around the first."""
        found = start
        low, high = 0.0, 1.0
        for _ in range(2):
            parts = low + (high - low) * _ALONG
            values = self.values(start + parts[:, None] * (aim - start))
            at = int(np.argmax(values))
            found = start + parts[at] * (aim - start)
            low, high = parts[max(at - 1, 0)] if at else low, parts[min(at + 1, parts.size - 1)]
        return found

    def is_above(self, other: _Together) -> bool:
        """Whether any curve here is another than there."""
        pairs = zip(self.problem.curves, other.problem.curves, strict=True)
        return any(mine is not theirs for mine, theirs in pairs)


def _envelopes(problem: Problem) -> tuple[Curve, ...]:
    """Each curve, or what is concave above it where it is not; shared as the curves are."""
    low, high = problem.fed(problem.low), problem.fed(problem.high)
    ends: dict[int, tuple[float, float]] = {}
    for curve, start, end in zip(problem.curves, low.tolist(), high.tolist(), strict=True):
        known = ends.get(id(curve), (np.inf, -np.inf))
        ends[id(curve)] = (min(known[0], start), max(known[1], end))
    made: dict[int, Curve] = {}
    for curve in problem.curves:
        if id(curve) not in made:
            made[id(curve)] = Above.of(curve, *ends[id(curve)])
    return tuple(made[id(curve)] for curve in problem.curves)
