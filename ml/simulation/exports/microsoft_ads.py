"""Microsoft Advertising: the daily campaign performance report with its preamble and footer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file, period
from ml.simulation.exports.text import AMERICAN, ratio, table


def write_campaign_report(path: Path, rows: pl.DataFrame, *, incomplete: bool = True) -> ExportFile:
    """One account's campaigns by day (columns ``DAILY``), every cell quoted, UTF-8 with BOM.

    ``incomplete`` is Microsoft's own word that the last day is not over.
    """
    written = rows.with_columns(pl.col("spend").round(2), pl.col("conversions").round(2), pl.col("value").round(2))
    first_day, last_day = period(written)
    lines = [list(_HEADER)]
    for row in written.iter_rows(named=True):
        ctr, cpc = ratio(row["clicks"], row["impressions"]), ratio(row["spend"], row["clicks"])
        cvr, share = ratio(row["conversions"], row["clicks"]), row["search_impression_share"]
        lines.append(
            [
                row["date"].isoformat(),
                row["account_name"],
                row["account_id"],
                row["campaign_name"],
                row["campaign_id"],
                row["currency"],
                row["campaign_type"],
                AMERICAN.whole(row["impressions"]),
                AMERICAN.whole(row["clicks"]),
                "" if ctr is None else AMERICAN.percent(ctr),
                "0.00" if cpc is None else AMERICAN.fixed(cpc, 2),
                AMERICAN.fixed(row["spend"], 2),
                AMERICAN.whole(int(row["conversions"])),
                AMERICAN.fixed(row["conversions"], 2),
                "" if cvr is None else AMERICAN.percent(cvr),
                AMERICAN.fixed(row["value"], 2),
                AMERICAN.fixed(row["value"], 2),
                "" if share is None else f"{share:.2%}",
            ]
        )
    preamble = [
        ["Report Name: Campaign Performance"],
        [f"Report Time: {_american(first_day)} - {_american(last_day)}"],
        ["Time Zone: (GMT-05:00) Eastern Time (US & Canada)"],
        [f"Last Completed Available Day: {_american(last_day)} 11:59:00 PM (GMT)"],
        ["Report Aggregation: Daily"],
        ["Report Filter: "],
        [f"Potential Incomplete Data: {str(incomplete).lower()}"],
        [f"Rows: {written.height}"],
    ]
    text = "\n".join(table(part, quote_all=True) for part in (preamble, lines, [[_FOOTER % last_day.year]]))
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    return performance_file(path, "microsoft_ads", "campaign", written, footers=1)


_HEADER = (
    "TimePeriod", "AccountName", "AccountId", "CampaignName", "CampaignId", "CurrencyCode", "CampaignType",
    "Impressions", "Clicks", "Ctr", "AverageCpc", "Spend", "Conversions", "ConversionsQualified", "ConversionRate",
    "Revenue", "AllRevenue", "ImpressionSharePercent",
)  # fmt: skip
_FOOTER = "©%d Microsoft Corporation. All rights reserved. "


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"
