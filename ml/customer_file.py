"""Files with a row per customer: read as text, then as numbers, with row and column of what is wrong."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.errors import LoadRefused

_SHOWN: Final = 60  # characters of a bad cell


def read_texts(place: Path, names: Sequence[str]) -> pl.DataFrame:
    """These columns as text without blanks around it, None where nothing is said, and ``row`` as a reader counts.

    Raises :class:`LoadRefused`.
    """
    try:
        with place.open("rb") as opened:
            packed = opened.read(2) == b"\x1f\x8b"
        with gzip.open(place, "rt", encoding="utf-8-sig") if packed else place.open(encoding="utf-8-sig") as text:
            first = text.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise LoadRefused(f"{place} cannot be read: {error}.") from error
    separator = max(",;\t", key=first.count)
    try:
        table = pl.read_csv(place, separator=separator, infer_schema=False)
    except pl.exceptions.NoDataError as error:
        raise LoadRefused(f"{place.name} is empty.", remedy="Export it anew.") from error
    except pl.exceptions.PolarsError as error:
        said = str(error).splitlines()[0]
        raise LoadRefused(f"{place.name} cannot be read as CSV: {said}", remedy="Export it anew.") from error
    there = {name.strip().lower(): name for name in table.columns}
    for name in names:
        if name not in table.columns and name.strip().lower() not in there:
            raise LoadRefused(
                f"{place.name} has no column {name!r}; it has: {', '.join(table.columns)}.",
                remedy="Name the columns as the file does.",
            )
    chosen = table.select(
        pl.col(name if name in table.columns else there[name.strip().lower()]).str.strip_chars().alias(name)
        for name in dict.fromkeys(names)
    )
    known = pl.when(pl.all() == "").then(None).otherwise(pl.all())
    return chosen.select(known.name.keep()).with_row_index("row", offset=2)


def numbers(file: str, table: pl.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column that must have a number in each row. Raises :class:`LoadRefused`, naming row and column."""
    cast = table[name].cast(pl.Float64, strict=False)
    wrong = cast.is_null() | cast.is_finite().not_().fill_null(value=True)
    if wrong.any():
        row, cell = table.filter(wrong).select("row", name).row(0)
        told = "nothing" if cell is None else f"{cell[:_SHOWN]!r}, which is no number,"
        raise LoadRefused(
            f"{file}, row {row}, column {name!r} has {told} where a number must be.",
            remedy="Correct the cell, or leave the row out.",
        )
    return cast.to_numpy()
