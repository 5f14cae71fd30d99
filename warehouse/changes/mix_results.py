"""Storing what a mix model found: a fit, and everything that is told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.schema.commerce import ConversionKind

KEPT_DRAWS: Final = 12  # runs of an account whose joint draws are kept, besides those that scenarios stand on


@dataclass(frozen=True, slots=True)
class FitRow:
    """One row of ``results.mix_fit``, without its keys; so are the others of their tables."""

    outcome: str
    goal: ConversionKind
    currency: str
    first_period: dt.date
    last_period: dt.date
    periods: int
    period_days: int
    status: str
    watermark: int
    level: float
    draws: int
    seed: int
    outcome_total: float
    baseline: float
    baseline_low: float
    baseline_high: float
    baseline_share: float
    baseline_share_low: float
    baseline_share_high: float
    words: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What a channel brought."""

    channel: str
    organic: bool
    spend: Decimal
    contribution: float
    contribution_low: float
    contribution_high: float
    share: float
    share_low: float
    share_high: float
    roi: float | None
    roi_low: float | None
    roi_high: float | None
    marginal_roi: float | None
    marginal_roi_low: float | None
    marginal_roi_high: float | None
    prior_roi: float | None
    prior_roi_low: float | None
    prior_roi_high: float | None
    half_life: float
    half_life_low: float
    half_life_high: float
    carried: float
    carried_low: float
    carried_high: float
    learnt: float
    current: Decimal
    trusted: Decimal
    tests: int


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A part of the outcome in a period."""

    part: str
    period: dt.date
    place: int
    kind: str
    estimate: float
    low: float
    high: float
    spend: Decimal | None = None
    exposure: float | None = None


@dataclass(frozen=True, slots=True)
class CurveRow:
    """What a channel brings at a steady spend."""

    channel: str
    place: int
    spend: Decimal
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DrawsRow:
    """Joint draws of a channel's curve under one pair of families."""

    channel: str
    part: int
    adstock: str
    saturation: str
    first_draw: int
    beta: list[float]
    shape_1: list[float]
    shape_2: list[float] | None
    weights: list[float]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One look of the trust card."""

    place: int
    name: str
    status: str
    words: str
    help: str
    value: float | None


@dataclass(frozen=True, slots=True)
class LiftRow:
    """A test that is a row of the fit, or why it is none."""

    place: int
    experiment: str
    channel: str
    metric: str
    first_day: dt.date
    last_day: dt.date
    first_period: dt.date | None
    last_period: dt.date | None
    lift: float | None
    se: float | None
    before: float | None
    before_low: float | None
    before_high: float | None
    after: float | None
    after_low: float | None
    after_high: float | None
    surprise: float | None
    reason: str | None
    words: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """What a channel brought over the periods that this fit and the one before both know."""

    channel: str
    before_fit_key: int
    first_period: dt.date
    last_period: dt.date
    before: float
    before_low: float | None
    before_high: float | None
    after: float
    after_low: float
    after_high: float
    moved: float
    surprise: float | None
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class MixFindings:
    """All that a run found of one outcome."""

    fit: FitRow
    channels: Sequence[ChannelRow]
    series: Sequence[SeriesRow]
    curves: Sequence[CurveRow]
    draws: Sequence[DrawsRow]
    findings: Sequence[FindingRow]
    lifts: Sequence[LiftRow]
    moves: Sequence[MoveRow]


def write_mix(
    session: WriteSession, found: Sequence[MixFindings], *, run_key: int, account_key: int, advertiser_key: int
) -> None:
    """Store fits under a run. Of older runs than the newest ``KEPT_DRAWS`` the draws are let go.

    Those of fits that scenarios stand on stay: their predictions are scored by them.
    """
    for one in found:
        keys = {"run_key": run_key, "account_key": account_key, "advertiser_key": advertiser_key}
        fit_key = _insert_fit(session, one.fit, keys)
        numbered = [{"place": place, **_values(row)} for place, row in enumerate(one.channels)]
        _insert(session, "mix_channel", fit_key, numbered)
        for table, rows in (
            ("mix_series", one.series),
            ("mix_curve", one.curves),
            ("mix_draws", one.draws),
            ("mix_finding", one.findings),
            ("mix_lift", one.lifts),
            ("mix_move", one.moves),
        ):
            _insert(session, table, fit_key, [_values(row) for row in rows])
    session.execute(text(_FORGET), {"account": account_key, "kept": KEPT_DRAWS})


def _insert_fit(session: WriteSession, row: FitRow, keys: Mapping[str, int]) -> int:
    values = {**keys, **_values(row), "goal": row.goal.value}
    given = ", ".join("CAST(:goal AS core.conversion_kind)" if name == "goal" else f":{name}" for name in values)
    sql = f"INSERT INTO results.mix_fit ({', '.join(values)}) VALUES ({given}) RETURNING fit_key"
    return int(session.execute(text(sql), values).scalar_one())


def _insert(session: WriteSession, table: str, fit_key: int, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    values = [{"fit_key": fit_key, **row} for row in rows]
    given = ", ".join(f":{name}" for name in values[0])
    session.execute(text(f"INSERT INTO results.{table} ({', '.join(values[0])}) VALUES ({given})"), values)


def _values(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


_FORGET = """
DELETE FROM results.mix_draws d USING results.mix_fit f
WHERE f.fit_key = d.fit_key AND f.run_key IN (
    SELECT r.run_key FROM results.run r
    WHERE r.job = 'mix' AND r.account_key = :account AND r.state IN ('running', 'done')
      AND EXISTS (SELECT FROM results.mix_fit x WHERE x.run_key = r.run_key)
    ORDER BY r.run_key DESC OFFSET :kept)
  AND NOT EXISTS (SELECT FROM ops.scenario s WHERE s.fit_key = f.fit_key AND s.state <> 'archived')
"""
