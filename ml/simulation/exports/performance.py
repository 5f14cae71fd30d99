"""What platforms report of their campaigns day by day, and how it moves: claims come in after the days they are of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import polars as pl

from ml.simulation.exports.records import CREDIT, DAILY, MONEY

Level = Literal["campaign", "ad_group", "ad"]
_PLACE = ("platform", "campaign_id", "ad_group_id", "ad_id")
_LEVELS: dict[Level, tuple[str, ...]] = {
    "campaign": ("platform", "campaign_id"),
    "ad_group": ("platform", "campaign_id", "ad_group_id"),
    "ad": _PLACE,
}
_ALL_CLICKS, _REACHED = 1.45, 0.7  # Meta: clicks of every kind a link click; people an impression


class Reporting:
    """Adds up delivery and claims of a world, day after day; of each only sums by ad and day are kept.

    ``as_of`` are the mornings on which the platforms will be asked.
    """

    def __init__(self, as_of: Iterable[date]) -> None:
        self._as_of = tuple(as_of)
        self._delivery: list[pl.DataFrame] = []
        self._claims: list[pl.DataFrame] = []

    def add(self, delivery: pl.DataFrame, claims: pl.DataFrame) -> None:
        """Take in a day (columns ``DELIVERY`` and ``CLAIMS``)."""
        self._delivery.append(
            delivery.group_by("date", *_PLACE, maintain_order=True).agg(
                pl.col("impressions", "clicks", "cost_micros").sum()
            )
        )
        self._claims += [
            claims.filter(pl.col("reported_on") < morning)
            .group_by("date", *_PLACE, maintain_order=True)
            .agg(pl.len().alias("conversions"), pl.col("value_cents").sum())
            .with_columns(pl.lit(morning).alias("as_of"))
            for morning in self._as_of
        ]

    def rows(self, level: Level, as_of: date, names: pl.DataFrame) -> pl.DataFrame:
        """What the platforms say on the morning of ``as_of``: columns ``platform`` and ``DAILY``, by day and ids.

        ``names`` has one row an ad, with the columns of ``DAILY`` that name things, and ``platform``. Days without an
        impression are left out, as platforms leave them out.
        """
        key = ("date", *_LEVELS[level])
        delivered = pl.concat(self._delivery).filter(pl.col("date") < as_of).group_by(key).agg(pl.col(_DELIVERED).sum())
        claimed = (
            pl.concat(self._claims)
            .filter(pl.col("as_of") == as_of)
            .group_by(key)
            .agg(pl.col("conversions", "value_cents").sum())
        )
        known = names.unique(_LEVELS[level], keep="first", maintain_order=True).drop(
            [name for name in ("ad_group_id", "ad_group_name", "ad_id", "ad_name") if not _told(name, level)]
        )
        rows = (
            delivered.filter(pl.col("impressions") > 0)
            .join(claimed, on=key, how="left")
            .join(known, on=_LEVELS[level], how="left")
            .with_columns(
                pl.col("conversions").fill_null(0).cast(CREDIT),
                _money((pl.col("cost_micros") + 5_000) // 10_000).alias("spend"),
                _money(pl.col("value_cents").fill_null(0)).alias("value"),
                (pl.col("clicks") * _ALL_CLICKS).round().cast(pl.Int64).alias("all_clicks"),
                (pl.col("impressions") * _REACHED).ceil().cast(pl.Int64).alias("reach"),
            )
        )
        missing = [pl.lit(None, kind).alias(name) for name, kind in DAILY.items() if name not in rows.columns]
        columns = [pl.col(name).cast(kind) for name, kind in DAILY.items()]
        return (
            rows.with_columns(missing).select("platform", *columns).sort("date", "campaign_id", "ad_group_id", "ad_id")
        )


_DELIVERED = ("impressions", "clicks", "cost_micros")


def _money(cents: pl.Expr) -> pl.Expr:
    return (cents.cast(MONEY) / 100).cast(MONEY)


def _told(name: str, level: Level) -> bool:
    return f"{name.rsplit('_', 1)[0]}_id" in _LEVELS[level]
