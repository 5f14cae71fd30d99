"""Offline conversions by click id: Google Ads' template for uploads, and a plain table of the same."""

from __future__ import annotations

from warehouse.ingest.sources.click_ids import CLICK_IDS
from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(name="offline", label="Offline conversions", words=("offline",), lookback_days=90)

_CLICK = ("google click id", "microsoft click id", "click id", *CLICK_IDS)

SOURCES = (
    Source(
        name="offline.conversions",
        platform=PLATFORM,
        label="Offline conversions by click id (Google Ads' and Microsoft's template, or a plain table)",
        dataset="offline_conversion",
        preamble="conversion_parameters",
        date_order="month_first",
        columns={
            "account_id": column("account id"),
            "click_id": column(*_CLICK, combine="coalesce"),
            "user_id": column("user id", "customer id"),
            "email": column("email", "hashed email", "email address", "hashed email address"),
            "phone": column("phone", "phone number", "hashed phone number"),
            "name": column("conversion name", "conversion action", "event name"),
            "conversion_id": column("order id", "transaction id", "conversion id"),
            "at": column("conversion time", "converted at"),
            "value": column("conversion value", "value"),
            "value_currency": column("conversion currency", "currency", "currency code"),
        },
        signature=("|".join((*_CLICK, "email", "hashed email")), "conversion name|conversion action",
                   "conversion time|converted at"),
        excludes=("impressions", "cost", "spend"),
        required=("at", "name", "click_id|email|phone|user_id"),
        ignored=("ad user data", "ad personalization", "attributed credit", "attribution model", "adjustment type"),
    ),
)  # fmt: skip
