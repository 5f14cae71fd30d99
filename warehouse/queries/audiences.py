"""Audiences: what was saved, who is in them, by what their customers are known, and what these did afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import text

from warehouse.engine import PersonalSession, ReadSession
from warehouse.errors import NotFound
from warehouse.queries.copied import copied

LARGEST_PAGE: Final = 1_000
Counted = Literal["orders", "revenue", "conversions"]


@dataclass(frozen=True, slots=True)
class Audience:
    """One row of ``mart.audience`` with the keys of its account; what came of it is None until it is verified."""

    audience_key: int
    account_key: int
    advertiser_key: int
    platform: str
    account_id: str
    name: str
    experiment_key: int
    experiment_id: str
    metric: str
    better: str
    arm_id: str
    value: Decimal
    cost: Decimal
    currency: str | None
    account_currency: str
    least: float
    most: int | None
    holdout: Decimal
    seed: int
    customers: int
    held_out: int
    predicted: float
    days: int
    created_at: dt.datetime
    verified_at: dt.datetime | None
    measure: str | None
    first_day: dt.date | None
    last_day: dt.date | None
    treated: int | None
    found: float | None
    found_low: float | None
    found_high: float | None
    level: float | None
    is_kept: bool | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """One row of ``mart.audience_member``."""

    customer_key: int
    effect: float
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class KnownBy:
    """By what a customer is known: digests as lowercase hexadecimal digits, those of a kind with spaces between."""

    customer_key: int
    email: str
    phone: str
    user: str


def audiences(session: ReadSession) -> list[Audience]:
    """All audiences that the reader may see, the newest first."""
    return [Audience(*row) for row in session.execute(text(f"{_AUDIENCES} ORDER BY a.audience_key DESC"))]


def audience(session: ReadSession, audience_key: int) -> Audience:
    """One audience. Raises :class:`NotFound`, also where the reader may not see it."""
    row = session.execute(text(f"{_AUDIENCES} WHERE a.audience_key = :key"), {"key": audience_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no audience {audience_key}.", remedy="`causeway audience list` shows them.")
    return Audience(*row)


def find_audience(session: ReadSession, named: str) -> int:
    """The key of the newest audience of that name. Raises :class:`NotFound`."""
    sql = "SELECT max(a.audience_key) FROM mart.audience a WHERE a.audience_name = :name"
    key = session.execute(text(sql), {"name": named}).scalar_one()
    if key is None:
        raise NotFound(f"There is no audience {named!r}.", remedy="`causeway audience list` shows them.")
    return int(key)


def audience_members(
    session: ReadSession, audience_key: int, *, limit: int = 100, after: tuple[float, int] | None = None
) -> list[Member]:
    """The customers of an audience, the highest effect first, after an (effect, customer_key)."""
    sql = """
SELECT m.customer_key, m.effect, m.is_held_out FROM mart.audience_member m
WHERE m.audience_key = :key
  AND (CAST(:effect AS float8) IS NULL OR (-m.effect, m.customer_key) > (-CAST(:effect AS float8), :customer))
ORDER BY m.effect DESC, m.customer_key LIMIT :limit
"""
    effect, customer = after or (None, None)
    given = {"key": audience_key, "effect": effect, "customer": customer, "limit": min(limit, LARGEST_PAGE)}
    return [Member(*row) for row in session.execute(text(sql), given)]


def members_to_treat(session: ReadSession, audience_key: int) -> list[Member]:
    """Every customer of an audience who is not held out, the highest effect first.

    Whoever turned out to be one with somebody who is held out is left out, too.
    """
    sql = """
