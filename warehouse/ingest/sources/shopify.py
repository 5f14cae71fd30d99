"""A shop's orders by day: Shopify's sales reports, or a plain table of days, orders and revenue."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Refusal, Source, column

PLATFORM = Platform(name="shopify", label="Shopify", words=("shopify", "shop", "orders", "sales"), lookback_days=60)

_TAKEN = (
    "total sales", "gesamtumsatz", "ventes totales", "ventas totales", "vendas totais", "vendite totali", "net sales",
    "nettoumsatz", "ventes nettes", "ventas netas",
)  # fmt: skip

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
        excludes=("impressions", "clicks", "spend", "cost"),
        required=("date", "orders", "revenue"),
    ),
    Source(
        name="shopify.orders_export",
        platform=PLATFORM,
        label="Shopify orders, one by one",
        signature=("name|id", "email", "financial status", "total|total_price"),
        refusal=Refusal("The file lists single orders with their customers; orders are stored by day.",
                        'Export the report "Total sales over time" by day instead.'),
    ),
)  # fmt: skip
