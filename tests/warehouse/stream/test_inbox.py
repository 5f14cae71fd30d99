"""What arrives becomes durable once, is counted by the minute, and leaves nothing personal behind."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

from tests.warehouse.stream.conftest import NOON
from warehouse.sessions import Warehouse
from warehouse.stream.inbox import Arrived, Receipt, Writer, accept
from warehouse.stream.messages import read_message


def accepted(warehouse: Warehouse, account: int, *messages: Any, at: dt.datetime = NOON) -> list[Receipt]:
    """Accept without settling."""
    arrived = [Arrived(account, "segment", at, *read_message(message, account, at)) for message in messages]
    with warehouse.writing() as session:
        return accept(session, Writer(), arrived)


def page(number: int, minutes: float = 0) -> dict[str, Any]:
    at = (NOON - dt.timedelta(minutes=minutes)).isoformat()
    return {"type": "page", "messageId": f"m{number}", "anonymousId": "a", "timestamp": at}


def test_every_sender_learns_what_became_of_theirs(warehouse: Warehouse, account: int) -> None:
    first = accepted(warehouse, account, page(1), {"batch": [page(2), page(2), {"type": "page"}]}, page(1))
    assert first == [Receipt(1, 0, 0), Receipt(1, 1, 1), Receipt(0, 1, 0)]
    assert accepted(warehouse, account, page(2), page(3)) == [Receipt(0, 1, 0), Receipt(1, 0, 0)]


def test_minutes_count_events_and_their_lag(warehouse: Warehouse, account: int, rows: Any) -> None:
    accepted(warehouse, account, page(1, minutes=1), page(2, minutes=3), {"type": "page"})
    accepted(warehouse, account, page(2, minutes=3))
    accepted(warehouse, account, page(3), at=NOON + dt.timedelta(minutes=1))
    sql = """SELECT minute, sum(events) AS events, sum(repeated) AS repeated, sum(refused) AS refused,
                    sum(lag_ms) AS lag, max(longest_lag_ms) AS longest
             FROM landing.stream_minute WHERE account_key = :account GROUP BY minute ORDER BY minute"""
    assert [tuple(row) for row in rows(sql)] == [
        (NOON, 2, 1, 1, 240_000, 180_000), (NOON + dt.timedelta(minutes=1), 1, 0, 0, 60_000, 60_000),
    ]  # fmt: skip


def test_two_accounts_may_have_the_same_id(warehouse: Warehouse, account: int, rows: Any) -> None:
    other = rows(
        """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                     time_zone_is_stated)
           VALUES ('ga4', gen_random_uuid()::text, 'Other', 'EUR', true, 'UTC', true) RETURNING account_key"""
    )[0].account_key
    assert accepted(warehouse, account, page(1)) == [Receipt(1, 0, 0)]
    assert accepted(warehouse, other, page(1)) == [Receipt(1, 0, 0)]


def test_writers_with_the_same_events_at_once_write_each_once(warehouse: Warehouse, account: int, rows: Any) -> None:
    messages = [page(number) for number in range(300)]
    receipts: list[Receipt] = []

    def write(order: int) -> None:
        receipts.extend(accepted(warehouse, account, *messages[::order]))

    threads = [threading.Thread(target=write, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(r.accepted for r in receipts), sum(r.repeated for r in receipts)) == (300, 900)
    assert rows("SELECT count(*) AS n FROM landing.waiting_event WHERE account_key = :account")[0].n == 300


def test_odd_text_survives(warehouse: Warehouse, account: int, rows: Any) -> None:
    name = "a\\tb\\N \\\\ “ü” 🛒"
    call = {"type": "track", "event": name, "messageId": uuid.uuid4().hex, "anonymousId": "a\\", "properties": {}}
    assert accepted(warehouse, account, call) == [Receipt(1, 0, 0)]
    waiting = rows("SELECT record ->> 'name' AS name FROM landing.waiting_event WHERE account_key = :account")
    assert [row.name for row in waiting] == [name]
