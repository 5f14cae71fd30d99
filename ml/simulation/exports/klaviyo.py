"""Klaviyo: the campaigns report by day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from ml.simulation.exports.columns import csv_text
from ml.simulation.exports.manifest import ExportFile, unnamed_table

_COUNTS = {"sent": "sent", "delivered": "delivered", "opens": "open", "clicks": "click", "unsubscribes": "unsubscribe"}


class EmailExport:
    """Adds up what became of e-mails, campaign by campaign and day by day, and writes one table at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._days: list[pl.DataFrame] = []

    def add(self, day: date, emails: pl.DataFrame) -> None:
        """Take in what happened to e-mails on a day (columns ``EMAILS``)."""
        if emails.is_empty():
            return
        counts = emails.group_by("campaign_id", "campaign_name", maintain_order=True).agg(
            (pl.col("kind") == kind).sum().alias(name) for name, kind in _COUNTS.items()
        )
        self._days.append(counts.with_columns(pl.lit(day).alias("day")))

    def finish(self) -> list[ExportFile]:
        """Write the report; nothing where no e-mail was sent. It does not say whose it is."""
        if not self._days:
            return []
        days = pl.concat(self._days).sort("day", "campaign_id")
        table = days.select(
            pl.col("campaign_name").alias("Campaign Name"),
            pl.col("campaign_id").alias("Campaign ID"),
            pl.col("day").alias("Send Time"),
            pl.lit("Sent").alias("Status"),
            pl.col("sent").alias("Total Recipients"),
            pl.col("opens").alias("Unique Opens"),
            _rate("opens").alias("Open Rate"),
            pl.col("clicks").alias("Unique Clicks"),
            _rate("clicks").alias("Click Rate"),
            pl.col("delivered").alias("Successful Deliveries"),
            pl.col("unsubscribes").alias("Unsubscribes"),
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(",".join(table.columns).encode() + b"\n" + csv_text(table))
        return [unnamed_table(self._path, "klaviyo", "email_day", days["day"])]


def _rate(count: str) -> pl.Expr:
    share = pl.when(pl.col("delivered") > 0).then(100 * pl.col(count) / pl.col("delivered"))
    return pl.concat_str(share.round(2), pl.lit("%"))
