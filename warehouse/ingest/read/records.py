"""Where records begin and end in a block of delimited UTF-8, and which physical lines they stand on.

A line ends with LF, CR LF or a CR of its own. A record ends at a line end that is outside quotes; a line without
any character is no record.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LF, _CR, _QUOTE = b"\n"[0], b"\r"[0], b'"'[0]

Lines = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class RecordIndex:
    """The whole records of a block.

    ``lines`` holds for each the number of physical lines before it in the block; ``end`` is the offset behind the
    last of them (0 when the block holds no whole record).
    """

    lines: Lines
    end: int


class BrokenQuote(Exception):
    """A quote opens and is not closed properly. ``line`` counts the physical lines before the record that has it."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def count_lines(block: bytes) -> int:
    """The number of line ends."""
    feeds = block.count(b"\n")
    return feeds + block.count(b"\r") - block.count(b"\r\n") if b"\r" in block else feeds


def last_line_end(block: bytes) -> int:
    """The offset behind the last line end that is sure to be one: a CR at the very end may be half of a CR LF."""
    return max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1


def offset_of_line(block: bytes, line: int) -> int:
    """The offset behind the ``line``-th line end, or the block's length when it has fewer."""
    if not line:
        return 0
    ends = re.compile(rb"\r\n|\n|\r").finditer(block)
    for count, end in enumerate(ends, start=1):
        if count == line:
            return end.end()
    return len(block)


def ends_in_quotes(block: bytes, delimiter: str) -> bool:
    """Whether a quote is still open at the end of the block's last line, given that none is at its beginning."""
    stop = len(block)
    while stop and block[stop - 1] in b"\r\n":
        stop -= 1
    last = block[max(block.rfind(b"\n", 0, stop), block.rfind(b"\r", 0, stop)) + 1 :]
    if b'"' not in last:
        return False
    return any(not whole for _, _, whole in read_records(last.decode(), delimiter))


def index_records(block: bytes, delimiter: str, *, final: bool) -> RecordIndex | None:
    """The index of a block that begins with a record, or ``None`` when its quotes are not those of RFC 4180.

    ``final`` says that nothing follows the block, so that its last line may lack a line end. Where every quote
    opens at the beginning of a cell, closes at its end or is doubled, the number of quotes before a line end tells
    whether it is inside quotes. Raises :class:`BrokenQuote` when a quote is open at the end of a final block.
    """
    data = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    if not _cleanly_quoted(data, quotes, ord(delimiter)):
        return None
    terminators = _terminators(data, final=final)
    outside = np.searchsorted(quotes, terminators) % 2 == 0
    stops = terminators[outside]
    behind = stops + 1
    if final and len(quotes) % 2:
        raise BrokenQuote(int(np.searchsorted(terminators, quotes[-1])))
    if final and (not len(behind) or behind[-1] < len(data)):
        stops = np.append(stops, len(data))
        behind = np.append(behind, len(data))
    if not len(behind):
        return RecordIndex(np.empty(0, np.uint32), 0)
    starts = np.concatenate(([0], behind[:-1]))
    blank = (starts == stops) | ((stops - starts == 1) & (data[starts] == _CR))
    starts = starts[~blank]
    return RecordIndex(np.searchsorted(terminators, starts).astype(np.uint32), int(behind[-1]))


def read_records(text: str, delimiter: str) -> Iterator[tuple[list[str], list[str], bool]]:
    """Cells, physical lines and wholeness of each record, blank lines included, by Python's own lenient reader.

    Slow, and what decides where quotes are not those of RFC 4180. Only the last record can be not whole: its quote
    is open at the end of the text. Raises :class:`BrokenQuote` for a quoted cell that goes over several lines and
    whose closing quote is followed by more text: there a quote was forgotten, and lines would be swallowed.
    """
    taken: list[str] = []
    ended = False

    def lines() -> Iterator[str]:
        nonlocal ended
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line
        ended = True

    before = 0
    for cells in csv.reader(lines(), delimiter=delimiter):
        mine, taken[:] = taken[:], []
        if len(mine) > 1:
            _check_quotes(mine, delimiter, before)
        yield cells, mine, not ended
        before += len(mine)


def _check_quotes(lines: list[str], delimiter: str, before: int) -> None:
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            raise BrokenQuote(before) from error


def _terminators(data: npt.NDArray[np.uint8], *, final: bool) -> npt.NDArray[np.intp]:
    """The offsets of line ends: of each LF and of each CR that no LF follows."""
    feeds = data == _LF
    returns = data == _CR
    if returns.any():
        returns[:-1] &= ~feeds[1:]
        if not final and len(data):
            returns[-1] = False  # perhaps half of a CR LF
        feeds |= returns
    return np.flatnonzero(feeds)


def _cleanly_quoted(data: npt.NDArray[np.uint8], quotes: npt.NDArray[np.intp], delimiter: int) -> bool:
    if not len(quotes):
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    line_end = np.array([_LF], np.uint8)
    before = np.concatenate((line_end, data))[opening]
    after = np.concatenate((data, line_end))[closing + 1]
    return bool(_may_touch(before, delimiter).all() and _may_touch(after, delimiter).all())


def _may_touch(neighbours: npt.NDArray[np.uint8], delimiter: int) -> npt.NDArray[np.bool_]:
    return np.isin(neighbours, np.array([_QUOTE, delimiter, _LF, _CR], np.uint8))


# A cell may be longer than the 128 KiB that the reader allows unless told; blocks bound it.
csv.field_size_limit(1 << 30)
