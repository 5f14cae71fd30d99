"""Accepted events in the tables of loaded ones: who it was, sessions, visits, conversions and the days' sums."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from tests.warehouse.stream.conftest import NOON
from tests.warehouse.stream.test_inbox import accepted
from warehouse.ingest.store import books
from warehouse.stream import settle as settling
from warehouse.stream.settle import settle

EVENTS = "SELECT * FROM core.web_event WHERE account_key = :account ORDER BY at, name"
SESSIONS = "SELECT * FROM core.web_session WHERE account_key = :account ORDER BY began_at"
DAYS = "SELECT * FROM core.web_session_day WHERE account_key = :account ORDER BY date, channel_group"
ORDERS = "SELECT * FROM core.order_day WHERE account_key = :account ORDER BY date"
CONVERSIONS = "SELECT * FROM core.conversion WHERE account_key = :account ORDER BY at"
TOUCHES = "SELECT * FROM core.touchpoint WHERE account_key = :account ORDER BY at"


def call(event: str, minutes: float = 0, who: str = "a", url: str = "", **more: Any) -> dict[str, Any]:
    properties = {**more.pop("properties", {}), **({"url": f"https://shop.example.com{url}"} if url else {})}
    kind = {"type": "page"} if event == "page" else {"type": "track", "event": event}
    return {
        **kind, "messageId": uuid.uuid4().hex, "anonymousId": who, "properties": properties,
        "timestamp": (NOON - dt.timedelta(hours=2) + dt.timedelta(minutes=minutes)).isoformat(), **more,
    }  # fmt: skip


def order(number: str, minutes: float = 0, who: str = "a", **more: Any) -> dict[str, Any]:
    return call(
        "Order Completed", minutes, who, properties={"order_id": number, "revenue": 19.9, "currency": "EUR"}, **more
    )


def test_a_visit_from_an_ad_to_an_order(bring: Any, rows: Any) -> None:
    bring(
        call("page", 0, url="/shoes?utm_source=google&utm_medium=cpc&utm_campaign=Autumn"),
        call("Product Viewed", 1, url="/shoes/1"),
        call("Product Added", 2),
        order("1001", 5),
    )
    assert [e.name for e in rows(EVENTS)] == ["page_view", "view_item", "add_to_cart", "purchase"]
    session = rows(SESSIONS)[0]
    assert (session.source, session.medium, session.campaign, session.channel) == (
        "google",
        "cpc",
        "Autumn",
        "paid_search",
    )
    assert (session.landing_page, session.events, session.page_views, session.engaged) == ("/shoes", 4, 1, True)
    assert (session.funnel_step, session.revenue) == (4, Decimal("19.900000"))
    conversion = rows(CONVERSIONS)[0]
    assert (conversion.kind, conversion.source_id, conversion.value, conversion.currency) == (
        "order",
        "1001",
        Decimal("19.900000"),
        "EUR",
    )
    assert conversion.customer_key == session.customer_key is not None
    touch = rows(TOUCHES)[0]
    assert (touch.kind, touch.channel, touch.customer_key) == ("visit", "paid_search", session.customer_key)
    assert {r.customer_key for r in rows("SELECT * FROM core.touched_customer")} >= {session.customer_key}
    day = rows(DAYS)[0]
    assert (day.date, day.channel_group, day.sessions, day.engaged_sessions) == (
        dt.date(2026, 11, 22),
        "Paid search",
        1,
        1,
    )
    assert (day.key_events, day.revenue) == (1, Decimal("19.900000"))
    assert [(d.orders, d.revenue) for d in rows(ORDERS)] == [(1, Decimal("19.900000"))]


def test_events_that_come_one_by_one_make_the_same_as_events_that_come_together(bring: Any, rows: Any) -> None:
    events = [
        call("page", 3, url="/b"), call("page", 0, url="/a?utm_source=newsletter&utm_medium=email"), order("7", 20),
        call("page", 90, url="/c"), call("page", 91, who="b", url="/a"), order("8", 95),
    ]  # fmt: skip
    for event in events:
        bring(event)
    sessions = [(s.channel, s.events, s.page_views, s.engaged, s.revenue) for s in rows(SESSIONS)]
    assert sessions == [
        ("email", 3, 2, True, Decimal("19.9")), ("direct", 2, 1, True, Decimal("19.9")), ("direct", 1, 1, False, None),
    ]  # fmt: skip
    days = {d.channel_group: (d.sessions, d.engaged_sessions, d.key_events, d.revenue) for d in rows(DAYS)}
    live = {name: numbers for name, numbers in days.items() if numbers[0]}
    assert live == {"Direct": (2, 1, 1, Decimal("19.9")), "Email": (1, 1, 1, Decimal("19.9"))}
    assert [(d.orders, d.revenue) for d in rows(ORDERS)] == [(2, Decimal("39.8"))]
    assert len(rows(TOUCHES)) == 3


def refund(number: str, minutes: float = 0, **properties: Any) -> dict[str, Any]:
    return call("Order Refunded", minutes, properties={"order_id": number, "currency": "EUR", **properties})


def test_a_refund_takes_its_amount_off_its_order_and_its_day(bring: Any, rows: Any) -> None:
    """On the day on which it was bought, as in a shop's export; the order still counts."""
    part = refund("1001", total=5.4)
    bring(order("1001", -2 * 1440), order("1002", -2 * 1440))
    bring(part)
    days = [(dt.date(2026, 11, 20), 2, Decimal("34.4"))]
    assert {c.source_id: (c.value, c.counts) for c in rows(CONVERSIONS)} == {
        "1001": (Decimal("14.5"), True), "1002": (Decimal("19.9"), True),
    }  # fmt: skip
    assert [(d.date, d.orders, d.revenue) for d in rows(ORDERS)] == days
    bring(part, refund("1002", total="3", currency="USD"), refund("none of ours", total=3))
    assert [(d.date, d.orders, d.revenue) for d in rows(ORDERS)] == days
    bring(refund("1001", 5))  # of all that is left
    assert [(d.date, d.orders, d.revenue) for d in rows(ORDERS)] == [(dt.date(2026, 11, 20), 2, Decimal("19.9"))]
    assert sorted(c.value for c in rows(CONVERSIONS)) == [0, Decimal("19.9")]


