"""X (Twitter): ads-manager downloads and tables as landed by Fivetran. Landed amounts are in micros."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="x_ads",
    label="X Ads",
    words=("twitter", "twitterads", "xads"),
    lookback_days=30,
    click_definition="all",
)

SOURCES = (
    Source(
        name="x_ads.ui",
        platform=PLATFORM,
        label="X Ads Manager report, downloaded",
        columns={
            "date": column("date", "day", "time period"),
            "account_id": column("account id", "ads account id"),
            "account_name": column("account name", "ads account name"),
            "currency": column("currency"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign name", "campaign"),
            "campaign_type": column("campaign objective", "objective"),
            "ad_group_id": column("ad group id", "line item id"),
            "ad_group_name": column("ad group name", "ad group"),
            "ad_id": column("ad id", "tweet id", "post id"),
            "ad_name": column("ad name"),
            "impressions": column("impressions"),
            "clicks": column(Alias("link clicks", click_definition="link"), Alias("url clicks",
                                                                                  click_definition="link"),
                             "clicks"),
            "spend": column("spend"),
            "conversions": column("purchases", "conversion purchases"),
            "conversion_value": column("purchases - sale amount", "purchase sale amount", "purchases sale amount"),
        },
        signature=("spend", "impressions", ("funding source name|funding source id|tweet id|post id|tweet engagements|"
                   "post engagements|url clicks|ads account id|ads account name")),
        excludes=("billed_charge_local_micro", "cost_micros"),
        required=("spend",),
        segments=(*BREAKDOWNS, "placement"),
    ),
    Source(
        name="x_ads.report",
        platform=PLATFORM,
        label="Fivetran twitter_ads.*_report",
        columns={
            "date": column("date"),
            "account_id": column("account_id"),
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("line_item_id"),
            "ad_id": column("promoted_tweet_id"),
            "impressions": column("impressions"),
            "clicks": column(Alias("url_clicks", click_definition="link"), "clicks"),
            "spend": column("billed_charge_local_micro", unit="micro"),
            "conversions": column("conversion_purchases_metric", "conversion_purchases"),
            "conversion_value": column("conversion_purchases_sale_amount_local_micro",
                                       "conversion_purchases_sale_amount", unit="micro"),
            "landed_at": column(*LANDED),
        },
        signature=("date", "billed_charge_local_micro"),
        required=("date", "spend"),
        segments=("placement", "country", "platform", "segment"),
        ignored=("follows", "replies", "retweets", "app_clicks", "card_engagements", "qualified_impressions"),
        machine_numbers=True,
    ),
    *(
        Source(
            name=f"x_ads.fivetran.{table}",
            platform=PLATFORM,
            label=f"Fivetran twitter_ads.{table}",
            dataset="entity",
            constants={"level": level},
            columns={
                "account_id": column("id") if level == "account" else column("account_id"),
                "campaign_id": column("id") if level == "campaign" else column("campaign_id"),
                "ad_group_id": column("id") if level == "ad_group" else column("line_item_id"),
                "name": column("name"),
                "campaign_type": column("objective") if level == "campaign" else column(),
                "currency": column("currency"),
                "time_zone": column("timezone"),
                "status": column("entity_status", "status"),
                "updated_at": column("updated_at", "_fivetran_synced", combine="coalesce"),
            },
            signature=("id", "name", mark),
            excludes=("date", "spend"),
            required=(f"{level}_id",),
            file_words=rf"(twitter|\bx_ads).*{table}",
            by_name_only=True,
        )
        for table, level, mark in (
            ("account_history", "account", "timezone|approval_status"),
            ("campaign_history", "campaign", "funding_instrument_id"),
            ("line_item_history", "ad_group", "campaign_id"),
        )
    ),
)  # fmt: skip
