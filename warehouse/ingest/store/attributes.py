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
from warehouse.ingest.store.adoption import adopt
from warehouse.ingest.store.entities import EntityBook
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
        for (level,), frame in newest.group_by("level", maintain_order=True):
            self._write(str(level), frame)
        self.stored.skipped = {reason: n for reason, n in self.stored.skipped.items() if n}
        return self.stored

    def _write(self, level: str, frame: pl.DataFrame) -> None:
        known_accounts = self._known(level) if level == "account" else None
        frame = frame.with_columns(
            account_key=self.accounts.keys(frame.with_columns(account_name=pl.lit(None, pl.String)))
        )
        self.stored.note_accounts(frame)
        frame = frame.with_columns(level_id=pl.col(f"{level}_id"))
        known = _count_known(frame, known_accounts if known_accounts is not None else self._known(level))
        self.stored.accepted += len(frame) - known
        self.stored.skipped["already known"] = self.stored.skipped.get("already known", 0) + known
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
        book.write_attributes(older_than={})
        self.retyped |= book.retyped
        if level == "campaign":
            self._write_status(keys, frame)
        if level == "ad":
            self._write_creatives(frame)
        across = self.accounts.asked is None
        adopted = adopt(self.session, book.made, self.load_key, across_accounts=across)
        self.stored.moved = pl.concat([self.stored.moved, adopted.touched])

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

    def _write_creatives(self, frame: pl.DataFrame) -> None:
        """Which creative each ad shows. A creative that no table of creatives brought yet is known by its id alone."""
        shown = frame.filter(pl.col("creative_id").is_not_null()).unique(["account_key", "ad_id"], keep="last")
        if not shown.is_empty():
            rows = [
                {"account": r["account_key"], "ad": r["ad_id"], "creative": r["creative_id"], "load": self.load_key}
                for r in shown.iter_rows(named=True)
            ]
            self.session.execute(text(_MAKE_CREATIVE), rows)
            self.session.execute(text(_LINK_CREATIVE), rows)

    def _known(self, level: str) -> pl.DataFrame:
        """What the warehouse says of all entities of a level, in the columns of ``contract.ENTITY``."""
        rows = self.session.execute(text(_KNOWN[level]), {"platform": self.accounts.platform})
        columns = list(rows.keys())
        return pl.DataFrame(
            [tuple(row) for row in rows], schema={c: pl.Int32 if c == "account_key" else pl.String for c in columns},
            orient="row",
        )  # fmt: skip


def _count_known(frame: pl.DataFrame, known: pl.DataFrame) -> int:
    """How many rows say nothing that is not known already."""
    shared = [c for c in known.columns if c in frame.columns]
    on = [c for c in shared if c in {"account_key", "level_id"}]
    both = frame.with_row_index("__row").join(known, on=on, suffix="__known")
    same = [
        pl.col(c).is_null() | (pl.col(c) == pl.col(f"{c}__known")).fill_null(value=False) for c in shared if c not in on
    ]
    return both.filter(pl.all_horizontal(same))["__row"].n_unique()


_KNOWN = {
    # What is only assumed about an account is not known.
    "account": """
SELECT a.account_id, a.account_id AS level_id, a.name, CASE WHEN a.currency_is_stated THEN a.currency END AS currency,
       CASE WHEN a.time_zone_is_stated THEN a.time_zone END AS time_zone
FROM core.account a WHERE a.platform = :platform
""",
    "campaign": """
SELECT c.account_key, c.campaign_id AS level_id, c.campaign_id, c.name, c.campaign_type, c.status
FROM core.campaign c JOIN core.account a ON a.account_key = c.account_key WHERE a.platform = :platform
""",
    "ad_group": """
SELECT g.account_key, g.ad_group_id AS level_id, c.campaign_id, g.ad_group_id, g.name
FROM core.ad_group g JOIN core.account a ON a.account_key = g.account_key
JOIN core.campaign c ON c.campaign_key = g.campaign_key WHERE a.platform = :platform
""",
    "ad": """
SELECT d.account_key, d.ad_id AS level_id, c.campaign_id, g.ad_group_id, d.ad_id, d.name, v.creative_id
FROM core.ad d JOIN core.account a ON a.account_key = d.account_key
JOIN core.ad_group g ON g.ad_group_key = d.ad_group_key
JOIN core.campaign c ON c.campaign_key = d.campaign_key
LEFT JOIN core.ad_creative l ON l.account_key = d.account_key AND l.ad_id = d.ad_id
LEFT JOIN core.creative v ON v.creative_key = l.creative_key
WHERE a.platform = :platform
""",
}

_MAKE_CREATIVE = """
INSERT INTO core.creative (account_key, creative_id, load_key) VALUES (:account, :creative, :load)
ON CONFLICT DO NOTHING
"""

_LINK_CREATIVE = """
INSERT INTO core.ad_creative (account_key, ad_id, creative_key, load_key)
SELECT v.account_key, :ad, v.creative_key, :load FROM core.creative v
WHERE v.account_key = :account AND v.creative_id = :creative
ON CONFLICT (account_key, ad_id) DO UPDATE SET creative_key = excluded.creative_key, load_key = excluded.load_key
WHERE ad_creative.creative_key <> excluded.creative_key
"""
