"""The same units, from a file and from the warehouse: the same numbers, however metrics are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sqlalchemy import Engine

from ml.experiments.job import EXPERIMENTS, settle
from ml.experiments.methods import ConfidenceSequence
from ml.experiments.options import metrics_said
from ml.experiments.questions import Design
from ml.experiments.readout import rows_of
from ml.experiments.report import report_of
from ml.experiments.trial import Plan
from ml.experiments.unit_file import Layout, read_units
from ml.worker import work_once
from warehouse import job_queue
from warehouse.ingest.load import load_paths
from warehouse.local_owner import local_owner
from warehouse.queries import experiment_readouts as readouts
from warehouse.queries import experiments as registry
from warehouse.queries.accounts import find_account
from warehouse.queries.experiment_readouts import Effect, Guard, Novelty
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

DEFINITIONS = """
experiments:
  - id: choices
    unit: user
    status: running
    arms: {control: 0.5, green: 0.5}
    metrics:
      - {metric: revenue, role: primary, cap: 60, covariates: [revenue, tenure]}
      - {metric: p90:revenue, role: secondary}
      - {metric: half, outcome: revenue, quantile: 50 %}
      - {metric: share:came, role: secondary}
      - {metric: usual, outcome: revenue, winsorise: 0.9, covariates: []}
      - {metric: unknown, outcome: came, covariates: [height]}
      - {metric: share:revenue}
  - id: weighed
    unit: user
    status: running
    strata: country
    arms: {control: 0.5, green: 0.5}
    metrics: [{metric: revenue, role: primary, per: came, covariates: [revenue]}, {metric: came, covariates: []}]
  - id: homes
    unit: user
    status: running
    cluster: household
    arms: {control: 0.5, green: 0.5}
    metrics: [{metric: revenue, role: primary, cap: 60, covariates: [revenue, tenure]}, {metric: came, covariates: []}]
  - id: met
    unit: user
    status: stopped
    stop: 2026-03-12
    counts: exposed
    arms: {control: 0.5, green: 0.5}
    metrics: [{metric: revenue, role: primary, covariates: []}]
