"""The curve of gains, and the profit that is read off it at any value and cost."""

from __future__ import annotations

import numpy as np
import pytest

from ml.uplift.curve import Point, curve_of, profit_at
from ml.uplift.policy import policy_value, worth_treating
from warehouse.errors import BadSetting


def made(people: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores that are right, and effects that scatter around them."""
    chance = np.random.default_rng(2)
    uplift = chance.uniform(-0.5, 1.0, people)
    return uplift, uplift + chance.normal(0, 1, people)


@pytest.fixture(scope="module")
def curve() -> tuple[Point, ...]:
    return curve_of(*made())


def test_the_best_and_the_rest_are_everybody(curve: tuple[Point, ...]) -> None:
    _, effects = made()
    assert [point.share for point in curve[:2]] == pytest.approx([0.02, 0.04])
    for point in curve:
        assert point.gain.estimate + point.rest.estimate == pytest.approx(effects.mean(), abs=1e-9)
    assert curve[-1].rest.estimate == 0
    assert list(curve) == sorted(curve, key=lambda point: -point.least)


@pytest.mark.parametrize("cost", [0.0, 2.0, 10.0, 30.0])
def test_profit_is_the_policys_value(curve: tuple[Point, ...], cost: float) -> None:
    uplift, effects = made()
    exact = policy_value(worth_treating(uplift, value=40.0, cost=cost), effects, value=40.0, cost=cost)
    found = profit_at(curve, value=40.0, cost=cost)
    assert found.share == pytest.approx(exact.share, abs=0.01)
    for name in ("gain", "over_everybody", "everybody"):
        one, other = getattr(found, name), getattr(exact, name)
        assert one.estimate == pytest.approx(other.estimate, abs=0.25 * other.se)
        assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.25)


def test_at_the_ends_nobody_or_everybody_is_treated(curve: tuple[Point, ...]) -> None:
    nobody = profit_at(curve, value=1.0, cost=5.0)
    assert (nobody.share, nobody.gain.estimate) == (0.0, 0.0)
    assert nobody.over_everybody.estimate == pytest.approx(-nobody.everybody.estimate)
    assert "nobody is worth treating" in nobody.words
    uplift, effects = made()
    all_of_them = profit_at(curve_of(uplift + 1, effects + 1), value=1.0, cost=0.0)
    assert (all_of_them.share, all_of_them.over_everybody.estimate) == (1.0, 0.0)
    assert all_of_them.gain == all_of_them.everybody


@pytest.mark.parametrize(("value", "cost"), [(0.0, 1.0), (-1.0, 0.0), (1.0, -1.0), (float("nan"), 0.0)])
def test_amounts_that_mean_nothing_are_refused(curve: tuple[Point, ...], value: float, cost: float) -> None:
    with pytest.raises(BadSetting):
        profit_at(curve, value=value, cost=cost)
    with pytest.raises(BadSetting):
        profit_at((), value=1.0, cost=0.0)
