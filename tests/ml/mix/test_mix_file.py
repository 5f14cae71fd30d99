"""Files for the mix model: what is read, and what is refused with its row and column."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from ml.mix.inputs import MixInput
from ml.mix.mix_file import read_lifts, read_mix
from warehouse.errors import CausewayError, LoadRefused

HEAD = "week,y,spend_TV,spend_Search,imp_TV,price:real"


def line(week: int) -> str:
    television = week % 5
    return f"2024-01-{1 + week:02d},{500 + week % 7},{television},{week % 3},{100 * television},1{week % 4}"


LINES = [line(week) for week in range(28)] + [f"2024-01-{day},510,3,2,300,12" for day in (29, 30, 31)]


def written(folder: Path, lines: list[str], head: str = HEAD) -> Path:
    place = folder / "mix.csv"
    place.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return place


def read(place: Path, controls: tuple[str, ...] = ()) -> MixInput:
    return read_mix(place, date="week", outcome="y", media=["spend_TV", "spend_Search"], controls=controls)


def test_rows_are_sorted_and_numbers_are_as_written(tmp_path: Path) -> None:
    told = read(written(tmp_path, LINES[::-1]))
    assert told.days == 1
    np.testing.assert_array_equal(told.channels[0].spend[:6], [0, 1, 2, 3, 4, 0])


def test_exposure_organic_and_roles_are_found(tmp_path: Path) -> None:
    told = read_mix(
        written(tmp_path, LINES), date="week", outcome="y", media=["spend_TV"], controls=["price:real"],
        exposures={"spend_TV": "imp_TV"}, organic=["spend_Search"], demand_led=["spend_TV"],
    )  # fmt: skip
    assert told.channels[0].works[1] == 100
    assert [channel.demand_led for channel in told.channels] == [True, False]
    assert [channel.organic for channel in told.channels] == [False, True]
    assert told.controls[0].name == "price:real"
    assert told.controls[0].role == "confounder"
    assert read(written(tmp_path, LINES), ("price:real:precision",)).controls[0].role == "precision"


def test_only_a_medium_is_led_by_demand(tmp_path: Path) -> None:
    place = written(tmp_path, LINES)
    with pytest.raises(CausewayError, match="'imp_TV' is called demand-led"):
        read_mix(place, date="week", outcome="y", media=["spend_TV", "spend_Search"], demand_led=["imp_TV"])


def test_a_packed_file_with_semicolons_is_read(tmp_path: Path) -> None:
    text = "\n".join([HEAD, *LINES]).replace(",", ";")
    place = tmp_path / "mix.csv.gz"
    place.write_bytes(gzip.compress(text.encode()))
    assert len(read(place).periods) == 31


@pytest.mark.parametrize(
    ("lines", "head", "words"),
    [
        ([], HEAD, "no row below its header"),
        (LINES[:20], HEAD, "at least 30"),
        ([*LINES[:5], *LINES[6:]], HEAD, "periods are missing"),
        ([*LINES[:5], LINES[4], *LINES[5:]], HEAD, "2 times"),
        ([*LINES[:5], LINES[5].replace(",505,", ",n/a,"), *LINES[6:]], HEAD, "row 7, column 'y' has 'n/a'"),
        ([*LINES[:5], LINES[5].replace("2024-01-06", "soon"), *LINES[6:]], HEAD, "row 7, column 'week': 'soon'"),
        ([*LINES[:4], LINES[4].replace(",4,", ",€4,"), LINES[5].replace(",0,", ",$0,"), *LINES[6:]], HEAD,
         "mixes currencies ($, €)"),
        ([f"{text},{'EUR' if k else 'USD'}" for k, text in enumerate(LINES)], f"{HEAD},currency",
         "mixes currencies (EUR, USD)"),
        (LINES, HEAD.replace("spend_TV", "tv"), "no column 'spend_TV'"),
        ([text.replace(",3,", ",-3,") for text in LINES], HEAD, "below zero"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_sentence(tmp_path: Path, lines: list[str], head: str, words: str) -> None:
    with pytest.raises(CausewayError) as refused:
        read(written(tmp_path, lines, head))
    assert words in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match="cannot be read"):
        read(tmp_path / "nowhere.csv")


def test_lifts_name_channels_with_or_without_their_prefix(tmp_path: Path) -> None:
    place = tmp_path / "lifts.csv"
    rows = "TV,2024-01-02,2024-01-09,50,5\nspend_Search,2024-01-02,2024-01-09,20,4\n"
    place.write_text(f"channel,start,end,lift,se\n{rows}", encoding="utf-8")
    assert [lift.channel for lift in read_lifts(place, ["spend_TV", "spend_Search"])] == ["spend_TV", "spend_Search"]
    place.write_text("channel,start,end,lift,se\nTV,2024-01-02,2024-01-09,much,5\n", encoding="utf-8")
    with pytest.raises(LoadRefused, match="row 2, column 'lift'"):
        read_lifts(place, ["spend_TV"])
