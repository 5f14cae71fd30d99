"""What a mix model is fitted to: whole and final weeks, one currency, brand search apart, and what orders tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Desk, every_day, google, table
from tests.warehouse.state import EVERYTHING
from warehouse.engine import ReadSession
from warehouse.errors import MissingRate
from warehouse.queries import mix_inputs as inputs
from warehouse.queries.mix_inputs import Window
from warehouse.schema.commerce import ConversionKind
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

MONDAY = dt.date(2026, 1, 5)
WEEK = dt.timedelta(days=7)
HEADER = "order_id,ordered_at,email,revenue,discount,items,cancelled"


@pytest.fixture(scope="module")
def warehouse(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Search in dollars from a Wednesday on for ninety days, display in euros from later on, and a shop in dollars."""
    warehouse = Warehouse.connect(settings)
    let_read_everything(warehouse)
    desk = Desk(warehouse, tmp_path_factory.mktemp("files"))
    search = {"first": "2026-01-07", "count": 90}
    desk.load(
        google(
            [
                *every_day(**search, campaign="1", name="Search | Brand"),
                *every_day(**search, campaign="2", name="Search | Non-Brand"),
                *every_day(**search, campaign="3", name="Brandenburg | Video", kind="Video", spend="4.00"),
            ]
        )
    )
    euros = every_day("2026-01-19", 78, campaign="4", account="9", currency="EUR", kind="Display", spend="2.00")
    desk.load(google([day.but(spend=None) if day.date == "2026-01-20" else day for day in euros]))
    days = [(MONDAY + dt.timedelta(days=day)).isoformat() for day in range(60)]
    desk.load(table("date,from,to,rate", [[day, "EUR", "USD", "1.5"] for day in days]), "fx_rates.csv")
    rows = [
        [f"A{day}", f"{MONDAY + dt.timedelta(days=day)}T12:00:00Z", f"c{day % 5}@example.org", "30.00", "10.00", 2, ""]
        for day in range(1, 60)
    ]
    rows.append(["A99", f"{MONDAY + WEEK}T12:00:00Z", "x@example.org", "900.00", "0", 9, "yes"])
    desk.load(table(HEADER, rows), "orders.csv", currency="USD")
    desk.load(f"date,campaign,sends,delivered,opens,clicks\n{MONDAY + 2 * WEEK},June,100,98,50,9\n", "mail.csv")
    yield warehouse
    warehouse.engine.dispose()


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[ReadSession]:
    with warehouse.reading(EVERYTHING) as session:
        yield session


@pytest.fixture
def window(session: ReadSession) -> Window:
    advertiser = session.execute(text("SELECT min(advertiser_key) FROM core.account")).scalar_one()
    found = inputs.known_weeks(session, advertiser, ConversionKind.order, "USD")
    assert found is not None
    return found


def test_weeks_are_whole_and_final_in_spend_and_whole_in_orders(session: ReadSession, window: Window) -> None:
    final = session.execute(text("SELECT max(date) FROM core.daily_rollup WHERE is_final")).scalar_one()
    assert window.first == MONDAY + WEEK  # spend begins on a Wednesday
    assert window.last + dt.timedelta(days=6) <= min(final, MONDAY + dt.timedelta(days=59))
    assert window.last + dt.timedelta(days=13) > min(final, MONDAY + dt.timedelta(days=59))
    assert len(window.weeks) == (window.last - window.first) // WEEK + 1


def test_an_account_that_is_late_ends_the_weeks_and_one_that_has_ended_does_not(
    warehouse: Warehouse, window: Window
) -> None:
    for late, ends in ((window.last - WEEK, True), (window.first - dt.timedelta(days=1), False)):
        with warehouse.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(
                text("""DELETE FROM core.daily_rollup r USING core.account a
                        WHERE a.account_key = r.account_key AND a.currency = 'EUR' AND r.date > :late"""),
                {"late": late},
            )
            found = inputs.known_weeks(ReadSession(bind=connection), window.advertiser_key, ConversionKind.order, "USD")
            assert found is not None
            assert (found.last < window.last) == ends
            transaction.rollback()


def test_spend_is_in_one_currency_and_brand_search_apart(session: ReadSession, window: Window) -> None:
    rows = {(row.channel, row.week): row for row in inputs.channel_weeks(session, window, brand=["brand"])}
    week = window.weeks[3]
    spent = {channel: rows[channel, week].spend for channel, at in rows if at == week}
    assert spent == {
        "brand_search": Decimal(70), "paid_search": Decimal(70), "video": Decimal(28), "display": Decimal(21),
    }  # fmt: skip
    together = {(row.channel, row.week): row.spend for row in inputs.channel_weeks(session, window)}
    assert together["paid_search", week] == 140
    assert ("brand_search", week) not in together


def test_a_day_that_was_shown_and_of_unknown_cost_is_counted(session: ReadSession, window: Window) -> None:
    rows = inputs.channel_weeks(session, window)
    assert sum(row.unknown for row in rows if row.channel == "display") == 1
    assert sum(row.unknown for row in rows if row.channel != "display") == 0


def test_without_a_rate_nothing_is_added(session: ReadSession, window: Window) -> None:
    with pytest.raises(MissingRate):
        inputs.channel_weeks(session, Window(window.advertiser_key, window.goal, window.first, window.last, "GBP"))


def test_outcomes_are_what_counts_with_what_orders_tell(session: ReadSession, window: Window) -> None:
    rows = {row.week: row for row in inputs.outcome_weeks(session, window)}
    row = rows[window.first]
    assert (row.conversions, row.revenue, row.margin) == (7, Decimal(210), None)
    assert row.discount == pytest.approx(0.25)
    assert row.price == pytest.approx(20.0)
    assert row.new_customers is not None
    assert row.new_customers <= 5


def test_mails_and_holidays_are_by_week(session: ReadSession, window: Window) -> None:
    assert inputs.email_weeks(session, window) == {MONDAY + 2 * WEEK: 100}
    assert inputs.holiday_weeks(session, window, "XX") == {}


def test_goals_begin_with_orders_and_strangers_have_none(session: ReadSession, window: Window) -> None:
    assert inputs.goals_of(session, window.advertiser_key)[0] is ConversionKind.order
    assert inputs.goals_of(session, window.advertiser_key + 1) == []
    assert inputs.known_weeks(session, window.advertiser_key + 1, ConversionKind.order, "USD") is None
