"""Parsed performance frames into ``core.performance``: straight where nothing can be there yet, else by merging.

Most rows of most files are new: their entity is new, or their day lies outside what the account has. Those are copied
straight into the partitions. Everything else is staged and merged at the end, where repetitions are dropped, segments
summed, restated rows versioned and vanished rows removed. If a straight copy meets a key of the same file, the file
repeats itself: what went straight is taken back into the stage, and the merge decides.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import LINE, Level, ParsedTable
from warehouse.ingest.store import merge
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.adoption import adopt
from warehouse.ingest.store.beside import CopyBeside
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.entities import EntityBook
from warehouse.ingest.store.outcome import Stored

_MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value")
_KEYS = ("entity_key", "date", "account_key", "campaign_key", "measurement_key")
_STAGED = ("line", *_KEYS, *_MEASURES, "segment", "landed_at")
_STRAIGHT = (*_KEYS, "level", "load_key", "counted", "is_final", *_MEASURES)
_MOST_HELD = 250_000  # rows that wait in memory until it is known whether their day is final


@dataclass(slots=True)
class PerformanceWriter:
    """Writes one parsed table. Call :meth:`add` for every frame, then :meth:`finish` once."""

    session: WriteSession
    table: ParsedTable
    load_key: int
    accounts: AccountBook
    entities: EntityBook
    today: dt.date
    stored: Stored = field(default_factory=Stored)
    _covered: dict[int, tuple[dt.date, dt.date] | None] = field(default_factory=dict)
    _spans: dict[int, tuple[dt.date, dt.date]] = field(default_factory=dict)
    _measurements: dict[str | None, int] = field(default_factory=dict)
    _staged: bool = False
    _stage_is_there: bool = False
    _held: pl.DataFrame | None = None  # rows that are to go straight, of days that may not be final
    _to_unsettle: bool = False
    _straight: CopyBeside = field(init=False)
    _months: tuple[dt.date, dt.date] | None = None
    _repeats: bool = False
    _newest_entity: int | None = None
    _adopting: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._straight = CopyBeside(self.session, "core.performance", _STRAIGHT, self._note_copied)

    @property
    def level(self) -> Level:
        if self.table.level is None:
            raise ValueError(f"{self.table.source} has performance rows without a level.")
        return self.table.level

    def add(self, frame: pl.DataFrame) -> None:
        """Store a frame of ``contract.PERFORMANCE``."""
        if frame.is_empty():
            return
        newest_known = self._newest_known_entity()
        frame = frame.with_columns(account_key=self.accounts.keys(frame))
        frame = frame.with_columns(self.entities.keys(frame)).with_columns(measurement_key=self._measurement(frame))
        self._note_days(frame)
        self._adopt()
        new = self._cannot_be_there(frame, newest_known)
        straight, rest = frame.filter(new), frame.filter(~new)
        if not straight.is_empty():
            self._copy_straight(straight)
        if not rest.is_empty():
            self._stage(rest)

    def finish(self) -> Stored:
        """Merge what was staged, and settle which days are final."""
        if self.stored.last_day is not None:
            self.stored.final_before = self._final_before(self.stored.last_day)
            self._copy_held(pl.col("date") < self.stored.final_before)
        self._straight.close()
        self._take_back_what_repeats()
        if self.stored.final_before is not None:
            known = self._spans_with_known_days()
            if self._staged or known:
                self._create_stage()
                merge.merge(self.session, self.table, self.load_key, self.stored, known)
            if self._to_unsettle:
                merge.unsettle(self.session, self.load_key, self.stored.final_before)
            self.entities.write_attributes(older_than=self._ended_later())
        return self.stored

    @property
    def retyped(self) -> set[int]:
        """Campaigns that the load gave another type."""
        return self.entities.retyped

    def _ended_later(self) -> dict[int, dt.date]:
        """Accounts whose known days go on after the file's, with the last of them."""
        spans = {account: self._span(account) for account in self._spans}
        return {account: span[1] for account, span in spans.items() if span is not None}

    def _cannot_be_there(self, frame: pl.DataFrame, newest_known: int) -> pl.Series:
        """True for rows whose key no earlier load can have: a new entity, or a day outside the account's span."""
        # Segments and a connector's repetitions must meet each other in the stage.
        if (
            self._repeats
            or self.table.segments
            or self.table.facet != "main"
            or frame["landed_at"].null_count() < len(frame)
        ):
            return pl.Series(values=[False], dtype=pl.Boolean).new_from_index(0, len(frame))
        outside = pl.lit(value=False)
        for account_key in frame["account_key"].unique():
            span = self._span(account_key)
            mine = pl.col("account_key") == account_key
            outside |= mine if span is None else mine & ~pl.col("date").is_between(*span)
        mine = outside | (pl.col("entity_key") > newest_known)
        return frame.select(mine & ~pl.col("entity_key").is_in(list(self._adopting))).to_series()

    def _adopt(self) -> None:
        """Let the entities that this frame made take over what waited for them."""
        made, self.entities.made = self.entities.made, {}
        across = self.accounts.asked is None
        adopted = adopt(self.session, made, self.load_key, across_accounts=across)
        self.stored.moved = pl.concat([self.stored.moved, adopted.touched])
        self._adopting |= adopted.entities.get(self.level, frozenset())
        if adopted.entities:
            self._covered.clear()  # what was adopted counts as known before

    def _copy_straight(self, frame: pl.DataFrame) -> None:
        """Begin to copy into the partitions. Rows that may still move are held until the file's last day is known."""
        if self.stored.last_day is None:
            raise ValueError("A frame with rows has days.")
        rows = frame.with_columns(
            level=pl.lit(self.level), load_key=pl.lit(self.load_key), counted=pl.lit(self.level != "keyword")
        ).select(LINE, "segment", "landed_at", *_KEYS, "level", "load_key", "counted", *_MEASURES)
        rows = rows if self._held is None else pl.concat([self._held, rows])
        final = rows["date"] < self._final_before(self.stored.last_day)
        self._held = rows.filter(~final)
        self._copy(rows.filter(final).with_columns(is_final=pl.lit(value=True)))
        if len(self._held) > _MOST_HELD:
            self._to_unsettle = True
            self._copy_held(pl.lit(value=True))

    def _copy_held(self, is_final: pl.Expr) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._copy(held.with_columns(is_final=is_final))

    def _copy(self, rows: pl.DataFrame) -> None:
        if not rows.is_empty():
            self._straight.copy(rows)
            self._take_back_what_repeats()

    def _spans_with_known_days(self) -> dict[int, tuple[dt.date, dt.date]]:
        """The file's span of every account that had rows of this level within it before."""
        known = {}
        for account, (first, last) in self._spans.items():
            before = self._span(account)
            if before is not None and first <= before[1] and last >= before[0]:
                known[account] = (first, last)
        return known

    def _note_copied(self, frame: pl.DataFrame) -> None:
        self.stored.accepted += len(frame)
        self.stored.touched = pl.concat([self.stored.touched, frame.select("account_key", "date").unique()]).unique()

    def _take_back_what_repeats(self) -> None:
        """If a key was there already, which only this file can have brought, put everything into the stage."""
        if not self._straight.refused:
            return
        self._straight.settle()
        self._repeats = True
        self._create_stage()
        merge.take_back(self.session, self.load_key, self.stored)
        self._to_unsettle = False
        self.stored.accepted = 0
        self.stored.touched = self.stored.touched.clear()
        held, self._held = self._held, None
        for frame in self._straight.refused if held is None else [*self._straight.refused, held]:
            self._stage(frame)
        self._straight.refused.clear()

    def _stage(self, frame: pl.DataFrame) -> None:
        self._create_stage()
        staged = frame.rename({LINE: "line"}).with_columns(pl.col("segment").fill_null(""))
        copy_frame(self.session, "incoming", staged, _STAGED)
        self._staged = True

    def _create_stage(self) -> None:
        if not self._stage_is_there:
            self.session.execute(text(merge.STAGE))
            self._stage_is_there = True

    def _note_days(self, frame: pl.DataFrame) -> None:
        self.stored.note_days(frame["date"])
        self.stored.note_accounts(frame)
        by_account = frame.group_by("account_key").agg(
            pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
        )
        for account, first, last in by_account.iter_rows():
            known = self._spans.get(account, (first, last))
            self._spans[account] = (min(first, known[0]), max(last, known[1]))
        first, last = self.stored.first_day, self.stored.last_day
        if first is None or last is None:
            raise ValueError("A frame with rows has days.")
        months = (first.replace(day=1), last.replace(day=1))
        if months != self._months:
            self.session.execute(text("SELECT core.ensure_partitions(:first, :last)"), {"first": first, "last": last})
            self._months = months

    def _span(self, account_key: int) -> tuple[dt.date, dt.date] | None:
        """First and last day that the account had on this level before this load."""
        if account_key not in self._covered:
            row = self.session.execute(
                text("SELECT first_day, last_day FROM core.account_level WHERE account_key = :key AND level = :level"),
                {"key": account_key, "level": self.level},
            ).one_or_none()
            self._covered[account_key] = (row.first_day, row.last_day) if row is not None else None
        return self._covered[account_key]

    def _newest_known_entity(self) -> int:
        """The greatest entity key before this load; keys are handed out in order."""
        if self._newest_entity is None:
            table, key = _ENTITY_TABLES[self.level]
            self._newest_entity = int(
                self.session.execute(text(f"SELECT coalesce(max({key}), 0) FROM core.{table}")).scalar_one()
            )
        return self._newest_entity

    def _final_before(self, last_day: dt.date) -> dt.date:
        """Days before this one will not move any more, if ``last_day`` is the last of the file.

        An export does not say when it was taken; the earliest it can be is the day after its last one. That is
        assumed, because it errs on the careful side.
        """
        taken = min(last_day + dt.timedelta(days=1), self.today)
        return taken - dt.timedelta(days=self.table.lookback_days)

    def _measurement(self, frame: pl.DataFrame) -> pl.Series:
        settings = frame["attribution_setting"].unique().to_list()
        for setting in settings:
            if setting not in self._measurements:
                self._measurements[setting] = int(
                    self.session.execute(
                        text(_MEASUREMENT),
                        {
                            "clicks": self.table.click_definition,
                            "setting": setting,
                            "basis": self.table.conversion_basis,
                        },
                    ).scalar_one()
                )
        keys = [self._measurements[s] for s in settings]
        if len(settings) == 1:
            return pl.Series(values=keys, dtype=pl.Int32).new_from_index(0, len(frame))
        by_setting = pl.DataFrame({"attribution_setting": settings, "key": pl.Series(keys, dtype=pl.Int32)})
        return frame.select("attribution_setting").join(
            by_setting, on="attribution_setting", how="left", nulls_equal=True
        )["key"]


_ENTITY_TABLES: dict[Level, tuple[str, str]] = {
    "account": ("campaign", "campaign_key"),
    "campaign": ("campaign", "campaign_key"),
    "ad_group": ("ad_group", "ad_group_key"),
    "ad": ("ad", "ad_key"),
    "keyword": ("keyword", "keyword_key"),
}

_MEASUREMENT = """
WITH made AS (
    INSERT INTO core.measurement (click_definition, attribution_setting, conversion_basis)
    VALUES (:clicks, :setting, :basis) ON CONFLICT DO NOTHING RETURNING measurement_key
)
SELECT measurement_key FROM made
UNION ALL
SELECT measurement_key FROM core.measurement
WHERE click_definition IS NOT DISTINCT FROM :clicks AND attribution_setting IS NOT DISTINCT FROM :setting
  AND conversion_basis IS NOT DISTINCT FROM :basis
LIMIT 1
"""
