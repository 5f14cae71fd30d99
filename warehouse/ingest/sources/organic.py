"""Unpaid traffic by day in nobody's own shape."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(name="organic", label="Organic traffic", words=("organic",), lookback_days=3)

_ORIGIN = ("origin", "channel", "source", "medium", "traffic source")

SOURCES = (
    Source(
        name="organic.by_day",
        platform=PLATFORM,
        label="Organic traffic by day",
        dataset="organic_day",
        by_name_only=True,
        file_words="organic",
        columns={
            "date": column("date", "day"),
            "account_id": column("account id", "property id"),
            "origin": column(*_ORIGIN),
            "impressions": column("impressions"),
            "clicks": column("clicks"),
            "sessions": column("sessions", "visits"),
        },
        signature=("date|day", "clicks|sessions|visits|impressions"),
        excludes=("cost", "spend", "campaign", "campaign id", "campaign name", "amount spent"),
        required=("date", "clicks|sessions|impressions"),
    ),
)  # fmt: skip
