"""Touchpoints and visits by day and channel, as pages and programs ask for them."""

import datetime as dt

import pytest

from tests.warehouse.exports import Desk, table
from tests.warehouse.ingest.store.test_web_events import VISIT, event, load
from tests.warehouse.state import EVERYTHING, rows
from warehouse.access import Reader
from warehouse.filters import Filter
from warehouse.queries.web import SessionDay, TouchpointDay, sessions_by_day, touchpoints_by_day

FIRST, SECOND = dt.date(2026, 9, 1), dt.date(2026, 9, 2)
PERIOD = Filter(FIRST, SECOND)


@pytest.fixture
def warehouse(empty_warehouse, tmp_path):
    desk = Desk(empty_warehouse, tmp_path / "files")
    touches = [
        ("2026-08-31T23:00:00Z", "impression", "meta_ads", "c1"),
        ("2026-09-01T23:00:00Z", "impression", "meta_ads", "c1"),
        ("2026-09-02T10:00:00Z", "impression", "meta_ads", "c1"),
        ("2026-09-02T11:00:00Z", "impression", "meta_ads", "c2"),
        ("2026-09-02T11:30:00Z", "click", "google_ads", None),
        ("2026-09-03T00:00:00Z", "click", "google_ads", None),
    ]
    desk.load(table("at,kind,platform,client_id", touches), "touches.csv")
    load(desk, *VISIT, event("session_start", 86400, client="9.9", day="20260902"))
    return desk.warehouse


def asked(warehouse, query, filter_, reader=EVERYTHING):
    with warehouse.reading(reader) as session:
        return query(session, filter_)


def test_touchpoints_by_day_channel_and_kind(warehouse):
    assert asked(warehouse, touchpoints_by_day, PERIOD) == [
        TouchpointDay(FIRST, "paid_search", "visit", 1, 1),
        TouchpointDay(FIRST, "paid_social", "impression", 1, 1),
        TouchpointDay(SECOND, "direct", "visit", 1, 1),
        TouchpointDay(SECOND, "paid_search", "click", 1, 0),
        TouchpointDay(SECOND, "paid_social", "impression", 2, 2),
    ]


def test_a_filter_narrows_them(warehouse):
    (account,) = rows(warehouse, "SELECT account_key FROM core.account WHERE platform = 'google_ads'")
    for narrowed in ({"accounts": account}, {"platforms": ("google_ads",)}):
        assert asked(warehouse, touchpoints_by_day, Filter(FIRST, SECOND, **narrowed)) == [
            TouchpointDay(SECOND, "paid_search", "click", 1, 0)
        ]
    social = asked(warehouse, touchpoints_by_day, Filter(SECOND, SECOND, channels=("paid_social",)))
    assert social == [TouchpointDay(SECOND, "paid_social", "impression", 2, 2)]
    assert asked(warehouse, touchpoints_by_day, Filter(FIRST, SECOND, campaigns=(12345,))) == []


def test_visits_by_day_and_channel(warehouse):
    assert asked(warehouse, sessions_by_day, PERIOD) == [
        SessionDay(FIRST, "paid_search", 1, 1, 1, 50, 1),
        SessionDay(SECOND, "direct", 1, 0, 0, 0, 0),
    ]
    assert asked(warehouse, sessions_by_day, Filter(FIRST, SECOND, channels=("direct",))) == [
        SessionDay(SECOND, "direct", 1, 0, 0, 0, 0)
    ]


def test_days_are_those_of_the_account(warehouse):
    rows(warehouse, "UPDATE core.account SET time_zone = 'Pacific/Auckland' WHERE platform = 'meta_ads' RETURNING 1")
    found = asked(warehouse, touchpoints_by_day, Filter(FIRST, FIRST, channels=("paid_social",)))
    assert found == [TouchpointDay(FIRST, "paid_social", "impression", 1, 1)]  # 31 August in UTC


def test_nobody_sees_what_was_not_granted(warehouse):
    for query in (touchpoints_by_day, sessions_by_day):
        assert asked(warehouse, query, PERIOD, Reader("user:9", "nothing")) == []
