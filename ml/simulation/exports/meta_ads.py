"""Meta Ads Manager: the ad-level export with the "Day" breakdown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file, period, sums_of
from ml.simulation.exports.text import AMERICAN, ratio, table

_PURCHASE = "actions:offsite_conversion.fb_pixel_purchase"
_CLICK_OR_VIEW, _CLICK = "7-day click or 1-day view", "7-day click"
_COUNTED_TWICE = 0.36  # share of the daily reach that is left when the same people are counted once


def write_ads_by_day(path: Path, rows: pl.DataFrame) -> ExportFile:
    """One account's ads by day (columns ``DAILY`` with ads, all clicks and reach), grand total first.

    "Reporting starts" and "ends" are the whole range on every row, as Meta writes them; the day is in "Day".
    Purchases that did not happen are blank, not zero. Conversions are written as whole numbers.
    """
    written = rows.with_columns(pl.col("spend").round(2), pl.col("conversions").round(0), pl.col("value").round(2))
    first_day, last_day = period(written)
    currency = written["currency"][0]
    span = [first_day.isoformat(), last_day.isoformat()]
    sums = sums_of(written, *_ADDITIVE)
    reach = round(int(written["reach"].sum()) * _COUNTED_TWICE)
    lines = [
        [*_HEADER[:12], f"Amount spent ({currency})", *_HEADER[12:]],
        [*span, *[""] * 10, *_measures({**sums, "reach": reach, "setting": _CLICK_OR_VIEW, "indicator": ""})],
    ]
    for row in written.iter_rows(named=True):
        setting = _CLICK if row["campaign_name"].startswith("Retargeting") else _CLICK_OR_VIEW
        indicator = _PURCHASE if row["conversions"] else ""
        lines.append(
            [
                *span,
                row["account_name"],
                row["account_id"],
                row["campaign_name"],
                row["campaign_id"],
                row["campaign_type"],
                row["ad_group_name"],
                row["ad_group_id"],
                row["ad_name"],
                row["ad_id"],
                row["date"].isoformat(),
                *_measures({**row, "setting": setting, "indicator": indicator}),
            ]
        )
    path.write_bytes(b"\xef\xbb\xbf" + table(lines).encode())
    return performance_file(path, "meta_ads", "ad", written, measures=_ADDITIVE, skipped_totals=1)


_ADDITIVE = ("impressions", "clicks", "all_clicks", "spend", "conversions", "value")
# "Amount spent" with the currency stands between "Day" and "Impressions".
_HEADER = (
    "Reporting starts", "Reporting ends", "Account name", "Account ID", "Campaign name", "Campaign ID", "Objective",
    "Ad set name", "Ad set ID", "Ad name", "Ad ID", "Day", "Impressions", "Reach", "Frequency", "Link clicks",
    "Clicks (all)", "CTR (link click-through rate)", "CPC (cost per link click)", "Attribution setting", "Results",
    "Result indicator", "Purchases", "Purchases conversion value", "Purchase ROAS (return on ad spend)",
)  # fmt: skip


def _measures(row: Mapping[str, Any]) -> list[str]:
    """From amount spent to purchase ROAS, in the order of the header; ``row`` is a row or the sums of many."""
    spend, impressions, clicks, value = row["spend"], int(row["impressions"]), int(row["clicks"]), row["value"]
    ctr = ratio(clicks * 100, impressions)
    bought = str(int(row["conversions"])) if row["conversions"] else ""
    return [
        AMERICAN.fixed(spend, 2),
        AMERICAN.whole(impressions),
        AMERICAN.whole(row["reach"]),
        _long(ratio(impressions, row["reach"])),
        str(clicks),
        str(int(row["all_clicks"])),
        _long(ctr),
        _long(ratio(spend, clicks)),
        str(row["setting"]),
        bought,
        str(row["indicator"]),
        bought,
        f"{value:.2f}" if bought else "",
        _long(ratio(value, spend)) if bought else "",
    ]


def _long(number: Decimal | None) -> str:
    """Ratios come with eight decimals, and blank where nothing is there to divide by."""
    return "" if number is None else f"{number:.8f}"
