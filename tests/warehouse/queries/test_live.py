"""What streams bring, as readers see it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.auth import owner_identity
from tests.warehouse.seed import Seed, seed_two_accounts
from warehouse.access import Reader
from warehouse.queries import live
from warehouse.queries.scope import read_scope
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
from warehouse.stream.inbox import Arrived, Writer, accept
from warehouse.stream.messages import read_message
from warehouse.stream.settle import settle

OUTSIDER = Reader("user:99", "an outsider")


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def seed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return seed_two_accounts(warehouse, tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def reader(warehouse: Warehouse) -> Reader:
    return owner_identity(warehouse).reader


def send(warehouse: Warehouse, account: int, *messages: dict[str, Any]) -> None:
    now = dt.datetime.now(dt.UTC)
    with warehouse.writing() as session:
        accept(session, Writer(), [Arrived(account, "segment", now, *read_message(m, account, now)) for m in messages])
    while settle(warehouse):
        pass


def message(number: int, *, seconds: int = 0, event: str = "page", **properties: Any) -> dict[str, Any]:
    at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)
    kind = {"type": "page"} if event == "page" else {"type": "track", "event": event}
    return {**kind, "messageId": f"{event}{number}", "anonymousId": f"a{number}", "timestamp": at.isoformat(),
            "properties": properties}  # fmt: skip


def test_what_arrives_shows_at_once_and_to_those_who_may_see_it(
    warehouse: Warehouse, seed: Seed, reader: Reader
) -> None:
    with warehouse.reading(reader) as session:
        before = read_scope(session).version
        assert live.sources(session) == []
        assert live.today(session) == []
    bad = {"type": "track", "anonymousId": "a"}
    send(warehouse, seed.google, message(1, seconds=40), message(2, seconds=20), message(2), bad)
    with warehouse.reading(reader) as session:
        assert read_scope(session).version != before
        minutes = live.minutes(session, last=5)
        assert len(minutes) == 5
        assert sum(m.events for m in minutes) == 2
        (source,) = live.sources(session)
        assert (source.source, source.events, source.repeated, source.refused) == ("segment", 2, 1, 1)
        assert source.mean_lag == pytest.approx(30, abs=2)
        assert source.longest_lag == pytest.approx(40, abs=2)
        assert source.settled_at is not None
        assert [r.code for r in live.refused_events(session)] == ["no_name"]
        assert [e.name for e in live.newest_events(session)] == ["page_view", "page_view"]
    with warehouse.reading(OUTSIDER) as session:
        assert live.sources(session) == []
        assert sum(m.events for m in live.minutes(session)) == 0
        assert live.refused_events(session) == live.newest_events(session) == live.today(session) == []


def test_today_moves_with_every_order(warehouse: Warehouse, seed: Seed, reader: Reader) -> None:
    def now() -> tuple[int, int, Decimal]:
        with warehouse.reading(reader) as session:
            (found,) = live.today(session)
            return found.sessions, found.orders, found.revenue

    send(warehouse, seed.google, message(50))
    sessions, orders, revenue = now()
    send(warehouse, seed.google, message(51, event="Order Completed", order_id="today-1", revenue=12.5))
    assert now() == (sessions + 1, orders + 1, revenue + Decimal("12.5"))


def test_the_marts_say_the_same(warehouse: Warehouse, seed: Seed, reader: Reader) -> None:
    with warehouse.reading(reader) as session:
        total = session.execute(text("SELECT sum(events), sum(repeated), sum(refused) FROM mart.live_minute")).one()
        (source,) = live.sources(session)
        assert tuple(total) == (source.events, source.repeated, source.refused)
        refused = session.execute(text("SELECT code, reason FROM mart.refused_event")).all()
        assert [tuple(row) for row in refused] == [(r.code, r.reason) for r in live.refused_events(session)]
