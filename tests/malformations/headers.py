"""Headers and file structure: columns that are missing, twice, swapped or unknown; files with nothing in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.malformations.sheet import PERFORMANCE, WITH_TOTALS, Sheet
from tests.malformations.spoiled import Spoiled

_WIDE = 10_000


def spoiled_headers(sheets: Mapping[str, Sheet]) -> Iterator[Spoiled]:
    for short in PERFORMANCE:
        yield from _columns(sheets[short])
        yield from _empty(sheets[short])
    for short in WITH_TOTALS:
        sheet = sheets[short]
        content = sheet.changed(rows=()).content()
        yield Spoiled("totals only", sheet.name, sheet.name, content, "a total is no row", max_accepted=0)
    for short in ("google", "airbyte", "meta"):
        yield from _wide(sheets[short])
    yield from _wrong_grain(sheets)


def _columns(sheet: Sheet) -> Iterator[Spoiled]:
    sheet = sheet.untotalled()
    n, roles = sheet.count, sheet.roles

    def spoiled(kind: str, changed: Sheet, note: str, refuse: bool | None = None, most: int = n) -> Spoiled:
        return Spoiled(kind, sheet.name, sheet.name, changed.content(), note, refuse, max_accepted=most)

    yield spoiled("header missing", sheet.changed(header=()), "the first row is not a header", True, 0)
    yield spoiled("header twice", sheet.changed(rows=(sheet.header, *sheet.rows)), "the second one is no row")
    half = n // 2
    pasted = sheet.changed(rows=(*sheet.rows[:half], sheet.header, *sheet.rows[half:]))
    yield spoiled("header again in the middle", pasted, "two files pasted together")

    spend, impressions, clicks, day = (roles[role] for role in ("spend", "impressions", "clicks", "date"))
    again = sheet.renamed({clicks: spend})
    yield spoiled("two columns of one name", again, "clicks are headed like spend")
    swapped = sheet.renamed({impressions: clicks, clicks: impressions})
    yield spoiled("impressions and clicks swapped", swapped, "more clicks than impressions")
    swapped = sheet.renamed({spend: day, day: spend})
    yield spoiled("day and spend swapped", swapped, "no day can be read", most=0)
    yield spoiled("day renamed", sheet.renamed({day: "Zeitraum X"}), "nothing says the day", True, 0)
    yield spoiled("no day column", sheet.without_column("date"), "totals of a period", True, 0)
    yield spoiled("spend renamed", sheet.renamed({spend: "Zaster X"}), "nothing says what it cost")
    unknown = sheet.changed(header=tuple(f"column {number}" for number in range(len(sheet.header))))
    yield spoiled("every column renamed", unknown, "nobody knows this file", True, 0)
    blank = sheet.changed(header=("",) * len(sheet.header))
    yield spoiled("blank header", blank, "nobody knows this file", True, 0)
    shorter = sheet.changed(header=sheet.header[:-2])
    yield spoiled("header shorter than the rows", shorter, "two cells too many in every row")
    untidy = sheet.changed(header=tuple(f"  {name.upper()}\u00a0 " for name in sheet.header))
    yield spoiled("header in capitals with odd blanks", untidy, "retyped by hand")


def _empty(sheet: Sheet) -> Iterator[Spoiled]:
    def spoiled(kind: str, content: bytes, note: str, refuse: bool | None = None) -> Spoiled:
        return Spoiled(kind, sheet.name, sheet.name, content, note, refuse, max_accepted=0)

    bare = sheet.changed(rows=(), totals=())
    yield spoiled("header only", bare.content(), "there are no rows")
    if sheet.before:
        yield spoiled("preamble only", sheet.before.encode(sheet.encoding), "there is no table", True)
    if sheet.name.startswith(("google_ads_campaign_report.", "pinterest")):
        yield spoiled("empty", b"", "nothing at all", True)
        yield spoiled("a BOM only", b"\xef\xbb\xbf", "nothing at all", True)
        yield spoiled("blank lines only", b"\n" * 5000, "nothing at all", True)
        yield spoiled("commas only", (b"," * 12 + b"\n") * 40, "cells without content", True)


def _wide(sheet: Sheet) -> Iterator[Spoiled]:
    sheet = sheet.untotalled()
    n = sheet.count
    wide_row = sheet.rows[n // 2] + ("1",) * _WIDE
    one = sheet.changed(rows=(*sheet.rows[: n // 2], wide_row, *sheet.rows[n // 2 + 1 :]))
    note = f"one row has {_WIDE} cells too many"
    yield Spoiled("ten thousand cells in a row", sheet.name, sheet.name, one.content(), note, max_accepted=n)
    every = sheet.changed(
        header=sheet.header + tuple(f"x{number}" for number in range(_WIDE)),
        rows=tuple(row + ("",) * _WIDE for row in sheet.rows[:5]),
    )
    note = f"{_WIDE} columns that nobody knows"
    yield Spoiled("ten thousand columns", sheet.name, sheet.name, every.content(), note, max_accepted=5)
    same = every.changed(header=sheet.header + (sheet.roles["spend"],) * _WIDE)
    yield Spoiled("ten thousand columns of one name", sheet.name, sheet.name, same.content(), note, max_accepted=5)


def _wrong_grain(sheets: Mapping[str, Sheet]) -> Iterator[Spoiled]:
    """Files whose rows are not days."""
    google, meta = sheets["google"].untotalled(), sheets["meta"].untotalled()
    for word in ("Week", "Month", "Quarter", "Year"):
        content = google.renamed({"Day": word}).content()
        note = f"a {word.lower()} is not a day"
        yield Spoiled(f"{word} for Day", google.name, google.name, content, note, True, max_accepted=0)
    all_time = google.without_column("date").changed(before="Campaign report\nAll time\n")
    yield Spoiled("all time", google.name, google.name, all_time.content(), "a period total", True, max_accepted=0)
    whole = meta.without_column("date")
    yield Spoiled(
        "whole range in every row", meta.name, meta.name, whole.content(), "a period total", True, max_accepted=0
    )
    both = meta.renamed({"CPC (cost per link click)": "Amount spent (USD)"})
    note = "two currencies in one file"
    yield Spoiled("spend in two currencies", meta.name, meta.name, both.content(), note, True, max_accepted=0)
    unknown = meta.renamed({"Amount spent (EUR)": "Amount spent (ZZZ)"})
    yield Spoiled("a currency that is none", meta.name, meta.name, unknown.content(), "ZZZ", max_accepted=meta.count)
