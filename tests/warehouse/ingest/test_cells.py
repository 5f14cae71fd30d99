"""What lies inside of a cell: entries of JSON arrays, parameters of addresses."""

import json

import polars as pl

from warehouse.ingest.cells import entries, query_parameter


def test_entries_by_name_whatever_the_type_of_their_value():
    cells = pl.Series(
        [
            json.dumps([{"key": "id", "value": {"string_value": None, "int_value": 5}}, {"key": "x", "value": {}}]),
            json.dumps([{"key": "id", "value": {"double_value": 2.5}}]),
            json.dumps([{"name": "id", "value": "text"}]),
            json.dumps({"id": True}),
            "no json",
            "[5, null]",
            None,
        ]
    )
    found = entries(cells, {"id", "x"})
    assert found["id"].to_list() == ["5", "2.5", "text", "true", None, None, None]
    assert found["x"].null_count() == len(cells)


def test_parameters_of_whole_addresses_and_of_paths():
    cells = pl.Series(
        [
            "https://x.example/a?utm_source=news%20letter&gclid=A-b#top",
            "/a?b=1&utm_source=x+y",
            "/utm_source=no",
            None,
            "?utm_source=",
        ]
    )
    assert query_parameter(cells, "utm_source").to_list() == ["news letter", "x y", None, None, None]
    assert query_parameter(cells, "gclid").to_list() == ["A-b", None, None, None, None]
