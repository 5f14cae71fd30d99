"""The commands about experiments that need a file and no warehouse."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from causeway import app
from tests.commands import Commands
from warehouse.errors import CausewayError
from warehouse.experiments.assignment import Assignment, arm_of, sliced

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


def run(command: str, *arguments: object) -> Result:
    """A command in this process, which saves its start."""
    return CliRunner().invoke(app, ["experiment", command, *map(str, arguments)])


def within(causeway: Commands, *more: object, file: str = "good.csv") -> Result:
    return run("analyse", "--data", causeway.home / file, *ASK, *more)


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
    assert "post-stratified; by cluster; winsorised at" in by_household["results"][0]["method"]
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


def test_yes_and_no_are_one_and_zero(causeway: Commands) -> None:
    write(causeway.home / "yes.csv", changed(visits=lambda n, _: ("TRUE", "False")[n // 3 % 2]))
    write(causeway.home / "one.csv", changed(visits=lambda n, _: 1 - n // 3 % 2))
    assert asked(causeway, file="yes.csv")["results"] == asked(causeway, file="one.csv")["results"]


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


def test_a_prior_moves_the_belief_and_nothing_else(causeway: Commands) -> None:
    flat, informed = asked(causeway)["results"][1], asked(causeway, "--prior-sd", "0.01")["results"][1]
    assert abs(informed["probability"] - 0.5) < abs(flat["probability"] - 0.5)
    assert (informed["difference"], informed["p_value"]) == (flat["difference"], flat["p_value"])
    assert "must be above 0" in refused(causeway, "--prior-sd", "0")


def test_segments_changes_and_worth(causeway: Commands) -> None:
    ask = ("--segments", "country", "--value", "1.50", "--rollout", "1000", "--cost", "0.20")
    told = asked(causeway, *ask)
    assert {part["segment"] for part in told["segments"]} == {"de", "fr"}
    assert told["heterogeneity"][0]["column"] == "country"
    worth = told["value"][0]
    assert float(worth["estimate"]) == pytest.approx((told["results"][0]["difference"] * 1.5 - 0.2) * 1_000, abs=0.01)
    said = run("analyse", "--data", causeway.home / "good.csv", *ASK[:-1], *ask).stdout
    assert "is not known to differ by country" in said
    assert "rolled out it is worth" in said
    assert "'free' is no amount" in refused(causeway, "--value", "free")


def designed(*arguments: object) -> Any:
    said = run("design", *arguments, "--json")
    assert said.exception is None, said.exception
    return json.loads(said.stdout)


def test_a_design_goes_either_way(causeway: Commands) -> None:
    metric = ("--mean", 10, "--sd", 25, "--method", "fixed")
    one = designed(*metric, "--effect", 0.05)
    assert one["units"] == 78_489  # (1.96 + 0.8416)^2 x 4 x (25 / 0.5)^2
    other = designed(*metric, "--units", one["units"])
    assert other["effect"] == pytest.approx(0.05, rel=1e-4)
    assert designed(*metric, "--units", one["units"], "--effect", 0.05)["power"] == pytest.approx(0.8, abs=1e-4)
    half = designed(*metric, "--effect", 0.05, "--explained", 0.5)
    assert half["units"] == pytest.approx(one["units"] / 2, abs=1)
    by_day = designed(*metric, "--effect", 0.05, "--units-per-day", 3_000)
    assert (by_day["days"], by_day["units"]) == (28, 84_000)
    assert designed(*metric, "--days", 28, "--units-per-day", 3_000)["units"] == 84_000
    assert designed(*metric, "--effect", 0.05, "--arms", 4)["units"] > 2 * one["units"]
    assert designed("--mean", 10, "--sd", 25, "--effect", 0.05)["units"] > one["units"]
    ask = ("--data", causeway.home / "good.csv", "--unit", "user", "--metric", "spend", "--effect", "0.01")
    assert designed(*ask, "--covariates", "before")["units"] < 0.6 * designed(*ask)["units"]


def test_a_test_is_proposed_where_it_pays() -> None:
    stakes = ("--value", "2", "--rollout", 1_000_000, "--cost", "0.30", "--cost-of-unit", "0.01")
    told = designed("--mean", 10, "--sd", 25, *stakes)
    assert float(told["net"]) == pytest.approx(float(told["information"]) - float(told["cost"]), abs=0.01)
    assert told["words"].startswith("To learn the effect on the metric to ±")
    assert "is worth its cost" in run("design", "--mean", 10, "--sd", 25, *stakes, "--cost-of-test", "1e9").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give --data and --metric, or --mean and --sd"),
        (("--mean", 10, "--sd", 25), "Nothing is given"),
        (("--mean", 10, "--sd", 25, "--days", 7), "stand in place of units"),
        (("--mean", 0, "--sd", 25, "--effect", 0.1), "mean is 0"),
        (("--mean", 10, "--sd", 0, "--effect", 0.1), "sd == 0"),
        (("--mean", 10, "--sd", 5, "--effect", 0), "must not be 0"),
        (("--mean", 10, "--sd", 5, "--effect", 0.1, "--method", "magic"), "no method"),
        (("--mean", 10, "--sd", 5, "--effect", 0.1, "--explained", 1.2), "explained"),
    ],
)
def test_what_cannot_be_designed_is_said(arguments: tuple[object, ...], words: str) -> None:
    said = run("design", *arguments)
    assert isinstance(said.exception, CausewayError)
    assert words in str(said.exception)


def assigned_to(causeway: Commands, *arguments: object) -> dict[str, str]:
    output = causeway.home / "arms.csv"
    units_ = ("--units", causeway.home / "good.csv", "--unit", "user", "--output", output)
    said = run("assign", "--salt", "cart", "--shares", "control=0.5,green=0.5", *units_, *arguments)
    assert said.exception is None, said.exception
    with output.open(encoding="utf-8") as opened:
        return {row["unit"]: row["arm"] for row in csv.DictReader(opened)}


def test_arms_are_given_as_a_file(causeway: Commands) -> None:
    arms = assigned_to(causeway)
    assert len(arms) == 400
    assert arms == assigned_to(causeway)
    free = assigned_to(causeway, "--hold-out", 0.2, "--layer", "l", "--layer-shares", "a=0.5,b=0.5", "--part", "a")
    assert 100 < len(free) < 220
    assert free.items() <= arms.items()
    shared = assigned_to(causeway, "--strata", "country")
    of = {row["user"]: row["country"] for row in units()}
    by_country = Counter((of[unit], arm) for unit, arm in shared.items())
    assert all(abs(by_country[name, "control"] - by_country[name, "green"]) <= 1 for name in ("de", "fr"))
    assert assigned_to(causeway, "--balance", "before") != arms
    printed = run(
        "assign", "--salt", "cart", "--shares", "control=1", "--units", causeway.home / "good.csv", "--unit", "user"
    )
    assert printed.stdout.startswith("unit,arm\nu0,control\n")
    assert "control: 400; no part: 0." in printed.stderr


def test_arms_are_given_as_sql() -> None:
    ask = ("assign", "--salt", "cart", "--shares", "control=0.5,green=0.5")
    with duckdb.connect() as engine:
        engine.execute(run(*ask, "--sql", "duckdb", "--function", "arm_of_cart").stdout)
        assert engine.execute("SELECT arm_of_cart('u1')").fetchall() == [(arm_of(Assignment("cart", HALVES), "u1"),)]
    assert (
        "CREATE OR REPLACE FUNCTION arm_of_cart" in run(*ask, "--sql", "postgres", "--function", "arm_of_cart").stdout
    )
    assert "shop.users" in run(*ask, "--sql", "spark", "--table", "shop.users").stdout


HALVES = sliced({"control": 0.5, "green": 0.5})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "There are no units"),
        (("--sql", "oracle"), "no SQL of 'oracle'"),
        (("--sql", "spark", "--function", "x"), "Functions are written for postgres, duckdb"),
        (("--sql", "duckdb", "--strata", "country"), "are a file, not SQL"),
        (("--layer", "l"), "Give --layer, --layer-shares and --part"),
        (("--units", "nothing.csv"), "cannot be read"),
        (("--units", "{good}", "--unit", "nobody"), "no column 'nobody'"),
        (("--units", "{good}", "--unit", "country"), "in each row another one"),
        (("--units", "{good}", "--unit", "user", "--balance", "country"), "row 2, column 'country'"),
        (("--units", "{good}", "--unit", "user", "--balance", "before", "--strata", "country"), "Take one"),
        (("--units", "{good}", "--unit", "user", "--strata", "country", "--hold-out", "0.1"), "Take one"),
        (("--units", "{good}", "--unit", "user", "--output", "/nowhere/arms.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_assigned_is_said(causeway: Commands, arguments: tuple[str, ...], words: str) -> None:
    given = [argument.format(good=causeway.home / "good.csv") for argument in arguments]
    said = run("assign", "--salt", "cart", "--shares", "control=0.5,green=0.5", *given)
    assert isinstance(said.exception, CausewayError), said.output
    assert words in str(said.exception)
