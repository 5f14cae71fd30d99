"""Experiments as a team keeps them: the registry, who was put where and met what, outcomes by unit, region and day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from ml.simulation.exports.columns import csv_text, micros, money
from ml.simulation.exports.identities import client_id
from ml.simulation.exports.manifest import DatasetName, ExportFile, unnamed_file, unnamed_table
from ml.simulation.exports.parts import Parts
from ml.simulation.people.records import GEO_DAYS, empty

_KINDS = {"ab": "ab", "geo_holdout": "geo", "go_dark": "go_dark"}
_UNITS = {"customer": "user", "region": "geo", "day": "time_slot"}
_SEEN_BEFORE, _SEEN_AFTER = timedelta(days=182), timedelta(days=28)  # of outcomes by region, around the test


@dataclass(frozen=True, slots=True)
class Registry:
    """The experiments of a world (columns ``EXPERIMENTS``), in the account that runs them."""

    account_id: str
    experiments: pl.DataFrame


class ExperimentExport:
    """Writes the logs while the world unfolds, and registry and outcomes at the end."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self._folder, self._registry = folder, registry
        self._assigned = _log(folder, "experiment_assignments", registry.account_id, "assigned_at")
        self._exposed = _log(folder, "experiment_exposures", registry.account_id, "exposed_at")
        self._units: list[pl.DataFrame] = []
        self._geo_days = [empty(GEO_DAYS)]

    def add(self, day: date, assignments: pl.DataFrame, exposures: pl.DataFrame, geo_days: pl.DataFrame) -> None:
        """Take in a day (columns ``ASSIGNMENTS``, ``EXPOSURES`` and ``GEO_DAYS``); who refused consent is in no log."""
        tracked = pl.col("client").is_not_null()
        self._assigned.add(day, assignments.filter(tracked))
        self._exposed.add(day, exposures.filter(tracked))
        self._units.append(assignments.filter(tracked).select("experiment_id", "customer", "client"))
        self._geo_days.append(geo_days)

    def finish(self, outcomes: pl.DataFrame) -> list[ExportFile]:
        """Write the rest; ``outcomes`` (columns ``OUTCOMES``) are written of units whose assignment was logged."""
        self._folder.mkdir(parents=True, exist_ok=True)
        geo_days = pl.concat(self._geo_days)
        written = [self._write_registry()] if self._registry.experiments.height else []
        written += [unnamed_file(part, "experiments", "assignment") for part in self._assigned.finish()]
        written += [unnamed_file(part, "experiments", "exposure") for part in self._exposed.finish()]
        written += self._write_outcomes(outcomes)
        for experiment in self._registry.experiments.iter_rows(named=True):
            if experiment["kind"] == "geo_holdout":
                written += self._write_regions(experiment, geo_days)
            if experiment["kind"] == "go_dark":
                written += self._write_days(experiment, geo_days)
        return written

    def _write_registry(self) -> ExportFile:
        path = self._folder / "experiments.jsonl"
        rows = list(self._registry.experiments.iter_rows(named=True))
        lines = [json.dumps(_definition(row, self._registry.account_id)) for row in rows]
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return unnamed_table(path, "experiments", "experiment", self._registry.experiments["first_day"])

    def _write_outcomes(self, outcomes: pl.DataFrame) -> Iterator[ExportFile]:
        """What each unit did in the test and before it, a row for every metric."""
        if not self._units or outcomes.is_empty():
            return
        units = pl.concat(self._units).unique(["experiment_id", "customer"], keep="first", maintain_order=True)
        known = outcomes.join(units, on=["experiment_id", "customer"], how="inner", maintain_order="left")
        if known.is_empty():
            return
        table = pl.concat(
            self._metric(known, f"{name}_per_customer", value, before)
            for name, value, before in (
                ("orders", pl.col("orders").cast(pl.String), pl.col("orders_before").cast(pl.String)),
                ("revenue", money(pl.col("revenue_cents")), money(pl.col("revenue_before_cents"))),
            )
        )
        first = known.select("experiment_id").join(
            self._registry.experiments.select("experiment_id", "first_day"), on="experiment_id"
        )["first_day"]
        yield self._write("experiment_outcomes.csv", "outcome", table, pl.concat([first, first]))

    def _metric(self, units: pl.DataFrame, name: str, value: pl.Expr, before: pl.Expr) -> pl.DataFrame:
        return units.select(
            pl.lit(self._registry.account_id).alias("account_id"),
            "experiment_id",
            "arm",
            client_id(pl.col("client")).alias("client_id"),
            pl.lit(name).alias("metric"),
            value.alias("value"),
            before.alias("pre_value"),
        )

    def _write_regions(self, experiment: dict[str, Any], geo_days: pl.DataFrame) -> Iterator[ExportFile]:
        """Which region was in which arm, and what every region did day by day, before, in and after the test."""
        control, treated = experiment["arms"][0], experiment["arms"][-1]
        in_test = pl.col("region").is_in(experiment["regions"])
        common = (pl.lit(self._registry.account_id).alias("account_id"),
                  pl.lit(experiment["experiment_id"]).alias("experiment_id"))  # fmt: skip
        arms = geo_days.select(pl.col("region").unique().sort()).select(
            *common,
            pl.when(in_test).then(pl.lit(treated)).otherwise(pl.lit(control)).alias("arm"),
            pl.col("region").alias("geo"),
            pl.lit(_moment(experiment["first_day"])).alias("assigned_at"),
            pl.lit(_moment(experiment["last_day"] + timedelta(days=1))).alias("until"),
        )
        if arms.is_empty():
            return
        name = experiment["experiment_id"]
        start = pl.Series([experiment["first_day"]]).new_from_index(0, arms.height)
        yield self._write(f"experiment_{name}_regions.csv", "assignment", arms, start)
        days = geo_days.filter(_around(experiment)).sort("date", "region")
        table = days.select(
            *common, pl.col("region").alias("geo"), pl.col("date").alias("day"), *_MEASURES,
            (in_test & _during(experiment)).alias("is_treated"),
        )  # fmt: skip
        yield self._write(f"experiment_{name}_days.csv", "outcome", table, days["date"])

    def _write_days(self, experiment: dict[str, Any], geo_days: pl.DataFrame) -> Iterator[ExportFile]:
        """What everybody did day by day, before, in and after the days without ads."""
        days = (
            geo_days.filter(_around(experiment))
            .group_by("date")
            .agg(pl.col("orders", "revenue_cents", "sessions", "cost_micros").sum())
            .sort("date")
        )
        if days.is_empty():
            return
        table = days.select(
            pl.lit(self._registry.account_id).alias("account_id"),
            pl.lit(experiment["experiment_id"]).alias("experiment_id"),
            pl.col("date").cast(pl.String).alias("time_slot"), pl.col("date").alias("day"), *_MEASURES,
            _during(experiment).alias("is_treated"),
        )  # fmt: skip
        yield self._write(f"experiment_{experiment['experiment_id']}_days.csv", "outcome", table, days["date"])

    def _write(self, name: str, dataset: DatasetName, table: pl.DataFrame, days: pl.Series) -> ExportFile:
        path = self._folder / name
        path.write_bytes(",".join(table.columns).encode() + b"\n" + csv_text(table))
        return unnamed_table(path, "experiments", dataset, days)


