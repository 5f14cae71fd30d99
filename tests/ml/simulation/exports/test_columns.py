import json

import polars as pl

from ml.simulation.exports.columns import bare, csv_text, json_array, json_object, line_text, micros, money, quoted

ROWS = pl.DataFrame(
    {"name": ['a "b"\\c', "ünï", None], "number": [1, None, 3], "yes": [True, False, None], "id": ["1", "2", "3"]}
)


def test_objects_are_json_without_what_is_missing():
    inner = json_object({"id": bare(pl.col("id")), "name": quoted(pl.col("name"))})
    line = json_object(
        {
            "id": quoted(pl.col("id")),
            "number": bare(pl.col("number")),
            "yes": bare(pl.col("yes")),
            "list": json_array([inner, quoted(pl.col("name"))]),
        }
    )
    read = [json.loads(text) for text in line_text(ROWS, line).decode().splitlines()]
    assert read == [
        {"id": "1", "number": 1, "yes": True, "list": [{"id": 1, "name": 'a "b"\\c'}, 'a "b"\\c']},
        {"id": "2", "yes": False, "list": [{"id": 2, "name": "ünï"}, "ünï"]},
        {"id": "3", "number": 3, "list": [{"id": 3}]},
    ]


def test_amounts_keep_their_digits():
    cents = pl.DataFrame({"cents": [0, 5, 199, 123_456_789, None]})
    assert cents.select(money(pl.col("cents"))).to_series().to_list() == ["0.00", "0.05", "1.99", "1234567.89", None]
    small = pl.DataFrame({"micros": [0, 5, 12_345_678]})
    assert small.select(micros(pl.col("micros"))).to_series().to_list() == ["0.000000", "0.000005", "12.345678"]


def test_rows_are_csv_without_a_header():
    assert csv_text(pl.DataFrame({"a": ["x, y", None], "b": [1, 2]})) == b'"x, y",1\n,2\n'
