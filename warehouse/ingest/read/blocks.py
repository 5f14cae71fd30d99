"""A block of delimited text -> a frame of its records, each with its physical line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from warehouse.ingest.read.records import (
    BrokenQuote,
    Lines,
    count_lines,
    ends_in_quotes,
    index_records,
    last_line_end,
    read_records,
)

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A record whose number of cells is not the header's."""

    line: int
    cells: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """The whole records of a block. Lines count from 0, the block's first.

    ``end`` is the offset behind the records and ``height`` the number of line ends before it.
    """

    frame: pl.DataFrame
    lines: Lines
    misfits: list[Misfit]
    end: int
    height: int


@dataclass(slots=True)
class BlockReader:
    """Reads one table's blocks. ``width`` is the number of its columns, which are called ``"0"``, ``"1"`` and so on.

    Most blocks have one record on every line; they are read by Arrow at once. A block with blank lines or with
    line ends in quotes is indexed first. A block whose quotes follow no rule is read by Python's own reader.
    """

    delimiter: str
    width: int
    _uneven: bool = field(default=False, init=False)  # the last block had not one record on every line

    def read(self, text: bytes, *, final: bool) -> Block:
        """The records that are whole in ``text``, which begins with a record.

        ``final`` says that nothing follows. Raises :class:`BrokenQuote` with the line, counted from 0.
        """
        block = None if self._uneven else self._read_even(text if final else text[: last_line_end(text)])
        if block is None:
            block = self._read_indexed(text, final=final)
        if block is None:
            block = self._read_leniently(text if final else text[: last_line_end(text)], final=final)
        return block

    def _read_even(self, text: bytes) -> Block | None:
        height = count_lines(text)
        lines = height + (not text.endswith((b"\n", b"\r")))
        frame, misfits = self._parse(text)
        if frame.height + len(misfits) != lines or ends_in_quotes(text, self.delimiter):
            self._uneven = True
            return None
        return _placed(frame, misfits, np.arange(lines, dtype=np.uint32), len(text), height)

    def _read_indexed(self, text: bytes, *, final: bool) -> Block | None:
        index = index_records(text, self.delimiter, final=final)
        if index is None:
            return None
        frame, misfits = self._parse(text[: index.end])
        if frame.height + len(misfits) != len(index.lines):
            return None
        height = count_lines(text[: index.end])
        self._uneven = height > len(index.lines)
        return _placed(frame, misfits, index.lines, index.end, height)

    def _read_leniently(self, text: bytes, *, final: bool) -> Block:
        rows: list[list[str]] = []
        lines: list[int] = []
        misfits: list[Misfit] = []
        line = end = 0
        for cells, source, whole in read_records(text.decode(), self.delimiter):
            raw = "".join(source)
            if not whole:
                if final:
                    raise BrokenQuote(line)
                break
            if len(cells) == self.width:
                rows.append(cells)
                lines.append(line)
            elif cells:
                misfits.append(Misfit(line, len(cells), raw.rstrip("\r\n")))
            line += len(source)
            end += len(raw.encode())
        frame = pl.DataFrame(rows, schema=dict.fromkeys(self._columns(), pl.String), orient="row")
        return Block(frame, np.array(lines, np.uint32), misfits, end, count_lines(text[:end]))

    def _parse(self, text: bytes) -> tuple[pl.DataFrame, list[Misfit]]:
        """All records of ``text`` by Arrow; a misfit's line is the number of records before it."""
        names = self._columns()
        misfits: list[Misfit] = []
        if not text or (text.isspace() and not text.strip(b"\r\n")):
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String)), misfits

        def keep(row: arrow_csv.InvalidRow) -> str:
            misfits.append(Misfit(row.number - 1, row.actual_columns, row.text))
            return "skip"

        # Arrow would take a byte order mark away, which is text when it is not at the beginning of the file.
        data = b"\n" + text if text.startswith(_BOM) else text
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            # One block whatever its size: then rows are numbered and quoted line ends need no second look.
            arrow_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=keep),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False),
        )
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type checker; a table becomes a frame
        return frame, misfits

    def _columns(self) -> list[str]:
        return [str(n) for n in range(self.width)]


def _placed(frame: pl.DataFrame, misfits: list[Misfit], lines: Lines, end: int, height: int) -> Block:
    if not misfits:
        return Block(frame, lines, misfits, end, height)
    numbers = np.array([m.line for m in misfits])
    placed = [Misfit(int(lines[m.line]), m.cells, m.text) for m in misfits]
    return Block(frame, np.delete(lines, numbers), placed, end, height)
