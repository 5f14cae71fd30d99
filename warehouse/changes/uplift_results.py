"""Storing what a run found of who responds to a treatment, and customers' scores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import copy_frame

KEPT_SCORES: Final = 12  # runs of an account whose scores are kept; of older ones the read-outs are


@dataclass(frozen=True, slots=True)
class Readout:
    """One row of ``results.uplift_readout``, without its keys; so are the others of their tables."""

    metric: str
    arm_id: str
    control_id: str
    state: str
    better: str
    learner: str
    first_day: dt.date | None
    days: int | None
    lookback_days: int | None
    scored_on: dt.date | None
    watermark: int
    level: float
    treated: int
    untreated: int
    judged: int
    scored: int
    value: Decimal
    cost: Decimal
    currency: str | None
    margin: float | None
    usual: float | None
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    qini: float | None
    qini_low: float | None
    qini_high: float | None
    autoc: float | None
    autoc_low: float | None
    autoc_high: float | None
    auuc: float | None
    auuc_low: float | None
    auuc_high: float | None
    words: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What treating the best part of the customers gains."""

    share: float
    least: float
    gain: float
    gain_low: float
    gain_high: float
    rest: float
    rest_low: float
    rest_high: float


@dataclass(frozen=True, slots=True)
class KindRow:
    """Customers of a kind."""

    kind: str
    customers: int
    share: float
    predicted: float
    untreated: float
    found: float | None
    found_low: float | None
    found_high: float | None


@dataclass(frozen=True, slots=True)
class DriverRow:
    """A feature that moves uplift."""

    feature: str
    contribution: float
    direction: float | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check."""

    name: str
    status: str
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class UpliftFindings:
    """All that a run found of one arm and metric of an experiment.

    ``scores`` has customer_key, effect, untreated, kind, and as lists reasons, reason_values and reason_effects; None
    where targeting is withheld.
    """

    experiment_key: int
    readout: Readout
    checks: Sequence[CheckRow]
    curve: Sequence[CurvePoint] = ()
    kinds: Sequence[KindRow] = ()
    drivers: Sequence[DriverRow] = ()
    scores: pl.DataFrame | None = None


def write_uplift(
    session: WriteSession, found: Sequence[UpliftFindings], *, run_key: int, account_key: int, advertiser_key: int
) -> None:
    """Store findings under a run. Of older runs than the newest ``KEPT_SCORES`` the scores are let go."""
    for one in found:
        key = _insert_readout(session, one, run_key)
        own = {"readout_key": key, "experiment_key": one.experiment_key}
        _insert(session, "uplift_check", own, one.checks, numbered=True)
        _insert(session, "uplift_curve", own, one.curve, numbered=True)
        _insert(session, "uplift_kind", own, one.kinds, numbered=False)
        _insert(session, "uplift_driver", own, one.drivers, numbered=True)
        if one.scores is not None:
            _copy_scores(session, one.scores, key, advertiser_key)
    session.execute(text(_FORGET), {"account": account_key, "kept": KEPT_SCORES})


def _insert_readout(session: WriteSession, one: UpliftFindings, run_key: int) -> int:
    values = {field.name: getattr(one.readout, field.name) for field in fields(one.readout)}
    values |= {"run_key": run_key, "experiment_key": one.experiment_key}
    sql = f"""INSERT INTO results.uplift_readout ({", ".join(values)})
              VALUES ({", ".join(f":{name}" for name in values)}) RETURNING readout_key"""
    return int(session.execute(text(sql), values).scalar_one())


def _insert(session: WriteSession, table: str, own: Mapping[str, int], rows: Sequence[Any], *, numbered: bool) -> None:
    if not rows:
        return
    values = [
        {**own, **({"place": place} if numbered else {}), **{f.name: getattr(row, f.name) for f in fields(row)}}
        for place, row in enumerate(rows)
    ]
    given = ", ".join(f":{name}" for name in values[0])
    session.execute(text(f"INSERT INTO results.{table} ({', '.join(values[0])}) VALUES ({given})"), values)


def _copy_scores(session: WriteSession, scores: pl.DataFrame, readout_key: int, advertiser_key: int) -> None:
    frame = scores.with_columns(
        pl.lit(readout_key).alias("readout_key"),
        pl.lit(advertiser_key).alias("advertiser_key"),
        pl.col("customer_key").alias("identifier_key"),
        _array("reasons", pl.String()),
        _array("reason_values", pl.Float64()),
        _array("reason_effects", pl.Float64()),
    )
    copy_frame(session, "results.uplift_score", frame, _SCORE)


def _array(name: str, kind: Any) -> pl.Expr:
    """A list as PostgreSQL writes an array; names of features need no quotes."""
    said = pl.col(name).cast(pl.List(kind)).list.eval(pl.element().cast(pl.String).fill_null("NULL"))
    return pl.concat_str(pl.lit("{"), said.list.join(","), pl.lit("}")).alias(name)


_SCORE: Final = (
    "readout_key", "identifier_key", "customer_key", "advertiser_key", "effect", "untreated", "kind", "reasons",
    "reason_values", "reason_effects",
)  # fmt: skip

_FORGET = """
DELETE FROM results.uplift_score s USING results.uplift_readout o
WHERE o.readout_key = s.readout_key AND o.run_key IN (
    SELECT r.run_key FROM results.run r
    WHERE r.job = 'uplift' AND r.account_key = :account AND r.state IN ('running', 'done')
      AND EXISTS (SELECT FROM results.uplift_readout x WHERE x.run_key = r.run_key)
    ORDER BY r.run_key DESC OFFSET :kept)
"""
