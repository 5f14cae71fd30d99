"""Plans over periods, against trying everything on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product

import numpy as np
import pytest

from ml.budget.channels import Channel
from ml.budget.curves import Parametric
from ml.budget.periods import Carry, PeriodPlan, allocate_periods
from ml.budget.plan import allocate
from ml.budget.rules import Bounds, Flight, Group, MinimumBuy, Pacing, PeriodBudget, Roas, Rule
from warehouse.errors import BadSetting, Infeasible

TV = Channel("tv", Parametric.of("exponential", 100, 40), Decimal(30))
SEARCH = Channel("search", Parametric.of("michaelis_menten", 80, 25), Decimal(20))
PULSED = Channel("tv", Parametric.of("hill", 100, 40, 3.0), Decimal(30))
CARRY = {"tv": Carry((0.6, 0.3, 0.1), (50.0, 10.0)), "search": Carry((0.9, 0.1), (5.0,))}


def outcome_of(channels: Sequence[Channel], spends: np.ndarray) -> float:
    """Written as it is said: each period's response to what reaches it, two periods after the last included."""
    total = 0.0
    for channel, own in zip(channels, spends, strict=True):
        carry = CARRY[channel.name]
        line = [*carry.past, *own, 0.0, 0.0]
        for period in range(len(carry.past), len(line)):
            fed = sum(weight * line[period - lag] for lag, weight in enumerate(carry.weights) if period >= lag)
            total += float(channel.curve.value(np.array(fed)))
    return total


def best_by_trying(channels: Sequence[Channel], budget: int, periods: int, step: int, kept) -> float:  # type: ignore[no-untyped-def]
    best = -np.inf
    cells = len(channels) * periods
    for parts in product(range(0, budget + 1, step), repeat=cells - 1):
        if sum(parts) <= budget:
            spends = np.array([*parts, budget - sum(parts)], dtype=float).reshape(len(channels), periods)
            if kept(spends):
                best = max(best, outcome_of(channels, spends))
    return best


def spends_of(plan: PeriodPlan) -> np.ndarray:
    return np.array([[float(amount) for amount in line.proposed] for line in plan.lines])


CASES: list[tuple[tuple[Rule, ...], object]] = [
    ((), lambda x: True),
    ((Pacing(Decimal("0.5"), ("search",)),), lambda x: steps(x[1], 5.0) <= 0.5 * x[1].mean() + 0.1),
    ((Flight(("tv",), (2, 3)),), lambda x: x[0, 0] == 0),
    ((PeriodBudget(None, Decimal(40)),), lambda x: (x.sum(axis=0) <= 40).all()),
    ((PeriodBudget(Decimal(50), None, (2,)),), lambda x: x[:, 1].sum() >= 50),
    ((Bounds((), None, Decimal(30)),), lambda x: (x <= 30).all()),
    ((Group("tv", ("tv",), high_share=Decimal("0.25")),), lambda x: x[0].sum() <= 25),
    ((MinimumBuy(("search",), Decimal(20)),), lambda x: ((x[1] == 0) | (x[1] >= 20)).all()),
]


def steps(own: np.ndarray, past: float) -> float:
    return float(np.abs(np.diff([past, *own])).max())


@pytest.mark.parametrize(("rules", "kept"), CASES)
def test_no_plan_on_a_grid_is_better(rules: tuple[Rule, ...], kept) -> None:  # type: ignore[no-untyped-def]
    plan = allocate_periods((TV, SEARCH), Decimal(100), 3, rules, carry=CARRY)
    known = best_by_trying((TV, SEARCH), 100, 3, 10, kept)
    spends = spends_of(plan)
    assert plan.spent == 100
    assert plan.objective == pytest.approx(outcome_of((TV, SEARCH), spends), rel=1e-9)
    assert plan.objective >= known - 1e-6
    assert plan.objective <= known * 1.05
    assert plan.gap < 1e-4
    assert kept(np.round(spends, 1))


