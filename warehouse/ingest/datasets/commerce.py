"""What shops, CRMs, mail tools and search engines bring: the columns of their frames."""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.ingest.contract import LINE, MOMENT, Dataset

_TEXT: Final = pl.String()
_DECIMAL: Final = pl.String()  # exact, as text

ORDER: Final = Dataset(
    "order",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "account_name": _TEXT,
        "currency": _TEXT,
        "order_id": _TEXT,
        "order_name": _TEXT,  # what the shop calls it: #1001. Further lines of an order may name nothing else
        "at": MOMENT,
        "updated_at": MOMENT,
        "user_id": _TEXT,
        "email": _TEXT,
        "phone": _TEXT,
        "click_id": _TEXT,
        # What was paid, as far as it is said; store/order_amounts.py decides from it what was earned.
        "net_revenue": _DECIMAL,  # goods after discounts and refunds, without tax and shipping
        "subtotal": _DECIMAL,  # goods after discounts, before refunds
        "current_subtotal": _DECIMAL,  # the same after refunds and edits
        "total": _DECIMAL,  # what was paid, with tax and shipping
        "discounts": _DECIMAL,
        "tax": _DECIMAL,
        "current_tax": _DECIMAL,
        "shipping": _DECIMAL,
        "refunded": _DECIMAL,  # money given back, whatever for
        "taxes_included": pl.Boolean(),  # in the subtotal
        "cost": _DECIMAL,  # of the goods
        "margin": _DECIMAL,
        "items": pl.Int64(),  # of the row: of an order with several lines they are added
        "lines": _TEXT,  # JSON: what was ordered
        "refunds": _TEXT,  # JSON: what was taken back
        "status": _TEXT,
        "payment": _TEXT,
        "is_test": pl.Boolean(),
        "is_cancelled": pl.Boolean(),
        "cancelled_at": MOMENT,
        "is_new_customer": pl.Boolean(),
        "customer_type": _TEXT,  # new or returning, in words
        "utm_source": _TEXT,
        "utm_medium": _TEXT,
        "utm_campaign": _TEXT,
    },
    decimals=frozenset(
        {"net_revenue", "subtotal", "current_subtotal", "total", "discounts", "tax", "current_tax", "shipping",
         "refunded", "cost", "margin"}
    ),
    signed=frozenset({"net_revenue", "subtotal", "current_subtotal", "total", "discounts", "refunded", "margin"}),
    long=frozenset({"lines", "refunds"}),
    needed=("order_id|order_name",),
)  # fmt: skip

CONTACT: Final = Dataset(
    "contact",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "contact_id": _TEXT,
        "contact_kind": _TEXT,  # contact | lead
        "user_id": _TEXT,
        "email": _TEXT,
        "phone": _TEXT,
        "click_id": _TEXT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "lead_at": MOMENT,
        "stage": _TEXT,
        "source": _TEXT,
        "source_detail": _TEXT,
        "merged_ids": _TEXT,  # contacts that were merged into this one, separated by semicolons or commas
        "converted_to": _TEXT,  # the contact that this lead was converted to
        "is_deleted": pl.Boolean(),
    },
    long=frozenset({"merged_ids"}),
    needed=("contact_id",),
)

DEAL: Final = Dataset(
    "deal",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "deal_currency": _TEXT,  # of the amount; the deals of one account may have several
        "deal_id": _TEXT,
        "contact_id": _TEXT,  # the first counts of several that are separated by semicolons or commas
        "email": _TEXT,
        "pipeline": _TEXT,
        "stage": _TEXT,
        "amount": _DECIMAL,
        "home_amount": _DECIMAL,  # the same in the account's currency
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "closes_at": MOMENT,  # may lie in the future
        "won_at": MOMENT,
        "is_won": pl.Boolean(),
        "is_closed": pl.Boolean(),
        "probability": _DECIMAL,  # 1 in a stage that is won
        "source": _TEXT,
        "campaign_id": _TEXT,
        "stages": _TEXT,  # JSON object: stage -> when the deal entered it
        "is_deleted": pl.Boolean(),
    },
    decimals=frozenset({"amount", "home_amount", "probability"}),
    signed=frozenset({"amount", "home_amount"}),
    long=frozenset({"stages", "contact_id"}),
    needed=("deal_id",),
)

DEAL_STAGE: Final = Dataset(
    "deal_stage",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "deal_id": _TEXT,
        "changed": _TEXT,  # which field of the deal changed; NULL in tables that hold stages only
        "stage": _TEXT,
        "at": MOMENT,
    },
    needed=("deal_id", "at"),
)

CAMPAIGN_MEMBER: Final = Dataset(
    "campaign_member",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "member_id": _TEXT,
        "campaign_id": _TEXT,
        "contact_id": _TEXT,
        "status": _TEXT,
        "has_responded": pl.Boolean(),
        "responded_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "is_deleted": pl.Boolean(),
    },
    needed=("member_id", "campaign_id", "contact_id"),
)

OFFLINE_CONVERSION: Final = Dataset(
    "offline_conversion",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "time_zone": _TEXT,
        "click_id": _TEXT,
        "user_id": _TEXT,
        "email": _TEXT,
        "phone": _TEXT,
        "name": _TEXT,
        "conversion_id": _TEXT,  # the order or transaction, where it is said
        "at": MOMENT,
        "value": _DECIMAL,
        "value_currency": _TEXT,
    },
    decimals=frozenset({"value"}),
    needed=("at", "click_id|email|phone|user_id"),
)

EMAIL_DAY: Final = Dataset(
    "email_day",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "account_name": _TEXT,
        "currency": _TEXT,
        "date": pl.Date(),
        "campaign_id": _TEXT,
        "campaign_name": _TEXT,
        "sent": pl.Int64(),
        "delivered": pl.Int64(),
        "opens": pl.Int64(),
        "clicks": pl.Int64(),
        "unsubscribes": pl.Int64(),
        "revenue": _DECIMAL,
    },
    signed=frozenset({"revenue"}),
)

ORGANIC_DAY: Final = Dataset(
    "organic_day",
    {
        LINE: pl.UInt32(),
        "account_id": _TEXT,
        "account_name": _TEXT,
        "date": pl.Date(),
        "origin": _TEXT,
        "impressions": pl.Int64(),
        "clicks": pl.Int64(),
        "sessions": pl.Int64(),
    },
)
