"""A test that was designed finds what it was designed to find, as often as it was to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.experiments.contrast import Quantity, level_of
from ml.experiments.duration import History, detectable_by_day, duration, history_of, steady_history
from ml.experiments.moments import Moments
from ml.experiments.power import (
    Rule,
    Sizes,
    half_width,
    minimum_detectable_effect,
    power,
    sample_size,
    units_for_width,
)
from tests.ml.experiments.made import COLUMNS, buyers
from warehouse.errors import BadSetting, NotEnoughData

RULES = [Rule("fixed"), Rule("sequential"), Rule("group", looks=5), Rule("fixed", 0.9, 0.9, comparisons=3)]


def test_a_fixed_horizon_is_the_textbooks() -> None:
    """(1.959964 + 0.841621)^2 x 2 x (1 / 0.1)^2 a group."""
    assert Rule("fixed").drift == pytest.approx(2.801585, abs=1e-4)
    assert sample_size(0.1, Sizes(1.0), Rule("fixed")) == pytest.approx(2 * 1_569.78, abs=2)
    assert sample_size(0.1, Sizes(1.0, 0.1, 0.9), Rule("fixed")) == pytest.approx(784.89 / 0.09, rel=1e-3)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.method)
@given(effect=st.floats(0.01, 2.0), sd=st.floats(0.1, 50.0), share=st.floats(0.05, 0.95))
def test_each_follows_from_the_others(rule: Rule, effect: float, sd: float, share: float) -> None:
    sizes = Sizes(sd, share, 1 - share)
    units = sample_size(effect, sizes, rule)
    assert power(effect, max(units, 2), sizes, rule) >= rule.power - 1e-6
    if units > 100:
        assert power(effect, units, sizes, rule) == pytest.approx(rule.power, abs=0.01)
        assert minimum_detectable_effect(units, sizes, rule) == pytest.approx(effect, rel=0.01)
        wide = half_width(units, sizes, rule)
        assert units_for_width(wide, sizes, rule) == pytest.approx(units, abs=1)


@pytest.mark.parametrize("rule", RULES[:3], ids=lambda rule: rule.method)
def test_power_is_what_was_designed(rule: Rule) -> None:
    generator, tests, per_look = np.random.default_rng(4), 1_500, 60
    looks = rule.times.size
    effect = minimum_detectable_effect(2 * per_look * looks, Sizes(1.0), rule)
    steps = generator.standard_normal((2, tests, looks, per_look)).sum(axis=3).cumsum(axis=2)
    n = per_look * np.arange(1, looks + 1)
    z = (steps[0] / n + effect - steps[1] / n) / np.sqrt(2 / n)
    found = np.abs(z) > rule.critical
    error = np.sqrt(0.8 * 0.2 / tests)
    assert found.any(axis=1).mean() == pytest.approx(rule.power, abs=3 * error)
    stopped = np.where(found.any(axis=1), found.argmax(axis=1) + 1, looks) / looks
    assert stopped.mean() == pytest.approx(rule.part_needed(rule.drift), abs=0.03)


def test_covariates_save_units() -> None:
    units = Moments.of(COLUMNS, buyers(np.random.default_rng(1), 4_000))
    plain = level_of(units, Quantity("spend"))
    adjusted = level_of(units, Quantity("spend"), [Quantity("before"), Quantity("visits")])
    assert plain.explained == 0
    assert plain.variance == pytest.approx(units.variance("spend"))
    assert adjusted.variance == pytest.approx(plain.variance * (1 - adjusted.explained))
    assert 0.02 < adjusted.explained < 0.6
    ratio = level_of(units, Quantity("spend", "orders"))
    assert ratio.level == pytest.approx(units.mean("spend") / units.mean("orders"))
    with pytest.raises(NotEnoughData, match="orders does not vary"):
        level_of(Moments.of(["orders"], np.ones((5, 1))), Quantity("orders"))


def test_days_are_worth_less_when_they_are_alike() -> None:
    alone = steady_history(28, [100], 1.0, 4.0)
    alike = steady_history(28, [100], 1.0, 4.0, [0.5])
    sizes, rule = Sizes(1.0), Rule("fixed")
    assert (alone.units == 100 * np.arange(1, 29)).all()
    assert alone.levels[-1] == pytest.approx(14.5)  # of a unit that came in the middle
    found, other = detectable_by_day(alone, sizes, rule), detectable_by_day(alike, sizes, rule)
    assert (np.diff(found) < 0).all()
    assert (other[1:] > found[1:]).all()
    assert other[0] == found[0]


def test_the_variance_of_a_sum_of_days_is_that_of_the_days() -> None:
    """Everybody comes on the first day; days of a unit are an autoregression with a lasting part."""
    generator, units, days = np.random.default_rng(2), 20_000, 10
    lasting = generator.standard_normal(units) * np.sqrt(0.3)
    each = lasting[:, None] + generator.standard_normal((units, days)) * np.sqrt(0.7)
    history = steady_history(days, [units] + [0] * (days - 1), 1.0, 1.0, [0.3])
    assert history.units.tolist() == [units] * days
    assert history.variances == pytest.approx(each.cumsum(axis=1).var(axis=0), rel=0.05)


def test_duration_and_effect_follow_from_each_other() -> None:
    history, sizes, rule = steady_history(60, [500, 300, 200], 2.0, 9.0, [0.3, 0.2]), Sizes(1.0), Rule()
    found = detectable_by_day(history, sizes, rule)
    assert duration(float(found[20]), history, sizes, rule) == 21
    assert duration(float(found[20]) * 0.999, history, sizes, rule) == 28
    assert duration(float(found[16]), history, sizes, rule, whole=1) == 17
    with pytest.raises(NotEnoughData, match="60 days do not find an effect of 0.01%"):
        duration(0.0001, history, sizes, rule)
    with pytest.raises(NotEnoughData, match="level is not above 0"):
        detectable_by_day(replace(history, levels=0 * history.levels), sizes, rule)


def test_a_history_of_what_units_did() -> None:
    generator = np.random.default_rng(3)
    windows = [Moments.of(COLUMNS, buyers(generator, 100 * day)) for day in range(1, 15)]
    history = history_of(windows, Quantity("spend"), [Quantity("before")])
    assert history.units[-1] == 1_400
    assert history.variances[-1] == level_of(windows[-1], Quantity("spend"), [Quantity("before")]).variance


def test_what_is_no_design_is_refused() -> None:
    with pytest.raises(BadSetting, match="no method"):
        Rule("magic")  # type: ignore[arg-type]  # what somebody may write
    for wrong in ({"power": 0.04}, {"power": 1.0}, {"looks": 0}, {"comparisons": 0}, {"level": 1.5}):
        with pytest.raises(BadSetting):
            Rule(**wrong)
    with pytest.raises(BadSetting, match="sd == 0"):
        Sizes(0.0)
    with pytest.raises(BadSetting, match="at most 1 together"):
        Sizes(1.0, 0.8, 0.5)
    with pytest.raises(BadSetting, match="must not be 0"):
        sample_size(0.0, Sizes(1.0), Rule())
    with pytest.raises(BadSetting, match="must be above 0"):
        units_for_width(0.0, Sizes(1.0), Rule())
    with pytest.raises(BadSetting, match="2 or more"):
        power(1.0, 1, Sizes(1.0), Rule())
    with pytest.raises(BadSetting, match="must not become fewer"):
        History(np.array([2.0, 1.0]), np.ones(2), np.ones(2))
    with pytest.raises(BadSetting, match="each of its days"):
        History(np.array([2.0]), np.ones(2), np.ones(2))
    with pytest.raises(BadSetting, match="from -1 to 1"):
        steady_history(5, [10], 1.0, 1.0, [2.0])
    with pytest.raises(BadSetting, match="leave no variance"):
        steady_history(20, [10] + [0] * 19, 1.0, 1.0, [-0.9])
    with pytest.raises(BadSetting, match="days, and units"):
        steady_history(5, [0], 1.0, 1.0)
