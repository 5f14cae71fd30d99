"""Extra money, the least money for a goal, and where money stops to pay."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ml.budget.channels import Channel
from ml.budget.goals import break_even, extra_money, least_money
from ml.budget.plan import allocate
from ml.budget.rules import Bounds
from tests.ml.budget.made import CHANNELS, SEARCH, TV
from warehouse.errors import BadSetting, Infeasible


def test_extra_money_takes_nothing_away() -> None:
    plan = extra_money(CHANNELS, Decimal(20_000))
    assert plan.spent == 120_000
    assert all(line.proposed >= (line.current or 0) for line in plan.lines)
    assert plan.words[-1].startswith("If today's spends may move too")
    with pytest.raises(BadSetting, match="What search spends today is not known"):
        extra_money((TV, Channel("search", SEARCH.curve)), Decimal(1))


def test_the_least_money_is_just_enough() -> None:
    plan = least_money(CHANNELS, 1_500)
    assert plan.objective >= 1_500
    assert allocate(CHANNELS, plan.spent - Decimal(5)).bound < 1_500
    assert "no plan does it for less than" in plan.words[0]
    with pytest.raises(Infeasible, match=r"No money brings 5,000: at most 2,427"):
        least_money(CHANNELS, 5_000)
    with pytest.raises(Infeasible, match="No money brings 2,000"):
        least_money(CHANNELS, 2_000, (Bounds((), None, Decimal(50_000)),))


def test_at_break_even_the_last_unit_pays_for_itself() -> None:
    plan = break_even(CHANNELS, 100)
    assert plan.shadow_price == pytest.approx(0.01, rel=1e-3)
    profit = 100 * plan.objective - float(plan.spent)
    for budget in (plan.spent - 3_000, plan.spent + 3_000):
        assert 100 * allocate(CHANNELS, budget).objective - float(budget) < profit
    with pytest.raises(Infeasible, match="No spend pays for itself"):
        break_even((SEARCH,), 1e-3)
