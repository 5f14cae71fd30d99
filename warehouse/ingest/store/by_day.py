"""The small datasets that have one row per day: exchange rates, orders, web sessions, e-mail, organic traffic."""

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
    """Where a dataset goes: its table, the columns of its key, and what is measured.

    ``summed``: rows of one key are parts of it (queries, variants of a mailing), not versions. ``names`` are further
    columns that tell what the key is.
    """

    table: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    summed: bool = False
    names: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.values + self.names


_SMALLEST_RATE = 1e-10  # what core.fx_rate can hold

_SHAPES: dict[DatasetName, _Shape] = {
    "fx_rate": _Shape("core.fx_rate", ("from_currency", "to_currency", "date"), ("rate",)),
    "order_day": _Shape("core.order_day", ("account_key", "date"), ("orders", "revenue")),
    "web_session_day": _Shape(
        "core.web_session_day",
        ("account_key", "date", "channel_group"),
        ("sessions", "engaged_sessions", "key_events", "revenue"),
    ),
    "email_day": _Shape(
        "core.email_day",
        ("account_key", "date", "campaign_id"),
        ("sent", "delivered", "opens", "clicks", "unsubscribes", "revenue"),
        summed=True,
        names=("campaign_name",),
    ),
    "organic_day": _Shape(
        "core.organic_day",
        ("account_key", "date", "origin"),
        ("impressions", "clicks", "sessions"),
        summed=True,
    ),
}


@dataclass(slots=True)
class ByDayWriter:
    """Writes one parsed table of such a dataset; of several rows of a key in the file the last counts, or their sum."""

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
        if "origin" in shape.key:
            frame = frame.with_columns(pl.col("origin").str.to_lowercase().fill_null("organic"))
        if "campaign_id" in shape.key:
            frame = frame.with_columns(pl.coalesce("campaign_id", "campaign_name", pl.lit("")))
        self.stored.note_days(frame["date"])
        if not self._created:
            self.session.execute(text("DROP TABLE IF EXISTS incoming_day"))
            self.session.execute(
                text(
                    f"CREATE TEMPORARY TABLE incoming_day ON COMMIT DROP AS "
                    f"SELECT 0 AS line, {_list(shape.key + shape.columns)} FROM {shape.table} WITH NO DATA"
                )
            )
            self._created = True
        copy_frame(self.session, "incoming_day", frame.rename({LINE: "line"}), ("line", *shape.key, *shape.columns))

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
        if self.dataset == "order_day":
            known = self.session.execute(text(_KNOWN_ONE_BY_ONE)).scalar_one()
            self.stored.skip("day whose orders are known one by one", known)
        key, columns = _list(shape.key), _list(shape.columns)
        same_key = " AND ".join(f"t.{c} = d.{c}" for c in shape.key)
        differs = " OR ".join(f"t.{c} IS DISTINCT FROM d.{c}" for c in shape.columns)
        row = self.session.execute(
            text(
                f"""WITH d AS ({_one_per_key(shape)}),
                judged AS (
                    SELECT d.*, t.load_key IS NOT NULL AS known, t.load_key IS NOT NULL AND ({differs}) AS differs
                    FROM d LEFT JOIN {shape.table} t ON {same_key}),
                written AS (
                    INSERT INTO {shape.table} ({key}, {columns}, load_key)
                    SELECT {key}, {columns}, :load FROM judged WHERE NOT known OR differs
                    ON CONFLICT ({key}) DO UPDATE
                    SET {", ".join(f"{c} = excluded.{c}" for c in shape.columns)}, load_key = excluded.load_key
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
            ("added to its day" if shape.summed else "repeated row", row.rows - row.keys),
        ):
            self.stored.skip(reason, count)
        return self.stored


def _one_per_key(shape: _Shape) -> str:
    """The rows of ``incoming_day``, one per key."""
    key = _list(shape.key)
    if not shape.summed:
        return f"SELECT DISTINCT ON ({key}) {key}, {_list(shape.columns)} FROM incoming_day ORDER BY {key}, line DESC"
    sums = [f"sum({c}) AS {c}" for c in shape.values] + [f"max({c}) AS {c}" for c in shape.names]
    return f"SELECT {key}, {', '.join(sums)} FROM incoming_day GROUP BY {key}"


def _list(columns: Sequence[str]) -> str:
    return ", ".join(columns)


# A report by day says less than the orders themselves, and may count what does not count.
_KNOWN_ONE_BY_ONE = """
WITH gone AS (
    DELETE FROM incoming_day d USING core.account a
    WHERE a.account_key = d.account_key AND EXISTS (
        SELECT FROM core.shop_order o WHERE o.account_key = d.account_key
          AND o.at >= d.date::timestamp AT TIME ZONE a.time_zone
          AND o.at < (d.date + 1)::timestamp AT TIME ZONE a.time_zone)
    RETURNING 1)
SELECT count(*) FROM gone
"""
