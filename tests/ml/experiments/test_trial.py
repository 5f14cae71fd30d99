"""From units to answers: segments, changes over time, clusters and what is missing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ml.experiments.analysis import Question, analyse
from ml.experiments.information import Stakes
from ml.experiments.methods import FixedHorizon
from ml.experiments.metrics import Role, metric_of
from ml.experiments.moments import Distribution, Moments
from ml.experiments.options import metrics_said
from ml.experiments.questions import Design, questions_of
from ml.experiments.readout import Report, told
from ml.experiments.report import report_of
from ml.experiments.segments import heterogeneity
from ml.experiments.trial import Plan, analyse_table, novelty_of, segments_of
from ml.experiments.unit_file import Layout, UnitTable, read_units
from warehouse.errors import BadSetting, NotEnoughData

FIXED = FixedHorizon()


def plan(metrics: str = "spend") -> Plan:
    return Plan(metrics_said(metrics, "", ""), "control", FIXED)


def table(units: int = 6_000, seed: int = 1) -> UnitTable:
    """Green adds 2 in one country and nothing in the other; half of the units do not say what they spent before."""
    generator = np.random.default_rng(seed)
    arm = np.where(np.arange(units) % 2 == 0, "control", "green")
    country = generator.choice(["de", "fr"], units)
    before = generator.normal(20, 5, units)
    spend = before + generator.normal(0, 3, units) + 2.0 * (arm == "green") * (country == "de")
    known = np.where(generator.random(units) < 0.5, before, np.nan)
    frame = pl.DataFrame({
        "unit": np.arange(units), "arm": arm, "n:spend": spend, "c:before": known, "l:country": country,
    }).with_columns(pl.col("c:before").fill_nan(None))  # fmt: skip
    return UnitTable(frame, units, 0)


def test_segments_that_differ_are_told_from_those_that_do_not() -> None:
    parts = segments_of(table(), plan(), Design(), ["country"])
    effects = {part.segment: part.result.effect for part in parts}
    assert effects["de"] is not None
    assert effects["fr"] is not None
    assert effects["de"].difference.low > 1
    assert effects["fr"].difference.low < 0 < effects["fr"].difference.high
    assert all(part.result.p_adjusted >= part.result.effect.p_value for part in parts)
    (found,) = heterogeneity(parts)
    assert (found.column, found.segments) == ("country", 2)
    assert found.p_value < 1e-6
    null = heterogeneity(segments_of(table(), plan(), Design(), []))
    assert null == ()


def test_segments_that_do_not_differ_are_rarely_said_to() -> None:
    wrong = 0
    for seed in range(60):
        units = table(400, seed).units.with_columns(pl.col("n:spend").shuffle(seed))
        wrong += heterogeneity(segments_of(UnitTable(units, 400, 0), plan(), Design(), ["country"]))[0].p_value < 0.1
    assert 0 < wrong < 14


def test_unknown_covariates_still_help() -> None:
    units = table()
    (question,) = questions_of(units.units, units.arms, plan().metrics, Design(("before",)))
    assert question.covariates == ("before", "before unknown")
    plain, adjusted = (analyse_table(units, plan(), Design(known)).results[0].effect for known in ((), ("before",)))
    assert adjusted is not None
    assert plain is not None
    assert adjusted.se < 0.9 * plain.se
    nothing = units.units.with_columns(pl.lit(None, pl.Float64).alias("c:before"))
    with pytest.raises(NotEnoughData, match="No unit has a value of before"):
        questions_of(nothing, units.arms, plan().metrics, Design(("before",)))


def test_winsorising_caps_all_arms_alike_and_leaves_zeros_alone() -> None:
    spend = [0.0] * 90 + [1.0] * 9 + [1_000.0]
    units = pl.DataFrame({"arm": ["a"] * 100 + ["b"] * 100, "n:spend": [*spend, *spend[:-1], 2.0]})
    (question,) = questions_of(units, ("a", "b"), plan().metrics, Design(winsorised=0.9))
    means = [sample[0].mean("spend") for sample in question.samples.values()]
    assert means[0] == means[1] == pytest.approx(0.10, abs=0.01)


def test_strata_that_are_too_small_are_said() -> None:
    units = table(40).units.with_columns(pl.Series("l:country", ["de"] * 39 + [None]))
    with pytest.raises(NotEnoughData, match=r"stratum \(empty\) has fewer than two units in the arm control"):
        questions_of(units, ("control", "green"), plan().metrics, Design(strata="country"))


def log(fading: float, tmp_path: Path) -> UnitTable:
    generator = np.random.default_rng(5)
    rows = ["unit,arm,day,met,spend"]
    for unit in range(600):
        arm, start = ("control", "green")[unit % 2], unit % 5
        for day in range(start, 20):
            lift = (arm == "green") * (2.0 if day - start < (20 - start) // 2 else 2.0 - fading)
            date = dt.date(2026, 9, 1) + dt.timedelta(days=day)
            met = dt.date(2026, 9, 1) + dt.timedelta(days=start)
            rows.append(f"u{unit},{arm},{date},{met},{10 + unit % 7 + lift + generator.normal(0, 2):.3f}")
    file = tmp_path / "log.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    return read_units(file, Layout("unit", "arm", ("spend",), day="day", exposed="met"))


@pytest.mark.parametrize(("fading", "words"), [(0.0, "Nothing shows"), (1.5, "wears off"), (-1.5, "grows")])
def test_an_effect_that_changes_with_time(tmp_path: Path, fading: float, words: str) -> None:
    found = novelty_of(log(fading, tmp_path), plan(), "green", "spend")
    assert words in found.words
    halves = np.mean([(20 - start) // 2 for start in range(5)])
    assert found.early.difference.estimate == pytest.approx(2.0 * halves, abs=3 * found.early.se)
    # The change is of the same units, so what sets them apart is not in it.
    assert found.change.difference.estimate == pytest.approx(-fading * halves, abs=3 * found.change.se)


def test_all_that_is_asked_at_once(tmp_path: Path) -> None:
    stakes = Stakes(Decimal(1), 100)
    said = told(report_of(log(1.5, tmp_path), plan(), Design(), stakes=stakes))
    assert set(said) == {"guards", "withheld", "results", "novelty", "value"}
    assert said["novelty"][0]["early"]["low"] < said["novelty"][0]["early"]["estimate"]
    assert said["value"][0]["estimate"] == f"{100 * Decimal(repr(said['results'][0]['difference'])):.2f}"
    with_segments = told(report_of(table(), plan(), Design(), segments=["country"]))
    assert {part["segment"] for part in with_segments["segments"]} == {"de", "fr"}
    assert with_segments["heterogeneity"][0]["metric"] == "spend"
    still = log(0.0, tmp_path).units.with_columns(pl.lit(1.0).alias("n:spend"))
    same = UnitTable(
        still,
        still.height,
        0,
        log=still.select(
            "unit", "arm", pl.lit(dt.date(2026, 9, 1)).alias("day"), pl.lit(None, pl.Date).alias("start"), "n:spend"
        ),
    )
    assert told(report_of(same, plan(), Design()))["novelty"][0]["words"].startswith("The log is one day long")
    with pytest.raises(NotEnoughData, match="Without days"):
        novelty_of(table(), plan(), "green", "spend")


def test_one_metric_that_cannot_be_told_does_not_keep_the_others() -> None:
    generator = np.random.default_rng(1)
    arms = {
        arm: Moments.of(["spend", "zero"], np.column_stack([generator.standard_normal(50), np.zeros(50)]))
        for arm in ("control", "green")
    }
    questions = [
        Question(metric_of(name, role), arms) for name, role in (("zero", Role.primary), ("spend", Role.guardrail))
    ]
    zero, spend = analyse(questions, "control", FIXED).results
    assert zero.effect is None
    assert zero.words.startswith("zero does not vary")
    assert spend.guardrail is not None
    assert spend.p_adjusted is None
    assert told(Report(analyse(questions, "control", FIXED)))["results"][0]["difference"] is None


def test_samples_of_another_kind_are_refused() -> None:
    moments = {arm: Moments.of(["spend"], np.ones((3, 1))) for arm in ("control", "green")}
    distributions = {arm: Distribution.of(np.arange(3.0)) for arm in ("control", "green")}
    with pytest.raises(BadSetting, match="needs a distribution"):
        analyse([Question(metric_of("median:spend"), moments)], "control", FIXED)
    with pytest.raises(BadSetting, match="Give the moments of each arm"):
        analyse([Question(metric_of("spend"), distributions)], "control", FIXED)
    with pytest.raises(BadSetting, match="neither adjusted nor stratified"):
        analyse([Question(metric_of("share:spend"), moments, units="spend")], "control", FIXED)
    with pytest.raises(BadSetting, match="no arm 'blue'"):
        analyse([Question(metric_of("spend"), moments)], "blue", FIXED)
    with pytest.raises(BadSetting, match="nothing to compare"):
        analyse([Question(metric_of("spend"), {"control": moments["control"]})], "control", FIXED)


@pytest.mark.parametrize(
    ("text", "name", "column", "more"),
    [
        ("spend", "spend", "spend", (None, None, True)),
        (" revenue / orders ", "revenue / orders", "revenue", ("orders", None, True)),
        ("share:visit", "share:visit", "visit", (None, None, True)),
        ("p99.5:spend", "p99.5:spend", "spend", (None, 0.995, True)),
        ("lower:median:seconds", "median:seconds", "seconds", (None, 0.5, False)),
    ],
)
def test_metrics_as_they_are_written(text: str, name: str, column: str, more: tuple[object, ...]) -> None:
    found = metric_of(text)
    assert (found.name, found.column) == (name, column)
    assert (found.denominator, found.probability, found.higher_is_better) == more


@pytest.mark.parametrize(
    "text", ["", "/orders", "revenue/", "share:", "p0:spend", "p100:spend", "pp:spend", "mean:spend"]
)
def test_what_is_no_metric_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="Write spend, revenue/orders"):
        metric_of(text)
