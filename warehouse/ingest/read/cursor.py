"""A place in a stream of text: how far it was read, and on which physical line that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from warehouse.ingest.read.records import last_line_end

BLOCK = 4 << 20  # bytes of text that are taken at a time

_COMMENT = re.compile(rb"^#(?=[\s-]|\Z)", re.MULTILINE)
_COMMENTS = re.compile(rb"(?:[ \t]*(?:#(?=[\s-])[^\r\n]*)?(?:\r\n|\n|\r))*")  # a run of comments and blank lines


class Cursor:
    """Text that is looked at in growing windows and taken from the front."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._pending = b""
        self._ended = False
        self.line = 1  # the physical line of the first byte that was not taken

    def window(self, size: int = BLOCK) -> tuple[bytes, bool]:
        """At least ``size`` bytes of what was not taken, and whether nothing follows them."""
        if len(self._pending) < size and not self._ended:
            parts = [self._pending]
            have = len(self._pending)
            while have < size:
                chunk = next(self._chunks, None)
                if chunk is None:
                    self._ended = True
                    break
                parts.append(chunk)
                have += len(chunk)
            self._pending = b"".join(parts)
        return self._pending, self._ended

    def take(self, count: int, lines: int) -> None:
        """Leave ``count`` bytes behind, in which ``lines`` lines end."""
        self.line += lines
        self._pending = self._pending[count:]


class Section(Cursor):
    """The part of a cursor's text that ends where comment lines announce the next table."""

    def __init__(self, whole: Cursor, announces: Callable[[bytes], bool]) -> None:
        """``announces`` is asked with the line below a run of comments whether it is a header."""
        super().__init__(iter(()))
        self._whole = whole
        self._announces = announces
        self._checked = 0  # bytes of the window in which no next table begins
        self.line = whole.line

    def window(self, size: int = BLOCK) -> tuple[bytes, bool]:
        text, ended = self._whole.window(size)
        while (found := _COMMENT.search(text, self._checked)) is not None:
            below = _COMMENTS.match(text, found.start())
            behind = below.end() if below else found.start()
            rest = text[behind : behind + BLOCK]
            stop = last_line_end(rest)
            if not ended and not stop:
                text, ended = self._whole.window(len(text) + BLOCK)
                continue
            first = rest[:stop].splitlines()[0] if stop else rest
            if behind > found.start() and self._announces(first):
                return text[: found.start()], True
            self._checked = max(behind, found.start() + 1)
        return text, ended

    def take(self, count: int, lines: int) -> None:
        self._whole.take(count, lines)
        self._checked = max(0, self._checked - count)
        self.line = self._whole.line
