"""Two objectives, and what came of a plan."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ml.budget.frontier import frontier
from ml.budget.plan import allocate
from ml.budget.realised import budget_allocation_efficiency, realised
from ml.budget.rules import Bounds
from tests.ml.budget.made import CHANNELS
from warehouse.errors import BadSetting

BUDGET = Decimal(100_000)
MARGIN = {"tv": 0.2, "search": 0.6, "social": 0.5, "radio": 0.9}


def test_no_point_is_beaten() -> None:
    points = frontier(CHANNELS, BUDGET, {}, MARGIN, points=5)
    assert len(points) == 5
    assert [each.first for each in points] == sorted((each.first for each in points), reverse=True)
    assert [each.second for each in points] == sorted(each.second for each in points)
    assert points[0].first == pytest.approx(allocate(CHANNELS, BUDGET).objective, rel=1e-6)
    assert points[-1].second == pytest.approx(allocate(CHANNELS, BUDGET, weights=MARGIN).objective, rel=1e-5)
    for point in points:
        assert sum(point.spends.values()) == pytest.approx(100_000)
        assert point.spends["tv"] >= 10_000 - 1e-6


def test_each_point_is_the_best_for_what_it_keeps() -> None:
    points = frontier(CHANNELS, BUDGET, {}, MARGIN, points=3)
    for weight in (0.5, 2.0, 5.0):
        mixed = {name: 1 + weight * worth for name, worth in MARGIN.items()}
        most = allocate(CHANNELS, BUDGET, weights=mixed).bound
        assert all(point.first + weight * point.second <= most * (1 + 1e-6) for point in points)


def test_a_frontier_needs_room() -> None:
    with pytest.raises(BadSetting, match="points == 1"):
        frontier(CHANNELS, BUDGET, {}, MARGIN, points=1)
    with pytest.raises(BadSetting, match="no room for the whole budget"):
        frontier(CHANNELS, BUDGET, {}, MARGIN, (Bounds((), None, Decimal(20_000)),))


def test_what_came_is_held_against_what_was_predicted() -> None:
    assert realised(100, 80, 120, 90).kept
    assert realised(100, 80, 120, 70).words == "70 came of 100 predicted (80 to 120): less than predicted."
    assert not realised(100, 80, 120, 121).kept
    with pytest.raises(BadSetting, match="is not between"):
        realised(100, 110, 120, 121)
    assert budget_allocation_efficiency(150.0, Decimal(100)) == 0.5
    with pytest.raises(BadSetting, match="spend == 0"):
        budget_allocation_efficiency(150.0, Decimal(0))
