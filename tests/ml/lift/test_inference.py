"""Intervals hold the truth, and markets without treatment prove nothing, as often as they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.lift.case import Treatment, case_of
from ml.lift.comparison import compare
from ml.lift.conformal import conformal_inference
from ml.lift.lift import lift_of
from ml.lift.methods import INFERENCES, Method
from ml.lift.panel import Panel
from ml.lift.placebo import fewest_placebos, placebo_inference, placebos_of
from ml.lift.results import Inference
from ml.lift.synthetic import SyntheticControl
from validation.panels import days, factor_panel, names, with_effect
from warehouse.errors import BadSetting, NotEnoughData

START = days(61)[-1]


def inferred(panel: Panel, treated: int, method: Method, level: float = 0.9) -> Inference:
    case = case_of(panel, Treatment(names(treated), START))
    return compare(case, method.estimator(case, panel), method, level).inference


@pytest.mark.parametrize(
    ("method", "treated"),
    [
        (Method(), 1), (Method(), 3), (Method(match="level"), 1), (Method("did"), 1), (Method("sdid"), 1),
        (Method(inference="conformal"), 1), (Method("augmented"), 1),
    ],
)  # fmt: skip
def test_intervals_hold_the_truth(method: Method, treated: int) -> None:
    """Of 60 intervals of 90 %, binomial chance leaves 47 or more in 199 of 200 such rounds."""
    held = 0
    for seed in range(60):
        panel = with_effect(factor_panel(seed), names(treated), START, 5.0)
        att = inferred(panel, treated, method).att
        held += att.low <= 5.0 <= att.high
    assert held >= 47


@pytest.mark.parametrize("method", [Method(name, inference=way) for name, ways in INFERENCES.items() for way in ways])
def test_interval_and_p_value_say_the_same(method: Method) -> None:
    for seed in range(8):
        panel = with_effect(factor_panel(seed, noise=0.5), ("m00", "m01"), START, seed / 2)
        found = inferred(panel, 2, method)
        assert (found.p_value > 0.1 + 1e-9) == (found.att.low < 0 < found.att.high)


def test_an_effect_moves_the_interval_along() -> None:
    still, moved = factor_panel(3), with_effect(factor_panel(3), ("m00",), START, 4.0)
    for method in (Method(), Method("did"), Method("sdid"), Method(inference="conformal")):
        one, other = inferred(still, 1, method).att, inferred(moved, 1, method).att
        assert [other.estimate - 4, other.low - 4, other.high - 4] == pytest.approx(
            [one.estimate, one.low, one.high], abs=2e-3
        )


def test_the_scale_of_the_outcome_is_no_matter() -> None:
    panel = factor_panel(4)
    large = replace(panel, values=panel.values * 1e6)
    for method in (Method(), Method("augmented"), Method("sdid"), Method("did"), Method("its")):
        one, other = (lift_of(each, Treatment(("m00",), START), method) for each in (panel, large))
        assert other.att.estimate == pytest.approx(1e6 * one.att.estimate, rel=1e-5)
        assert other.att.low == pytest.approx(1e6 * one.att.low, rel=1e-4)
        assert other.p_value == pytest.approx(one.p_value, abs=1e-6)


def test_placebo_inference_ranks_ratios() -> None:
    """Against the definition, written out."""
    case = case_of(factor_panel(6), Treatment(("m00",), START))
    estimator = SyntheticControl("path")
    found = estimator.fit(case)
    ratios = []
    for donor in range(len(case.donors)):
        other = case.instead(np.array([donor]))
        gap = other.outcome - estimator.fit(other).series
        ratios.append(abs(gap[60:].mean()) / np.sqrt((gap[:60] ** 2).mean()))
    gap = case.outcome - found.series
    ratio = abs(gap[60:].mean()) / np.sqrt((gap[:60] ** 2).mean())
    told = placebo_inference(case, found, placebos_of(case, estimator), 0.9)
    assert told.p_value == pytest.approx((1 + sum(each >= ratio for each in ratios)) / 20)
    half = sorted(ratios)[17] * np.sqrt((gap[:60] ** 2).mean())
    assert told.att.high - told.att.estimate == pytest.approx(half)


def test_conformal_inference_ranks_runs() -> None:
    """The p-value of no effect against the definition, written out."""
    case = case_of(factor_panel(7), Treatment(("m00",), START))
    estimator = SyntheticControl("path")
    told = conformal_inference(case, estimator, estimator.fit(case), 0.9)
    whole = replace(case, before=case.periods)
    errors = whole.outcome - estimator.fit(whole).series
    runs = [abs(np.roll(errors, -shift)[-14:].mean()) for shift in range(74)]
    assert told.p_value == pytest.approx(np.mean(np.array(runs) >= runs[0] * (1 - 1e-9)))


def test_groups_stand_for_several_treated() -> None:
    case = case_of(factor_panel(1, markets=12), Treatment(("m00", "m01"), START))
    groups = placebos_of(case, SyntheticControl("path"))
    assert len(groups.gaps) == 45  # pairs of ten donors
    assert groups.atts.std() < placebos_of(
        case_of(factor_panel(1, markets=12), Treatment(("m00",), START)), SyntheticControl("path")
    ).atts.std()  # fmt: skip


def test_too_few_markets_or_periods_are_said() -> None:
    assert [fewest_placebos(level) for level in (0.8, 0.9, 0.95, 0.99)] == [4, 9, 19, 99]
    panel = factor_panel(1, markets=7)
    assert lift_of(panel, Treatment(("m00",), START)).inference == "conformal"
    with pytest.raises(NotEnoughData, match="6 placebos cannot tell an interval of 90%"):
        lift_of(panel, Treatment(("m00",), START), Method(inference="placebo"))
    with pytest.raises(NotEnoughData, match="4 placebos do not tell"):
        lift_of(factor_panel(1, markets=5), Treatment(("m00",), START), Method("sdid"))
    with pytest.raises(NotEnoughData, match="One treated market cannot be left out"):
        lift_of(panel, Treatment(("m00",), START), Method("sdid", inference="jackknife"))
    with pytest.raises(NotEnoughData, match="74 periods cannot tell an interval of 99%"):
        lift_of(panel, Treatment(("m00",), START), level=0.99)
    with pytest.raises(BadSetting, match="below 1"):
        lift_of(panel, Treatment(("m00",), START), level=1.0)
    short = Panel(panel.units, panel.times[:9], panel.values[:, :9])
    with pytest.raises(NotEnoughData, match="9 periods cannot tell"):
        lift_of(short, Treatment(("m00",), days(9)[-1]))
