"""Audiences as they are saved, and what is written down of them when they are verified."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict
from warehouse.ingest.store.copying import copy_frame, copy_out


@dataclass(frozen=True, slots=True)
class NewAudience:
    """What is saved of an audience besides its customers."""

    account_key: int
    advertiser_key: int
    readout_key: int
    name: str
    value: Decimal
    cost: Decimal
    least: float
    most: int | None
    holdout: Decimal
    seed: int
    customers: int
    held_out: int
    predicted: float
    days: int
    created_by: str


@dataclass(frozen=True, slots=True)
class NewVerification:
    """What was found of an audience."""

    audience_key: int
    advertiser_key: int
    verified_by: str
    measure: str
    first_day: dt.date | None
    last_day: dt.date | None
    level: float
    treated: int
    held_out: int
    predicted: float
    found: float
    found_low: float
    found_high: float
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    provable: float
    is_kept: bool
    groups: Sequence[Mapping[str, Any]]
    words: str


def candidates(session: WriteSession, readout_key: int, least: float, most: int | None) -> pl.DataFrame:
    """Customers with a score above ``least``, at most the best ``most``: customer_key, effect; the best first."""
    sql = f"""
SELECT s.customer_key, max(s.effect) AS effect FROM results.uplift_score s
WHERE s.readout_key = {int(readout_key)} AND s.effect > {float(least)!r}::float8
GROUP BY s.customer_key ORDER BY 2 DESC, 1 LIMIT {"ALL" if most is None else int(most)}
"""
    return copy_out(session, sql, {"customer_key": pl.Int64(), "effect": pl.Float64()})


def save_audience(session: WriteSession, audience: NewAudience, members: pl.DataFrame) -> int:
    """Store an audience with its members (customer_key, effect, is_held_out); its key.

    Raises :class:`Conflict` where the account has one of that name.
    """
    values = asdict(audience)
    sql = f"""INSERT INTO ops.audience ({", ".join(values)}) VALUES ({", ".join(f":{name}" for name in values)})
              ON CONFLICT (account_key, name) DO NOTHING RETURNING audience_key"""
    key = session.execute(text(sql), values).scalar_one_or_none()
    if key is None:
        raise Conflict(f"There is an audience {audience.name!r} already.", remedy="Give this one another name.")
    frame = members.with_columns(
        pl.lit(key).alias("audience_key"),
        pl.lit(audience.advertiser_key).alias("advertiser_key"),
        pl.col("customer_key").alias("identifier_key"),
    )
    copy_frame(session, "ops.audience_member", frame, _MEMBER)
    return int(key)


def write_verification(session: WriteSession, found: NewVerification) -> None:
    """Write down what came of an audience; earlier verifications stay."""
    values = asdict(found) | {"groups": json.dumps([dict(group) for group in found.groups])}
    given = ", ".join(f"CAST(:{name} AS jsonb)" if name == "groups" else f":{name}" for name in values)
    session.execute(text(f"INSERT INTO ops.audience_verification ({', '.join(values)}) VALUES ({given})"), values)


_MEMBER: Final = ("audience_key", "identifier_key", "customer_key", "advertiser_key", "effect", "is_held_out")
