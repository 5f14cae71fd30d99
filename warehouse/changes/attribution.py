"""Storing what an attribution run found, with what it was computed from."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.queries.attribution_store import KEPT_INPUTS
from warehouse.queries.path_counts import PATHS, TOUCHES
from warehouse.schema.commerce import ConversionKind


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One row of ``results.attribution_result``, without the run's keys."""

    goal: ConversionKind
    currency: str
    first_day: dt.date
    last_day: dt.date
    lookback_days: int
    built_at: dt.datetime
    level: float
    markov_order: int
    conversions: int
    untouched: int
    null_paths: int
    capped: int
    value: float | None
    total: float | None
    total_low: float | None
    total_high: float | None
    words: str


@dataclass(frozen=True, slots=True)
class StoredCredit:
    """One row of ``results.attribution``."""

    model: str
    grain: str
    channel: str
    item_key: int | None
    item: str | None
    conversions: float
    low: float
    high: float
    value: float
    value_low: float
    value_high: float
    removal_effect: float | None = None


@dataclass(frozen=True, slots=True)
class StoredDay:
    """One row of ``results.attribution_day``."""

    model: str
    dated: str
    date: dt.date
    channel: str
    conversions: float
    value: float


@dataclass(frozen=True, slots=True)
class StoredPath:
    """One row of ``results.attribution_path``; ``credit`` is model -> channel -> conversions."""

    channels: tuple[str, ...]
    conversions: int
    new_customers: int
    value: float
    null_paths: int
    credit: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class StoredAgreement:
    """One row of ``results.attribution_agreement``."""

    model: str
    kind: str
    other: str
    channel: str | None = None
    distance: float | None = None
    rank_correlation: float | None = None
    credited: float | None = None
    lift: float | None = None
    se: float | None = None
    errors: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GoalFindings:
    """All that a run found for one kind of conversion, and what it was computed from."""

    result: GoalResult
    credits: Sequence[StoredCredit]
    days: Sequence[StoredDay]
    paths: Sequence[StoredPath]
    agreement: Sequence[StoredAgreement]
    path_counts: pl.DataFrame
    touches: pl.DataFrame


def write_attribution(
    session: WriteSession, found: Sequence[GoalFindings], *, run_key: int, advertiser_key: int
) -> None:
    """Store findings under a run. Of older runs than the newest ``KEPT_INPUTS`` the path counts are let go."""
    keys = {"run_key": run_key, "advertiser_key": advertiser_key}
    place, at = 0, 0
    for goal in found:
        own = {**keys, "goal": goal.result.goal.value}
        _insert(session, "attribution_result", own, _columns([goal.result], leave="goal"))
        stored = {"paths": [_parquet(goal.path_counts)], "touches": [_parquet(goal.touches)]}
        _insert(session, "attribution_input", own, stored)
        numbers = {"place": list(range(place, place + len(goal.credits)))}
        _insert(session, "attribution", own, _columns(goal.credits) | numbers)
        _insert(session, "attribution_day", own, _columns(goal.days))
        paths: dict[str, list[Any]] = _columns(goal.paths)
        if paths:
            paths = {name: list(map(json.dumps, values)) if name in _JSON else values for name, values in paths.items()}
            _insert(session, "attribution_path", own, paths | {"rank": list(range(1, len(goal.paths) + 1))})
        numbers = {"place": list(range(at, at + len(goal.agreement)))}
        _insert(session, "attribution_agreement", own, _columns(goal.agreement) | numbers)
        place, at = place + len(goal.credits), at + len(goal.agreement)
    session.execute(text(_FORGET_INPUTS), {"advertiser": advertiser_key, "kept": KEPT_INPUTS})


_JSON: Final = ("channels", "credit")

# PostgreSQL's type of each column, for arrays of it.
_TYPES: Final = {
    "place": "int", "rank": "int", "goal": "core.conversion_kind", "currency": "text", "first_day": "date",
    "last_day": "date", "lookback_days": "int", "built_at": "timestamptz",
    "level": "numeric", "markov_order": "int", "untouched": "bigint", "null_paths": "bigint",
    "capped": "bigint", "new_customers": "bigint", "total": "float8", "total_low": "float8", "total_high": "float8",
    "words": "text", "paths": "bytea", "touches": "bytea", "model": "text", "grain": "text", "channel": "text",
    "item_key": "int", "item": "text", "conversions": "float8", "low": "float8", "high": "float8", "value": "numeric",
    "value_low": "numeric", "value_high": "numeric", "removal_effect": "float8", "dated": "text", "date": "date",
    "channels": "jsonb", "credit": "jsonb", "kind": "text", "other": "text", "distance": "float8",
    "rank_correlation": "float8", "credited": "float8", "lift": "float8", "se": "float8", "errors": "float8",
}  # fmt: skip


def _insert(session: WriteSession, table: str, own: Mapping[str, Any], columns: Mapping[str, list[Any]]) -> None:
    """Rows as one array per column; amounts are rounded to six decimals."""
    if not columns or not next(iter(columns.values())):
        return
    arrays = ", ".join(f"CAST(:{name} AS {_TYPES[name]}[])" for name in columns)
    names = ", ".join(columns)
    taken = ", ".join(f"round(x.{name}, 6)" if _TYPES[name] == "numeric" else f"x.{name}" for name in columns)
    sql = f"""INSERT INTO results.{table} (run_key, advertiser_key, goal, {names})
        SELECT :run_key, :advertiser_key, CAST(:goal AS core.conversion_kind), {taken}
        FROM unnest({arrays}) AS x ({names})"""
    session.execute(text(sql), {**own, **columns})


def _columns(rows: Sequence[Any], leave: str = "") -> dict[str, list[Any]]:
    if not rows:
        return {}
    names = [field.name for field in fields(rows[0])]
    return {
        name: list(values)
        for name, values in zip(names, zip(*map(_values, rows), strict=True), strict=True)
        if name != leave
    }


def _values(row: Any) -> tuple[Any, ...]:
    """As :func:`dataclasses.astuple`, without a copy of what is inside."""
    return astuple(row) if not hasattr(row, "credit") else tuple(getattr(row, f.name) for f in fields(row))


def _parquet(frame: pl.DataFrame) -> bytes:
    known = [name for name in frame.columns if name in PATHS or name in TOUCHES]
    buffer = io.BytesIO()
    frame.select(known).write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


_FORGET_INPUTS = """
DELETE FROM results.attribution_input WHERE advertiser_key = :advertiser AND run_key NOT IN (
    SELECT run_key FROM results.attribution_input WHERE advertiser_key = :advertiser
    GROUP BY run_key ORDER BY run_key DESC LIMIT :kept)
"""
