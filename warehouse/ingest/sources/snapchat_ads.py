"""Snapchat: ads-manager downloads and tables as landed by Fivetran or Airbyte. Landed amounts are in micros."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="snapchat_ads",
    label="Snapchat Ads",
    words=("snapchat", "snap", "snapchatads"),
    lookback_days=28,
    click_definition="swipe",
    time_zone="UTC",
)

SOURCES = (
    Source(
        name="snapchat_ads.ui",
        platform=PLATFORM,
        label="Snapchat Ads Manager report, downloaded",
        columns={
            "date": column("day", "date", Alias("start time", whole_range=True), Alias("start date", whole_range=True)),
            "account_id": column("ad account id"),
            "account_name": column("ad account name"),
            "currency": column("currency"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign name"),
            "ad_group_id": column("ad set id", "ad squad id"),
            "ad_group_name": column("ad set name", "ad squad name"),
            "ad_id": column("ad id"),
            "ad_name": column("ad name"),
            "impressions": column("paid impressions", "impressions"),
            "clicks": column("swipe ups", "swipes", "swipe-ups", Alias("clicks", click_definition="all")),
            "spend": column("amount spent", "spend"),
            "conversions": column("purchases", "total purchases"),
            "conversion_value": column("purchases value", "purchase value", "total purchases value"),
        },
        signature=("amount spent|spend", "swipe ups|swipes|swipe-ups|ad squad name|ad squad id|paid impressions"),
        excludes=("conversion_purchases", "_fivetran_synced"),
        required=("spend",),
        segments=BREAKDOWNS,
        ignored=("end time", "end date"),
    ),
    Source(
        name="snapchat_ads.report",
        platform=PLATFORM,
        label="Snapchat stats as landed (Fivetran, Airbyte), by hour or day",
        columns={
            "date": column("date", "start_time"),
            "account_id": column("ad_account_id", "account_id"),
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("ad_squad_id"),
            "ad_id": column("ad_id"),
            "impressions": column("impressions"),
            "clicks": column("swipes"),
            "spend": column("spend", unit="micro"),
            "conversions": column("conversion_purchases"),
            "conversion_value": column("conversion_purchases_value", unit="micro"),
            "landed_at": column(*LANDED),
        },
        signature=("date|start_time", "swipes", "spend", "ad_id|ad_squad_id|campaign_id|ad_account_id|account_id"),
        excludes=("swipe ups", "campaign name", "country", "region", "currency"),
        required=("date", "spend"),
        ignored=("attachment_quartile_1", "screen_time_millis", "quartile_1", "quartile_2", "quartile_3", "saves",
                 "uniques"),
        machine_numbers=True,
    ),
    *(
        Source(
            name=f"snapchat_ads.fivetran.{table}",
            platform=PLATFORM,
            label=f"Fivetran snapchat_ads.{table}",
            dataset="entity",
            constants={"level": level},
            columns={
                "account_id": column("id") if level == "account" else column("ad_account_id"),
                "campaign_id": column("id") if level == "campaign" else column("campaign_id"),
                "ad_group_id": column("id") if level == "ad_group" else column("ad_squad_id"),
                "ad_id": column("id") if level == "ad" else column("ad_id"),
                "name": column("name"),
                "currency": column("currency"),
                "status": column("status"),
                "updated_at": column("updated_at", "_fivetran_synced", combine="coalesce"),
            },
            signature=("id", "name", parent),
            excludes=("date", "spend"),
            required=(f"{level}_id",),
            file_words=rf"snap.*{table}",
            by_name_only=True,
        )
        for table, level, parent in (
            ("ad_account_history", "account", "currency|timezone|advertiser"),
            ("campaign_history", "campaign", "ad_account_id"),
            ("ad_squad_history", "ad_group", "campaign_id"),
            ("ad_history", "ad", "ad_squad_id"),
        )
    ),
)  # fmt: skip
