"""Touchpoints into ``core.touchpoint``: who, where, and each touch once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import LINE, ParsedTable, RejectedRow
from warehouse.ingest.digests import text_digests
from warehouse.ingest.faults import without_addresses
from warehouse.ingest.store.event_months import EventMonths
from warehouse.ingest.store.landings import landings
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.touch_kinds import touch_kinds
from warehouse.ingest.store.touch_places import TouchPlaces
from warehouse.ingest.store.touched import Touched
from warehouse.ingest.store.whose import Whose
from warehouse.schema.events import TouchKind

COLUMNS: Final = (
    "at", "touch_id", "account_key", "identifier_key", "customer_key", "kind", "channel", "campaign_key",
    "ad_group_key", "ad_key", "creative_key", "click_key", "cost", "device", "region", "load_key",
)  # fmt: skip
# An e-mail is of the channel e-mail, unless its source says otherwise.
_CHANNEL: Final = (
    pl.when(pl.col("kind").is_in([TouchKind.email_open, TouchKind.email_click]) & pl.col("channel_name").eq("direct"))
    .then(pl.lit("email"))
    .otherwise(pl.col("channel_name"))
)
# What tells a row without an id of its own from others.
_ROW: Final = (
    "at", "kind", "user_id", "email", "phone", "client_id", "device_id", "click_id", "campaign_id", "ad_group_id",
    "ad_id", "creative_id", "channel", "utm_source", "utm_medium", "utm_campaign", "device", "region", "page",
)  # fmt: skip
_TOGETHER: Final = 50_000  # rows that are stored at a time
_PACKED: Final = 12  # bytes of an id that fit into a UUID behind the account's key
_NUMBER: Final = r"^\d{1,24}$"
_UUID: Final = "^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"


@dataclass(slots=True)
class TouchpointWriter:
    """Writes one parsed table of ``TOUCHPOINT``."""

    session: WriteSession
    table: ParsedTable
    load_key: int
    places: TouchPlaces
    stored: Stored = field(default_factory=Stored)
    _whose: Whose = field(init=False)
    _months: EventMonths = field(init=False)
    _touched: Touched = field(init=False)
    _untold: bool = False
    _held: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._months = EventMonths(self.session, "touchpoint", self.load_key, COLUMNS)
        self._touched = Touched(self.session)
        self._whose = Whose(self.session, self.load_key)

    def add(self, frame: pl.DataFrame) -> None:
        """Hold a frame until there is enough to be worth the while, then store what is held."""
        self._held.append(frame)
        if sum(held.height for held in self._held) >= _TOGETHER:
            self._store_held()

    def _store_held(self) -> None:
        if not self._held:
            return
        frame = self._of_known_kind(pl.concat(self._held))
        self._held.clear()
        if frame["status"].null_count() < frame.height:
            frame, left_out = landings(frame)
            for reason, count in left_out.items():
                self.stored.skip(reason, count)
        if frame.is_empty():
            return
        self._untold |= frame["platform"].null_count() > 0
        frame = frame.with_columns(self.places.keys(frame).rename({"channel": "channel_name"}))
        frame = frame.with_columns(touch_id=_touch_ids(frame), load_key=pl.lit(self.load_key, pl.Int32))
        frame = self._whose.identified(frame, self.stored)
        if frame.is_empty():
            return
        self.stored.note_days(frame["at"].dt.date())
        self.stored.note_accounts(frame)
        self._touched.note(frame)
        self._months.add(frame.with_columns(channel=_CHANNEL).select(COLUMNS))

    def finish(self) -> Stored:
        """Make the new months partitions, merge the rest, and let customers follow."""
        self._store_held()
        if self._untold:
            self.places.note_untold_platform()
        written, known, repeated = self._months.finish()
        seconds = self._without_second_touches()
        self.stored.accepted = written - seconds
        self.stored.skip("already known", known)
        self.stored.skip("repeated row", repeated)
        self.stored.skip("its click is known", seconds)
        self._touched.enter()
        self._whose.settle()
        return self.stored

    def _of_known_kind(self, frame: pl.DataFrame) -> pl.DataFrame:
        kinds = touch_kinds(frame["kind"])
        odd = kinds.is_null()
        if odd.any():
            for line, word in frame.filter(odd).select(LINE, "kind").iter_rows():
                self.stored.rejected.append(
                    RejectedRow(
                        line=line,
                        column="kind",
                        code="unknown_kind",
                        reason=f'"{without_addresses(word)}" is no kind of touch; use one of {", ".join(TouchKind)}.',
                        raw=without_addresses(word),
                    )
                )
        return frame.with_columns(kind=kinds).filter(~odd)

    def _without_second_touches(self) -> int:
        """Remove visits to which a known click led, this load's or earlier ones; returns how many of this load's."""
        if self.stored.first_day is None or not self.session.execute(text(_ANY_VISIT_BY_CLICK)).scalar_one():
            return 0
        of_load = {"load": self.load_key, "first": self.stored.first_day, "last": self.stored.last_day}
        mine: int = self.session.execute(text(_REMOVE_MY_VISITS), of_load).rowcount  # type: ignore[attr-defined]  # of a cursor
        earlier: int = self.session.execute(text(_REMOVE_VISITS_OF_MY_CLICKS), of_load).rowcount  # type: ignore[attr-defined]
        self.stored.vanished += earlier
        return mine


def _touch_ids(frame: pl.DataFrame) -> pl.Series:
    """A UUID for every touch: the source's own, else one out of its id, or without one out of the whole row.

    Short ids are packed as they are, behind the account's key; long ones and rows are hashed.
    """
    ids = frame["touch_id"]
    if ids.null_count() == 0:
        if ids.str.contains(_UUID).all():
            return ids
        if ids.str.contains(_NUMBER).all():
            return _digits(frame["account_key"], "a") + ids.str.pad_start(2 * _PACKED, "f")
    account = frame["account_key"].cast(pl.String)
    plain = ids.set(~ids.str.contains(_UUID).fill_null(value=False), None)
    number = ids.set(~ids.str.contains(_NUMBER).fill_null(value=False), None)
    word = ids.set((ids.str.len_bytes() > _PACKED).fill_null(value=False), None)
    packed = pl.select(
        pl.coalesce(
            plain,
            _digits(frame["account_key"], "a") + number.str.pad_start(2 * _PACKED, "f"),
            _digits(frame["account_key"], "0") + word.str.encode("hex").str.pad_end(2 * _PACKED, "0"),
        )
    ).to_series()
    left = packed.is_null()
    if not left.any():
        return packed
    rows = frame.filter(left)
    named = (account.filter(left) + ":" + rows["touch_id"]).fill_null(
        rows.select(_concatenated(_ROW, account.filter(left))).to_series()
    )
    return packed.scatter(left.arg_true(), text_digests(named))


def _digits(account: pl.Series, mark: str) -> pl.Series:
    """Eight digits of an account's key, the first of them a mark of what follows."""
    return account.replace_strict({key: f"{mark}{key:07}" for key in account.unique()}, return_dtype=pl.String)


