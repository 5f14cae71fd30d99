"""Parquet -> a table."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import LINE, RawTable
from warehouse.ingest.read.delimited import take_out_not_text
from warehouse.ingest.read.encoding import NOT_TEXT
from warehouse.ingest.read.headers import column_names
from warehouse.ingest.read.streams import Source, damaged, seekable
from warehouse.ingest.read.text import frame_as_text

_CELLS = 1_000_000  # in a batch


def read_parquet(source: Source) -> Iterator[RawTable]:
    """The one table of a Parquet file. Its records have no lines: they are numbered from 1.

    Raises :class:`LoadRefused` for a damaged file, also while the batches are read.
    """
    try:
        file = parquet.ParquetFile(seekable(source), pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise damaged(source.path, "Parquet file", error) from error
    schema = file.schema_arrow
    if not len(schema):
        raise LoadRefused(f"{source.path} is a Parquet file without columns.", remedy="Export it again.")
    table = RawTable(
        path=source.path,
        name=source.name,
        header=tuple(schema.names),
        header_line=0,
        preamble=(),
        batches=iter(()),
        typed=True,
    )
    table.batches = _batches(table, file)
    yield table


def _batches(table: RawTable, file: parquet.ParquetFile) -> Iterator[pl.DataFrame]:
    names = column_names(table.header)
    line = 1
    batches = file.iter_batches(max(1, _CELLS // len(names)), use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise damaged(table.path, "Parquet file", error) from error
        if batch is None:
            return
        frame = frame_as_text(pa.Table.from_batches([batch]))
        frame.columns = names
        frame.insert_column(0, pl.int_range(line, line + frame.height, dtype=pl.UInt32, eager=True).alias(LINE))
        line += frame.height
        if any(c.str.contains(NOT_TEXT, literal=True).any() for c in frame.iter_columns() if c.dtype == pl.String):
            frame = take_out_not_text(frame, table.misfits, ",")
        yield frame
