"""What experiments found: read-outs with their guards, effects and their course, counterfactuals, and evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession

LARGEST_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Readout:
    """What the published run says of an experiment as a whole."""

    experiment_key: int
    first_day: dt.date | None
    last_day: dt.date | None
    units: int
    looks: int
    level: float
    inference: str
    withheld: bool
    health: str
    verdict: str
    words: str
    run_key: int


@dataclass(frozen=True, slots=True)
class Headline:
    """The surest effect on a primary metric: of an arm, or (``arm_id`` is None) of a test over regions or days.

    ``effect`` is per unit, or what the whole test brought; ``relative`` a part of what it was without.
    """

    experiment_key: int
    metric: str
    arm_id: str | None
    effect: float
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None


@dataclass(frozen=True, slots=True)
class Guard:
    """One row of ``mart.experiment_guard``."""

    guard: str
    status: str
    p_value: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of an arm on a metric, of all units (``cut`` is empty) or of a part of them."""

    metric: str
    role: str
    arm_id: str
    control_id: str
    cut: str
    units: int
    control_units: int
    mean: float
    control_mean: float
    difference: float
    low: float
    high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p_value: float | None
    adjusted_p: float | None
    chance_to_beat: float | None
    expected_loss: float | None
    method: str
    metric_verdict: str


@dataclass(frozen=True, slots=True)
class EffectDay:
    """One row of ``mart.experiment_effect_daily``."""

    metric: str
    arm_id: str
    date_day: dt.date
    units: int
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Novelty:
    """One row of ``mart.experiment_novelty``."""

    metric: str
    arm_id: str
    as_of: dt.date
    units: int
    early: float
    early_low: float
    early_high: float
    late: float
    late_low: float
    late_high: float
    change: float
    change_low: float
    change_high: float
    p_value: float
    words: str


@dataclass(frozen=True, slots=True)
class Lift:
    """One row of ``mart.lift``."""

    metric: str
    role: str
    method: str
    first_day: dt.date
    last_day: dt.date
    att: float
    att_low: float | None
    att_high: float | None
    incremental: float
    low: float | None
    high: float | None
    level: float
    relative: float | None
    se: float | None
    p_value: float | None
    spend: Decimal | None
    currency: str | None
    cost_per_incremental: Decimal | None
    weights: dict[str, float]
    identifies: str


@dataclass(frozen=True, slots=True)
class LiftDay:
    """One row of ``mart.lift_daily``."""

    metric: str
    date_day: dt.date
    actual: float
    counterfactual: float
    low: float | None
    high: float | None
    is_test: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of ``mart.lift_evidence``."""

    experiment_key: int
    experiment_id: str
    channel: str
    campaign_id: str | None
    metric: str
    first_day: dt.date
    last_day: dt.date
    share: float
    is_dark: bool
    against: str
    lift: float
    se: float
    low: float
    high: float
    level: float
    method: str
    identifies: str


def readouts(session: ReadSession, experiment_keys: list[int]) -> dict[int, Readout]:
    """Read-outs by experiment; those that no run has read yet are left out."""
    rows = session.execute(text(_READOUTS), {"keys": experiment_keys})
    return {row.experiment_key: Readout(*row) for row in rows}


def headlines(session: ReadSession, experiment_keys: list[int]) -> dict[int, Headline]:
    """The surest primary effect of each experiment; those that have none to show are left out."""
    rows = session.execute(text(_HEADLINES), {"keys": experiment_keys})
    return {row.experiment_key: Headline(*row) for row in rows}


def guards(session: ReadSession, experiment_key: int) -> list[Guard]:
    """What was checked, in the order of the checks."""
    sql = """SELECT g.guard, g.status, g.p_value, g.words FROM mart.experiment_guard g
             WHERE g.experiment_key = :key ORDER BY g.place"""
    return [Guard(*row) for row in _rows(session, sql, experiment_key)]


def effects(session: ReadSession, experiment_key: int) -> list[Effect]:
    """Effects: primary metrics first, all units before their parts."""
    sql = """
SELECT r.metric, r.role, r.arm_id, r.control_id, r.cut, r.units, r.control_units, r.mean, r.control_mean, r.difference,
       r.low, r.high, r.relative, r.relative_low, r.relative_high, r.p_value, r.adjusted_p, r.chance_to_beat,
       r.expected_loss, r.method, r.metric_verdict
FROM mart.experiment_readout r WHERE r.experiment_key = :key AND r.metric IS NOT NULL
ORDER BY r.cut <> '', array_position(ARRAY['primary', 'secondary', 'guardrail'], r.role), r.metric, r.cut, r.arm_id
"""
    return [Effect(*row) for row in _rows(session, sql, experiment_key)]


def as_sql(experiment_key: int, *, of_regions: bool) -> str:
    """How to ask in SQL for what was found of an experiment."""
    view = "lift" if of_regions else "experiment_readout"
    return f"SELECT * FROM mart.{view} WHERE experiment_key = {experiment_key}"


def effect_days(
    session: ReadSession, experiment_key: int, *, metric: str | None = None, limit: int = 1_000
) -> list[EffectDay]:
    """How effects were known day by day, oldest first; of one metric or of all."""
    sql = """
