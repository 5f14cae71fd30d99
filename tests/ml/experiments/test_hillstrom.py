"""A public test with published numbers: every one of them, from the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ml.experiments.analysis import Result
from ml.experiments.methods import FixedHorizon
from ml.experiments.options import metrics_said
from ml.experiments.questions import Design
from ml.experiments.share import Shares, pooled_z
from ml.experiments.trial import Plan, analyse_table
from ml.experiments.unit_file import Layout, UnitTable, read_units

ARMS = {"womens": "Womens E-Mail", "mens": "Mens E-Mail"}
METRICS = ("visit", "conversion", "spend")
DIGITS = 1e-11


@pytest.fixture(scope="module")
def expected(reference_data: Path) -> dict[str, Any]:
    return json.loads((reference_data / "effects" / "ref_hillstrom_ab.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def table(reference_data: Path, tmp_path_factory: pytest.TempPathFactory) -> UnitTable:
    """The file has no column that names its units."""
    frame = pl.read_csv(reference_data / "effects" / "hillstrom.csv.gz", infer_schema=False).with_row_index("unit")
    file = tmp_path_factory.mktemp("hillstrom") / "units.csv"
    frame.write_csv(file)
    return read_units(file, Layout("unit", "segment", METRICS, ("history",)))


def results(table: UnitTable, covariates: tuple[str, ...]) -> dict[str, Result]:
    plan = Plan(metrics_said(",".join(METRICS), "", ""), "No E-Mail", FixedHorizon())
    found = analyse_table(table, plan, Design(covariates))
    short = {arm: name for name, arm in ARMS.items()}
    return {f"{short[result.arm]}/{result.metric.name}": result for result in found.results}


def test_arms_are_of_the_planned_size(table: UnitTable, expected: dict[str, Any]) -> None:
    plan = Plan(metrics_said("visit", "", ""), "No E-Mail", FixedHorizon())
    ratio = analyse_table(table, plan, Design()).guards[0]
    assert ratio.name == "sample_ratio"
    assert ratio.p_value == pytest.approx(expected["srm"]["p"], rel=DIGITS)


@pytest.mark.parametrize("asked", [f"{arm}/{metric}" for arm in ARMS for metric in METRICS])
def test_every_number(table: UnitTable, expected: dict[str, Any], asked: str) -> None:
    numbers, effect = expected[asked], results(table, ())[asked].effect
    assert effect is not None
    assert effect.relative is not None
    told = {
        "mean_t": effect.treated,
        "mean_c": effect.control,
        "ate": effect.difference.estimate,
        "se": effect.se,
        "t": effect.difference.estimate / effect.se,
        "p": effect.p_value,
        "rel": effect.relative.estimate,
    }
    assert told == pytest.approx({name: numbers[name] for name in told}, rel=DIGITS)
    assert [effect.difference.low, effect.difference.high] == pytest.approx(numbers["ci95"], rel=DIGITS)
    assert effect.n == numbers["n_t"] + numbers["n_c"]


@pytest.mark.parametrize("asked", [f"{arm}/{metric}" for arm in ARMS for metric in METRICS])
def test_every_adjusted_number(table: UnitTable, expected: dict[str, Any], asked: str) -> None:
    effect, numbers = results(table, ("history",))[asked].effect, expected[asked]["cuped_history"]
    assert effect is not None
    told = {
        "theta": effect.theta[0],
        "ate": effect.difference.estimate,
        "se": effect.se,
        "p": effect.p_value,
    }
    assert told == pytest.approx(numbers, rel=DIGITS)


def test_the_pooled_z(expected: dict[str, Any]) -> None:
    numbers = expected["womens/visit"]
    n_t, n_c = numbers["n_t"], numbers["n_c"]
    shares = Shares(round(numbers["mean_t"] * n_t), n_t, round(numbers["mean_c"] * n_c), n_c)
    assert pooled_z(shares) == pytest.approx(numbers["pooled_z"], rel=DIGITS)
