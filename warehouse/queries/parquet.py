"""An answer as a Parquet file, a batch of rows at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import BadQuery
from warehouse.queries.formats import distinct_names, jsonable, plain
from warehouse.queries.tables import Answer, Column, Kind


def write_parquet(answer: Answer, path: Path) -> int:
    """A Parquet file; the number of rows.

    Decimals stay exact up to the scale that their type declares, otherwise to ten decimals; what Parquet has no type
    for is text. Raises :class:`BadQuery` when two columns have one name or a number has too many digits for Parquet.
    """
    distinct_names(answer.columns)
    schema = pa.schema([(column.name, _arrow_type(column)) for column in answer.columns])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in answer.batches:
            columns = [
                _arrow_array(column, values)
                for column, values in zip(answer.columns, zip(*batch, strict=True), strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            rows += len(batch)
    return rows


_LOOSE_SCALE = 10
_WIDE = Context(prec=200)  # the usual 28 digits are fewer than Parquet's 38
_ARROW: Mapping[Kind, pa.DataType] = {
    "integer": pa.int64(),
    "real": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
    "text": pa.string(),
}
_FROM_TEXT: Mapping[Kind, Callable[[Any], Any]] = {
    "text": lambda value: value if isinstance(value, str) else plain(value),
    "json": lambda value: json.dumps(jsonable(value), ensure_ascii=False),
}


def _arrow_type(column: Column) -> pa.DataType:
    if column.kind == "decimal":
        return pa.decimal128(38, _LOOSE_SCALE if column.scale is None else column.scale)
    return _ARROW[column.kind]


def _arrow_array(column: Column, values: tuple[Any, ...]) -> pa.Array:
    kind = _arrow_type(column)
    if column.kind == "decimal":
        values = tuple(None if v is None or not v.is_finite() else _rounded(v, kind.scale) for v in values)
    elif column.kind in _FROM_TEXT:
        values = tuple(None if value is None else _FROM_TEXT[column.kind](value) for value in values)
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        message = f"Column {column.name!r} has a number with more digits than Parquet holds."
        raise BadQuery(message, remedy="Write CSV, or cast the column: CAST(... AS numeric(38, 6)).") from error


def _rounded(value: Decimal, scale: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), context=_WIDE)
