"""The command that measures what treatment of markets brought, from a file and without a warehouse."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from ml.lift.methods import METHODS
from ml.lift.panel import Panel
from tests.commands import Commands
from validation.panels import factor_panel, with_effect

START = "2026-03-02"
KEYS = {"method", "att", "low", "high", "incremental", "lift", "p_value", "weights", "checks"}


def written(panel: Panel) -> str:
    """As CSV, with a column ``on`` that chance switched every three days."""
    on = np.repeat(np.random.default_rng(3).integers(0, 2, 27), 3)
    lines = ["city,day,sales,on"]
    for unit, row in zip(panel.units, panel.values, strict=True):
        for place, (time, value) in enumerate(zip(panel.times, row, strict=True)):
            lines.append(f"{unit},{time},{value:.4f},{on[place]}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("panels")
    panel = with_effect(factor_panel(5, markets=14, before=60, after=21), ("m00", "m01", "m02"), dt.date(2026, 3, 2), 8)
    (folder / "panel.csv").write_text(written(panel), encoding="utf-8")
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def arguments(causeway: Commands, *more: str, treated: str = "m00,m01,m02") -> tuple[str | Path, ...]:
    own = ("--panel", causeway.home / "panel.csv", "--unit", "city", "--time", "day", "--outcome", "sales")
    return ("lift", *own, *(("--treated", treated, "--start", START) if treated else ()), *more)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_prints_the_same_shape(causeway: Commands, method: str) -> None:
    if method == "switchback":
        asked = arguments(causeway, "--method", method, "--on", "on", "--washout", "1", "--json", treated="")
    else:
        asked = arguments(causeway, "--method", method, "--json")
    told = causeway.ok(*asked).json
    assert set(told) >= KEYS
    assert told["method"] == method
    assert told["low"] <= told["att"] <= told["high"]
    assert 0 < told["p_value"] <= 1
    assert {check["status"] for check in told["checks"]} <= {"green", "amber", "red"}
    if method == "switchback":
        assert told["low"] < 0 < told["high"]
    elif method == "go_dark":
        assert told["att"] < 0
    else:
        assert told["att"] == pytest.approx(8, abs=4)
        assert told["incremental"] == pytest.approx(told["att"] * 3 * 21)
        assert told["treated"] == ["m00", "m01", "m02"]
    if method in {"synthetic", "augmented", "sdid", "did", "holdout"}:
        assert sum(told["weights"].values()) == pytest.approx(1, abs=1e-6)
        assert told["p_value"] <= 0.1


def test_spend_becomes_cost_and_return(causeway: Commands) -> None:
    told = causeway.ok(*arguments(causeway, "--spend", "1000", "--value", "2.5", "--json")).json
    assert told["cost_per_incremental"] == pytest.approx(1000 / told["incremental"])
    assert told["cost_per_incremental_low"] == pytest.approx(1000 / told["incremental_high"])
    assert told["iroas"] == pytest.approx(2.5 * told["incremental"] / 1000)


def test_people_are_told_what_it_means(causeway: Commands) -> None:
    said = causeway.ok(*arguments(causeway, "--spend", "1000")).out
    for words in ("incremental from 2026-03-02 to 2026-03-22", "It assumes that", "Weights:", "placebo-in-time"):
        assert words in said
    nothing = causeway.ok(*arguments(causeway, treated="m09")).out
    assert "Nothing is proven: the interval holds zero." in nothing


def test_a_window_and_markets_are_left_out(causeway: Commands) -> None:
    told = causeway.ok(*arguments(causeway, "--end", "2026-03-08", "--exclude", "m05,m06", "--json")).json
    assert (told["first"], told["last"]) == ("2026-03-02", "2026-03-08")
    assert not {"m05", "m06"} & set(told["weights"])


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("--method", "magic"), 1, "There are: synthetic, augmented"),
        (("--method", "its", "--inference", "placebo"), 1, "has one of its own"),
        (("--match", "size"), 1, "must be level or path"),
        (("--method", "sdid", "--match", "path"), 1, "has no choice of what to match"),
        (("--method", "switchback"), 2, "needs --on COLUMN"),
        (("--on", "on"), 2, "needs --on COLUMN"),
        (("--predictors", "price"), 1, "has no column 'price'"),
        (("--predictors", "on@2026-01-01..2026-12-01"), 1, "does not lie before treatment"),
        (("--fit-window", "2026-01-01..2026-01-30"), 1, "no predictor"),
        (("--level", "1"), 1, "below 1"),
        (("--level", "0.999"), 1, "cannot tell an interval"),
        (("--spend", "much"), 1, "--spend 'much' is no amount"),
        (("--spend", "0"), 1, "must be above 0"),
        (("--end", "2026-01-01"), 1, "before it starts"),
        (("--washout", "2"), 1, "Only switchback does"),
    ],
)
def test_what_cannot_be_done_is_said(causeway: Commands, more: tuple[str, ...], code: int, words: str) -> None:
    said = causeway.run(*arguments(causeway, *more))
    assert (said.code, said.out) == (code, "")
    assert words in " ".join(said.err.replace("│", " ").split())


def test_what_is_missing_is_said(causeway: Commands) -> None:
    assert causeway.run(*arguments(causeway, treated="")).code == 2
    assert causeway.run(*arguments(causeway, "--method", "switchback", "--on", "on")).code == 2
    said = causeway.run(*arguments(causeway, "--method", "switchback", "--on", "sales", treated=""))
    assert said.code == 1
    assert "is not 0 or 1 everywhere" in said.err


def test_a_test_is_planned(causeway: Commands) -> None:
    own = ("--panel", causeway.home / "panel.csv", "--unit", "city", "--time", "day", "--outcome", "sales")
    planned = ("lift-design", *own, "--periods", "14", "--simulations", "20")
    told = causeway.ok(*planned, "--sizes", "1,2", "--cost", "10", "--json").json["designs"]
    assert len(told) > 1
    assert set(told[0]) == {
        "treated", "minimum_detectable_effect", "incremental", "share", "cost", "false_positives", "power",
    }  # fmt: skip
    assert list(told[0]["power"].values()) == sorted(told[0]["power"].values())
    assert "finds a lift of" in causeway.ok(*planned, "--treated", "m04,m05").out
    assert len(causeway.ok(*planned, "--cells", "2", "--sizes", "1", "--json").json["designs"]) == 2
    assert causeway.run(*planned, "--budget", "10").code == 2
    refused = causeway.run(*planned, "--sizes", "many")
    assert (refused.code, "are no numbers" in refused.err) == (1, True)