def test_s_shapes_are_pulsed_where_that_brings_more() -> None:
    plan = allocate_periods((PULSED,), Decimal(60), 4, carry={"tv": CARRY["tv"]})
    known = best_by_trying((PULSED,), 60, 4, 3, lambda x: True)
    assert plan.objective >= known * (1 - 1e-6)
    assert plan.bound >= plan.objective
    assert plan.gap < 2e-3
    assert min(plan.lines[0].proposed) == 0


def test_without_carry_over_periods_are_alike() -> None:
    plan = allocate_periods((TV, SEARCH), Decimal(150), 3)
    one = allocate((TV, SEARCH), Decimal(50))
    assert plan.objective == pytest.approx(3 * one.objective, rel=1e-6)
    assert plan.shadow_price == pytest.approx(one.shadow_price, rel=1e-3)
    assert sum(line.after for line in plan.lines) == 0


def test_what_comes_after_the_end_counts() -> None:
    """Or nothing would be spent in the last period on what works late."""
    late = {"tv": Carry((0.0, 1.0))}
    plan = allocate_periods((TV,), Decimal(90), 3, carry=late)
    assert [float(each) for each in plan.lines[0].proposed] == pytest.approx([30, 30, 30], abs=0.1)
    assert plan.lines[0].after == pytest.approx(plan.objective / 3, rel=1e-3)
    assert plan.lines[0].outcome[0] == 0


def test_never_below_today() -> None:
    plan = allocate_periods((TV, SEARCH), Decimal(150), 3, carry=CARRY)
    assert plan.today == pytest.approx(outcome_of((TV, SEARCH), np.array([[30.0] * 3, [20.0] * 3])))
    assert plan.objective >= (plan.today or 0)


def test_the_price_of_the_budget() -> None:
    low, mid, high = (allocate_periods((TV, SEARCH), Decimal(of), 3, carry=CARRY) for of in (99, 100, 101))
    assert mid.shadow_price == pytest.approx((high.objective - low.objective) / 2, rel=1e-3)


def test_the_prices_of_rules() -> None:
    def rules(by: int) -> tuple[Rule, ...]:
        return (PeriodBudget(None, Decimal(28 + by), (2,)), Group("tv", ("tv",), high=Decimal(30)))

    low, mid, high = (allocate_periods((TV, SEARCH), Decimal(100), 3, rules(by), carry=CARRY) for by in (-1, 0, 1))
    prices = {each.rule: each.price for each in mid.binding}
    assert prices["period 2 spends at most 28"] == pytest.approx((high.objective - low.objective) / 2, rel=0.02)
    assert prices["group tv (tv) spends at most 30"] > 0
    assert not allocate_periods((TV, SEARCH), Decimal(100), 3, carry=CARRY).binding


def test_floors_over_the_whole_plan() -> None:
    plan = allocate_periods((TV, SEARCH), Decimal(100), 3, (Roas(2.9, ("search",)),), carry=CARRY)
    search = plan.lines[1]
    assert (sum(search.outcome) + search.after) / float(sum(search.proposed)) >= 2.9 * (1 - 1e-4)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadSetting, match="There is no period 4 of 3"):
        allocate_periods((TV,), Decimal(10), 3, (Flight(("tv",), (4,)),))
    with pytest.raises(BadSetting, match="periods == 0"):
        allocate_periods((TV,), Decimal(10), 0)
    with pytest.raises(BadSetting, match="carry-over is of the channel 'radio'"):
        allocate_periods((TV,), Decimal(10), 2, carry={"radio": Carry()})
    with pytest.raises(BadSetting, match="carry-over of tv"):
        allocate_periods((TV,), Decimal(10), 2, carry={"tv": Carry((0.5, -0.5))})
    with pytest.raises(Infeasible, match="period 1 spends at most 10"):
        allocate_periods((TV,), Decimal(100), 2, (PeriodBudget(None, Decimal(10)),))
