"""Google Analytics 4: daily traffic by channel, downloaded or as landed from the Data API."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Source, column
from warehouse.ingest.sources.words import LANDED

PLATFORM = Platform(name="ga4", label="Google Analytics 4", words=("ga4", "analytics"), lookback_days=4)

_CHANNEL = (
    "session primary channel group (default channel group)", "session default channel group", "default channel group",
    "session primary channel group", "session_default_channel_group", "session_default_channel_grouping",
    "sitzung – standard-channelgruppe", "primäre channelgruppe der sitzung (standard-channelgruppe)",
)  # fmt: skip

SOURCES = (
    Source(
        name="ga4.traffic_by_day",
        platform=PLATFORM,
        label="GA4 traffic acquisition by day",
        dataset="web_session_day",
        columns={
            "date": column("date", "datum", "day"),
            "account_id": column("property_id", "property id"),
            "channel_group": column(*_CHANNEL),
            "sessions": column("sessions", "sessions_integer", "sitzungen"),
            "engaged_sessions": column("engaged sessions", "engaged_sessions_integer", "sitzungen mit interaktionen"),
            "key_events": column("key events", "key_events_integer", "key_events_float", "conversions",
                                 "conversions_integer", "schlüsselereignisse"),
            "revenue": column("total revenue", "total_revenue_currency", "total_revenue_float",
                              "total_revenue_tycurrency",
                              "gesamtumsatz"),
        },
        signature=("|".join(_CHANNEL), "sessions|sessions_integer|sitzungen"),
        excludes=("cost", "spend", "impressions"),
        required=("sessions", "channel_group"),
        ignored=("average engagement time per session", "events per session", "event count", "engagement rate",
                 *LANDED),
        preamble="ga4_period",
    ),
    Source(
        name="ga4.nth_day",
        platform=PLATFORM,
        label="GA4 line chart by day number",
        dataset="web_session_day",
        signature=("nth day|nth week|nth month|nth hour",),
        skipped="A second table by day number repeats the sums of the first one; it was skipped.",
    ),
)  # fmt: skip
