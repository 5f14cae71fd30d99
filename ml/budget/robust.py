"""A plan that is also good where things go badly: the mean and the worst draws, over joint posterior draws."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import cvxpy as cp
import numpy as np
from cvxpy.atoms.affine.binary_operators import multiply
from cvxpy.atoms.sum_squares import sum_squares

from ml.budget.channels import CENT, Channel, intervals_of
from ml.budget.curves import Floats
from ml.budget.draws import Drawn, as_joint
from ml.budget.judged import Interval, interval_of
from ml.budget.plan import Plan, check_budget, plan_of, refusal, today_of
from ml.budget.problem import Problem
from ml.budget.rules import Rule
from ml.budget.search import Search
from ml.budget.static import problem_of
from warehouse.errors import BadSetting

_STEPS: Final = 30
_STILL: Final = 1e-8  # of the value: a step that adds less ends the ascent
_ASIDE: Final = 1e-4  # of the upper bound: where curvature is measured
_LEAST: Final = 1e-6  # of the upper bound: where the slope at nothing is measured
_ALONG: Final = np.concatenate([np.geomspace(1e-3, 0.5, 8), np.linspace(0.6, 1.0, 6)])


@dataclass(frozen=True, slots=True)
class Caution:
    """``weight`` of the mean of the worst ``tail`` of the draws against the mean of all: 0 asks for the mean alone."""

    weight: float = 0.5
    tail: float = 0.1


@dataclass(frozen=True, slots=True)
class Prices:
    """What one more unit of budget would bring, and one unit of the bound that a channel is at, with intervals."""

    budget: Interval
    bounds: Mapping[str, Interval]


class Robust:
    """Plans over the draws of some channels; what is compiled serves any budget and bounds of the same rules."""

    def __init__(self, channels: Sequence[Channel], draws: Mapping[str, Drawn], caution: Caution) -> None:
        """``channels`` are as for :func:`allocate`; their curves are replaced by what is expected of their draws.

        Raises :class:`BadSetting` where a channel has no draws and for a caution that is none.
        """
        missing = [channel.name for channel in channels if channel.name not in draws]
        if missing:
            raise BadSetting(f"The channel {missing[0]!r} has no draws.", remedy="Give draws of each channel.")
        if not 0 <= caution.weight <= 1 or not 0 < caution.tail <= 1:
            raise BadSetting(
                f"A caution of weight {caution.weight:g} and tail {caution.tail:g} is none.",
                remedy="The weight is 0 to 1, the tail above 0 and at most 1.",
            )
        self._draws = [draws[channel.name] for channel in channels]
        self.count = as_joint(draws)
        self.channels = tuple(
            replace(channel, curve=drawn.expected()) for channel, drawn in zip(channels, self._draws, strict=True)
        )
        self._caution = caution
        self._search = Search()
        self._form: _Form | None = None

    def allocate(self, budget: Decimal, rules: Sequence[Rule] = ()) -> Plan:
        """Spend the whole budget; ``objective``, ``bound`` and prices are of the cautious value.

        The bound is that of weak duality: whatever weights the draws get, no plan's cautious value exceeds the best
        plan's mean by these weights (Rockafellar and Uryasev 2000 for the tail's mean). Lines tell expected outcomes.
        Raises as :func:`allocate`, and :class:`BadSetting` for rules over outcomes and minimum buys.
        """
        check_budget(budget)
        intervals = intervals_of(self.channels, rules, budget)
        problem = problem_of(self.channels, intervals, rules, budget)
        if problem.floors.names or problem.least.any():
            raise BadSetting(
                "Rules over outcomes and minimum buys are not kept by a cautious plan.",
                remedy="Plan for the mean, or bound the money instead.",
            )
        today = today_of(self.channels)
        known = [] if today is None or not problem.allows(today) else [today]
        mean = self._search.maximise(problem, known)
        if mean is None:
            raise refusal(problem, intervals)
        starts = [*known, mean.spend]
        best, weights = max((self._climb(problem, start) for start in starts), key=lambda top: self.value(top[0]))
        curves = tuple(drawn.weighted(weights) for drawn in self._draws)
        bounded = self._search.maximise(replace(problem, curves=curves), [best])
        if bounded is None:
            raise refusal(problem, intervals)
        best = max([best, bounded.spend, *starts], key=self.value)
        found = replace(bounded, spend=best, value=self.value(best), bound=max(bounded.bound, self.value(best)))
        return plan_of(self.channels, intervals, problem, found, budget, self.value)

    def forget(self) -> None:
        """As :meth:`Search.forget`."""
        self._search.forget()

    def prices(self, budget: Decimal, rules: Sequence[Rule] = (), *, level: float = 0.9) -> Prices:
        """What more budget and wider bounds would bring, draw by draw: the next hundredth, spent as a plan would.

        Raises as :meth:`allocate`.
        """
        more = (budget * Decimal("0.01")).quantize(CENT) or CENT
        plans = [self.allocate(each, rules) for each in (budget, budget + more)]
        spends = [np.array([float(line.proposed) for line in plan.lines]) for plan in plans]
        of_budget = (self.outcomes(spends[1]) - self.outcomes(spends[0])) / float(more)
        of_bounds = {}
        for line, drawn in zip(plans[0].lines, self._draws, strict=True):
            if line.proposed in {line.low, line.high} and line.proposed > 0:
                own = drawn.slopes_by_draw(np.array([float(line.proposed)]))[:, 0] - of_budget
                of_bounds[line.channel] = interval_of(own if line.proposed == line.high else -own, level)
        return Prices(interval_of(of_budget, level), of_bounds)

    def outcomes(self, spend: Floats) -> Floats:
        """(D,) what these spends (n,) bring in each draw."""
        return self._outcomes(spend[None])[:, 0]

    def value(self, spend: Floats) -> float:
        """The cautious value: the mean, and the mean of the worst draws, by their weights."""
        return float(self._values(spend[None])[0])

    def _outcomes(self, spends: Floats) -> Floats:
        """(D, S) of (S, n) spends."""
        total = np.zeros((self.count, len(spends)))
        for place, drawn in enumerate(self._draws):
            total += drawn.by_draw(spends[:, place])
        return total

    def _values(self, spends: Floats) -> Floats:
        outcomes = self._outcomes(spends)
        weight = self._caution.weight
        ordered = np.sort(outcomes, axis=0)
        worst: Floats = self._of_tail() @ ordered
        return np.asarray((1 - weight) * outcomes.mean(axis=0) + weight * worst)

    def _of_tail(self) -> Floats:
        """(D,) weights of the draws from the worst to the best that make the mean of the tail."""
        size = self._caution.tail * self.count
        return np.asarray(np.clip(size - np.arange(self.count), 0.0, 1.0) / size)

    def _weights(self, spend: Floats) -> Floats:
        """(D,) of the draws in the cautious value at these spends; they sum to 1."""
        tail = np.empty(self.count)
        tail[np.argsort(self.outcomes(spend), kind="stable")] = self._of_tail()
        return (1 - self._caution.weight) / self.count + self._caution.weight * tail

    def _climb(self, problem: Problem, start: Floats) -> tuple[Floats, Floats]:
        """The top that is reached by quadratic programs uphill, and the draws' weights there."""
        if self._form is None or not self._form.fits(problem):
            self._form = _Form(problem, self.count, self._caution)
        spend, value, weights = start, self.value(start), self._weights(start)
        for _ in range(_STEPS):
            inside = np.maximum(spend, _LEAST * problem.high)  # at nothing a slope may have no bound
            each = [drawn.slopes_by_draw(np.array([at])) for drawn, at in zip(self._draws, inside, strict=True)]
            slopes = np.concatenate(each, axis=1)
            bend = self._bend(problem, spend, weights)
            aimed = self._form.step(problem, spend, self.outcomes(spend), slopes, bend)
            if aimed is None:
                break
            aim, weights = aimed
            low, high = 0.0, 1.0
            for _ in range(2):
                parts = low + (high - low) * _ALONG
                values = self._values(spend + parts[:, None] * (aim - spend))
                at = int(np.argmax(values))
                low, high = parts[max(at - 1, 0)] if at else low, parts[min(at + 1, parts.size - 1)]
            gained = float(values[at]) - value
            if gained > 0:
                spend, value = spend + parts[at] * (aim - spend), float(values[at])
            if gained <= _STILL * abs(value):
                break
        return spend, weights

    def _bend(self, problem: Problem, spend: Floats, weights: Floats) -> Floats:
        """(n,) by how much each slope falls with spend, by these weights of the draws."""
        aside = np.maximum(_ASIDE * problem.high, 1e-300)
        bends = []
        for drawn, at, by in zip(self._draws, spend.tolist(), aside.tolist(), strict=True):
            ends = np.array([max(at - by, 1e-2 * by), at + by])
            before, after = weights @ drawn.slopes_by_draw(ends)
            bends.append(max((before - after) / (ends[1] - ends[0]), 1e-9 * before / (by / _ASIDE)))
        return np.array(bends)