_MEASURES = (
    pl.col("orders"),
    money(pl.col("revenue_cents")).alias("revenue"),
    pl.col("sessions"),
    micros(pl.col("cost_micros")).alias("ad_spend"),
)


def _log(folder: Path, name: str, account_id: str, moment: str) -> Parts:
    def encode(rows: pl.DataFrame) -> bytes:
        at = pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        return csv_text(rows.select(pl.lit(account_id), "experiment_id", "arm", client_id(pl.col("client")), at))

    return Parts(folder, name, "csv", encode, header=f"account_id,experiment_id,arm,client_id,{moment}", yearly=True)


def _definition(row: dict[str, Any], account_id: str) -> dict[str, Any]:
    metrics = [{"metric": row["primary_metric"], "role": "primary"}]
    metrics += [{"metric": name, "role": "guardrail"} for name in row["guardrail_metrics"]]
    if row["kind"] != "ab":
        metrics += [{"metric": name, "role": "secondary"} for name in ("sessions", "ad_spend")]
    return {
        "account_id": account_id,
        "experiment_id": row["experiment_id"],
        "name": row["name"],
        "hypothesis": row["hypothesis"],
        "kind": _KINDS[row["kind"]],
        "unit": _UNITS[row["unit"]],
        "status": "stopped",
        "starts_at": _moment(row["first_day"]),
        "stops_at": _moment(row["last_day"] + timedelta(days=1)),
        "channels": [row["channel"]] if row["channel"] else [],
        "campaigns": list(row["campaign_ids"]),
        "arms": [
            {"arm": arm, "share": share, "is_control": number == 0}
            for number, (arm, share) in enumerate(zip(row["arms"], row["shares"], strict=True))
        ],
        "metrics": metrics,
    }


def _moment(day: date) -> str:
    return f"{datetime.combine(day, time()):%Y-%m-%dT%H:%M:%SZ}"


def _during(experiment: dict[str, Any]) -> pl.Expr:
    return pl.col("date").is_between(experiment["first_day"], experiment["last_day"])


def _around(experiment: dict[str, Any]) -> pl.Expr:
    return pl.col("date").is_between(experiment["first_day"] - _SEEN_BEFORE, experiment["last_day"] + _SEEN_AFTER)
