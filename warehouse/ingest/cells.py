"""The cells that a field is read from: a column, or what lies inside of its JSON or its URL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote_plus

import orjson
import polars as pl

from warehouse.ingest.binding import Binding, header_key
from warehouse.ingest.sources.model import Alias

_NAMES: Final = ("key", "name", "property", "Key", "Name")
_OWN_COLUMN: Final = re.compile(r"^(?:fivetran|airbyte|dlt|sdc)|^(?:unnamed:?\d*|index|row|batchid|loadid|)$")
_VALUES: Final = ("string_value", "int_value", "float_value", "double_value", "value")


class Cells:
    """One batch. Every column of names and values is decoded once, for all the entries that ``binding`` wants."""

    def __init__(self, batch: pl.DataFrame, binding: Binding) -> None:
        self._batch = batch
        self._binding = binding
        self._entries: dict[str, dict[str, pl.Series]] = {}

    def of(self, header: str, alias: Alias) -> pl.Series:
        """The text of one alias, null where it is not there."""
        cells = self._entry(header, alias.entry) if alias.entry else self._batch[header]
        if alias.path:
            cells = cells.str.json_path_match(alias.path)
        return query_parameter(cells, alias.query) if alias.query else cells

    def _entry(self, header: str, name: str) -> pl.Series:
        if header not in self._entries:
            parts = (part for bound in self._binding.fields.values() for part in bound.parts)
            wanted = {alias.entry for column, alias in parts if column == header and alias.entry}
            self._entries[header] = entries(self._batch[header], wanted)
        return self._entries[header][name]


def entries(cells: pl.Series, names: Iterable[str]) -> dict[str, pl.Series]:
    """For each name its values in a column of JSON arrays of names and values.

    A value may stand in a typed object (``{"int_value": "5"}``), of whose members the first that is not null counts,
    or be the value itself. A JSON object is taken for its own names and values. What is no JSON has no entry.
    """
    columns: dict[str, list[str | None]] = {name: [None] * len(cells) for name in names}
    for row, cell in enumerate(cells):
        if cell is None or len(cell) < 3:
            continue
        try:
            listed = orjson.loads(cell)
        except orjson.JSONDecodeError:
            continue
        if isinstance(listed, dict):
            listed = [{"key": name, "value": value} for name, value in listed.items()]
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict):
                name = next((entry[n] for n in _NAMES if n in entry), None)
                if name in columns:
                    columns[name][row] = _as_text(entry.get("value", entry.get("Value")))
    return {name: pl.Series(name, values, dtype=pl.String) for name, values in columns.items()}


def query_parameter(cells: pl.Series, name: str) -> pl.Series:
    """One parameter of a column of URLs (whole ones or paths), decoded; null where it is missing or empty."""
    found = cells.str.extract(rf"[?&]{name}=([^&#\s\"]+)")
    coded = found.str.contains("[%+]").fill_null(value=False)
    if not coded.any():
        return found
    plain = [unquote_plus(value) for value in found.filter(coded)]
    return found.scatter(coded.arg_true(), pl.Series(plain, dtype=pl.String))


def further(batch: pl.DataFrame, binding: Binding) -> pl.Series:
    """Row by row the columns that no field is read from, as a JSON object of texts (null where a cell is empty).

    What connectors and spreadsheets add for themselves is left out.
    """
    names = [n for n in (*binding.unknown, *binding.ignored) if not _OWN_COLUMN.search(header_key(n))]
    if not names:
        return pl.repeat(None, batch.height, dtype=pl.String, eager=True)
    said = pl.struct(pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)).alias(name) for name in names)
    return batch.select(said.struct.json_encode()).to_series()


def _as_text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[kind] for kind in _VALUES if value.get(kind) is not None), None)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode()
