"""CSV and its relatives -> tables."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import LINE, Finding, RawTable, RejectedRow
from warehouse.ingest.read.blocks import BlockReader
from warehouse.ingest.read.cursor import BLOCK, Cursor, Section
from warehouse.ingest.read.encoding import NOT_TEXT, utf8_chunks
from warehouse.ingest.read.headers import Layout, column_names, find_layout, reads_like_header
from warehouse.ingest.read.records import BrokenQuote, count_lines, offset_of_line, read_records
from warehouse.ingest.read.streams import Source

RAW_KEPT = 2000  # characters of a record that is not taken

_RECORD_MOST = 16 << 20  # bytes; a "record" that is longer is a quote that nobody closed
_HOPELESS = 1000  # records without a single one that fits the header
_REPLACED = "\N{REPLACEMENT CHARACTER}"  # PostgreSQL's text cannot hold NUL
_COPYRIGHT = r"(?i)^[\s\"]*(?:©|\(c\)|copyright)\s*\d{4}\b"
_FOOTER = re.compile(_COPYRIGHT + r"|^[\s\"]*#(?:[\s-]|$)")
_COMMENT_LINE = re.compile(r"#(?:[\s-]|$)")


def read_delimited(source: Source, vocabulary: frozenset[str]) -> Iterator[RawTable]:
    """The tables of a text file: one, or where comment lines head several (as GA4 writes them) each of them.

    A table is to be read before the next is asked for; what is left of it then is passed over. Raises
    :class:`LoadRefused` for text without a table.
    """
    notes: list[Finding] = []
    cursor = Cursor(utf8_chunks(source.stream, source.look(), notes))
    number = 0
    while True:
        text, ended = cursor.window()
        if not text or text.isspace():
            break
        comments = _leading_comments(text, vocabulary)
        try:
            layout = find_layout(_sample(text[offset_of_line(text, comments) :], ended=ended), vocabulary)
        except BrokenQuote as error:
            raise _broken_quote(source.path, cursor.line + comments + error.line) from error
        if layout is None:
            break
        preamble, header_line, below = _heading(text, layout, comments)
        number += 1
        table = RawTable(
            path=source.path if number == 1 else f"{source.path}#{number}",
            name=source.name,
            header=tuple(_storable(c) for c in layout.header.cells),
            header_line=cursor.line + header_line - 1,
            preamble=preamble,
            batches=iter(()),
        )
        cursor.take(below, count_lines(text[:below]))
        part = _section(cursor, layout.delimiter) if comments else cursor
        table.batches = _noted(_batches(table, part, layout.delimiter), table, notes)
        yield table
        for _ in table.batches:
            table.misfits.clear()
    if not number:
        raise LoadRefused(f"{source.path} holds no table, only blank lines or comments.", remedy="Download it again.")


def take_out_not_text(frame: pl.DataFrame, misfits: list[RejectedRow], delimiter: str) -> pl.DataFrame:
    """``frame`` without the rows that hold :data:`NOT_TEXT`, which are added to ``misfits``."""
    holds = pl.any_horizontal(pl.col(pl.String).str.contains(NOT_TEXT, literal=True).fill_null(value=False))
    mask = frame.select(holds).to_series()
    if not mask.any():
        return frame
    for line, *cells in frame.filter(mask).iter_rows():
        raw = _storable(delimiter.join(c or "" for c in cells))[:RAW_KEPT]
        reason = "holds a NUL or bytes that are no text; export the file again"
        misfits.append(RejectedRow(line, None, "NOT_TEXT", reason, raw))
    return frame.filter(~mask)


def take_out_footers(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` without the rows that have nothing but a copyright line in the first cell."""
    first, *others = frame.columns[1:]
    copyright_line = pl.col(first).str.contains(_COPYRIGHT)
    empty = pl.all_horizontal(pl.col(c).fill_null("") == "" for c in others) if others else pl.lit(value=True)
    return frame.filter(~(copyright_line & empty).fill_null(value=False))


def _noted(batches: Iterator[pl.DataFrame], table: RawTable, notes: list[Finding]) -> Iterator[pl.DataFrame]:
    """``batches``, where what the decoding noticed meanwhile is handed to the table that is being read."""
    for frame in batches:
        table.notes += notes
        notes.clear()
        yield frame


