"""What treatment brought, by any method, as one result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtrit

from ml.lift.case import Case, Treatment, case_of
from ml.lift.checks import calendar_gaps, checks_of, history
from ml.lift.comparison import compare
from ml.lift.forecast import FEWEST_BEFORE, Forecast, forecast
from ml.lift.holdout import holdout_effect
from ml.lift.methods import METHODS, Method
from ml.lift.panel import Bools, Floats, Panel
from ml.lift.predictors import with_predictors
from ml.lift.results import Check, Estimate, Inference, Lift, Status
from ml.lift.switchback import switchback
from ml.lift.synthetic import Estimator, root_mean_square
from warehouse.errors import BadSetting

_SYNTHETIC: Final = Method()


def lift_of(
    panel: Panel, treatment: Treatment, method: Method = _SYNTHETIC, *, level: float = 0.9, seed: int = 1
) -> Lift:
    """What treatment brought to the treated markets; several are handled as one series, their mean.

    Raises as :func:`case_of` and the method's own, :class:`BadSetting` for a level that is none.
    """
    if not 0.5 <= level < 1:
        raise BadSetting(f"level == {level}, must be at least 0.5 and below 1.", remedy="Usual are 0.9 and 0.95.")
    if method.name == "switchback":
        raise BadSetting("switchback compares times, not markets.", remedy="Say when treatment was on.")
    if method.name == "its":
        return _by_forecast(case_of(panel, treatment, needs_donors=False), level)
    if method.name == "go_dark" and len(panel.units) == len(treatment.treated) + len(treatment.excluded):
        return ads_were_off(_by_forecast(case_of(panel, treatment, needs_donors=False), level))
    case = case_of(panel, treatment)
    if method.name == "holdout":
        return _held_out(case, level, seed)
    if method.predictors:
        case = with_predictors(case, panel, method.predictors)
    found = _compared(case, method.estimator(case, panel), method, level, seed)
    return ads_were_off(found) if method.name == "go_dark" else found


def switchback_lift(panel: Panel, on: Bools, method: Method, *, level: float = 0.9, seed: int = 1) -> Lift:
    """What treatment brought per period in which it was ``on`` (N, T). Raises as :func:`switchback`."""
    found = switchback(panel.values, on, panel.times, washout=method.washout, level=level, seed=seed)
    cells = int(on.sum())
    share = on.mean(axis=0)
    observed = panel.values.mean(axis=0)
    with_treatment = float(panel.values[on].mean())
    checks = (
        Check("blocks", "green" if found.blocks >= 20 else "amber",
              f"Treatment was switched among {found.blocks} blocks of {found.block} periods.", found.blocks),
        Check("washout", "green" if method.washout else "amber",
              f"{int(on.size - found.compared.sum()):,} periods after a switch are left out." if method.washout
              else "No period after a switch is left out, so what lingers counts for the wrong side.", method.washout),
    )  # fmt: skip
    inference = Inference("randomisation", found.att, found.p_value, np.zeros(observed.size))
    case = Case(panel.units, (), panel.times, panel.values, panel.values[:0], 0, np.zeros(0), np.zeros((0, 0)))
    told = _told("switchback", case, observed - share * found.att.estimate, {}, inference, level, checks)
    return replace(
        told,
        incremental=found.att.times(cells),
        lift=_shares(found.att, with_treatment),
        counterfactual_low=observed - share * found.att.high,
        counterfactual_high=observed - share * found.att.low,
    )


def ads_were_off(found: Lift) -> Lift:
    """A result of going dark, told as what the ads bring: what was lost, as a part of what was expected with them."""
    with_ads = float(found.counterfactual[-_after(found) :].mean())
    effect = found.att.times(-1)
    return replace(
        found,
        method="go_dark",
        att=effect,
        incremental=found.incremental.times(-1),
        lift=effect.times(1 / with_ads) if with_ads > 0 else replace(effect, estimate=np.nan, low=-np.inf, high=np.inf),
        identifies=METHODS["go_dark"],
    )


def _after(found: Lift) -> int:
    return len(found.times) - found.times.index(found.first)


def _compared(case: Case, estimator: Estimator, method: Method, level: float, seed: int) -> Lift:
    """By any method that makes a counterfactual of other markets."""
    made = compare(case, estimator, method, level, seed=seed)
    checks = checks_of(case, made.settled, made.found, made.placebos, made.inference, level)
    weights = dict(zip(case.donor_units, made.found.weights.tolist(), strict=True))
    return _told(method.name, case, made.found.series, weights, made.inference, level, checks)


def _by_forecast(case: Case, level: float) -> Lift:
    """By the treated markets' own past."""
    found = forecast(case.outcome, case.times, case.before)
    inference = _forecast_inference(case, found, level)
    checks = [
        Check("control", "amber", "No market stands for what would have been: what else happened counts as effect."),
        history(case), *calendar_gaps(case), _forecast_in_time(case, level),
    ]  # fmt: skip
    return _told("its", case, found.mean, {}, inference, level, tuple(checks))


