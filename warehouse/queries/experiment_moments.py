"""What read-outs of experiments over units are computed from: moments by arm, cut and day, and who is in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound
from warehouse.experiments.totals import SEVERAL_ARMS, Total, from_rows

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
