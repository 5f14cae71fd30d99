import datetime as dt

import polars as pl

from warehouse.ingest.checks import Checks


def findings(rows, currency="USD"):
    """Rows are (day, impressions, clicks, spend, value); a short list is repeated to have a median."""
    days, impressions, clicks, spend, value = (list(c) for c in zip(*rows, strict=True))
    checks = Checks()
    checks.add(
        pl.Series(days, dtype=pl.Date),
        {
            "impressions": pl.Series(impressions, dtype=pl.Int64),
            "clicks": pl.Series(clicks, dtype=pl.Int64),
            "spend": pl.Series(spend, dtype=pl.Float64),
            "conversion_value": pl.Series(value, dtype=pl.Float64),
        },
    )
    return {f.code: f for f in checks.findings(currency)}


def day(number, month=1):
    return dt.date(2026, month, number)


GOOD = [(day(n), 1000, 50, 60.0, 200.0) for n in range(1, 26)]


def test_ordinary_rows_say_nothing():
    assert findings(GOOD) == {}


def test_spend_in_micros_is_suspected():
    found = findings([(d, i, c, s * 1e6, v) for d, i, c, s, v in GOOD])
    assert "unit_suspect" in found
    assert "micros" in found["unit_suspect"].message


def test_large_currencies_have_larger_amounts():
    rows = [(d, i, c, s * 1000, v) for d, i, c, s, v in GOOD]
    assert "unit_suspect" in findings(rows, "USD")
    assert "unit_suspect" not in findings(rows, "IDR")


def test_a_few_rows_have_no_median():
    assert findings([(day(1), 10, 5, 5e6, 0.0)]) == {}


def test_a_jump_between_months_is_found():
    found = findings(GOOD + [(day(n, 2), 1000, 50, 6000.0, 200.0) for n in range(1, 26)])
    assert "2026-02" in found["unit_jump"].message


def test_impossible_and_remarkable_rows_are_counted():
    found = findings([*GOOD, (day(26), 5, 9, 1.0, 0.0), (day(27), 5, 2, 0.0, 10.0)])
    assert found["clicks_above_impressions"].severity == "warning"
    assert found["clicks_above_impressions"].message.startswith("1 rows")
    assert found["value_without_spend"].severity == "info"


def test_one_day_for_hundreds_of_rows_is_suspected():
    assert "one_day" in findings([(day(1), 1000, 50, 60.0, 200.0)] * 600)
    assert "one_day" not in findings([(day(1), 1000, 50, 60.0, 200.0)] * 20)
