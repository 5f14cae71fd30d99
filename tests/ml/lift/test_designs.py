"""Designs that need no synthetic control: forecasts, hold-outs, switchbacks, going dark."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ml.lift.case import Treatment
from ml.lift.forecast import calendar, forecast
from ml.lift.lift import lift_of, switchback_lift
from ml.lift.methods import Method
from ml.lift.panel import Floats, Panel
from ml.lift.randomisation import randomisation_inference
from ml.lift.switchback import settled, switchback
from validation.panels import days, factor_panel, names, wandering, with_effect
from warehouse.errors import BadSetting, NotEnoughData

START = days(61)[-1]


def series(seed: int, periods: int, persistence: float) -> Floats:
    generator = np.random.default_rng(seed)
    week = np.array([3, 0, -1, 0, 1, 4, 6.0])[np.arange(periods) % 7]
    return 100 + 0.1 * np.arange(periods) + week + 2 * wandering(generator, (periods,), persistence)


@pytest.mark.parametrize("persistence", [0.0, 0.6, 0.95])
def test_forecasts_hold_what_comes(persistence: float) -> None:
    held = 0
    for seed in range(40):
        values = series(seed, 98, persistence)
        found = forecast(values, days(98), 84)
        held += found.quantile(0.05) <= values[84:].mean() <= found.quantile(0.95)
    assert held >= 30


def test_a_forecast_without_noise_is_exact() -> None:
    values = series(1, 70, 0.0) - 2 * wandering(np.random.default_rng(1), (70,), 0.0)
    values += 1e-6 * np.random.default_rng(2).standard_normal(70)
    found = forecast(values, days(70), 56)
    assert found.mean == pytest.approx(values, abs=1e-4)
    assert found.below(found.quantile(0.3)) == pytest.approx(0.3)


def test_forecasts_grow_less_sure() -> None:
    found = forecast(series(3, 90, 0.95), days(90), 60)
    assert found.errors[89] > 1.2 * found.errors[61]


@pytest.mark.parametrize(
    ("times", "columns"),
    [
        (days(60), 8),
        (tuple(dt.date(2020 + month // 12, month % 12 + 1, 1) for month in range(60)), 13),
        (tuple(dt.date(2023, 1, 2) + dt.timedelta(weeks=week) for week in range(160)), 6),
        (tuple(range(60)), 2),
    ],
)
def test_calendars_are_those_of_the_periods(times: tuple[dt.date | int, ...], columns: int) -> None:
    assert calendar(times, len(times) - 5).shape == (len(times), columns)


def test_too_short_a_past_is_no_forecast() -> None:
    with pytest.raises(NotEnoughData, match="would be a guess"):
        forecast(np.arange(20.0), tuple(range(20)), 12)


def test_an_effect_without_control() -> None:
    panel = with_effect(Panel(("all",), days(98), series(5, 98, 0.3)[None]), ("all",), days(85)[-1], 6.0)
    found = lift_of(panel, Treatment(("all",), days(85)[-1]), Method("its"))
    assert found.att.low < 6 < found.att.high
    assert found.p_value < 0.01
    assert found.weights == {}
    assert found.checks[0].name == "control"
    assert found.status == "amber"


def test_going_dark_tells_what_ads_bring() -> None:
    panel = with_effect(factor_panel(8, noise=0.3), ("m00",), START, -5.0)
    treatment = Treatment(("m00",), START)
    dark, plain = lift_of(panel, treatment, Method("go_dark")), lift_of(panel, treatment)
    assert dark.att.estimate == pytest.approx(-plain.att.estimate)
    assert (dark.att.low, dark.att.high) == pytest.approx((-plain.att.high, -plain.att.low))
    assert dark.incremental.estimate == pytest.approx(14 * dark.att.estimate)
    assert dark.lift.estimate == pytest.approx(dark.att.estimate / plain.counterfactual[60:].mean())
    alone = Panel(("all",), days(98), series(5, 98, 0.3)[None])
    assert lift_of(alone, Treatment(("all",), days(85)[-1]), Method("go_dark")).inference == "forecast"


def holdout_panel(seed: int, effect: float, markets: int = 24) -> tuple[Panel, tuple[str, ...]]:
    """Chance treats half of the markets, whose sizes differ a lot."""
    generator = np.random.default_rng(seed)
    size = np.exp(generator.normal(4, 1, (markets, 1)))
    values = size * (1 + 0.1 * generator.standard_normal((markets, 1))) + np.sqrt(size) * generator.standard_normal(
        (markets, 40)
    )
    treated = tuple(sorted(generator.permutation(names(markets))[: markets // 2].tolist()))
    panel = Panel(names(markets), days(40), values)
    return with_effect(panel, treated, days(31)[-1], effect), treated


def test_hold_outs_hold_the_truth() -> None:
    held = 0
    for seed in range(40):
        panel, treated = holdout_panel(seed, 2.0)
        att = lift_of(panel, Treatment(treated, days(31)[-1]), Method("holdout")).att
        held += att.low <= 2.0 <= att.high
    assert held >= 30


def test_a_hold_out_needs_markets_on_both_sides() -> None:
    with pytest.raises(NotEnoughData, match="needs 3 or more of both"):
        lift_of(factor_panel(1), Treatment(("m00", "m01"), START), Method("holdout"))
    empty = Panel(names(8), days(74), np.pad(factor_panel(1).values[:8, 60:], ((0, 0), (60, 0))))
    empty.values[0, :60] = -np.arange(60)
    with pytest.raises(NotEnoughData, match="sold anything"):
        lift_of(empty, Treatment(names(4), START), Method("holdout"))


def switched(seed: int, effect: float, lingers: bool = False) -> tuple[Panel, np.ndarray]:
    """Two markets that chance switches together, in blocks of three days."""
    generator = np.random.default_rng(seed)
    on = np.repeat(generator.permutation(np.arange(28) % 2), 3).astype(np.bool_)
    values = np.vstack([series(seed, 84, 0.5), 2 * series(seed + 100, 84, 0.5)])
    treated = effect * on.astype(float)
    if lingers:
        treated[1:] = 0.5 * treated[1:] + 0.5 * treated[:-1]
    return Panel(("a", "b"), days(84), values + treated), np.vstack([on, on])


def test_switchbacks_hold_the_truth() -> None:
    held = 0
    for seed in range(40):
        panel, on = switched(seed, 3.0)
        att = switchback_lift(panel, on, Method("switchback")).att
        held += att.low <= 3.0 <= att.high
    assert held >= 30


def test_a_washout_leaves_out_what_lingers() -> None:
    without, with_ = [], []
    for seed in range(10):
        panel, on = switched(seed, 10.0, lingers=True)
        without.append(switchback_lift(panel, on, Method("switchback")).att.estimate)
        with_.append(switchback_lift(panel, on, Method("switchback", washout=1)).att.estimate)
    assert np.mean(without) < 9.5
    assert np.mean(with_) == pytest.approx(10, abs=0.7)


def test_what_is_no_switchback() -> None:
    panel, on = switched(1, 0.0)
    assert switchback(panel.values, on, panel.times).block == 3
    assert settled(np.array([[False, True, True, True, False]]), 2).tolist() == [[True, False, False, True, False]]
    with pytest.raises(NotEnoughData, match="never switched"):
        switchback(panel.values, on | True, panel.times)
    with pytest.raises(NotEnoughData, match="nothing is left"):
        switchback(panel.values, on, panel.times, washout=90)
    with pytest.raises(NotEnoughData, match="2 blocks of 42 periods"):
        switchback(panel.values, np.tile(np.arange(84) >= 42, (2, 1)), panel.times)
    with pytest.raises(BadSetting, match="washout == -1"):
        switchback(panel.values, on, panel.times, washout=-1)
    with pytest.raises(BadSetting, match="compares times"):
        lift_of(panel, Treatment(("a",), START), Method("switchback"))


def test_randomisation_is_what_enumeration_finds() -> None:
    """All 20 ways to treat three of six, against the interval that is searched for effect by effect."""
    outcome = np.array([5.0, 9.0, 8.0, 1.0, 2.0, 4.0])
    observed = np.array([True, True, True, False, False, False])

    def effects(assigned: np.ndarray) -> tuple[float, float]:
        picked = observed.astype(float)
        return (
            float(outcome[assigned].mean() - outcome[~assigned].mean()),
            float(picked[assigned].mean() - picked[~assigned].mean()),
        )

    found, p_value = randomisation_inference(observed, lambda g: g.permutation(observed), effects, 0.8)
    ways = {tuple(np.random.default_rng(seed).permutation(observed).tolist()) for seed in range(2000)}
    assert len(ways) == 20

    def p(effect: float) -> float:
        left = outcome - effect * observed
        all_effects = [left[np.array(w)].mean() - left[~np.array(w)].mean() for w in ways]
        own = left[observed].mean() - left[~observed].mean()
        return float(np.mean(np.abs(all_effects) >= abs(own) - 1e-9))

    assert p_value == pytest.approx(p(0.0))
    assert p(found.low + 1e-6) > 0.2 >= p(found.low - 1e-6)
    assert p(found.high - 1e-6) > 0.2 >= p(found.high + 1e-6)
    with pytest.raises(NotEnoughData, match="too few for an interval"):
        randomisation_inference(observed, lambda g: g.permutation(observed), effects, 0.99)
