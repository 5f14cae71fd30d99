"""An experiment over a few users whose arms and outcomes a test writes, and its moments counted by hand."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import text

from warehouse.experiments.build import Refreshed, refresh_moments
from warehouse.experiments.totals import pairs
from warehouse.sessions import Warehouse

START = dt.date(2026, 3, 1)


@dataclass(slots=True)
class Trial:
    """An experiment with two arms; metrics orders and revenue, the first of which is the primary one."""

    warehouse: Warehouse
    experiment: int = 0
    arms: list[int] = field(default_factory=list)

    def begin(self) -> Trial:
        account = self.scalar(
            """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                         time_zone_is_stated)
               VALUES ('experiments', :id, 'Tests', 'EUR', true, 'UTC', true) RETURNING account_key""",
            id=uuid.uuid4().hex,
        )
        self.experiment = self.scalar(
            """INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, is_registered,
                                            load_key)
               VALUES (:account, 'button', 'Button', 'ab', 'user', 'running', true, 1) RETURNING experiment_key""",
            account=account,
        )
        for arm in ("control", "green"):
            self.arms.append(
                self.scalar(
                    """INSERT INTO core.experiment_arm (experiment_key, arm_id, name, share, is_control)
                       VALUES (:key, :arm, :arm, 0.5, :arm = 'control') RETURNING arm_key""",
                    key=self.experiment,
                    arm=arm,
                )
            )
        for metric, role in (("orders", "primary"), ("revenue", "secondary")):
            self.do(
                """INSERT INTO core.experiment_metric (experiment_key, metric, role)
                   VALUES (:key, :metric, CAST(:role AS core.metric_role))""",
                key=self.experiment, metric=metric, role=role,
            )  # fmt: skip
        return self

    def assign(self, unit: int, arm: int, day: int | None) -> None:
        self.do(
            """INSERT INTO core.assignment (experiment_key, unit_key, arm_key, at, load_key)
               VALUES (:key, :unit, :arm, :at, 1)
               ON CONFLICT (experiment_key, unit_key, arm_key) DO UPDATE SET at = excluded.at""",
            unit=unit, arm=self.arms[arm],
            at=None if day is None else dt.datetime.combine(on(day), dt.time(9), dt.UTC),
        )  # fmt: skip

    def is_in(self, unit: int, stratum: str | None, cluster: int | None) -> None:
        """Where a unit that is assigned was before."""
        self.do(
            """UPDATE core.assignment SET stratum = :stratum, cluster_digest = :cluster
               WHERE experiment_key = :key AND unit_key = :unit""",
            unit=unit, stratum=stratum, cluster=None if cluster is None else uuid.UUID(int=cluster),
        )  # fmt: skip

    def meets(self, unit: int, arm: int, day: int) -> None:
        self.do(
            """INSERT INTO core.exposure (experiment_key, unit_key, arm_key, at, load_key)
               VALUES (:key, :unit, :arm, :at, 1) ON CONFLICT DO NOTHING""",
            unit=unit, arm=self.arms[arm], at=dt.datetime.combine(on(day), dt.time(12), dt.UTC),
        )  # fmt: skip

    def chooses(self, experiment: str, metric: str = "cap = NULL") -> None:
        """Set how the experiment, and its orders, are to be told."""
        self.do(f"UPDATE core.experiment SET {experiment} WHERE experiment_key = :key")
        self.do(f"UPDATE core.experiment_metric SET {metric} WHERE experiment_key = :key AND metric = 'orders'")

    def did(self, unit: int, metric: str, day: int | None, value: float | None, before: float | None = None) -> None:
        self.do(
            """INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, pre_value, load_key)
               VALUES (:key, :unit, :metric, :date, :value, :before, 1)
               ON CONFLICT (experiment_key, unit_key, metric, date) DO UPDATE
               SET value = excluded.value, pre_value = excluded.pre_value""",
            unit=unit, metric=metric, date=None if day is None else on(day), value=value, before=before,
        )  # fmt: skip

    def forget(self, unit: int) -> None:
        for table in ("assignment", "exposure", "unit_outcome"):
            self.do(f"DELETE FROM core.{table} WHERE experiment_key = :key AND unit_key = :unit", unit=unit)

    def refresh(self) -> Refreshed:
        with self.warehouse.writing() as session:
            return refresh_moments(session, self.experiment)

    def refresh_all(self) -> Refreshed:
        self.do("DELETE FROM core.moment_build WHERE experiment_key = :key")
        return self.refresh()

    def of_all_totals(self) -> dict[tuple[int, str, str, dt.date], np.ndarray[Any, Any]]:
        """By arm, cut, stratum and day, up to that day: units, known, sums and products of whatever totals there are.

        Totals are without their centers.
        """
        metrics, centers = self.rows("SELECT metrics, centers FROM core.moment_build WHERE experiment_key = :key")[0]
        found: dict[tuple[int, str, str, dt.date], np.ndarray[Any, Any]] = {}
        so_far: dict[tuple[int, str, str], np.ndarray[Any, Any]] = {}
        for *group, date, units, known, sums, products in self.rows(
            """SELECT arm_key, cut, stratum, date, units, known, sums, products FROM core.moment
               WHERE experiment_key = :key ORDER BY date"""
        ):
            arm, cut, stratum = group
            added = np.array([units, *known, *sums, *products], dtype=float)
            so_far[arm, cut, stratum] = so_far.get((arm, cut, stratum), 0) + added
            found[arm, cut, stratum, date] = uncentred(so_far[arm, cut, stratum], len(metrics), np.array(centers))
        return found

    def moments(self) -> dict[tuple[int, str, dt.date], np.ndarray[Any, Any]]:
        """By arm, cut and day, up to that day: units, known, sums and products, of totals without their centers."""
        metrics, centers = self.rows("SELECT metrics, centers FROM core.moment_build WHERE experiment_key = :key")[0]
        found: dict[tuple[int, str, dt.date], np.ndarray[Any, Any]] = {}
        so_far: dict[tuple[int, str], np.ndarray[Any, Any]] = {}
        for arm, cut, date, units, known, sums, products in self.rows(
            """SELECT arm_key, cut, date, units, known, sums, products FROM core.moment
               WHERE experiment_key = :key ORDER BY date"""
        ):
            added = np.array([units, *known, *sums, *products], dtype=float)
            so_far[arm, cut] = so_far.get((arm, cut), 0) + added
            found[arm, cut, date] = uncentred(so_far[arm, cut], len(metrics), np.array(centers))
        return found

    def by_hand(self) -> dict[tuple[int, str, dt.date], Any]:
        """The same, counted unit by unit from what is stored."""
        metrics = tuple(self.rows("SELECT metrics FROM core.moment_build WHERE experiment_key = :key")[0][0])
        arms: dict[int, list[tuple[int, dt.date]]] = defaultdict(list)
        for unit, arm, at in self.rows("SELECT unit_key, arm_key, at FROM core.assignment WHERE experiment_key = :key"):
            arms[unit].append((arm, at.date() if at else dt.date(1970, 1, 1)))
        outcomes: dict[int, list[tuple[str, dt.date | None, float | None, float | None]]] = defaultdict(list)
        for unit, *row in self.rows(
            "SELECT unit_key, metric, date, value, pre_value FROM core.unit_outcome WHERE experiment_key = :key"
        ):
            outcomes[unit].append((row[0], row[1], *(None if v is None else float(v) for v in row[2:])))
        units = {unit: _unit(found, outcomes[unit], metrics) for unit, found in arms.items()}
        groups: dict[tuple[int, str], list[_Unit]] = defaultdict(list)
        for one in units.values():
            groups[one.arm, one.cut].append(one)
        result = {}
        for (arm, cut), members in groups.items():
            for date in sorted({d for one in members for d in one.days}):
                result[arm, cut, date] = sum(one.up_to(date, metrics) for one in members)
        return result

    def do(self, sql: str, **values: Any) -> None:
        with self.warehouse.writing() as session:
            session.execute(text(sql), {"key": self.experiment, **values})

    def scalar(self, sql: str, **values: Any) -> int:
        with self.warehouse.writing() as session:
            found: int = session.execute(text(sql), {"key": self.experiment, **values}).scalar_one()
            return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.warehouse.writing() as session:
            return [tuple(row) for row in session.execute(text(sql), {"key": self.experiment})]


def on(day: int) -> dt.date:
    """So many days after the first of March 2026."""
    return START + dt.timedelta(days=day)


def uncentred(moments: np.ndarray[Any, Any], metrics: int, centers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same of totals from which nothing is taken off."""
    units, known, totals = moments[0], moments[1 : 1 + metrics], len(centers)
    sums = moments[1 + metrics : 1 + metrics + totals]
    products = moments[1 + metrics + totals :]
    full = [
        product + centers[a] * sums[b] + centers[b] * sums[a] + units * centers[a] * centers[b]
        for product, (a, b) in zip(products, pairs(totals), strict=True)
    ]
    return np.concatenate([[units], known, sums + units * centers, full])


