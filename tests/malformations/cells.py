"""Cells that say what they must not: broken numbers, dates, ids, currencies and hostile names."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.malformations.sheet import PERFORMANCE, WITH_CURRENCY, Sheet
from tests.malformations.spoiled import Spoiled

_FEW = 4  # rows that are spoiled where not all are


def spoiled_cells(sheets: Mapping[str, Sheet], rng: random.Random) -> Iterator[Spoiled]:
    for short in PERFORMANCE:
        sheet = sheets[short].untotalled()
        few = sorted(rng.sample(range(sheet.count), _FEW))
        yield from _numbers(sheet, few)
        yield from _dates(sheet, few)
        yield from _ids(sheet, few)
    for short in WITH_CURRENCY:
        sheet = sheets[short].untotalled()
        mixed = sheet.with_cells("currency", lambda _, row: "EUR" if row % 2 else "JPY")
        yield Spoiled(
            "mixed currencies", sheet.name, sheet.name, mixed.content(), "no account has two", max_accepted=sheet.count
        )
    for short in ("tiktok", "pinterest", "shopify"):
        sheet = sheets[short].untotalled()
        ambiguous = sheet.with_cells("date", lambda _, row: f"{row % 6 + 3:02d}/{row % 5 + 4:02d}/2026")
        note = "03/04/2026 is two days"
        yield Spoiled("ambiguous dates", sheet.name, sheet.name, ambiguous.content(), note, True, max_accepted=0)
    for short in ("google", "google_de", "microsoft", "meta", "linkedin"):
        yield from _number_styles(sheets[short].untotalled())
    for short in ("google", "google_excel", "airbyte", "meta", "microsoft", "tiktok"):
        yield from _names(sheets[short].untotalled(), rng)
    for short in ("google", "airbyte"):
        sheet = sheets[short].untotalled()
        long_name = sheet.with_cells("name", lambda _, __: "x" * 5_000_000, [sheet.count // 2])
        yield Spoiled(
            "a cell of five million characters",
            sheet.name,
            sheet.name,
            long_name.content(),
            "a pasted novel",
            max_accepted=sheet.count,
        )


def _spoil(
    sheet: Sheet,
    kind: str,
    role: str,
    text: str | Callable[[str, int], str],
    where: Sequence[int],
    note: str,
    *,
    bad: bool,
) -> Spoiled:
    """``bad`` means that the changed rows must not be accepted."""
    change = text if callable(text) else lambda _, __: text
    most = sheet.count - (len(where) if bad else 0)
    return Spoiled(
        kind, sheet.name, sheet.name, sheet.with_cells(role, change, where).content(), note, max_accepted=most
    )


def _numbers(sheet: Sheet, few: Sequence[int]) -> Iterator[Spoiled]:
    broken = {
        "words for a number": "twelve", "a formula for a number": "=SUM(A1:A9)", "a spreadsheet error": "#REF!",
        "infinite spend": "inf", "NaN spend": "NaN", "negative spend": "-25.50", "hexadecimal spend": "0x1F",
        "two numbers in a cell": "12.50 13.50", "spend of four hundred digits": "9" * 400,
    }  # fmt: skip
    for kind, text in broken.items():
        yield _spoil(sheet, kind, "spend", text, few, f"spend is {text[:20]!r} in {len(few)} rows", bad=True)
    yield _spoil(
        sheet, "negative impressions", "impressions", "-1200", few, "no platform shows less than none", bad=True
    )
    yield _spoil(sheet, "impressions beyond 64 bits", "impressions", "1" + "0" * 30, few, "does not fit", bad=True)
    yield _spoil(sheet, "words for clicks", "clicks", "many", few, "unreadable is not missing", bad=True)
    yield _spoil(sheet, "spend with an exponent", "spend", "1.5E+03", few, "a spreadsheet's hand", bad=False)
    yield _spoil(sheet, "fractional clicks", "clicks", "3.7", few, "a click is whole", bad=False)
    every = range(sheet.count)
    yield _spoil(sheet, "no spend anywhere", "spend", "--", every, "missing is not zero", bad=False)
    if not sheet.roles["spend"].endswith(("micros", "micro_dollar")):
        micros = sheet.with_cells("spend", lambda old, _: _micros(old))
        yield Spoiled(
            "micros in a cost column",
            sheet.name,
            sheet.name,
            micros.content(),
            "a click costs 700,000",
            max_accepted=sheet.count,
        )


def _dates(sheet: Sheet, few: Sequence[int]) -> Iterator[Spoiled]:
    american = "/" in sheet.rows[0][sheet.column("date")]
    yield _spoil(
        sheet, "a day that never was", "date", "2/31/2026" if american else "2026-02-31", few, "31 February", bad=True
    )
    yield _spoil(
        sheet,
        "a thirteenth month",
        "date",
        "13/32/2026" if american else "2026-13-32",
        few,
        "no calendar has it",
        bad=True,
    )
    yield _spoil(
        sheet, "31.02. in a column of other dates", "date", "31.02.2026", few, "neither format nor day", bad=True
    )
    yield _spoil(
        sheet,
        "future days",
        "date",
        "9/20/2099" if american else "2099-09-20",
        few,
        "nobody has spent it yet",
        bad=True,
    )
    yield _spoil(
        sheet,
        "days before there was a web",
        "date",
        "1/15/1901" if american else "1901-01-15",
        few,
        "a default of some tool",
        bad=False,
    )
    yield _spoil(sheet, "no day", "date", "", few, "in some rows", bad=True)
    yield _spoil(sheet, "words for a day", "date", "last Tuesday", few, "in some rows", bad=True)
    yield _spoil(sheet, "two date formats", "date", "26.09.2026", few, "retyped by hand", bad=False)
    serial = _spoil(
        sheet, "spreadsheet serials for days", "date", "46291", range(sheet.count), "46291 is 2026-09-26", bad=False
    )
    yield serial


def _ids(sheet: Sheet, few: Sequence[int]) -> Iterator[Spoiled]:
    exponent = sheet.with_cells("id", lambda old, _: f"{float(old):.5E}")
    note = "a spreadsheet has cut the ids, all campaigns look alike"
    yield Spoiled("ids with an exponent", sheet.name, sheet.name, exponent.content(), note, True, max_accepted=0)
    some = sheet.with_cells("id", lambda old, _: f"{float(old):.5E}", few)
    yield Spoiled(
        "some ids with an exponent", sheet.name, sheet.name, some.content(), note, max_accepted=sheet.count - len(few)
    )
    yield _spoil(
        sheet,
        "ids behind an apostrophe",
        "id",
        lambda old, _: f"'{old}",
        range(sheet.count),
        "a spreadsheet's text mark",
        bad=False,
    )
    yield _spoil(
        sheet, "ids as floats", "id", lambda old, _: f"{old}.0", range(sheet.count), "from pandas with gaps", bad=False
    )
    yield _spoil(sheet, "no id", "id", "", few, "in some rows", bad=False)


def _number_styles(sheet: Sheet) -> Iterator[Spoiled]:
    every = range(sheet.count)

    def other(old: str, _: int) -> str:
        return old.translate(str.maketrans(",.", ".,"))

    yield _spoil(
        sheet, "half the spend with decimal commas", "spend", other, range(0, sheet.count, 2), "two hands", bad=False
    )
    yield _spoil(
        sheet, "groups of two", "spend", "1,23,45.6", every[:_FEW], "neither Indian nor anything else", bad=False
    )
    yield _spoil(sheet, "three decimal points", "spend", "1.2.3.4", every[:_FEW], "an address, not an amount", bad=True)
    yield _spoil(sheet, "thousands without decimals", "spend", "1.234", every, "1234 or 1.234, nobody knows", bad=False)
    yield _spoil(
        sheet,
        "currency signs of two currencies",
        "spend",
        lambda old, row: f"{'$€'[row % 2]}{old}",
        every,
        "mixed money",
        bad=False,
    )
    yield _spoil(
        sheet, "blanks inside numbers", "spend", "1\u00a0234\u202f567,89", every[:_FEW], "French groups", bad=False
    )


def _names(sheet: Sheet, rng: random.Random) -> Iterator[Spoiled]:
    every = range(sheet.count)
    harmless = {
        "emoji and right-to-left names": [
            "🔥 Sale 🏷️", "مبيعات الخريف", "מכירה \u202eגדולה", "👩\u200d👩\u200d👧 Family", "Z̷̢̛a̸l̵g̶o̷",
        ],
        "SQL in names": [
            "'; DROP TABLE campaign; --", "\\'); COPY x FROM PROGRAM 'id'--", "1 OR 1=1", "$$ || pg_sleep(9) || $$",
        ],
        "HTML in names": [
            "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "javascript:alert(1)",
        ],
        "formulas in names": ['=HYPERLINK("http://example.invalid","x")', "+1+1", "@SUM(A1)", "-2+3"],
        "line breaks in names": ["Spring\nSale", "A\r\nB", "\n", "tail\n\n\n"],
        "quotes and delimiters in names": ['The "Big" One', "a,b;c\td", '""', "it's"],
        "templates in names": ["{{7*7}}", "%s%n%(x)s", "${HOME}", "{0}", "\\N", "\\."],
        "copy's own marks in names": ["\\N", "\\.", "a\\tb", "\\x41", "back\\slash\\"],
    }  # fmt: skip
    for kind, names in harmless.items():
        changed = sheet.with_cells("name", lambda old, row, names=names: f"{old} {names[row % len(names)]}", every)
        yield Spoiled(kind, sheet.name, sheet.name, changed.content(), "text is text", False, sheet.count, sheet.count)
    controls = "".join(chr(rng.randrange(1, 32)) for _ in range(40)).replace("\n", "").replace("\r", "")
    yield _spoil(
        sheet,
        "control characters in names",
        "name",
        f"a{controls}\x7f\x85\u2028b",
        every[:_FEW],
        "from a terminal",
        bad=False,
    )
    yield _spoil(
        sheet, "names of blanks", "name", "  \u00a0 ", every[:_FEW], "the id still names the campaign", bad=False
    )


def _micros(text: str) -> str:
    return "".join(figure for figure in text if figure.isdigit()) + "0000"