class _Form:
    """The compiled quadratic program of one step: linear in each draw, bent as their weighted mean is."""

    def __init__(self, problem: Problem, draws: int, caution: Caution) -> None:
        self._matrices = (problem.at_most.matrix, problem.equal.matrix)
        n = problem.spends
        spend, tail, short = cp.Variable(n), cp.Variable(), cp.Variable(draws, nonneg=True)
        self._spend = spend
        self._slopes, self._start = cp.Parameter((draws, n)), cp.Parameter(draws)
        self._mean = cp.Parameter(n)
        self._root, self._centre = cp.Parameter(n, nonneg=True), cp.Parameter(n)
        self._low, self._high = cp.Parameter(n), cp.Parameter(n)
        self._limits = [cp.Parameter(len(rows.names)) for rows in (problem.at_most, problem.equal)]
        self._falls = short >= tail - self._start - self._slopes @ spend
        rules = [spend >= self._low, spend <= self._high, self._falls]
        if problem.at_most.names:
            rules.append(problem.at_most.matrix @ spend <= self._limits[0])
        rules.append(problem.equal.matrix @ spend == self._limits[1])
        worst = tail - short.sum() / (caution.tail * draws)
        bent = sum_squares(multiply(self._root, spend) - self._centre)
        self._caution, self._count = caution, draws
        gain = (1 - caution.weight) * (self._mean @ spend) + caution.weight * worst
        self._program = cp.Problem(cp.Maximize(gain - bent / 2), rules)

    def fits(self, problem: Problem) -> bool:
        """Whether the program serves, with other limits."""
        matrices = (problem.at_most.matrix, problem.equal.matrix)
        return all(
            mine.shape == other.shape and not abs(mine - other).sum()
            for mine, other in zip(self._matrices, matrices, strict=True)
        )

    def step(
        self, problem: Problem, spend: Floats, outcomes: Floats, slopes: Floats, bend: Floats
    ) -> tuple[Floats, Floats] | None:
        """Where the program leads, and the draws' weights there; None where the solver is lost in rounding."""
        money = float(np.max(problem.high)) or 1.0
        size = float(outcomes.mean()) or 1.0
        unit = money / size
        self._slopes.value, self._start.value = slopes * unit, (outcomes - slopes @ spend) / size
        self._mean.value = slopes.mean(axis=0) * unit
        root = np.sqrt(bend * unit * money)
        self._root.value, self._centre.value = root, root * spend / money
        self._low.value, self._high.value = problem.low / money, problem.high / money
        for parameter, rows in zip(self._limits, (problem.at_most, problem.equal), strict=True):
            parameter.value = rows.limit / money
        with contextlib.suppress(cp.SolverError), warnings.catch_warnings(action="ignore"):
            self._program.solve(solver=cp.CLARABEL)  # type: ignore[no-untyped-call]  # of cvxpy
            if self._spend.value is not None and self._falls.dual_value is not None:
                aim = np.clip(np.asarray(self._spend.value), self._low.value, self._high.value) * money
                tail = np.maximum(np.asarray(self._falls.dual_value), 0.0)
                weight = self._caution.weight
                tail = weight * tail / tail.sum() if tail.sum() > 0 else np.full(self._count, weight / self._count)
                return aim, (1 - weight) / self._count + tail
        return None
