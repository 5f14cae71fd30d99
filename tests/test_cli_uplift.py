"""The commands that find out who responds, and whether an audience kept its promise, without a warehouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.commands import Commands
from validation.customers import treated_world

ASK = ("--unit", "who", "--arm", "arm", "--outcome", "bought", "--features", "a,b,c,d,e,town")


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("uplift")
    made = treated_world(1, 6_000)
    columns = {name: made.sample.features[:, place] for place, name in enumerate("abcde")}
    frame = pl.DataFrame(
        {
            "who": [f"c{number}" for number in range(6_000)],
            "arm": np.where(made.sample.treated, "mail", "none"),
            "bought": made.sample.outcome,
            "town": np.array(["Rome", "Oslo", "Lima"])[np.arange(6_000) % 3],
            "opened": made.sample.treated * 1,
            **columns,
        }
    )
    frame.write_csv(folder / "test.csv")
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def asked(causeway: Commands, *more: object) -> tuple[object, ...]:
    arms = ("--treated", "mail", "--control", "none")
    return ("uplift", "--data", causeway.home / "test.csv", *ASK, *arms, "--draws", 40, *more)


@pytest.fixture(scope="module")
def written(causeway: Commands) -> Path:
    files = ("--scores", causeway.home / "scores.csv", "--audience", causeway.home / "audience.csv")
    said = causeway.ok(*asked(causeway, *files, "--value", 50, "--cost", 4, "--audience-holdout", 0.3, "--json"))
    (causeway.home / "said.json").write_text(said.out, encoding="utf-8")
    told = said.json
    assert (told["customers"], told["held_out"]) == (6_000, 3_000)
    assert told["words"].startswith("Customers with higher scores respond more")
    assert told["qini"]["low"] <= told["qini"]["estimate"] <= told["qini"]["high"]
    assert told["conventions"]["qini_auc_score"] > 0
    assert {kind["kind"] for kind in told["kinds"]} == {"persuadable", "sure thing", "lost cause", "sleeping dog"}
    assert told["policy"]["gain"]["low"] > 0
    assert {told["drivers"][0]["feature"], told["drivers"][1]["feature"]} == {"d", "e"}
    assert told["arms"] == {"treated": "mail", "control": "none"}
    assert told["audience"]["held_out"] / (told["audience"]["treat"] + told["audience"]["held_out"]) == pytest.approx(
        0.3, abs=0.05
    )
    return causeway.home / "audience.csv"


def test_scores_come_with_their_parts(causeway: Commands, written: Path) -> None:
    scores = pl.read_csv(written.with_name("scores.csv"))
    assert scores.height == 6_000
    parts = scores.select(pl.col(r"^from .*$")).sum_horizontal()
    assert parts.to_numpy() == pytest.approx(scores["uplift"].to_numpy(), abs=1e-6)
    audience = pl.read_csv(written)
    assert set(audience["unit"]) == set(scores.filter(pl.col("treat"))["unit"])
    assert audience["uplift"].is_sorted(descending=True)


def test_an_audience_is_verified(causeway: Commands, written: Path) -> None:
    audience = pl.read_csv(written)
    generator = np.random.default_rng(1)
    chance = 0.3 + audience["uplift"].to_numpy() * (1 - audience["held_out"].to_numpy())
    did = pl.DataFrame({"id": audience["unit"], "orders": (generator.random(chance.size) < chance).astype(int)})
    later = causeway.home / "later.csv"
    did.sample(fraction=1.0, shuffle=True, seed=1).write_csv(later)
    ask = ("verify-audience", "--audience", written, "--data", later, "--unit", "id", "--outcome", "orders")
    told = causeway.ok(*ask, "--json").json
    assert told["kept"] is True
    assert told["treated"] + told["held_out"] == audience.height
    assert causeway.ok(*ask).out.startswith(told["words"])
    did.head(400).write_csv(later)
    said = causeway.run(*ask)
    assert said.code == 1
    assert "customers of the audience are not in later.csv" in said.err


def test_people_read_lines(causeway: Commands) -> None:
    said = causeway.ok(*asked(causeway, "--learner", "t"))
    assert "persuadable" in said.out
    assert "Customers with higher scores respond more" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--features", "a,b,opened"), 1, "Feature 'opened' differs between treated and untreated"),
        (("--features", "a,nothing"), 1, "has no column 'nothing'"),
        (("--propensity", "1"), 1, "must be above 0 and below 1"),
        (("--propensity", "nothing"), 1, "has no column 'nothing'"),
        (("--treated", "leaflet"), 1, "The treated arm is 'leaflet', which nobody was in"),
        (("--learner", "magic"), 2, "Invalid value for '--learner'"),
        (("--level", "1"), 1, "level == 1.0"),
        (("--value", "0"), 1, "value == 0.0"),
        (("--draws", "2"), 1, "draws == 2"),
        (("--scores", "/nowhere/scores.csv"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(causeway: Commands, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = causeway.run(*asked(causeway, *arguments))
    assert (said.code, said.out) == (code, "")
    assert words in " ".join(said.err.split())
