"""Amazon Ads: console downloads and tables as landed by Fivetran. The column's name says the attribution window."""

from __future__ import annotations

from warehouse.ingest.sources.model import Alias, Platform, Refusal, Source, column
from warehouse.ingest.sources.words import BREAKDOWNS, LANDED

PLATFORM = Platform(
    name="amazon_ads",
    label="Amazon Ads",
    words=("amazon", "amazonads"),
    lookback_days=30,
    click_definition="all",
    conversion_basis="click",
)


def _windows(pattern: str, days: tuple[int, ...]) -> tuple[Alias, ...]:
    """A column for each attribution window, widest first."""
    return tuple(Alias(pattern.format(n), attribution_setting=f"amazon:{n}d_click") for n in days)


SOURCES = (
    Source(
        name="amazon_ads.ui",
        platform=PLATFORM,
        label="Amazon Ads report, downloaded",
        columns={
            "date": column("date", Alias("start date", whole_range=True)),
            "date_end": column("end date"),
            "account_name": column("account name", "entity name"),
            "currency": column("currency", "budget currency"),
            "campaign_id": column("campaign id"),
            "campaign_name": column("campaign name", "campaigns", "campaign"),
            "campaign_type": column("campaign type", "type", "program type"),
            "ad_group_id": column("ad group id"),
            "ad_group_name": column("ad group name", "ad group"),
            "impressions": column("impressions"),
            "clicks": column("clicks"),
            "spend": column("spend", "cost", "total cost"),
            "conversions": column(*_windows("{} day total orders (#)", (30, 14, 7, 1)),
                                  *_windows("{} day total orders", (30, 14, 7, 1)), "orders", "purchases"),
            "conversion_value": column(*_windows("{} day total sales", (30, 14, 7, 1)), "sales"),
        },
        signature=("spend|cost|total cost",
                   ("14 day total sales|7 day total sales|1 day total sales|30 day total sales|"
                   "total advertising cost of sales (acos)|acos|advertised sku")),
        excludes=("customer search term", "purchases_30_d"),
        required=("spend", "impressions"),
        segments=(*BREAKDOWNS, "portfolio name", "advertised sku", "advertised asin", "targeting", "match type"),
    ),
    Source(
        name="amazon_ads.ui.search_terms",
        platform=PLATFORM,
        label="Amazon Ads search terms, downloaded",
        signature=("customer search term", "impressions"),
        refusal=Refusal("A search terms report holds only the searches with a click, a part of the impressions.",
                        "Load the campaign report of the same days instead."),
    ),
    Source(
        name="amazon_ads.report",
        platform=PLATFORM,
        label="Fivetran amazon_ads.*_report",
        columns={
            "date": column("date", "report_date"),
            "account_id": column("profile_id", "account_id"),
            "currency": column("campaign_budget_currency_code", "currency_code"),
            "campaign_id": column("campaign_id"),
            "campaign_name": column("campaign_name"),
            "ad_group_id": column("ad_group_id"),
            "ad_group_name": column("ad_group_name"),
            "ad_id": column("ad_id"),
            "keyword_id": column("keyword_id"),
            "keyword_text": column("keyword_text"),
            "impressions": column("impressions"),
            "clicks": column("clicks"),
            "spend": column("cost", "spend"),
            "conversions": column(*_windows("purchases_{}_d", (30, 14, 7, 1))),
            "conversion_value": column(*_windows("sales_{}_d", (30, 14, 7, 1))),
            "landed_at": column(*LANDED),
        },
        signature=("date|report_date", "cost|spend",
                   "purchases_30_d|sales_30_d|purchases_14_d|sales_14_d|purchases_7_d|sales_7_d"),
        excludes=("search_term",),
        required=("date", "spend"),
        segments=("match_type", "targeting", "placement", "advertised_asin", "advertised_sku"),
        machine_numbers=True,
    ),
    *(
        Source(
            name=f"amazon_ads.fivetran.{table}",
            platform=PLATFORM,
            label=f"Fivetran amazon_ads.{table}",
            dataset="entity",
            constants={"level": level},
            columns={
                "account_id": column("id") if level == "account" else column("profile_id"),
                "campaign_id": column("id") if level == "campaign" else column("campaign_id"),
                "ad_group_id": column("id") if level == "ad_group" else column("ad_group_id"),
                "name": column("account_name", "name"),
                "currency": column("currency_code"),
                "time_zone": column("timezone"),
                "status": column("state", "serving_status"),
                "updated_at": column("last_updated_date", "_fivetran_synced", combine="coalesce"),
            },
            signature=("id", mark),
            excludes=("date", "cost"),
            required=(f"{level}_id",),
            file_words=rf"amazon.*{table}",
            by_name_only=True,
        )
        for table, level, mark in (
            ("profile", "account", "currency_code"),
            ("campaign_history", "campaign", "profile_id"),
            ("ad_group_history", "ad_group", "campaign_id"),
        )
    ),
)  # fmt: skip
