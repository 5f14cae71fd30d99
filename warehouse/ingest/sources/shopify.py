"""A shop's orders one by one, as Shopify gives them, and by day: its sales reports, or a plain table of days."""

from __future__ import annotations

from warehouse.ingest.sources.click_ids import clicks_in
from warehouse.ingest.sources.model import Alias, Platform, Source, column

PLATFORM = Platform(name="shopify", label="Shopify", words=("shopify", "shop", "orders", "sales"), lookback_days=60)

_TAKEN = (
    "total sales", "gesamtumsatz", "ventes totales", "ventas totales", "vendas totais", "vendite totali", "net sales",
    "nettoumsatz", "ventes nettes", "ventas netas",
)  # fmt: skip

_ADDRESSES = tuple(
    f"{whose} {part}"
    for whose in ("billing", "shipping")
    for part in ("name", "street", "address1", "address2", "company", "city", "zip", "province", "province name",
                 "country", "phone")
)  # fmt: skip


def _amounts(header: str) -> tuple[Alias, Alias]:
    """The shop's side of an amount in two currencies, as REST and as GraphQL spell it."""
    return Alias(header, path="$.shop_money.amount"), Alias(header, path="$.shopMoney.amount")


def _codes(header: str) -> tuple[Alias, Alias]:
    return Alias(header, path="$.shop_money.currency_code"), Alias(header, path="$.shopMoney.currencyCode")


SOURCES = (
    Source(
        name="shopify.sales_over_time",
        platform=PLATFORM,
        label="Shopify sales over time",
        dataset="order_day",
        columns={
            "date": column("day", "date", "tag", "jour", "día", "dia", "giorno", "dzień", "dag"),
            "account_name": column("store", "shop"),
            "currency": column("currency"),
            "orders": column("orders", "bestellungen", "commandes", "pedidos", "ordini", "zamówienia"),
            # What the shop took; platforms' pixels report the same.
            "revenue": column(*_TAKEN),
        },
        signature=("orders|bestellungen|commandes|pedidos|ordini|zamówienia",
                   "|".join(_TAKEN)),
        required=("orders", "revenue"),
        ignored=("gross sales", "discounts", "returns", "net sales", "shipping", "taxes", "duties", "additional fees",
                 "average order value", "tips", "total sales", "shipping charges", "return fees"),
    ),
    Source(
        name="shopify.orders_by_day",
        platform=PLATFORM,
        label="A shop's orders by day",
        dataset="order_day",
        columns={
            "date": column("date", "day", "date_day"),
            "account_id": column("account_id", "shop_id", "store_id"),
            "currency": column("currency"),
            "orders": column("orders", "order_count"),
            "revenue": column("revenue", "order_revenue", "sales"),
        },
        signature=("date|day|date_day", "orders|order_count", "revenue|order_revenue|sales"),
        excludes=("impressions", "clicks", "spend", "cost", "geo", "experiment", "experiment_id", "arm", "variation",
                  "group"),
        required=("date", "orders", "revenue"),
    ),
    Source(
        name="shopify.orders_export",
        platform=PLATFORM,
        label="Shopify orders, downloaded",
        dataset="order",
        machine_numbers=True,
        columns={
            "order_id": column("id"),
            "order_name": column("name"),
            "at": column("created at"),
            "currency": column("currency"),
            "email": column("email"),
            "phone": column("phone"),
            "subtotal": column("subtotal"),
            "shipping": column("shipping"),
            "tax": column("taxes"),
            "total": column("total"),
            "discounts": column("discount amount"),
            "refunded": column("refunded amount"),
            "items": column("lineitem quantity"),
            "status": column("financial status"),
            "payment": column("payment method"),
            "cancelled_at": column("cancelled at"),
        },
        signature=("name", "financial status", "created at", "total", "lineitem quantity|lineitem name|lineitem price"),
        required=("order_name", "at", "subtotal|total"),
        ignored=("paid at", "fulfillment status", "fulfilled at", "accepts marketing", "discount code",
                 "shipping method", "lineitem name", "lineitem price", "lineitem compare at price", "lineitem sku",
                 "lineitem requires shipping", "lineitem taxable", "lineitem fulfillment status", "lineitem discount",
                 "notes", "note attributes", "payment reference", "payment id", "payment references",
                 "payment terms name", "next payment due at", "vendor", "outstanding balance", "employee", "location",
                 "device id", "tags", "risk level", "source", "receipt number", "duties", *_ADDRESSES,
                 *(f"tax {n} {part}" for n in range(1, 6) for part in ("name", "value"))),
    ),
    Source(
        name="shopify.orders_api",
        platform=PLATFORM,
        label="Shopify orders of the Admin API (REST, GraphQL, Fivetran, Airbyte, dlt)",
        dataset="order",
        machine_numbers=True,
        columns={
            "order_id": column("id"),
            "order_name": column("name"),
            "at": column("processed_at", "created_at", combine="coalesce"),
            "updated_at": column("updated_at"),
            # What the shop takes, in its own currency, whatever the customer paid in.
            "currency": column(*_codes("total_price_set"), *_codes("current_total_price_set"), "currency",
                               "currency_code", combine="coalesce"),
            "user_id": column(Alias("customer", path="$.id"), "customer_id", combine="coalesce"),
            "email": column("email", "contact_email", Alias("customer", path="$.email"), combine="coalesce"),
            "phone": column("phone", Alias("customer", path="$.phone"), combine="coalesce"),
            "click_id": column(*clicks_in("landing_site"), *clicks_in("landing_site_base_url"),
                               *clicks_in("landing_page_url"),
                               *clicks_in("customer_journey_summary", path="$.lastVisit.landingPage"),
                               combine="coalesce"),
            "subtotal": column(*_amounts("subtotal_price_set"), "subtotal_price", combine="coalesce"),
            "current_subtotal": column(*_amounts("current_subtotal_price_set"), "current_subtotal_price",
                                       combine="coalesce"),
            "total": column(*_amounts("total_price_set"), "total_price", combine="coalesce"),
            "discounts": column(*_amounts("total_discounts_set"), "total_discounts", combine="coalesce"),
            "tax": column(*_amounts("total_tax_set"), "total_tax", combine="coalesce"),
            "current_tax": column(*_amounts("current_total_tax_set"), "current_total_tax", combine="coalesce"),
            "shipping": column(*_amounts("total_shipping_price_set"), combine="coalesce"),
            "refunded": column(*_amounts("total_refunded_set"), combine="coalesce"),
            "taxes_included": column("taxes_included"),
            "items": column("current_subtotal_line_items_quantity", "subtotal_line_items_quantity"),
            "lines": column("line_items"),
            "refunds": column("refunds"),
            "status": column("financial_status", "display_financial_status"),
            "is_test": column("test"),
            "cancelled_at": column("cancelled_at"),
            **{f"utm_{part}": column(Alias("landing_site", query=f"utm_{part}"),
                                     Alias("landing_site_base_url", query=f"utm_{part}"),
                                     Alias("customer_journey_summary", path=f"$.lastVisit.utmParameters.{part}"),
                                     combine="coalesce")
               for part in ("source", "medium", "campaign")},
        },
        signature=("id", "created_at|processed_at",
                   "total_price|total_price_set|subtotal_price|subtotal_price_set|current_subtotal_price_set"),
        excludes=("lineitem quantity", "stage_name", "dealstage"),
        required=("order_id", "at", "subtotal|current_subtotal|total"),
    ),
)  # fmt: skip
