"""Cohorts: whose first order was when, and who came back."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.warehouse.exports import Desk
from tests.warehouse.state import EVERYTHING, seen
from warehouse.access import Reader
from warehouse.errors import MissingRate
from warehouse.queries.cohorts import CohortMonth, cohort_retention

ACCOUNT = """
INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
VALUES ('shopify', :id, :id, :currency, true, :zone, true) RETURNING account_key
"""
ORDER = """
INSERT INTO core.conversion (account_key, kind, source_id, at, customer_key, value, currency, counts, load_key)
VALUES (:account, :kind, :id, :at, :customer, :value, :currency, :counts, 1)
"""


@pytest.fixture
def shop(empty_warehouse):
    """Customers 1 to 3 of a shop in Berlin; orders are added by calling."""
    with empty_warehouse.writing() as session:
        keys = {
            currency: session.execute(
                text(ACCOUNT), {"id": f"shop-{currency}", "currency": currency, "zone": "Europe/Berlin"}
            ).scalar_one()
            for currency in ("EUR", "USD")
        }
        for customer in (1, 2, 3):
            session.execute(
                text("INSERT INTO core.customer (customer_key, advertiser_key) VALUES (:key, 1)"), {"key": customer}
            )

    def add(*orders, currency="EUR", kind="order", counts=True):
        with empty_warehouse.writing() as session:
            for number, (customer, at, value) in enumerate(orders):
                session.execute(
                    text(ORDER),
                    {"account": keys[currency], "kind": kind, "id": f"{customer}/{at}/{number}/{kind}/{counts}",
                     "at": at, "customer": customer, "value": value, "currency": currency, "counts": counts},
                )  # fmt: skip

    add.warehouse = empty_warehouse
    return add


def cohorts(shop, currency="EUR", reader=EVERYTHING, **asked):
    with shop.warehouse.reading(reader) as session:
        return cohort_retention(session, currency, **asked)


def test_who_came_back_in_which_month(shop):
    shop(
        (1, "2026-01-10T12:00Z", 10), (1, "2026-01-20T12:00Z", 5), (1, "2026-03-01T12:00Z", 20),
        (2, "2026-01-11T12:00Z", 30), (3, "2026-02-01T12:00Z", 40),
    )  # fmt: skip
    january, february = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
    assert cohorts(shop) == [
        CohortMonth(january, 0, 2, 2, Decimal(1), 3, Decimal(45)),
        CohortMonth(january, 2, 2, 1, Decimal("0.5"), 1, Decimal(20)),
        CohortMonth(february, 0, 1, 1, Decimal(1), 1, Decimal(40)),
    ]


def test_the_view_says_the_same(shop):
    shop((1, "2026-01-10T12:00Z", 10), (1, "2026-03-01T12:00Z", 20), (2, "2026-01-11T12:00Z", 30))
    columns = "cohort_month, months_since, cohort_size, customers, retained, orders, revenue"
    view = seen(shop.warehouse, f"SELECT {columns} FROM mart.cohort WHERE currency = 'EUR' ORDER BY 1, 2")
    assert [CohortMonth(*row) for row in view] == cohorts(shop)
    assert seen(shop.warehouse, "SELECT DISTINCT advertiser FROM mart.cohort") == [("default",)]


def test_months_are_those_of_the_shops_clock(shop):
    shop((1, "2026-01-31T23:30Z", 10))
    assert [c.cohort_month for c in cohorts(shop)] == [dt.date(2026, 2, 1)]


def test_what_does_not_count_makes_no_cohort(shop):
    shop((1, "2026-01-10T12:00Z", 10), counts=False)
    shop((2, "2026-01-10T12:00Z", 10), kind="lead")
    shop((None, "2026-01-10T12:00Z", 10))
    assert cohorts(shop) == []
    assert seen(shop.warehouse, "SELECT count(*) FROM mart.cohort") == [(0,)]


def test_the_newest_cohorts_in_their_first_months(shop):
    shop(*[(c, f"2026-0{m}-10T12:00Z", 1) for c in (1, 2, 3) for m in range(c, 7)])
    found = cohorts(shop, cohorts=2, months=3)
    assert [(c.cohort_month.month, c.months_since) for c in found] == [(m, s) for m in (2, 3) for s in range(3)]


def test_currencies_meet_through_rates_or_not_at_all(shop, tmp_path):
    shop((1, "2026-01-10T12:00Z", 10))
    shop((1, "2026-01-12T12:00Z", 11), currency="USD")
    with pytest.raises(MissingRate, match="Orders in USD cannot be shown in EUR"):
        cohorts(shop)
    Desk(shop.warehouse, tmp_path).load("date,from,to,rate\n2026-01-08,EUR,USD,1.1\n", "fx_rates.csv")
    assert [(c.customers, c.orders, c.revenue) for c in cohorts(shop)] == [(1, 2, Decimal(20))]
    assert [c.revenue for c in cohorts(shop, "USD")] == [Decimal(22)]


def test_customers_are_for_readers_of_all_accounts_of_the_advertiser(shop):
    shop((1, "2026-01-10T12:00Z", 10))
    reader = Reader("user:7", "reads one of two accounts")
    with shop.warehouse.writing() as session:
        session.execute(
            text(
                """INSERT INTO ops.account_grant (reader, account_key, role)
                   SELECT 'user:7', account_key, 'viewer' FROM core.account WHERE currency = 'EUR'"""
            )
        )
    assert cohorts(shop, reader=reader) == []
