import json

import polars as pl

from ml.simulation.exports.json_text import bare, json_array, json_object, quoted
from ml.simulation.exports.parts import line_text

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
