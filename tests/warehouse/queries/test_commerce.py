"""Orders, conversions, deals, e-mail and organic traffic as pages and programs read them."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Desk, table
from tests.warehouse.state import EVERYTHING
from warehouse.filters import Filter
from warehouse.queries import commerce, crm
from warehouse.sessions import Warehouse

JUNE = Filter(dt.date(2026, 6, 1), dt.date(2026, 6, 30))


@pytest.fixture(scope="module")
def session(settings, tmp_path_factory):
    """What a reader of everything sees of a shop, a CRM, a mail tool and a search engine."""
    warehouse = Warehouse.connect(settings)
    let_read_everything(warehouse)
    desk = Desk(warehouse, tmp_path_factory.mktemp("files"))
    orders = [[f"A{i}", f"2026-06-{i:02d}T10:00:00Z", "ada@example.org", f"{i}0.00", "no"] for i in range(1, 6)]
    orders += [["A9", "2026-06-09T10:00:00Z", "eve@example.org", "90.00", "yes"]]
    desk.load(table("order_id,ordered_at,email,revenue,cancelled", orders), "orders.csv", currency="EUR")
    opened, won = "2026-06-01T09:00:00Z", "2026-06-11T09:00:00Z"
    deals = [[1, "closedwon", "100", opened, won, opened, won], [2, "open", "50", opened, "", opened, ""]]
    header = "hs_object_id,dealstage,amount,createdate,closedate,hs_date_entered_open,hs_date_entered_closedwon"
    desk.load(table(header, deals), "deals.csv", currency="EUR")
    desk.load("date,campaign,sends,delivered,opens,clicks\n2026-06-01,June,100,98,50,9\n", "mail.csv")
    desk.load("Date,Clicks,Impressions,CTR,Position\n2026-06-01,5,100,5%,3\n", "Dates.csv")
    with warehouse.reading(EVERYTHING) as session:
        yield session
    warehouse.engine.dispose()


def test_orders_come_in_pages_newest_first(session):
    first = commerce.orders(session, JUNE, limit=4)
    assert [o.order_id for o in first] == ["A9", "A5", "A4", "A3"]
    last = first[-1]
    after = commerce.OrderPosition(last.ordered_at, last.platform, last.account_id, last.order_id)
    rest = commerce.orders(session, JUNE, limit=4, after=after)
    assert [(o.order_id, o.revenue, o.is_new_customer) for o in rest] == [("A2", 20, False), ("A1", 10, True)]
    assert [o.order_id for o in commerce.orders(session, Filter(JUNE.start, JUNE.start))] == ["A1"]
    assert commerce.orders(session, Filter(JUNE.start, JUNE.end, platforms=("shopify",))) == []


def test_only_what_counts_is_a_conversion(session):
    days = commerce.conversion_days(session, JUNE)
    orders = [d for d in days if d.kind == "order"]
    assert [(d.date_day.day, d.conversions, d.value, d.new_customers) for d in orders] == [
        (1, 1, 10, 1), (2, 1, 20, 0), (3, 1, 30, 0), (4, 1, 40, 0), (5, 1, 50, 0),
    ]  # fmt: skip
    assert [(d.date_day.day, d.value, d.currency) for d in days if d.kind == "deal"] == [(11, Decimal(100), "EUR")]


def test_deals_and_their_stages(session):
    assert [(d.deal_id, d.is_won) for d in crm.deals(session, limit=1)] == [("1", True)]
    assert [d.deal_id for d in crm.deals(session, after=crm.DealPosition("hubspot", "hubspot", "1"))] == ["2"]
    stages = {s.stage: (s.deals, s.moved_on, s.won, s.median_days) for s in crm.stage_summaries(session)}
    assert stages == {"open": (2, 1, 1, 10.0), "closedwon": (1, 0, 1, None)}


def test_mail_and_organic_days(session):
    (mail,) = commerce.email_days(session, JUNE)
    assert (mail.platform, mail.campaign_name, mail.delivered, mail.clicks) == ("other_mail", "June", 98, 9)
    (organic,) = commerce.organic_days(session, JUNE)
    assert (organic.origin, organic.clicks, organic.impressions) == ("organic_search", 5, 100)
