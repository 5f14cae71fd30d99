"""Web events into ``core.web_event``, and what follows from them: sessions, visits, conversions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import ParsedTable
from warehouse.ingest.currency import CURRENCIES
from warehouse.ingest.digests import text_digests
from warehouse.ingest.store import web_sessions
from warehouse.ingest.store.accounts import AccountBook
from warehouse.ingest.store.event_months import EventMonths
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.purchases import settle_purchases, write_purchases
from warehouse.ingest.store.whose import Whose

COLUMNS: Final = (
    "at", "event_id", "account_key", "identifier_key", "customer_key", "name", "session_id", "day", "is_intraday",
    "page", "source", "medium", "campaign", "click_key", "engaged", "engagement_ms", "device", "region", "value",
    "currency", "transaction_id", "load_key",
)  # fmt: skip
# What tells one event from another, as Google Analytics exports it; of nobody's events the page and the device too.
_KEY: Final = ("client_id", "name", "at", "bundle", "batch", "batch_event", "batch_page")
_OF_NOBODY: Final = ("stream_id", "page", "device", "country", "region", "transaction_id")
_PROPERTY: Final = re.compile(r"analytics_(\d+)")
_NO_SOURCE: Final = ("(direct)", "(none)", "(not set)", "(organic)", "(data not available)", "")
_NO_TRANSACTION: Final = ("(not set)", "")
_ADVERTISED: Final = ("google", "cpc")  # what a gclid says, where the export still says (direct) or (organic)


@dataclass(slots=True)
class WebEventWriter:
    """Writes one parsed table of ``WEB_EVENT``."""

    session: WriteSession
    table: ParsedTable
    load_key: int
    accounts: AccountBook
    stored: Stored = field(default_factory=Stored)
    _whose: Whose = field(init=False)
    _months: EventMonths = field(init=False)
    _days: dict[tuple[int, dt.date], bool] = field(default_factory=dict)  # whether the daily table is there
    _replacing: set[tuple[int, dt.date]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._months = EventMonths(self.session, "web_event", self.load_key, COLUMNS)
        self._whose = Whose(self.session, self.load_key)

    def add(self, frame: pl.DataFrame) -> None:
        """Store a frame."""
        if frame.is_empty():
            return
        frame = frame.with_columns(
            account_id=pl.coalesce("account_id", pl.lit(_property_of(self.table.path), pl.String()))
        )
        frame = frame.with_columns(account_key=self.accounts.keys(frame))
        frame = frame.with_columns(
            day=pl.col("day").str.to_date("%Y%m%d", strict=False).fill_null(pl.col("at").dt.date()),
            is_intraday=pl.col("table").eq("intraday").fill_null(value=False),
            currency=_codes(frame["event_currency"]),
            transaction_id=pl.when(~pl.col("transaction_id").is_in(_NO_TRANSACTION)).then("transaction_id"),
        )
        self._learn_currencies(frame)
        frame = self._without_replaced(frame)
        if frame.is_empty():
            return
        frame = _with_origin(frame)
        frame = frame.with_columns(event_id=_event_ids(frame), session_id=_session_ids(frame))
        frame = self._identified(frame)
        if frame.is_empty():
            return
        self.stored.note_days(frame["day"])
        self.stored.note_accounts(frame)
        rows = frame.with_columns(page=_paths(frame["page"]), load_key=pl.lit(self.load_key, pl.Int32))
        self._months.add(rows.select(COLUMNS))

    def finish(self) -> Stored:
        """Write everything, then build the sessions that changed and what follows from them."""
        self._months.close()
        removed = self._remove_intraday()
        written, known, repeated = self._months.finish()
        self.stored.accepted = written
        self.stored.skip("already known", known)
        self.stored.skip("repeated row", repeated)
        self._whose.settle()
        first, last = self.stored.first_day, self.stored.last_day
        if (written or removed) and first and last:
            web_sessions.rebuild(self.session, self.load_key, first, last)
            write_purchases(self.session, self.load_key, first, last)
            settle_purchases(self.session, self.stored.accounts, self.load_key)
        return self.stored

    def _learn_currencies(self, frame: pl.DataFrame) -> None:
        """A property whose currency nobody stated has the one in which most of its events are."""
        for account in self.accounts.used.values():
            if account.currency_is_stated:
                continue
            mine = frame.filter(pl.col("account_key") == account.account_key)["currency"].drop_nulls()
            if len(mine):
                account.currency, account.currency_is_stated = str(mine.mode().sort()[0]), True
                self.session.execute(text(_LEARN_CURRENCY), {"key": account.account_key, "currency": account.currency})

    def _without_replaced(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame without rows of today's table whose day has its own table already; days of such are noted."""
        days = frame.select("account_key", "day", "is_intraday").unique()
        for account, day, intraday in days.iter_rows():
            if (account, day) not in self._days:
                self._days[account, day] = bool(
                    self.session.execute(text(_HAS_DAILY), {"account": account, "day": day}).scalar_one()
                )
            if not intraday:
                self._replacing.add((account, day))
        late = [key for key, daily in self._days.items() if daily]
        if not frame["is_intraday"].any() or not late:
            return frame
        known = pl.DataFrame(late, schema={"account_key": pl.Int32, "day": pl.Date}, orient="row")
        known = known.with_columns(is_intraday=pl.lit(value=True))
        kept = frame.join(known, on=["account_key", "day", "is_intraday"], how="anti", maintain_order="left")
        self.stored.skip("the daily table is there", frame.height - kept.height)
        return kept

    def _remove_intraday(self) -> int:
        """Remove what was known of today's table for the days whose own tables this load brings."""
        if not self._replacing:
            return 0
        keys = {"accounts": [a for a, _ in self._replacing], "days": [d for _, d in self._replacing]}
        self.session.execute(text(web_sessions.TOUCHED))
        removed = self.session.execute(text(_REMOVE_INTRADAY), keys).scalar_one()
        self.stored.vanished += removed
        return int(removed)

    def _identified(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with whose they are, without those of people who were deleted."""
        refused = frame["consent"].str.to_lowercase().is_in(["no", "false", "denied"]).fill_null(value=False)
        named = frame.with_columns(
            pl.when(~refused).then(pl.col(name)).alias(name) for name in ("client_id", "user_id", "click_id")
        )
        return self._whose.identified(named, self.stored)


def _property_of(path: str) -> str | None:
    """The property whose dataset the file lay in: BigQuery calls it analytics_ and the property's number."""
    found = _PROPERTY.findall(path)
    return found[-1] if found else None


def _codes(currencies: pl.Series) -> pl.Series:
    codes = currencies.str.strip_chars().str.to_uppercase()
    return codes.set(~codes.is_in(CURRENCIES, nulls_equal=False).fill_null(value=True), None)


def _with_origin(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns ``source``, ``medium``, ``campaign`` and ``click_id`` of each event.

    The session's last click wins over the event's own. A gclid is Google's ad, whatever else is said.
    """
    said = [
        frame[f"session_{name}"].set(frame[f"session_{name}"].is_in(_NO_SOURCE), None).fill_null(frame[f"event_{name}"])
        for name in ("source", "medium", "campaign")
    ]
    source, medium, campaign = said
    unsaid = (source.is_null() | source.is_in(_NO_SOURCE) | medium.is_in([*_NO_SOURCE, "organic"])) & frame[
        "gclid"
    ].is_not_null()
    paid_source, paid_medium = _ADVERTISED
    return frame.with_columns(
        source=source.set(unsaid.fill_null(value=False), paid_source),
        medium=medium.set(unsaid.fill_null(value=False), paid_medium),
        campaign=campaign.set(campaign.is_in(_NO_SOURCE).fill_null(value=False), None),
        click_id=frame["gclid"].fill_null(frame["click_id"]),
    )


def _event_ids(frame: pl.DataFrame) -> pl.Series:
    account = pl.col("account_key").cast(pl.String)
    key = pl.concat_str(account, *_texts(_KEY), separator="\x1f")
    of_nobody = pl.concat_str(key, *_texts(_OF_NOBODY), separator="\x1f")
    told = frame.select(pl.when(pl.col("client_id").is_null()).then(of_nobody).otherwise(key)).to_series()
    return text_digests(told)


def _texts(names: Sequence[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.String).fill_null("") for name in names]


def _session_ids(frame: pl.DataFrame) -> pl.Series:
    """A digest of client and session number, which is unique only with the client; null without either."""
    account = frame["account_key"].cast(pl.String)
    return text_digests(account + ":" + frame["client_id"] + ":" + frame["session_number"])


def _paths(pages: pl.Series) -> pl.Series:
    """The path of each address, without host, query and fragment."""
    path = pages.str.replace(r"^[a-zA-Z][\w+.-]*://[^/?#]*", "").str.replace(r"[?#].*$", "")
    return path.set((path == "").fill_null(value=False), "/")


_LEARN_CURRENCY = """
UPDATE core.account SET currency = :currency, currency_is_stated = true WHERE account_key = :key
"""

_HAS_DAILY = """
SELECT EXISTS (SELECT FROM core.web_event WHERE account_key = :account AND day = :day AND NOT is_intraday
               AND at >= CAST(:day AS date) - interval '1 day' AND at < CAST(:day AS date) + interval '2 days')
"""

_REMOVE_INTRADAY = """
WITH replaced AS (
    SELECT * FROM unnest(CAST(:accounts AS int[]), CAST(:days AS date[])) AS r (account_key, day)),
gone AS (
    DELETE FROM core.web_event e USING replaced r
    WHERE e.account_key = r.account_key AND e.day = r.day AND e.is_intraday
      AND e.at >= r.day - interval '1 day' AND e.at < r.day + interval '2 days'
    RETURNING e.account_key, e.session_id, e.at),
noted AS (
    INSERT INTO touched_session (account_key, session_id, first, last)
    SELECT account_key, session_id, min(at), max(at) FROM gone WHERE session_id IS NOT NULL
    GROUP BY account_key, session_id RETURNING 1)
SELECT count(*) FROM gone
"""
