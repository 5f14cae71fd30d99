"""Journeys for the measurements of attribution, by a seed and over any number of channels, for rivals and for us."""

from __future__ import annotations

import numpy as np
import polars as pl

_MEAN_TOUCHES = 3.5
_RATE = 0.03
_STAYS = 0.45  # the chance that the next touch is of the same channel


def journeys(count: int, channels: int, seed: int = 1) -> pl.DataFrame:
    """(count rows) a path with `` > `` and whether it converted, channels being unequally frequent and repeating."""
    generator = np.random.default_rng(seed)
    frequency = 1.0 / np.arange(1, channels + 1)
    lengths = np.minimum(generator.geometric(1 / _MEAN_TOUCHES, count), 30)
    touches = int(lengths.sum())
    drawn = generator.choice(channels, touches, p=frequency / frequency.sum())
    first = np.zeros(touches, dtype=np.bool_)
    first[np.append(0, np.cumsum(lengths)[:-1])] = True
    # Whoever stays has the channel of the last touch that did not.
    anew = first | (generator.random(touches) >= _STAYS)
    drawn = drawn[np.maximum.accumulate(np.where(anew, np.arange(touches), 0))]
    worth = np.linspace(0.5, 1.5, channels)[drawn]
    mean = np.add.reduceat(worth, np.append(0, np.cumsum(lengths)[:-1])) / lengths
    converted = generator.random(count) < _RATE * mean * np.minimum(lengths, 6) / 3
    names = np.array([f"channel_{place:02d}" for place in range(channels)])
    lists = pl.Series("path", pl.Series(names[drawn]).to_arrow()).to_frame()
    rows = lists.with_columns(row=pl.Series(np.repeat(np.arange(count), lengths)))
    paths = rows.group_by("row", maintain_order=True).agg(pl.col("path").str.join(" > "))["path"]
    value = np.where(converted, np.round(generator.lognormal(4.0, 0.5, count), 2), 0.0)
    return pl.DataFrame({"path": paths, "conversions": converted.astype(np.int64), "value": value})


def distinct(rows: pl.DataFrame) -> pl.DataFrame:
    """The same by distinct path, with conversions, value and null."""
    return (
        rows.group_by("path")
        .agg(pl.col("conversions").sum(), pl.col("value").sum(), null=pl.len() - pl.col("conversions").sum())
        .sort("path")
        .select("path", "conversions", "value", pl.col("null").cast(pl.Int64))
    )
