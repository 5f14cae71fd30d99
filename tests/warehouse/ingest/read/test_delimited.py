import csv
import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.warehouse.ingest.read.shapes import HEADER, saved, take_all, take_one
from warehouse.errors import LoadRefused
from warehouse.ingest.read.open import open_tables

PLAIN = "Day,Campaign,Cost\n2026-09-01,Brand,1.50\n2026-09-02,Übersee,2.00\n"
ROWS = [("2026-09-01", "Brand", "1.50"), ("2026-09-02", "Übersee", "2.00")]

# Control characters only now and then: a file full of them is taken for no text.
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    [
        "",
        '"',
        '""',
        ",",
        "a\nb",
        "\r\n",
        "\r",
        '5" pipe',
        " lead",
        "é\n",
        "\ufeff",
        "©2026",
        "#",
        "# x",
        "\x85",
        "\u2028",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.tuples(st.just("2026-09-01"), CELLS, CELLS), max_size=30),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    above=st.sampled_from([[], ["Campaign report"], ["Campaign report", "", "All time"]]),
)
@example([("2026-09-01", "a\n\nb", '"')], ",", "utf-8", "\n", csv.QUOTE_MINIMAL, [])
@example([("2026-09-01", "Ā" * 4, "Ā")] * 2, ",", "utf-16-le", "\n", csv.QUOTE_MINIMAL, [])  # its low byte is zero
def test_what_python_writes_is_read_back_with_its_lines(
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
    line_end: str,
    quoting: Literal[0, 1, 2],
    above: list[str],
) -> None:
    out = io.StringIO(newline="")
    out.write("".join(line + line_end for line in above))
    if any(end in cell for row in rows for cell in row for end in "\r\n"):
        quoting = csv.QUOTE_ALL  # the writer forgets to quote those line ends that are not its own
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow(HEADER)
    lines = []
    for row in rows:
        lines.append(sum(1 for _ in io.StringIO(out.getvalue(), newline="")) + 1)
        writer.writerow(row)
    with tempfile.TemporaryDirectory() as folder:
        taken = take_one(saved(Path(folder), out.getvalue().encode(encoding)))
    assert taken.table.header == HEADER
    assert taken.table.header_line == len(above) + 1
    assert taken.rows == rows
    assert taken.lines == lines
    assert (taken.misfits, taken.table.footers) == ([], 0)


@settings(max_examples=200, deadline=None)
@given(widths=st.lists(st.integers(0, 6), max_size=40), quoted=st.booleans(), ended=st.booleans())
def test_ragged_records_are_each_counted_once(widths: list[int], quoted: bool, ended: bool) -> None:
    def cell(line: int, column: int) -> str:
        return f'"{line}\n{column}"' if quoted and (line + column) % 3 == 0 else f"{line}.{column}"

    records = [",".join(cell(line, column) for column in range(width)) for line, width in enumerate(widths)]
    content = "\n".join(["Day,Campaign,Cost", *records]) + ("\n" if ended else "")
    with tempfile.TemporaryDirectory() as folder:
        taken = take_one(saved(Path(folder), content))
    assert len(taken.rows) == widths.count(3)
    assert [m.reason.split(",")[0] for m in taken.misfits] == [
        f"has {w} cell{'s' if w != 1 else ''}" for w in widths if w not in (0, 3)
    ]
    assert sorted(taken.lines + [m.line for m in taken.misfits]) == [
        2 + sum(r.count("\n") + 1 for r in records[:number]) for number, width in enumerate(widths) if width
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_recognised(tmp_path: Path, encoding: str) -> None:
    taken = take_one(saved(tmp_path, PLAIN.encode(encoding)))
    assert taken.rows == ROWS
    assert taken.table.notes == []


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_european_is_fallen_back_to_and_said(tmp_path: Path, encoding: str) -> None:
    taken = take_one(saved(tmp_path, PLAIN.encode(encoding)))
    assert taken.rows == ROWS
    assert [n.code for n in taken.table.notes] == ["ENCODING_FALLBACK"]


def test_bytes_that_cp1252_leaves_undefined_stay_one_character(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, b"Day,Campaign,Cost\n2026-09-01,\xe9\x81\xfc,1\n"))
    assert taken.rows == [("2026-09-01", "é\x81ü", "1")]


def test_encoding_may_show_itself_far_into_the_file(tmp_path: Path) -> None:
    row = "2026-09-01,Brand,1.50\n"
    content = "Day,Campaign,Cost\n" + row * 300_000 + "2026-09-02,Übersee,2.00\n"
    taken = take_one(saved(tmp_path, content.encode("cp1252")))
    assert taken.rows[-1] == ROWS[-1]
    assert [n.code for n in taken.table.notes] == ["ENCODING_FALLBACK"]


