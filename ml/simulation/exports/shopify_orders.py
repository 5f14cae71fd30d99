"""Shopify: the export of orders as it is downloaded, one line an item, and the orders that its API answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ml.simulation.exports.columns import bare, csv_text, json_array, json_object, line_text, money, quoted
from ml.simulation.exports.identities import Advertiser, landing_query


def orders_csv(orders: pl.DataFrame, of: Advertiser) -> bytes:
    """Settled orders (see ``orders.py``) as downloaded, below ``ORDERS_HEADER``.

    An order's first line has everything and its first item; a second one has its name, its e-mail address and the
    other items.
    """
    known = _priced(orders).with_row_index("__order")
    lines = [
        known.select("__order", pl.lit(0).alias("__line"), *_cells(_whole_order(of))),
        known.filter(pl.col("items") > 1).select("__order", pl.lit(1).alias("__line"), *_cells(_further_items(of))),
    ]
    return csv_text(pl.concat(lines).sort("__order", "__line").drop("__order", "__line"))


def orders_json(orders: pl.DataFrame, of: Advertiser) -> bytes:
    """Settled orders (see ``orders.py``) as the Admin API gives them, one object a line."""
    return line_text(_priced(orders), _order_object(of))


_ADDRESS: Sequence[str] = (
    "Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone",
)  # fmt: skip
ORDERS_HEADER: Sequence[str] = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem sku",
    "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status",
    *(f"Billing {part}" for part in _ADDRESS), *(f"Shipping {part}" for part in _ADDRESS),
    "Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount", "Vendor",
    "Outstanding Balance", "Employee", "Location", "Device ID", "Id", "Tags", "Risk Level", "Source",
    "Lineitem discount", "Tax 1 Name", "Tax 1 Value", "Phone", "Receipt Number", "Duties", "Payment ID",
    "Payment References",
)  # fmt: skip


def _priced(orders: pl.DataFrame) -> pl.DataFrame:
    """With the amounts in cents that follow, and the prices of the items: the first takes what the others leave."""
    listed = pl.col("revenue_cents") + pl.col("discount_cents")
    more = pl.col("items") - 1
    return orders.with_columns(
        listed.alias("listed_cents"),
        (pl.col("revenue_cents") + pl.col("shipping_cents") + pl.col("tax_cents")).alias("total_cents"),
        pl.when(more > 0).then(listed * 2 // 5 // pl.max_horizontal(more, pl.lit(1))).otherwise(0).alias("other_cents"),
        _state().alias("state"),
    ).with_columns((pl.col("listed_cents") - pl.col("other_cents") * more).alias("first_cents"))


def _state() -> pl.Expr:
    """Shopify's financial status."""
    refunded = pl.col("refunded_cents")
    return (
        pl.when(refunded >= pl.col("revenue_cents")).then(pl.lit("refunded"))
        .when(refunded > 0).then(pl.lit("partially_refunded"))
        .when(pl.col("cancelled_at").is_not_null()).then(pl.lit("voided"))
        .otherwise(pl.lit("paid"))
    )  # fmt: skip


def _name() -> pl.Expr:
    return pl.concat_str(pl.lit("#"), pl.col("order_id"))


def _whole_order(of: Advertiser) -> Mapping[str, pl.Expr]:
    shipped = pl.when(pl.col("cancelled_at").is_null()).then(pl.lit("fulfilled")).otherwise(pl.lit("unfulfilled"))
    return {
        "Name": _name(),
        "Email": of.address(pl.col("customer")),
        "Financial Status": pl.col("state"),
        "Paid at": _moment("at"),
        "Fulfillment Status": shipped,
        "Accepts Marketing": pl.lit("no"),
        "Currency": pl.lit(of.currency),
        "Subtotal": money(pl.col("revenue_cents")),
        "Shipping": money(pl.col("shipping_cents")),
        "Taxes": money(pl.col("tax_cents")),
        "Total": money(pl.col("total_cents")),
        "Discount Code": pl.col("coupon"),
        "Discount Amount": money(pl.col("discount_cents")),
        "Shipping Method": pl.lit("Standard"),
        "Created at": _moment("at"),
        "Lineitem quantity": pl.when(pl.col("items") > 0).then(1).cast(pl.String),
        "Lineitem name": pl.lit("Simulated article"),
        "Lineitem price": money(pl.col("first_cents")),
        "Lineitem requires shipping": pl.lit("true"),
        "Lineitem taxable": pl.lit("true"),
        "Lineitem fulfillment status": shipped,
        "Billing Country": pl.lit("US"),
        "Shipping Province": pl.col("region"),
        "Shipping Country": pl.lit("US"),
        "Cancelled at": _moment("cancelled_at"),
        "Payment Method": pl.when(pl.col("is_test")).then(pl.lit("bogus")).otherwise(pl.lit("Simulated card")),
        "Refunded Amount": money(pl.col("back_cents")),
        "Vendor": pl.lit(of.name),
        "Outstanding Balance": pl.lit("0.00"),
        "Id": pl.col("order_id").cast(pl.String),
        "Tags": pl.when(pl.col("is_test")).then(pl.lit("test")),
        "Risk Level": pl.lit("Low"),
        "Source": pl.lit("web"),
        "Lineitem discount": pl.lit("0.00"),
    }


