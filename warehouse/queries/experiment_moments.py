"""What read-outs of experiments are computed from: moments by arm, cut and day, and series of regions or days."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound
from warehouse.experiments.moments import SEVERAL_ARMS
from warehouse.experiments.sources import everybody
from warehouse.experiments.totals import Total, from_rows
from warehouse.experiments.values import distribution
from warehouse.schema.experiments import Counted

NO_DAY = dt.date(1970, 1, 1)  # of units that came in at a time that nobody says


@dataclass(frozen=True, slots=True)
class MomentRow:
    """What a day added over the units of an arm, a cut and a stratum; ``arm_id`` is None of units in several arms."""

    arm_id: str | None
    cut: str
    stratum: str
    date: dt.date
    units: int
    known: Sequence[int]
    sums: Sequence[float]
    products: Sequence[float]


@dataclass(frozen=True, slots=True)
class KeptMoments:
    """An experiment's moments; ``centers`` were taken off the totals. Values are counted of ``metrics``."""

    metrics: tuple[str, ...]
    totals: tuple[Total, ...]
    centers: tuple[float, ...]
    rows: tuple[MomentRow, ...]


@dataclass(frozen=True, slots=True)
class HalfRow:
    """Moments of what the units of an arm did in the halves of their time; see :class:`HalfMoment`."""

    metric: str
    arm_id: str
    as_of: dt.date
    units: int
    early: float
    late: float
    early_squares: float
    products: float
    late_squares: float


@dataclass(frozen=True, slots=True, eq=False)
class UnitTotals:
    """Totals in rising order, and how many units have each."""

    values: array[float]
    units: array[int]


def experiments_of(session: ReadSession, account_key: int) -> list[int]:
    """The keys of an account's experiments that have begun, in the order in which they were first seen."""
    sql = """SELECT e.experiment_key FROM core.experiment e
             WHERE e.account_key = :account AND e.status <> 'draft' ORDER BY e.experiment_key"""
    return list(session.execute(text(sql), {"account": account_key}).scalars())


def currency_of(session: ReadSession, account_key: int) -> str:
    """The currency of an account, in which its experiments' money is. Raises :class:`NotFound`."""
    sql = "SELECT a.currency FROM core.account a WHERE a.account_key = :account"
    currency = session.execute(text(sql), {"account": account_key}).scalar_one_or_none()
    if currency is None:
        raise NotFound(f"There is no account {account_key}.")
    return str(currency)


def kept_moments(session: ReadSession, experiment_key: int) -> KeptMoments | None:
    """An experiment's moments as they were last brought up to date, oldest day first; None before the first time."""
    given = {"key": experiment_key}
    build = session.execute(
        text("SELECT metrics, totals, centers FROM core.moment_build WHERE experiment_key = :key"), given
    ).one_or_none()
    if build is None:
        return None
    rows = tuple(MomentRow(*row) for row in session.execute(text(_MOMENTS), given | {"several": SEVERAL_ARMS}))
    return KeptMoments(tuple(build.metrics), from_rows(build.totals), tuple(build.centers), rows)


def early_exposures(session: ReadSession, experiment_key: int) -> int | None:
    """How many units met the treatment before they were put into their arm; None where no exposure is known."""
    found = session.execute(text(_EARLY), {"key": experiment_key}).one()
    return None if not found.exposed else int(found.early)


def unexposed_units(session: ReadSession, experiment_key: int) -> tuple[int, int]:
    """How many units are in an arm, and how many of them never met the treatment."""
    found = session.execute(text(_UNEXPOSED), {"key": experiment_key}).one()
    return int(found.units), int(found.unexposed)


def unclustered_units(session: ReadSession, experiment_key: int) -> int:
    """How many units are in an arm of which no cluster is known."""
    sql = """SELECT count(DISTINCT a.unit_key) FROM core.assignment a
             WHERE a.experiment_key = :key AND a.cluster_digest IS NULL"""
    return int(session.execute(text(sql), {"key": experiment_key}).scalar_one())


def half_moments(session: ReadSession, experiment_key: int) -> list[HalfRow]:
    """What units did in the halves of their time, as that was last read."""
    return [HalfRow(*row) for row in session.execute(text(_HALVES), {"key": experiment_key})]


def unit_totals(
    session: ReadSession, experiment_key: int, metric: str, cut_by: str
) -> dict[tuple[str, str], UnitTotals]:
    """How many units have each total of a metric, by arm and cut. Every outcome of the metric is read."""
    sql = "SELECT e.counts::text FROM core.experiment e WHERE e.experiment_key = :key"
    counts = session.execute(text(sql), {"key": experiment_key}).scalar_one_or_none()
    if counts is None:
        return {}
    question = distribution("postgres", everybody(experiment_key, Counted(counts)), metric, cut_by).replace(":", r"\:")
    rows = session.execute(text(_TOTALS.format(totals=question)), execution_options={"stream_results": True})
    found: dict[tuple[str, str], UnitTotals] = {}
    for part in rows.partitions(_AT_ONCE):
        for arm_id, cut, value, units in part:
            totals = found.setdefault((arm_id, cut), UnitTotals(array("d"), array("q")))
            totals.values.append(value)
            totals.units.append(units)
    return found


def region_days(session: ReadSession, experiment_key: int) -> pl.DataFrame:
    """Outcomes of regions or time slots by day: geo, arm_id, date, metric, value (NULL: not known), is_treated."""
    rows = session.execute(text(_REGION_DAYS), {"key": experiment_key}).all()
    schema = {
        "geo": pl.String(), "arm_id": pl.String(), "date": pl.Date(), "metric": pl.String(), "value": pl.Float64(),
        "is_treated": pl.Boolean(),
    }  # fmt: skip
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


_MOMENTS = """
SELECT r.arm_id, m.cut, m.stratum, m.date, m.units, m.known, m.sums, m.products
FROM core.moment m LEFT JOIN core.experiment_arm r ON r.arm_key = nullif(m.arm_key, :several)
WHERE m.experiment_key = :key ORDER BY m.date, r.arm_id, m.cut, m.stratum
"""

_EARLY = """
SELECT EXISTS (SELECT FROM core.exposure x WHERE x.experiment_key = :key) AS exposed, (
    SELECT count(DISTINCT a.unit_key) FROM core.assignment a
    JOIN core.exposure x ON x.experiment_key = a.experiment_key AND x.unit_key = a.unit_key AND x.at < a.at
    WHERE a.experiment_key = :key) AS early
"""

_UNEXPOSED = """
SELECT count(*) AS units, count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM core.exposure x WHERE x.experiment_key = :key AND x.unit_key = a.unit_key)) AS unexposed
FROM (SELECT DISTINCT b.unit_key FROM core.assignment b WHERE b.experiment_key = :key) a
"""

_HALVES = """
SELECT h.metric, r.arm_id, h.as_of, h.units, h.early, h.late, h.early_squares, h.products, h.late_squares
FROM core.half_moment h JOIN core.experiment_arm r ON r.arm_key = h.arm_key
WHERE h.experiment_key = :key ORDER BY h.metric, r.arm_id
"""

_TOTALS = """
SELECT r.arm_id, t.cut, t.value, t.units FROM ({totals}) t JOIN core.experiment_arm r ON r.arm_key = t.arm_key
ORDER BY t.value
"""
_AT_ONCE = 20_000

_REGION_DAYS = """
SELECT g.geo, g.arm_id, g.date_day, g.metric, g.value::float8, g.is_treated FROM mart.geo_daily g
WHERE g.experiment_key = :key ORDER BY g.metric, g.geo, g.date_day
"""
