"""Broken bytes: truncation, wrong encodings, line ends, delimiters, NULs and marks where none belong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from tests.malformations.sheet import PERFORMANCE, Sheet
from tests.malformations.spoiled import Spoiled

_CUTS = 9  # per shape


def spoiled_bytes(sheets: Mapping[str, Sheet], rng: random.Random) -> Iterator[Spoiled]:
    for short in (*PERFORMANCE, "shopify", "fx", "ga4"):
        yield from _truncated(sheets[short], rng)
    yield from _reencoded(sheets)
    for short in ("google", "meta", "tiktok", "pinterest"):
        yield from _line_ends(sheets[short])
    for short in ("google", "google_de", "airbyte", "microsoft"):
        yield from _delimiters(sheets[short])
    for short in ("google", "microsoft", "airbyte", "linkedin"):
        yield from _strays(sheets[short], rng)


def _truncated(sheet: Sheet, rng: random.Random) -> Iterator[Spoiled]:
    content = sheet.content()
    cuts = [1, 2, 3, len(content) - 1, len(content) - 2]
    cuts += sorted(rng.sample(range(4, len(content) - 2), _CUTS - len(cuts)))
    top = len(sheet.before.encode(sheet.encoding))
    for cut in cuts:
        begun = content[top:cut].decode("utf-16-le" if sheet.encoding == "utf-16" else "utf-8", "ignore")
        lines = begun.count(sheet.line_end)  # the header's own end is one of them
        yield Spoiled(
            f"truncated at byte {cut} of {len(content)}", sheet.name, sheet.name, content[:cut],
            "no row that had not begun can be accepted", max_accepted=min(lines, sheet.count),
        )  # fmt: skip


def _reencoded(sheets: Mapping[str, Sheet]) -> Iterator[Spoiled]:
    def spoiled(sheet: Sheet, kind: str, content: bytes, note: str, **must: int | bool) -> Spoiled:
        return Spoiled(kind, sheet.name, sheet.name, content, note, **({"max_accepted": sheet.count} | must))

    whole = {"must_refuse": False}
    for short in ("google", "google_de", "meta", "linkedin", "pinterest"):
        sheet = sheets[short]
        text, n = sheet.text(), sheet.count
        yield spoiled(
            sheet,
            "utf-16le without BOM",
            text.encode("utf-16-le"),
            "every second byte is zero",
            **whole,
            min_accepted=n,
        )
        yield spoiled(sheet, "utf-16be without BOM", text.encode("utf-16-be"), "every second byte is zero")
        yield spoiled(sheet, "utf-16be with BOM", b"\xfe\xff" + text.encode("utf-16-be"), "the BOM says so")
        yield spoiled(sheet, "utf-32", text.encode("utf-32"), "four bytes a character")
        yield spoiled(sheet, "utf-8 behind a utf-16 BOM", b"\xff\xfe" + text.encode(), "the BOM lies")
        yield spoiled(sheet, "utf-16 with one byte too many", text.encode("utf-16") + b"\n", "an odd number of bytes")
        yield spoiled(sheet, "utf-16 cut in a character", text.encode("utf-16")[:-1], "an odd number of bytes")
        yield spoiled(sheet, "two BOMs", b"\xef\xbb\xbf" * 2 + text.encode(), "a BOM is also a character")
    german = sheets["google_de"]
    text, halves = german.text(), german.text().encode()
    yield spoiled(german, "latin-1", text.encode("latin-1"), "umlauts are not UTF-8")
    yield spoiled(german, "cp1252", text.encode("cp1252"), "umlauts are not UTF-8")
    yield spoiled(german, "double UTF-8", text.encode().decode("latin-1").encode(), "UTF-8 read as latin-1 and saved")
    middle = halves.index(b"\n", len(halves) // 2)
    mixed = halves[:middle] + halves[middle:].decode().encode("latin-1")
    yield spoiled(german, "first half UTF-8, second latin-1", mixed, "two files pasted together")
    yield spoiled(
        german, "invalid UTF-8", halves[:middle] + b"\xc3\x28\xff" + halves[middle:], "bytes that are no text"
    )
    yield spoiled(german, "utf-7", text.encode("utf-7"), "plus signs for umlauts")
    yield spoiled(
        german, "EBCDIC", text.encode("cp1140", "replace"), "from a mainframe", must_refuse=True, max_accepted=0
    )


def _line_ends(sheet: Sheet) -> Iterator[Spoiled]:
    text, n = sheet.text(), sheet.count
    crlf = text.replace("\n", "\r\n").encode(sheet.encoding)
    yield Spoiled(
        "CRLF line ends",
        sheet.name,
        sheet.name,
        crlf,
        "any spreadsheet does this",
        False,
        min_accepted=n,
        max_accepted=n,
    )
    only_cr = text.replace("\n", "\r").encode(sheet.encoding)
    yield Spoiled("CR line ends", sheet.name, sheet.name, only_cr, "from an old Macintosh", max_accepted=n)
    lines = text.split("\n")
    mixed = "".join(line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(lines[:-1])) + lines[-1]
    yield Spoiled(
        "mixed line ends",
        sheet.name,
        sheet.name,
        mixed.encode(sheet.encoding),
        "two files pasted together",
        max_accepted=n,
    )
    bare = text.rstrip("\n").encode(sheet.encoding)
    yield Spoiled(
        "no newline at the end",
        sheet.name,
        sheet.name,
        bare,
        "nothing is missing",
        False,
        min_accepted=n,
        max_accepted=n,
    )


def _delimiters(sheet: Sheet) -> Iterator[Spoiled]:
    n = sheet.count
    for delimiter, word, sure in (
        (";", "semicolons", True),
        ("\t", "tabs", True),
        ("|", "pipes", False),
        (" ", "spaces", False),
    ):
        content = sheet.changed(delimiter=delimiter).content()
        note = "a spreadsheet's other delimiter" if sure else "no platform delimits so"
        must = (False, n) if sure else (None, None)
        yield Spoiled(f"delimited by {word}", sheet.name, sheet.name, content, note, must[0], must[1], n)
    semicolons = sheet.changed(delimiter=";").text().split("\n")
    lines = sheet.text().split("\n")
    mixed = "\n".join([*lines[: len(lines) // 2], *semicolons[len(lines) // 2 :]]).encode(sheet.encoding)
    yield Spoiled("commas, then semicolons", sheet.name, sheet.name, mixed, "two files pasted together", max_accepted=n)


def _strays(sheet: Sheet, rng: random.Random) -> Iterator[Spoiled]:
    n = sheet.count
    content = sheet.content()
    place = rng.randrange(len(content) // 2, len(content) - 4) // 2 * 2
    narrow = sheet.encoding != "utf-16"
    mark = b"\xef\xbb\xbf" if narrow else b"\xff\xfe"

    def spoiled(kind: str, changed: bytes, note: str) -> Spoiled:
        return Spoiled(kind, sheet.name, sheet.name, changed, note, max_accepted=n)

    yield spoiled("BOM in the middle", content[:place] + mark + content[place:], "files joined with cat")
    yield spoiled("one NUL", content[:place] + b"\0\0" + content[place:], "a broken disk")
    yield spoiled(
        "a block of NULs", content[:place] + b"\0" * 4096 + content[place + 64 :], "a sparse file after a crash"
    )
    yield spoiled("NULs at the end", content + b"\0" * 512, "padding")
    yield spoiled("control-Z at the end", content + b"\x1a", "an end mark of MS-DOS")
    noise = bytes(rng.randrange(256) for _ in range(300))
    yield spoiled("noise in the middle", content[:place] + noise + content[place + 300 :], "a broken disk")
