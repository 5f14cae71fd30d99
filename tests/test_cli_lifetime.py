"""The command that says who comes again, without a warehouse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.commands import Commands
from validation.customers import bought


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("lifetime")
    made = bought(1, 4_000)
    pl.DataFrame(
        {
            "id": np.arange(4_000),
            "x": made.frequency,
            "t_x": made.recency,
            "T": made.age,
            "spent": made.amount,
            "then": made.later,
            "group": np.where(np.arange(4_000) % 2, "mail", "none"),
        }
    ).write_csv(folder / "customers.csv")
    (folder / "bad.csv").write_text("x,t_x,T\n1,2,3\n1,2,three\n", encoding="utf-8")
    (folder / "wrong.csv").write_text("x,t_x,T\n1,2,3\n1,4,3\n", encoding="utf-8")
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def asked(file: Path, *more: object) -> tuple[object, ...]:
    columns = ("--frequency", "x", "--recency", "t_x", "--age", "T")
    return ("lifetime", "--data", file, "--horizon", 26, *columns, *more)


def test_all_that_can_be_said_is(causeway: Commands) -> None:
    file, written = causeway.home / "customers.csv", causeway.home / "values.csv"
    more = ("--amount", "spent", "--unit", "id", "--later", "then", "--arm", "group", "--treated", "mail", "--control",
            "none", "--values", written, "--json")  # fmt: skip
    told = causeway.ok(*asked(file, *more)).json
    assert [model["model"] for model in told["models"]] == ["bg_nbd", "mbg_nbd", "pareto_nbd"]
    assert [each["name"] for each in told["models"][0]["parameters"]] == ["r", "alpha", "a", "b"]
    assert [each["name"] for each in told["spending"]] == ["p", "q", "v"]
    assert told["calibration"]["predicted"] == pytest.approx(told["calibration"]["found"], rel=0.1)
    assert told["difference"]["low"] < told["difference"]["high"]
    each = pl.read_csv(written)
    assert each.height == told["customers"] == 4_000
    assert each["expected"].sum() == pytest.approx(told["models"][0]["expected"])
    assert each["value"].mean() == pytest.approx(told["value"]["estimate"])


def test_without_amounts_there_are_purchases(causeway: Commands) -> None:
    told = causeway.ok(*asked(causeway.home / "customers.csv", "--json")).json
    assert (told["value"], told["calibration"], told["difference"], told["spending"]) == (None, None, None, [])
    said = causeway.ok(*asked(causeway.home / "customers.csv", "--amount", "spent"))
    assert "customers came again" in said.out
    assert "A customer will bring" in said.out


@pytest.mark.parametrize(
    ("file", "arguments", "words"),
    [
        ("bad.csv", (), "bad.csv, row 3, column 'T' has 'three', which is no number"),
        ("wrong.csv", (), "Customer 2 has a recency that is negative or above the age"),
        ("nowhere.csv", (), "cannot be read"),
        ("customers.csv", ("--amount", "money"), "has no column 'money'"),
        ("customers.csv", ("--horizon", "0"), "horizon == 0.0"),
        ("customers.csv", ("--discount", "1"), "discount == 1.0"),
        ("customers.csv", ("--arm", "group"), "Nobody was in the arm '1'; there are: 'mail', 'none'"),
        ("customers.csv", ("--arm", "group", "--treated", "mail", "--control", "none"), "Arms are compared by what"),
        ("customers.csv", ("--values", "/nowhere/values.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(causeway: Commands, file: str, arguments: tuple[str, ...], words: str) -> None:
    said = causeway.run(*asked(causeway.home / file, *arguments))
    assert (said.code, said.out) == (1, "")
    assert words in " ".join(said.err.split())