def test_a_few_damaged_characters_do_not_change_the_encoding(tmp_path: Path) -> None:
    content = ("Day,Campaign,Cost\n" + "2026-09-01,Übersee,1\n" * 5).encode() + b"2026-09-02,\xff,2\n"
    taken = take_one(saved(tmp_path, content))
    assert len(taken.rows) == 5
    assert [(m.line, m.code) for m in taken.misfits] == [(7, "NOT_TEXT")]


def test_character_across_two_reads_stays_whole(tmp_path: Path) -> None:
    content = "Day,Campaign,Cost\n" + "2026-09-01,ü€😀,1\n" * 400_000
    taken = take_one(saved(tmp_path, content))
    assert set(taken.rows) == {("2026-09-01", "ü€😀", "1")}
    assert len(taken.rows) == 400_000
    assert taken.batches > 1


def test_record_with_nul_is_a_misfit_that_can_be_stored(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, b"Day,Campaign,Cost\n2026-09-01,a\0b,1\n2026-09-02,c,2\n"))
    assert taken.rows == [("2026-09-02", "c", "2")]
    (misfit,) = taken.misfits
    assert (misfit.line, misfit.code, misfit.raw) == (2, "NOT_TEXT", "2026-09-01,a\ufffdb,1")


def test_microsoft_report_gives_preamble_rows_and_footer(tmp_path: Path) -> None:
    content = (
        '\ufeff"Report Name: Campaigns"\r\n"Time Zone: UTC, fixed"\r\n"Rows: 1"\r\n\r\n'
        '"Day","Campaign","Cost"\r\n"2026-09-01","Brand","846.50"\r\n\r\n'
        '"©2026 Microsoft Corporation. All rights reserved. "\r\n'
    )
    taken = take_one(saved(tmp_path, content))
    assert taken.table.preamble == ("Report Name: Campaigns", "Time Zone: UTC, fixed", "Rows: 1")
    assert (taken.table.header_line, taken.lines) == (5, [6])
    assert (taken.misfits, taken.table.footers) == ([], 1)


def test_footer_that_a_spreadsheet_padded_is_still_a_footer(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "Day,Campaign,Cost\n2026-09-01,x,1\n©2026 Microsoft Corporation,,\n"))
    assert (len(taken.rows), taken.table.footers, taken.records) == (1, 1, 2)


def test_campaign_with_a_copyright_sign_is_a_row(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "Campaign,Cost,Day\n©2026 Shoes,1,2026-09-01\n"))
    assert (len(taken.rows), taken.table.footers) == (1, 0)


def test_comment_headers_begin_tables(tmp_path: Path) -> None:
    content = (
        "# ----\n# Traffic acquisition\n# Start date: 20260901\n\nDate,Sessions\n20260901,514\n20260902,217\n"
        "# Start date: 20260901\n# End date: 20260902\nNth day,Sessions\n0000,793\n# the end\n"
    )
    first, second = take_all(saved(tmp_path, content))
    assert first.table.preamble == ("# ----", "# Traffic acquisition", "# Start date: 20260901")
    assert first.rows == [("20260901", "514"), ("20260902", "217")]
    assert second.table.path.endswith("export.csv#2")
    assert second.table.preamble == ("# Start date: 20260901", "# End date: 20260902")
    assert (second.table.header, second.table.header_line) == (("Nth day", "Sessions"), 10)
    assert (second.rows, second.lines, second.table.footers) == ([("0000", "793")], [11], 1)


def test_comment_between_rows_begins_no_table(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "# a report\nDate,Sessions\n20260901,5\n# more\n20260902,6\n"))
    assert (taken.rows, taken.lines) == ([("20260901", "5"), ("20260902", "6")], [3, 5])
    assert taken.table.footers == 1


def test_header_that_begins_with_a_number_sign_is_no_comment(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "# of ads,Day,Cost\n3,2026-09-01,7\n"))
    assert taken.table.header == ("# of ads", "Day", "Cost")


@pytest.mark.parametrize("line", ["2026-09-01", "2026-09-01,a,1,2", '2026-09-01,"a,1'])
def test_misfit_keeps_its_text(tmp_path: Path, line: str) -> None:
    taken = take_one(
        saved(tmp_path, f"Day,Campaign,Cost\n2026-09-01,x,1\n{line},\n\n2026-09-02,y,2,\n".replace('"', ""))
    )
    assert taken.misfits[0].line == 3
    assert taken.misfits[0].raw == f"{line},".replace('"', "")


def test_long_misfit_is_cut(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "Day,Campaign,Cost\n2026-09-01,x,1\n" + "x" * 5000 + "\n"))
    assert taken.misfits[0].raw == "x" * 2000


