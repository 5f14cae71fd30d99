"""Numbers as people and programs write them -> exact decimal text and whole counts.

Money never becomes a float: a value stays the text that the file has, cleaned of currency signs and group marks,
with the unit applied by an exponent (``46980000`` micros is ``46980000e-6``, which PostgreSQL reads exactly). The
float beside it serves checks only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

import polars as pl

from warehouse.ingest.sources.model import Unit

DecimalMark = Literal[".", ","]

# What stands for "not reported". Platforms write a dash of some kind; connectors write NULL.
MISSING: Final = ("", "--", "-", "—", "–", "null", "NULL", "None", r"\N", "n/a", "N/A")

_EXPONENT: Final = {"unit": 0, "cent": -2, "micro": -6}
_SCALE: Final = {unit: 10.0**exponent for unit, exponent in _EXPONENT.items()}
_LONGEST = 40  # characters; more digits than any counter has
_LARGEST_AMOUNT = 1e12  # numeric(18,6) ends there
_LARGEST_COUNT = 1e15

_HUGE_EXPONENT = r"[eE][+-]?\d{3}"  # a float reads 1e-999 as 0, PostgreSQL does not

_SPACES = r"[\s\u00a0\u202f\u2009\u2007'’]"
_CURRENCY = r"(?:[A-Z]{1,3}\$|[A-Z]{3}|\p{Sc}|kr\.?|zł|Kč|Ft|lei|Rs\.?)"
_GROUPED: Final = {
    ".": r"^[+-]?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d*)?(?:[eE][+-]?\d{1,2})?$|^[+-]?\.\d+$",
    ",": r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{2,3})*\.\d{3})(?:,\d*)?$|^[+-]?,\d+$",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """One column, read.

    ``text`` is PostgreSQL's numeric input (null where nothing is reported), ``value`` the same as float in units,
    ``unreadable`` marks cells that are neither a number nor missing (``None``: there are none).
    """

    text: pl.Series
    value: pl.Series
    unreadable: pl.Series | None


def read_decimals(cells: pl.Series, *, mark: DecimalMark = ".", unit: Unit = "unit") -> Numbers:
    """Amounts and fractional counts. Values that a numeric(18,6) cannot hold are unreadable."""
    cells = _blanks_as_nulls(cells)
    value = _quick(cells, mark)
    if value is None:
        cells, value = _careful(original := cells, mark)
    else:
        original = cells
    text = _in_unit(cells, unit)
    value = value * _SCALE[unit] if unit != "unit" else value
    fine = value.is_between(-_LARGEST_AMOUNT, _LARGEST_AMOUNT, closed="none")  # false for NaN and infinities
    edge = (value.abs() == _LARGEST_AMOUNT).fill_null(value=False)
    if edge.any():  # as floats 999999999999.999999 and the first amount that is too large are one
        fine |= edge & text.is_in([t for t in text.filter(edge) if abs(round(Decimal(t), 6)) < _LARGEST_AMOUNT])
    return Numbers(text, value, _unreadable(original, fine))


def read_counts(cells: pl.Series, *, mark: DecimalMark = ".") -> Numbers:
    """Whole counts: ``text`` is an Int64 series here. ``37.0`` is 37; ``37.5`` is unreadable."""
    cells = _blanks_as_nulls(cells)
    whole = cells.cast(pl.Int64, strict=False)
    if whole.null_count() == cells.null_count():
        return Numbers(whole, whole, None)
    value = _quick(cells, mark)
    if value is None:
        _, value = _careful(cells, mark)
    fine = value.is_between(-_LARGEST_COUNT, _LARGEST_COUNT) & (value == value.round(0))
    counts = pl.select(pl.when(fine).then(value)).to_series().cast(pl.Int64, strict=False)
    return Numbers(counts, counts, _unreadable(cells, fine))


def sign_of(cells: pl.Series) -> pl.Series:
    """The currency sign or code before or after each number; null where there is none."""
    return cells.str.extract(rf"^[+-]?({_CURRENCY}){_SPACES}*[+-]?\d|\d{_SPACES}*({_CURRENCY})$", 0).str.extract(
        rf"({_CURRENCY})"
    )


def is_missing(cells: pl.Series) -> pl.Series:
    """True where a cell says that nothing is reported."""
    return cells.is_null() | cells.str.strip_chars().is_in(MISSING)


def decimal_mark(amounts: Iterable[str], counts: Iterable[str] = ()) -> DecimalMark | Literal["undecidable"] | None:
    """The decimal mark that a sample of cells proves.

    A mark followed by anything but three digits is a decimal mark; so is the last of two different ones; one that
    repeats is a group mark. In whole counts a mark followed by exactly three digits groups them. ``None``: no cell
    has a mark, so it does not matter yet. ``"undecidable"``: every mark could be either, or two cells disagree.
    """
    proofs: set[DecimalMark] = set()
    open_questions = False
    for cells, whole in ((amounts, False), (counts, True)):
        for cell in cells:
            digits = re.sub(r"[^\d.,]", "", cell)
            proof = _mark_of(digits, whole=whole)
            if proof:
                proofs.add(proof)
            elif re.search(r"[.,]", digits):
                open_questions = open_questions or not whole
    if len(proofs) == 1:
        return proofs.pop()
    return "undecidable" if proofs or open_questions else None


def _mark_of(digits: str, *, whole: bool) -> DecimalMark | None:
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return None
    last: DecimalMark = marks[-1]
    other: DecimalMark = "," if last == "." else "."
    if len(set(marks)) > 1:
        return last
    if len(marks) > 1:
        return other
    before, _, after = digits.partition(last)
    if len(after) != 3 or len(before) > 3 or before in {"", "0"}:
        return last
    return other if whole else None


def _quick(cells: pl.Series, mark: DecimalMark) -> pl.Series | None:
    """The values, when every cell is a number as a program writes it; ``None`` when some cell needs care."""
    value = cells.cast(pl.Float64, strict=False)
    if value.null_count() > cells.null_count() or (mark == "," and _any(cells, "[.eE]")):
        return None
    longest = cells.str.len_bytes().max()
    if (isinstance(longest, int) and longest > _LONGEST) or _any(cells, _HUGE_EXPONENT):
        return None
    return value


def _careful(cells: pl.Series, mark: DecimalMark) -> tuple[pl.Series, pl.Series]:
    """The same for cells with group marks, a decimal comma, currency signs, or words for "missing"."""
    plain = _ungrouped(cells, mark)
    odd = ~_written(cells, mark) & cells.is_not_null()
    if odd.any():
        bare = _bare(cells.filter(odd))
        bare = bare.set(~_written(bare, mark), None)
        plain = plain.scatter(odd.arg_true(), _ungrouped(bare, mark))
    return plain, plain.cast(pl.Float64, strict=False)


def _written(cells: pl.Series, mark: DecimalMark) -> pl.Series:
    return (cells.str.contains(_GROUPED[mark]) & (cells.str.len_bytes() <= _LONGEST)).fill_null(value=False)


def _ungrouped(cells: pl.Series, mark: DecimalMark) -> pl.Series:
    if mark == ".":
        return cells.str.replace_all(",", "", literal=True)
    return cells.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)


def _bare(cells: pl.Series) -> pl.Series:
    """Cells without currency signs and spaces; null where they say "missing"."""
    trimmed = cells.str.strip_chars(" \t\u00a0\u202f")
    trimmed = trimmed.set(is_missing(trimmed), None)
    unsigned = trimmed.str.replace(rf"^([+-]?){_CURRENCY}{_SPACES}*([+-]?)", "$1$2")
    unsigned = unsigned.str.replace(rf"{_SPACES}*{_CURRENCY}$", "")
    # Spaces and apostrophes group digits by three; anywhere else they make the cell unreadable.
    spaced = unsigned.str.contains(rf"^[+-]?\d{{1,3}}(?:{_SPACES}\d{{3}})+(?:[.,]\d*)?$").fill_null(value=False)
    if not spaced.any():
        return unsigned
    return unsigned.scatter(spaced.arg_true(), unsigned.filter(spaced).str.replace_all(_SPACES, ""))


def _in_unit(plain: pl.Series, unit: Unit) -> pl.Series:
    """The text with the unit's exponent; one that has an exponent already gets their sum."""
    if unit == "unit":
        return plain
    text = plain + f"e{_EXPONENT[unit]}"
    scientific = plain.str.contains("[eE]")
    if not scientific.any():
        return text
    odd = plain.filter(scientific)
    power = odd.str.extract(r"[eE]([+-]?\d+)$").cast(pl.Int64) + _EXPONENT[unit]
    return text.scatter(scientific.arg_true(), odd.str.extract(r"^([^eE]*)") + "e" + power.cast(pl.String))


def _unreadable(cells: pl.Series, fine: pl.Series) -> pl.Series | None:
    if fine.null_count() == 0 and fine.all():
        return None
    bad = ~fine.fill_null(value=False) & ~is_missing(cells)
    return bad if bad.any() else None


def _blanks_as_nulls(cells: pl.Series) -> pl.Series:
    blank = cells == ""
    return cells.set(blank, None) if blank.any() else cells


def _any(cells: pl.Series, pattern: str) -> bool:
    return bool(cells.str.contains(pattern).any())