@dataclass(slots=True)
class _Unit:
    arm: int
    cut: str
    entered: dt.date
    days: set[dt.date]
    before: list[float]
    outcomes: list[tuple[str, dt.date, float]]

    def up_to(self, date: dt.date, metrics: tuple[str, ...]) -> np.ndarray[Any, Any]:
        width = 1 + 3 * len(metrics) + len(pairs(2 * len(metrics)))
        if date < self.entered:
            return np.zeros(width)
        rows = [(metric, value) for metric, day, value in self.outcomes if day <= date]
        totals = [sum(value for metric, value in rows if metric == name) for name in metrics] + self.before
        known = [float(any(metric == name for metric, _ in rows)) for name in metrics]
        products = [totals[a] * totals[b] for a, b in pairs(2 * len(metrics))]
        return np.array([1.0, *known, *totals, *products])


def _unit(
    arms: list[tuple[int, dt.date]], outcomes: list[tuple[str, dt.date | None, float | None, float | None]],
    metrics: tuple[str, ...],
) -> _Unit:  # fmt: skip
    entered = min(date for _, date in arms)
    before: list[float | None] = []
    for name in metrics:
        said = [pre for metric, _, _, pre in outcomes if metric == name and pre is not None]
        early = [v for metric, day, v, _ in outcomes if metric == name and day and day < entered and v is not None]
        before.append(max(said) if said else sum(early) if early else None)
    kept = [
        (metric, day or entered, value)
        for metric, day, value, _ in outcomes
        if value is not None and (day is None or day >= entered)
    ]
    cut = "unknown" if before[0] is None else "active" if before[0] > 0 else "new"
    days = {entered} | {max(day or entered, entered) for _, day, _, _ in outcomes}
    return _Unit(arms[0][0] if len(arms) == 1 else 0, cut, entered, days, [b or 0.0 for b in before], kept)
