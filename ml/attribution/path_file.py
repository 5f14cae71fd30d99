"""Files of paths written out, ``search > email > direct``, with how often each ended in a conversion and in none."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from ml.attribution.paths import Codes, Floats, Paths, Rows, ends
from warehouse.errors import LoadRefused

MOST_TOUCHES: Final = 200  # of a path; what has more is no person's journey
UNKNOWN: Final = "(unknown)"

# Our names, and those of ChannelAttribution's users.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("path", "paths"),
    "conversions": ("conversions", "conversion", "total_conversions"),
    "value": ("value", "revenue", "total_conversion_value", "total_value"),
    "nulls": ("null", "nulls", "total_null", "null_paths"),
}
_HEAD: Final = 1 << 18  # bytes that are looked at to see how the file is written
_SOME_TOUCHES: Final = 50_000
_SHOWN: Final = 60  # characters of a bad cell


@dataclass(frozen=True, slots=True)
class PathFile:
    """What a file of ``rows`` rows holds.

    ``capped`` is how many distinct paths had more than 200 touches, of which the newest 200 are kept;
    ``unknown_touches`` how many touches in them had no name and stand under ``(unknown)``.
    """

    paths: Paths
    rows: int
    capped: int
    unknown_touches: int


def read_paths(file: Path | str) -> PathFile:
    """Read a CSV file with the columns path and conversions, and if it has them value and null.

    Columns are told apart by comma, semicolon or tab, touches by ``>``. The order of rows does not matter, and a path
    may stand in several. An empty cell is 0. A row without a path counts journeys without a known touch.

    Raises :class:`LoadRefused`, naming row and column.
    """
    place = Path(file)
    head = _head(place)
    kinds = {name: pl.String() if ours == "path" else pl.Float64() for ours, name in head.columns.items()}
    counts = [name for name in head.columns if name != "path"]
    try:
        lazy = pl.scan_csv(place, separator=head.separator, schema_overrides=kinds).select(
            pl.col(name).alias(ours) for ours, name in head.columns.items()
        )
        if head.repeats:
            added = [pl.col(counts).sum(), pl.col(counts).min().name.suffix("_least"), pl.len().alias("rows")]
            lazy = lazy.group_by("path").agg(*added).sort("path")
        frame = lazy.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise _refusal(place, head) from error
    numbers = [name for name in frame.columns if name not in {"path", "rows"}]
    wrong = frame.select(pl.any_horizontal((pl.col(numbers) < 0).any(), pl.col(numbers).is_finite().not_().any()))
    if frame.height and wrong.item():
        raise _refusal(place, head)
    columns = {
        ours: frame[ours].fill_null(0.0).to_numpy() if ours in head.columns else np.zeros(frame.height)
        for ours in ("conversions", "value", "nulls")
    }
    paths = paths_from_text(frame["path"].fill_null(""), **columns)
    rows = int(frame["rows"].sum()) if head.repeats else frame.height
    capped = int((paths.lengths > MOST_TOUCHES).sum())
    unknown = int((paths.steps == paths.place(UNKNOWN)).sum()) if UNKNOWN in paths.channels else 0
    return PathFile(newest(paths, MOST_TOUCHES) if capped else paths, rows, capped, unknown)


def paths_from_text(written: pl.Series, conversions: Floats, value: Floats, nulls: Floats) -> Paths:
    """Paths from texts such as ``search > email``; channels are put in alphabetical order."""
    channels, codes, lengths = _encoded(written, " > ")
    if any(">" in name or name != name.strip() or not name for name in channels):
        channels, codes, lengths = _encoded(written.str.replace_all(r"\s*>\s*", ">").str.strip_chars(), ">")
    paths = Paths(channels, codes, ends(lengths), conversions, value, nulls)
    return paths.named({"": UNKNOWN}) if "" in channels else paths


def newest(paths: Paths, most: int) -> Paths:
    """The paths cut to their newest ``most`` touches."""
    after = np.repeat(paths.offsets[1:], paths.lengths) - np.arange(paths.steps.size)
    return paths.keep(after <= most)


@dataclass(frozen=True, slots=True)
class _Head:
    """How a file is written: the names of its columns by ours, and whether paths stand in it more than once."""

    columns: Mapping[str, str]
    separator: str
    repeats: bool


def _head(file: Path) -> _Head:
    try:
        with file.open("rb") as opened:
            text = opened.read(_HEAD).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise LoadRefused(f"{file} cannot be read: {error.strerror}.") from error
    lines = text.splitlines()
    first = lines[0] if lines else ""
    separator = max(",;\t", key=first.count)
    names = next(csv.reader([first], delimiter=separator), [])
    found = {name.strip().strip('"').lower(): name for name in names}
    columns = {ours: found[name] for ours, alike in _COLUMNS.items() for name in alike[::-1] if name in found}
    for needed in ("path", "conversions"):
        if needed not in columns:
            raise LoadRefused(
                f"{file.name} has no column {needed!r}; it has: {', '.join(names) or 'nothing'}.",
                remedy="Name the columns path, conversions, and if they are there value and null.",
            )
    place = names.index(columns["path"])
    some = [row[place] for row in csv.reader(lines[1:-1], delimiter=separator) if len(row) > place]
    return _Head(columns, separator, len(set(some)) < 0.9 * len(some))


def _encoded(written: pl.Series, separator: str) -> tuple[tuple[str, ...], Codes, Rows]:
    """Channels in alphabetical order, the place of every touch among them, and the touches of each path."""
    there = pl.col("written") != ""
    if (written == "").any():
        lists = (
            written.to_frame("written").select(pl.when(there).then(pl.col("written").str.split(separator))).to_series()
        )
    else:
        lists = written.str.split(separator)
    lengths = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    touches = lists.drop_nulls().explode(empty_as_null=False)
    # Nearly always all channels are among the first touches, and looking at all of them once is saved.
    for some in (touches.head(_SOME_TOUCHES), touches):
        channels = some.unique().sort()
        codes = touches.cast(pl.Enum(channels), strict=False)
        if not codes.null_count():
            break
    return tuple(channels), codes.to_physical().to_numpy().astype(np.int32), lengths


def _refusal(file: Path, head: _Head) -> LoadRefused:
    """Why a file was not taken: the first cell that is no count."""
    remedy = "Correct the cell, or leave the row out."
    try:
        texts = pl.scan_csv(file, separator=head.separator, infer_schema=False).with_row_index("row", offset=2)
        for ours, name in head.columns.items():
            if ours == "path":
                continue
            number = pl.col(name).cast(pl.Float64, strict=False)
            bad = pl.col(name).is_not_null() & (number.is_null() | number.is_finite().not_() | (number < 0))
            found = texts.filter(bad).select("row", name).head(1).collect()
            if found.height:
                row, cell = found.row(0)
                return LoadRefused(
                    f"{file.name}, row {row}, column {name!r}: {cell[:_SHOWN]!r} is no count.", remedy=remedy
                )
    except pl.exceptions.PolarsError as error:
        return LoadRefused(f"{file.name} cannot be read as CSV: {str(error).splitlines()[0]}", remedy="Export it anew.")
    return LoadRefused(f"{file.name} cannot be read as CSV.", remedy="Export it anew.")
