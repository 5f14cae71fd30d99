"""Google Search Console: performance by day, query, page and device."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from ml.simulation.exports.columns import csv_text
from ml.simulation.exports.manifest import ExportFile, unnamed_file
from ml.simulation.exports.parts import Parts

_HEADER = "date,query,page,device,clicks,impressions,ctr,position"


class SearchExport:
    """Writes rows as the API's client would."""

    def __init__(self, folder: Path, domain: str) -> None:
        def encode(rows: pl.DataFrame) -> bytes:
            return csv_text(
                rows.select(
                    "date",
                    "query",
                    pl.concat_str(pl.lit(f"https://www.{domain}"), pl.col("page")),
                    pl.col("device").str.to_uppercase(),
                    "clicks",
                    "impressions",
                    (pl.col("clicks") / pl.col("impressions")).round(6).alias("ctr"),
                    pl.col("position").round(2),
                )
            )

        self._parts = Parts(folder, "search_console", "csv", encode, header=_HEADER, yearly=True)

    def add(self, day: date, rows: pl.DataFrame) -> None:
        """Take in what unpaid search showed on a day (columns ``SEARCH_DAYS``)."""
        self._parts.add(day, rows.filter(pl.col("impressions") > 0))

    def finish(self) -> list[ExportFile]:
        """What was written. The files do not say whose property it is."""
        return [unnamed_file(part, "search_console", "organic_day") for part in self._parts.finish()]
