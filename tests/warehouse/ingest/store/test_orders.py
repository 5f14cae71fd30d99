"""Orders one by one: the shapes that shops give them, what they earned, and what follows from a newer version."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.warehouse.exports import table
from tests.warehouse.state import seen
from warehouse.changes import entities

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
    "Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Phone,Payment Method,"
    "Refunded Amount,Cancelled at,Id,Tags,Source"
)


def line(name="#1001", **said):
    """One line of Shopify's export; a line of a further item has its order's name, address and the item only."""
    usual = {
        "Name": name, "Email": f"{name[1:]}@example.org", "Financial Status": "paid", "Currency": "EUR",
        "Subtotal": "100.00", "Shipping": "5.00", "Taxes": "19.95", "Total": "124.95", "Discount Amount": "0.00",
        "Created at": "2026-06-01 23:30:00 -0500", "Lineitem quantity": 1, "Lineitem name": "Mug",
        "Billing Name": "Ada Lovelace", "Payment Method": "Shopify Payments", "Refunded Amount": "0.00",
        "Id": f"5000{name[1:]}",
    }  # fmt: skip
    cells = usual | said
    return [cells.get(column) for column in HEADER.split(",")]


def item(name="#1001", quantity=1):
    cells = {"Name": name, "Email": f"{name[1:]}@example.org", "Lineitem quantity": quantity, "Lineitem name": "Cup"}
    return [cells.get(column) for column in HEADER.split(",")]


def export(*lines):
    return table(HEADER, lines)


def orders(desk, columns="order_id, revenue"):
    return seen(desk.warehouse, f"SELECT {columns} FROM core.shop_order ORDER BY 1")


def test_an_export_of_shopify(desk):
    result = desk.load(export(line(), item(quantity=2), line("#1002", Subtotal="20.00", Total="28.75", Taxes="3.75")))
    assert (result.source, result.status, result.accepted, result.account) == (
        "shopify.orders_export", "loaded", 2, "shopify",
    )  # fmt: skip
    assert result.skipped_by_reason == {"further line of an order": 1}
    found = orders(desk, "order_id, name, at::text, revenue, tax, shipping, items, is_test, cancelled_at")
    assert found == [
        ("50001001", "#1001", "2026-06-02 04:30:00+00", 100, Decimal("19.95"), 5, 3, False, None),
        ("50001002", "#1002", "2026-06-02 04:30:00+00", 20, Decimal("3.75"), 5, 1, False, None),
    ]


@pytest.mark.parametrize(
    ("said", "revenue"),
    [
        ({}, "100"),
        ({"Refunded Amount": "124.95"}, "0"),
        # What a refund was for is not said: it pays back goods, tax and shipping alike.
        ({"Refunded Amount": "62.475"}, "50"),
        # With prices that include the tax, the subtotal does too: 100 = 84.033613 + 15.966387.
        ({"Taxes": "16.76", "Total": "105.00"}, "84.038095"),
        ({"Financial Status": "refunded", "Refunded Amount": None}, "0"),
    ],
)
def test_what_an_order_of_an_export_earned(desk, said, revenue):
    desk.load(export(line(**said)))
    assert orders(desk, "revenue") == [(Decimal(revenue),)]


def test_orders_make_the_days_of_the_shop_in_its_own_zone(desk):
    # Half past four in the morning in UTC is half past midnight in New York; the second one an hour before.
    desk.load(export(line(), line("#1002", **{"Created at": "2026-06-01 22:30:00 -0500"})))
    days = "SELECT date_day::text, orders, revenue FROM mart.order_daily ORDER BY 1"
    assert seen(desk.warehouse, days) == [("2026-06-02", 2, 200)]
    with desk.warehouse.writing() as session:
        key = session.execute(text("SELECT account_key FROM core.account")).scalar_one()
        shop = entities.account(session, key)
        entities.update_account(session, replace(shop, time_zone="America/New_York"))
    assert seen(desk.warehouse, days) == [("2026-06-01", 1, 100), ("2026-06-02", 1, 100)]
    desk.load(export(line("#1003", **{"Created at": "2026-06-01 12:00:00 -0500"})))
    assert seen(desk.warehouse, days) == [("2026-06-01", 2, 200), ("2026-06-02", 1, 100)]


def test_a_refund_restates_the_order_its_day_and_its_conversion(desk):
    desk.load(export(line(), line("#1002")))
    result = desk.load(export(line(**{"Refunded Amount": "124.95", "Financial Status": "refunded"}), line("#1002")))
    assert (result.accepted, result.restated, result.skipped_by_reason) == (1, 1, {"already known": 1})
    assert orders(desk) == [("50001001", 0), ("50001002", 100)]
    assert seen(desk.warehouse, "SELECT orders, revenue FROM mart.order_daily") == [(2, 100)]
    assert conversions(desk) == [("order", "50001001", 0, "EUR", True), ("order", "50001002", 100, "EUR", True)]


def test_a_cancelled_order_is_not_a_refunded_one(desk):
    desk.load(export(line(), line("#1002", **{"Cancelled at": "2026-06-02 10:00:00 -0500"})))
    assert conversions(desk) == [("order", "50001001", 100, "EUR", True), ("order", "50001002", 100, "EUR", False)]
    assert seen(desk.warehouse, "SELECT orders, revenue FROM mart.order_daily") == [(1, 100)]
    desk.load(export(line(**{"Cancelled at": "2026-06-03 10:00:00 -0500"})))
    assert seen(desk.warehouse, "SELECT orders, revenue FROM mart.order_daily") == [(0, 0)]


def test_test_orders_do_not_count(desk):
    desk.load(export(line(**{"Payment Method": "(for testing) Bogus Gateway"})))
    assert orders(desk, "is_test") == [(True,)]
    assert conversions(desk) == [("order", "50001001", 100, "EUR", False)]


def test_a_line_that_belongs_to_no_order_is_rejected_without_what_names_the_customer(desk):
    result = desk.load(export(line(), item("#7")))
    assert (result.accepted, result.rejected) == (1, 1)
    (row,) = seen(desk.warehouse, "SELECT line, code, reason, raw FROM mart.rejected_row")
    assert (row[0], row[1], row[3]) == (3, "missing_value", "#7")
    assert "no further line of an order" in row[2]


def test_an_address_that_slipped_into_another_column_is_not_kept(desk):
    desk.load(export(line(Total="ada@example.org", **{"Tax 1 Name": "eve%40example.org"}), line("#1002")))
    ((reason, raw),) = seen(desk.warehouse, "SELECT reason, raw FROM mart.rejected_row")
    assert reason == '"***" is not a number that fits here.'
    assert "#1001" in raw
    assert "example.org" not in raw


@pytest.mark.parametrize("cell", [{"Total": "many"}, {"Created at": "yesterday"}, {"Currency": "EURO"}])
def test_a_rejected_order_keeps_nothing_that_names_the_customer(desk, cell):
    result = desk.load(export(line(**cell), line("#1002")))
    assert (result.accepted, result.rejected) == (1, 1)
    ((raw,),) = seen(desk.warehouse, "SELECT raw FROM mart.rejected_row")
    assert "#1001" in raw
    assert "@" not in raw
    assert "Ada" not in raw


def test_ids_that_a_spreadsheet_rounded_are_refused(desk):
    result = desk.load(export(line(Id="5.43E+12")))
    assert (result.status, "rounded by a spreadsheet" in result.reason) == ("refused", True)


def test_an_order_in_another_currency_than_its_shops_is_refused_with_words(desk):
    desk.load(export(line()))
    result = desk.load(export(line("#1002", Currency="USD")), account="shopify")
    assert result.status == "refused"
    assert "is in USD, but account shopify is in EUR" in result.reason
    both = desk.load(export(line("#1003"), line("#1004", Currency="USD")))
    assert "Two currencies, EUR and USD" in both.reason


def test_addresses_are_stored_nowhere(desk):
    desk.load(export(line(), line("#1002", Total="x")))
    with desk.warehouse.writing() as session:
        tables = session.execute(
            text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('core', 'landing')")
        ).scalars()
        for name in list(tables):
            found = session.execute(text(f"SELECT count(*) FROM {name} t WHERE t::text LIKE '%@example.org%'"))
            assert found.scalar_one() == 0, name


def test_the_first_order_of_a_customer_makes_them_new(desk):
    same = {"Email": "ada@example.org"}
    first = line("#1001", **same, **{"Created at": "2026-06-01 10:00:00 +0000"})
    second = line("#1002", **same, **{"Created at": "2026-06-05 10:00:00 +0000"})
    desk.load(export(second))
    assert seen(desk.warehouse, 'SELECT is_new_customer FROM mart."order"') == [(True,)]
    desk.load(export(first))
    found = seen(desk.warehouse, 'SELECT order_id, is_new_customer FROM mart."order" ORDER BY 1')
    assert found == [("50001001", True), ("50001002", False)]


API = {
    "id": 450789469, "name": "#1001", "email": "bob@example.org", "created_at": "2026-06-01T10:00:00-05:00",
    "processed_at": "2026-06-01T10:00:00-05:00", "updated_at": "2026-06-01T11:00:00-05:00", "cancelled_at": None,
    "test": False, "currency": "EUR", "presentment_currency": "USD", "taxes_included": False,
    "subtotal_price": "100.00", "total_tax": "20.00", "total_price": "125.00", "total_discounts": "10.00",
    "subtotal_price_set": {"shop_money": {"amount": "100.00", "currency_code": "EUR"},
                           "presentment_money": {"amount": "110.00", "currency_code": "USD"}},
    "total_price_set": {"shop_money": {"amount": "125.00", "currency_code": "EUR"},
                        "presentment_money": {"amount": "137.50", "currency_code": "USD"}},
    "total_shipping_price_set": {"shop_money": {"amount": "5.00", "currency_code": "EUR"}},
    "financial_status": "paid", "refunds": [], "customer": {"id": 207119551, "email": "bob@example.org"},
    "landing_site": "/?utm_source=google&utm_medium=cpc&utm_campaign=spring%20sale&gclid=Cj0KCQ",
    "line_items": [{"id": 1, "quantity": 2, "current_quantity": 2}, {"id": 2, "quantity": 1}],
}  # fmt: skip


def api(*orders_, **wrapped):
    return json.dumps(wrapped or {"orders": list(orders_)})


def test_an_answer_of_shopifys_api(desk):
    result = desk.load(api(API), "orders.json")
    assert (result.source, result.accepted) == ("shopify.orders_api", 1)
    found = orders(desk, "order_id, revenue, tax, shipping, discounts, items, source, medium, campaign")
    assert found == [("450789469", 100, 20, 5, 10, 3, "google", "cpc", "spring sale")]
    assert seen(desk.warehouse, "SELECT currency FROM mart.account") == [("EUR",)]
    assert orders(desk, "click_key IS NOT NULL, identifier_key IS NOT NULL") == [(True, True)]


def test_a_newer_version_replaces_an_older_one_and_never_the_other_way_round(desk):
    newer = API | {
        "updated_at": "2026-06-09T10:00:00-05:00",
        "refunds": [{"refund_line_items": [{"quantity": 1, "subtotal": 40.0, "total_tax": 8.0}],
                     "order_adjustments": [{"kind": "refund_discrepancy", "amount": "-5.00", "tax_amount": "0.00"}]}],
    }  # fmt: skip
    desk.load(api(newer), "orders.json")
    assert orders(desk, "revenue, refunded") == [(55, 53)]
    result = desk.load(api(API), "orders.json")
    assert (result.status, result.skipped_by_reason) == ("unchanged", {"older version": 1})
    assert orders(desk, "revenue, refunded") == [(55, 53)]
    newest = newer | {"updated_at": "2026-06-10T10:00:00-05:00", "current_subtotal_price": "0.00", "refunds": []}
    result = desk.load(api(API, newest, newer), "orders.json")
    assert (result.accepted, result.restated, result.skipped_by_reason) == (1, 1, {"older version": 2})
    assert orders(desk, "revenue") == [(0,)]


def test_prices_that_include_the_tax(desk):
    included = {"taxes_included": True, "total_price_set": None, "total_price": "105.00", "total_tax": "16.80"}
    desk.load(api(API | included), "orders.json")
    assert orders(desk, "revenue") == [(84,)]


def test_an_answer_of_shopifys_graphql(desk):
    node = {
        "id": "gid://shopify/Order/450789469", "name": "#1001", "email": "bob@example.org", "test": True,
        "createdAt": "2026-06-01T15:00:00Z", "updatedAt": "2026-06-01T16:00:00Z", "cancelledAt": None,
        "taxesIncluded": False, "displayFinancialStatus": "PAID", "currencyCode": "EUR",
        "currentSubtotalPriceSet": {"shopMoney": {"amount": "90.0", "currencyCode": "EUR"}},
        "totalPriceSet": {"shopMoney": {"amount": "125.0", "currencyCode": "EUR"}},
        "totalRefundedSet": {"shopMoney": {"amount": "12.0", "currencyCode": "EUR"}},
        "customer": {"id": "gid://shopify/Customer/207119551"}, "currentSubtotalLineItemsQuantity": 2,
    }  # fmt: skip
    result = desk.load(api(data={"orders": {"edges": [{"node": node}]}}), "orders.json")
    assert (result.source, result.accepted) == ("shopify.orders_api", 1)
    assert orders(desk, "order_id, revenue, refunded, items, is_test") == [("450789469", 90, 12, 2, True)]
    # REST and GraphQL know the customer by one id.
    desk.load(api(API | {"id": 1, "name": "#1", "email": None}), "orders.json")
    assert seen(desk.warehouse, "SELECT count(DISTINCT customer_key), count(*) FROM core.shop_order") == [(1, 2)]


def test_an_export_without_ids_and_the_api_tell_of_one_order(desk):
    desk.load(export(line(Id=None)))
    desk.load(api(API), "orders.json")
    assert orders(desk, "order_id, name") == [("450789469", "#1001")]
    assert [c[1] for c in conversions(desk)] == ["450789469"]
    desk.load(export(line(Id=None, Subtotal="70.00", Total="94.95")))
    assert orders(desk) == [("450789469", 70)]


PLAIN = "order_id,created_at,email,revenue,cost,tax,shipping,refunds,cancelled,test,new_customer"


def test_a_plain_table_of_orders(desk):
    result = desk.load(
        table(
            PLAIN,
            [
                [
                    "A1",
                    "2026-06-01T10:00:00Z",
                    "ada@example.org",
                    "100.00",
                    "60.00",
                    "20.00",
                    "5.00",
                    "",
                    "no",
                    "no",
                    "yes",
                ],
                [
                    "A2",
                    "2026-06-02T10:00:00Z",
                    "ada@example.org",
                    "50.00",
                    "20.00",
                    "10.00",
                    "0",
                    "30.00",
                    "no",
                    "no",
                    "no",
                ],
                ["A3", "2026-06-02T11:00:00Z", "", "10.00", "", "2.00", "0", "", "yes", "no", ""],
                ["A4", "2026-06-02T12:00:00Z", "", "10.00", "4.00", "2.00", "0", "", "no", "yes", ""],
            ],
        ),
        "orders.csv",
        currency="EUR",
    )
    assert (result.source, result.accepted, result.account) == ("other_shop.orders", 4, "other_shop")
    found = orders(desk, "order_id, revenue, margin, is_test, cancelled_at IS NOT NULL, is_new_customer")
    assert found == [
        ("A1", 100, 40, False, False, True),
        ("A2", 25, 15, False, False, False),
        ("A3", 10, None, False, True, None),
        ("A4", 10, 6, True, False, None),
    ]
    days = "SELECT date_day::text, orders, revenue FROM mart.order_daily ORDER BY 1"
    assert seen(desk.warehouse, days) == [("2026-06-01", 1, 100), ("2026-06-02", 1, 25)]


@pytest.mark.parametrize(
    ("header", "row", "revenue"),
    [
        ("order_id,date,total,tax,shipping", "1,2026-06-01 10:00,125.00,20.00,5.00", "100"),
        ("order_id,date,net_sales,refunds", "1,2026-06-01 10:00,80.00,20.00", "80"),
        ("order_id,date,subtotal,tax,prices include tax,shipping", "1,2026-06-01 10:00,119.00,19.00,yes,0", "100"),
        ("order_id,date,total,status", "1,2026-06-01 10:00,119.00,refunded", "0"),
    ],
)
def test_what_a_plain_order_earned(desk, header, row, revenue):
    assert desk.load(f"{header}\n{row}\n", "orders.csv").accepted == 1
    assert orders(desk, "revenue") == [(Decimal(revenue),)]


def test_a_report_by_day_does_not_overrule_the_orders_themselves(desk):
    desk.load(export(line()))
    result = desk.load(table("Day,Orders,Net sales", [["2026-06-02", 9, "999"], ["2026-06-03", 1, "5"]]), "sales.csv",
                       source="shopify", currency="EUR")  # fmt: skip
    assert result.skipped_by_reason == {"day whose orders are known one by one": 1}
    assert seen(desk.warehouse, "SELECT orders, revenue FROM mart.order_daily ORDER BY date_day") == [(1, 100), (1, 5)]


def test_orders_of_a_person_who_was_deleted_are_skipped(desk):
    desk.load(export(line()))
    with desk.warehouse.writing() as session:
        session.execute(
            text(
                """INSERT INTO core.forgotten (advertiser_key, kind, digest)
                   SELECT advertiser_key, kind, digest FROM core.identifier"""
            )
        )
    result = desk.load(export(line(Total="99.00", Subtotal="74.05"), line("#1002")))
    assert (result.accepted, result.skipped_by_reason) == (1, {"about a person who was deleted": 1})


def test_customers_whose_conversions_changed_wait_for_their_journeys(desk):
    desk.load(export(line()))
    with desk.warehouse.writing() as session:
        assert session.execute(text("DELETE FROM core.touched_customer")).rowcount > 0
    desk.load(export(line(), line("#1002", Email="1001@example.org")))
    waiting = "SELECT DISTINCT customer_key, since::text FROM core.touched_customer"
    assert seen(desk.warehouse, waiting) == [(1, "2026-06-02 04:30:00+00")]


def test_the_currency_may_stand_in_the_header_of_an_amount(desk):
    desk.load("order_id,date,Total (GBP)\n1,2026-06-01 10:00,119.00\n", "orders.csv")
    assert seen(desk.warehouse, "SELECT currency FROM mart.account") == [("GBP",)]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ('{"orders": [{"id": 1, "created_at": "2026-06-01", "total', "orders.json", "damaged JSON"),
        ('{"orders": []}', "orders.json", "without records"),
        ('{"errors": "[API] Invalid API key"}', "orders.json", "without records"),
        ("Name,Email,Financial Status,Created at\n#1,a@example.org,paid,2026-06-01\n", "orders.csv", "lineitem"),
        ("order_id,date,revenue\n1,whenever,5.00\n", "orders.csv", "Every row was rejected"),
        ("order_id,date,revenue\n1,2026-06-01 10:00,=SUM(A1)\n", "orders.csv", "formula"),
        ("order_id,date,revenue\n1,01/02/2026 10:00,5.00\n", "orders.csv", "two ways"),
    ],
)
def test_a_malformed_file_is_refused_with_words(desk, content, name, words):
    (result,) = desk.load_all(content, name)
    assert result.status == "refused"
    assert words in result.reason
    assert seen(desk.warehouse, "SELECT count(*) FROM core.shop_order") == [(0,)]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ("1,2026-06-01 10:00,abc,no", "revenue", "bad_number"),
        ("1,tomorrow,5.00,no", "date", "bad_time"),
        ("1,2031-06-01 10:00,5.00,no", "date", "future_date"),
        ("1,2026-06-01 10:00,5.00,perhaps", "cancelled", "bad_boolean"),
        ("1,,5.00,no", "at", "missing_value"),
        ("1,2026-06-01 10:00,,no", "total", "missing_value"),
    ],
)
def test_a_row_that_cannot_be_an_order_is_rejected_with_its_column(desk, cells, column, code):
    result = desk.load(f"order_id,date,revenue,cancelled\n2,2026-06-01 10:00,5.00,no\n{cells}\n", "orders.csv")
    assert (result.accepted, result.rejected) == (1, 1)
    assert seen(desk.warehouse, 'SELECT line, "column", code FROM mart.rejected_row') == [(3, column, code)]


def conversions(desk):
    return seen(
        desk.warehouse, "SELECT kind::text, source_id, value, currency, counts FROM core.conversion ORDER BY 1, 2"
    )
