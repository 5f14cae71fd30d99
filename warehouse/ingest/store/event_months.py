"""Rows of touchpoints or web events into their months: straight where a month is new, else staged and merged.

A month that nobody has yet is made as a table of its own, without an index, filled by COPY, and becomes a partition
when the load ends: then its indexes are built at once, by sorting, instead of row by row. Rows of months that are
there already are staged, and those that are new are inserted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl
from psycopg2.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from warehouse.engine import WriteSession
from warehouse.ingest.store.beside import CopyBeside
from warehouse.ingest.store.copying import copy_frame

Parent = Literal["touchpoint", "web_event"]
_KEYS: Final[Mapping[Parent, str]] = {"touchpoint": "touch_id", "web_event": "event_id"}


@dataclass(slots=True)
class EventMonths:
    """The months of one load. ``columns`` are those that frames bring, ``at`` and the id among them."""

    session: WriteSession
    parent: Parent
    load_key: int
    columns: Sequence[str]
    _fresh: dict[dt.date, CopyBeside] = field(default_factory=dict)  # first day of the month -> its table
    _known: set[dt.date] = field(default_factory=set)
    _staged: bool = False
    _copied: int = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows with :attr:`columns`."""
        months = rows["at"].dt.truncate("1mo")
        found = months.unique().sort()
        for first in found:
            mine = rows if len(found) == 1 else rows.filter(months == first)
            fresh = self._fresh_month(first.date())
            if fresh is None:
                self._stage(mine)
            else:
                fresh.copy(mine)

    def finish(self) -> tuple[int, int, int]:
        """Make partitions of the new months and merge the rest: rows written, known before, and repeated."""
        self.close()
        repeated = sum(self._attach(month, fresh.table) for month, fresh in self._fresh.items())
        merged, known, again = self._merge() if self._staged else (0, 0, 0)
        return self._copied - repeated + merged, known, repeated + again

    def close(self) -> None:
        """Wait for what is being copied."""
        for fresh in self._fresh.values():
            fresh.close()

    def _fresh_month(self, month: dt.date) -> CopyBeside | None:
        """The way into the month's table without an index; None when the month is there already."""
        if month not in self._fresh and month not in self._known:
            table = self.session.execute(
                text("SELECT core.open_event_month(:parent, CAST(:month AS date))"),
                {"parent": self.parent, "month": month},
            ).scalar_one()
            if table is None:
                self._known.add(month)
            else:
                self._fresh[month] = CopyBeside(self.session, table, self.columns, self._count)
        return self._fresh.get(month)

    def _count(self, rows: pl.DataFrame) -> None:
        self._copied += rows.height

    def _attach(self, month: dt.date, table: str) -> int:
        """Index the month's table and make it a partition; returns how many rows repeated others of the file."""
        key = _KEYS[self.parent]
        for attempt in range(2):
            savepoint = self.session.begin_nested()
            try:
                self.session.execute(
                    text("SELECT core.attach_event_month(:parent, CAST(:month AS date))"),
                    {"parent": self.parent, "month": month},
                )
            except IntegrityError as error:
                savepoint.rollback()
                if attempt or not isinstance(error.orig, UniqueViolation):
                    raise
                removed = self.session.execute(text(_REMOVE_REPEATED.format(table=table, key=key)))
                repeated: int = removed.rowcount  # type: ignore[attr-defined]  # of a cursor
            else:
                savepoint.commit()
                return repeated if attempt else 0
        return 0

    def _stage(self, rows: pl.DataFrame) -> None:
        if not self._staged:
            self.session.execute(text(_STAGE.format(parent=self.parent, columns=", ".join(self.columns))))
            self._staged = True
        copy_frame(self.session, "incoming_event", rows, self.columns)

    def _merge(self) -> tuple[int, int, int]:
        names = ", ".join(self.columns)
        self.session.execute(text("ANALYZE incoming_event"))
        merged = self.session.execute(
            text(_MERGE.format(parent=self.parent, key=_KEYS[self.parent], columns=names))
        ).one()
        return merged.fresh, merged.distinct_rows - merged.fresh, merged.rows - merged.distinct_rows


_STAGE = """
DROP TABLE IF EXISTS incoming_event;
CREATE TEMPORARY TABLE incoming_event ON COMMIT DROP AS SELECT {columns} FROM core.{parent} WITH NO DATA
"""

_REMOVE_REPEATED = """
DELETE FROM {table} t USING (
    SELECT ctid AS place, row_number() OVER (PARTITION BY at, {key}) AS n FROM {table}
) r WHERE t.ctid = r.place AND r.n > 1
"""

# In the order of time, because that is the order of the index.
_MERGE = """
WITH one AS MATERIALIZED (SELECT DISTINCT ON (at, {key}) {columns} FROM incoming_event ORDER BY at, {key}),
fresh AS (
    INSERT INTO core.{parent} ({columns}) SELECT {columns} FROM one ON CONFLICT (at, {key}) DO NOTHING RETURNING 1)
SELECT (SELECT count(*) FROM incoming_event) AS rows, (SELECT count(*) FROM one) AS distinct_rows,
       (SELECT count(*) FROM fresh) AS fresh
"""
