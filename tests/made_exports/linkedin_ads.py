"""LinkedIn Campaign Manager: the campaign performance report, whose "campaign" is what others call an ad group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file, period, sums_of
from ml.simulation.exports.text import AMERICAN, ratio, table

_LANDING_SHARE = 0.78  # of all chargeable clicks lead to the landing page, the others are social


def write_campaign_performance(path: Path, rows: pl.DataFrame) -> ExportFile:
    """One account's ad groups by day (columns ``DAILY``) as a UTF-16 TAB file with M/D/YYYY dates and a total."""
    written = rows.with_columns(pl.col("spend").round(2), pl.col("conversions").round(0), pl.col("value").round(2))
    written = written.with_columns((pl.col("clicks") * _LANDING_SHARE).floor().cast(pl.Int64).alias("landing"))
    first_day, last_day = period(written)
    lines = [list(_HEADER)]
    for row in written.iter_rows(named=True):
        day = row["date"]
        lines.append(
            [
                f"{day.month}/{day.day}/{day.year}",
                row["account_name"],
                row["campaign_name"],
                row["campaign_id"],
                row["ad_group_name"],
                row["ad_group_id"],
                row["currency"],
                *_measures(row),
            ]
        )
    sums = sums_of(written, "impressions", "clicks", "landing", "spend", "conversions", "value")
    lines.append(["Total", *[""] * 6, *_measures(sums)])
    span = f"Report Start: {first_day:%m/%d/%Y}, Report End: {last_day:%m/%d/%Y}"
    preamble = f"Campaign Performance Report (in UTC)\r\n{span}\r\n\r\n"
    text = preamble + table(lines, delimiter="\t", line_end="\r\n")
    path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    return performance_file(path, "linkedin_ads", "ad_group", written, says_account_id=False, skipped_totals=1)


_HEADER = (
    "Start Date (in UTC)", "Account Name", "Campaign Group Name", "Campaign Group ID", "Campaign Name", "Campaign ID",
    "Currency", "Total Spent", "Impressions", "Clicks", "Clicks to Landing Page", "Average CTR", "Conversions",
    "Total Conversion Value", "Leads",
)  # fmt: skip


def _measures(row: dict[str, Any]) -> list[str]:
    """Total spent to leads, in the order of the header; ``row`` is a row or the sums of many."""
    ctr = ratio(row["clicks"], row["impressions"])
    return [
        AMERICAN.fixed(row["spend"], 2),
        str(int(row["impressions"])),
        str(int(row["clicks"])),
        str(int(row["landing"])),
        "" if ctr is None else AMERICAN.percent(ctr),
        str(int(row["conversions"])),
        f"{row['value']:.2f}",
        "0",
    ]
