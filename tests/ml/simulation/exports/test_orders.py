import csv
import gzip
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from ml.simulation.exports.orders import HELD_DAYS, OrderExport, Shop
from ml.simulation.people.records import ORDER_CHANGES, ORDERS, SESSIONS, empty
from tests.ml.simulation.exports.made_up import SHOP, frame
from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.sessions import Warehouse

FIRST = date(2026, 1, 30)
PLAIN = {
    "customer": 7, "client": 2**40 + 5, "session_id": 11, "click_id": 99, "items": 1, "revenue_cents": 5_000,
    "discount_cents": 500, "tax_cents": 400, "shipping_cents": 490, "goods_cents": 2_000, "is_new_customer": True,
    "is_test": False, "coupon": "SPRING", "landing_page": "/shoes", "region": "CA", "device": "mobile",
}  # fmt: skip
ORDERED = {
    0: [PLAIN | {"order_id": 1}, PLAIN | {"order_id": 2, "customer": 8, "items": 3, "session_id": None}],
    1: [PLAIN | {"order_id": 3, "is_new_customer": False}],
    3: [
        PLAIN | {"order_id": 4},
        PLAIN | {"order_id": 5, "customer": None, "is_test": True, "session_id": None, "click_id": None},
    ],
}
CHANGED = {5: [(1, "refund", 5_000), (2, "refund", 1_250)], 6: [(3, "cancellation", 5_000)]}
SESSION = {"session_id": 11, "source": "google", "medium": "cpc", "campaign_id": "210", "click_id": 99}


def moment(day, minute=0):
    return datetime(FIRST.year, FIRST.month, FIRST.day, 12, minute, tzinfo=UTC) + timedelta(days=day)


def write(folder, shape, days=8):
    export = OrderExport(folder, Shop(SHOP, "shop-1", shape))
    for day in range(days):
        orders = [row | {"at": moment(day, minute)} for minute, row in enumerate(ORDERED.get(day, []))]
        changes = [dict(zip(("order_id", "kind", "amount_cents"), c, strict=True)) for c in CHANGED.get(day, [])]
        export.add(
            FIRST + timedelta(days=day),
            frame(ORDERS, orders),
            frame(SESSIONS, [SESSION] if orders else []),
            frame(ORDER_CHANGES, [change | {"at": moment(day)} for change in changes]),
        )
    return export.finish()


def lines(export):
    return gzip.decompress(export.path.read_bytes()).decode().splitlines()


@pytest.mark.parametrize("shape", ["shopify_api", "shopify_download", "plain"])
def test_orders_are_taken_whole_and_earn_what_they_earned(engine, settings, tmp_path, shape):
    files = write(tmp_path, shape)
    assert [export.path.name.partition(".")[0][-5:] for export in files] == ["_2026"]
    results = load_paths(Warehouse(settings, engine), [str(tmp_path)], LoadOptions(account=f"shop-{shape}"))
    assert [(r.status, r.rows_read, r.rejected) for r in results] == [("loaded", f.accepted, 0) for f in files]
    with engine.connect() as connection:
        stored = connection.execute(
            text(
                """SELECT order_id, revenue, tax, shipping, items, is_test, cancelled_at IS NOT NULL,
                          identifier_key IS NOT NULL
                FROM core.shop_order JOIN core.account USING (account_key) WHERE account_id = :shop ORDER BY order_id"""
            ),
            {"shop": f"shop-{shape}"},
        ).all()
    money = Decimal("4.00"), Decimal("4.90")
    assert [(row[0], round(row[1], 2), *row[2:]) for row in stored] == [
        ("1", Decimal(0), *money, 1, False, False, True),
        ("2", Decimal("37.50"), *money, 3, False, False, True),
        ("3", Decimal(50), *money, 1, False, True, True),
        ("4", Decimal(50), *money, 1, False, False, True),
        ("5", Decimal(50), *money, 1, True, False, False),
    ]


def test_an_order_waits_until_it_no_longer_changes(tmp_path):
    export = OrderExport(tmp_path, Shop(SHOP, "shop-1", "plain"))
    placed = frame(ORDERS, [PLAIN | {"order_id": 1, "at": moment(0)}])
    export.add(FIRST, placed, empty(SESSIONS), empty(ORDER_CHANGES))
    late = frame(ORDER_CHANGES, [{"order_id": 1, "kind": "refund", "amount_cents": 700, "at": moment(HELD_DAYS)}])
    for day in range(1, HELD_DAYS + 2):
        changes = late if day == HELD_DAYS else empty(ORDER_CHANGES)
        export.add(FIRST + timedelta(days=day), empty(ORDERS), empty(SESSIONS), changes)
    (written,) = export.finish()
    (row,) = csv.DictReader(lines(written))
    assert (row["Refunded"], row["Updated at"]) == ("8.24", "2026-03-31T12:00:00Z")


def test_prices_of_the_items_add_up_to_what_was_listed(tmp_path):
    (_, rows), (_, answers) = (read(write(tmp_path / shape, shape)[0]) for shape in ("shopify_download", "shopify_api"))
    assert [(row["Name"], row["Lineitem quantity"]) for row in rows if row["Name"] == "#2"] == [
        ("#2", "1"),
        ("#2", "2"),
    ]
    listed = sum(Decimal(r["Lineitem price"]) * int(r["Lineitem quantity"]) for r in rows if r["Name"] == "#2")
    assert listed == Decimal("55.00")
    items = answers[1]["line_items"]
    assert sum(Decimal(item["price"]) * item["quantity"] for item in items) == Decimal("55.00")


def test_the_api_tells_who_bought_and_by_which_ad(tmp_path):
    bought = json.loads(lines(write(tmp_path, "shopify_api")[0])[0])
    assert bought["customer"] == {
        "id": 10_000_000_007,
        "email": "customer7@mail.simulated-test.example",
        "orders_count": 1,
    }
    assert bought["landing_site"] == "/shoes?utm_source=google&utm_medium=cpc&utm_campaign=210&utm_id=210&gclid=Sim-99"
    assert bought["financial_status"] == "refunded"


def read(export):
    """A file's name and its rows or objects."""
    if export.path.name.endswith(".csv.gz"):
        return export.path.name, list(csv.DictReader(lines(export)))
    return export.path.name, [json.loads(line) for line in lines(export)]