@pytest.mark.parametrize(
    "content",
    [
        'Day,Campaign,Cost\n2026-09-01,x,1\n2026-09-02,"y,2\n2026-09-03,z,3\n',
        'Day,Campaign,Cost\n2026-09-01,x,1\n2026-09-02,"y,2\n2026-09-03,"z, a",3\n',
        '"Day","Campaign","Cost"\n"2026-09-01","x","1"\n"2026-09-02","y","2\n"2026-09-03","z","3"\n',
        'Day,Campaign,Cost\n2026-09-01,5" x,1\n2026-09-02,"y,2\n',
    ],
)
def test_quote_that_is_not_closed_is_refused_by_its_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(LoadRefused, match=r"near line 3 is not closed"):
        take_one(saved(tmp_path, content))


def test_quote_in_the_header_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match=r"near line 1 is not closed"):
        take_one(saved(tmp_path, 'Day,"Campaign,Cost\n2026-09-01,x,1\n'))


def test_stray_quotes_are_text(tmp_path: Path) -> None:
    rows = '2026-09-01,5" pipe,1\n\n2026-09-02,"a\nb",2\n'
    taken = take_one(saved(tmp_path, f"Day,Campaign,Cost\n{rows}"))
    assert taken.rows == [("2026-09-01", '5" pipe', "1"), ("2026-09-02", "a\nb", "2")]
    assert taken.lines == [2, 4]


def test_cell_larger_than_a_block_is_read(tmp_path: Path) -> None:
    novel = "line\n" * 1_000_000
    taken = take_one(saved(tmp_path, f'Day,Campaign,Cost\n2026-09-01,"{novel}",1\n2026-09-02,x,2\n'))
    assert [len(r[1] or "") for r in taken.rows] == [len(novel), 1]
    assert taken.lines == [2, 1_000_003]


def test_quote_that_swallows_too_much_is_refused(tmp_path: Path) -> None:
    content = 'Day,Campaign,Cost\n2026-09-01,"x,1\n' + ("2026-09-02," + "y" * 1000 + ",2\n") * 40_000
    with pytest.raises(LoadRefused, match=r"line 2 does not end within 16 MB"):
        take_one(saved(tmp_path, content))


def test_ten_thousand_columns(tmp_path: Path) -> None:
    header = ["Day", "Cost", *(f"c{n}" for n in range(10_000))]
    content = ",".join(header) + "\n" + ",".join(["2026-09-01", "1"] + ["x"] * 10_000) + "\n2026-09-02,2\n"
    taken = take_one(saved(tmp_path, content))
    assert taken.columns[1:] == header
    assert (len(taken.rows), len(taken.misfits)) == (1, 1)


def test_header_only_gives_a_table_without_rows(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "Day,Campaign,Cost\n"))
    assert (taken.table.header, taken.records) == (HEADER, 0)


def test_repeated_headers_are_all_kept(tmp_path: Path) -> None:
    taken = take_one(saved(tmp_path, "Day,Cost,Cost\n2026-09-01,1,2\n"))
    assert (taken.table.header, taken.columns[1:]) == (("Day", "Cost", "Cost"), ["Day", "Cost", "Cost__2"])


def test_file_in_which_no_record_fits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match=r"none of its first \d+ records has the 3 cells"):
        take_one(saved(tmp_path, "Day,Campaign,Cost\n" + "1;2;3\n" * 2000))


def test_tables_left_unread_are_passed_over(tmp_path: Path) -> None:
    path = saved(tmp_path, "# a\nDate,Sessions\n20260901,5\n# b\nNth day,Sessions\n0000,5\n")
    assert [t.header for t in open_tables(str(path), frozenset({"date", "sessions"}))] == [
        ("Date", "Sessions"),
        ("Nth day", "Sessions"),
    ]


MEASURE = """
import resource, sys
from warehouse.ingest.read.open import open_tables
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sizes = []
for path in sys.argv[1:]:
    rows = sum(b.height for t in open_tables(path, frozenset({"day", "cost"})) for b in t.batches)
    sizes += [str(rows), str(peak())]
print(*sizes)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = "2026-09-01,Brand | Search | Exact,12345678901,1234,56,78.90\n"
    header = "Day,Campaign,Campaign ID,Impr.,Clicks,Cost\n"
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text(header + row * 200_000)
    large.write_text(header + row * 1_000_000)  # 59 MB
    command = [sys.executable, "-c", MEASURE, str(small), str(large)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert (out[0], out[2]) == ("200000", "1000000")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    assert (int(out[3]) - int(out[1])) * unit < 25_000_000
