"""Bytes in whatever encoding -> bytes of UTF-8, streaming."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from warehouse.ingest.contract import Finding

NOT_TEXT = "\0"  # stands for bytes that no encoding explains; a record that holds one is not taken

_CHUNK = 2 << 20
_SNIFFED = 4096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ZEROS_MANY = 0.2  # share of zero bytes on one side of each pair, in text of any script with digits and commas
_ZEROS_FEW = 0.25  # share of those, on the other side: characters like Ā, whose low byte is zero
_INCOMPLETE_MOST = 3  # bytes of a UTF-8 character that a cut may leave behind
_CONTINUES, _LEADS = 0x80, 0xC0


def wide_encoding(head: bytes) -> tuple[str, int]:
    """The encoding that the first bytes prove, and the length of the byte order mark.

    ``("", 0)`` when they prove none: then it is UTF-8 or an older one-byte encoding, which only the rest can tell.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    pairs = len(head[:_SNIFFED]) // 2
    if pairs > 1:
        even = head[: 2 * pairs : 2].count(0) / pairs
        odd = head[1 : 2 * pairs : 2].count(0) / pairs
        if odd > _ZEROS_MANY and even < _ZEROS_FEW * odd:
            return "utf-16-le", 0
        if even > _ZEROS_MANY and odd < _ZEROS_FEW * even:
            return "utf-16-be", 0
    return "", 0


def utf8_chunks(stream: BinaryIO, head: bytes, notes: list[Finding]) -> Iterator[bytes]:
    """The text of ``stream`` as chunks of valid UTF-8 without byte order mark; ``head`` is a look at its beginning.

    Bytes that do not fit become :data:`NOT_TEXT`. A fallback to cp1252 is added to ``notes`` when it happens,
    which may be far into the file.
    """
    encoding, mark = wide_encoding(head)
    stream.read(mark)
    if encoding in ("", "utf-8"):
        yield from _utf8_or_cp1252(stream, notes, certain=bool(mark))
        return
    decoder = codecs.getincrementaldecoder(encoding)("causeway.not_text")
    while chunk := stream.read(_CHUNK):
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _utf8_or_cp1252(stream: BinaryIO, notes: list[Finding], *, certain: bool) -> Iterator[bytes]:
    """UTF-8 unless the first chunk that is not ASCII says otherwise; from there on the choice stands."""
    choice = "utf-8" if certain else ""
    kept = b""
    while chunk := stream.read(_CHUNK):
        data = kept + chunk if kept else chunk
        kept = b""
        if data.isascii():
            yield data
            continue
        if choice != "cp1252":
            data, kept = _whole_characters(data)
        if not choice:
            choice = _choose(data, notes)
        yield _mended(data, choice)
    if kept:
        yield _mended(kept, choice or _choose(kept, notes))


def _choose(data: bytes, notes: list[Finding]) -> str:
    text = data.decode("utf-8", "causeway.not_text")
    broken = text.count(NOT_TEXT) - data.count(0)
    # A file that is UTF-8 apart from a few damaged rows has more good characters than bad bytes; a file in
    # cp1252 has hardly any sequence that happens to be good UTF-8.
    if broken == 0 or sum(c >= "\x80" for c in text) > broken:
        return "utf-8"
    notes.append(
        Finding(
            "ENCODING_FALLBACK",
            "info",
            "The text is not UTF-8; it was read as Western European (cp1252). If accented letters look wrong, "
            "export the file again as UTF-8.",
        )
    )
    return "cp1252"


def _mended(data: bytes, encoding: str) -> bytes:
    if encoding == "cp1252":
        return data.decode("cp1252", "causeway.latin_1").encode()
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "causeway.not_text").encode()
    return data


def _whole_characters(data: bytes) -> tuple[bytes, bytes]:
    """``data`` cut before a UTF-8 character of which only the first bytes are there."""
    for back in range(1, min(_INCOMPLETE_MOST, len(data)) + 1):
        byte = data[-back]
        if byte >= _LEADS:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4  # as UTF-8's table has it
            return (data[:-back], data[-back:]) if back < needed else (data, b"")
        if byte < _CONTINUES:
            break
    return data, b""


def _as_not_text(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return NOT_TEXT * (error.end - error.start), error.end


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that cp1252 leaves undefined, as the control characters that Latin-1 has there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("causeway.not_text", _as_not_text)
codecs.register_error("causeway.latin_1", _as_latin_1)