def test_a_refund_may_come_before_its_order_and_the_order_twice(bring: Any, rows: Any) -> None:
    items = [{"item_id": "a", "price": 4, "quantity": 2}, {"item_id": "b", "price": "1.90"}]
    params = {"transaction_id": "7", "currency": "EUR", "items": items}
    bring({"client_id": "1.2", "events": [{"name": "refund", "params": params}]})
    assert rows(CONVERSIONS) == []
    for _ in range(2):  # with ids of their own
        bring(order("7"))
        assert [(c.value, c.counts) for c in rows(CONVERSIONS)] == [(10, True)]
    assert [(d.orders, d.revenue) for d in rows(ORDERS)] == [(1, 10)]


def test_a_repetition_changes_nothing_even_when_its_id_is_forgotten(bring: Any, rows: Any) -> None:
    events = [call("page", url="/a"), order("1")]
    assert bring(*events).accepted == 2
    before = rows(SESSIONS), rows(DAYS), rows(ORDERS), rows(EVENTS)
    assert bring(*events).repeated == 2
    rows("DELETE FROM landing.streamed_event WHERE account_key = :account RETURNING 1")
    assert bring(*events).accepted == 2  # as a topic that is read again from its beginning brings it
    assert (rows(SESSIONS), rows(DAYS), rows(ORDERS), rows(EVENTS)) == before


def test_somebody_who_signs_in_is_one_customer(bring: Any, rows: Any) -> None:
    bring(call("page", 0, "phone", url="/a"), call("page", 1, "laptop", url="/a"))
    assert len({s.customer_key for s in rows(SESSIONS)}) == 2
    bring(*({"type": "identify", "messageId": uuid.uuid4().hex, "anonymousId": who, "userId": "ada",
             "traits": {"email": "Ada@Example.com"}} for who in ("phone", "laptop")))  # fmt: skip
    assert len({s.customer_key for s in rows(SESSIONS)}) == 1
    assert {e.customer_key for e in rows(EVENTS)} == {s.customer_key for s in rows(SESSIONS)}
    assert not rows("SELECT 1 FROM core.web_event WHERE account_key = :account AND name = 'identify'")


def test_who_refuses_is_nobody(bring: Any, rows: Any) -> None:
    refuses = {"consent": {"categoryPreferences": {"Advertising": False}}}
    bring(call("page", url="/a", context=refuses), {"client_id": "1.2", "consent": {"ad_user_data": "DENIED"},
                                                    "events": [{"name": "page_view"}]})  # fmt: skip
    assert {(e.identifier_key, e.customer_key, e.session_id) for e in rows(EVENTS)} == {(None, None, None)}
    assert rows(SESSIONS) == []


