"""Frames of a few rows, made up for one test each."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ml.simulation.exports.identities import Advertiser

SHOP = Advertiser("Simulated Test Shop", "simulated-test", "simulated-test.example", "USD")


def frame(schema: Mapping[str, pl.DataType], rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of a schema; what a row does not say is null."""
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=dict(schema))
