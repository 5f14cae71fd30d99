from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from ml.lift.augmented import AugmentedControl
from ml.lift.case import Treatment, case_of
from ml.lift.did import MatchedDifference
from ml.lift.lift import lift_of
from ml.lift.methods import Method
from ml.lift.panel import Panel
from ml.lift.predictors import Predictor, PredictorControl, _Search, with_predictors
from ml.lift.sdid import SyntheticDifference
from ml.lift.synthetic import Estimator, SyntheticControl, root_mean_square
from validation.panels import days, factor_panel, with_effect
from warehouse.errors import BadSetting, CausewayError, NotEnoughData

START = days(61)[-1]
GOOD = Treatment(("m00",), START)


def mixed(noise: float = 1e-9) -> Panel:
    """The treated market is half of one and half of another market, and twenty above."""
    panel = factor_panel(2)
    values = panel.values.copy()
    values[0] = (values[3] + values[7]) / 2 + 20 + noise * np.random.default_rng(1).standard_normal(values.shape[1])
    return with_effect(Panel(panel.units, panel.times, values), ("m00",), START, 3.0)


@pytest.mark.parametrize(
    "estimator", [SyntheticControl("path"), AugmentedControl("path", penalty=1e-3), SyntheticDifference()]
)
def test_a_mixture_of_markets_is_found(estimator: Estimator) -> None:
    case = case_of(mixed(0.01), GOOD)
    found = estimator.fit(case)
    heavy = {case.donor_units[place] for place in np.argsort(-found.weights)[:2]}
    assert heavy == {"m03", "m07"}
    assert (case.outcome - found.series)[60:].mean() == pytest.approx(3.0, abs=0.6)
    assert found.weights.sum() == pytest.approx(1)


def test_levels_beyond_all_others_are_matched_by_path_only() -> None:
    case = case_of(mixed(0.01), GOOD)
    gaps = {
        match: root_mean_square((case.outcome - SyntheticControl(match).fit(case).series)[:60])
        for match in ("level", "path")
    }
    assert gaps["path"] < 0.1 < gaps["level"]


def test_augmenting_does_not_fit_worse() -> None:
    case = case_of(factor_panel(9), GOOD)
    plain, augmented = (
        root_mean_square((case.outcome - estimator.fit(case).series)[:60])
        for estimator in (SyntheticControl("path"), AugmentedControl("path"))
    )
    assert augmented <= plain
    settled = AugmentedControl("path").settled(case)
    assert settled.penalty is not None
    assert settled.fit(case).weights == pytest.approx(AugmentedControl("path").fit(case).weights)
    heavily = replace(settled, penalty=1e9).fit(case).weights
    assert heavily == pytest.approx(SyntheticControl("path").fit(case).weights, abs=1e-6)


def test_differences_weigh_the_nearest_alike() -> None:
    case = case_of(mixed(0.01), GOOD)
    weights = MatchedDifference().fit(case).weights
    kept = weights[weights > 0]
    assert kept == pytest.approx(np.full(kept.size, 1 / kept.size))
    assert {case.donor_units[place] for place in np.flatnonzero(weights)} >= {"m03", "m07"} or kept.size == 1


def test_the_history_decides_what_is_matched() -> None:
    panel = factor_panel(1)
    case = case_of(panel, GOOD)
    assert Method().matched(case) == "path"
    assert Method().matched(case.earlier(24, 5)) == "level"
    assert Method(match="level").matched(case) == "level"


def test_the_slope_of_the_search_is_that_of_its_loss() -> None:
    case = case_of(factor_panel(4), GOOD)
    generator = np.random.default_rng(1)
    case = replace(case, treated_traits=generator.normal(size=4) * 3, donor_traits=generator.normal(size=(19, 4)))
    search = _Search(case, 0, 60)
    logs = generator.normal(size=4)
    slope = search._loss(logs)[1]
    steps = 1e-6 * np.eye(4)
    numeric = [(search._loss(logs + step)[0] - search._loss(logs - step)[0]) / 2e-6 for step in steps]
    assert slope == pytest.approx(numeric, rel=1e-3, abs=1e-4)


def traits_panel(**traits: np.ndarray) -> Panel:
    panel = factor_panel(3)
    return Panel(panel.units, panel.times, panel.values, traits)


