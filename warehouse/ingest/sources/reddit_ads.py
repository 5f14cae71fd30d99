"""Reddit: ads-manager downloads and tables as landed by Fivetran. Landed amounts are in micros, days in UTC."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="reddit_ads",
    label="Reddit Ads",
    words=("reddit", "redditads"),
    lookback_days=30,
    click_definition="all",
    time_zone="UTC",
)

_IDS = {
    "account_id": column("account_id"),
    "campaign_id": column("campaign_id"),
    "ad_group_id": column("ad_group_id"),
    "ad_id": column("ad_id"),
}
_CONVERSION_WINDOWS = (
    "avg_value", "total_items", "click_through_conversion_attribution_window_day",
    "click_through_conversion_attribution_window_week", "view_through_conversion_attribution_window_day",
    "view_through_conversion_attribution_window_week",
)  # fmt: skip
_ENTITY = {
    "account_id": column("account_id"),
    "name": column("name"),
    "status": column("configured_status", "effective_status"),
    "updated_at": column("_fivetran_synced"),
}

SOURCES = (
    Source(
        name="reddit_ads.ui",
        platform=PLATFORM,
        label="Reddit Ads Manager report, downloaded",
        columns={
            "date": column("date", "day"),
            "account_id": column("account id"),
            "account_name": column("account name"),
            "currency": column("currency"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign name"),
            "ad_group_id": column("ad group id"),
            "ad_group_name": column("ad group name"),
            "ad_id": column("ad id"),
            "ad_name": column("ad name"),
            "impressions": column("impressions"),
            "clicks": column("clicks"),
            "spend": column("spend", "amount spent"),
            "conversions": column("purchase (clicks)", "purchases", "purchase"),
            "conversion_value": column("purchase total value", "purchase value", "total value (purchase)"),
        },
        signature=("spend|amount spent", "ecpm", "campaign name|campaign id|ad group name|account name"),
        excludes=("cost_micros", "comments_page_views"),
        required=("spend", "impressions"),
        segments=(*BREAKDOWNS, "community", "subreddit"),
    ),
    Source(
        name="reddit_ads.fivetran.report",
        platform=PLATFORM,
        label="Fivetran reddit_ads.*_report",
        columns={
            **_IDS,
            "date": column("date"),
            "impressions": column("impressions"),
            "clicks": column("clicks"),
            "spend": column("spend", unit="micro"),
            "landed_at": column(*LANDED),
        },
        signature=("date", "account_id", "spend", "ecpm|comments_page_views|conversion_roas|viewer_comments"),
        excludes=("country", "event_name"),
        required=("date", "spend"),
        segments=("region", "gallery_item_id", "priority"),
        ignored=("gallery_item_caption", "comment_downvotes", "comment_upvotes", "comments_page_views",
                 "conversion_roas"),
        machine_numbers=True,
    ),
    Source(
        name="reddit_ads.fivetran.conversions",
        platform=PLATFORM,
        label="Fivetran reddit_ads.*_conversions",
        columns={
            **_IDS,
            "date": column("date"),
            "action_type": column("event_name"),
            # The widest window of each kind; narrower ones are parts of it.
            "conversions": column("click_through_conversion_attribution_window_month",
                                  "view_through_conversion_attribution_window_month", combine="sum"),
            "conversion_value": column("total_value"),
            "landed_at": column(*LANDED),
        },
        facet="conversions",
        signature=("date", "event_name", "total_items|total_value"),
        excludes=("country", "spend"),
        required=("date", "conversions"),
        ignored=_CONVERSION_WINDOWS,
        machine_numbers=True,
    ),
    Source(
        name="reddit_ads.fivetran.country",
        platform=PLATFORM,
        label="Fivetran reddit_ads.campaign_country_*",
        signature=("date", "account_id", "campaign_id", "country", "region|event_name"),
        refusal=Refusal("The table splits campaigns by country and counts the same spend as campaign_report.",
                        "Load campaign_report and campaign_conversions_report instead."),
    ),
    Source(
        name="reddit_ads.fivetran.account",
        platform=PLATFORM,
        label="Fivetran reddit_ads.account",
        dataset="entity",
        constants={"level": "account"},
        columns={
            "account_id": column("id"),
            "currency": column("currency"),
            "status": column("status"),
            "updated_at": column("_fivetran_synced"),
        },
        signature=("id", "currency", "attribution_type", "click_attribution_window"),
        required=("account_id",),
        ignored=("time_zone_id", "click_attribution_window", "view_attribution_window"),
    ),
    Source(
        name="reddit_ads.fivetran.campaign",
        platform=PLATFORM,
        label="Fivetran reddit_ads.campaign",
        dataset="entity",
        constants={"level": "campaign"},
        columns={**_ENTITY, "campaign_id": column("id"), "campaign_type": column("objective")},
        signature=("id", "account_id", "configured_status", "funding_instrument_id|objective"),
        excludes=("campaign_id", "ad_group_id"),
        required=("campaign_id",),
    ),
    Source(
        name="reddit_ads.fivetran.ad_group",
        platform=PLATFORM,
        label="Fivetran reddit_ads.ad_group",
        dataset="entity",
        constants={"level": "ad_group"},
        columns={**_ENTITY, "campaign_id": column("campaign_id"), "ad_group_id": column("id")},
        signature=("id", "account_id", "campaign_id", "configured_status"),
        excludes=("ad_group_id",),
        required=("ad_group_id",),
    ),
    Source(
        name="reddit_ads.fivetran.ad",
        platform=PLATFORM,
        label="Fivetran reddit_ads.ad",
        dataset="entity",
        constants={"level": "ad"},
        columns={
            **_ENTITY,
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("ad_group_id"),
            "ad_id": column("id"),
        },
        signature=("id", "account_id", "ad_group_id", "configured_status"),
        required=("ad_id",),
    ),
)  # fmt: skip
