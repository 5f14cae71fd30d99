"""What the ads show: a table of creatives in Causeway's own shape, and their pictures beside it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ml.simulation.exports.columns import csv_text
from ml.simulation.exports.manifest import ExportFile, unnamed_table
from ml.simulation.exports.pictures import HEIGHT, WIDTH, Picture, write_picture

PICTURES = "pictures"  # the folder beside the table


def write_creatives(path: Path, creatives: pl.DataFrame, ads: pl.DataFrame, accounts: pl.DataFrame) -> ExportFile:
    """Write the table and draw a picture of every creative that has one (columns ``CREATIVES``, ``ADS``, ``ACCOUNTS``).

    The table names the platform and the account of each creative, and the ads that show it.
    """
    showing = ads.group_by("platform", "creative_id", maintain_order=True).agg(
        pl.col("ad_id").str.join("|").alias("ad_ids")
    )
    known = creatives.join(accounts, on="platform", maintain_order="left").join(
        showing, on=["platform", "creative_id"], how="left", maintain_order="left"
    )
    (path.parent / PICTURES).mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(known.iter_rows(named=True)):
        if row["colour"] is not None:
            picture = Picture(
                row["colour"], bool(row["face"]), row["headline"], row["call_to_action"], row["offer"], variant=number
            )
            write_picture(path.parent / _file_of(row["platform"], row["creative_id"]), picture)
    drawn = pl.col("colour").is_not_null()
    file = pl.concat_str(pl.lit(f"{PICTURES}/"), pl.col("platform"), pl.lit("_"), pl.col("creative_id"), pl.lit(".png"))
    table = known.select(
        "platform",
        "account_id",
        "creative_id",
        "ad_ids",
        pl.col("creative_name").alias("name"),
        "format",
        "headline",
        "body",
        "call_to_action",
        pl.when(drawn).then(file).alias("image_file"),
        "landing_page",
        pl.col("tags").list.join("|").alias("tags"),
        "duration_seconds",
        pl.when(drawn).then(WIDTH).alias("width"),
        pl.when(drawn).then(HEIGHT).alias("height"),
        "first_day",
        "last_day",
    )
    path.write_bytes(",".join(table.columns).encode() + b"\n" + csv_text(table))
    return unnamed_table(path, "other_ads", "creative", known["first_day"])


def _file_of(platform: str, creative_id: str) -> str:
    return f"{PICTURES}/{platform}_{creative_id}.png"
