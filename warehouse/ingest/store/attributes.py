"""Tables about campaigns, ad groups, ads and accounts themselves: names, types, parents, currency, zone.

Connectors land a version per change; the newest counts. A table may bring the parent that facts loaded earlier did
not name: those facts then move from the stand-in to the real one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import LINE, Level, ParsedTable
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.entities import UNKNOWN, EntityBook
from warehouse.ingest.store.outcome import Stored

_IDS = ("account_id", "campaign_id", "ad_group_id", "ad_id")


@dataclass(slots=True)
class AttributesWriter:
    """Writes one parsed table of ``contract.ENTITY``. Such tables are as large as the number of entities."""

    session: WriteSession
    table: ParsedTable
    load_key: int
    accounts: AccountBook
    stored: Stored = field(default_factory=Stored)
    retyped: set[int] = field(default_factory=set)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        """Hold a frame until all versions are there."""
        if not frame.is_empty():
            self._frames.append(frame)

    def finish(self) -> Stored:
        """Write the newest version of each entity and move facts that waited for their parent."""
        if not self._frames:
            return self.stored
        rows = pl.concat(self._frames)
        newest = rows.sort("updated_at", LINE, nulls_last=False).unique(
            subset=["level", *_IDS], keep="last", maintain_order=True
        )
        self.stored.skipped["older version"] = len(rows) - len(newest)
        self.stored.accepted = len(newest)
        for (level,), frame in newest.group_by("level", maintain_order=True):
            self._write(str(level), frame)
        self.stored.skipped = {reason: n for reason, n in self.stored.skipped.items() if n}
        return self.stored

    def _write(self, level: str, frame: pl.DataFrame) -> None:
        frame = frame.with_columns(
            account_key=self.accounts.keys(frame.with_columns(account_name=pl.lit(None, pl.String)))
        )
        self.stored.note_accounts(frame)
        if level == "account":
            self._rename_accounts(frame)
            return
        typed: Level = {"campaign": "campaign", "ad_group": "ad_group", "ad": "ad"}[level]  # type: ignore[assignment]
        book = EntityBook(self.session, typed, self.accounts.assumptions)
        empty = pl.lit(None, pl.String)
        keyed = frame.with_columns(
            campaign_name=pl.col("name") if level == "campaign" else empty,
            ad_group_name=pl.col("name") if level == "ad_group" else empty,
            ad_name=pl.col("name") if level == "ad" else empty,
        )
        keys = book.keys(keyed)
        book.write_attributes()
        self.retyped |= book.retyped
        if level == "campaign":
            self._write_status(keys, frame)
        else:
            self.retyped |= _adopt(self.session, level, keys["entity_key"].unique().to_list())

    def _rename_accounts(self, frame: pl.DataFrame) -> None:
        named = frame.filter(pl.col("name").is_not_null())
        if not named.is_empty():
            self.session.execute(
                text("UPDATE core.account SET name = :name WHERE account_key = :key AND name <> :name"),
                [{"key": r["account_key"], "name": r["name"]} for r in named.iter_rows(named=True)],
            )

    def _write_status(self, keys: pl.DataFrame, frame: pl.DataFrame) -> None:
        known = keys.with_columns(status=frame["status"]).filter(pl.col("status").is_not_null())
        if not known.is_empty():
            self.session.execute(
                text("UPDATE core.campaign SET status = :status WHERE campaign_key = :key"),
                [{"key": r["campaign_key"], "status": r["status"]} for r in known.iter_rows(named=True)],
            )


def _adopt(session: WriteSession, level: str, keys: list[int]) -> set[int]:
    """Move the facts of stand-ins to the entities that are now known; the campaigns whose days changed."""
    moved = session.execute(text(_ADOPT[level]), {"keys": keys, "unknown": UNKNOWN})
    return {key for row in moved for key in (row.old_campaign, row.new_campaign)}


# A stand-in is an entity of the same platform with the same id under a parent that its file did not name.
_ADOPT = {
    "ad_group": """
WITH pair AS (
    SELECT o.ad_group_key AS old_key, o.campaign_key AS old_campaign, r.ad_group_key AS new_key,
           r.campaign_key AS new_campaign, r.account_key AS new_account
    FROM core.ad_group r
    JOIN core.account ra ON ra.account_key = r.account_key
    JOIN core.ad_group o ON o.ad_group_id = r.ad_group_id AND o.ad_group_key <> r.ad_group_key
    JOIN core.account oa ON oa.account_key = o.account_key AND oa.platform = ra.platform
    JOIN core.campaign oc ON oc.campaign_key = o.campaign_key AND oc.campaign_id = :unknown
    JOIN core.campaign rc ON rc.campaign_key = r.campaign_key AND rc.campaign_id <> :unknown
    WHERE r.ad_group_key = ANY (CAST(:keys AS int[]))
), ads AS (
    UPDATE core.ad a SET ad_group_key = p.new_key, campaign_key = p.new_campaign, account_key = p.new_account
    FROM pair p WHERE a.ad_group_key = p.old_key RETURNING a.ad_key, p.new_campaign, p.new_account
), ad_facts AS (
    UPDATE core.performance f SET campaign_key = a.new_campaign, account_key = a.new_account
    FROM ads a WHERE f.level = 'ad' AND f.entity_key = a.ad_key RETURNING 1
), facts AS (
    UPDATE core.performance f SET entity_key = p.new_key, campaign_key = p.new_campaign, account_key = p.new_account
    FROM pair p WHERE f.level = 'ad_group' AND f.entity_key = p.old_key RETURNING 1
)
SELECT old_campaign, new_campaign FROM pair
""",
    "ad": """
WITH pair AS (
    SELECT o.ad_key AS old_key, o.campaign_key AS old_campaign, r.ad_key AS new_key, r.campaign_key AS new_campaign,
           r.account_key AS new_account
    FROM core.ad r
    JOIN core.account ra ON ra.account_key = r.account_key
    JOIN core.ad o ON o.ad_id = r.ad_id AND o.ad_key <> r.ad_key
    JOIN core.account oa ON oa.account_key = o.account_key AND oa.platform = ra.platform
    JOIN core.ad_group g ON g.ad_group_key = o.ad_group_key AND g.ad_group_id = :unknown
    JOIN core.ad_group rg ON rg.ad_group_key = r.ad_group_key AND rg.ad_group_id <> :unknown
    WHERE r.ad_key = ANY (CAST(:keys AS int[]))
), facts AS (
    UPDATE core.performance f SET entity_key = p.new_key, campaign_key = p.new_campaign, account_key = p.new_account
    FROM pair p WHERE f.level = 'ad' AND f.entity_key = p.old_key RETURNING 1
)
SELECT old_campaign, new_campaign FROM pair
""",
}
