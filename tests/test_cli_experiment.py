"""The commands about experiments that need a file and no warehouse."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from causeway import app
from tests.commands import Commands
from warehouse.errors import CausewayError

NUMBERS = {"difference", "low", "high", "relative", "relative_low", "relative_high", "p_value"}
ASK = ("--unit", "user", "--arm", "arm", "--metrics", "spend,visits", "--json")


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("experiment")
    write(folder / "good.csv", units())
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def units(count: int = 400, lift: float = 20.0) -> list[dict[str, Any]]:
    """Alternating units, of two in a household, whose spend follows from what it was before."""
    chance = random.Random(1)
    rows = []
    for number in range(count):
        before, arm = chance.gauss(100, 30), ("control", "green")[number % 2]
        spend = before + chance.gauss(0, 20) + lift * (arm == "green")
        country = chance.choice(["de", "fr"])
        household = f"h{number // 4}{arm}"
        rows.append({
            "user": f"u{number}", "arm": arm, "spend": round(spend, 2), "visits": chance.randint(1, 5),
            "before": round(before, 2), "country": country, "household": household,
        })  # fmt: skip
    return rows


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def within(causeway: Commands, *more: object, file: str = "good.csv") -> Result:
    """The command in this process, which saves its start."""
    arguments = ("experiment", "analyse", "--data", causeway.home / file, *ASK, *more)
    return CliRunner().invoke(app, list(map(str, arguments)))


def asked(causeway: Commands, *more: object, file: str = "good.csv") -> Any:
    said = within(causeway, *more, file=file)
    assert said.exception is None, said.exception
    return json.loads(said.stdout)


def refused(causeway: Commands, *more: object, file: str = "good.csv") -> str:
    said = within(causeway, *more, file=file)
    assert isinstance(said.exception, CausewayError), said.output
    assert said.stdout == ""
    return str(said.exception)


def test_the_shape_is_the_documented_one(causeway: Commands) -> None:
    told = causeway.ok("experiment", "analyse", "--data", causeway.home / "good.csv", *ASK).json
    assert set(told) == {"guards", "withheld", "results"}
    assert all(set(guard) == {"name", "status", "p_value", "words"} for guard in told["guards"])
    assert not told["withheld"]
    assert [(row["metric"], row["arm"], row["control"]) for row in told["results"]] == [
        ("spend", "green", "control"),
        ("visits", "green", "control"),
    ]
    for row in told["results"]:
        assert NUMBERS | {"method"} <= set(row)
        assert row["low"] <= row["difference"] <= row["high"]
        assert (row["p_value"] < 0.05) == (not row["low"] <= 0 <= row["high"])
        assert (row["p_value"] < 0.05) == (not row["relative_low"] <= 0 <= row["relative_high"])
    assert "confidence sequence" in told["results"][0]["method"]


def width(told: Any) -> float:
    return told["results"][0]["high"] - told["results"][0]["low"]


def test_methods_and_adjustments_narrow_the_interval(causeway: Commands) -> None:
    plain, fixed = asked(causeway), asked(causeway, "--method", "fixed")
    assert width(fixed) < width(plain)
    adjusted = asked(causeway, "--method", "fixed", "--covariates", "before")
    assert width(adjusted) < 0.7 * width(fixed)
    assert "adjusted for before" in adjusted["results"][0]["method"]
    assert "imbalance" in {guard["name"] for guard in adjusted["guards"]}
    group = asked(causeway, "--method", "group", "--looks", "0.5,1")
    assert width(fixed) < width(group) < width(plain)
    by_household = asked(causeway, "--cluster", "household", "--strata", "country", "--winsorise", "0.95")
    assert "post-stratified; by cluster" in by_household["results"][0]["method"]
    assert width(asked(causeway, "--level", "0.8")) < width(plain)


def test_every_kind_of_metric(causeway: Commands) -> None:
    ask = ("--secondary", "spend/visits,median:spend,p90:spend", "--guardrails", "lower:before=0.1")
    rows = {row["metric"]: row for row in asked(causeway, *ask)["results"]}
    assert set(rows) == {"spend", "visits", "spend/visits", "median:spend", "p90:spend", "before"}
    assert rows["before"]["verdict"] in {"holds", "open"}
    assert rows["before"]["p_adjusted"] is None
    assert all(row["difference"] is not None for row in rows.values())


def test_people_read_a_table(causeway: Commands) -> None:
    said = causeway.ok("experiment", "analyse", "--data", causeway.home / "good.csv", *ASK[:-1], "--method", "fixed")
    assert "By: Welch's t at a fixed horizon" in said.out
    assert "warned: peeking" in said.out


def test_a_log_of_days_is_added_up_by_unit(causeway: Commands) -> None:
    rows = [
        {**row, "spend": row["spend"] / 2, "visits": 1, "day": f"2026-09-0{1 + (number + half) % 6}"}
        for number, row in enumerate(units())
        for half in (0, 1)
    ]
    write(causeway.home / "log.csv", rows)
    told = asked(causeway, "--date", "day", file="log.csv")
    whole = asked(causeway)
    assert told["results"][0]["difference"] == pytest.approx(whole["results"][0]["difference"])
    assert {"renamed", "outage"} <= {guard["name"] for guard in told["guards"]}
    assert told["results"][1]["words"].startswith("visits does not vary in an arm: it is 2")
    assert told["results"][1]["difference"] is None


def changed(**columns: Callable[[int, dict[str, Any]], Any]) -> list[dict[str, Any]]:
    """The units with columns that follow from their number and row."""
    return [{**row, **{name: make(n, row) for name, make in columns.items()}} for n, row in enumerate(units())]


ODD = {
    "sample_ratio": (units()[:-160:2] + units()[1::2], ()),
    "multiple_exposure": (units() + [{**row, "arm": "green"} for row in units()[:40:2]], ()),
    "missing:spend": (changed(spend=lambda n, row: "NA" if n % 6 == 1 else row["spend"]), ()),
    "imbalance": (
        changed(before=lambda _, row: row["before"] + 20 * (row["arm"] == "green")),
        ("--covariates", "before"),
    ),
    "peeking": (units(), ("--method", "fixed", "--planned-units", "5000")),
    "renamed": (
        changed(
            arm=lambda n, row: "lime" if row["arm"] == "green" and n > 200 else row["arm"],
            day=lambda n, _: f"2026-09-{1 + n // 20:02}",
        ),
        ("--date", "day", "--shares", "control=0.5,green=0.25,lime=0.25"),
    ),
    "early_exposure": (
        changed(at=lambda *_: "2026-09-02", met=lambda n, _: f"2026-09-0{1 + (n % 9 > 0)}"),
        ("--assigned", "at", "--exposed", "met"),
    ),
}


@pytest.mark.parametrize("guard", ODD)
def test_a_guard_that_fires_withholds_the_effect(causeway: Commands, guard: str) -> None:
    rows, more = ODD[guard]
    write(causeway.home / "odd.csv", rows)
    told = asked(causeway, *more, file="odd.csv")
    assert guard in {found["name"] for found in told["guards"] if found["status"] == "failed"}
    assert (told["withheld"], told["results"]) == (True, [])


def test_refunds_are_said_and_counted(causeway: Commands) -> None:
    rows = units()
    rows[3]["spend"] = -40
    write(causeway.home / "refunds.csv", rows)
    told = asked(causeway, file="refunds.csv")
    assert {"negative:spend"} == {guard["name"] for guard in told["guards"] if guard["status"] == "warned"}
    assert told["results"][0]["difference"] is not None


def test_empty_cells_may_be_zeros(causeway: Commands) -> None:
    write(
        causeway.home / "empty.csv", [{**row, "spend": row["spend"] if n % 4 else ""} for n, row in enumerate(units())]
    )
    assert asked(causeway, file="empty.csv")["withheld"]
    assert not asked(causeway, "--empty-is-zero", file="empty.csv")["withheld"]


def test_without_a_named_control_it_is_said_which_is_taken(causeway: Commands) -> None:
    names = {"control": "gate_30", "green": "gate_40"}
    write(causeway.home / "gates.csv", [{**row, "arm": names[row["arm"]]} for row in units()])
    said = within(causeway, file="gates.csv")
    assert "all are compared with gate_30" in said.stderr
    assert {row["control"] for row in json.loads(said.stdout)["results"]} == {"gate_30"}
    assert {row["control"] for row in asked(causeway, "--control", "gate_40", file="gates.csv")["results"]} == {
        "gate_40"
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column 'user'"),
        ("user,arm,spend,visits\n", "no row below its header"),
        ("user,arm,spend\nu1,control,1\n", "no column 'visits'; it has: user, arm, spend"),
        ("user,arm,spend,visits\nu1,control,1,1\nu2,green,much,1\n", "row 3, column 'spend': 'much' is no number"),
        ("user,arm,spend,visits\nu1,control,1,1\nu2,green,inf,1\n", "row 3, column 'spend': 'inf' is no number"),
        ("user,arm,spend,visits\nu1,control,1,1\n,green,1,1\n", "row 3, column 'user': the cell is empty"),
        ("user,arm,spend,visits\nu1,control,1,1\nu2,,1,1\n", "row 3, column 'arm': the cell is empty"),
        ("user,arm,spend,visits\nu1,control,1,1\nu1,control,1,1\n", "rows 2 and 3: 'u1' stands in both"),
        ("user,arm,spend,visits\nu1,control,1,1\nu2,control,1,1\n", "There is one arm, 'control'"),
        ("user,arm,spend,visits\nu1,control,1,1\nu2,Control,1,1\n", "differ only in how they are written"),
        ("user,arm,spend,visits\nu1,ctrl,1,1\nu2,control,1,1\n", "Several arms are named like a control"),
    ],
)
def test_files_that_say_nothing_are_refused(causeway: Commands, text: str, words: str) -> None:
    (causeway.home / "bad.csv").write_text(text, encoding="utf-8")
    assert words in refused(causeway, file="bad.csv")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--control", "blue"), "There are: control, green"),
        (("--method", "magic"), "There are: sequential, fixed, group"),
        (("--method", "group"), "needs --looks"),
        (("--looks", "1"), "no other takes them"),
        (("--level", "95"), "must be between 0 and 1"),
        (("--shares", "control"), "no name and number"),
        (("--shares", "control=0.5,blue=0.5"), "if an arm was renamed"),
        (("--secondary", "spend"), "stands in two lists"),
        (("--secondary", "p100:spend"), "is no metric"),
        (("--secondary", "share:spend"), "spend is not 0 or 1"),
        (("--winsorise", "99"), "must be between 0 and 1"),
        (("--data", "nothing.csv"), "cannot be read"),
        (("--date", "country"), "row 2, column 'country'"),
    ],
)
def test_what_cannot_be_done_is_said(causeway: Commands, more: tuple[str, ...], words: str) -> None:
    assert words in refused(causeway, *more)


def test_a_refusal_is_one_line(causeway: Commands) -> None:
    said = causeway.run("experiment", "analyse", "--data", causeway.home / "nothing.csv", *ASK)
    assert (said.code, said.out) == (1, "")
    assert said.err.endswith("nothing.csv cannot be read: No such file or directory.\n")
