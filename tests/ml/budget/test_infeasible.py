"""Rules that cannot hold together are named, with the smallest change that would do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ml.budget.plan import allocate
from ml.budget.rules import Bounds, Group, MinimumBuy, OfToday, Roas, Rule, Target
from tests.ml.budget.made import CHANNELS
from warehouse.errors import Infeasible

BUDGET = Decimal(100_000)


def refusal(*rules: Rule) -> Infeasible:
    with pytest.raises(Infeasible) as refused:
        allocate(CHANNELS, BUDGET, rules)
    return refused.value


def test_only_the_rules_of_the_conflict_are_named() -> None:
    told = refusal(
        Bounds(("tv",), Decimal(80_000)),
        Bounds(("search",), OfToday(Decimal("0.5"))),
        Bounds(("radio",), None, Decimal(50_000)),
        Group("air", ("tv", "radio"), low=Decimal(20_000)),
    )
    for rule in ("the budget is 100,000", "tv spends at least 80,000", "search spends at least +50 % of today"):
        assert rule in told.message
    assert "radio" not in told.message
    for change in ("100,000.00 becomes 125,000.00", "80,000.00 becomes 55,000.00", "45,000.00 becomes 20,000.00"):
        assert change in told.remedy


def test_a_group_against_its_channels() -> None:
    told = refusal(Group("air", ("tv", "radio"), high=Decimal(5_000)))
    assert "group air (tv, radio) spends at most 5,000; tv spends at least 10,000" in told.message
    assert "5,000.00 becomes 10,000.00 where group air" in told.remedy


def test_minimum_buys_take_part() -> None:
    rules = (MinimumBuy(("radio",), Decimal(50_000)), Group("radio", ("radio",), low=Decimal(20), high=Decimal(30_000)))
    assert "a minimum buy of 50,000.00" in refusal(*rules).message


def test_outcomes_that_cannot_be_reached() -> None:
    told = refusal(Target(5_000), Bounds(("tv",), None, Decimal(50_000)))
    assert "all channels together bring at least 5,000" in told.message
    assert "ask for at most 1,34" in told.remedy
    assert "for each 1 spent" in refusal(Roas(1.0), Bounds(("tv",), Decimal(20_000))).message
