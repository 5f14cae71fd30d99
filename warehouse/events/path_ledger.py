"""How often each path was gone, as entries that are added up: a change is one entry more, no search for a row."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.events.carry import written


def enter(session: WriteSession, advertiser_key: int, kind: str, *, removed: str = "", built: str = "") -> int:
    """Enter that the journeys of ``removed`` are no more and those of ``built`` are; how many entries that made.

    Both stand behind FROM and have the columns of the endings' question. What is in both makes no entry.
    """
    parts = [
        f"SELECT {sign} AS sign, n.* FROM ({written('path_counts', 'postgres', {'journey': journeys})}) AS n"
        for sign, journeys in ((-1, removed), (1, built))
        if journeys
    ]
    values = {"advertiser": advertiser_key, "kind": kind}
    count: int = session.execute(text(_ENTER.format(parts=" UNION ALL ".join(parts))), values).rowcount  # type: ignore[attr-defined]  # a cursor's
    return count


def begun(session: WriteSession, advertiser_key: int, entries: int) -> None:
    """Note that all entries were made anew."""
    session.execute(text(_BEGUN), {"advertiser": advertiser_key, "entries": entries})


def grown(session: WriteSession, advertiser_key: int, entries: int) -> None:
    """Note further entries, and add all up once there are half as many again."""
    before, later = session.execute(text(_GROWN), {"advertiser": advertiser_key, "entries": entries}).one()
    if later <= before // 2 + _FEW:
        return
    session.execute(text(_ADD_UP), {"advertiser": advertiser_key})
    session.execute(text("DELETE FROM core.path_count WHERE advertiser_key = :key"), {"key": advertiser_key})
    kept = session.execute(text(_KEEP)).rowcount  # type: ignore[attr-defined]  # a cursor's
    session.execute(text("DROP TABLE added_up"))
    begun(session, advertiser_key, kept)


_FEW: Final = 1_000

_MEASURES = ("conversions", "new_customers", "value", "valued", "margin", "margined", "seconds", "null_paths")
_COLUMNS = ", ".join(_MEASURES)

# In the order of the key, which the index then only has to be continued for.
_ENTER = f"""
INSERT INTO core.path_count (advertiser_key, kind, date, path, currency, {_COLUMNS})
SELECT :advertiser, CAST(:kind AS core.conversion_kind), p.date, p.path, p.currency,
       {", ".join(f"sum(p.sign * p.{m})" for m in _MEASURES)}
FROM ({{parts}}) AS p GROUP BY p.date, p.path, p.currency
HAVING {" OR ".join(f"sum(p.sign * p.{m}) <> 0" for m in _MEASURES)}
ORDER BY p.date
"""

_BEGUN = """
UPDATE core.journey_build SET entries = :entries, later_entries = 0 WHERE advertiser_key = :advertiser
"""

_GROWN = """
UPDATE core.journey_build SET later_entries = later_entries + :entries WHERE advertiser_key = :advertiser
RETURNING entries, later_entries
"""

_ADD_UP = f"""
CREATE TEMPORARY TABLE added_up ON COMMIT DROP AS
SELECT advertiser_key, kind, date, path, currency, {", ".join(f"sum({m}) AS {m}" for m in _MEASURES)}
FROM core.path_count WHERE advertiser_key = :advertiser
GROUP BY advertiser_key, kind, date, path, currency
HAVING {" OR ".join(f"sum({m}) <> 0" for m in _MEASURES)}
"""

_KEEP = f"""
INSERT INTO core.path_count (advertiser_key, kind, date, path, currency, {_COLUMNS})
SELECT advertiser_key, kind, date, path, currency, {_COLUMNS} FROM added_up ORDER BY kind, date
"""
