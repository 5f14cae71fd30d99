"""What a file is, judged by its bytes and never by its name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from warehouse.errors import LoadRefused
from warehouse.ingest.read.access_log import looks_like_access_log
from warehouse.ingest.read.encoding import wide_encoding

Kind = Literal["text", "gzip", "zip", "parquet", "json", "access_log", "yaml"]

_KEPT: tuple[tuple[bytes, Kind], ...] = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"PAR1", "parquet"))
_UNPACK = "Unpack it and load what is inside, or pack it as .gz or .zip."
_EXPORT = "Download the report as CSV, Excel (.xlsx) or Parquet and load that."
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x05\x06", "an empty zip archive", "Pack it again with the exports in it."),
    (b"%PDF", "a PDF document", _EXPORT),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "Open it in Excel, save it as .xlsx and load that."),
    (b"SQLite format 3\0", "an SQLite database", _EXPORT),
    (b"{\\rtf", "a rich text document", _EXPORT),
    (b"ORC", "an ORC file", "Convert it to Parquet and load that."),
    (b"Obj\x01", "an Avro file", "Convert it to Parquet and load that."),
    (b"ARROW1", "an Arrow file", "Convert it to Parquet and load that."),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    (b"\x89PNG", "an image", _EXPORT),
    (b"\xff\xd8\xff", "an image", _EXPORT),
    (b"GIF8", "an image", _EXPORT),
)
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|script|table|div|meta)\b", re.IGNORECASE)
_XML = re.compile(r"\s*<(?:\?xml|!--|[a-z][\w:.-]*[\s/>])", re.IGNORECASE)
_JSON = re.compile(r"\s*(?:\{\s*(?:\"|\}|$)|\[\s*(?:\{|\[|\]|$|\"[^\"]*\"\s*,\s*\"?[^\]]))")
# Of all YAML only definitions of experiments are read.
# Every line can be matched in one way only: a file of empty lines would be tried in all ways otherwise.
_YAML = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n|---[^\n]*\n)*experiments?:[ \t]*(?:#[^\n]*)?\r?\n", re.IGNORECASE)
_DEFINITIONS = re.compile(
    r"experiment[^/]*\.ya?ml$|(?:^|/)experiments?\.(?:json|jsonl|ndjson|csv|parquet)$", re.IGNORECASE
)
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\r\x0c\x1a\x1b")
_CONTROL_MOST = 0.1  # share of control characters (NUL among them) that damaged text may have

_SUFFIXES = frozenset(
    {".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".parquet", ".pq", ".zip", ".gz", ".json", ".jsonl",
     ".ndjson", ".log"}
)  # fmt: skip
_DOCUMENTS = frozenset(
    {
        "truth",
        "manifest",
        "package",
        "readme",
        "license",
        "licence",
        "notice",
        "changelog",
        "copying",
        "requirements",
        "robots",
    }
)


def kind_of(head: bytes, path: str) -> Kind:
    """What the bytes at the beginning of a file say that it is.

    Raises :class:`LoadRefused`, saying what it seems to be and what to do, when that is nothing with tables in it.
    """
    if not head:
        raise LoadRefused(f"{path} is empty.", remedy="Download it again.")
    for magic, kind in _KEPT:
        if head.startswith(magic):
            return kind
    for magic, seems, remedy in _REFUSED:
        if head.startswith(magic):
            raise LoadRefused(f"{path} is {seems}, not an export.", remedy=remedy)
    encoding, mark = wide_encoding(head)
    if not encoding and sum(head.count(c) for c in _CONTROL) > _CONTROL_MOST * len(head):
        raise LoadRefused(f"{path} holds bytes that are no text (a program, an image, a database?).", remedy=_EXPORT)
    text = head[mark:].decode(encoding or "utf-8", "replace")
    _refuse_other_text(text, path)
    if _YAML.match(text):
        return "yaml"
    if looks_like_access_log(text):
        return "access_log"
    return "json" if _JSON.match(text) else "text"


def looks_like_export(name: str) -> bool:
    """Whether a file found in a folder or an archive is worth opening, by its name (a path inside it is fine)."""
    path = PurePosixPath(name.lower())
    if any(part.startswith((".", "~$", "__macosx")) and part.strip(".") for part in path.parts):
        return False
    packed = path.suffix == ".gz"
    inner = path.with_suffix("") if packed else path
    if inner.stem in _DOCUMENTS:
        return False
    return inner.suffix in _SUFFIXES or is_definition(inner.name) or (packed and not inner.suffix)


def is_definition(path: str) -> bool:
    """Whether a file's name says that it defines experiments."""
    return _DEFINITIONS.search(path) is not None


def _refuse_other_text(text: str, path: str) -> None:
    if _PAGE.match(text):
        raise LoadRefused(
            f"{path} is a web page (HTML), not an export.",
            remedy="The download link gave a page, often a log-in; open it in a browser, download the file itself.",
        )
    if _XML.match(text):
        raise LoadRefused(f"{path} is an XML file, not a table.", remedy=_EXPORT)
