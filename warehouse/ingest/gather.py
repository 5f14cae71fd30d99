"""Columns whose number nobody knows beforehand, such as one for each stage of a deal -> one column of JSON objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import orjson
import polars as pl

from warehouse.ingest.contract import RawTable
from warehouse.ingest.read.headers import column_names
from warehouse.ingest.sources.model import Source


def gather(raw: RawTable, source: Source) -> RawTable:
    """The table with one more column for each field that ``source`` gathers, named like the field.

    A cell of it is a JSON object of what is not empty, or null where nothing is. The gathered columns go.
    """
    found = {field: _matching(raw.header, pattern) for field, pattern in source.gathered.items()}
    found = {field: names for field, names in found.items() if names}
    if not found:
        return raw
    gone = {column for names in found.values() for column in names}
    kept = [text for text, name in zip(raw.header, column_names(raw.header), strict=True) if name not in gone]
    # Reading goes on naming columns by the header that the file has, so this is another table; its lists are shared.
    return replace(raw, header=(*kept, *found), batches=_gathered(raw.batches, found))


def _matching(header: tuple[str, ...], pattern: str) -> dict[str, str]:
    """Frame column -> what the pattern's group finds in its header."""
    wanted = re.compile(pattern, re.IGNORECASE)
    matches = {name: wanted.search(text) for text, name in zip(header, column_names(header), strict=True)}
    return {name: next(g for g in match.groups() if g) for name, match in matches.items() if match}


def _gathered(batches: Iterator[pl.DataFrame], found: Mapping[str, Mapping[str, str]]) -> Iterator[pl.DataFrame]:
    for batch in batches:
        gone = [column for names in found.values() for column in names]
        columns = [_objects(batch, names).alias(field) for field, names in found.items()]
        yield batch.drop(gone).with_columns(columns)


def _objects(batch: pl.DataFrame, names: Mapping[str, str]) -> pl.Series:
    rows = batch.select(*names).rows()
    keys = list(names.values())
    objects = ({key: cell for key, cell in zip(keys, row, strict=True) if cell and cell.strip()} for row in rows)
    return pl.Series([orjson.dumps(o).decode() if o else None for o in objects], dtype=pl.String)
