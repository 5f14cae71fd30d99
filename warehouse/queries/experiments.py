"""Experiments: the registry, and what arrived of each by arm and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound

LARGEST_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class PlannedArm:
    """An arm as it is registered."""

    arm_id: str
    arm_name: str
    share: Decimal | None
    is_control: bool


@dataclass(frozen=True, slots=True)
class Arm(PlannedArm):
    """One row of ``mart.experiment_arm``: an arm with the units that are in it, which are counted."""

    units: int
    shared_units: int
    exposed_units: int


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of ``mart.experiment_metric``."""

    metric: str
    role: str
    better: str
    margin: Decimal | None
    denominator: str | None
    outcome: str
    statistic: str = "mean"
    quantile: Decimal | None = None
    cap: Decimal | None = None
    winsorise: Decimal | None = None
    covariates: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """One row of ``mart.experiment``."""

    experiment_key: int
    platform: str
    account_id: str
    experiment_id: str
    experiment_name: str
    hypothesis: str | None
    owner: str | None
    kind: str
    unit: str
    status: str
    starts_at: dt.datetime | None
    stops_at: dt.datetime | None
    exposure_rule: str | None
    planned_units: int | None
    decision: str | None
    channels: list[str]
    campaigns: list[str]
    inference: str
    layer: str | None
    counts: str
    strata: str | None
    cluster: str | None
    is_registered: bool
    load_key: int


@dataclass(frozen=True, slots=True)
class ArmDay:
    """Units assigned and exposed in an arm on a day; ``date_day`` is None where no export says when."""

    arm_id: str
    date_day: dt.date | None
    units: int
    shared_units: int
    exposures: int
    new_units: int  # exposed for the first time


@dataclass(frozen=True, slots=True)
class OutcomeDay:
    """One row of ``mart.outcome_daily``: sums over the units of an arm."""

    arm_id: str
    metric: str
    date_day: dt.date | None
    units: int
    value_sum: Decimal | None
    value_squares: Decimal | None
    pre_units: int
    pre_sum: Decimal | None
    pre_squares: Decimal | None
    products: Decimal | None


@dataclass(frozen=True, slots=True)
class GeoDay:
    """One row of ``mart.geo_daily``."""

    geo: str
    arm_id: str | None
    date_day: dt.date
    metric: str
    value: Decimal | None
    is_treated: bool | None


def experiments(
    session: ReadSession, *, status: str | None = None, limit: int = 100, after: int = 0
) -> list[Experiment]:
    """Experiments by their key, after one; all, or those of a status."""
    sql = f"""
SELECT {_COLUMNS} FROM mart.experiment e
WHERE e.experiment_key > :after AND (CAST(:status AS text) IS NULL OR e.status = :status)
ORDER BY e.experiment_key LIMIT :limit
"""
    given = {"after": after, "status": status, "limit": min(limit, LARGEST_PAGE)}
    return [Experiment(*row) for row in session.execute(text(sql), given)]