def _further_items(of: Advertiser) -> Mapping[str, pl.Expr]:
    return {
        "Name": _name(),
        "Email": of.address(pl.col("customer")),
        "Lineitem quantity": (pl.col("items") - 1).cast(pl.String),
        "Lineitem name": pl.lit("Simulated accessory"),
        "Lineitem price": money(pl.col("other_cents")),
        "Lineitem requires shipping": pl.lit("true"),
        "Lineitem taxable": pl.lit("true"),
        "Lineitem discount": pl.lit("0.00"),
    }


def _cells(known: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """A whole line: every column of the header, empty where nothing is known."""
    nothing = pl.lit(None, pl.String)
    return [known.get(name, nothing).alias(name) for name in ORDERS_HEADER]


def _moment(column: str) -> pl.Expr:
    """As the downloads write moments: ``2026-03-01 08:15:30 +0000``."""
    return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S +0000")


def _iso(column: str) -> pl.Expr:
    """As the API writes moments: ``2026-03-01T08:15:30+00:00``."""
    return quoted(pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"))


def _order_object(of: Advertiser) -> pl.Expr:
    def amount(cents: pl.Expr) -> pl.Expr:
        return quoted(money(cents))

    def both(cents: pl.Expr) -> pl.Expr:
        """In the shop's money and in the buyer's, which here is the same."""
        one = json_object({"amount": amount(cents), "currency_code": quoted(pl.lit(of.currency))})
        return json_object({"shop_money": one, "presentment_money": one})

    address = of.address(pl.col("customer"))
    rest = pl.col("revenue_cents") - pl.col("refunded_cents")
    item = json_object(
        {"id": bare(pl.col("order_id")), "title": quoted(pl.lit("Simulated article")), "quantity": bare(pl.lit(1)),
         "price": amount(pl.col("first_cents"))}
    )  # fmt: skip
    more = json_object(
        {"id": bare(pl.col("order_id")), "title": quoted(pl.lit("Simulated accessory")),
         "quantity": bare(pl.col("items") - 1), "price": amount(pl.col("other_cents"))}
    )  # fmt: skip
    tax_back = pl.col("refunded_cents") * pl.col("tax_cents") // pl.max_horizontal(pl.col("revenue_cents"), 1)
    returned = json_object(
        {"quantity": bare(pl.lit(1)), "subtotal": amount(pl.col("refunded_cents")), "total_tax": amount(tax_back)}
    )
    paid_back = json_object({"kind": quoted(pl.lit("refund")), "amount": amount(pl.col("back_cents"))})
    refund = json_object(
        {
            "created_at": _iso("updated_at"),
            "refund_line_items": json_array([returned]),
            "transactions": json_array([paid_back]),
        }
    )
    buyer = json_object(
        {"id": bare(of.user(pl.col("customer"))), "email": quoted(address),
         "orders_count": pl.when(pl.col("is_new_customer")).then(bare(pl.lit(1)))}
    )  # fmt: skip
    return json_object(
        {
            "id": bare(pl.col("order_id")),
            "name": quoted(_name()),
            "email": quoted(address),
            "created_at": _iso("at"),
            "processed_at": _iso("at"),
            "updated_at": _iso("updated_at"),
            "cancelled_at": _iso("cancelled_at"),
            "test": bare(pl.col("is_test")),
            "currency": quoted(pl.lit(of.currency)),
            "presentment_currency": quoted(pl.lit(of.currency)),
            "taxes_included": bare(pl.lit(value=False)),
            "total_line_items_price": amount(pl.col("listed_cents")),
            "total_discounts": amount(pl.col("discount_cents")),
            "subtotal_price": amount(pl.col("revenue_cents")),
            "subtotal_price_set": both(pl.col("revenue_cents")),
            "total_shipping_price_set": both(pl.col("shipping_cents")),
            "total_tax": amount(pl.col("tax_cents")),
            "total_tax_set": both(pl.col("tax_cents")),
            "total_price": amount(pl.col("total_cents")),
            "total_price_set": both(pl.col("total_cents")),
            "current_subtotal_price": amount(rest),
            "current_total_price": amount(pl.col("total_cents") - pl.col("back_cents")),
            "financial_status": quoted(pl.col("state")),
            "source_name": quoted(pl.lit("web")),
            "landing_site": quoted(pl.concat_str(pl.col("landing_page"), landing_query())),
            "customer": pl.when(pl.col("customer").is_not_null()).then(buyer),
            "line_items": json_array([item, pl.when(pl.col("items") > 1).then(more)]),
            "refunds": pl.when(pl.col("refunded_cents") > 0).then(json_array([refund])).otherwise(pl.lit("[]")),
        }
    )
