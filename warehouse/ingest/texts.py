"""Cells that hold several texts: JSON arrays, arrays as connectors write them, or texts with marks between them."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
import polars as pl

LIST: Final = pl.List(pl.String())
_WRAPPED: Final = re.compile(r"^[\[{](.*)[\]}]$", re.DOTALL)


def text_lists(cells: pl.Series, *, marks: str = "|") -> pl.Series:
    """The texts of each cell, in order, without blank ones; null where there are none (List of String).

    Of JSON objects the member ``text``, ``name``, ``value`` or ``id`` is taken, which is how platforms hand out
    headlines and tags. ``marks`` are the characters between texts that are no JSON.
    """
    read = {cell: text_list(cell, marks) or None for cell in cells.drop_nulls().unique().to_list()}
    return pl.Series(cells.name, [read.get(cell) for cell in cells.to_list()], dtype=LIST)


def text_list(cell: str, marks: str = "|") -> list[str]:
    """The texts of one cell; see :func:`text_lists`."""
    try:
        value = orjson.loads(cell)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, list):
        found = [_text(part) for part in value]
    else:
        inner = _WRAPPED.match(cell.strip())  # [https://a.example, https://b.example] or {a,b}
        found = re.split(r"\s*,\s*", inner[1]) if inner else re.split("[" + re.escape(marks) + "]", cell)
    return [text for part in found if (text := part.strip().strip('"'))]


def as_json(value: Any) -> str:
    """A value as JSON text."""
    return orjson.dumps(value).decode()


def _text(part: Any) -> str:
    if isinstance(part, dict):
        part = next((part[name] for name in ("text", "name", "value", "id") if part.get(name) is not None), "")
    return part if isinstance(part, str) else "" if part is None else orjson.dumps(part).decode()
