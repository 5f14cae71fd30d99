import pytest

from tests.warehouse.ingest.read.shapes import VOCABULARY
from warehouse.ingest.contract import LINE
from warehouse.ingest.read.headers import column_names, find_layout, normalise_header, reads_like_header


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Coût\u00a0", "cout"),
        ("  Campaign   ID ", "campaign id"),
        ("\ufeffDay", "day"),
        ("KOSTEN", "kosten"),
        ("Día", "dia"),
        ("Straße", "strasse"),
        ("Ｃｏｓｔ", "cost"),
        ("Cost / conv.", "cost / conv."),
    ],
)
def test_headers_are_compared_without_accents_case_and_odd_blanks(written: str, same: str) -> None:
    assert normalise_header(written) == same
    assert normalise_header(normalise_header(written)) == same


def test_header_is_the_first_row_with_two_known_names_and_no_number() -> None:
    sample = "Campaign report\nDay,Cost,7\nAvg. cost,Cost / conv.,x\nDay,Campaign,Cost\n2026-09-01,Brand,5\n"
    layout = find_layout(sample, VOCABULARY)
    assert layout is not None
    assert (layout.header.line, layout.header.cells) == (4, ("Day", "Campaign", "Cost"))


def test_unknown_header_is_the_first_row_of_the_usual_width() -> None:
    layout = find_layout("A title\n\nalpha;beta\n1;2\n3;4\n", VOCABULARY)
    assert layout is not None
    assert (layout.delimiter, layout.header.line, layout.known) == (";", 3, 0)


def test_header_below_line_20_is_not_looked_for() -> None:
    layout = find_layout("title\n" * 20 + "Day,Campaign,Cost\n", VOCABULARY)
    assert layout is not None
    assert layout.header.line == 1


def test_delimiter_is_the_one_under_which_the_names_are_known() -> None:
    # Decimal commas and a title with commas would cut more evenly.
    sample = "a,b,c\nDay;Campaign;Cost\n2026-09-01;x;1,5\n2026-09-02;y;2,5\n2026-09-03;z;3,5\n"
    layout = find_layout(sample, VOCABULARY)
    assert layout is not None
    assert layout.delimiter == ";"


def test_blank_text_has_no_layout() -> None:
    assert find_layout("\n \n\n", VOCABULARY) is None


def test_repeated_names_become_unique() -> None:
    assert column_names(["Cost", "Cost", "", "", "Cost__2", LINE]) == [
        "Cost",
        "Cost__2",
        "",
        "__2",
        "Cost__2__2",
        f"{LINE}__2",
    ]


@pytest.mark.parametrize(
    ("cells", "header"),
    [
        (["Nth day", "Sessions"], True),
        (["Direct", "217"], False),
        (["Direct", "1,234.5 €"], False),
        (["2026-09-01", "Direct"], False),
        (["", "Direct"], False),
    ],
)
def test_names_alone_read_like_a_header(cells: list[str], header: bool) -> None:
    assert reads_like_header(cells) is header
