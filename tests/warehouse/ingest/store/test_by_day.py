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
