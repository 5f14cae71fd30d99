"""Exchange rates by day."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column

PLATFORM = Platform(name="fx", label="Exchange rates", words=("fx", "exchange", "rates"), lookback_days=0)

SOURCES = (
    Source(
        name="fx.rates",
        platform=PLATFORM,
        label="Exchange rates by day",
        dataset="fx_rate",
        columns={
            "date": column("date", "day", "date_day"),
            "from_currency": column("from_currency", "from", "base", "base_currency", "source_currency"),
            "to_currency": column("to_currency", "to", "quote", "quote_currency", "target_currency"),
            "rate": column("rate", "exchange_rate", "fx_rate", "value"),
        },
        signature=("from_currency|from|base|base_currency|source_currency",
                   "to_currency|to|quote|quote_currency|target_currency", "rate|exchange_rate|fx_rate|value"),
        required=("date", "from_currency", "to_currency", "rate"),
        ignored=("source",),
    ),
)  # fmt: skip
