from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pytest

from ml.lift.panel import Panel
from ml.lift.panel_file import names_of, predictor_columns, predictors_of, read_panel, time_of
from ml.lift.predictors import Predictor
from warehouse.errors import BadSetting, CausewayError, LoadRefused, NotEnoughData

GOOD = "city,day,sales,price\nb,2026-01-02,4,\na,2026-01-01,1,9\nb,2026-01-01,3,7.5\na,2026-01-02,2,8\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "panel.csv"


def read(file: Path, text: str, *traits: str) -> Panel:
    file.write_text(text, encoding="utf-8")
    return read_panel(file, "city", "day", "sales", traits)


def test_rows_come_in_any_order(file: Path) -> None:
    panel = read(file, GOOD, "price")
    assert (panel.units, panel.times) == (("a", "b"), (dt.date(2026, 1, 1), dt.date(2026, 1, 2)))
    assert panel.values.tolist() == [[1, 2], [3, 4]]
    assert np.isnan(panel.traits["price"]).tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_told_apart(file: Path, separator: str) -> None:
    assert read(file, GOOD.replace(",", separator)).values.tolist() == [[1, 2], [3, 4]]


def test_gzip_is_read(tmp_path: Path) -> None:
    file = tmp_path / "panel.csv.gz"
    file.write_bytes(gzip.compress(GOOD.encode()))
    assert read_panel(file, "city", "day", "sales").values.shape == (2, 2)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1989", 1989),
        ("1989.0", 1989),
        ("20260301", dt.date(2026, 3, 1)),
        ("2026-03-01", dt.date(2026, 3, 1)),
        ("2026-03-01 00:00:00", dt.date(2026, 3, 1)),
        ("2026-03-01T00:00:00Z", dt.date(2026, 3, 1)),
        ("7", 7),
    ],
)
def test_periods_are_days_or_whole_numbers(file: Path, written: str, expected: dt.date | int) -> None:
    assert read(file, f"city,day,sales\na,{written},1\n").times == (expected,)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("city,day,sales\na,1,1\na,2,much\n", LoadRefused, "panel.csv, row 3, column 'sales': 'much' is no number"),
        ("city,day,sales\na,1,1\na,2,\n", LoadRefused, "row 3, column 'sales' is empty"),
        ("city,day,sales\na,1,1\na,2,inf\n", LoadRefused, "row 3, column 'sales': 'inf' is no number"),
        ("city,day,sales\na,1,1\na,2,NaN\n", LoadRefused, "row 3, column 'sales': 'NaN' is no number"),
        ('city,day,sales\na,1,"1,200"\n', LoadRefused, "row 2, column 'sales': '1,200' is no number"),
        ("city,day,sales\na,1,1\n,2,1\n", LoadRefused, "row 3, column 'city' is empty"),
        ("city,day,sales\na,2026-01-01,1\na,soon,1\n", LoadRefused, "row 3, column 'day': 'soon' is no period"),
        ("city,day,sales\na,1,1\na,1.5,1\n", LoadRefused, "row 3, column 'day': '1.5' is no period"),
        ("city,day,sales\na,1,1\na,,1\n", LoadRefused, "row 3, column 'day': nothing is no period"),
        ("city,day,sales\na,2026-02-30,1\na,2026-02-03,2\n", LoadRefused, "row 2, column 'day': '2026-02-30'"),
        ("city,day,sales\na,1,1\nb,1,1\na,1,1\n", LoadRefused, "row 4: a has a second row for 1"),
        ("city,day,sales\na,1,1\na,2,1\nb,1,1\n", NotEnoughData, "b has no row for 2."),
        ("city,day,sales\na,1,1\na,2,1\na,3,1\nb,1,1\n", NotEnoughData, "b has no row for 2, and 2 rows are missing"),
        ("city,day,sales\n", LoadRefused, "no row below its header"),
        ("", LoadRefused, "has no column 'city'; it has: nothing"),
        ("town,day,sales\na,1,1\n", LoadRefused, "has no column 'city'; it has: town, day, sales"),
        ("city,day,sales\na,1,1\nb,1,1,1,1\n", LoadRefused, "cannot be read as CSV"),
    ],
)
def test_what_is_no_panel_is_refused_with_its_place(
    file: Path, text: str, error: type[CausewayError], words: str
) -> None:
    with pytest.raises(error) as refused:
        read(file, text)
    assert words in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match="cannot be read"):
        read_panel(tmp_path / "nothing.csv", "a", "b", "c")
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"no gzip at all")
    with pytest.raises(LoadRefused, match="cannot be read"):
        read_panel(broken, "a", "b", "c")


def test_a_predictor_has_a_name_of_its_own(file: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be called 'unit'"):
        read(file, GOOD.replace("price", "unit"), "unit")


def test_what_is_written_on_the_command_line(file: Path) -> None:
    days, years = read(file, GOOD), read(file, "city,day,sales\na,1989,1\na,1990,2\n")
    assert time_of(" 2026-01-02 ", days) == dt.date(2026, 1, 2)
    assert time_of("1989-01-01", years) == 1989
    with pytest.raises(BadSetting, match="'soon' is no period"):
        time_of("soon", days)
    assert names_of('a, "b, c",d') == ("a", "b, c", "d")
    assert names_of("") == ()
    written = "income@1989..1990,sales@1989,price"
    assert predictor_columns(written, "sales") == ["income", "price"]
    assert predictors_of(written, years, "sales") == (
        Predictor("income", 1989, 1990), Predictor("outcome", 1989, 1989), Predictor("price"),
    )  # fmt: skip