SELECT d.metric, d.arm_id, d.date_day, d.units, d.difference, d.low, d.high FROM mart.experiment_effect_daily d
WHERE d.experiment_key = :key AND (CAST(:metric AS text) IS NULL OR d.metric = :metric)
ORDER BY d.date_day, d.metric, d.arm_id LIMIT :limit
"""
    given = {"metric": metric, "limit": min(limit, LARGEST_PAGE)}
    return [EffectDay(*row) for row in _rows(session, sql, experiment_key, **given)]


def novelty(session: ReadSession, experiment_key: int) -> list[Novelty]:
    """How effects changed over the time of each unit, by primary metric and arm."""
    sql = """
SELECT n.metric, n.arm_id, n.as_of, n.units, n.early, n.early_low, n.early_high, n.late, n.late_low, n.late_high,
       n.change, n.change_low, n.change_high, n.p_value, n.words
FROM mart.experiment_novelty n WHERE n.experiment_key = :key ORDER BY n.metric, n.arm_id
"""
    return [Novelty(*row) for row in _rows(session, sql, experiment_key)]


def lifts(session: ReadSession, experiment_key: int) -> list[Lift]:
    """What a test over regions or days found, primary metrics first."""
    sql = """
SELECT l.metric, l.role, l.method, l.first_day, l.last_day, l.att, l.att_low, l.att_high, l.incremental, l.low, l.high,
       l.level::float8, l.relative, l.se, l.p_value, l.spend, l.currency, l.cost_per_incremental, l.weights,
       l.identifies
FROM mart.lift l WHERE l.experiment_key = :key
ORDER BY array_position(ARRAY['primary', 'secondary', 'guardrail'], l.role), l.metric
"""
    return [Lift(*row) for row in _rows(session, sql, experiment_key)]


def lift_days(
    session: ReadSession, experiment_key: int, *, metric: str | None = None, limit: int = 1_000
) -> list[LiftDay]:
    """What was and what would have been, oldest day first; of one metric or of all."""
    sql = """
SELECT d.metric, d.date_day, d.actual, d.counterfactual, d.low, d.high, d.is_test FROM mart.lift_daily d
WHERE d.experiment_key = :key AND (CAST(:metric AS text) IS NULL OR d.metric = :metric)
ORDER BY d.date_day, d.metric LIMIT :limit
"""
    given = {"metric": metric, "limit": min(limit, LARGEST_PAGE)}
    return [LiftDay(*row) for row in _rows(session, sql, experiment_key, **given)]


def lift_evidence(session: ReadSession, *, experiment_key: int | None = None, limit: int = 1_000) -> list[Evidence]:
    """Evidence of one experiment, or of all that the reader may see; oldest test first."""
    sql = """
SELECT v.experiment_key, v.experiment_id, v.channel, v.campaign_id, v.metric, v.first_day, v.last_day, v.share,
       v.is_dark, v.against, v.lift, v.se, v.low, v.high, v.level::float8, v.method, v.identifies
FROM mart.lift_evidence v WHERE CAST(:key AS int) IS NULL OR v.experiment_key = :key
ORDER BY v.first_day, v.experiment_key, v.metric, v.channel LIMIT :limit
"""
    return [Evidence(*row) for row in _rows(session, sql, experiment_key, limit=min(limit, LARGEST_PAGE))]


def _rows(session: ReadSession, sql: str, experiment_key: int | None, **values: Any) -> Any:
    return session.execute(text(sql), {"key": experiment_key, **values})


_READOUTS = """
SELECT r.experiment_key, r.first_day, r.last_day, r.units, r.looks, r.level::float8, r.inference, r.withheld, r.health,
       r.verdict, r.words, r.run_key
FROM results.experiment_readout r
JOIN results.publication p ON p.run_key = r.run_key
WHERE r.experiment_key = ANY (:keys)
"""

_HEADLINES = """
SELECT DISTINCT ON (h.experiment_key) h.experiment_key, h.metric, h.arm_id, h.effect, h.low, h.high, h.relative,
       h.relative_low, h.relative_high
FROM (
    SELECT r.experiment_key, r.metric, r.arm_id, r.difference AS effect, r.low, r.high, r.relative, r.relative_low,
           r.relative_high, r.p_value
    FROM mart.experiment_readout r WHERE r.role = 'primary' AND r.cut = '' AND NOT r.withheld
    UNION ALL
    SELECT l.experiment_key, l.metric, NULL, l.incremental, l.low, l.high, l.relative,
           l.low * l.relative / nullif(l.incremental, 0), l.high * l.relative / nullif(l.incremental, 0), l.p_value
    FROM mart.lift l WHERE l.role = 'primary'
) h
WHERE h.experiment_key = ANY (:keys)
ORDER BY h.experiment_key, h.p_value NULLS LAST, h.metric, h.arm_id
"""
