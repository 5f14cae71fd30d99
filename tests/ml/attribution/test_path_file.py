from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ml.attribution.path_file import MOST_TOUCHES, UNKNOWN, PathFile, read_paths
from warehouse.errors import LoadRefused


def read(folder: Path, text: str) -> PathFile:
    file = folder / "paths.csv"
    file.write_text(text, encoding="utf-8")
    return read_paths(file)


def listed(found: PathFile) -> list[tuple[list[str], float, float, float]]:
    paths = found.paths
    return [
        (
            [paths.channels[step] for step in paths.steps[paths.offsets[row] : paths.offsets[row + 1]]],
            float(paths.conversions[row]), float(paths.value[row]), float(paths.nulls[row]),
        )
        for row in range(paths.size)
    ]  # fmt: skip


def test_a_file_of_ours(tmp_path: Path) -> None:
    found = read(tmp_path, "path,conversions,value,null\nsearch > email,2,19.5,1\nemail,0,0,7\n")
    assert listed(found) == [(["search", "email"], 2, 19.5, 1), (["email"], 0, 0, 7)]
    assert (found.rows, found.capped, found.unknown_touches) == (2, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "path;total_conversions;total_null;total_conversion_value\nsearch > email;2;1;19.5\nemail;0;7;0\n",
        "\ufeffPath\tConversions\tNull\tValue\nsearch>email\t2\t1\t19.5\n  email \t\t7\t\n",
        'path,conversions,value,null,comment\n"search >email",2,19.5,1,"a, b"\nemail,0,0,7,\n',
    ],
    ids=["ChannelAttribution", "tabs, tight separators, empty cells", "quotes"],
)
def test_other_ways_to_write_the_same(tmp_path: Path, text: str) -> None:
    assert listed(read(tmp_path, text)) == [(["search", "email"], 2, 19.5, 1), (["email"], 0, 0, 7)]


def test_journeys_one_by_one_are_added_up(tmp_path: Path) -> None:
    rows = ["a > b,1,5,0", "a > b,0,0,1", "b,0,0,1"] * 40
    found = read(tmp_path, "path,conversions,value,null\n" + "\n".join(rows) + "\n")
    assert listed(found) == [(["a", "b"], 40, 200, 40), (["b"], 0, 0, 40)]
    assert found.rows == 120


def test_only_path_and_conversions(tmp_path: Path) -> None:
    assert listed(read(tmp_path, "path,conversions\na,3\n")) == [(["a"], 3, 0, 0)]
    assert read(tmp_path, "path,conversions\n").paths.size == 0


def test_what_is_odd_is_counted_and_shown(tmp_path: Path) -> None:
    bot = " > ".join(["crawler"] + ["direct"] * 9_999)
    found = read(tmp_path, f"path,conversions,value,null\n{bot},0,0,1\na >  > b,1,1,0\n,4,0,2\n")
    assert (found.capped, found.unknown_touches) == (1, 1)
    assert found.paths.lengths.tolist() == [MOST_TOUCHES, 3, 0]
    assert listed(found)[1:] == [(["a", UNKNOWN, "b"], 1, 1, 0), ([], 4, 0, 2)]


def test_a_channel_that_comes_late_is_a_channel(tmp_path: Path) -> None:
    rows = [f"channel {number % 7} > channel {number % 5},1" for number in range(60_000)]
    found = read(tmp_path, "path,conversions\n" + "\n".join([*rows, "aardvark,1"]) + "\n")
    assert found.paths.channels == ("aardvark", *(f"channel {number}" for number in range(7)))
    assert found.paths.conversions.sum() == 60_001


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,conversions\na,1\nb,many\n", "row 3, column 'conversions': 'many' is no count"),
        ("path,conversions,null\na,1,0\nb,2,-4\n", "row 3, column 'null': '-4' is no count"),
        ("path,conversions\na,NaN\n", "row 2, column 'conversions': 'NaN' is no count"),
        ("path,conversions\n" + "a,1\n" * 300 + "a,-1\n", "row 302, column 'conversions': '-1' is no count"),
        ("channel,conversions\na,1\n", "no column 'path'; it has: channel, conversions"),
        ("path,value\na,1\n", "no column 'conversions'"),
        ("", "no column 'path'; it has: nothing"),
    ],
)
def test_refusals(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LoadRefused, match=message):
        read(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match="cannot be read"):
        read_paths(tmp_path / "nowhere.csv")


def test_rows_and_sums_of_real_journeys_agree(attribution_data: Path) -> None:
    file = attribution_data / "ga4_journeys.csv.gz"
    raw = pl.read_csv(file)
    known = read_paths(attribution_data / "ga4_paths_agg.csv")
    assert known.paths.conversions.sum() == raw["conversion"].sum()
    assert known.paths.journeys.sum() == raw.height
    assert known.paths.size == raw["path"].n_unique()