SELECT m.customer_key, max(m.effect), false FROM mart.audience_member m WHERE m.audience_key = :key
GROUP BY m.customer_key HAVING NOT bool_or(m.is_held_out) ORDER BY 2 DESC, 1
"""
    return [Member(*row) for row in session.execute(text(sql), {"key": audience_key})]


def known_by(session: PersonalSession, advertiser_key: int, customer_keys: Sequence[int]) -> dict[int, KnownBy]:
    """By what these customers are known; those who are known by a browser or a click alone are left out."""
    rows = session.execute(text(_KNOWN_BY), {"advertiser": advertiser_key, "keys": list(customer_keys)})
    return {row.customer_key: KnownBy(*row) for row in rows}


def realised(session: ReadSession, audience: Audience, counted: Counted, first: dt.date, last: dt.date) -> pl.DataFrame:
    """What every customer of an audience did from day to day (UTC): customer_key, effect, is_held_out, outcome.

    Orders and conversions are counted, revenue is in the account's currency. Whoever turned out to be two of which one
    is held out is left out.
    """
    values = {
        "key": audience.audience_key,
        "first": first.isoformat(),
        "beyond": (last + dt.timedelta(days=1)).isoformat(),
        "currency": audience.account_currency,
        "advertiser": audience.advertiser_key,
    }
    columns: dict[str, Any] = {
        "customer_key": pl.Int64(), "effect": pl.Float64(), "is_held_out": pl.Boolean(), "outcome": pl.Float64(),
    }  # fmt: skip
    return copied(session, _REALISED.format(did=_DID[counted]), values, columns)


def everybody_of(session: ReadSession, audience_key: int) -> pl.DataFrame:
    """Every customer of an audience: customer_key, effect, is_held_out; left out as by :func:`realised`."""
    columns: dict[str, Any] = {"customer_key": pl.Int64(), "effect": pl.Float64(), "is_held_out": pl.Boolean()}
    return copied(session, f"{_EVERYBODY} ORDER BY 1", {"key": audience_key}, columns)


_AUDIENCES: Final = """
SELECT a.audience_key, n.account_key, n.advertiser_key, a.platform, a.account_id, a.audience_name, a.experiment_key,
       a.experiment_id, a.metric, m.better, a.arm_id, a.value, a.cost, a.currency, n.currency, a.least, a.most,
       a.holdout, a.seed, a.customers, a.held_out, a.predicted, a.days, a.created_at, a.verified_at, a.measure,
       a.first_day, a.last_day, a.treated, a.found, a.found_low, a.found_high, a.level::float8, a.is_kept, a.words
FROM mart.audience a
JOIN core.account n ON n.platform = a.platform AND n.account_id = a.account_id
JOIN ops.audience o ON o.audience_key = a.audience_key
JOIN results.uplift_readout m ON m.readout_key = o.readout_key
"""

_KNOWN_BY: Final = """
SELECT i.customer_key,
       coalesce(string_agg(replace(i.digest::text, '-', ''), ' ' ORDER BY i.identifier_key)
                FILTER (WHERE i.kind = 'email'), '') AS email,
       coalesce(string_agg(replace(i.digest::text, '-', ''), ' ' ORDER BY i.identifier_key)
                FILTER (WHERE i.kind = 'phone'), '') AS phone,
       coalesce(string_agg(replace(i.digest::text, '-', ''), ' ' ORDER BY i.identifier_key)
                FILTER (WHERE i.kind = 'user'), '') AS user
FROM core.identifier i
WHERE i.advertiser_key = :advertiser AND i.customer_key = ANY (:keys) AND i.kind IN ('email', 'phone', 'user')
  AND NOT i.is_shared
GROUP BY i.customer_key
"""

_EVERYBODY: Final = """
SELECT m.customer_key, max(m.effect) AS effect, bool_or(m.is_held_out) AS is_held_out
FROM ops.audience_member m WHERE m.audience_key = :key
GROUP BY m.customer_key HAVING bool_and(m.is_held_out) = bool_or(m.is_held_out)
"""

_MINE: Final = "ARRAY(SELECT a.account_key FROM core.account a WHERE a.advertiser_key = :advertiser)"
_DID: Final[dict[Counted, str]] = {
    "orders": f"""
SELECT o.customer_key, count(*) AS value FROM core.shop_order o
WHERE o.account_key = ANY ({_MINE}) AND NOT o.is_test AND o.cancelled_at IS NULL
  AND o.at >= CAST(:first AS timestamptz) AND o.at < CAST(:beyond AS timestamptz)
GROUP BY o.customer_key""",
    "revenue": f"""
SELECT o.customer_key, sum(o.revenue) AS value
FROM core.shop_order o JOIN core.account b ON b.account_key = o.account_key
WHERE o.account_key = ANY ({_MINE}) AND b.currency = :currency AND NOT o.is_test AND o.cancelled_at IS NULL
  AND o.at >= CAST(:first AS timestamptz) AND o.at < CAST(:beyond AS timestamptz)
GROUP BY o.customer_key""",
    "conversions": f"""
SELECT c.customer_key, count(*) AS value FROM core.conversion c
WHERE c.account_key = ANY ({_MINE}) AND c.counts
  AND c.at >= CAST(:first AS timestamptz) AND c.at < CAST(:beyond AS timestamptz)
GROUP BY c.customer_key""",
}

_REALISED: Final = f"""
SELECT e.customer_key, e.effect, e.is_held_out, coalesce(d.value, 0)::float8
FROM ({_EVERYBODY}) e LEFT JOIN ({{did}}) d ON d.customer_key = e.customer_key
ORDER BY e.customer_key
"""