def test_nothing_personal_waits(
    bring: Any, rows: Any, warehouse: Any, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PATIENCE_SECONDS", 0.05)
    with warehouse.writing() as load:
        books.lock(load)  # a load is under way
        assert settle(warehouse) is False  # nothing waits
        said = {**call("page", url="/a?email=ada@example.com"), "userId": "customer-17"}
        accepted(warehouse, account, said)
        assert settle(warehouse) is True
        waiting = rows("SELECT record::text FROM landing.waiting_event WHERE account_key = :account")
        assert len(waiting) == 1
        assert "customer-17" not in str(waiting)
        assert "ada@" not in str(waiting)
    while settle(warehouse):
        pass
    assert len(rows(EVENTS)) == 1
    assert rows("SELECT 1 FROM landing.waiting_event WHERE account_key = :account") == []


def test_the_stream_has_its_turn_between_two_files(rows: Any, warehouse: Any, account: int) -> None:
    """Who waits is let in in the order in which they came, so a folder of files does not keep the stream out."""
    left: list[int] = []

    def load() -> None:
        with warehouse.writing() as session:
            books.lock(session)
            waiting = session.execute(text("SELECT count(*) FROM landing.waiting_event"))
            left.append(waiting.scalar_one())

    accepted(warehouse, account, call("page", url="/a"))
    threads = [threading.Thread(target=settle, args=(warehouse,)), threading.Thread(target=load)]
    with warehouse.writing() as first:
        books.lock(first)
        for number, thread in enumerate(threads, 1):
            thread.start()
            while first.execute(text(_QUEUED)).scalar_one() < number:
                time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert left == [0]
    assert len(rows(EVENTS)) == 1


_QUEUED = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_a_day_that_a_file_brought_is_the_files(bring: Any, rows: Any, warehouse: Any, account: int) -> None:
    with warehouse.writing() as session:
        load = "INSERT INTO landing.load (path, status) VALUES ('ga4.csv', 'loaded') RETURNING load_key"
        key = session.execute(text(load)).scalar_one()
        session.execute(
            text(f"INSERT INTO core.web_session_day VALUES ({account}, '2026-11-22', 'Direct', 9, 9, 9, 9, {key})")
        )
        session.execute(text(f"INSERT INTO core.order_day VALUES ({account}, '2026-11-22', 9, 9, {key})"))
    bring(call("page", url="/a"), order("1"))
    assert [(d.sessions, d.revenue) for d in rows(DAYS)] == [(9, 9)]
    assert [(d.orders, d.revenue) for d in rows(ORDERS)] == [(9, 9)]


def test_rows_name_a_load_of_the_day(bring: Any, rows: Any) -> None:
    bring(call("page", 0, url="/a"))
    bring(call("page", 1, url="/b"))
    found = rows("""SELECT l.* FROM landing.load l JOIN landing.load_account a ON a.load_key = l.load_key
                    WHERE a.account_key = :account""")
    assert [(x.source, x.status, x.rows_read, x.accepted) for x in found] == [("stream.segment", "loaded", 2, 2)]
    assert found[0].path.startswith("stream/segment/")
    assert {e.load_key for e in rows(EVENTS)} == {found[0].load_key}


def test_the_measurement_protocol_has_sessions_of_its_own(bring: Any, rows: Any) -> None:
    micros = int((NOON - dt.timedelta(hours=1)).timestamp() * 1e6)
    for number, minutes in ((1, 0), (1, 50), (2, 51)):
        params = {"session_id": number, "page_location": "https://a.example/x"}
        events = [{"name": "page_view", "params": params}]
        bring({"client_id": "1.2", "timestamp_micros": micros + minutes * 60_000_000, "events": events})
    assert [s.events for s in rows(SESSIONS)] == [2, 1]


def test_an_order_that_the_shop_reports_counts_there(bring: Any, rows: Any, warehouse: Any, account: int) -> None:
    with warehouse.writing() as session:
        session.execute(
            text(
                """WITH shop AS (
                    INSERT INTO core.account (advertiser_key, platform, account_id, name, currency, currency_is_stated,
                                              time_zone, time_zone_is_stated)
                    SELECT advertiser_key, 'shopify', account_id, 'Shop', 'EUR', true, 'UTC', true
                    FROM core.account WHERE account_key = :account RETURNING account_key)
                INSERT INTO core.shop_order (account_key, order_id, name, at, revenue, is_test, load_key)
                SELECT account_key, '55', '#1001', now(), 1, false, 1 FROM shop"""
            ),
            {"account": account},
        )
    bring(order("1001"), order("1002"))
    assert {c.source_id: c.counts for c in rows(CONVERSIONS)} == {"1001": False, "1002": True}
