"""Budgets, against a greedy grid and SLSQP.

**What.** Solving again when a slider moves: twenty channels with one budget after another, of a form that was solved
before. Static with concave curves; 13 weeks with carry-over; mean and worst tenth over 200 joint draws; static with
S-shaped curves (Hill, slopes .6 to 3). And what a page waits for when a slider moves: the plan from what a fit of the
mix knows (1,000 joint draws of mixed families), with the interval of every figure and its price.

**Against what.** The two ways that others take, written anew (`validation/budget_rivals.py`): the greedy grid of
Meridian 2.1 with a thousand steps, and SLSQP from equal spends as PyMC-Marketing 1.3 has it, on the static problems.
What they leave of our outcome stands beside their time. The others are held against their targets only.

CPU-seconds, the median of five budgets.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from statistics import median

import numpy as np

from bench.measure import Result, Server
from ml.budget.ascent import Ascent
from ml.budget.channels import Channel, intervals_of
from ml.budget.curves import Floats, Parametric
from ml.budget.draws import Drawn
from ml.budget.known import Known, known_of
from ml.budget.periods import Carry, allocate_periods, period_problem
from ml.budget.plan import allocate
from ml.budget.planning import Planner
from ml.budget.proposal import Asked
from ml.budget.robust import Caution, Robust
from ml.budget.search import Search
from validation.budget_rivals import brings, from_uniform, greedy
from warehouse.queries.budget_inputs import StoredChannel, StoredDraws, StoredFit, StoredSpend

BUDGET = Decimal(1_000_000)
MOVES = tuple(BUDGET * Decimal(part) for part in ("1.02", "1.05", "0.97", "1.1", "0.9"))
WEEKS, DRAWS, FIT_DRAWS = 13, 200, 1_000


def measure(server: Server, rows: int) -> Iterator[Result]:  # noqa: ARG001  (no warehouse is needed)
    """Results for so many channels."""
    for name, channels, target in (
        ("static, concave", concave(rows), 0.1),
        ("static, S-shaped", s_shaped(rows), 5.0),
    ):
        yield from _static(f"{rows} channels, {name}", channels, target)
    yield _periods(rows)
    yield _robust(rows)
    yield _live(rows)


def concave(count: int) -> tuple[Channel, ...]:
    """Channels with exponential curves."""
    chance = np.random.default_rng(1)
    return tuple(
        Channel(f"c{place}", Parametric.of("exponential", chance.uniform(50, 200), chance.uniform(2e4, 2e5)))
        for place in range(count)
    )


def s_shaped(count: int) -> tuple[Channel, ...]:
    """Channels with curves of Hill."""
    chance = np.random.default_rng(2)
    return tuple(
        Channel(
            f"c{place}",
            Parametric.of("hill", chance.uniform(50, 200), chance.uniform(2e4, 1e5), chance.uniform(0.6, 3.0)),
        )
        for place in range(count)
    )


def _static(what: str, channels: tuple[Channel, ...], target: float) -> Iterator[Result]:
    search = Search()
    allocate(channels, BUDGET, search=search)
    gaps, left = [], {"greedy": 0.0, "SLSQP": 0.0}

    def ours(budget: Decimal) -> float:
        plan = allocate(channels, budget, search=search)
        gaps.append(plan.gap)
        return plan.objective

    seconds, outcomes = _timed(ours)
    yield Result(what, f"{seconds:.3f} s", f"gap {max(gaps):.0e}", "", f"<= {target:g} s", seconds <= target)
    for name, way in (("greedy", greedy), ("SLSQP", from_uniform)):
        spent, theirs = _timed(partial(_brought, channels, way))
        left[name] = max(1 - their / our for their, our in zip(theirs, outcomes, strict=True))
        against = f"{spent:.3f} s, leaves up to {left[name]:.1%}"
        yield Result(f"{what}, {name}", f"{seconds:.3f} s", against, f"{spent / seconds:.1f}", "", None)


def _brought(
    channels: tuple[Channel, ...], way: Callable[[tuple[Channel, ...], Decimal], Floats], budget: Decimal
) -> float:
    return brings(channels, way(channels, budget))


def _periods(count: int) -> Result:
    channels = concave(count)
    weekly = tuple(
        Channel(each.name, Parametric.of("exponential", curve.beta / WEEKS, curve.shape[0] / WEEKS))
        for each in channels
        if isinstance(curve := each.curve, Parametric)
    )
    chance = np.random.default_rng(3)
    carry = {}
    for each in weekly:
        weights = chance.uniform(0.2, 0.7) ** np.arange(9.0)
        carry[each.name] = Carry(tuple((weights / weights.sum()).tolist()), (3_000.0,) * 8)
    intervals = intervals_of(weekly, (), BUDGET)
    ascent = Ascent(period_problem(weekly, intervals, (), BUDGET, WEEKS, tuple(carry.values())))
    allocate_periods(weekly, BUDGET, WEEKS, carry=carry, ascent=ascent)
    gaps = []

    def ours(budget: Decimal) -> float:
        plan = allocate_periods(weekly, budget, WEEKS, carry=carry, ascent=ascent)
        gaps.append(plan.gap)
        return plan.objective

    seconds, _ = _timed(ours)
    what = f"{count} channels, {WEEKS} weeks with carry-over"
    return Result(what, f"{seconds:.3f} s", f"gap {max(gaps):.0e}", "", "<= 0.5 s", seconds <= 0.5)


def _robust(count: int) -> Result:
    chance = np.random.default_rng(4)
    draws = {
        f"c{place}": Drawn.of(
            "exponential",
            chance.uniform(50, 200) * np.exp(0.3 * chance.standard_normal(DRAWS)),
            chance.uniform(2e4, 2e5) * np.exp(0.4 * chance.standard_normal(DRAWS)),
            top=2e5,
        )
        for place in range(count)
    }
    robust = Robust([Channel(name, drawn.expected()) for name, drawn in draws.items()], draws, Caution())
    robust.allocate(BUDGET)
    gaps = []

    def ours(budget: Decimal) -> float:
        plan = robust.allocate(budget)
        gaps.append(plan.gap)
        return plan.objective

    seconds, _ = _timed(ours)
    what = f"{count} channels, mean and worst tenth of {DRAWS} draws"
    return Result(what, f"{seconds:.3f} s", f"gap {max(gaps):.0e}", "", "<= 0.7 s", seconds <= 0.7)


def _live(count: int) -> Result:
    """What a page shows for a slider, from the rows of a fit."""
    planner = Planner(_known(count))
    planner.propose(Asked(BUDGET))
    gaps = []

    def ours(budget: Decimal) -> float:
        proposal = planner.propose(Asked(budget))
        gaps.append(proposal.gap)
        return proposal.outcome.estimate

    seconds, _ = _timed(ours)
    what = f"{count} channels from a stored fit of {FIT_DRAWS:,} draws, with intervals"
    return Result(what, f"{seconds:.3f} s", f"gap {max(gaps):.0e}", "", "<= 0.1 s", seconds <= 0.1)


def _known(count: int) -> Known:
    """A fit whose draws are of two families, as an averaged one's are."""
    chance = np.random.default_rng(5)
    monday, weeks = dt.date(2025, 1, 6), 52
    names = [f"c{place}" for place in range(count)]
    draws, spends = [], []
    for name in names:
        spend, half = float(BUDGET) / count, float(BUDGET) / count * chance.uniform(0.5, 2.0)
        for part, family in enumerate(("hill", "exponential")):
            size = FIT_DRAWS // 2
            beta = (spend * chance.uniform(1, 4) * np.exp(0.3 * chance.standard_normal(size))).tolist()
            shape = (half * np.exp(0.3 * chance.standard_normal(size))).tolist()
            slope = None if part else chance.uniform(0.8, 1.6, size).tolist()
            draws.append(StoredDraws(name, part, "geometric", family, part * size, beta, shape, slope, (0.6, 0.3, 0.1)))
        spends += [StoredSpend(name, monday + dt.timedelta(weeks=week), Decimal(round(spend))) for week in range(weeks)]
    fit = StoredFit(
        1, 1, 1, 1, "revenue", "order", "USD", monday, monday + dt.timedelta(weeks=weeks - 1), 7, "green", 0.9,
        FIT_DRAWS, "", tuple(StoredChannel(name, Decimal(round(2 * float(BUDGET) / count))) for name in names),
    )  # fmt: skip
    return known_of(fit, draws, spends)


def _timed(way: Callable[[Decimal], float]) -> tuple[float, list[float]]:
    """The median CPU-seconds over the budgets, and what each brings."""
    seconds, outcomes = [], []
    for budget in MOVES:
        began = time.process_time()
        outcomes.append(way(budget))
        seconds.append(time.process_time() - began)
    return median(seconds), outcomes
