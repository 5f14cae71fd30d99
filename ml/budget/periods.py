"""A plan per channel and period: spend carries over, begins from what was spent before, and works on after the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import scipy.sparse as sp

from ml.budget.ascent import Ascent
from ml.budget.cents import to_cents
from ml.budget.channels import Channel, Interval, intervals_of
from ml.budget.curves import Floats
from ml.budget.infeasible import conflict_of
from ml.budget.plan import PROVEN, check_budget, refused
from ml.budget.problem import TOLERANCE, Floors, Problem, Rows
from ml.budget.rules import Flight, Group, Pacing, PeriodBudget, Rule, check_channels
from ml.budget.search import Search
from ml.budget.shadow import Binding
from ml.budget.static import floor_rows, group_rows, least_of, mask
from warehouse.errors import BadSetting

_SEARCHED: Final = 160  # responses: where more are not concave, the gap of the envelopes stands as it is
NODES: Final = 200
_FREE: Final = 1e-5  # of the price of money: a price below is rounding

Row = tuple[str, Floats, float]


@dataclass(frozen=True, slots=True)
class Carry:
    """How spend works on: of a spend, ``weights[k]`` reaches the response k periods later.

    ``past`` are the spends of the periods before the plan, the newest last.
    """

    weights: tuple[float, ...] = (1.0,)
    past: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One channel: its spend in each period, what it brings in each, and what it still brings after the last."""

    channel: str
    proposed: tuple[Decimal, ...]
    outcome: tuple[float, ...]
    after: float


@dataclass(frozen=True, slots=True)
class PeriodPlan:
    """What to spend when. ``objective`` holds what comes after the last period too; fields are as in :class:`Plan`.

    ``binding`` are the rules over several spends that keep it from bringing more: groups, pacing, budgets of periods.
    """

    status: str
    budget: Decimal
    objective: float
    bound: float
    shadow_price: float
    today: float | None
    lines: tuple[PeriodLine, ...]
    binding: tuple[Binding, ...]

    @property
    def gap(self) -> float:
        return max(self.bound - self.objective, 0.0) / abs(self.bound) if self.bound else 0.0

    @property
    def spent(self) -> Decimal:
        return sum((amount for line in self.lines for amount in line.proposed), Decimal(0))


def allocate_periods(
    channels: Sequence[Channel],
    budget: Decimal,
    periods: int,
    rules: Sequence[Rule] = (),
    *,
    carry: Mapping[str, Carry] | None = None,
    ascent: Ascent | None = None,
    most_nodes: int = NODES,
) -> PeriodPlan:
    """Spend the whole budget over the periods so that it brings most.

    A curve gives what reaches a channel in one period its response in that period; ``current`` and bounds are of one
    period, and so are rules of bounds, locks and minimum buys; groups and floors are of the whole plan. An ``ascent``
    of the same rules spares compiling. Where curves are S-shaped, ``most_nodes`` programs are solved for a proof.
    Raises :class:`Infeasible` where nothing keeps the rules or spends the budget.
    """
    check_budget(budget)
    if periods < 1:
        raise BadSetting(f"periods == {periods}, must be 1 or more.")
    carries = _carries(channels, carry or {})
    static = [rule for rule in rules if not isinstance(rule, Pacing | Flight | PeriodBudget)]
    intervals = intervals_of(channels, static, budget)
    problem = period_problem(channels, intervals, rules, budget, periods, carries)
    today = None
    if all(channel.current is not None for channel in channels):
        today = np.repeat([float(channel.current or 0) for channel in channels], periods)
    best = _best(problem, today, ascent, most_nodes)
    if best is None:
        each = [interval for interval in intervals for _ in range(periods)]
        raise refused(conflict_of(problem, each))
    amounts = to_cents(best.spend, _decimals(problem.low), _decimals(problem.high), budget)
    found = np.array([float(amount) for amount in amounts])
    responses = (problem.worth * problem.responses(found)).reshape(len(channels), -1)
    objective = float(responses.sum())
    bound = max(best.bound, objective)
    lines = tuple(
        PeriodLine(
            channel.name,
            amounts[place * periods : (place + 1) * periods],
            tuple(responses[place, :periods].tolist()),
            float(responses[place, periods:].sum()),
        )
        for place, channel in enumerate(channels)
    )
    status = "optimal" if bound - objective <= PROVEN * abs(bound) else "best_found"
    before = None if today is None else problem.outcome(today)
    rows = zip(problem.at_most.names, problem.at_most.over(best.spend), best.of_rows.tolist(), strict=True)
    binding = [Binding(name, each) for name, over, each in rows if over > -TOLERANCE and each > _FREE * best.price]
    ordered = tuple(sorted(binding, key=lambda each: -each.price))
    return PeriodPlan(status, budget, objective, bound, best.price, before, lines, ordered)


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    """Spends, their bound, and what one more unit of the budget and of each row's limit would bring."""

    spend: Floats
    bound: float
    price: float
    of_rows: Floats