@pytest.mark.parametrize(
    ("predictor", "error", "words"),
    [
        (Predictor("price"), BadSetting, "no column 'price'"),
        (Predictor("income", days(50)[-1], days(70)[-1]), BadSetting, "does not lie before treatment"),
        (Predictor("income", days(9)[-1], days(8)[-1]), BadSetting, "does not lie before treatment"),
        (Predictor("income", 3, 4), BadSetting, "written like"),
        (Predictor("unknown"), NotEnoughData, "Nothing is known of unknown of m05"),
        (Predictor("same"), NotEnoughData, "is the same in all markets"),
    ],
)
def test_predictors_that_tell_nothing(predictor: Predictor, error: type[CausewayError], words: str) -> None:
    income = np.random.default_rng(1).normal(size=(20, 74))
    unknown = income.copy()
    unknown[5] = np.nan
    panel = traits_panel(income=income, unknown=unknown, same=np.ones((20, 74)))
    with pytest.raises(error) as refused:
        with_predictors(case_of(panel, GOOD), panel, [predictor])
    assert words in str(refused.value)


def test_means_leave_out_what_is_not_known() -> None:
    income = np.random.default_rng(1).normal(size=(20, 74))
    income[:, ::2] = np.nan
    panel = traits_panel(income=income)
    case = with_predictors(case_of(panel, GOOD), panel, [Predictor("income"), Predictor("outcome", days(1)[0])])
    expected = np.nanmean(income[:, :60], axis=1)
    assert case.donor_traits[:, 0] == pytest.approx(expected[1:] / expected.std(ddof=1))
    with pytest.raises(BadSetting, match="none is given"):
        PredictorControl(0, 60).fit(case_of(panel, GOOD))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": "magic"}, "There are: synthetic"),
        ({"inference": "luck"}, "It takes placebo or conformal"),
        ({"name": "its", "inference": "placebo"}, "has one of its own"),
        ({"name": "did", "predictors": (Predictor("a"),)}, "does not match predictors"),
        ({"fitted": (1, 2)}, "no predictor"),
        ({"match": "size"}, "must be level or path"),
        ({"search": "lucky"}, "must be global or descent"),
        ({"washout": 3}, "Only switchback does"),
        ({"name": "sdid", "match": "path"}, "no choice of what to match"),
        ({"predictors": (Predictor("a"),), "match": "path"}, "with predictors has no choice"),
    ],
)
def test_what_a_method_does_not_use_is_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Method(**settings)  # type: ignore[arg-type]
    assert words in str(refused.value)


def test_the_window_of_the_outcome_lies_before_treatment() -> None:
    panel = traits_panel(income=np.random.default_rng(1).normal(size=(20, 74)))
    late = Method(predictors=(Predictor("income"),), fitted=(days(5)[-1], days(65)[-1]))
    with pytest.raises(BadSetting, match="not all before treatment"):
        lift_of(panel, GOOD, late)


def statuses(panel: Panel, treatment: Treatment = GOOD, **settings: object) -> dict[str, str]:
    found = lift_of(panel, treatment, Method(**settings))  # type: ignore[arg-type]
    return {check.name: check.status for check in found.checks}


def test_checks_are_green_where_all_is_well() -> None:
    told = statuses(with_effect(factor_panel(14, noise=0.3), ("m00",), START, 4.0))
    assert {told[name] for name in ("pre-fit", "history", "placebo-in-time", "leave-one-out")} == {"green"}


def test_checks_say_what_is_wrong() -> None:
    panel = factor_panel(10)
    odd = panel.values.copy()
    odd[0] = 50 + 10 * np.random.default_rng(2).standard_normal(74)
    assert statuses(Panel(panel.units, panel.times, odd))["pre-fit"] == "red"
    drifts = panel.values.copy()
    drifts[0, 40:] += 25
    assert statuses(Panel(panel.units, panel.times, drifts))["placebo-in-time"] in {"amber", "red"}
    copied = panel.values.copy()
    copied[0] = copied[4] + 0.01 * np.random.default_rng(2).standard_normal(74)
    copied[0, 60:] += 9
    told = statuses(Panel(panel.units, panel.times, copied))
    assert told["concentration"] == "amber"
    late = Treatment(("m00",), days(31)[-1])
    assert statuses(panel, late)["history"] == "red"
    missing = tuple(day for day in days(76) if day not in {dt.date(2026, 1, 20), dt.date(2026, 1, 21)})
    assert statuses(Panel(panel.units, missing, panel.values))["calendar"] == "amber"


def test_a_proven_effect_that_hangs_on_one_market_is_red() -> None:
    generator = np.random.default_rng(3)
    common = np.cumsum(generator.standard_normal(74))
    values = generator.normal(0, 3, (20, 74)) + 50
    values[0], values[1] = 50 + common, 50 + common + 0.1 * generator.standard_normal(74)
    values[0, 60:] += 1.5
    values[2:, 60:] += 8  # all but the twin move up with treatment
    found = lift_of(Panel(factor_panel(1).units, days(74), values), GOOD)
    assert found.is_proven
    assert {check.name: check.status for check in found.checks}["leave-one-out"] == "red"
    assert found.status == "red"
