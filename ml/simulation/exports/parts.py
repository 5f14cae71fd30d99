"""Exports that come in parts, one file a month or a year, written while the world still unfolds, day after day.

Days are gathered into blocks before they are written, for many small frames cost more than one large one. What is
packed bears neither a date nor a name, so that the same rows give the same bytes. A file gets its name when it is
whole, so that it can be loaded while the next one is written.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

Encode = Callable[[pl.DataFrame], bytes]

_LEVEL = 1  # of gzip: a third of the time of its default for a few more bytes
_BLOCK = 10_000  # rows that are gathered before they are written; a visit becomes four events of 800 bytes


@dataclass(slots=True)
class Part:
    """One file: how many records (lines below the header) it holds, and its first and last day."""

    path: Path
    rows: int
    first_day: date
    last_day: date


class Parts:
    """The files ``name_PERIOD.suffix.gz`` of one folder: of months (``2026-03``) or of years (``2026``).

    ``encode`` turns rows into lines, one a record; ``header`` is the first line of every file where the shape has
    one. Days come in order.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        suffix: str,
        encode: Encode,
        header: str | None = None,
        *,
        yearly: bool = False,
    ) -> None:
        self._parts: list[Part] = []
        self._folder, self._name, self._suffix = folder, name, suffix
        self._encode, self._header = encode, header
        self._period, self._pattern = "", "%Y" if yearly else "%Y-%m"
        self._file: gzip.GzipFile | None = None
        self._waiting: dict[Encode, list[pl.DataFrame]] = {}
        self._open = ExitStack()

    def add(self, day: date, rows: pl.DataFrame, encode: Encode | None = None) -> None:
        """Append rows of a day; ``encode`` is for rows of another kind than the usual ones of these files."""
        if rows.is_empty():
            return
        period = day.strftime(self._pattern)
        if period != self._period:
            self._close()
            self._period = period
            self._parts.append(Part(self._folder / f"{self._name}_{period}.{self._suffix}.gz", 0, day, day))
        self._waiting.setdefault(encode or self._encode, []).append(rows)
        self._parts[-1].last_day = day
        if sum(block.height for blocks in self._waiting.values() for block in blocks) >= _BLOCK:
            self._flush()

    def finish(self) -> list[Part]:
        """Write what is waiting and close the last file; all files, in order."""
        self._close()
        return self._parts

    def _flush(self) -> None:
        if not self._waiting:
            return
        part = self._parts[-1]
        if self._file is None:
            self._file = open_packed(_unfinished(part.path), self._open)
            self._file.write(f"{self._header}\n".encode() if self._header else b"")
        for encode, blocks in self._waiting.items():
            lines = encode(pl.concat(blocks))
            part.rows += lines.count(b"\n")
            self._file.write(lines)
        self._waiting.clear()

    def _close(self) -> None:
        self._flush()
        self._open.close()
        if self._file is not None:
            _unfinished(self._parts[-1].path).rename(self._parts[-1].path)
        self._file = None


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def open_packed(path: Path, stack: ExitStack) -> gzip.GzipFile:
    """A gzip file for writing that ``stack`` closes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    below = stack.enter_context(path.open("wb"))
    return stack.enter_context(gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=below, mtime=0))
