"""Storing which tests are worth most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.schema.commerce import ConversionKind


@dataclass(frozen=True, slots=True)
class StoredTest:
    """One row of ``results.next_test``, without the run's keys."""

    attribution_run_key: int
    goal: ConversionKind
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
    horizon_weeks: int
    last_tested: dt.date | None
    words: str


def write_next_tests(session: WriteSession, tests: Sequence[StoredTest], *, run_key: int, advertiser_key: int) -> None:
    """Store tests under a run, the one worth most first."""
    names = ["run_key", "place", "advertiser_key", *(field.name for field in fields(StoredTest))]
    given = ", ".join("CAST(:goal AS core.conversion_kind)" if name == "goal" else f":{name}" for name in names)
    session.execute(
        text(f"INSERT INTO results.next_test ({', '.join(names)}) VALUES ({given})"),
        [
            {
                "run_key": run_key,
                "place": place,
                "advertiser_key": advertiser_key,
                **asdict(one),
                "goal": one.goal.value,
            }
            for place, one in enumerate(tests)
        ],
    )
