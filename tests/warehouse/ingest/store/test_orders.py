"""Orders one by one: the shapes that shops give them, what they earned, and what follows from a newer version."""

import json
from decimal import Decimal

import pytest

from tests.warehouse.exports import table
from tests.warehouse.state import seen

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
    return seen(desk.warehouse, f'SELECT {columns} FROM core.shop_order ORDER BY 1')


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