def _best(problem: Problem, today: Floats | None, ascent: Ascent | None, most_nodes: int) -> _Best | None:
    known = [] if today is None else [today]
    if not problem.least.any() and not problem.floors.names:
        ascent = ascent if ascent is not None and ascent.fits(problem) else Ascent(problem)
        top = ascent.climb(problem, today)
        if top is None:
            return None
        if top.bound - top.value <= PROVEN * abs(top.bound) or len(problem.curves) > _SEARCHED:
            return _Best(top.spend, top.bound, float(top.of_equal[0]), top.of_at_most)
        known.insert(0, top.spend)
    found = Search().maximise(problem, known, most_nodes=most_nodes)
    if found is None:
        return None
    return _Best(found.spend, found.bound, float(found.local.of_equal[0]), found.local.of_at_most)


def period_problem(
    channels: Sequence[Channel], intervals: Sequence[Interval], rules: Sequence[Rule], budget: Decimal, periods: int,
    carries: Sequence[Carry],
) -> Problem:  # fmt: skip
    """Spends by channel, then period; responses by channel, then period, those after the last included."""
    names = [channel.name for channel in channels]
    n, tail = len(names), max(len(each.weights) for each in carries) - 1
    low = np.repeat([float(each.low) for each in intervals], periods)
    high = np.concatenate(
        [np.full(periods, _highest(*each)) for each in zip(channels, intervals, carries, strict=True)]
    )
    for rule in rules:
        if isinstance(rule, Flight):
            _check_periods(rule.periods, periods, rule)
            off = 1.0 - np.isin(np.arange(1, periods + 1), rule.periods)
            outside = np.kron(mask(names, rule.channels), off) > 0
            low, high = np.where(outside, 0.0, low), np.where(outside, 0.0, high)
    spread = np.ones(periods)
    rows: list[Row] = [
        (name, np.asarray(np.kron(row, spread), dtype=float), limit)
        for rule in rules
        if isinstance(rule, Group)
        for name, row, limit in group_rows(names, rule)
    ]
    rows += [row for rule in rules if isinstance(rule, Pacing) for row in _pacing(names, rule, periods, carries)]
    rows += [row for rule in rules if isinstance(rule, PeriodBudget) for row in _budgets(n, rule, periods)]
    over, over_after = np.ones((1, periods)), np.ones((1, periods + tail))
    floors = [
        (name, np.kron(gain, over_after[0]), np.kron(price, over[0]), floor)
        for rule in rules
        for name, gain, price, floor in floor_rows(names, rule)
    ]
    mixing = sp.block_diag([_mixing(each.weights, periods, tail) for each in carries], format="csr")
    responses, spends = n * (periods + tail), n * periods
    return Problem(
        curves=tuple(channel.curve for channel in channels for _ in range(periods + tail)),
        mixing=sp.csr_array(mixing),
        carried=np.concatenate([_carried(each, periods + tail) for each in carries]),
        low=low,
        high=np.maximum(high, low),
        least=np.where(high > 0, np.repeat(least_of(names, rules, low[::periods]), periods), 0.0),
        worth=np.ones(responses),
        price=np.zeros(spends),
        at_most=Rows.of(spends, rows),
        equal=Rows.of(spends, [(f"the budget is {budget:,f}", np.ones(spends), float(budget))]),
        floors=Floors.of(responses, spends, floors),
    )


