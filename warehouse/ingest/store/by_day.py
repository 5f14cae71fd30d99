"""The small datasets that have one row per day: exchange rates, orders, web sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import LINE, DatasetName, RejectedRow
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.outcome import Stored


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where a dataset goes: its table, the columns of its key, and what is measured."""

    table: str
    key: tuple[str, ...]
    values: tuple[str, ...]


_SMALLEST_RATE = 1e-10  # what core.fx_rate can hold

_SHAPES: dict[DatasetName, _Shape] = {
    "fx_rate": _Shape("core.fx_rate", ("from_currency", "to_currency", "date"), ("rate",)),
    "order_day": _Shape("core.order_day", ("account_key", "date"), ("orders", "revenue")),
    "web_session_day": _Shape(
        "core.web_session_day",
        ("account_key", "date", "channel_group"),
        ("sessions", "engaged_sessions", "key_events", "revenue"),
    ),
}


@dataclass(slots=True)
class ByDayWriter:
    """Writes one parsed table of such a dataset; the last row of a key in the file counts."""

    session: WriteSession
    dataset: DatasetName
    load_key: int
    accounts: AccountBook | None  # None for exchange rates, which belong to nobody
    stored: Stored = field(default_factory=Stored)
    _created: bool = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame."""
        if frame.is_empty():
            return
        shape = _SHAPES[self.dataset]
        if self.dataset == "fx_rate":
            frame = self._without_nothing_rates(frame)
        if self.accounts is not None:
            frame = frame.with_columns(account_key=self.accounts.keys(frame))
            self.stored.note_accounts(frame)
        if frame.is_empty():
            return
        if "channel_group" in shape.key:
            frame = frame.with_columns(pl.col("channel_group").fill_null(""))  # sessions of a day without groups
        self.stored.note_days(frame["date"])
        if not self._created:
            self.session.execute(text("DROP TABLE IF EXISTS incoming_day"))
            self.session.execute(
                text(
                    f"CREATE TEMPORARY TABLE incoming_day ON COMMIT DROP AS "
                    f"SELECT 0 AS line, {_list(shape.key + shape.values)} FROM {shape.table} WITH NO DATA"
                )
            )
            self._created = True
        copy_frame(self.session, "incoming_day", frame.rename({LINE: "line"}), ("line", *shape.key, *shape.values))

    def _without_nothing_rates(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows whose rate is above zero when it is stored; the others are rejected."""
        nothing = frame["rate"].cast(pl.Float64) < _SMALLEST_RATE
        for row in frame.filter(nothing).iter_rows(named=True):
            self.stored.rejected.append(
                RejectedRow(
                    line=row[LINE],
                    column="rate",
                    code="rate_not_positive",
                    reason="A rate must be above zero, or amounts would become nothing.",
                    raw=f"{row['date']},{row['from_currency']},{row['to_currency']},{row['rate']}",
                )
            )
        return frame.filter(~nothing)

    def finish(self) -> Stored:
        """Insert what is new, replace what differs, and count."""
        if not self._created:
            return self.stored
        shape = _SHAPES[self.dataset]
        key, values = _list(shape.key), _list(shape.values)
        same_key = " AND ".join(f"t.{c} = d.{c}" for c in shape.key)
        differs = " OR ".join(f"t.{c} IS DISTINCT FROM d.{c}" for c in shape.values)
        row = self.session.execute(
            text(
                f"""WITH d AS (
                    SELECT DISTINCT ON ({key}) {key}, {values} FROM incoming_day ORDER BY {key}, line DESC),
                judged AS (
                    SELECT d.*, t.load_key IS NOT NULL AS known, t.load_key IS NOT NULL AND ({differs}) AS differs
                    FROM d LEFT JOIN {shape.table} t ON {same_key}),
                written AS (
                    INSERT INTO {shape.table} ({key}, {values}, load_key)
                    SELECT {key}, {values}, :load FROM judged WHERE NOT known OR differs
                    ON CONFLICT ({key}) DO UPDATE
                    SET {", ".join(f"{c} = excluded.{c}" for c in shape.values)}, load_key = excluded.load_key
                    RETURNING 1)
                SELECT count(*) FILTER (WHERE NOT known) AS fresh, count(*) FILTER (WHERE differs) AS restated,
                       count(*) AS keys, (SELECT count(*) FROM incoming_day) AS rows, (SELECT count(*) FROM written)
                FROM judged"""
            ),
            {"load": self.load_key},
        ).one()
        self.stored.accepted = row.fresh + row.restated
        self.stored.restated = row.restated
        for reason, count in (
            ("already known", row.keys - row.fresh - row.restated),
            ("repeated row", row.rows - row.keys),
        ):
            if count:
                self.stored.skipped[reason] = count
        return self.stored


def _list(columns: Sequence[str]) -> str:
    return ", ".join(columns)
