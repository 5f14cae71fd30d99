"""Whether a comparison with other markets can be believed: each check has a colour, and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from ml.lift.case import FEWEST_BEFORE, Case
from ml.lift.placebo import Placebos, placebo_inference, placebos_of, rmspe_rank
from ml.lift.results import Check, Inference, Status
from ml.lift.synthetic import Counterfactual, Estimator, root_mean_square
from warehouse.errors import NotEnoughData

_GOOD_FIT, _BAD_FIT = 0.5, 0.9  # errors before treatment, in standard deviations of the outcome
_LONG, _SHORT = 2.0, 1.0  # periods before treatment, for each with it
_CONCENTRATED: Final = 0.7
_COUNTS: Final = 0.01  # weights that are left out in turn
_OUTSIDE: Final = 0.1


def checks_of(
    case: Case, estimator: Estimator, found: Counterfactual, placebos: Placebos | None, inference: Inference,
    level: float,
) -> tuple[Check, ...]:  # fmt: skip
    """Everything that can be looked at for this case."""
    checks = [
        pre_fit(case, found), history(case), *calendar_gaps(case), concentration(case, found),
        leave_one_out(case, estimator, found, inference),
    ]  # fmt: skip
    if placebos is not None:
        checks.append(placebo_in_space(case, found, placebos, level))
    if not case.treated_traits.size:  # predictors may look at periods after the earlier start
        checks.append(placebo_in_time(case, estimator, level))
    return tuple(checks)


def pre_fit(case: Case, found: Counterfactual) -> Check:
    """Errors before treatment against how much the outcome moves."""
    before = case.outcome[: case.before]
    off = root_mean_square(before - found.series[: case.before]) / float(before.std())
    status: Status = "green" if off <= _GOOD_FIT else "amber" if off <= _BAD_FIT else "red"
    words = {
        "green": "Before treatment the other markets follow the treated ones.",
        "amber": "Before treatment the other markets follow the treated ones only roughly.",
        "red": "Before treatment the other markets do not follow the treated ones, so they cannot stand for them. "
        "Take other markets, a longer history, or another method.",
    }[status]
    return Check("pre-fit", status, f"{words} The error is {off:.2f} standard deviations of the outcome.", off)


def history(case: Case) -> Check:
    """Periods before treatment for each with it."""
    times = case.before / case.after
    status: Status = "green" if times >= _LONG else "amber" if times >= _SHORT else "red"
    words = f"There are {case.before} periods before treatment and {case.after} with it."
    advice = {
        "green": "",
        "amber": " Twice as many before are better.",
        "red": " That is too short a past to judge by.",
    }
    return Check("history", status, words + advice[status], times)


def calendar_gaps(case: Case) -> Iterator[Check]:
    """Days that no market has."""
    days = [time for time in case.times if isinstance(time, dt.date)]
    steps = [(later - earlier).days for earlier, later in pairwise(days)]
    if steps and min(steps) <= 7 and max(steps) > min(steps):
        missing = sum(step // min(steps) - 1 for step in steps)
        yield Check(
            "calendar", "amber", f"{missing} periods between the first and the last are there for no market; "
            "what happened in them is taken as nothing.", float(missing),
        )  # fmt: skip


def concentration(case: Case, found: Counterfactual) -> Check:
    """The largest weight."""
    largest = int(np.abs(found.weights).argmax())
    weight = float(found.weights[largest])
    name = case.donor_units[largest]
    if abs(weight) > _CONCENTRATED:
        return Check(
            "concentration", "amber", f"{name} alone has a weight of {weight:.2f}: what happens there decides.", weight
        )
    return Check(
        "concentration", "green", f"No market decides alone; {name} has the most weight, {weight:.2f}.", weight
    )


def leave_one_out(case: Case, estimator: Estimator, found: Counterfactual, inference: Inference) -> Check:
    """The effect without each market that has a weight, in turn."""
    effects = {}
    for donor in np.flatnonzero(np.abs(found.weights) >= _COUNTS):
        if len(case.donors) < 3:
            break
        without = case.without(int(donor))
        gap = without.outcome - estimator.fit(without).series
        effects[case.donor_units[donor]] = float(gap[case.before :].mean())
    if not effects:
        return Check("leave-one-out", "amber", "There are too few markets to leave one out.")
    att = inference.att
    worst = max(effects, key=lambda name: abs(effects[name] - att.estimate))
    moved = effects[worst]
    words = f"Without {worst} the effect would be {moved:.4g} instead of {att.estimate:.4g}"
    if att.low <= 0 <= att.high or moved * att.estimate > 0:
        if att.low <= moved <= att.high:
            return Check("leave-one-out", "green", f"{words}; without any other it changes less.", moved)
        return Check("leave-one-out", "amber", f"{words}, which is outside of its interval.", moved)
    return Check("leave-one-out", "red", f"{words}: it hangs on one market.", moved)


def placebo_in_space(case: Case, found: Counterfactual, placebos: Placebos, level: float) -> Check:
    """The rank of the treated among markets without treatment, by how much the error grew."""
    rank, among = rmspe_rank(case, found, placebos)
    words = f"By how much the error grew with treatment, the treated rank {rank} of {among}"
    if (case.outcome - found.series)[case.before :].any() and rank / among <= 1 - level:
        return Check("placebo-in-space", "green", f"{words}: markets without treatment rarely move as much.", rank)
    return Check("placebo-in-space", "amber", f"{words}: markets without treatment move as much.", rank)


def placebo_in_time(case: Case, estimator: Estimator, level: float) -> Check:
    """What the method finds in the last third before treatment, where there is no effect."""
    before = case.before - max(case.before // 3, 1)
    if before < FEWEST_BEFORE:
        return Check("placebo-in-time", "amber", "The past is too short to try an earlier start of treatment.")
    earlier = case.earlier(before, case.before - before)
    fitted = estimator.fit(earlier)
    try:
        fake = placebo_inference(earlier, fitted, placebos_of(earlier, estimator), level)
    except NotEnoughData:
        return Check("placebo-in-time", "amber", "There are too few markets to try an earlier start of treatment.")
    words = (
        f"Had treatment begun at {case.times[before]} already, the effect until it did would be {fake.att.estimate:.4g}"
    )
    if fake.att.low <= 0 <= fake.att.high:
        return Check("placebo-in-time", "green", f"{words}, as chance makes it.", fake.p_value)
    status: Status = "red" if fake.p_value <= (1 - level) / 2 else "amber"
    return Check(
        "placebo-in-time",
        status,
        f"{words}, more than chance makes: the markets parted before treatment.",
        fake.p_value,
    )
