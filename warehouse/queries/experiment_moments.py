"""What read-outs of experiments are computed from: moments by arm, cut and day, and series of regions or days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound
from warehouse.experiments.moments import SEVERAL_ARMS

NO_DAY = dt.date(1970, 1, 1)  # of units that came in at a time that nobody says


@dataclass(frozen=True, slots=True)
class MomentRow:
    """What a day added over the units of an arm and a cut; ``arm_id`` is None of units in several arms."""

    arm_id: str | None
    cut: str
    date: dt.date
    units: int
    known: Sequence[int]
    sums: Sequence[float]
    products: Sequence[float]


@dataclass(frozen=True, slots=True)
class KeptMoments:
    """An experiment's moments; ``centers`` were taken off the totals: of each metric, then of each metric before."""

    metrics: tuple[str, ...]
    centers: tuple[float, ...]
    rows: tuple[MomentRow, ...]


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
        text("SELECT metrics, centers FROM core.moment_build WHERE experiment_key = :key"), given
    ).one_or_none()
    if build is None:
        return None
    rows = tuple(MomentRow(*row) for row in session.execute(text(_MOMENTS), given | {"several": SEVERAL_ARMS}))
    return KeptMoments(tuple(build.metrics), tuple(build.centers), rows)


def early_exposures(session: ReadSession, experiment_key: int) -> int | None:
    """How many units met the treatment before they were put into their arm; None where no exposure is known."""
    found = session.execute(text(_EARLY), {"key": experiment_key}).one()
    return None if not found.exposed else int(found.early)


def region_days(session: ReadSession, experiment_key: int) -> pl.DataFrame:
    """Outcomes of regions or time slots by day: geo, arm_id, date, metric, value (NULL: not known), is_treated."""
    rows = session.execute(text(_REGION_DAYS), {"key": experiment_key}).all()
    schema = {
        "geo": pl.String(), "arm_id": pl.String(), "date": pl.Date(), "metric": pl.String(), "value": pl.Float64(),
        "is_treated": pl.Boolean(),
    }  # fmt: skip
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


_MOMENTS = """
SELECT r.arm_id, m.cut, m.date, m.units, m.known, m.sums, m.products
FROM core.moment m LEFT JOIN core.experiment_arm r ON r.arm_key = nullif(m.arm_key, :several)
WHERE m.experiment_key = :key ORDER BY m.date, r.arm_id, m.cut
"""

_EARLY = """
SELECT EXISTS (SELECT FROM core.exposure x WHERE x.experiment_key = :key) AS exposed, (
    SELECT count(DISTINCT a.unit_key) FROM core.assignment a
    JOIN core.exposure x ON x.experiment_key = a.experiment_key AND x.unit_key = a.unit_key AND x.at < a.at
    WHERE a.experiment_key = :key) AS early
"""

_REGION_DAYS = """
SELECT g.geo, g.arm_id, g.date_day, g.metric, g.value::float8, g.is_treated FROM mart.geo_daily g
WHERE g.experiment_key = :key ORDER BY g.metric, g.geo, g.date_day
"""
