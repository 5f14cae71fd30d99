"""How the warehouse is doing, for health checks and metrics: over all accounts, without telling of any one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import WriteSession


@dataclass(frozen=True, slots=True)
class PlatformAge:
    """The newest day that any account of a platform has rows of."""

    platform: str
    last_day: dt.date


def loads_by_status(session: WriteSession) -> dict[str, int]:
    """How many loads ended as loaded, unchanged or refused."""
    sql = "SELECT l.status, count(*) AS loads FROM landing.load l GROUP BY l.status"
    return {row.status: row.loads for row in session.execute(text(sql))}


def data_ages(session: WriteSession) -> list[PlatformAge]:
    """How far each platform's data reach."""
    sql = """
SELECT a.platform, max(v.last_day) FROM core.account_level v
JOIN core.account a ON a.account_key = v.account_key
GROUP BY a.platform ORDER BY a.platform
"""
    return [PlatformAge(*row) for row in session.execute(text(sql))]
