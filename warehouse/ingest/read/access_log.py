"""The access log of a web server, in the combined format of Apache and nginx, -> a table without addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from warehouse.ingest.contract import LINE, Finding, RawTable, RejectedRow
from warehouse.ingest.read.cursor import Cursor
from warehouse.ingest.read.delimited import RAW_KEPT, take_out_not_text
from warehouse.ingest.read.encoding import NOT_TEXT, utf8_chunks
from warehouse.ingest.read.records import last_line_end
from warehouse.ingest.read.streams import Source

HEADER: Final = ("log time", "log method", "log request", "log status", "log referrer", "log agent")

# A virtual host before the address, or nothing; address, identity and user are passed over.
_RECORD: Final = (
    r"^(?:[\w.:-]+ )?\S+ \S+ \S+ \[(?P<time>[^\]]+)\] "
    r'"(?P<method>[A-Z]+) (?P<request>[^" ]+)[^"]*" (?P<status>\d{3}) (?:\d+|-)'
    r'(?: "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)")?'
)
_FIRST: Final = re.compile(_RECORD)
_LINE_MOST: Final = 1 << 20


def looks_like_access_log(text: str) -> bool:
    """Whether the first line is a record of such a log."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    return _FIRST.match(first[:_LINE_MOST]) is not None


def read_access_log(source: Source) -> Iterator[RawTable]:
    """The one table of a log."""
    notes: list[Finding] = []
    cursor = Cursor(utf8_chunks(source.stream, source.look(), notes))
    table = RawTable(source.path, source.name, HEADER, 0, (), iter(()), typed=True, notes=notes)
    table.batches = _batches(table, cursor)
    yield table


def _batches(table: RawTable, cursor: Cursor) -> Iterator[pl.DataFrame]:
    while True:
        text, ended = cursor.window()
        if not text:
            return
        end = len(text) if ended else last_line_end(text) or len(text)
        lines = text[:end].decode().split("\n")
        frame = pl.DataFrame({"line": lines}).with_row_index(LINE, offset=cursor.line)
        cursor.take(end, len(lines) - 1)
        frame = frame.filter(pl.col("line").str.strip_chars() != "")
        read = frame.select(pl.col(LINE).cast(pl.UInt32), pl.col("line").str.extract_groups(_RECORD)).unnest("line")
        unread = read["time"].is_null()
        for number, line in frame.filter(unread).iter_rows():
            raw = _without_address(line)[:RAW_KEPT]
            table.misfits.append(RejectedRow(number, None, "NOT_A_REQUEST", "is no record of the combined format", raw))
        read.columns = [LINE, *HEADER]
        read = read.filter(~unread)
        if any(c.str.contains(NOT_TEXT, literal=True).any() for c in read.iter_columns() if c.dtype == pl.String):
            read = take_out_not_text(read, table.misfits, " ")
        yield read


def _without_address(line: str) -> str:
    """What is kept of a record that cannot be read: nothing that may tell who it was."""
    told = line.partition("[")[2] or "(without a time)"
    return told.replace(NOT_TEXT, "\N{REPLACEMENT CHARACTER}")
