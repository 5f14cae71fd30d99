"""How an answer is written down: CSV, JSON, or a table for people. Nothing is held in memory but a batch."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from warehouse.errors import BadQuery, BadSetting
from warehouse.queries.tables import Answer, Column

MOST_TABLE_ROWS = 1_000


def write_csv(answer: Answer, out: TextIO) -> int:
    """Comma separated with a header line; the number of rows.

    Text that a spreadsheet would take for a formula gets an apostrophe in front. Unknown values are empty.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([harmless(column.name) for column in answer.columns])
    rows = 0
    for batch in answer.batches:
        writer.writerows([_csv_cell(value) for value in row] for row in batch)
        rows += len(batch)
    return rows


def write_json(answer: Answer, out: TextIO) -> int:
    """A list of objects: exact decimals as strings, days and moments in ISO 8601; the number of rows.

    Raises :class:`BadQuery` when two columns have one name.
    """
    names = distinct_names(answer.columns)
    rows = 0
    out.write("[")
    for batch in answer.batches:
        for row in batch:
            out.write(",\n " if rows else "\n ")
            out.write(json.dumps(dict(zip(names, map(jsonable, row), strict=True)), ensure_ascii=False))
            rows += 1
    out.write("\n]\n" if rows else "]\n")
    return rows


def write_table(answer: Answer, out: TextIO) -> int:
    """A table for people, of the first ``MOST_TABLE_ROWS`` rows; the number of rows shown."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in answer.columns:
        table.add_column(column.name, justify="right" if column.kind in _NUMBERS else "left", overflow="fold")
    shown, more = 0, False
    for batch in answer.batches:
        for row in batch[: MOST_TABLE_ROWS - shown]:
            table.add_row(*(plain(value) for value in row))
        more = len(batch) > MOST_TABLE_ROWS - shown
        shown += min(len(batch), MOST_TABLE_ROWS - shown)
        if more:
            break
    width = None if out.isatty() else _ENDLESS  # what is not a terminal has no width to keep to
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    console.print(table)
    if more:
        console.print(f"The first {shown:,} rows; --format csv writes all.")
    return shown


def answer_of(rows: Sequence[Any]) -> Answer:
    """Instances of one frozen dataclass as rows, one column per field."""
    names = [field.name for field in dataclasses.fields(rows[0])] if rows else []
    batch = [tuple(getattr(row, name) for name in names) for row in rows]
    return Answer(tuple(Column(name, "text", None) for name in names), iter([batch]))


def jsonable(value: Any) -> Any:
    """A value of PostgreSQL as JSON has it: exact decimals as strings, days and moments in ISO 8601."""
    match value:
        case None | bool() | int() | str():
            known: Any = value
        case Decimal():
            known = f"{value:f}"
        case float():
            known = value if math.isfinite(value) else None
        case dt.date() | dt.time():  # a datetime is a date
            known = value.isoformat()
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            known = jsonable({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
        case Mapping():
            known = {str(key): jsonable(item) for key, item in value.items()}
        case list() | tuple():
            known = [jsonable(item) for item in value]
        case memoryview() | bytes():
            known = bytes(value).hex()
        case _:
            known = str(value)
    return known


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write to, which takes its place when the block ends well and goes away otherwise.

    Raises :class:`BadSetting` when the folder cannot be written to.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise BadSetting(message, remedy="Name a file in a folder that exists and is yours.") from error
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o666 & ~_umask())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _umask() -> int:
    """The process's mask of permissions, which can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_NUMBERS = {"integer", "decimal", "real"}
_ENDLESS = 100_000


def distinct_names(columns: tuple[Column, ...]) -> list[str]:
    """The columns' names. Raises :class:`BadQuery` when two are the same."""
    names = [column.name for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadQuery(f"Two columns are named {twice!r}.", remedy=f'Rename one of them: ... AS "{twice}_2".')
    return names


def _csv_cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else plain(value)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def plain(value: Any) -> str:
    """A value as people and spreadsheets read it; unknown is empty."""
    known = jsonable(value)
    if known is None:
        return ""
    return known if isinstance(known, str) else json.dumps(known, ensure_ascii=False)
