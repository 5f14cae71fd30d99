"""The command that credits channels, from a file of paths and without a warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.attribution.answer import NAMES
from tests.commands import Commands

PATHS = """path,conversions,value,null
search > email,30,3000,10
search,40,4000,200
email > direct,20,1000,30
social > search > email,10,500,90
"""


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("paths")
    (folder / "paths.csv").write_text(PATHS, encoding="utf-8")
    (folder / "lifts.csv").write_text("channel,lift,se\nemail,20,4\nsearch,30,6\n", encoding="utf-8")
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def file(causeway: Commands, name: str) -> Path:
    return causeway.home / name


@pytest.mark.parametrize("model", NAMES)
def test_every_model_prints_the_same_shape(causeway: Commands, model: str) -> None:
    tests = ("--lifts", file(causeway, "lifts.csv")) if model == "calibrated" else ()
    said = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--model", model, "--json", *tests)
    told = said.json
    assert (told["model"], told["total_conversions"]) == (model, 100.0)
    assert {"channel", "conversions", "low", "high", "value", "removal_effect"} == set(told["credits"][0])
    assert {row["channel"] for row in told["credits"]} == {"search", "email", "social", "direct"}
    assert all(row["low"] <= row["conversions"] <= row["high"] for row in told["credits"])
    given = sum(row["conversions"] for row in told["credits"])
    if model == "calibrated":
        assert told["baseline"]["estimate"] + given == pytest.approx(100)
    else:
        assert set(told) == {"model", "order", "total_conversions", "credits"}
        assert given == pytest.approx(100)
        assert sum(row["value"] for row in told["credits"]) == pytest.approx(8_500)


def test_only_markov_has_an_order_and_removal_effects(causeway: Commands) -> None:
    markov = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--order", 2, "--json").json
    assert markov["order"] == 2
    assert all(0 < row["removal_effect"] <= 1 for row in markov["credits"])
    last = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--model", "last", "--json").json
    assert last["order"] is None
    assert {row["channel"]: row["conversions"] for row in last["credits"]} == {
        "search": 40.0, "email": 40.0, "direct": 20.0, "social": 0.0,
    }  # fmt: skip


def test_people_are_told_what_credit_is(causeway: Commands) -> None:
    said = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--model", "linear")
    assert "who was there before conversions, not who caused them" in said.out
    assert "incremental" not in said.out


@pytest.mark.parametrize(
    ("text", "arguments", "out", "err"),
    [
        ("path,conversions\n", ("--model", "last"), "0 conversions", ""),
        ("path,conversions\na,3\n,2\n", ("--model", "last"), "5 conversions, 2 of them without a known touch", ""),
        ("path,conversions\n" + "a > " * 300 + "a,1\n", (), "1 conversions", "more than 200 touches"),
        ("path,conversions\na > > b,1\n", (), "(unknown)", "1 touches have no name"),
    ],
)
def test_odd_paths_are_counted_and_said(
    causeway: Commands, text: str, arguments: tuple[str, ...], out: str, err: str
) -> None:
    file(causeway, "odd.csv").write_text(text, encoding="utf-8")
    said = causeway.ok("attribution", "--paths", file(causeway, "odd.csv"), *arguments)
    assert out in said.out
    assert err in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--paths", "nothing.csv"), 1, "cannot be read"),
        (("--paths", "{paths}", "--model", "magic"), 1, "There are: first"),
        (("--paths", "{paths}", "--model", "calibrated"), 2, "needs --lifts"),
        (("--paths", "{paths}", "--model", "last", "--lifts", "{lifts}"), 2, "no other model"),
        (("--paths", "{paths}", "--model", "calibrated", "--lifts", "{paths}"), 1, "no column 'channel'"),
        (("--paths", "{lifts}"), 1, "no column 'path'"),
        (("--paths", "{paths}", "--model", "position", "--first", "0.9"), 1, "must not be negative and sum to at most"),
    ],
)
def test_what_cannot_be_done_is_said(causeway: Commands, arguments: tuple[str, ...], code: int, words: str) -> None:
    places = {"paths": file(causeway, "paths.csv"), "lifts": file(causeway, "lifts.csv")}
    said = causeway.run("attribution", *(argument.format(**places) for argument in arguments))
    assert (said.code, said.out) == (code, "")
    assert words in " ".join(said.err.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel,lift,se\nemail,much,3\n", "row 2, column 'lift': 'much' is no number"),
        ("channel,lift,se\nradio,1,3\n", "no path has the channel 'radio'"),
        ("channel,lift,se\n", "No experiment says"),
    ],
)
def test_lifts_that_say_nothing_are_refused(causeway: Commands, text: str, words: str) -> None:
    file(causeway, "bad.csv").write_text(text, encoding="utf-8")
    places = ("--paths", file(causeway, "paths.csv"), "--lifts", file(causeway, "bad.csv"))
    said = causeway.run("attribution", "--model", "calibrated", *places)
    assert said.code == 1
    assert words in said.err
