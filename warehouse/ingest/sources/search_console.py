"""Google Search Console: what the unpaid results of the search engine brought, by day."""

from __future__ import annotations

from warehouse.ingest.contract import Assumption
from warehouse.ingest.sources.model import Platform, Source, column
from warehouse.ingest.sources.words import LANDED

PLATFORM = Platform(
    name="search_console", label="Google Search Console", words=("searchconsole", "gsc"), lookback_days=3
)

_COLUMNS = {
    "date": column("date", "datum", "fecha", "data", "day"),
    "account_id": column("site url", "property", "site"),
    "clicks": column("clicks", "klicks", "clics", "cliques", "clic"),
    "impressions": column("impressions", "impressionen", "impresiones", "impressões", "impressioni"),
}
_RATIOS = ("ctr", "position", "average position", "avg position", "sum position", "sum top position", *LANDED)
_PARTS = ("query", "page", "top queries", "top pages", "url", "keyword")

SOURCES = (
    Source(
        name="search_console.by_day",
        platform=PLATFORM,
        label="Search Console performance by day",
        dataset="organic_day",
        constants={"origin": "organic_search"},
        columns=_COLUMNS,
        signature=("date|datum|fecha|data|day", "clicks|klicks|clics|cliques|clic",
                   "impressions|impressionen|impresiones|impressões|impressioni", "position|sum position|ctr"),
        excludes=(*_PARTS, "cost", "spend", "campaign", "campaign name", "campaign id", "conversions", "revenue",
                  "amount spent", "ad group", "ad name"),
        required=("date", "clicks"),
        ignored=(*_RATIOS, "country", "device", "search type", "search appearance"),
    ),
    Source(
        name="search_console.by_query",
        platform=PLATFORM,
        label="Search Console performance by day and query or page",
        dataset="organic_day",
        constants={"origin": "organic_search"},
        columns=_COLUMNS,
        signature=("|".join(_PARTS), "date|datum|fecha|data|day", "clicks|klicks|clics|cliques|clic",
                   "impressions|impressionen|impresiones|impressões|impressioni", "position|sum position|ctr"),
        excludes=("cost", "spend", "campaign", "campaign name", "campaign id", "conversions", "revenue", "ad group"),
        required=("date", "clicks"),
        ignored=(*_RATIOS, *_PARTS, "country", "device", "search type", "search appearance"),
        assumptions=(
            Assumption("clicks", "the sum of the rows",
                       "Search Console leaves rare queries out of rows by query, so a day's total may be higher"),
        ),
    ),
)  # fmt: skip
