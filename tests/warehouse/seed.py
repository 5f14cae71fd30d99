"""A small warehouse with known numbers: two accounts at two platforms, two campaigns each, loaded as exports are.

Day ``i`` (from 0) of campaign ``c`` (1 or 2) has ``100 * c`` impressions, ``10 * c`` clicks, ``5 * c`` of spend, ``c``
conversions and ``20 * c + i % 7`` of conversion value; so every sum can be told by hand.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.sessions import Warehouse

FIRST_DAY = dt.date(2026, 6, 1)
DAYS = 60
GOOGLE, META = "1112223333", "444555666"


@dataclass(frozen=True, slots=True)
class Seed:
    """Causeway's keys of the two accounts: Google's in USD, Meta's in EUR."""

    google: int
    meta: int


def seed_two_accounts(warehouse: Warehouse, folder: Path) -> Seed:
    """Write the two exports into ``folder`` and load them."""
    google, meta = folder / "google.csv", folder / "meta.csv"
    google.write_text(google_report(), encoding="utf-8")
    meta.write_text(meta_report(), encoding="utf-8")
    results = load_paths(warehouse, [str(google)], LoadOptions(account=GOOGLE))
    results += load_paths(warehouse, [str(meta)], LoadOptions(account=META))
    assert [(r.status, r.accepted) for r in results] == [("loaded", 2 * DAYS)] * 2, results
    with warehouse.writing() as session:
        accounts = session.execute(text("SELECT account_id, account_key FROM core.account"))
        keys = {account_id: int(key) for account_id, key in accounts}
    return Seed(keys[GOOGLE], keys[META])


def google_report(*, days: int = DAYS, missing: dict[str, range] | None = None) -> str:
    """A campaign report of Google Ads. ``missing`` names columns and the days on which they are "--"."""
    missing = missing or {}

    def cell(column: str, day: int, value: object) -> str:
        return " --" if day in missing.get(column, ()) else str(value)

    lines = ["Campaign report", "All time", _GOOGLE_HEADER]
    for day in range(days):
        date = FIRST_DAY + dt.timedelta(days=day)
        for c, kind in ((1, "Search"), (2, "Shopping")):
            lines.append(
                f"{date},Campaign {c},70{c},{kind},USD,{100 * c},{cell('Clicks', day, 10 * c)},"
                f"{cell('Cost', day, f'{5 * c}.00')},{c}.00,{cell('Conv. value', day, f'{20 * c + day % 7}.00')}"
            )
    return "\n".join(lines) + "\n"


def meta_report(*, days: int = DAYS) -> str:
    """A campaign report of Meta's Ads Manager, by day, in EUR."""
    last = FIRST_DAY + dt.timedelta(days=days - 1)
    lines = [
        f"Meta {c},80{c},{FIRST_DAY + dt.timedelta(days=day)},{100 * c},{10 * c},{5 * c}.00,{c},{20 * c + day % 7}.00,"
        f"{FIRST_DAY},{last}"
        for day in range(days)
        for c in (1, 2)
    ]
    return "\n".join([_META_HEADER, *lines]) + "\n"


_GOOGLE_HEADER = "Day,Campaign,Campaign ID,Campaign type,Currency code,Impr.,Clicks,Cost,Conversions,Conv. value"
_META_HEADER = (
    "Campaign name,Campaign ID,Day,Impressions,Clicks (all),Amount spent (EUR),Purchases,"
    "Purchases conversion value,Reporting starts,Reporting ends"
)
