"""Ad days in nobody's own shape: a spreadsheet, a small tool's export. The platform is stated or in the file's name."""

from __future__ import annotations

from warehouse.ingest.sources.model import Ambiguous, Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS

PLATFORM = Platform(name="other_ads", label="Other ads", words=(), lookback_days=30)

_COUNT_WORDS = "It may count enquiries, purchases or both."

SOURCES = (
    Source(
        name="other_ads.ad_days",
        platform=PLATFORM,
        label="Ad days",
        priority=-1,
        columns={
            "date": column("date", "day", "date_day", "datum", "tag", "fecha", "data", "jour"),
            "account_id": column("account id", "customer id", "advertiser id"),
            "account_name": column("account", "account name"),
            "currency": column("currency", "currency code"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign", "campaign name"),
            "campaign_type": column("campaign type"),
            "ad_group_id": column("ad group id", "ad set id"),
            "ad_group_name": column("ad group", "ad group name", "ad set name"),
            "ad_id": column("ad id"),
            "ad_name": column("ad name"),
            "impressions": column("impressions", "impr."),
            "clicks": column("clicks"),
            "spend": column("cost", "spend", "spent", "amount spent", "total spend", "total cost", "ad spend"),
            "conversions": column("conversions"),
            "conversion_value": column("revenue", "conversion value", "conv. value", "conversions value", "sales"),
        },
        # A connector's own table that no source describes is not guessed at.
        excludes=("_fivetran_synced", "_fivetran_id", "_airbyte_raw_id", "_airbyte_extracted_at", "_dlt_id",
                  "_dlt_load_id",
                  "search term", "search_term", "search_query"),
        required=("date", "spend"),
        segments=BREAKDOWNS,
        ambiguous=(
            Ambiguous("total_conversion", ("conversions",), _COUNT_WORDS),
            Ambiguous("approved_conversion", ("conversions",), _COUNT_WORDS),
            Ambiguous("conversion", ("conversions", "conversion_value"), "It may be a count or a value."),
        ),
    ),
    Source(
        name="other_ads.touchpoints",
        platform=PLATFORM,
        label="Touchpoints, one by one",
        dataset="touchpoint",
        priority=-1,
        columns={
            "at": column("at", "timestamp", "event time", "touched at", "touch time", "occurred at", "datetime", "time",
                         "ts"),
            "kind": column("kind", "touch kind", "touch type", "touchpoint type", "interaction type", "event type",
                           "interaction"),
            "touch_id": column("touch id", "event id", "touchpoint id", "impression id", "id"),
            "platform": column("platform", "ad platform"),
            "channel": column("channel"),
            "account_id": column("account id", "advertiser id", "customer account id"),
            "currency": column("currency", "currency code"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign name"),
            "campaign_type": column("campaign type"),
            "ad_group_id": column("ad group id", "adgroup id", "ad set id", "line item id"),
            "ad_group_name": column("ad group name", "ad set name"),
            "ad_id": column("ad id"),
            "ad_name": column("ad name"),
            "creative_id": column("creative id"),
            "user_id": column("user id", "customer id", "external id"),
            "email": column("email", "e-mail", "email sha256", "hashed email"),
            "phone": column("phone", "phone sha256", "hashed phone"),
            "client_id": column("client id", "cookie id", "visitor id", "anonymous id", "user pseudo id"),
            "device_id": column("device id", "idfa", "gaid", "aaid", "mobile ad id"),
            "click_id": column("click id", "gclid", "fbclid", "msclkid", "ttclid", combine="coalesce"),
            "utm_source": column("source", "utm source", combine="coalesce"),
            "utm_medium": column("medium", "utm medium", combine="coalesce"),
            "utm_campaign": column("campaign", "utm campaign", combine="coalesce"),
            "cost": column("cost", "spend", "price"),
            "device": column("device", "device type", "device category"),
            "region": column("region", "geo region", "state"),
        },
        signature=(
            "kind|touch kind|touch type|touchpoint type|interaction type|event type|interaction",
            "at|timestamp|event time|touched at|touch time|occurred at|datetime|time|ts",
        ),
        excludes=("impressions", "clicks", "event name", "experiment id", "experiment", "arm"),
        required=("at", "kind", "user_id|email|phone|client_id|device_id|click_id|campaign_id|channel|utm_source"),
    ),
    Source(
        name="other_ads.totals",
        platform=PLATFORM,
        label="Totals without days",
        priority=-2,
        signature=("campaign type|campaign|campaign name|platform|channel",
                   "total_spend|spend|cost|amount spent|total spend|spent"),
        excludes=("date", "day", "_fivetran_synced", "_airbyte_extracted_at"),
        refusal=Refusal("There is no column with the day: the rows are period totals.",
                        "Export the same numbers by day, or name the column with --map column=date."),
    ),
)  # fmt: skip
