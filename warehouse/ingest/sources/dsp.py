"""Demand-side platforms: logs of impressions and clicks at user level, under their own names."""

from __future__ import annotations

from warehouse.ingest.sources.model import Column, Platform, Source, column

PLATFORM = Platform(
    name="dsp",
    label="Demand-side platforms",
    words=("dsp", "dv360", "ttd", "tradedesk", "programmatic"),
    lookback_days=3,
)

# The Trade Desk's raw event data stream (REDS).
_TRADE_DESK: dict[str, Column] = {
    "at": column("log entry time"),
    "account_id": column("advertiser id"),
    "campaign_id": column("campaign id"),
    "ad_group_id": column("ad group id"),
    "creative_id": column("creative id"),
    "device_id": column("tdid", "device id"),
    "cost": column("advertiser cost in us dollars", "advertiser cost in usd"),
    "device": column("device type"),
    "region": column("region"),
}
_LEFT_OUT = (
    "ip address", "user agent", "partner id", "zip", "city", "country", "metro", "latitude", "longitude", "site",
    "referrer categories list", "supply vendor", "winning price cpm in us dollars", "partner cost in us dollars",
    "display impression id",
)  # fmt: skip

# Campaign Manager 360's and Display & Video 360's Data Transfer.
_DATA_TRANSFER = {
    "at": column("event time"),
    "kind": column("event type"),
    "touch_id": column("impression id"),
    "account_id": column("advertiser id"),
    "campaign_id": column("campaign id"),
    "ad_group_id": column("placement id"),
    "ad_id": column("ad id"),
    "creative_id": column("rendering id", "creative version"),
    "device_id": column("user id", "partner1 id"),
    "click_id": column("gclid"),
    "region": column("state/region", "state region"),
    "device": column("dbm device type", "browser/platform id"),
}

SOURCES = (
    Source(
        name="dsp.trade_desk.impressions",
        platform=PLATFORM,
        label="The Trade Desk, impressions (REDS)",
        dataset="touchpoint",
        columns={**_TRADE_DESK, "touch_id": column("impression id")},
        signature=("log entry time", "impression id", "tdid|device id", "campaign id"),
        excludes=("click id", "event name"),
        ignored=_LEFT_OUT,
        constants={"kind": "impression", "currency": "USD", "channel": "display"},
        machine_numbers=True,
    ),
    Source(
        name="dsp.trade_desk.clicks",
        platform=PLATFORM,
        label="The Trade Desk, clicks (REDS)",
        dataset="touchpoint",
        columns={**_TRADE_DESK, "touch_id": column("click id")},
        signature=("log entry time", "click id", "tdid|device id", "campaign id"),
        excludes=("event name",),
        ignored=_LEFT_OUT,
        constants={"kind": "click", "currency": "USD", "channel": "display"},
        machine_numbers=True,
    ),
    Source(
        name="dsp.data_transfer",
        platform=PLATFORM,
        label="Campaign Manager 360 and Display & Video 360, Data Transfer",
        dataset="touchpoint",
        columns=_DATA_TRANSFER,
        signature=("event time", "event type", "user id", "advertiser id", "placement id"),
        excludes=("event name", "activity id"),
        ignored=("event sub-type", "site id (cm360)", "operating system id", "country code", "zip/postal code",
                 "city id", "domain", "u-value", "ad position"),
        constants={"channel": "display"},
        machine_numbers=True,
    ),
)  # fmt: skip
