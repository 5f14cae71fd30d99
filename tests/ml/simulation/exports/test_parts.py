import gzip
from datetime import date

import polars as pl

from ml.simulation.exports.parts import MonthlyParts, csv_text

DAYS = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 1, 2)]
ROWS = pl.DataFrame({"name": ["a", "b, c", "d"], "amount": ["1.50", "2.00", None]})


def write(folder, blocks=1):
    with MonthlyParts(folder, "days", "csv", csv_text, header="name,amount") as parts:
        for _ in range(blocks):
            parts.write(ROWS, pl.Series(DAYS))
    return parts.parts


def test_every_record_is_in_the_file_of_its_month(tmp_path):
    january, february = write(tmp_path, blocks=2)
    assert (january.path.name, february.path.name) == ("days_2026-01.csv.gz", "days_2026-02.csv.gz")
    assert gzip.decompress(january.path.read_bytes()) == b"name,amount\na,1.50\nd,\na,1.50\nd,\n"
    assert gzip.decompress(february.path.read_bytes()) == b'name,amount\n"b, c",2.00\n"b, c",2.00\n'
    assert (january.rows, january.first_day, january.last_day) == (4, date(2026, 1, 2), date(2026, 1, 31))
    assert (february.rows, february.first_day, february.last_day) == (2, date(2026, 2, 1), date(2026, 2, 1))


def test_same_rows_same_bytes_whenever_they_are_written(tmp_path):
    first, again = write(tmp_path / "first"), write(tmp_path / "again")
    assert [part.path.read_bytes() for part in first] == [part.path.read_bytes() for part in again]
    assert first[0].path.read_bytes()[3:8] == b"\0\0\0\0\0", "a name or a date is packed in"


def test_no_rows_no_file(tmp_path):
    with MonthlyParts(tmp_path, "days", "csv", csv_text) as parts:
        parts.write(ROWS.clear(), pl.Series([], dtype=pl.Date))
    assert parts.parts == []
    assert list(tmp_path.iterdir()) == []
