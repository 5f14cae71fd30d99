import gzip
from datetime import date

import polars as pl
import pytest

from ml.simulation.exports import parts
from ml.simulation.exports.columns import csv_text
from ml.simulation.exports.parts import Parts

DAYS = {
    date(2026, 1, 2): pl.DataFrame({"name": ["a", "b, c"], "amount": ["1.50", "2.00"]}),
    date(2026, 1, 31): pl.DataFrame({"name": ["d"], "amount": [None]}, schema={"name": pl.String, "amount": pl.String}),
    date(2026, 2, 1): pl.DataFrame({"name": ["e"], "amount": ["0.10"]}),
}


def write(folder):
    written = Parts(folder, "days", "csv", csv_text, header="name,amount")
    for day, rows in DAYS.items():
        written.add(day, rows)
        written.add(day, rows.clear())
    return written.finish()


@pytest.mark.parametrize("block", [1, 2, 1_000])
def test_every_record_is_in_the_file_of_its_month(tmp_path, monkeypatch, block):
    monkeypatch.setattr(parts, "_BLOCK", block)
    january, february = write(tmp_path)
    assert (january.path.name, february.path.name) == ("days_2026-01.csv.gz", "days_2026-02.csv.gz")
    assert gzip.decompress(january.path.read_bytes()) == b'name,amount\na,1.50\n"b, c",2.00\nd,\n'
    assert gzip.decompress(february.path.read_bytes()) == b"name,amount\ne,0.10\n"
    assert (january.rows, january.first_day, january.last_day) == (3, date(2026, 1, 2), date(2026, 1, 31))
    assert (february.rows, february.first_day, february.last_day) == (1, date(2026, 2, 1), date(2026, 2, 1))


def test_same_rows_same_bytes_whenever_they_are_written(tmp_path):
    first, again = write(tmp_path / "first"), write(tmp_path / "again")
    assert [part.path.read_bytes() for part in first] == [part.path.read_bytes() for part in again]
    assert first[0].path.read_bytes()[3:8] == b"\0\0\0\0\0", "a name or a date is packed in"


def test_no_rows_no_file(tmp_path):
    written = Parts(tmp_path, "days", "csv", csv_text)
    written.add(date(2026, 1, 1), DAYS[date(2026, 1, 2)].clear())
    assert written.finish() == []
    assert list(tmp_path.iterdir()) == []


def test_a_year_can_be_one_file(tmp_path):
    written = Parts(tmp_path, "days", "csv", csv_text, yearly=True)
    for day, rows in {**DAYS, date(2027, 1, 1): DAYS[date(2026, 2, 1)]}.items():
        written.add(day, rows)
    assert [(part.path.name, part.rows) for part in written.finish()] == [
        ("days_2026.csv.gz", 4),
        ("days_2027.csv.gz", 1),
    ]
