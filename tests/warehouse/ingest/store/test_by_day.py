"""Rates, orders and sessions: one row a day, the newest file counts."""

from decimal import Decimal

from tests.warehouse.exports import table
from tests.warehouse.state import dump, seen

FX = "date,from,to,rate"
ORDERS = "Day,Orders,Net sales"
SESSIONS = "Date,Session default channel group,Sessions,Engaged sessions"


def test_rates_are_added_replaced_and_left_alone(desk):
    first = desk.load(table(FX, [["2026-06-01", "EUR", "USD", "1.10"], ["2026-06-02", "EUR", "USD", "1.20"]]), "fx.csv")
    assert (first.status, first.accepted, first.account) == ("loaded", 2, None)
    more = [["2026-06-02", "EUR", "USD", "1.25"], ["2026-06-03", "EUR", "USD", "1.30"]]
    second = desk.load(table(FX, more), "fx.csv")
    assert (second.accepted, second.restated) == (2, 1)
    found = seen(desk.warehouse, "SELECT date_day::text, rate::text, load_key FROM mart.fx_rate ORDER BY 1")
    assert found == [
        ("2026-06-01", "1.1000000000", first.load_key),
        ("2026-06-02", "1.2500000000", second.load_key),
        ("2026-06-03", "1.3000000000", second.load_key),
    ]
    before = dump(desk.warehouse)
    again = desk.load(table(FX, reversed(more)), "fx.csv")
    assert (again.status, again.skipped_by_reason) == ("unchanged", {"already known": 2})
    assert dump(desk.warehouse) == before


def test_of_one_days_rates_in_a_file_the_last_counts(desk):
    result = desk.load(table(FX, [["2026-06-01", "EUR", "USD", r] for r in ("1.10", "1.20")]), "fx.csv")
    assert (result.accepted, result.skipped_by_reason) == (1, {"repeated row": 1})
    assert seen(desk.warehouse, "SELECT rate FROM mart.fx_rate") == [(Decimal("1.2000000000"),)]


def test_a_rate_that_is_none_is_rejected(desk):
    lines = [["2026-06-01", "EUR", "USD", r] for r in ("", "-1", "abc")] + [["2026-06-01", "EURO", "USD", "1.1"]]
    result = desk.load(table(FX, [*lines, ["2026-06-02", "EUR", "USD", "1.1"]]), "fx.csv")
    assert (result.accepted, result.rejected) == (1, 4)


def test_rates_that_would_make_money_nothing_are_rejected(desk):
    lines = [["2026-06-01", "EUR", "USD", "0"], ["2026-06-02", "EUR", "USD", "0.00000000001"]]
    result = desk.load(table(FX, [*lines, ["2026-06-03", "EUR", "USD", "1.1"]]), "fx.csv")
    assert (result.accepted, result.rejected) == (1, 2)
    assert seen(desk.warehouse, 'SELECT line, "column", code FROM mart.rejected_row ORDER BY 1') == [
        (2, "rate", "rate_not_positive"),
        (3, "rate", "rate_not_positive"),
    ]


def test_orders_of_a_shop(desk):
    desk.load(table(ORDERS, [["2026-06-01", 3, "99.50"], ["2026-06-02", 1, "-20.00"]]), "orders.csv", source="shopify")
    restated = desk.load(table(ORDERS, [["2026-06-01", 4, "120.00"]]), "orders.csv", source="shopify")
    assert (restated.accepted, restated.restated, restated.account) == (1, 1, "shopify")
    found = seen(
        desk.warehouse, "SELECT date_day::text, account_id, orders, revenue, currency FROM mart.order_daily ORDER BY 1"
    )
    assert found == [("2026-06-01", "shopify", 4, 120, "USD"), ("2026-06-02", "shopify", 1, -20, "USD")]


def test_two_shops_keep_apart(desk):
    for shop in ("north", "south"):
        desk.load(table(ORDERS, [["2026-06-01", 3, "99.50"]]), "orders.csv", source="shopify", account=shop)
    assert len(seen(desk.warehouse, "SELECT * FROM mart.order_daily")) == 2


def test_sessions_by_channel_group(desk):
    lines = [["20260601", "Paid Search", 50, 20], ["20260601", "Direct", 30, 10]]
    desk.load(table(SESSIONS, lines), "ga4.csv", source="ga4")
    result = desk.load(table(SESSIONS, [["20260601", "Direct", 31, 10]]), "ga4.csv", source="ga4")
    assert (result.accepted, result.restated) == (1, 1)
    found = seen(desk.warehouse, "SELECT channel_group, sessions FROM mart.web_session_daily ORDER BY 1")
    assert found == [("Direct", 31), ("Paid Search", 50)]