def experiment(session: ReadSession, experiment_key: int) -> Experiment:
    """One experiment. Raises :class:`NotFound`, also when the reader may not see it."""
    sql = f"SELECT {_COLUMNS} FROM mart.experiment e WHERE e.experiment_key = :key"
    row = session.execute(text(sql), {"key": experiment_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no experiment {experiment_key}.")
    return Experiment(*row)


def find_experiment(session: ReadSession, named: str) -> int:
    """The key of the experiment of that id; of several accounts' the newest. Raises :class:`NotFound`."""
    sql = "SELECT max(e.experiment_key) FROM mart.experiment e WHERE e.experiment_id = :id"
    key = session.execute(text(sql), {"id": named}).scalar_one()
    if key is None:
        raise NotFound(f"There is no experiment {named!r}.", remedy="`causeway experiment list` shows them.")
    return int(key)


def planned_arms(session: ReadSession, experiment_key: int) -> list[PlannedArm]:
    """The arms of an experiment, the control first; no unit is counted for it."""
    sql = """
SELECT r.arm_id, r.arm_name, r.share, r.is_control
FROM mart.experiment_arm r WHERE r.experiment_key = :key ORDER BY NOT r.is_control, r.arm_key
"""
    return [PlannedArm(*row) for row in session.execute(text(sql), {"key": experiment_key})]


def arms(session: ReadSession, experiment_key: int) -> list[Arm]:
    """The arms of an experiment with their units, the control first."""
    sql = """
SELECT r.arm_id, r.arm_name, r.share, r.is_control, r.units, r.shared_units, r.exposed_units
FROM mart.experiment_arm r WHERE r.experiment_key = :key ORDER BY NOT r.is_control, r.arm_key
"""
    return [Arm(*row) for row in session.execute(text(sql), {"key": experiment_key})]


def metrics(session: ReadSession, experiment_key: int) -> list[Metric]:
    """What an experiment is judged by, primary metrics first."""
    sql = """
SELECT m.metric, m.role, m.better, m.margin, m.denominator, m.outcome, m.statistic, m.quantile, m.cap, m.winsorise,
       m.covariates
FROM mart.experiment_metric m WHERE m.experiment_key = :key
ORDER BY array_position(ARRAY['primary', 'secondary', 'guardrail'], m.role), m.metric
"""
    return [Metric(*row) for row in session.execute(text(sql), {"key": experiment_key})]


def arm_days(session: ReadSession, experiment_key: int, *, limit: int = 1_000) -> list[ArmDay]:
    """Assignments and exposures of an experiment by day and arm, oldest first; of no day last."""
    sql = """
SELECT coalesce(a.arm_id, x.arm_id), coalesce(a.date_day, x.date_day) AS date_day, coalesce(a.units, 0),
       coalesce(a.shared_units, 0), coalesce(x.exposures, 0), coalesce(x.new_units, 0)
FROM (SELECT d.* FROM mart.assignment_daily d WHERE d.experiment_key = :key) a
FULL JOIN (SELECT d.* FROM mart.exposure_daily d WHERE d.experiment_key = :key) x
  ON x.arm_id = a.arm_id AND x.date_day = a.date_day
ORDER BY date_day NULLS LAST, 1 LIMIT :limit
"""
    given = {"key": experiment_key, "limit": min(limit, LARGEST_PAGE)}
    return [ArmDay(*row) for row in session.execute(text(sql), given)]


def outcome_days(session: ReadSession, experiment_key: int, *, limit: int = 1_000) -> list[OutcomeDay]:
    """Sums of outcomes by metric, day and arm; outcomes of the whole experiment, which have no day, first."""
    sql = """
SELECT o.arm_id, o.metric, o.date_day, o.units, o.value_sum, o.value_squares, o.pre_units, o.pre_sum, o.pre_squares,
       o.products
FROM mart.outcome_daily o WHERE o.experiment_key = :key
ORDER BY o.metric, o.date_day NULLS FIRST, o.arm_id LIMIT :limit
"""
    given = {"key": experiment_key, "limit": min(limit, LARGEST_PAGE)}
    return [OutcomeDay(*row) for row in session.execute(text(sql), given)]


def geo_days(
    session: ReadSession, experiment_key: int, *, metric: str | None = None, limit: int = 1_000
) -> list[GeoDay]:
    """Outcomes of geos or time slots by day, oldest first; of one metric or of all."""
    sql = """
SELECT g.geo, g.arm_id, g.date_day, g.metric, g.value, g.is_treated FROM mart.geo_daily g
WHERE g.experiment_key = :key AND (CAST(:metric AS text) IS NULL OR g.metric = :metric)
ORDER BY g.date_day, g.geo, g.metric LIMIT :limit
"""
    given = {"key": experiment_key, "metric": metric, "limit": min(limit, LARGEST_PAGE)}
    return [GeoDay(*row) for row in session.execute(text(sql), given)]


_COLUMNS: Final = """
e.experiment_key, e.platform, e.account_id, e.experiment_id, e.experiment_name, e.hypothesis, e.owner, e.kind, e.unit,
e.status, e.starts_at, e.stops_at, e.exposure_rule, e.planned_units, e.decision, e.channels, e.campaigns,
e.inference, e.layer, e.counts, e.strata, e.cluster, e.is_registered, e.load_key
"""
