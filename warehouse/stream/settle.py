"""What waits becomes part of the warehouse: who it was, web events, sessions, visits, conversions, the sums of days.

One process settles at a time, in one transaction: an event waits or is settled, never both. It takes turns with loads:
while a file is being loaded the stream waits, and between two files it is let in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import psycopg2
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from warehouse.channels import channel_of_visit
from warehouse.engine import WriteSession
from warehouse.ingest.digests import text_digests
from warehouse.ingest.store import books
from warehouse.ingest.store.copying import copy_frame, copy_out
from warehouse.ingest.store.people import PeopleBook
from warehouse.outages import is_in_the_way
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse
from warehouse.stream import day_loads, derived
from warehouse.stream.segment import IDENTIFY
from warehouse.stream.sittings import sittings

MOST_TOGETHER: Final = 50_000
# Whoever waits for his turn keeps it, so the stream is let in between two files; it asks again after so long, to see
# whether it shall end.
PATIENCE_SECONDS: Final = 3.0
KNOWN_FOR_DAYS: Final = 7  # how long ids are remembered; afterwards time and id together tell a repetition


@dataclass(frozen=True, slots=True)
class _Account:
    account_key: int
    advertiser_key: int
    platform: str
    account_id: str


def settle(warehouse: Warehouse) -> bool:
    """Settle the oldest of what waits. Whether more waits, or the same still does because a load is under way."""
    try:
        with warehouse.writing(patience=PATIENCE_SECONDS) as session:
            if not session.execute(text(_ANY_WAITING)).scalar_one():
                return False
            books.lock(session)
            return _settle_oldest(session)
    except (DBAPIError, psycopg2.Error) as error:
        if not is_in_the_way(error):
            raise
        return True


def _settle_oldest(session: WriteSession) -> bool:
    waiting = _taken(session)
    if waiting.is_empty():
        return False
    accounts = _accounts(session, waiting["account_key"].unique().to_list())
    loads = day_loads.open_loads(session, waiting, {key: a.account_id for key, a in accounts.items()})
    rows = waiting.join(loads, on=["account_key", "stream"], how="left")
    parts = [
        _identified(session, accounts[int(str(key))], part)
        for (key,), part in rows.group_by("account_key", maintain_order=True)
    ]
    events = pl.concat(parts).filter(~pl.col("forgotten") & (pl.col("name") != IDENTIFY))
    if not events.is_empty():
        events = _with_sessions(session, events)
        derived.write(session, events)
    day_loads.close_loads(session, rows)
    return waiting.height == MOST_TOGETHER


def forget_ids(session: WriteSession) -> None:
    """Stop remembering ids that came more than :data:`KNOWN_FOR_DAYS` days ago, and counts older than a month."""
    session.execute(text(_FORGET_IDS), {"days": KNOWN_FOR_DAYS})


def _taken(session: WriteSession) -> pl.DataFrame:
    """The oldest waiting events, taken out: one column for each field."""
    query = _TAKE.format(most=MOST_TOGETHER)
    frame = copy_out(session, query, _WAITING)
    said = frame["record"].str.json_decode(pl.Struct(_RECORD)).struct.unnest()
    return frame.drop("record").hstack(said).with_columns(at=pl.col("at").cast(pl.Datetime("us", "UTC")))


def _accounts(session: WriteSession, keys: list[int]) -> dict[int, _Account]:
    sql = "SELECT account_key, advertiser_key, platform, account_id FROM core.account WHERE account_key = ANY (:keys)"
    return {row.account_key: _Account(*row) for row in session.execute(text(sql), {"keys": keys})}


def _identified(session: WriteSession, account: _Account, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one account with whose they are. Kinds that no row names are not asked for."""
    book = PeopleBook(session, account.advertiser_key, int(rows["load_key"].max()))  # type: ignore[arg-type]  # a number
    people = rows["people"].struct.unnest()
    named = people.select([name for name in people.columns if people[name].null_count() < people.height])
    keyed = rows.with_columns(advertiser_key=pl.lit(account.advertiser_key, pl.Int32), client=people["client"])
    keyed = keyed.hstack(book.identify(named) if named.width else _nobody(rows.height))
    book.settle()
    # Settling may have found out that two were one.
    return _with_customers(session, keyed.drop("people"))


def _with_customers(session: WriteSession, rows: pl.DataFrame) -> pl.DataFrame:
    session.execute(text(_ASKED))
    asked = rows.select("identifier_key").drop_nulls().unique()
    copy_frame(session, "asked_identifier", asked, asked.columns)
    query = """SELECT i.identifier_key, i.customer_key FROM asked_identifier a
        JOIN core.identifier i ON i.identifier_key = a.identifier_key"""
    now = copy_out(session, query, {"identifier_key": pl.Int64(), "customer_key": pl.Int64()})
    return rows.drop("customer_key").join(now, on="identifier_key", how="left", maintain_order="left")


def _with_sessions(session: WriteSession, events: pl.DataFrame) -> pl.DataFrame:
    """Events with their session: the sender's own number with the browser, else a sitting of half an hour."""
    account = events["account_key"].cast(pl.String)
    numbered = text_digests(account + ":" + events["client"] + ":" + events["session"])
    events = events.with_columns(session_id=numbered)
    events = sittings(session, events)
    return events.with_columns(channel=channel_of_visit(events["source"], events["medium"], events["campaign"]))


def _nobody(height: int) -> pl.DataFrame:
    none = pl.repeat(None, height, dtype=pl.Int64, eager=True)
    gone = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    return pl.DataFrame({"identifier_key": none, "customer_key": none, "click_key": none, "forgotten": gone})


_TEXT: Final = pl.String()
_WAITING: Final = {
    "event_id": _TEXT, "account_key": pl.Int32(), "stream": _TEXT, "at": pl.Datetime("us"), "record": _TEXT
}  # fmt: skip
_RECORD: Final[dict[str, Any]] = {
    "name": _TEXT,
    "people": pl.Struct({kind.value: _TEXT for kind in IdentifierKind}),
    "session": _TEXT,
    "page": _TEXT,
    "source": _TEXT,
    "medium": _TEXT,
    "campaign": _TEXT,
    "device": _TEXT,
    "region": _TEXT,
    "value": _TEXT,
    "currency": _TEXT,
    "transaction_id": _TEXT,
    "engaged": _TEXT,
    "engagement_ms": _TEXT,
}

_ANY_WAITING: Final = "SELECT EXISTS (SELECT FROM landing.waiting_event)"

_TAKE: Final = """
DELETE FROM landing.waiting_event w
WHERE w.waiting_key IN (SELECT o.waiting_key FROM landing.waiting_event o ORDER BY o.waiting_key LIMIT {most})
RETURNING w.event_id, w.account_key, w.source, w.at AT TIME ZONE 'UTC', w.record
"""
_ASKED: Final = """
DROP TABLE IF EXISTS asked_identifier;
CREATE TEMPORARY TABLE asked_identifier (identifier_key bigint) ON COMMIT DROP
"""
_FORGET_IDS: Final = """
DELETE FROM landing.streamed_event WHERE arrived_at < now() - make_interval(days => :days);
DELETE FROM landing.refused_event WHERE arrived_at < now() - make_interval(days => 4 * :days);
DELETE FROM landing.stream_minute WHERE minute < now() - make_interval(days => 4 * :days)
"""
