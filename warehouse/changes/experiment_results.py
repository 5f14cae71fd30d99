"""Storing what a run found of experiments."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from warehouse.engine import WriteSession


@dataclass(frozen=True, slots=True)
class Readout:
    """One row of ``results.experiment_readout``, without its keys; so are the others of their tables."""

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


@dataclass(frozen=True, slots=True)
class GuardRow:
    """One check."""

    name: str
    status: str
    p_value: float | None
    words: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An arm against the control by one metric, of all units or of a part of them."""

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
    verdict: str


@dataclass(frozen=True, slots=True)
class EffectDay:
    """The effect as it was known on a day."""

    metric: str
    arm_id: str
    date: dt.date
    units: int
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NoveltyRow:
    """The effect in the first and the second half of each unit's time, up to a day, and the change between them."""

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
class LiftRow:
    """What a test over regions or days found of a metric."""

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
    weights: Mapping[str, float]
    identifies: str


@dataclass(frozen=True, slots=True)
class LiftDay:
    """What was and what would have been on a day."""

    metric: str
    date: dt.date
    actual: float
    counterfactual: float
    low: float | None
    high: float | None
    is_test: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finished test says of a channel or campaign."""

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


@dataclass(frozen=True, slots=True)
class ExperimentFindings:
    """All that a run found of one experiment."""

    experiment_key: int
    readout: Readout
    guards: Sequence[GuardRow] = ()
    effects: Sequence[EffectRow] = ()
    days: Sequence[EffectDay] = ()
    novelty: Sequence[NoveltyRow] = ()
    lifts: Sequence[LiftRow] = ()
    lift_days: Sequence[LiftDay] = ()
    evidence: Sequence[Evidence] = ()


def write_experiments(session: WriteSession, found: Sequence[ExperimentFindings], run_key: int) -> None:
    """Store findings under a run."""
    place = 0
    for one in found:
        own = {"run_key": run_key, "experiment_key": one.experiment_key}
        _store(session, "experiment_readout", own, [one.readout])
        _store(session, "experiment_guard", own, one.guards, first=0)
        _store(session, "experiment_effect", own, one.effects, first=0)
        _store(session, "experiment_day", own, one.days)
        _store(session, "experiment_novelty", own, one.novelty)
        _store(session, "lift", own, one.lifts)
        _store(session, "lift_day", own, one.lift_days)
        _store(session, "lift_evidence", own, one.evidence, first=place)
        place += len(one.evidence)


def _store(
    session: WriteSession, table: str, own: Mapping[str, int], rows: Sequence[Any], first: int | None = None
) -> None:
    """Rows of a table; where they are numbered, from ``first`` on."""
    if not rows:
        return
    values = [{**own, **{field.name: _plain(getattr(row, field.name)) for field in fields(row)}} for row in rows]
    if first is not None:
        values = [value | {"place": first + number} for number, value in enumerate(values)]
    given = ", ".join(f"CAST(:{name} AS jsonb)" if name == "weights" else f":{name}" for name in values[0])
    session.execute(text(f"INSERT INTO results.{table} ({', '.join(values[0])}) VALUES ({given})"), values)


def _plain(value: Any) -> Any:
    return json.dumps(dict(value)) if isinstance(value, Mapping) else value
