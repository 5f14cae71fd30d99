"""Excel workbooks -> a table for each visible sheet that has data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import fastexcel
import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import LINE, Finding, RawTable
from warehouse.ingest.read.delimited import take_out_footers, take_out_not_text
from warehouse.ingest.read.headers import Record, column_names, find_header
from warehouse.ingest.read.streams import Source, damaged
from warehouse.ingest.read.text import number_as_text

_SAMPLED = 60  # rows that the header is looked for in
_MIDNIGHT = r"^\d{4}-\d\d-\d\d 00:00:00$"
_TIME = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$"
_PERHAPS_INEXACT = r"^-?[\d.]{16,}$|\.\d{7,}$"  # a double that the workbook's reader wrote with digits it does not have

_Kind = Literal["string", "float", "boolean"]


def read_workbook(content: bytes, source: Source, vocabulary: frozenset[str]) -> Iterator[RawTable]:
    """The tables of a workbook that is ``content``, found at ``source``; the line of a record is its row in the sheet.

    Numbers are written without exponent or ``.0``, days as ISO dates. A number of 16 digits or more has lost its
    last ones in Excel and is written in E-notation. A row without any value is no record. Raises
    :class:`LoadRefused` when no visible sheet has data.
    """
    try:
        book = fastexcel.read_excel(content)
    except fastexcel.FastExcelError as error:
        raise damaged(source.path, "Excel workbook", error, "Open it in Excel, save it again as .xlsx.") from error
    notes = _wrong_suffix(source)
    found = False
    several = len(book.sheet_names) > 1
    for sheet in book.sheet_names:
        path = f"{source.path}#{sheet}" if several else source.path
        rows = _rows(book, sheet, path)
        if rows is None:
            continue
        found = True
        table = _table(rows, path, source.name, vocabulary)
        table.notes += notes
        notes = []
        yield table
    if not found:
        raise LoadRefused(f"{source.path} is a workbook without data.", remedy="Download it again.")


def _rows(book: fastexcel.ExcelReader, sheet: str, path: str) -> pl.DataFrame | None:
    """The sheet's rows that are not blank, as text behind :data:`LINE`; ``None`` when hidden or empty."""
    text = _load(book, sheet, path, "string")
    if text is None or not text.width or not text.height:
        return None
    text = text.with_columns(_without_midnights(text))
    text = text.with_columns(_without_invented_digits(text, book, sheet, path))
    text = text.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.UInt32))
    text = text.filter(pl.any_horizontal((pl.exclude(LINE).is_not_null()) & (pl.exclude(LINE) != "")))
    return text if text.height else None


def _table(rows: pl.DataFrame, path: str, name: str, vocabulary: frozenset[str]) -> RawTable:
    sample = [Record(_up_to_last(cells), line, line) for line, *cells in rows.head(_SAMPLED).iter_rows()]
    header = find_header(sample, vocabulary) or sample[0]
    width = len(header.cells)
    above = [r.cells for r in sample if r.line < header.line]
    body = rows.filter(pl.col(LINE) > header.line)
    # A column to the right of the header without a name is kept when it has values: nothing is lost silently.
    while width + 1 < body.width and body.to_series(width + 1).drop_nulls().len():
        width += 1
    body = body.select(body.columns[: width + 1])
    cells = header.cells + ("",) * (width - len(header.cells))
    body.columns = [LINE, *column_names(cells)]
    table = RawTable(
        path=path,
        name=name,
        header=cells,
        header_line=header.line,
        preamble=tuple(", ".join(c for c in r if c) for r in above),
        batches=iter(()),
        typed=True,
    )
    table.batches = _batches(table, body)
    return table


def _batches(table: RawTable, body: pl.DataFrame) -> Iterator[pl.DataFrame]:
    kept = take_out_footers(body)
    table.footers = body.height - kept.height
    yield take_out_not_text(kept, table.misfits, "\t")


def _load(book: fastexcel.ExcelReader, sheet: str, path: str, kind: _Kind) -> pl.DataFrame | None:
    """All rows of a sheet from its first, as one type; ``None`` when the sheet is hidden."""
    try:
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=kind)
        if loaded.visible != "visible":
            return None
        frame = loaded.to_polars()
    except fastexcel.FastExcelError as error:
        raise damaged(path, "Excel workbook", error, "Open it in Excel, save it again as .xlsx.") from error
    frame.columns = [str(n) for n in range(frame.width)]
    return frame


def _without_midnights(text: pl.DataFrame) -> list[pl.Series]:
    """The columns whose every time is midnight, as days: Excel has no type for a day alone."""
    days = []
    for column in text.iter_columns():
        times = column.str.contains(_TIME)
        if times.any() and column.filter(times.fill_null(value=False)).str.contains(_MIDNIGHT).all():
            days.append(column.str.replace(" 00:00:00", "", literal=True))
    return days


def _without_invented_digits(text: pl.DataFrame, book: fastexcel.ExcelReader, sheet: str, path: str) -> list[pl.Series]:
    """The columns where a number was written with more or fewer digits than its double has, written exactly."""
    suspect = [c.name for c in text.iter_columns() if c.str.contains(_PERHAPS_INEXACT).any()]
    if not suspect:
        return []
    # Cells that are text are null in one of the two: a text that looks like a number is left as it is.
    is_number = _load(book, sheet, path, "boolean")
    doubles = _load(book, sheet, path, "float")
    if is_number is None or doubles is None:
        return []
    return [
        pl.Series(
            name,
            [
                number_as_text(double) if number is not None and double is not None else cell
                for cell, number, double in zip(text[name], is_number[name], doubles[name], strict=True)
            ],
            dtype=pl.String,
        )
        for name in suspect
    ]


def _up_to_last(cells: list[str | None]) -> tuple[str, ...]:
    """The cells up to the last that is filled, blanks as empty text."""
    filled = [cell or "" for cell in cells]
    while filled and not filled[-1]:
        filled.pop()
    return tuple(filled)


def _wrong_suffix(source: Source) -> list[Finding]:
    if source.name.endswith((".xlsx", ".xlsm")):
        return []
    words = f"{source.name} is an Excel workbook in spite of its name; it was read as one."
    return [Finding("WRONG_SUFFIX", "info", words)]
