"""Google Ads as Airbyte lands its stream of campaigns."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from ml.simulation.exports.manifest import ExportFile, performance_file
from ml.simulation.exports.text import table


def write_airbyte_campaigns(path: Path, rows: pl.DataFrame, *, extracted_at: datetime) -> ExportFile:
    """The ``campaign`` stream as Airbyte lands it: money in micros, API names, no totals."""
    lines: list[list[str]] = [list(_AIRBYTE_HEADER)]
    for row in rows.iter_rows(named=True):
        key = f"{row['account_id']}/{row['campaign_id']}/{row['date']}"
        lines.append(
            [
                str(uuid.uuid5(uuid.NAMESPACE_OID, f"{key}/{extracted_at.isoformat()}")),
                extracted_at.isoformat(),
                row["account_id"],
                row["currency"],
                row["campaign_id"],
                row["campaign_name"],
                row["campaign_type"].upper().replace(" ", "_"),
                row["date"].isoformat(),
                str(row["impressions"]),
                str(row["clicks"]),
                str(int(row["spend"].scaleb(6))),
                _shortest(row["conversions"]),
                _shortest(row["value"]),
            ]
        )
    path.write_bytes(table(lines).encode())
    return performance_file(path, "google_ads", "campaign", rows, says_account_name=False)


_AIRBYTE_HEADER = (
    "_airbyte_raw_id", "_airbyte_extracted_at", "customer_id", "customer_currency_code", "campaign_id", "campaign_name",
    "campaign_advertising_channel_type", "segments_date", "metrics_impressions", "metrics_clicks",
    "metrics_cost_micros", "metrics_conversions", "metrics_conversions_value",
)  # fmt: skip


def _shortest(number: Decimal) -> str:
    """As JSON numbers come out of an API: no trailing zeros, at least one decimal."""
    text = format(number.normalize(), "f")
    return text if "." in text else f"{text}.0"
