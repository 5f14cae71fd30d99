"""Rows that are too short, too long, twice, contradicting, or swallowed by a quote; totals that are wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from tests.malformations.sheet import PERFORMANCE, WITH_TOTALS, Sheet
from tests.malformations.spoiled import Spoiled

_FEW = 3
_BLANKS = 200_000


def spoiled_rows(sheets: Mapping[str, Sheet], rng: random.Random) -> Iterator[Spoiled]:
    for short in PERFORMANCE:
        sheet = sheets[short].untotalled()
        few = sorted(rng.sample(range(sheet.count), _FEW))
        yield from _ragged(sheet, few)
        yield from _repeated(sheet, few)
        yield from _quotes(sheet, few)
    for short in WITH_TOTALS:
        yield from _wrong_totals(sheets[short])
    for short in ("google", "airbyte"):
        yield from _blank_lines(sheets[short])


def _replaced(sheet: Sheet, new: Mapping[int, tuple[str, ...]]) -> Sheet:
    return sheet.changed(rows=tuple(new.get(number, row) for number, row in enumerate(sheet.rows)))


def _ragged(sheet: Sheet, few: Sequence[int]) -> Iterator[Spoiled]:
    n = sheet.count
    short = _replaced(sheet, {number: sheet.rows[number][:3] for number in few})
    yield Spoiled(
        "rows of three cells", sheet.name, sheet.name, short.content(), "the rest is gone", max_accepted=n - _FEW
    )
    long = _replaced(sheet, {number: (*sheet.rows[number], "surplus", "1") for number in few})
    yield Spoiled(
        "rows with two cells too many", sheet.name, sheet.name, long.content(), "which cell is which?", max_accepted=n
    )
    shifted = _replaced(sheet, {number: ("", *sheet.rows[number][:-1]) for number in few})
    yield Spoiled(
        "rows shifted by one cell", sheet.name, sheet.name, shifted.content(), "a cell was inserted", max_accepted=n
    )


def _repeated(sheet: Sheet, few: Sequence[int]) -> Iterator[Spoiled]:
    n = sheet.count
    twice = sheet.changed(rows=(*sheet.rows, *(sheet.rows[number] for number in few)))
    yield Spoiled(
        "rows twice", sheet.name, sheet.name, twice.content(), "the same key and numbers", max_accepted=n + _FEW
    )
    every = sheet.changed(rows=sheet.rows * 2)
    yield Spoiled("the whole table twice", sheet.name, sheet.name, every.content(), "pasted twice", max_accepted=2 * n)
    others = sheet.with_cells("spend", lambda old, _: old.replace("1", "2").replace("3", "4"))
    contradicting = sheet.changed(rows=(*sheet.rows, *(others.rows[number] for number in few)))
    note = "the same key with other numbers"
    yield Spoiled(
        "rows contradicting each other", sheet.name, sheet.name, contradicting.content(), note, max_accepted=n + _FEW
    )


def _quotes(sheet: Sheet, few: Sequence[int]) -> Iterator[Spoiled]:
    """Quotes are put in after the table is written, since a writer would double them."""
    lines = sheet.text().split(sheet.line_end)
    top = sheet.before.count(sheet.line_end) + 1  # first line after the header
    delimiter = sheet.delimiter

    def spoiled(kind: str, number: int, line: str, note: str) -> Spoiled:
        changed = sheet.line_end.join([*lines[: top + number], line, *lines[top + number + 1 :]])
        return Spoiled(kind, sheet.name, sheet.name, changed.encode(sheet.encoding), note, max_accepted=sheet.count)

    first, middle, last = few
    yield spoiled("a quote that never ends", first, '"' + lines[top + first], "it swallows the rest of the file")
    cells = lines[top + middle].split(delimiter)
    cells[1] = cells[1] + '"'
    yield spoiled("a quote inside a cell", middle, delimiter.join(cells), "nobody opened it")
    yield spoiled(
        "text after a closing quote", last, f'"{lines[top + last][:4]}"x{lines[top + last][4:]}', "no CSV allows it"
    )


def _wrong_totals(sheet: Sheet) -> Iterator[Spoiled]:
    n = sheet.count
    spend = sheet.column("spend")
    totals = tuple((*cells[:spend], f"9{cells[spend]}", *cells[spend + 1 :]) for cells in sheet.totals)
    wrong = sheet.changed(totals=totals)
    yield Spoiled(
        "total of other rows", sheet.name, sheet.name, wrong.content(), "the rows do not add up to it", max_accepted=n
    )
    cut = sheet.changed(rows=sheet.rows[: n // 2])
    yield Spoiled(
        "rows missing below their total",
        sheet.name,
        sheet.name,
        cut.content(),
        "half of the rows is gone",
        max_accepted=n // 2,
    )
    middle = sheet.changed(rows=(*sheet.rows[: n // 2], *sheet.totals, *sheet.rows[n // 2 :]), totals=())
    note = "a total is no row wherever it stands"
    yield Spoiled("totals in the middle", sheet.name, sheet.name, middle.content(), note, max_accepted=n)


def _blank_lines(sheet: Sheet) -> Iterator[Spoiled]:
    n, end = sheet.count, sheet.line_end
    content = (sheet.text() + end * _BLANKS).encode(sheet.encoding)
    note = "nothing is lost in them"
    yield Spoiled("blank lines at the end", sheet.name, sheet.name, content, note, False, n, n)
    lines = sheet.untotalled().text().split(end)
    middle = len(lines) - n // 2
    holed = end.join([*lines[:middle], *[""] * _BLANKS, *lines[middle:]])
    yield Spoiled(
        "blank lines in the middle", sheet.name, sheet.name, holed.encode(sheet.encoding), note, max_accepted=n
    )
    commas = sheet.untotalled().changed(rows=(*sheet.rows, *[("",) * len(sheet.header)] * 3000))
    yield Spoiled(
        "rows of empty cells", sheet.name, sheet.name, commas.content(), "a spreadsheet's used range", max_accepted=n
    )
