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
