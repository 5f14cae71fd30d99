"""Plans are carried out in the world that they were made for, and the best is found in it."""

from __future__ import annotations

import pytest

from ml.mix.results import Estimate
from validation import plans
from validation.lived_weeks import lived_weeks


def test_a_plan_is_kept_where_what_came_lies_in_its_interval() -> None:
    said = Estimate(100.0, 50.0, 150.0)
    assert plans.CarriedOut(said, 60.0).kept
    assert not plans.CarriedOut(said, 40.0).kept


@pytest.fixture(scope="module")
def quarter() -> plans.LivedOn:
    return plans.LivedOn(lived_weeks(None, seed=2, customers=600, weeks=30).world)


def test_a_plan_moves_money_and_is_lived_in_the_same_world(quarter: plans.LivedOn) -> None:
    assert quarter.brings({}) == quarter.brings(dict.fromkeys(quarter.today, 1.0))
    assert quarter.brings({"paid_social": 0.7}) != quarter.brings({})
    spends = quarter.spends()
    assert all(spends[name].shape == (plans.AHEAD,) for name in quarter.today)
    assert sum(spends[name].mean() for name in quarter.today) == pytest.approx(sum(quarter.today.values()), rel=0.8)


def test_a_split_keeps_the_money_and_the_bounds(quarter: plans.LivedOn) -> None:
    curves = {name: quarter.curve(name, quarter.brings({})) for name in ("shopping", "paid_social")}
    split = plans.split(quarter.today, curves)
    assert all(1 - plans.CHANGE - 1e-3 <= factor <= 1 + plans.CHANGE + 1e-3 for factor in split.values())
    spent = sum(quarter.today[name] * factor for name, factor in split.items())
    assert spent == pytest.approx(sum(quarter.today[name] for name in split), rel=1e-3)
