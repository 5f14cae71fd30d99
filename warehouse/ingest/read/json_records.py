"""JSON -> a table: one object a line, an array of objects, or an API's answer with such an array in it.

The names of the objects are the header; what is nested stays JSON, into which a source's aliases reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson
import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import LINE, Finding, RawTable, RejectedRow
from warehouse.ingest.read.cursor import Cursor
from warehouse.ingest.read.delimited import RAW_KEPT, take_out_not_text
from warehouse.ingest.read.encoding import NOT_TEXT, utf8_chunks
from warehouse.ingest.read.headers import column_names, normalise_header
from warehouse.ingest.read.records import last_line_end
from warehouse.ingest.read.streams import Source
from warehouse.ingest.read.text import number_as_text

_DOCUMENT_MOST: Final = 256 << 20  # bytes; an API answers in pages that are far smaller
_LINE_MOST: Final = 64 << 20
_KNOWN_NEEDED: Final = 2
_DEEPEST: Final = 4
_RECORDS: Final = 20_000  # in a batch of a document

Record = dict[str, Any]


def read_json(source: Source, vocabulary: frozenset[str]) -> Iterator[RawTable]:
    """The one table of a JSON file.

    Raises :class:`LoadRefused` for JSON that holds no records of which at least two names are known.
    """
    notes: list[Finding] = []
    cursor = Cursor(utf8_chunks(source.stream, source.look(), notes))
    text, ended = cursor.window()
    if _is_lines(text):
        blocks = _lines(source, cursor)
    else:
        while not ended and len(text) <= _DOCUMENT_MOST:
            text, ended = cursor.window(2 * len(text))
        blocks = _document(source, text)
    first = next(blocks, ([], [], []))
    header = tuple(dict.fromkeys(_storable(name) for record in first[1] for name in record))
    if len({normalise_header(name) for name in header} & vocabulary) < _KNOWN_NEEDED:
        named = ", ".join(header[:5]) or "nothing"
        raise LoadRefused(
            f"{source.path} is a JSON file without records that are known; it names {named}.",
            remedy="Load the export itself: one JSON object a line, an array of them, or a page of the API's answer.",
        )
    table = RawTable(source.path, source.name, header, 0, (), iter(()), typed=True, notes=notes)
    table.batches = _batches(table, first, blocks)
    yield table


Block = tuple[list[int], list[Record], list[RejectedRow]]  # lines, records, what is no record


def _is_lines(text: bytes) -> bool:
    """Whether the first line is a whole object, so that more may follow on lines of their own."""
    line, _, rest = text.lstrip().partition(b"\n")
    if not line.startswith(b"{") or (rest.strip() and not rest.lstrip().startswith(b"{")):
        return False
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return bool(rest.strip()) and line.rstrip() != b"{"
    return bool(rest.strip()) or _array_in(record, _DEEPEST) is None


def _lines(source: Source, cursor: Cursor) -> Iterator[Block]:
    size = 0
    while True:
        text, ended = cursor.window(*([size] if size else []))
        if not text:
            return
        end = len(text) if ended else last_line_end(text)
        if not end:
            size = 2 * len(text)
            if size > _LINE_MOST:
                raise LoadRefused(
                    f"{source.path}: line {cursor.line} is longer than {_LINE_MOST >> 20} MB.",
                    remedy="Export it with one JSON object a line.",
                )
            continue
        size = 0
        lines, records, misfits = [], [], []
        physical = text[:end].split(b"\n")
        for number, line in enumerate(physical, start=cursor.line):
            if not line or line.isspace():
                continue
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                misfits.append(_misfit(number, f"is no JSON: {error}", line))
                continue
            if isinstance(record, dict):
                lines.append(number)
                records.append(_opened(record))
            else:
                misfits.append(_misfit(number, "is no JSON object", line))
        cursor.take(end, len(physical) - 1)
        yield lines, records, misfits


def _document(source: Source, text: bytes) -> Iterator[Block]:
    if len(text) > _DOCUMENT_MOST:
        raise LoadRefused(
            f"{source.path} is one JSON document of more than {_DOCUMENT_MOST >> 20} MB.",
            remedy="Export it with one JSON object a line, or in pages.",
        )
    try:
        found = _array_in(orjson.loads(text), _DEEPEST)
    except orjson.JSONDecodeError as error:
        raise LoadRefused(
            f"{source.path} is damaged JSON: {error}.", remedy="It was probably cut short: download it again."
        ) from error
    numbered = list(enumerate(found or (), start=1))
    for start in range(0, len(numbered), _RECORDS):
        part = numbered[start : start + _RECORDS]
        misfits = [_misfit(n, "is no JSON object", orjson.dumps(r)) for n, r in part if not isinstance(r, dict)]
        records = [(n, _opened(r)) for n, r in part if isinstance(r, dict)]
        yield [n for n, _ in records], [r for _, r in records], misfits


def _opened(record: Record) -> Record:
    """The record of a CRM with its values beside its id, where it keeps them in an object of their own."""
    values = record.get("properties")
    if not isinstance(values, dict) or "archived" not in record:
        return record
    return values | {name: value for name, value in record.items() if name != "properties"}


def _array_in(value: Any, depth: int) -> list[Any] | None:
    """The records of a document: the array itself, or the first one inside of an answer's wrappings.

    GraphQL's ``edges`` with a ``node`` each are unwrapped.
    """
    if isinstance(value, list):
        if value and all(isinstance(v, dict) and isinstance(v.get("node"), dict) for v in value):
            return [v["node"] for v in value]
        return value if any(isinstance(v, dict) for v in value) else None
    if not isinstance(value, dict) or not depth or "event_name" in value:
        return None
    wraps = [v for k, v in value.items() if isinstance(v, list | dict) and k not in {"paging", "errors", "extensions"}]
    return next((found for v in wraps if (found := _array_in(v, depth - 1)) is not None), None)


def _batches(table: RawTable, first: Block, blocks: Iterator[Block]) -> Iterator[pl.DataFrame]:
    names = column_names(table.header)
    late: set[str] = set()
    known = frozenset(table.header)
    block: Block | None = first
    while block is not None:
        lines, records, misfits = block
        table.misfits += misfits
        for record in records:
            if not record.keys() <= known:
                late |= record.keys() - known
        columns = [
            pl.Series(name, [_as_text(record.get(key)) for record in records], dtype=pl.String)
            for name, key in zip(names, table.header, strict=True)
        ]
        frame = pl.DataFrame([pl.Series(LINE, lines, dtype=pl.UInt32), *columns])
        if any(c.str.contains(NOT_TEXT, literal=True).any() for c in columns):
            frame = take_out_not_text(frame, table.misfits, ",")
        yield frame
        block = next(blocks, None)
    if late:
        named = ", ".join(f'"{name}"' for name in sorted(late)[:10])
        words = f"Names that only appear far into the file were not read: {named}."
        table.notes.append(Finding("late_names", "warning", words))


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_as_text(value) if isinstance(value, float) else orjson.dumps(value).decode()


def _misfit(line: int, reason: str, raw: bytes) -> RejectedRow:
    return RejectedRow(line, None, "NOT_JSON", reason, _storable(raw.decode("utf-8", "replace"))[:RAW_KEPT])


def _storable(text: str) -> str:
    return text.replace(NOT_TEXT, "\N{REPLACEMENT CHARACTER}")
