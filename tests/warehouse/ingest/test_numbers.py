from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.ingest.numbers import decimal_mark, read_counts, read_decimals, sign_of


def decimals(*cells, mark=".", unit="unit"):
    read = read_decimals(pl.Series(cells, dtype=pl.String), mark=mark, unit=unit)
    bad = read.unreadable.to_list() if read.unreadable is not None else [False] * len(cells)
    return ["?" if wrong else text for text, wrong in zip(read.text, bad, strict=True)]


def grouped(number, group, mark, places):
    text = f"{number:,.{places}f}"
    return text.replace(",", "G").replace(".", mark).replace("G", group)


AMOUNTS = st.decimals(min_value=0, max_value=10**11, places=2)
LOCALES = st.sampled_from(
    [(",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("'", "."), ("’", ".")]
)
SIGNS = st.sampled_from(["{}", "${}", "{} €", "{}\u00a0€", "€{}", "USD {}", "{} zł", "R$ {}", "₹{}", "CHF {}", "kr {}"])


@given(amount=AMOUNTS, locale=LOCALES, sign=SIGNS)
def test_an_amount_written_in_a_locale_is_read_back_exactly(amount, locale, sign):
    group, mark = locale
    (text,) = decimals(sign.format(grouped(amount, group, mark, 2)), mark=mark)
    assert Decimal(text) == amount


@given(amounts=st.lists(AMOUNTS, min_size=1), locale=LOCALES)
def test_the_mark_is_never_decided_wrongly(amounts, locale):
    group, mark = locale
    cells = [grouped(amount, group, mark, 2) for amount in amounts]
    assert decimal_mark(cells) == mark


@given(count=st.integers(min_value=0, max_value=10**14), locale=LOCALES)
def test_a_count_written_in_a_locale_is_read_back(count, locale):
    group, mark = locale
    read = read_counts(pl.Series([f"{count:,}".replace(",", group)]), mark=mark)
    assert read.unreadable is None
    assert read.text.to_list() == [count]


@given(micros=st.integers(min_value=0, max_value=10**17))
def test_micros_are_exact(micros):
    (text,) = decimals(str(micros), unit="micro")
    assert Decimal(text) == Decimal(micros).scaleb(-6)


@given(
    amount=st.decimals(min_value=Decimal("1e-9"), max_value=10**8, allow_nan=False),
    unit=st.sampled_from(["unit", "micro", "cent"]),
)
def test_scientific_notation_keeps_its_value_in_every_unit(amount, unit):
    exponent = {"unit": 0, "cent": -2, "micro": -6}[unit]
    (text,) = decimals(f"{amount:.6e}", unit=unit)
    assert Decimal(text) == Decimal(f"{amount:.6e}").scaleb(exponent)


def test_the_text_of_the_file_is_kept():
    assert decimals("84.99999999999999", "0.0", "144.", "4.193582") == ["84.99999999999999", "0.0", "144.", "4.193582"]


def test_the_largest_amount_that_a_numeric_holds():
    assert decimals("999999999999.999999", "999999999999.9999999", "5") == ["999999999999.999999", "?", "5"]
    assert decimals("999999999999999999", "1000000000000000000", unit="micro") == ["999999999999999999e-6", "?"]


def test_indian_grouping():
    assert decimals("12,34,567.89", "1,00,000") == ["1234567.89", "100000"]


@pytest.mark.parametrize("cell", ["", "--", " --", "—", "–", "-", "null", None, "  "])
def test_missing_is_null_and_not_unreadable(cell):
    assert decimals(cell, "1") == [None, "1"]
    assert read_counts(pl.Series([cell, "1"])).unreadable is None


@pytest.mark.parametrize(
    "cell",
    ["abc", "7.00%", "=SUM(A1)", "#REF!", "NaN", "nan", "inf", "-inf", "1e999", "1e-999", "(12.50)", "1,23,4", "12,50",
     "1.2.3", "< 10%", "1" * 60, "1e12", "999999999999999", "1 2", "0x1f", "1_000"],
)  # fmt: skip
def test_unreadable_is_neither_missing_nor_a_number(cell):
    assert decimals(cell, "1") == ["?", "1"]


def test_a_point_in_a_file_with_commas_only_groups():
    assert decimals("1.234", "7.5", "7,5", "1.234,5", mark=",") == ["1234", "?", "7.5", "1234.5"]


def test_counts_may_be_written_as_floats_but_must_be_whole():
    read = read_counts(pl.Series(["37.0", "1,234", "5.5", "1e3", ""]))
    assert read.text.to_list() == [37, 1234, None, 1000, None]
    assert read.unreadable.to_list() == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("amounts", "counts", "mark"),
    [
        (["1,234.56"], [], "."),
        (["1.234,56"], [], ","),
        (["99,90"], [], ","),
        (["1,234,567"], [], "."),
        (["0,123"], [], ","),
        (["1234,567"], [], ","),
        (["12", "7"], [], None),
        (["1,234"], [], "undecidable"),
        (["1,234"], ["5,678"], "."),
        (["1.234"], ["5.678"], ","),
        (["1,50", "1.50"], [], "undecidable"),
        (["12 €", "$3"], [], None),
    ],
)
def test_what_a_sample_proves_about_the_mark(amounts, counts, mark):
    assert decimal_mark(amounts, counts) == mark


def test_signs_of_currencies():
    cells = pl.Series(["€12", "12,50 €", "$3", "USD 3", "5", "3 zł", "x", None])
    assert sign_of(cells).to_list() == ["€", "€", "$", "USD", None, "zł", None, None]