def _forecast_inference(case: Case, found: Forecast, level: float) -> Inference:
    observed = float(case.outcome[case.before :].mean())
    tail = (1 - level) / 2
    ends = observed - found.quantile(1 - tail), observed - found.quantile(tail)
    below = found.below(observed)
    reach = float(-stdtrit(found.df, tail))
    att = observed - float(found.chances @ found.centres)
    return Inference("forecast", Estimate(att, *ends), 2 * min(below, 1 - below), reach * found.errors)


def _forecast_in_time(case: Case, level: float) -> Check:
    """A forecast of the last periods before treatment, where there is no effect."""
    after = min(case.after, case.before // 3)
    before = case.before - after
    if before < 2 * FEWEST_BEFORE:
        return Check("placebo-in-time", "amber", "The past is too short to try an earlier start of treatment.")
    earlier = case.earlier(before, after)
    fake = _forecast_inference(earlier, forecast(earlier.outcome, earlier.times, before), level)
    words = f"A forecast from {case.times[before]} on misses by {fake.att.estimate:.4g} where there was no treatment"
    if fake.att.low <= 0 <= fake.att.high:
        return Check("placebo-in-time", "green", f"{words}, as chance makes it.", fake.p_value)
    status: Status = "red" if fake.p_value <= (1 - level) / 2 else "amber"
    return Check("placebo-in-time", status, f"{words}, more than it says that it may.", fake.p_value)


def _held_out(case: Case, level: float, seed: int) -> Lift:
    att, p_value = holdout_effect(case, level, seed=seed)
    held = case.donors.mean(axis=0)
    shift = float(case.outcome[: case.before].mean() - held[: case.before].mean())
    series = held + shift
    series[case.before :] += case.outcome[case.before :].mean() - att.estimate - series[case.before :].mean()
    width = np.full(case.periods, (att.high - att.low) / 2)
    weights = dict.fromkeys(case.donor_units, 1 / len(case.donors))
    least = min(len(case.treated), len(case.donors))
    checks = (
        Check("markets", "green" if least >= 10 else "amber",
              f"{len(case.treated)} markets had treatment, {len(case.donors)} were held out.", least),
        history(case), *calendar_gaps(case),
    )  # fmt: skip
    return _told("holdout", case, series, weights, Inference("randomisation", att, p_value, width), level, checks)


def _told(
    method: str, case: Case, series: Floats, weights: Mapping[str, float], inference: Inference, level: float,
    checks: tuple[Check, ...],
) -> Lift:  # fmt: skip
    """The result in the shape that all methods share."""
    att, outcome = inference.att, case.outcome
    cells = len(case.units) * case.after
    gap = (outcome - series)[: case.before]
    known = gap[np.isfinite(gap)]
    return Lift(
        method, inference.name, case.units, case.times[case.before], case.times[-1], level,
        att,
        (att.high - att.low) / (2 * float(-ndtri((1 - level) / 2))),
        inference.p_value,
        att.times(cells),
        _shares(att, float(outcome[case.before :].mean())),
        weights,
        case.times,
        outcome,
        series,
        series - inference.half_widths,
        series + inference.half_widths,
        root_mean_square(known) if known.size else 0.0,
        float(np.sqrt((known**2).sum())),
        METHODS[method],
        checks,
    )  # fmt: skip


def _shares(att: Estimate, observed: float) -> Estimate:
    """Effects as parts of what would have been without them; nan, or no end, where that is not positive."""

    def share(effect: float, otherwise: float) -> float:
        return effect / (observed - effect) if observed > effect else otherwise

    return Estimate(share(att.estimate, math.nan), share(att.low, -math.inf), share(att.high, math.inf))
