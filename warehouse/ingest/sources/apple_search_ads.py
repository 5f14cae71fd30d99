"""Apple Search Ads: downloads and tables as landed by Fivetran. Taps and installs; Apple reports no value."""

from __future__ import annotations

from warehouse.ingest.sources.model import Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="apple_search_ads",
    label="Apple Search Ads",
    words=("apple", "appleads", "applesearch", "asa"),
    lookback_days=30,
    click_definition="tap",
)

SOURCES = (
    Source(
        name="apple_search_ads.ui",
        platform=PLATFORM,
        label="Apple Search Ads report, downloaded",
        columns={
            "date": column("date", "day"),
            "account_id": column("org id", "account id", "campaign group id"),
            "account_name": column("org name", "account name", "campaign group name"),
            "currency": column("currency", "local spend currency"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign name"),
            "campaign_type": column("ad placement", "ad channel type"),
            "ad_group_id": column("ad group id"),
            "ad_group_name": column("ad group name"),
            "keyword_id": column("keyword id"),
            "keyword_text": column("keyword"),
            "impressions": column("impressions"),
            "clicks": column("taps"),
            "spend": column("spend", "local spend"),
            "conversions": column("installs (tap-through)", "tap installs", "installs", "conversions",
                                  "total installs"),
        },
        signature=("taps", "spend|local spend"),
        excludes=("local_spend_amount", "search term"),
        required=("spend",),
        segments=(*BREAKDOWNS, "country or region", "match type"),
        ignored=("new downloads", "redownloads", "ttr", "lat on installs", "lat off installs"),
    ),
    Source(
        name="apple_search_ads.report",
        platform=PLATFORM,
        label="Fivetran apple_search_ads.*_report",
        columns={
            "date": column("date"),
            "account_id": column("organization_id", "org_id"),
            "currency": column("local_spend_currency"),
            "campaign_id": column("campaign_id"),
            "ad_group_id": column("ad_group_id"),
            "ad_id": column("ad_id"),
            "keyword_id": column("keyword_id"),
            "keyword_text": column("keyword"),
            "impressions": column("impressions"),
            "clicks": column("taps"),
            "spend": column("local_spend_amount"),
            "conversions": column("tap_installs", "conversions"),
            "landed_at": column(*LANDED),
        },
        signature=("date", "taps", "local_spend_amount"),
        excludes=("search_term_text",),
        required=("date", "spend"),
        segments=("country_or_region", "device_class"),
        ignored=("new_downloads", "redownloads", "total_installs", "view_installs", "total_new_downloads"),
        machine_numbers=True,
    ),
    Source(
        name="apple_search_ads.search_terms",
        platform=PLATFORM,
        label="Apple Search Ads search terms",
        signature=("search term text|search term", "taps"),
        refusal=Refusal("A search terms report leaves out rare searches, a part of the spend.",
                        "Load the campaign or the keyword report of the same days instead."),
    ),
)  # fmt: skip
