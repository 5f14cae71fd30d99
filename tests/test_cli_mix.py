"""The command that fits a mix from a file and without a warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Commands
from validation.mix_worlds import World, clean

KEYS = {"channel", "contribution", "low", "high", "roi", "roi_low", "roi_high", "marginal_roi"}
FAST = ("--families", "geometric+exponential")


def written(world: World) -> str:
    told = world.told
    names = [channel.name for channel in told.channels]
    lines = [",".join(["week", "y", *(f"spend_{name}" for name in names), "ctl_Price"])]
    for place, period in enumerate(told.periods):
        cells = [channel.spend[place] for channel in told.channels] + [told.controls[0].values[place]]
        lines.append(",".join([str(period), f"{told.outcome[place]:.4f}", *(f"{cell:.4f}" for cell in cells)]))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("mix")
    world = clean(301)
    text = written(world)
    lines = text.splitlines()
    (folder / "data.csv").write_text(text, encoding="utf-8")
    (folder / "gap.csv").write_text("\n".join([*lines[:50], *lines[51:]]), encoding="utf-8")
    lift = world.lifts()[0]
    row = f"TV,{lift.start},{lift.end},{lift.lift},{lift.se}\n"
    (folder / "lifts.csv").write_text(f"channel,start,end,lift,se\n{row}", encoding="utf-8")
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def arguments(causeway: Commands, *more: str, data: str = "data.csv") -> tuple[str | Path, ...]:
    media = "spend_TV,spend_Search,spend_Social,spend_Display"
    own = ("--data", causeway.home / data, "--date", "week", "--outcome", "y", "--media", media)
    return ("mix", *own, "--controls", "ctl_Price", *FAST, *more)


def test_what_is_printed_has_the_promised_shape_and_is_the_same_again(causeway: Commands) -> None:
    told = causeway.ok(*arguments(causeway, "--json"))
    assert told.json == causeway.ok(*arguments(causeway, "--json")).json
    found = told.json
    assert found["trust"]["status"] in {"green", "amber", "red"}
    assert {"name", "status", "words"} <= set(found["trust"]["findings"][0])
    assert {"contribution", "low", "high"} <= set(found["baseline"])
    assert [channel["channel"] for channel in found["channels"]] == [
        "spend_TV", "spend_Search", "spend_Social", "spend_Display",
    ]  # fmt: skip
    for channel in found["channels"]:
        assert set(channel) >= KEYS
        assert channel["low"] < channel["contribution"] < channel["high"]
        assert channel["roi_low"] < channel["roi"] < channel["roi_high"]


def test_an_experiment_is_named_without_the_prefix_and_narrows_the_answer(causeway: Commands) -> None:
    plain = causeway.ok(*arguments(causeway, "--json")).json["channels"][0]
    lifts = ("--lifts", str(causeway.home / "lifts.csv"))
    found = causeway.ok(*arguments(causeway, *lifts, "--json")).json
    tested = found["channels"][0]
    assert tested["high"] - tested["low"] < plain["high"] - plain["low"]
    assert found["experiments"][0]["lift"]["channel"] == "spend_TV"
    assert "history alone says" in causeway.ok(*arguments(causeway, *lifts)).out


def test_people_are_told_what_it_means(causeway: Commands) -> None:
    said = causeway.ok(*arguments(causeway)).out
    for words in ("Advertising brought", "spend_TV", "(baseline)", "Trust: green", "hold-out"):
        assert words in said


@pytest.mark.parametrize(
    ("data", "more", "words"),
    [
        ("gap.csv", (), "periods are missing"),
        ("data.csv", ("--families", "geometric+cubic"), "no family geometric, cubic"),
        ("data.csv", ("--families", "geometric"), "two names with +"),
    ],
)
def test_what_is_wrong_is_a_sentence(causeway: Commands, data: str, more: tuple[str, ...], words: str) -> None:
    said = causeway.run(*arguments(causeway, *more, data=data))
    assert said.code != 0
    assert not said.out
    assert words in " ".join(said.err.replace("│", " ").split())
