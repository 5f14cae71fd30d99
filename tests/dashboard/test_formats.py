from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import formats
from dashboard.formats import MINUS, UNKNOWN, change, number
from warehouse.metrics import METRICS

UNITS = ("money", "count", "decimal", "percent", "multiple")
amounts = st.decimals(min_value=-(10**14), max_value=10**14, allow_nan=False, allow_infinity=False, places=6)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0, "count", "0"),
        (999, "count", "999"),
        (999.6, "count", "1.00 k"),
        (12345, "count", "12.3 k"),
        (1_234_567, "count", "1.23 M"),
        (Decimal(2_500_000_000), "count", "2.50 B"),
        (Decimal("2.6205e15"), "count", "2,620 T"),
        (12, "decimal", "12"),
        (12.34, "decimal", "12.3"),
        (12345.67, "money", "$12.3 k"),
        (-12345.67, "money", f"{MINUS}$12.3 k"),
        (12.5, "money", "$12.50"),
        (99.999, "money", "$100"),
        (0.456, "money", "$0.456"),
        (0.123456, "percent", "12.3 %"),
        (1.5, "percent", "150 %"),
        (12.34, "percent", "1,230 %"),
        (0.0004567, "percent", "0.0457 %"),
        (2.4, "multiple", "2.40×"),
        (1e-9, "multiple", "≈0×"),
        (-1e-9, "multiple", "≈0×"),
        (None, "money", UNKNOWN),
        (math.nan, "percent", UNKNOWN),
        (math.inf, "multiple", UNKNOWN),
    ],
)
def test_numbers_are_written_short(value, unit, written) -> None:
    assert number(value, unit).replace(formats.SPACE, " ") == written


@pytest.mark.parametrize(
    ("currency", "written"),
    [("EUR", "€1.23 k"), ("JPY", "¥1.23 k"), ("CHF", "CHF 1.23 k"), ("CAD", "CA$1.23 k")],
)
def test_money_names_its_currency(currency, written) -> None:
    assert number(1234, "money", currency).replace(formats.SPACE, " ") == written


def test_yen_have_no_cents() -> None:
    assert number(45.6, "money", "JPY") == "¥46"


@given(amounts, st.sampled_from(UNITS))
def test_at_most_three_significant_figures(value, unit) -> None:
    written = number(value, unit)
    digits = re.sub(r"[^0-9]", "", written).lstrip("0")
    cents = unit == "money" and "." in written and not written.endswith(("k", "M", "B", "T"))
    assert len(digits.rstrip("0") if "." not in written else digits) <= (4 if cents else 3)


@given(amounts, st.sampled_from(UNITS))
def test_what_is_written_is_the_value_to_half_a_per_cent_of_itself(value, unit) -> None:
    written = number(value, unit).replace(MINUS, "-").replace("$", "").replace(",", "").replace("×", "")
    suffix = next((s for s in "kMBT" if s in written), "")
    plain = Decimal(re.sub(rf"[{formats.SPACE}kMBT%≈]", "", written)) * 1000 ** " kMBT".index(suffix or " ")
    plain /= 100 if unit == "percent" else 1
    slack = abs(value) * Decimal("0.0051") + (Decimal("0.5") if unit == "count" else Decimal("0.00001"))
    assert abs(plain - value) <= slack


@given(st.decimals(min_value=Decimal("0.001"), max_value=10**12, places=3), st.sampled_from(UNITS))
def test_a_negative_number_is_the_positive_one_with_a_minus(value, unit) -> None:
    positive, negative = number(value, unit), number(-value, unit)
    assert negative == (MINUS + positive if re.search("[1-9]", positive) else positive)


def test_exact_has_the_digits_that_short_leaves_out() -> None:
    assert formats.exact(Decimal("12345.678"), "money") == "$12,345.68"
    assert formats.exact(0.0123456, "percent").replace(formats.SPACE, " ") == "1.235 %"
    assert formats.exact(None, "count") == UNKNOWN


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (10_000, "money", "$10 k"),
        (2_500, "money", "$2.5 k"),
        (100, "count", "100"),
        (0.1, "percent", "10 %"),
        (20, "money", "$20"),
    ],
)
def test_ticks_have_no_empty_decimals(value, unit, written) -> None:
    assert formats.tick(value, unit).replace(formats.SPACE, " ") == written


@pytest.mark.parametrize(
    ("metric", "now", "before", "text", "tone"),
    [
        ("revenue", 110, 100, "▲ +10.0 %", "good"),
        ("revenue", 90, 100, f"▼ {MINUS}10.0 %", "bad"),
        ("cpa", 90, 100, f"▼ {MINUS}10.0 %", "good"),
        ("cpa", 110, 100, "▲ +10.0 %", "bad"),
        ("spend", 110, 100, "▲ +10.0 %", "flat"),
        ("roi", -0.5, -1.0, "▲ +50.0 %", "good"),
        ("revenue", 100, 100, "→ 0 %", "flat"),
        ("revenue", 100.001, 100, "→ 0 %", "flat"),
        ("revenue", 5, 0, "▲ new", "good"),
        ("revenue", 1500, 100, "▲ 15.0×", "good"),
        ("revenue", None, 100, UNKNOWN, "unknown"),
        ("revenue", 100, None, UNKNOWN, "unknown"),
    ],
)
def test_a_change_says_which_way_and_whether_that_is_good(metric, now, before, text, tone) -> None:
    found = change(now, before, METRICS[metric])
    assert (found.text.replace(formats.SPACE, " "), found.tone) == (text, tone)
    assert found.hint


def test_ranges_of_days_name_month_and_year_once() -> None:
    day = dt.date
    assert formats.day_range(day(2026, 11, 3), day(2026, 11, 9)) == "3–9 Nov 2026"
    assert formats.day_range(day(2026, 10, 30), day(2026, 11, 9)) == "30 Oct – 9 Nov 2026"
    assert formats.day_range(day(2025, 12, 30), day(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"
    assert formats.day_range(day(2026, 1, 2), day(2026, 1, 2)) == "2 Jan 2026"


def test_a_sum_of_nothing_known_is_not_zero() -> None:
    assert formats.to_decimal_sum([None, math.nan]) is None
    assert formats.to_decimal_sum([None, Decimal("0.1"), Decimal("0.2")]) == Decimal("0.3")
