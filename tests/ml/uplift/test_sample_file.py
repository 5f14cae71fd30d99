from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.uplift.sample_file import Columns, SampleFile, read_sample
from warehouse.errors import CausewayError, LoadRefused

PEOPLE = 200


def rows(**changed: str) -> list[str]:
    """A header and 200 customers; ``changed`` is "row,column,text" to put into a cell, or None."""
    names = ["who", "group", "spend", "age", "town", "chance"]
    cells = [
        [f"c{n}", "mail" if n % 2 else "none", f"{(n % 3) * 2.5}", f"{20 + n % 40}", ("Rome", "Oslo")[n % 5 < 2], "0.5"]
        for n in range(PEOPLE)
    ]
    for place, text in changed.items():
        row, name = place.removeprefix("at_").split("_", 1)
        cells[int(row) - 2][names.index(name)] = text
    return [",".join(names), *(",".join(row) for row in cells)]


def read(folder: Path, lines: list[str], **given: Any) -> SampleFile:
    file = folder / "test.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"arm": "group", "outcome": "spend", "features": ("age", "town"), "unit": "who"}
    asked = {name: given.pop(name) for name in list(given) if name in {*columns, "propensity_column"}}
    chance = asked.pop("propensity_column", None)
    return read_sample(
        file, Columns(**{**columns, **asked}, propensity=chance), **{"treated": "mail", "control": "none", **given}
    )


def test_a_file_becomes_a_sample(tmp_path: Path) -> None:
    found = read(tmp_path, rows(), propensity=0.5)
    assert (found.treated, found.control, found.remarks) == ("mail", "none", ())
    assert found.units[:2] == ("c0", "c1")
    assert found.sample.names == ("age", "town = Rome", "town = Oslo")
    assert found.sample.features[:3].tolist() == [[20, 0, 1], [21, 0, 1], [22, 1, 0]]
    assert found.sample.outcome[:4].tolist() == [0, 2.5, 5, 0]
    assert found.sample.treated[:4].tolist() == [False, True, False, True]
    by_column = read(tmp_path, rows(), propensity_column="chance").sample
    assert by_column.propensity is not None
    assert by_column.propensity.tolist() == [0.5] * PEOPLE
    assert read(tmp_path, rows()).sample.propensity is None


def test_other_ways_to_write_it(tmp_path: Path) -> None:
    expected = read(tmp_path, rows()).sample
    for separator in (";", "\t"):
        lines = [line.replace(",", separator) for line in rows()]
        assert read(tmp_path, lines).sample.features.tolist() == expected.features.tolist()
    shouted = [rows()[0].upper(), *(line.replace(",", " , ") for line in rows()[1:])]
    assert read(tmp_path, shouted).sample.names == expected.names
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress("\n".join(rows()).encode("utf-8-sig")))
    columns = Columns("group", "spend", ("age", "town"))
    found = read_sample(packed, columns, treated="mail", control="none")
    assert found.sample.outcome.tolist() == expected.outcome.tolist()
    assert found.units[:2] == ("2", "3")
    coded = [line.replace(",mail,", ",1,").replace(",none,", ",0,") for line in rows()]
    assert read(tmp_path, coded, treated=None, control=None).treated == "1"


def test_two_arms_of_three_are_compared(tmp_path: Path) -> None:
    lines = rows(**{f"at_{row}_group": "leaflet" for row in range(150, 202)})
    assert read(tmp_path, lines).sample.size == 148


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, rows(at_3_age="", at_4_town="", at_5_age="n/a", at_6_town="none"))
    assert np.isnan(found.sample.features[[1, 3], 0]).all()
    assert found.sample.features[2, 1:].tolist() == [0, 0, 0]
    assert found.sample.names[-1] == "town = none"
    assert found.remarks == (
        "Feature 'age' is missing for 2 customers, which counts as a value of its own.",
        "Feature 'town' is missing for 1 customers, which counts as a value of its own.",
    )


def test_many_texts_share_a_column(tmp_path: Path) -> None:
    lines = rows(**{f"at_{row}_town": f"town {row % 30:02d}" for row in range(2, 202)})
    found = read(tmp_path, lines)
    assert len(found.sample.names) == 1 + 20
    assert found.sample.names[-1] == "town = (others)"
    assert found.sample.features[:, 1:].sum(axis=1).tolist() == [1.0] * PEOPLE
    assert "has 30 values; all but the 19 most frequent are one" in found.remarks[0]


@pytest.mark.parametrize(
    ("changed", "given", "words"),
    [
        ({"at_7_spend": "much"}, {}, "row 7, column 'spend' has 'much', which is no number,"),
        ({"at_7_spend": ""}, {}, "row 7, column 'spend' has nothing where a number must be"),
        ({"at_7_spend": "inf"}, {}, "row 7, column 'spend' has 'inf'"),
        ({"at_9_age": "old"}, {}, "row 9, column 'age': 'old' is no number, as the others are"),
        ({"at_9_age": "inf"}, {}, "row 9, column 'age': 'inf' is no number"),
        ({"at_4_group": ""}, {}, "row 4, column 'group' is empty"),
        ({"at_4_who": ""}, {}, "row 4, column 'who' is empty"),
        ({"at_4_who": "c0"}, {}, "'c0' stands in rows 2 and 4"),
        ({"at_4_chance": "x"}, {"propensity_column": "chance"}, "row 4, column 'chance'"),
        ({"at_4_chance": "1"}, {"propensity_column": "chance"}, "propensity is 1 for 1 customers"),
        ({}, {"outcome": "sales"}, "has no column 'sales'; it has: who, group, spend"),
        ({}, {"features": ()}, "No feature is named"),
        ({}, {"features": ("age", "spend")}, "Column 'spend' is the outcome"),
        ({}, {"features": ("who",), "unit": None}, "'who' has a text of its own for most customers"),
        ({}, {"treated": None}, "The treated arm is not named; column 'group' has: 'mail', 'none'"),
        ({}, {"control": "flyer"}, "The control arm is 'flyer', which nobody was in"),
        ({}, {"control": "mail"}, "Both arms are 'mail'"),
        ({}, {"outcome": "chance"}, "The outcome is 0.5 for every customer"),
        ({}, {"propensity": 1.5}, "must be above 0 and below 1"),
    ],
)
def test_refusals_say_where(tmp_path: Path, changed: dict[str, str], given: dict[str, Any], words: str) -> None:
    with pytest.raises(CausewayError) as refused:
        read(tmp_path, rows(**changed), **given)
    assert words in str(refused.value)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    columns = Columns("group", "spend", ("age",))
    with pytest.raises(LoadRefused, match="cannot be read"):
        read_sample(tmp_path / "nowhere.csv", columns)
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(LoadRefused, match="is empty"):
        read_sample(tmp_path / "empty.csv", columns)
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0" * 50)
    with pytest.raises(LoadRefused, match="cannot be read"):
        read_sample(tmp_path / "picture.csv", columns)
    with pytest.raises(LoadRefused, match="column 'age' is empty"):
        read(tmp_path, rows(**{f"at_{row}_age": "" for row in range(2, 202)}))
