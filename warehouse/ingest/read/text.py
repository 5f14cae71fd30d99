"""Typed columns -> text as a person would write it, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa

# From here on a double cannot hold every whole number. An identifier that came as such a number has lost digits;
# it is written in E-notation, which is never taken for an identifier.
_EXACT_BELOW = 2**53


def frame_as_text(table: pa.Table) -> pl.DataFrame:
    """An Arrow table with every column as String; nulls stay null.

    Whole numbers and decimals are written with all their digits, doubles as the shortest decimal that is the same
    double, dates and times in ISO 8601 (a space before the time, no fraction that is zero), nested values as JSON.
    """
    columns = [column_as_text(column).alias(str(n)) for n, column in enumerate(table.columns)]
    return pl.DataFrame(columns)


def column_as_text(column: pa.ChunkedArray) -> pl.Series:
    """One Arrow column as a Series of String."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column_as_text(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _doubles_as_text(column)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return _times_as_text(column)
    write = _writer(kind)
    if write is None:
        return _series(column.cast(pa.string()))
    return pl.Series([None if value is None else write(value) for value in column.to_pylist()], dtype=pl.String)


def number_as_text(value: float) -> str:
    """A double without exponent, or in E-notation where it is too large to be exact."""
    text = repr(value)
    if abs(value) < _EXACT_BELOW:
        return format(Decimal(text), "f").removesuffix(".0")
    return format(Decimal(text), "E")


def _writer(kind: pa.DataType) -> Callable[[Any], str] | None:
    """What writes one value of a type that Arrow cannot cast to text as we want it; ``None`` where it can."""
    if pa.types.is_decimal(kind):
        return lambda value: format(value, "f")
    if pa.types.is_nested(kind):
        return lambda value: json.dumps(value, default=str)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return lambda value: str(value, "utf-8", "replace")
    return None


def _times_as_text(column: pa.ChunkedArray) -> pl.Series:
    text = _series(column.cast(pa.string()))
    return text.str.replace(r"\.0+(Z|[+-]\d{4})?$", "$1").str.replace(r"(\.\d*[1-9])0+(Z|[+-]\d{4})?$", "$1$2")


def _doubles_as_text(column: pa.ChunkedArray) -> pl.Series:
    text = _series(column.cast(pa.string()))
    # Arrow changes to an exponent at other sizes than we do.
    odd = text.str.contains("e", literal=True) | (text.str.len_bytes() > len(str(_EXACT_BELOW)) - 1)
    if not odd.any():
        return text
    exact = [
        number_as_text(v) if is_odd and v == v and abs(v) != float("inf") else t  # noqa: PLR0124 - NaN
        for v, is_odd, t in zip(column.to_pylist(), odd, text, strict=True)
    ]
    return pl.Series(exact, dtype=pl.String)


def _series(column: pa.ChunkedArray) -> pl.Series:
    series = pl.from_arrow(column)
    assert isinstance(series, pl.Series)  # noqa: S101 - for the type checker; a column becomes a series
    return series.cast(pl.String)