def _batches(table: RawTable, cursor: Cursor, delimiter: str) -> Iterator[pl.DataFrame]:
    names = column_names(table.header)
    reader = BlockReader(delimiter, len(names))
    size = BLOCK
    hopeless = True
    while True:
        text, ended = cursor.window(size)
        if not text:
            return
        first = cursor.line
        try:
            block = reader.read(text, final=ended)
        except BrokenQuote as error:
            raise _broken_quote(table.path, first + error.line) from error
        if not block.end:
            if size > _RECORD_MOST:
                raise LoadRefused(
                    f"{table.path}: the record that begins on line {first} does not end within "
                    f"{_RECORD_MOST >> 20} MB; a quote near there is not closed, or this is no table.",
                    remedy="Close the quote, or export the file again.",
                )
            size *= 2
            continue
        size = BLOCK
        for misfit in block.misfits:
            _place(table, first + misfit.line, misfit.cells, misfit.text)
        not_text = text.find(b"\0", 0, block.end) >= 0
        copyright_sign = text.find(b"\xa9", 0, block.end) >= 0  # its second byte, which is quicker to find
        cursor.take(block.end, block.height)
        frame = block.frame
        frame.columns = names
        frame.insert_column(0, pl.Series(LINE, block.lines, pl.UInt32) + first)
        if not_text:
            frame = take_out_not_text(frame, table.misfits, delimiter)
        if copyright_sign:
            kept = take_out_footers(frame)
            table.footers += frame.height - kept.height
            frame = kept
        hopeless = hopeless and not frame.height
        if hopeless and len(table.misfits) > _HOPELESS:
            raise LoadRefused(
                f"{table.path}: none of its first {len(table.misfits)} records has the {len(names)} cells that the "
                f"header on line {table.header_line} has.",
                remedy="Export it again, without a change of the delimiter in between.",
            )
        yield frame


def _place(table: RawTable, line: int, cells: int, text: str) -> None:
    """Count a record that does not fit as a footer, or keep it as a misfit."""
    if not text.strip().strip("\x1a"):  # MS-DOS ended its files with it
        return
    if _FOOTER.match(text):
        table.footers += 1
        return
    reason = f"has {cells} cell{'s' if cells != 1 else ''}, the header has {len(table.header)}"
    table.misfits.append(RejectedRow(line, None, "CELL_COUNT", reason, _storable(text)[:RAW_KEPT]))


def _leading_comments(text: bytes, vocabulary: frozenset[str]) -> int:
    """How many lines of comments and blanks the text begins with; 0 when the first line is no comment."""
    lines = _lines(_sample(text, ended=False))
    first = next((line for line in lines if line.strip()), "")
    if not _COMMENT_LINE.match(first):
        return 0
    layout = find_layout(first, vocabulary)
    if layout and layout.known:  # a header whose first name begins with "# "
        return 0
    count = 0
    for line in lines:
        if line.strip() and not _COMMENT_LINE.match(line):
            break
        count += 1
    return count


def _heading(text: bytes, layout: Layout, comments: int) -> tuple[tuple[str, ...], int, int]:
    """The lines above the header, the header's line (from 1 in ``text``) and the offset behind it."""
    header_line = comments + layout.header.line
    above = text[: offset_of_line(text, header_line - 1)].decode()
    below = offset_of_line(text, comments + layout.header.ends)
    return tuple(_preamble(above, layout.delimiter)), header_line, below


def _preamble(above: str, delimiter: str) -> Iterator[str]:
    """The lines that are not blank; one whose only filled cell is the first gives that cell."""
    for line in _lines(above):
        cells: Sequence[str] = next((c for c, _, _ in read_records(line, delimiter)), ())
        filled = [c for c in cells if c.strip()]
        if filled:
            yield _storable(filled[0] if len(filled) == 1 else line).strip()


def _section(cursor: Cursor, delimiter: str) -> Section:
    def announces(line: bytes) -> bool:
        return any(reads_like_header(cells) for cells, _, _ in read_records(line.decode(), delimiter) if cells)

    return Section(cursor, announces)


def _sample(text: bytes, *, ended: bool) -> str:
    """The beginning of the text, without a last line that may be cut."""
    lines = 100
    cut = offset_of_line(text, lines)
    if cut == len(text) and not ended:
        cut = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1 or len(text)
    return text[:cut].decode()


def _lines(text: str) -> list[str]:
    """The physical lines without their ends."""
    return [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]


def _broken_quote(path: str, line: int) -> LoadRefused:
    return LoadRefused(
        f"{path}: a quote that opens near line {line} is not closed.",
        remedy="Close the quote, or export the file again.",
    )


def _storable(text: str) -> str:
    return text.replace(NOT_TEXT, _REPLACED)
