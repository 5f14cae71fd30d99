"""Which test next, as the published run has it; and what decides whether it has to be done anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class NextTest:
    """One row of ``mart.next_test``."""

    advertiser: str
    rank: int
    goal: str
    channel: str
    rests_on: str
    conversions: float
    low: float
    high: float
    level: float
    break_even: float
    spend: Decimal
    currency: str
    chance_wrong: float
    weeks: int
    share: float
    precision: float
    information: Decimal
    test_cost: Decimal
    net: Decimal
    horizon_weeks: int
    last_tested: dt.date | None
    experiment_key: int | None
    experiment_id: str | None
    words: str
    run_key: int


def next_tests(session: ReadSession, *, limit: int = MOST_ROWS) -> list[NextTest]:
    """Tests of all advertisers that the reader sees, by advertiser and rank."""
    return [NextTest(*row) for row in session.execute(text(_NEXT_TESTS), {"limit": min(limit, MOST_ROWS)})]


def last_tested(session: ReadSession, advertiser_key: int) -> dict[str, dt.date]:
    """The last day of the newest test of each channel of an advertiser; of channels that have one."""
    rows = session.execute(text(_LAST_TESTED), {"advertiser": advertiser_key})
    return {row.channel: row.last_day for row in rows}


def is_behind(session: WriteSession, account_key: int) -> bool:
    """Whether attribution was published since tests were ranked."""
    return bool(session.execute(text(_BEHIND), {"account": account_key}).scalar_one())


_NEXT_TESTS = """
SELECT t.advertiser, t.rank, t.goal, t.channel, t.rests_on, t.conversions, t.low, t.high, t.level::float8, t.break_even,
       t.spend, t.currency, t.chance_wrong, t.weeks, t.share, t.precision, t.information, t.test_cost, t.net,
       t.horizon_weeks, t.last_tested, t.experiment_key, t.experiment_id, t.words, t.run_key
FROM mart.next_test t ORDER BY t.advertiser, t.rank LIMIT :limit
"""

_LAST_TESTED = """
SELECT v.channel, max(v.last_day) AS last_day
FROM results.lift_evidence v
JOIN results.publication p ON p.run_key = v.run_key
JOIN core.experiment e ON e.experiment_key = v.experiment_key
JOIN core.account a ON a.account_key = e.account_key
WHERE a.advertiser_key = :advertiser
GROUP BY v.channel
"""

_BEHIND = """
SELECT EXISTS (
    SELECT FROM results.publication p
    JOIN results.publication t ON t.job = 'attribution' AND t.account_key = p.account_key
    WHERE p.job = 'next_tests' AND p.account_key = :account AND t.published_at > p.published_at)
"""
