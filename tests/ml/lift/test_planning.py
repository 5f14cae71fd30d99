"""What is done before a test, with several at once, and with money."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from ml.lift.case import Treatment
from ml.lift.families import holm, lift_by_cell, lift_by_segment
from ml.lift.lead_lag import lead_lag
from ml.lift.lift import lift_of
from ml.lift.markets import Limits, select_cells, select_markets
from ml.lift.methods import Method
from ml.lift.panel import Panel
from ml.lift.power import moving_blocks, power_of
from ml.lift.predictors import Predictor
from ml.lift.worth import amount_of, worth_of
from validation.panels import days, factor_panel, names, wandering, with_effect
from warehouse.errors import BadSetting, CausewayError, NotEnoughData

START = days(61)[-1]


def past(panel: Panel) -> Panel:
    return Panel(panel.units, panel.times[:60], panel.values[:, :60])


def test_nulls_do_not_know_their_test() -> None:
    generator = np.random.default_rng(1)
    for _ in range(200):
        order = moving_blocks(60, 14, generator)
        before, test = order[:46], order[46:]
        assert (np.diff(test) == 1).all()
        assert not set(before) & set(test)
        assert (np.diff(before) == 1).mean() > 0.7


def test_power_is_what_tests_then_have() -> None:
    """Of 40 tests with the effect that each says it finds four times of five, chance leaves 23 to 39 found."""
    found = 0
    for seed in range(40):
        whole = factor_panel(seed)
        planned = power_of(past(whole), ("m00",), 14, simulations=40, seed=seed)
        assert planned.at(planned.mde) >= 0.8 - 1e-9
        assert planned.at(0) == planned.false_positives
        values = whole.values.copy()
        values[0, 60:] *= 1 + planned.mde
        found += lift_of(Panel(whole.units, whole.times, values), Treatment(("m00",), START)).is_proven
    assert 23 <= found <= 39


def test_power_without_control() -> None:
    planned = power_of(factor_panel(1), ("m00",), 14, method=Method("its"), simulations=20)
    assert 0 < planned.mde < 1
    with pytest.raises(BadSetting, match="no simulation for holdout"):
        power_of(factor_panel(1), ("m00",), 14, method=Method("holdout"))
    with pytest.raises(BadSetting, match="with predictors"):
        power_of(factor_panel(1), ("m00",), 14, method=Method(predictors=(Predictor("outcome"),)))
    with pytest.raises(NotEnoughData, match="too short for a test of 60"):
        power_of(factor_panel(1), ("m00",), 60)
    with pytest.raises(BadSetting, match="target == 1"):
        power_of(factor_panel(1), ("m00",), 14, target=1)


def test_markets_are_chosen_within_limits() -> None:
    limits = Limits(("m01",), ("m02",), ("m03", "m04"), cost=Decimal(10))
    designs = select_markets(factor_panel(3), [1, 2], 14, limits, simulations=20)
    for design in designs:
        assert "m02" in design.power.treated
        assert not {"m01", "m03", "m04"} & set(design.power.treated)
        assert design.cost == pytest.approx(Decimal(10) * Decimal(design.incremental), abs=Decimal("0.01"))
    assert [design.power.mde for design in designs] == sorted(design.power.mde for design in designs)
    dear = max(design.cost for design in designs if design.cost)
    within = Limits(("m01",), ("m02",), ("m03", "m04"), dear - 1, Decimal(10))
    assert len(select_markets(factor_panel(3), [1, 2], 14, within, simulations=20)) < len(designs)


@pytest.mark.parametrize(
    ("limits", "sizes", "words"),
    [
        (Limits(budget=Decimal(1), cost=Decimal(10)), [1], "finds its smallest effect within 1"),
        (Limits(most_share=0.01), [1], "at most 1% of the outcome"),
        (Limits(), [19], "leaves two others"),
        (Limits(excluded=("m99",)), [1], "no market 'm99'"),
    ],
)
def test_limits_that_nothing_keeps_to(limits: Limits, sizes: list[int], words: str) -> None:
    with pytest.raises(CausewayError) as refused:
        select_markets(factor_panel(3), sizes, 14, limits, simulations=20)
    assert words in str(refused.value)


def test_cells_share_no_market() -> None:
    cells = select_cells(factor_panel(3), 3, 2, 14, Limits(), simulations=20)
    treated = [name for cell in cells for name in cell.power.treated]
    assert len(set(treated)) == 6
    with pytest.raises(BadSetting, match="not for 10"):
        select_cells(factor_panel(3), 10, 2, 14, Limits(most_share=1.0), simulations=20)


def test_cells_are_measured_beside_each_other() -> None:
    panel = with_effect(with_effect(factor_panel(5), ("m00", "m01"), START, 9.0), ("m02",), START, 2.0)
    cells = {"high": Treatment(("m00", "m01"), START), "low": Treatment(("m02",), START)}
    family = lift_by_cell(panel, cells)
    high, low = (member.found for member in family.members)
    assert high is not None
    assert low is not None
    assert "m02" not in high.weights
    assert not {"m00", "m01"} & set(low.weights)
    assert [member.p_value for member in family.members] == pytest.approx(holm([high.p_value, low.p_value]))
    (contrast,) = family.contrasts
    assert contrast.difference.estimate == pytest.approx(high.att.estimate - low.att.estimate)
    assert contrast.difference.low > 0
    with pytest.raises(BadSetting, match="two cells"):
        lift_by_cell(panel, {"a": Treatment(("m00",), START), "b": Treatment(("m00",), START)})


def test_a_segment_that_is_too_thin_says_so() -> None:
    good = with_effect(factor_panel(5), ("m00",), START, 9.0)
    still = Panel(good.units, good.times, np.ones_like(good.values))
    family = lift_by_segment({"new": good, "returning": still}, Treatment(("m00",), START))
    new, returning = family.members
    assert new.found is not None
    assert new.p_value == new.found.p_value
    assert (returning.found, returning.p_value) == (None, None)
    assert "in every period before treatment" in returning.refusal
    assert family.contrasts == ()


def test_holm_adjusts_in_steps() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]).size == 0


def test_what_leads_is_seen_and_called_an_exploration() -> None:
    generator = np.random.default_rng(1)
    ads = wandering(generator, (300,), 0.5)
    sales = np.concatenate([np.zeros(2), 0.8 * ads[:-2]]) + 0.5 * generator.standard_normal(300)
    found = lead_lag(np.cumsum(ads), np.cumsum(sales), 7)
    assert found.lags[int(np.abs(found.correlations).argmax())] == 2
    assert found.leads < 1e-6
    assert found.follows > 0.01
    assert found.words.startswith("Exploration")


def test_independent_series_lead_each_other_as_chance_has_it() -> None:
    beyond, leads = 0, 0
    for seed in range(100):
        one, other = np.cumsum(wandering(np.random.default_rng(seed), (2, 200), 0.6), axis=1)
        found = lead_lag(one, other, 7)
        beyond += bool((np.abs(found.correlations) > found.band).any())
        leads += found.leads < 0.05
    assert beyond <= 12
    assert leads <= 12


def test_series_that_tell_nothing() -> None:
    moving = np.random.default_rng(1).normal(size=100)
    with pytest.raises(NotEnoughData, match="too few to look 14"):
        lead_lag(moving, moving)
    with pytest.raises(NotEnoughData, match="does not move"):
        lead_lag(np.ones(100), moving, 3)
    with pytest.raises(BadSetting, match="the other 50"):
        lead_lag(moving, moving[:50], 3)
    with pytest.raises(BadSetting, match="most == 0"):
        lead_lag(moving, moving, 0)


def test_money_by_effect() -> None:
    panel = with_effect(factor_panel(5, noise=0.3), ("m00",), START, 6.0)
    found = lift_of(panel, Treatment(("m00",), START))
    worth = worth_of(found, Decimal(840), value=Decimal("2.5"))
    assert worth.cost == pytest.approx(840 / found.incremental.estimate)
    assert worth.cost_low == pytest.approx(840 / found.incremental.high)
    assert worth.iroas.low == pytest.approx(2.5 * found.incremental.low / 840)
    lost = lift_of(with_effect(factor_panel(5, noise=0.3), ("m00",), START, -6.0), Treatment(("m00",), START))
    assert (worth_of(lost, Decimal(1)).cost, worth_of(lost, Decimal(1)).cost_high) == (None, None)
    for spend, value in ((Decimal(0), Decimal(1)), (Decimal(1), Decimal(-1)), (Decimal("NaN"), Decimal(1))):
        with pytest.raises(BadSetting, match="must be above 0"):
            worth_of(found, spend, value=value)
    with pytest.raises(BadSetting, match="no amount"):
        amount_of("spend", "much")


def test_errors_are_of_the_incremental_too() -> None:
    found = lift_of(factor_panel(5), Treatment(names(2), START))
    assert found.incremental_se == pytest.approx(found.se * 2 * 14)