"""
START = dt.date(2026, 3, 1)
DAYS = 11


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("choices")


@pytest.fixture(scope="module")
def units() -> pl.DataFrame:
    """600 users in 250 households, which go into arms as a whole; a third do not say since when they are there."""
    chance, size = np.random.default_rng(7), 600
    home = chance.integers(0, 250, size)
    green, country = home % 2 == 0, np.where(home % 3 == 0, "de", np.where(home % 5 == 0, "fr", "it"))
    before = np.round(chance.gamma(2, 10, size), 2)
    revenue = np.round(before * chance.uniform(0.5, 1.5, size) + 5 * green + 4 * (country == "de"), 2)
    return pl.DataFrame({
        "user_id": [f"u{unit}" for unit in range(size)], "arm": np.where(green, "green", "control"),
        "household": [f"h{one}" for one in home], "country": country, "revenue": revenue, "revenue_before": before,
        "came": (chance.random(size) < 0.3 + 0.2 * green).astype(int),
        "tenure": [None if unit % 3 else round(float(chance.uniform(0, 9)), 1) for unit in range(size)],
        "in": [f"{START + dt.timedelta(days=unit % 4)}" for unit in range(size)],
        "met": [None if unit % 7 == 0 else f"{START + dt.timedelta(days=unit % 4 + unit % 2)}" for unit in range(size)],
    }).sample(fraction=1.0, shuffle=True, seed=1)  # fmt: skip


@pytest.fixture(scope="module")
def log(units: pl.DataFrame) -> pl.DataFrame:
    """What each did on each day, from the day on which it came in; green adds something once it was met."""
    chance, rows = np.random.default_rng(8), []
    for row in units.iter_rows(named=True):
        first = (dt.date.fromisoformat(row["in"]) - START).days
        for day in range(first, DAYS):
            date = f"{START + dt.timedelta(days=day)}"
            is_treated = row["arm"] == "green" and row["met"] is not None and date >= row["met"]
            spent = round(float(chance.gamma(2, 3)) + is_treated * (4.0 if day < 6 else 1.0), 2)
            named = {name: row[name] for name in ("user_id", "arm", "met")}
            rows.append({**named, "day": date, "revenue": spent})
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, folder: Path, units: pl.DataFrame, log: pl.DataFrame) -> Warehouse:
    warehouse = Warehouse(settings, engine)
    loads = folder / "loads"
    loads.mkdir()
    (loads / "1_definitions.yaml").write_text(DEFINITIONS)
    named = {"arm": "variation", "in": "timestamp", "country": "stratum"}
    for name in ("choices", "weighed", "homes", "met"):
        assigned = units.select("user_id", "arm", "in", "country", "household").rename(named)
        assigned.with_columns(experiment_id=pl.lit(name)).write_csv(loads / f"{name}_assignments.csv")
    numbers = {"revenue_before": "pre_revenue", "tenure": "pre_tenure"}
    for name in ("choices", "weighed", "homes"):
        outcomes = units.select("user_id", "arm", "revenue", "came", "revenue_before", "tenure").rename(numbers)
        outcomes.with_columns(experiment_id=pl.lit(name)).write_csv(loads / f"{name}_outcomes.csv")
    units.select("user_id", exposed_at="met").drop_nulls().write_csv(loads / "met_exposures.csv")
    log.select("user_id", "arm", "day", "revenue").write_csv(loads / "met_outcomes.csv")
    for result in load_paths(warehouse, [str(path) for path in sorted(loads.iterdir())]):
        assert (result.status, result.rejected) == ("loaded", 0), result
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = find_account(session, "experiments/experiments")
    with warehouse.writing() as session:
        job_queue.submit(session, job="experiments", account_key=account, parameters=settle({}), requested_by=owner.id)
    assert work_once(warehouse, {"experiments": EXPERIMENTS})
    return warehouse


def in_warehouse(warehouse: Warehouse, name: str) -> tuple[dict[str, Effect], dict[str, Guard], list[Novelty]]:
    with warehouse.reading(local_owner(warehouse)) as session:
        key = next(e.experiment_key for e in registry.experiments(session) if e.experiment_id == name)
        effects = {row.metric: row for row in readouts.effects(session, key) if not row.cut}
        guards = {row.guard: row for row in readouts.guards(session, key)}
        return effects, guards, readouts.novelty(session, key)


def from_file(table: pl.DataFrame, folder: Path, metrics: str, design: Design, **columns: Any) -> Any:
    file = folder / "units.csv"
    table.write_csv(file)
    asked = metrics_said(metrics, "", "")
    numbers = tuple(dict.fromkeys(column for metric in asked for column in metric.columns))
    labels = (design.strata,) if design.strata else ()
    layout = Layout("user_id", "arm", numbers, design.covariates, labels, **columns)
    plan = Plan(asked, "control", ConfidenceSequence(), {"control": 0.5, "green": 0.5})
    return report_of(read_units(file, layout), plan, design)


def assert_same(effect: Effect, row: Any) -> None:
    found = (effect.mean, effect.control_mean, effect.difference, effect.low, effect.high, effect.p_value)
    expected = (row.mean, row.control_mean, row.difference, row.low, row.high, row.p_value)
    assert found == pytest.approx(expected, rel=1e-9)
    assert (effect.relative, effect.relative_low) == pytest.approx((row.relative, row.relative_low), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "metric", "written", "design", "method"),
    [
        ("choices", "revenue", "revenue", Design(("revenue_before", "tenure"), caps={"revenue": 60.0}),
         "adjusted for revenue before, tenure before, tenure unknown; winsorised at 60"),
        ("choices", "p90:revenue", "p90:revenue", Design(), "standard errors by ranks"),
        ("choices", "half", "median:revenue", Design(), "standard errors by ranks"),
        ("choices", "share:came", "share:came", Design(), "on the score"),
        ("weighed", "revenue/came", "revenue/came", Design(("revenue_before",), "country"), "post-stratified"),
        ("weighed", "came", "came", Design(strata="country"), "post-stratified"),
        ("homes", "revenue", "revenue",
         Design(("revenue_before", "tenure"), is_clustered=True, caps={"revenue": 60.0}), "by cluster"),
        ("homes", "came", "came", Design(is_clustered=True), "by cluster"),
    ],
)  # fmt: skip
def test_a_metric_is_told_alike(
    warehouse: Warehouse, folder: Path, units: pl.DataFrame, name: str, metric: str, written: str, design: Design,
    method: str,
) -> None:  # fmt: skip
    effects, _, _ = in_warehouse(warehouse, name)
    columns = {"cluster": "household"} if design.is_clustered else {}
    (row,) = rows_of(from_file(units, folder, written, design, **columns).analysis.results)
    assert_same(effects[metric], row)
    assert method in effects[metric].method
    assert (effects[metric].units, effects[metric].control_units) == (
        units.filter(arm="green").height, units.filter(arm="control").height
    )  # fmt: skip


def test_a_quantile_of_what_was_before_is_the_limit(warehouse: Warehouse, folder: Path, units: pl.DataFrame) -> None:
    effects, _, _ = in_warehouse(warehouse, "choices")
    limit = float(np.quantile(units["revenue_before"], 0.9))
    (row,) = rows_of(from_file(units, folder, "revenue", Design(caps={"revenue": limit})).analysis.results)
    assert_same(effects["usual"], row)
    assert f"winsorised at {limit:.4g}, below which 0.9 of what units did before lies" in effects["usual"].method


def test_what_cannot_be_told_is_said_and_keeps_nothing_else_from_it(warehouse: Warehouse) -> None:
    effects, guards, _ = in_warehouse(warehouse, "choices")
    assert set(effects) == {"revenue", "p90:revenue", "half", "share:came", "usual"}
    assert guards["untold:unknown"].words == "No unit has a value of height before. Load pre_value of it."
    assert "revenue is not 0 or 1 for every unit." in guards["untold:share:revenue"].words
    assert {guards[name].status for name in ("untold:unknown", "untold:share:revenue")} == {"warned"}


def test_only_who_met_the_treatment_counts_and_the_effect_wears_off(
    warehouse: Warehouse, folder: Path, log: pl.DataFrame, units: pl.DataFrame
) -> None:
    effects, guards, (novelty,) = in_warehouse(warehouse, "met")
    report = from_file(log, folder, "revenue", Design(), day="day", exposed="met")
    (row,) = rows_of(report.analysis.results)
    assert_same(effects["revenue"], row)
    assert effects["revenue"].units + effects["revenue"].control_units == units["met"].drop_nulls().len()
    unexposed = units["met"].null_count()
    assert guards["exposure"].words.startswith(f"{unexposed} of 600 units never met the treatment")
    (change,) = report.changes
    for name in ("early", "late", "change"):
        expected = getattr(change.novelty, name).difference
        found = [getattr(novelty, f"{name}{end}") for end in ("", "_low", "_high")]
        assert found == pytest.approx([expected.estimate, expected.low, expected.high], rel=1e-9)
    assert (novelty.words, novelty.as_of) == (change.words, START + dt.timedelta(days=DAYS - 1))
    assert "wears off" in novelty.words
