"""Outcomes with a column for each metric -> one row for each metric."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import orjson
import polars as pl

from warehouse.ingest.contract import FURTHER, LINE
from warehouse.ingest.numbers import read_decimals

_BEFORE: Final = re.compile(r"^pre[_ ]|[_ ]pre$|^covariate[_ ]|[_ ]before$", re.IGNORECASE)


def unpivoted(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The frame with a row for each metric of each row, and the lines of rows in which something is no number.

    A column in which nothing is a number is no metric. ``pre_orders`` is what ``orders`` were before the experiment.
    """
    names = _columns(frame[FURTHER])
    cells = frame[FURTHER].str.json_decode(pl.Struct(dict.fromkeys(names, pl.String))).struct.unnest()
    metrics: dict[str, dict[str, pl.Series]] = {}
    bad = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    for name in names:
        numbers = read_decimals(cells[name], mark=".", unit="unit")
        if numbers.text.is_null().all():
            continue
        if numbers.unreadable is not None:
            bad |= numbers.unreadable
        metric = _BEFORE.sub("", name).strip().casefold()
        metrics.setdefault(metric, {})["pre_value" if _BEFORE.search(name) else "value"] = numbers.text
    good = ~bad
    nothing = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    rows = [
        frame.with_columns(
            pl.lit(metric).alias("metric"),
            said.get("value", nothing).alias("value"),
            said.get("pre_value", nothing).alias("pre_value"),
        ).filter(good & (pl.col("value").is_not_null() | pl.col("pre_value").is_not_null()))
        for metric, said in metrics.items()
    ]
    return (pl.concat(rows) if rows else frame.clear()), frame[LINE].filter(bad)


def _columns(cells: pl.Series) -> list[str]:
    first: Iterable[str] = cells.drop_nulls().head(1)
    return [name for cell in first for name in orjson.loads(cell)]
