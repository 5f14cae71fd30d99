"""Read every experiment of an account that has begun, and publish what it found at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ml.experiments.moments import Distribution
from ml.experiments.of_regions import read_regions
from ml.experiments.of_units import Beside, read_units
from ml.experiments.registered import Registered
from ml.job import Job, Outcome, Task
from warehouse.changes.experiment_results import ExperimentFindings, write_experiments
from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.experiments.build import is_due, refresh_moments
from warehouse.experiments.halves import refresh_halves
from warehouse.queries import experiments as registry
from warehouse.queries.channel_tests import conversions_between
from warehouse.queries.experiment_moments import (
    currency_of,
    early_exposures,
    experiments_of,
    half_moments,
    kept_moments,
    unclustered_units,
    unexposed_units,
)
from warehouse.queries.region_days import region_days
from warehouse.queries.unit_totals import UnitTotals, unit_totals


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults: ``level`` of the intervals."""
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"experiments has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    if not isinstance(said["level"], int | float) or not 0 < said["level"] < 1:
        raise BadSetting(f"level == {said['level']!r}, must be between 0 and 1.")
    return {**said, "level": float(said["level"])}


def compute(task: Task) -> Outcome:
    """Read the account's experiments one after the other. Raises :class:`NotEnoughData` where none can be read."""
    with task.warehouse.reading(task.reader) as session:
        keys = experiments_of(session, task.account_key)
        known = {key: _registered(session, key) for key in keys}
        currency = currency_of(session, task.account_key)
    if not known:
        raise NotEnoughData(
            "No experiment of this account has begun.", remedy="Load experiments, or start one: causeway experiment."
        )
    found, reasons = [], []
    for place, registered in enumerate(known.values()):
        experiment = registered.experiment
        task.report(f"reading {experiment.experiment_name}", 0.05 + 0.85 * place / len(known))
        try:
            found.append(_read(task, registered, currency))
        except NotEnoughData as error:
            reasons.append(f"{experiment.experiment_name}: {error}")
    if not found:
        raise NotEnoughData(" ".join(reasons), remedy="Load assignments and outcomes.")
    task.report("writing", 0.95)
    withheld = sum(one.readout.withheld for one in found)
    said = f"Read {len(found):,} experiments" + (f", of which {withheld:,} are withheld." if withheld else ".")

    def write(session: WriteSession, run_key: int) -> None:
        write_experiments(session, found, run_key)

    return Outcome(write=write, words=" ".join([said, *reasons]))


_DEFAULTS: Final[Mapping[str, Any]] = {"level": 0.95}


def _registered(session: ReadSession, experiment_key: int) -> Registered:
    experiment = registry.experiment(session, experiment_key)
    return Registered(
        experiment,
        registry.planned_arms(session, experiment_key),
        registry.metrics(session, experiment_key),
        early_exposures(session, experiment_key),
        unexposed_units(session, experiment_key) if experiment.counts == "exposed" else None,
        unclustered_units(session, experiment_key) if experiment.cluster else 0,
    )


def _read(task: Task, registered: Registered, currency: str) -> ExperimentFindings:
    key, level = registered.experiment.experiment_key, task.parameters["level"]
    if registered.experiment.unit in ("geo", "time_slot"):
        with task.warehouse.reading(task.reader) as session:
            days = region_days(session, key)
        return read_regions(registered, days, level, currency)
    with task.warehouse.writing() as session:
        refreshed = refresh_moments(session, key)
        refresh_halves(session, key, registered.timed, refreshed, is_over=registered.is_over)
    with task.warehouse.reading(task.reader) as session:
        kept = kept_moments(session, key)
        if kept is None:
            raise NotEnoughData("Its moments were just removed.", remedy="Run it again.")
        distributions = {
            outcome: {group: _distribution(totals) for group, totals in by_group.items()}
            for outcome in registered.spread_out(kept.metrics)
            if (by_group := unit_totals(session, key, outcome, kept.metrics[0]))
        }
        halves = half_moments(session, key)
    return read_units(registered, kept, level, Beside(_everybody(task, registered), distributions, halves))


def _distribution(totals: UnitTotals) -> Distribution:
    return Distribution(np.frombuffer(totals.values, np.float64), np.frombuffer(totals.units, np.int64))


def _everybody(task: Task, registered: Registered) -> dict[str, int]:
    """Conversions of all people while a test of ads ran; of another test nobody asks."""
    experiment = registered.experiment
    if registered.dark_arm is None or experiment.starts_at is None or experiment.stops_at is None:
        return {}
    with task.warehouse.reading(task.reader) as session:
        return conversions_between(session, task.account_key, experiment.starts_at.date(), experiment.stops_at.date())


EXPERIMENTS = Job(
    name="experiments",
    words="What experiments found: guards first, then effects with intervals that hold at every look.",
    version=2,
    settle=settle,
    compute=compute,
    is_due=is_due,
)