def _highest(channel: Channel, interval: Interval, carry: Carry) -> float:
    """The most of one period with which a curve is not asked beyond what is known of it."""
    return min(float(interval.high), channel.curve.top / max(sum(carry.weights), 1e-300))


def _mixing(weights: Sequence[float], periods: int, tail: int) -> sp.csr_array:
    """(periods + tail, periods): spend of a period to what reaches the response in it and after it."""
    diagonals = [np.full(periods, weight) for weight in weights]
    return sp.csr_array(
        sp.diags_array(diagonals, offsets=[-lag for lag in range(len(weights))], shape=(periods + tail, periods))
    )


def _carried(carry: Carry, periods: int) -> Floats:
    """(periods,) what earlier spend still brings to the response."""
    carried = np.zeros(periods)
    for ago, spent in enumerate(reversed(carry.past), start=1):
        reach = carry.weights[ago : ago + periods]
        carried[: len(reach)] += spent * np.array(reach)
    return carried


def _pacing(names: Sequence[str], rule: Pacing, periods: int, carries: Sequence[Carry]) -> Iterator[Row]:
    check_channels(rule, tuple(names))
    for place, name in enumerate(names):
        if rule.channels and name not in rule.channels:
            continue
        mean = np.zeros(len(names) * periods)
        mean[place * periods : (place + 1) * periods] = float(rule.most) / periods
        past = carries[place].past
        for period in range(0 if past else 1, periods):
            step = np.zeros_like(mean)
            step[place * periods + period] = 1.0
            if period:
                step[place * periods + period - 1] = -1.0
            before = 0.0 if period else past[-1]
            words = f"pacing of {name} from period {period} to {period + 1}"
            yield words, step - mean, before
            yield words, -step - mean, -before


def _budgets(channels: int, rule: PeriodBudget, periods: int) -> Iterator[Row]:
    _check_periods(rule.periods, periods, rule)
    for period in rule.periods or range(1, periods + 1):
        row = np.kron(np.ones(channels), np.arange(1, periods + 1) == period)
        if rule.low is not None:
            yield f"period {period} spends at least {rule.low:,f}", -row, -float(rule.low)
        if rule.high is not None:
            yield f"period {period} spends at most {rule.high:,f}", row, float(rule.high)


def _check_periods(named: Sequence[int], periods: int, rule: Flight | PeriodBudget) -> None:
    late = [period for period in named if period > periods]
    if late:
        raise BadSetting(f"There is no period {late[0]} of {periods}: {rule.words}.", remedy="Count them from 1.")


def _carries(channels: Sequence[Channel], carry: Mapping[str, Carry]) -> tuple[Carry, ...]:
    strange = sorted(set(carry) - {channel.name for channel in channels})
    if strange:
        raise BadSetting(f"A carry-over is of the channel {strange[0]!r}, which has no curve.")
    for name, each in carry.items():
        numbers = [*each.weights, *each.past]
        if not each.weights or min(numbers) < 0 or not np.isfinite(numbers).all() or sum(each.weights) <= 0:
            raise BadSetting(
                f"The carry-over of {name} is not made of numbers of 0 or more.", remedy="Give weights and past spends."
            )
    return tuple(carry.get(channel.name, Carry()) for channel in channels)


def _decimals(amounts: Floats) -> list[Decimal]:
    return [Decimal(repr(amount)) for amount in amounts.tolist()]
