"""What must be sound of an experiment in the warehouse before an effect is shown, from its kept moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ml.experiments.guards import (
    MOST_MISSING,
    Guard,
    Status,
    early_exposure,
    exposure,
    imbalance,
    missing,
    multiple_exposure,
    sample_ratio,
)
from ml.experiments.kept import UpTo, before, crossed, entered_by_day, units_in
from ml.experiments.moments import Moments
from ml.experiments.registered import Registered
from ml.experiments.watch import outage, peeking, renamed
from warehouse.experiments.totals import UNITS
from warehouse.queries.experiment_moments import KeptMoments

COMPLETE: Final = 0.95  # units with a value, from which on a missing one is no "did nothing"
LOOKS: Final = (0.25, 0.5, 0.75, 1.0)  # of the planned units, for group-sequential reading


def looks_of(planned: int | None, units: int) -> tuple[float, ...]:
    """The planned looks that have come, as parts of the planned units."""
    return tuple(look for look in LOOKS if planned and units >= look * planned)


def guards_of(registered: Registered, kept: KeptMoments, now: UpTo) -> Iterator[Guard]:
    """What every guard says that there is something for. Arms are told apart by what was put into them."""
    experiment, arms = registered.experiment, now.by_arm()
    put = {arm.arm_id: 0 for arm in registered.arms} | {arm: moments.n for arm, moments in arms.items()}
    units = dict.fromkeys(put, 0) | {arm: units_in(moments) for arm, moments in arms.items()}
    total, several = sum(put.values()), crossed(kept)
    shares = {arm.arm_id: float(arm.share) for arm in registered.arms if arm.share is not None}
    once, always = sample_ratio(put, shares if set(shares) == set(put) else None)
    # One that is read daily is checked daily, and when it is over once more by the test that finds most.
    yield once if experiment.inference == "fixed" or registered.is_over else always
    yield multiple_exposure(total + several, several, "clusters" if experiment.cluster else "units")
    if registered.unexposed is not None:
        yield exposure(*registered.unexposed, 0)
    if registered.early is not None:
        yield early_exposure(sum(units.values()), registered.early)
    if experiment.cluster:
        yield _clusters(experiment.cluster, sum(units.values()), registered.unclustered)
    known_before = [before(m) for m in kept.metrics if _varies(arms, before(m))]
    if known_before:
        counted = [UNITS] if experiment.cluster and _varies(arms, UNITS) else []
        yield imbalance({arm: moments.of_columns([*known_before, *counted]) for arm, moments in arms.items()})
    for place, metric in enumerate(kept.metrics):
        known = now.known_by_arm(place)
        if sum(known.values()) >= COMPLETE * sum(units.values()):
            yield missing(metric, units, {arm: n - known.get(arm, 0) for arm, n in units.items()})
    days, entered = entered_by_day(kept)
    if len(entered) > 1:
        yield renamed(days, entered)
        yield outage(days, entered)
    if experiment.inference == "fixed":
        yield peeking(sum(units.values()), experiment.planned_units)
    if experiment.inference == "group_sequential" and not looks_of(experiment.planned_units, sum(units.values())):
        yield _too_early(sum(units.values()), experiment.planned_units)


def untold_guard(metric: str, words: str) -> Guard:
    """That a metric cannot be told, and why; the others are."""
    return Guard(f"untold:{metric}", Status.warned, None, words)


def _clusters(named: str, units: int, without: int) -> Guard:
    said = f"{without:,} of {units:,} units are in no {named}"
    if without > MOST_MISSING * units:
        words = f"{said}. Load what each unit is in, as the column cluster of the assignments."
        return Guard("clusters", Status.failed, None, words)
    if without:
        return Guard("clusters", Status.warned, None, f"{said}; each counts as one of its own.")
    return Guard("clusters", Status.passed, None, f"Every unit is in one {named}, and only these are independent.")


def _too_early(units: int, planned: int | None) -> Guard:
    words = "Looks are at parts of the planned units, and no number of units is planned. Register one."
    if planned:
        words = f"{units:,} of {planned:,} planned units are there; the first look is at {LOOKS[0]:.0%} of them."
    return Guard("planned_looks", Status.failed, None, words)


def _varies(arms: Mapping[str, Moments], column: str) -> bool:
    return any(moments.products[moments.place(column), moments.place(column)] > 0 for moments in arms.values())
