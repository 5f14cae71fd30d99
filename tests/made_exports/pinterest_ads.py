"""Pinterest: the campaign report as Fivetran lands it, with money in micros and every count in two halves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file
from ml.simulation.exports.text import table

_PAID_SHARE = 0.9  # part 1 is what was paid for, part 2 what people passed on


def write_landed_campaign_report(path: Path, rows: pl.DataFrame, *, synced_at: datetime) -> ExportFile:
    """One account's campaigns by day (columns ``DAILY``); the file does not say the currency."""
    written = rows.with_columns(pl.col("spend").round(2), pl.col("conversions").round(0), pl.col("value").round(2))
    lines = [list(_HEADER)]
    for row in written.iter_rows(named=True):
        paid_impressions, paid_clicks = (int(row[name] * _PAID_SHARE) for name in ("impressions", "clicks"))
        conversions = str(int(row["conversions"]))
        lines.append(
            [
                row["date"].isoformat(),
                row["campaign_id"],
                row["campaign_name"],
                "ACTIVE",
                row["account_id"],
                f"{synced_at:%Y-%m-%d %H:%M:%S}",
                str(paid_impressions),
                str(row["impressions"] - paid_impressions),
                str(paid_clicks),
                str(row["clicks"] - paid_clicks),
                str(int(row["spend"].scaleb(6))),
                conversions,
                conversions,
                str(int(row["value"].scaleb(6))),
            ]
        )
    path.write_bytes(table(lines).encode())
    return performance_file(path, "pinterest_ads", "campaign", written, says_account_name=False, says_currency=False)


_HEADER = (
    "date", "campaign_id", "campaign_name", "campaign_status", "advertiser_id", "_fivetran_synced", "impression_1",
    "impression_2", "clickthrough_1", "clickthrough_2", "spend_in_micro_dollar", "total_conversions",
    "total_conversions_quantity", "total_conversions_value_in_micro_dollar",
)  # fmt: skip
