"""Small tables of text, as the reader would hand them over."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence

import polars as pl

from warehouse.ingest.contract import LINE, ParsedTable, RawTable, RejectedRow
from warehouse.ingest.parse import parse_table
from warehouse.ingest.read.headers import column_names

TODAY = dt.date(2026, 11, 22)


def table(
    text: str,
    *,
    name: str = "export.csv",
    preamble: Sequence[str] = (),
    delimiter: str = ",",
    batch: int = 1000,
    typed: bool = False,
    misfits: Sequence[RejectedRow] = (),
) -> RawTable:
    """A table whose first line is the header. Cells are trimmed of nothing."""
    header, *rows = list(csv.reader(io.StringIO(text.strip("\n")), delimiter=delimiter))
    first = len(preamble) + 2
    frames = [_frame(header, rows[i : i + batch], first + i) for i in range(0, len(rows), batch)]
    return RawTable(
        path=name,
        name=name.rsplit("/", 1)[-1],
        header=tuple(header),
        header_line=len(preamble) + 1,
        preamble=tuple(preamble),
        batches=iter(frames),
        misfits=list(misfits),
        typed=typed,
    )


def _frame(header: Sequence[str], rows: Sequence[Sequence[str]], line: int) -> pl.DataFrame:
    columns = {
        name: pl.Series([row[i] if i < len(row) else None for row in rows], dtype=pl.String)
        for i, name in enumerate(column_names(header))
    }
    lines = pl.Series(range(line, line + len(rows)), dtype=pl.UInt32)
    return pl.DataFrame({LINE: lines, **columns})


def parse(
    text: str | RawTable,
    *,
    source: str | None = None,
    mapping: Mapping[str, str] | None = None,
    currency: str | None = None,
    **options: object,
) -> tuple[ParsedTable, pl.DataFrame]:
    """Parse to the end: the table with its final counts, and all of its rows as one frame."""
    raw = table(text, **options) if isinstance(text, str) else text  # type: ignore[arg-type]
    parsed = parse_table(raw, source=source, mapping=mapping or {}, currency=currency, today=TODAY)
    frames = list(parsed.batches)
    rows = pl.concat(frames) if frames else pl.DataFrame(schema=dict(parsed.dataset.columns))
    assert parsed.tally.read == rows.height + parsed.tally.rejected + sum(parsed.tally.skipped.values())
    assert parsed.tally.rejected == len(parsed.rejected)
    return parsed, rows