def test_sessions_without_a_group_are_accounted_for(desk):
    lines = [["20260601", "", 50, 20], ["20260601", "(not set)", 30, 10], ["20260601", "Direct", 5, 1]]
    result = desk.load(table(SESSIONS, lines), "ga4.csv", source="ga4")
    assert result.status == "loaded"
    assert result.rows_read == 3
    assert len(seen(desk.warehouse, "SELECT 1 FROM mart.web_session_daily")) == result.accepted


def test_orders_without_a_day_or_a_number(desk):
    result = desk.load(table(ORDERS, [["", 3, "9.50"], ["2026-06-02", "", ""]]), "orders.csv", source="shopify")
    assert (result.accepted, result.rejected) == (1, 1)
    assert seen(desk.warehouse, "SELECT orders, revenue FROM mart.order_daily") == [(None, None)]


def test_variants_of_a_mailing_are_added_up(desk):
    header = "Campaign Name,Campaign ID,Send Time,Total Recipients,Unique Opens,Unique Clicks,Unsubscribes,Revenue"
    rows = [["June", "k1", "2026-06-01 09:00:00", 100, 50, 9, 1, "80.25"],
            ["June", "k1", "2026-06-01 09:00:00", 100, 48, 7, 0, "19.75"]]  # fmt: skip
    result = desk.load(table(header, rows), "klaviyo.csv")
    assert (result.source, result.accepted, result.skipped_by_reason) == (
        "klaviyo.campaigns", 1, {"added to its day": 1},
    )  # fmt: skip
    found = "SELECT date_day::text, campaign_name, sent, opens, clicks, unsubscribes, revenue FROM mart.email_daily"
    assert seen(desk.warehouse, found) == [("2026-06-01", "June", 200, 98, 16, 1, 100)]
    again = desk.load(table(header, [*rows, rows[0]]), "klaviyo.csv")
    assert (again.accepted, again.restated) == (1, 1)


def test_queries_of_a_day_are_added_up_and_the_rest_is_said_to_be_missing(desk):
    header = "date,query,page,clicks,impressions,ctr,position"
    rows = [["2026-06-01", q, "/", 5, 100, "0.05", "3.2"] for q in ("mug", "cup")]
    result = desk.load(table(header, rows), "queries.csv")
    assert (result.source, result.account) == ("search_console.by_query", "search_console")
    assert "rare queries" in next(a.why for a in result.assumptions if a.field == "clicks")
    found = "SELECT origin, clicks, impressions FROM mart.organic_daily"
    assert seen(desk.warehouse, found) == [("organic_search", 10, 200)]
    desk.load(table("Date,Clicks,Impressions,CTR,Position", [["2026-06-01", 14, 260, "5%", "3"]]), "Dates.csv")
    assert seen(desk.warehouse, found) == [("organic_search", 14, 260)]


def test_organic_traffic_by_origin(desk):
    rows = [["2026-06-01", "Direct", 210, ""], ["2026-06-01", "organic_search", 540, 520]]
    result = desk.load(table("date,channel,sessions,clicks", rows), "organic_log.csv")
    assert (result.source, result.accepted) == ("organic.by_day", 2)
    found = seen(desk.warehouse, "SELECT origin, sessions, clicks FROM mart.organic_daily ORDER BY 1")
    assert found == [("direct", 210, None), ("organic_search", 540, 520)]


def test_opens_and_clicks_of_single_people_are_touchpoints(desk):
    header = "Metric Name,Timestamp,Email,Campaign Name,Campaign ID,Event ID"
    rows = [["Opened Email", "2026-06-01T09:00:00Z", "ada@example.org", "June", "k1", "e1"],
            ["Clicked Email", "2026-06-01T09:05:00Z", "ada@example.org", "June", "k1", "e2"]]  # fmt: skip
    result = desk.load(table(header, rows), "events.csv")
    assert (result.source, result.accepted, result.rejected) == ("klaviyo.events", 2, 0)
    found = "SELECT kind::text, channel, customer_key IS NOT NULL FROM core.touchpoint ORDER BY at"
    assert seen(desk.warehouse, found) == [("email_open", "email", True), ("email_click", "email", True)]
