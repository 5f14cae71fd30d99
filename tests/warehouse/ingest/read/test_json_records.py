"""JSON as systems write it: one object a line, an array, an API's page."""

import json
from pathlib import Path

import pytest

from tests.warehouse.ingest.read.shapes import saved, take_all, take_one
from warehouse.errors import LoadRefused

DAY = {"Day": "2026-09-01", "Campaign": "Brand", "Cost": 1.5, "more": {"id": 12345678901234567, "ok": True}}
OTHER = {"Day": "2026-09-02", "Campaign": None, "Cost": "2", "late": 1}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(DAY) + "\n" + json.dumps(OTHER) + "\n",
        "\n" + json.dumps(DAY) + "\r\n\r\n" + json.dumps(OTHER),
        json.dumps([DAY, OTHER]),
        json.dumps([DAY, OTHER], indent=2),
        json.dumps({"data": [DAY, OTHER], "paging": {"cursors": ["a"]}}, indent=1),
        json.dumps({"results": [DAY, OTHER]}),
        json.dumps({"data": {"days": {"edges": [{"node": DAY}, {"node": OTHER}]}}}),
    ],
)
def test_the_same_records_in_every_wrapping(tmp_path: Path, content: str) -> None:
    taken = take_one(saved(tmp_path, content, "days.json"))
    assert taken.table.header == ("Day", "Campaign", "Cost", "more", "late")
    assert taken.table.typed
    assert taken.rows == [
        ("2026-09-01", "Brand", "1.5", '{"id":12345678901234567,"ok":true}', None),
        ("2026-09-02", None, "2", None, "1"),
    ]


def test_one_object_on_one_line_is_a_record(tmp_path: Path) -> None:
    assert take_one(saved(tmp_path, json.dumps(DAY), "days.json")).lines == [1]


def test_lines_that_are_no_records_are_said_with_their_number(tmp_path: Path) -> None:
    content = "\n".join([json.dumps(DAY), "{cut", "[1]", json.dumps({**OTHER, "Campaign": "a\0b"})])
    taken = take_one(saved(tmp_path, content, "days.ndjson"))
    assert taken.lines == [1]
    assert [(m.line, m.code) for m in taken.misfits] == [(2, "NOT_JSON"), (3, "NOT_JSON"), (4, "NOT_TEXT")]


def test_names_that_appear_far_into_the_file_are_mentioned(tmp_path: Path) -> None:
    many = (json.dumps(DAY) + "\n") * 60_000
    taken = take_one(saved(tmp_path, many + json.dumps(OTHER) + "\n", "days.jsonl"))
    assert len(taken.rows) == 60_001
    assert [n.code for n in taken.table.notes] == ["late_names"]
    assert '"late"' in taken.table.notes[0].message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"error": "expired"}', "without records that are known"),
        ('{\n "data": [\n  {"Day": "2026-09-01",', "damaged JSON"),
        ('[{"x": 1, "y": 2}]', "it names x, y"),
    ],
)
def test_json_without_records_is_refused_in_words(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(LoadRefused, match=words) as refusal:
        take_all(saved(tmp_path, content, "days.json"))
    assert refusal.value.remedy
