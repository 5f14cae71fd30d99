"""Google Analytics 4: its events as BigQuery exports them, and daily traffic by channel, downloaded or landed."""

from __future__ import annotations

from dataclasses import replace

from warehouse.ingest.sources.model import Alias, Platform, Source, column
from warehouse.ingest.sources.words import LANDED

PLATFORM = Platform(name="ga4", label="Google Analytics 4", words=("ga4", "analytics"), lookback_days=4)

_CHANNEL = (
    "session primary channel group (default channel group)", "session default channel group", "default channel group",
    "session primary channel group", "session_default_channel_group", "session_default_channel_grouping",
    "sitzung – standard-channelgruppe", "primäre channelgruppe der sitzung (standard-channelgruppe)",
)  # fmt: skip


def _parameter(name: str) -> Alias:
    return Alias("event_params", entry=name)


def _nested(header: str, *members: str) -> tuple[Alias | str, ...]:
    """A member of a nested column, or of the same column flattened."""
    return (Alias(header, path="$." + ".".join(members)), ".".join((header, *members)))


_LAST_CLICK = "session_traffic_source_last_click"
_PAGE = (_parameter("page_location"), "page_location")

_EVENTS = Source(
    name="ga4.events",
    platform=PLATFORM,
    label="GA4 events, BigQuery export",
    dataset="web_event",
    columns={
        "at": column("event_timestamp"),
        "name": column("event_name"),
        "day": column("event_date"),
        "account_id": column("property_id", "property id"),
        "stream_id": column("stream_id"),
        "client_id": column("user_pseudo_id"),
        "user_id": column("user_id"),
        "session_number": column(_parameter("ga_session_id"), "ga_session_id", combine="coalesce"),
        "bundle": column("event_bundle_sequence_id"),
        "batch": column("batch_ordering_id"),
        "batch_event": column("batch_event_index"),
        "batch_page": column("batch_page_id"),
        "page": column(*_PAGE, combine="coalesce"),
        "referrer": column(_parameter("page_referrer"), "page_referrer", combine="coalesce"),
        "engaged": column(_parameter("session_engaged"), "session_engaged", combine="coalesce"),
        "engagement_ms": column(_parameter("engagement_time_msec"), "engagement_time_msec", combine="coalesce"),
        # What is collected with the event; where that is not exported, its own parameters. ``traffic_source`` is where
        # the person first came from, which is another matter.
        "event_source": column(*_nested("collected_traffic_source", "manual_source"), _parameter("source"),
                               combine="coalesce"),
        "event_medium": column(*_nested("collected_traffic_source", "manual_medium"), _parameter("medium"),
                               combine="coalesce"),
        "event_campaign": column(*_nested("collected_traffic_source", "manual_campaign_id"),
                                 *_nested("collected_traffic_source", "manual_campaign_name"),
                                 _parameter("campaign_id"), _parameter("campaign"), combine="coalesce"),
        "session_source": column(*_nested(_LAST_CLICK, "cross_channel_campaign", "source"),
                                 *_nested(_LAST_CLICK, "manual_campaign", "source"), combine="coalesce"),
        "session_medium": column(*_nested(_LAST_CLICK, "cross_channel_campaign", "medium"),
                                 *_nested(_LAST_CLICK, "manual_campaign", "medium"), combine="coalesce"),
        "session_campaign": column(*_nested(_LAST_CLICK, "google_ads_campaign", "campaign_id"),
                                   *_nested(_LAST_CLICK, "cross_channel_campaign", "campaign_id"),
                                   *_nested(_LAST_CLICK, "manual_campaign", "campaign_id"),
                                   *_nested(_LAST_CLICK, "cross_channel_campaign", "campaign_name"),
                                   *_nested(_LAST_CLICK, "manual_campaign", "campaign_name"), combine="coalesce"),
        "gclid": column(*_nested("collected_traffic_source", "gclid"), _parameter("gclid"),
                        Alias("event_params", entry="page_location", query="gclid"), combine="coalesce"),
        "click_id": column(*(Alias("event_params", entry="page_location", query=name)
                             for name in ("fbclid", "msclkid", "ttclid", "li_fat_id", "wbraid", "gbraid")),
                           combine="coalesce"),
        "device": column(*_nested("device", "category"), combine="coalesce"),
        "country": column(*_nested("geo", "country"), combine="coalesce"),
        "region": column(*_nested("geo", "region"), combine="coalesce"),
        "value": column(*_nested("ecommerce", "purchase_revenue"), *_nested("ecommerce", "refund_value"),
                        _parameter("value"), combine="coalesce"),
        "event_currency": column(_parameter("currency"), combine="coalesce"),
        "transaction_id": column(*_nested("ecommerce", "transaction_id"), _parameter("transaction_id"),
                                 combine="coalesce"),
        "consent": column(*_nested("privacy_info", "analytics_storage"), combine="coalesce"),
    },
    signature=("event_timestamp", "event_name", "event_date"),
    required=("at", "name"),
    machine_numbers=True,
    ignored=("event_params", "event_previous_timestamp", "event_value_in_usd", "event_server_timestamp_offset",
             "user_properties", "user_first_touch_timestamp", "user_ltv", "traffic_source", "collected_traffic_source",
             "session_traffic_source_last_click", "device", "geo", "app_info", "platform", "event_dimensions",
             "ecommerce", "items", "privacy_info", "is_active_user", "publisher"),
)  # fmt: skip

SOURCES = (
    _EVENTS,
    # What the daily table replaces when it comes.
    replace(_EVENTS, name="ga4.events_intraday", label="GA4 events of today, BigQuery export",
            file_words="intraday", by_name_only=True, constants={"table": "intraday"}),
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
