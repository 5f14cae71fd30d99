"""Archives, workbooks and Parquet that are broken or not what their name says, and files that are no tables."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

import polars as pl

from tests.malformations.sheet import Sheet
from tests.malformations.spoiled import Spoiled

_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that archives have the same bytes whenever they are made


def spoiled_containers(sheets: Mapping[str, Sheet], rng: random.Random) -> Iterator[Spoiled]:
    for short in ("google", "airbyte", "meta"):
        yield from _gzip(sheets[short], rng)
        yield from _zip(sheets[short], rng)
    for short in ("google", "airbyte"):
        yield from _workbook(sheets[short])
        yield from _parquet(sheets[short])
    yield from _no_tables(sheets["google"], rng)
    yield from _odd_names(sheets["google"])


def _gzip(sheet: Sheet, rng: random.Random) -> Iterator[Spoiled]:
    content, n = sheet.content(), sheet.count
    packed = gzip.compress(content, mtime=0)
    garbage = b"\x1f\x8b\x08\x00" + rng.randbytes(600)
    name = f"{sheet.name}.gz"

    def spoiled(kind: str, changed: bytes, note: str, refuse: bool | None = True, most: int = 0) -> Spoiled:
        return Spoiled(kind, sheet.name, name, changed, note, refuse, max_accepted=most)

    yield spoiled("gzip cut in the middle", packed[: len(packed) // 2], "the download broke off")
    yield spoiled("gzip without its end", packed[:-4], "the download broke off in the last bytes")
    yield spoiled("gzip of another checksum", packed[:-8] + b"\1\2\3\4" + packed[-4:], "a bit has flipped")
    yield spoiled("gzip header, then garbage", garbage, "no gzip")
    yield spoiled("garbage named gz", rng.randbytes(600), "no gzip")
    yield spoiled("gzip of nothing", gzip.compress(b"", mtime=0), "an empty file")
    yield spoiled("a CSV named gz", content, "not compressed", None, n)
    yield spoiled("gzip in gzip", gzip.compress(packed, mtime=0), "compressed twice", None, n)
    yield spoiled("gzip, then garbage", packed + rng.randbytes(200), "bytes after the end", None, n)


def _zip(sheet: Sheet, rng: random.Random) -> Iterator[Spoiled]:
    content, n = sheet.content(), sheet.count
    good = _archive({sheet.name: content})
    name = sheet.name.replace(".csv", ".zip")

    def spoiled(
        kind: str, changed: bytes, note: str, refuse: bool | None = True, most: int = 0, least: int | None = None
    ) -> Spoiled:
        return Spoiled(kind, sheet.name, name, changed, note, refuse, least, most)

    yield spoiled("zip with nothing", _archive({}), "no member")
    yield spoiled("zip with a folder only", _archive({"exports/": b""}), "no file in it")
    yield spoiled(
        "zip with the file in a folder",
        _archive({"exports/": b"", f"exports/{sheet.name}": content}),
        "as the Finder packs it",
        False,
        n,
        n,
    )
    yield spoiled("zip with a password", _locked(good), "encrypted")
    yield spoiled("zip cut in the middle", good[: len(good) // 2], "the download broke off")
    yield spoiled("zip without its end", good[:-10], "the directory is gone")
    start = 30 + len(sheet.name)
    flipped = bytearray(good)
    for place in range(start + 50, start + 58):
        flipped[place] ^= 0xFF
    yield spoiled("zip with flipped bits", bytes(flipped), "the member cannot be unpacked, or has another checksum")
    yield spoiled("garbage named zip", rng.randbytes(800), "no zip")
    yield spoiled("zip with an empty member", _archive({sheet.name: b""}), "an empty file")
    yield spoiled("a CSV named zip", content, "not packed", None, n)
    yield spoiled("zip in zip", _archive({"inner.zip": good}), "packed twice", None, n)
    yield spoiled(
        "zip that climbs out",
        _archive({f"../../../../{sheet.name}": content}),
        "nothing may be written outside",
        None,
        n,
    )
    yield spoiled(
        "zip with a picture beside",
        _archive({"logo.png": b"\x89PNG\r\n\x1a\n" + rng.randbytes(90), sheet.name: content}),
        "one member is no table",
        None,
        n,
    )
    yield spoiled(
        "zip with a Finder's leftovers",
        _archive({sheet.name: content, f"__MACOSX/._{sheet.name}": rng.randbytes(120)}),
        "as a Macintosh packs it",
        None,
        n,
    )


def _workbook(sheet: Sheet) -> Iterator[Spoiled]:
    n = sheet.count
    preamble = [[line] for line in sheet.before.splitlines()]
    good = workbook([*preamble, sheet.header, *sheet.rows])
    name = sheet.name.replace(".csv", ".xlsx")

    def spoiled(kind: str, file: str, changed: bytes, note: str, refuse: bool | None = True, most: int = 0) -> Spoiled:
        return Spoiled(kind, sheet.name, file, changed, note, refuse, max_accepted=most)

    yield spoiled("a workbook named csv", sheet.name, good, "saved under the wrong name", None, n)
    yield spoiled("a CSV named xlsx", name, sheet.content(), "saved under the wrong name", None, n)
    yield spoiled("an HTML table named xlsx", name, _html(sheet), "what some portals call Excel")
    yield spoiled("a workbook cut in the middle", name, good[: len(good) // 2], "the download broke off")
    yield spoiled("a workbook without sheets", name, _archive({"xl/workbook.xml": b"<workbook/>"}), "nothing in it")
    yield spoiled("an empty workbook", name, workbook([]), "nothing in it")
    broken = workbook([sheet.header], tail="<row><c><v>")
    yield spoiled("a workbook of broken XML", name, broken, "a tag is not closed", None)
    yield spoiled(
        "an old workbook named xlsx",
        name,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
        "encrypted, or from 1997",
    )


def _parquet(sheet: Sheet) -> Iterator[Spoiled]:
    n = sheet.count
    frame = pl.DataFrame({name: [row[at] for row in sheet.rows] for at, name in enumerate(sheet.header)})
    good = _parquet_bytes(frame)
    name = sheet.name.replace(".csv", ".parquet")

    def spoiled(kind: str, file: str, changed: bytes, note: str, refuse: bool | None = True, most: int = 0) -> Spoiled:
        return Spoiled(kind, sheet.name, file, changed, note, refuse, max_accepted=most)

    yield spoiled("parquet cut in the middle", name, good[: len(good) // 2], "the download broke off")
    yield spoiled("parquet without its end", name, good[:-4], "the mark at the end is gone")
    yield spoiled("parquet marks around nothing", name, b"PAR1" + b"\0" * 8 + b"PAR1", "no footer")
    yield spoiled("parquet with a broken footer", name, good[:-60] + b"\xff" * 40 + good[-20:], "a bit has flipped")
    yield spoiled("parquet named csv", sheet.name, good, "saved under the wrong name", None, n)
    yield spoiled("a CSV named parquet", name, sheet.content(), "saved under the wrong name", None, n)
    yield spoiled("parquet without rows", name, _parquet_bytes(frame.clear()), "nothing in it", None)
    lists = frame.with_columns(pl.concat_list(pl.col(sheet.roles["spend"])).alias(sheet.roles["spend"]))
    yield spoiled("parquet with lists for spend", name, _parquet_bytes(lists), "not a number", None)
    flags = frame.with_columns(pl.lit(value=True).alias(sheet.roles["spend"]))
    yield spoiled("parquet with flags for spend", name, _parquet_bytes(flags), "not a number", None)


def _no_tables(sheet: Sheet, rng: random.Random) -> Iterator[Spoiled]:
    records = [dict(zip(sheet.header, row, strict=True)) for row in sheet.rows]
    bodies = {
        "an HTML table named csv": _html(sheet),
        "an HTML page named csv": b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Sign, please\n",
        "HTML in capitals behind blanks": b"\n\n   <HTML><BODY>503, Service, Unavailable</BODY></HTML>",
        "an API's error": b'{"error": {"code": 190, "message": "Session has expired"}}',
        "XML named csv": b'<?xml version="1.0"?>\n<report><row Day="2026-09-23" Cost="1.00"/></report>\n',
        "a PDF named csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + rng.randbytes(400),
        "a picture named csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + rng.randbytes(400),
        "a program named csv": b"\x7fELF\x02\x01\x01" + b"\0" * 9 + rng.randbytes(400),
        "a database named csv": b"SQLite format 3\0" + rng.randbytes(400),
        "random bytes": rng.randbytes(4000),
        "prose": b"Dear all,\n\nattached, as promised, the numbers: cost went up, clicks went down.\n\nBest\n" * 20,
        "a mail named csv": b"From: a@example.invalid\nSubject: Campaign report\n\nsee, please, the attachment\n",
        "SQL named csv": b"CREATE TABLE x (day date, cost numeric);\nINSERT INTO x VALUES ('2026-09-23', 1.00);\n",
        "an iCalendar named csv": b"BEGIN:VCALENDAR\nDTSTART:20260923\nEND:VCALENDAR\n",
    }  # fmt: skip
    for kind, content in bodies.items():
        yield Spoiled(kind, sheet.name, sheet.name, content, "no table of ours", True, max_accepted=0)
    json_bodies = {
        "JSON named csv": json.dumps(records),
        "JSON, pretty": json.dumps({"data": records}, indent=2),
        "JSON lines named csv": "\n".join(json.dumps(record) for record in records),
    }
    for kind, words in json_bodies.items():
        note = "the same rows under the wrong name"
        yield Spoiled(kind, sheet.name, sheet.name, words.encode(), note, None, max_accepted=sheet.count)


def _odd_names(sheet: Sheet) -> Iterator[Spoiled]:
    content, n = sheet.content(), sheet.count
    names = [
        "Campaign report (1).csv", " leading and trailing .csv", "Übersicht März – Köln.csv", "レポート.csv", "🔥.csv",
        "-rf.csv", "a'b\"c.csv", "100%s %n.csv", "two..dots...csv", "REPORT.CSV", "[1-9]{a,b}*?.csv",
        "semi;colon&amp.csv", "$HOME`id`.csv",
        "line\nbreak.csv", "back\\slash.csv", "a=b,c.csv", "x" * 240 + ".csv", "#sheet!member.csv", "~$lock.csv",
    ]  # fmt: skip
    for name in names:
        yield Spoiled(f"named {name[:24]!r}", sheet.name, name, content, "the name says nothing", False, n, n)
    yield Spoiled("no extension", sheet.name, "report", content, "the name says nothing", max_accepted=n)
    yield Spoiled("a hidden file", sheet.name, ".report.csv", content, "the name says nothing", max_accepted=n)
    yield Spoiled(
        "an unfinished download", sheet.name, "report.csv.crdownload", content, "the name says so", max_accepted=n
    )


def workbook(rows: Sequence[Sequence[str]], *, tail: str = "") -> bytes:
    """A minimal xlsx with one sheet of text cells; ``tail`` is put behind the rows as it is."""
    cells = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' for cell in row)
        + "</row>"
        for row in rows
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{relations}">'
        '<sheets><sheet name="Report" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{cells}{tail}</sheetData></worksheet>",
    }
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return _archive({name: (declaration + part).encode() for name, part in parts.items()})


def _archive(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _locked(archive: bytes) -> bytes:
    """The archive with its one member marked as encrypted: every reader asks for a password."""
    changed = bytearray(archive)
    changed[6] |= 1  # flags of the local header
    changed[archive.index(b"PK\x01\x02") + 8] |= 1  # flags in the directory
    return bytes(changed)


def _parquet_bytes(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def _html(sheet: Sheet) -> bytes:
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in (sheet.header, *sheet.rows)
    )
    return f"<html><body><table>\n{rows}\n</table></body></html>\n".encode()
