"""Orders in nobody's own shape: one row an order, as a shop system or a spreadsheet writes them."""

from __future__ import annotations

from warehouse.ingest.sources.click_ids import CLICK_IDS, clicks_in
from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(
    name="other_shop",
    label="Other shop",
    words=("woocommerce", "magento", "prestashop", "shopware", "bigcommerce"),
    lookback_days=60,
)

_ID = ("order id", "order number", "order no", "order", "transaction id", "bestellnummer", "numéro de commande",
       "número de pedido")  # fmt: skip
_AT = ("ordered at", "order date", "order time", "created at", "date created", "date created gmt", "timestamp",
       "date time", "placed at", "purchased at", "date", "time", "bestelldatum")  # fmt: skip
_GOODS = ("revenue", "subtotal", "goods", "order revenue", "product revenue", "items subtotal")
_NET = ("net revenue", "net sales", "nettoumsatz")
_TOTAL = ("total", "order total", "grand total", "amount", "total price", "total paid", "order value", "gesamtsumme")

SOURCES = (
    Source(
        name="other_shop.orders",
        platform=PLATFORM,
        label="Orders, one row each",
        dataset="order",
        priority=-1,
        columns={
            "account_id": column("account id", "shop id", "store id"),
            "account_name": column("shop", "store", "shop name", "store name"),
            "currency": column("currency", "currency code", "order currency"),
            "order_id": column(*_ID),
            "order_name": column("order name"),
            "at": column(*_AT),
            "updated_at": column("updated at", "date modified", "modified at", "last updated"),
            "user_id": column("user id", "customer id"),
            "email": column("email", "customer email", "email hash", "hashed email", "billing email", "email sha256"),
            "phone": column("phone", "billing phone", "phone hash"),
            "click_id": column("click id", *CLICK_IDS, *clicks_in("landing page"), *clicks_in("landing site"),
                               *clicks_in("landing url"), combine="coalesce"),
            "net_revenue": column(*_NET),
            "subtotal": column(*_GOODS),
            "total": column(*_TOTAL),
            "discounts": column("discounts", "discount", "discount amount", "discount total"),
            "tax": column("tax", "taxes", "vat", "tax amount", "total tax", "mwst"),
            "shipping": column("shipping", "shipping cost", "shipping amount", "shipping total", "versand"),
            "refunded": column("refunds", "refund", "refunded", "refund amount", "refunded amount"),
            "taxes_included": column("taxes included", "prices include tax"),
            "cost": column("cost", "cost of goods", "cogs", "goods cost"),
            "margin": column("margin", "gross margin", "profit", "gross profit"),
            "items": column("items", "quantity", "item count", "units"),
            "status": column("status", "order status", "financial status", "payment status"),
            "payment": column("payment method"),
            "is_test": column("test", "is test", "test order"),
            "is_cancelled": column("cancelled", "canceled", "is cancelled", "is canceled"),
            "cancelled_at": column("cancelled at", "canceled at"),
            "is_new_customer": column("new customer", "is new customer", "is new", "first order", "is first order"),
            "customer_type": column("customer type", "new or returning", "new/returning"),
            "utm_source": column("utm source"),
            "utm_medium": column("utm medium"),
            "utm_campaign": column("utm campaign"),
        },
        signature=("|".join(_ID), "|".join(_AT), "|".join((*_GOODS, *_NET, *_TOTAL))),
        excludes=("impressions", "clicks", "spend", "orders", "sessions", "lineitem quantity", "event name",
                  "campaign type", "dealstage", "stage name"),
        required=("order_id", "at", "net_revenue|subtotal|total"),
    ),
)  # fmt: skip
