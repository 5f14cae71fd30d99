from pathlib import Path

import pytest

from tests.warehouse.ingest.read.shapes import number, saved, take_all, take_one, text, workbook
from warehouse.errors import LoadRefused

HEADER = (1, [text("Day"), text("Campaign ID"), text("Cost")])


def test_rows_of_a_sheet_come_with_their_row_numbers(tmp_path: Path) -> None:
    rows = [
        (2, [text("Campaign report")]),
        (4, [text("Day"), text("Campaign"), text("Cost")]),
        (5, [number("46266", style=1), text(" lead & <tail>"), number("1234.5")]),
        (8, [number("46267", style=1), "", number("7")]),
    ]
    taken = take_one(saved(tmp_path, workbook({"Report": rows}), "export.xlsx"))
    assert taken.table.typed
    assert (taken.table.header, taken.table.header_line) == (("Day", "Campaign", "Cost"), 4)
    assert taken.table.preamble == ("Campaign report",)
    assert taken.rows == [("2026-09-01", " lead & <tail>", "1234.5"), ("2026-09-02", None, "7")]
    assert taken.lines == [5, 8]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (number("21345678901"), "21345678901"),
        (number("999999999999999"), "999999999999999"),
        (number("5.0"), "5"),
        (number("1E-3"), "0.001"),
        (number("0.10000000000000001"), "0.1"),
        (number("1234.5678901234"), "1234.5678901234"),
        (number("0.0000000123"), "0.0000000123"),
        (number("99999999999999.99"), "99999999999999.98"),  # the double that is nearest
        (number("-3"), "-3"),
        # 16 digits and more: Excel has lost some, so it must not pass for an identifier.
        (number("120215518561610553"), "1.2021551856161056E+17"),
        (number("1.20215518561610E+17"), "1.20215518561610E+17"),
        (text("120215518561610553"), "120215518561610553"),
        (text("0.1234567890123"), "0.1234567890123"),
        (text("007"), "007"),
        (text("1.0"), "1.0"),
    ],
)
def test_cells_are_written_exactly(tmp_path: Path, cell: str, written: str) -> None:
    row = (2, [number("46266", style=1), cell, text("--")])
    taken = take_one(saved(tmp_path, workbook({"Report": [HEADER, row]}), "export.xlsx"))
    value = taken.rows[0][1]
    assert value is not None
    if "E" in written:
        assert "E" in value
        assert float(value) == float(written)
    else:
        assert value == written


def test_times_stay_times_where_one_is_not_midnight(tmp_path: Path) -> None:
    rows = [HEADER, (2, [number("46266", 2), text("1"), ""]), (3, [number("46266.5", 2), text("1"), ""])]
    taken = take_one(saved(tmp_path, workbook({"Report": rows}), "export.xlsx"))
    assert [r[0] for r in taken.rows] == ["2026-09-01 00:00:00", "2026-09-01 12:00:00"]


def test_each_visible_sheet_with_data_is_a_table(tmp_path: Path) -> None:
    row = (2, [number("46266", style=1), text("1"), number("2")])
    content = workbook({"A": [HEADER, row], "Empty": [], "B": [HEADER], "Secret": [HEADER, row]}, hidden=["Secret"])
    first, second = take_all(saved(tmp_path, content, "export.xlsx"))
    assert (first.table.path[-2:], second.table.path[-2:]) == ("#A", "#B")
    assert (len(first.rows), len(second.rows)) == (1, 0)


def test_workbook_named_csv_is_read_and_said(tmp_path: Path) -> None:
    row = (2, [number("46266", style=1), text("1"), number("2")])
    taken = take_one(saved(tmp_path, workbook({"A": [HEADER, row]}), "export.csv"))
    assert taken.rows == [("2026-09-01", "1", "2")]
    assert [n.code for n in taken.table.notes] == ["WRONG_SUFFIX"]


def test_footer_below_the_data_is_counted_apart(tmp_path: Path) -> None:
    rows = [HEADER, (2, [number("46266", 1), text("1"), number("2")]), (4, [text("©2026 Microsoft Corporation")])]
    taken = take_one(saved(tmp_path, workbook({"A": rows}), "export.xlsx"))
    assert (len(taken.rows), taken.table.footers) == (1, 1)


def test_values_beside_the_header_are_kept(tmp_path: Path) -> None:
    rows = [HEADER, (2, [number("46266", 1), text("1"), number("2"), text("a remark")])]
    taken = take_one(saved(tmp_path, workbook({"A": rows}), "export.xlsx"))
    assert taken.table.header == ("Day", "Campaign ID", "Cost", "")
    assert taken.rows[0][3] == "a remark"


def test_workbook_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match="without data"):
        take_all(saved(tmp_path, workbook({"A": [], "B": []}), "export.xlsx"))


def test_damaged_sheet_is_refused(tmp_path: Path) -> None:
    content = workbook({"A": [(1, [text("Day"), '<c t="inlineStr"><is><t>open'])]})
    with pytest.raises(LoadRefused, match="damaged Excel workbook"):
        take_all(saved(tmp_path, content, "export.xlsx"))
