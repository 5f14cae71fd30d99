"""TikTok Ads Manager: the daily ad group table, which does not say whose account it is unless one asks for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file, sums_of
from ml.simulation.exports.text import ratio, table


def write_daily_report(path: Path, rows: pl.DataFrame, *, with_account: bool = False) -> ExportFile:
    """One account's ad groups by day (columns ``DAILY``), last row "Total of N results", "-" for what is missing.

    ``with_account`` adds the account's columns. The optimisation event is the purchase, so "Conversions" and "Total
    complete payment" agree.
    """
    written = rows.with_columns(pl.col("spend").round(2), pl.col("conversions").round(0), pl.col("value").round(2))
    account = [written["account_name"][0], written["account_id"][0]] if with_account else []
    lines = [[*_HEADER, *(_ACCOUNT if with_account else ())]]
    for row in written.iter_rows(named=True):
        identity = [row["campaign_name"], row["campaign_id"], row["ad_group_name"], row["ad_group_id"]]
        lines.append([row["date"].isoformat(), *identity, *_measures(row), *account])
    sums = sums_of(written, "impressions", "clicks", "spend", "conversions", "value")
    total = _measures({**sums, "currency": written["currency"][0]})
    lines.append([f"Total of {written.height} results", *["-"] * 4, *total, *["-" for _ in account]])
    path.write_bytes(table(lines).encode())
    return performance_file(
        path,
        "tiktok_ads",
        "ad_group",
        written,
        says_account_id=with_account,
        says_account_name=with_account,
        skipped_totals=1,
    )


_ACCOUNT = ("Account name", "Account ID")
_HEADER = (
    "By Day", "Campaign name", "Campaign ID", "Ad group name", "Ad group ID", "Cost", "Currency", "Impressions",
    "Clicks (destination)", "CTR (destination)", "Conversions", "Cost per conversion", "Total complete payment",
    "Complete payment value",
)  # fmt: skip


def _measures(row: dict[str, Any]) -> list[str]:
    """Cost to payment value, in the order of the header; ``row`` is a row or the sums of many."""
    conversions = int(row["conversions"])
    ctr, cpa = ratio(row["clicks"] * 100, row["impressions"]), ratio(row["spend"], conversions)
    return [
        f"{row['spend']:.2f}",
        row["currency"],
        str(int(row["impressions"])),
        str(int(row["clicks"])),
        "-" if ctr is None else f"{ctr:.2f}%",
        str(conversions),
        "0.00" if cpa is None else f"{cpa:.2f}",
        str(conversions) if conversions else "-",
        f"{row['value']:.2f}" if conversions else "-",
    ]