def _concatenated(columns: Sequence[str], account: pl.Series) -> pl.Expr:
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in columns]
    return pl.concat_str(pl.lit(account), *parts, separator="\x1f")


_ANY_VISIT_BY_CLICK = """
SELECT EXISTS (SELECT FROM core.touchpoint WHERE click_key IS NOT NULL AND kind = 'visit')
   AND EXISTS (SELECT FROM core.touchpoint WHERE click_key IS NOT NULL AND kind = 'click')
"""

# Days are of UTC, as the times are.
_OF_LOAD = """{0}.load_key = :load AND {0}.click_key IS NOT NULL
  AND {0}.at >= CAST(:first AS date)::timestamp AT TIME ZONE 'UTC'
  AND {0}.at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE 'UTC'"""

_REMOVE_MY_VISITS = f"""
DELETE FROM core.touchpoint v WHERE v.kind = 'visit' AND {_OF_LOAD.format("v")}
  AND EXISTS (SELECT FROM core.touchpoint c WHERE c.kind = 'click' AND c.click_key = v.click_key)
"""

_REMOVE_VISITS_OF_MY_CLICKS = f"""
DELETE FROM core.touchpoint v USING core.touchpoint c
WHERE c.kind = 'click' AND {_OF_LOAD.format("c")} AND v.kind = 'visit' AND v.click_key = c.click_key
"""
