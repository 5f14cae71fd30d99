"""What runs found of who responds to a treatment: read-outs, curves, kinds, drivers, checks, and customers' scores."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound

LARGEST_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Readout:
    """One row of ``mart.uplift_readout``."""

    readout_key: int
    experiment_key: int
    experiment_id: str
    experiment_name: str
    platform: str
    account_id: str
    account_key: int
    metric: str
    better: str
    arm_id: str
    control_id: str
    state: str
    words: str
    learner: str
    first_day: dt.date | None
    days: int | None
    lookback_days: int | None
    scored_on: dt.date | None
    treated: int
    untreated: int
    judged: int
    scored: int
    level: float
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    qini: float | None
    qini_low: float | None
    qini_high: float | None
    autoc: float | None
    autoc_low: float | None
    autoc_high: float | None
    auuc: float | None
    auuc_low: float | None
    auuc_high: float | None
    usual: float | None
    margin: float | None
    value: Decimal
    cost: Decimal
    currency: str | None
    run_key: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One row of ``mart.uplift_curve``."""

    share: float
    least: float
    gain: float
    gain_low: float
    gain_high: float
    rest: float
    rest_low: float
    rest_high: float


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of ``mart.uplift_kind``."""

    kind: str
    customers: int
    share: float
    predicted: float
    untreated: float
    found: float | None
    found_low: float | None
    found_high: float | None


@dataclass(frozen=True, slots=True)
class Driver:
    """One row of ``mart.uplift_driver``."""

    feature: str
    contribution: float
    direction: float | None


@dataclass(frozen=True, slots=True)
class Check:
    """One row of ``mart.uplift_check``."""

    check: str
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """One row of ``mart.uplift_score``."""

    customer_key: int
    effect: float
    untreated: float
    kind: str
    reasons: list[str]
    reason_values: list[float | None]
    reason_effects: list[float]


@dataclass(frozen=True, slots=True)
class ScoredKind:
    """How many of all scored customers are of a kind, and what is expected of them on average."""

    kind: str
    customers: int
    effect: float
    untreated: float


def uplift_readouts(session: ReadSession, *, experiment_key: int | None = None) -> list[Readout]:
    """Published read-outs, of one experiment or of all that the reader may see; those that prove a ranking first."""
    sql = f"""SELECT {_COLUMNS} FROM mart.uplift_readout r {_ACCOUNT}
WHERE CAST(:key AS int) IS NULL OR r.experiment_key = :key
ORDER BY array_position(ARRAY['proven', 'open', 'too_little', 'withheld'], r.state), r.first_day DESC NULLS LAST,
         r.readout_key"""
    return [Readout(*row) for row in session.execute(text(sql), {"key": experiment_key})]


def uplift_readout(session: ReadSession, readout_key: int) -> Readout:
    """One published read-out. Raises :class:`NotFound`, also when a newer run has taken its place."""
    sql = f"SELECT {_COLUMNS} FROM mart.uplift_readout r {_ACCOUNT} WHERE r.readout_key = :key"
    row = session.execute(text(sql), {"key": readout_key}).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no published read-out {readout_key}.", remedy="A newer run may have taken its place: look again."
        )
    return Readout(*row)


def uplift_curve(session: ReadSession, readout_key: int) -> list[CurvePoint]:
    """The curve of gains, from the best few to all."""
    sql = """SELECT c.share, c.least, c.gain, c.gain_low, c.gain_high, c.rest, c.rest_low, c.rest_high
             FROM mart.uplift_curve c WHERE c.readout_key = :key ORDER BY c.share"""
    return [CurvePoint(*row) for row in _of(session, sql, readout_key)]


def uplift_kinds(session: ReadSession, readout_key: int) -> list[Kind]:
    """The four kinds of customers among those that judged, persuadables first."""
    sql = f"""SELECT k.kind, k.customers, k.share, k.predicted, k.untreated, k.found, k.found_low, k.found_high
             FROM mart.uplift_kind k WHERE k.readout_key = :key ORDER BY {_KIND_ORDER.format("k")}"""
    return [Kind(*row) for row in _of(session, sql, readout_key)]


def uplift_drivers(session: ReadSession, readout_key: int) -> list[Driver]:
    """Features that move uplift, the strongest first."""
    sql = """SELECT d.feature, d.contribution, d.direction FROM mart.uplift_driver d
             WHERE d.readout_key = :key ORDER BY d.place"""
    return [Driver(*row) for row in _of(session, sql, readout_key)]


def uplift_checks(session: ReadSession, readout_key: int) -> list[Check]:
    """What was checked, in the order of the checks."""
    sql = """SELECT c."check", c.status, c.words FROM mart.uplift_check c WHERE c.readout_key = :key ORDER BY c.place"""
    return [Check(*row) for row in _of(session, sql, readout_key)]


def uplift_scores(
    session: ReadSession,
    readout_key: int,
    *,
    kind: str | None = None,
    limit: int = 100,
    after: tuple[float, int] | None = None,
) -> list[Score]:
    """Customers by their score, the highest first; of one kind or of all, after an (effect, customer_key)."""
    sql = """
SELECT s.customer_key, s.effect, s.untreated, s.kind, s.reasons, s.reason_values, s.reason_effects
FROM mart.uplift_score s
WHERE s.readout_key = :key AND (CAST(:kind AS text) IS NULL OR s.kind = :kind)
  AND (CAST(:effect AS float8) IS NULL OR (-s.effect, s.customer_key) > (-CAST(:effect AS float8), :customer))
ORDER BY s.effect DESC, s.customer_key LIMIT :limit
"""
    effect, customer = after or (None, None)
    given = {"kind": kind, "effect": effect, "customer": customer, "limit": min(limit, LARGEST_PAGE)}
    return [Score(*row) for row in _of(session, sql, readout_key, **given)]


def scores_of_customer(session: ReadSession, customer_key: int) -> list[tuple[int, Score]]:
    """A customer's published scores with the keys of their read-outs, the highest first."""
    sql = """
SELECT s.readout_key, s.customer_key, s.effect, s.untreated, s.kind, s.reasons, s.reason_values, s.reason_effects
FROM mart.uplift_score s WHERE s.customer_key = :customer ORDER BY s.effect DESC, s.readout_key
"""
    rows = session.execute(text(sql), {"customer": customer_key})
    return [(key, Score(*row)) for key, *row in rows]


def scored_kinds(session: ReadSession, readout_key: int) -> list[ScoredKind]:
    """How many of all scored customers are of each kind, persuadables first."""
    sql = f"""
SELECT s.kind, count(*), avg(s.effect), avg(s.untreated) FROM mart.uplift_score s WHERE s.readout_key = :key
GROUP BY s.kind ORDER BY {_KIND_ORDER.format("s")}
"""
    return [ScoredKind(*row) for row in _of(session, sql, readout_key)]


def customers_above(session: ReadSession, readout_key: int, least: float) -> int:
    """How many customers have a score above ``least``."""
    sql = "SELECT count(*) FROM mart.uplift_score s WHERE s.readout_key = :key AND s.effect > :least"
    return int(_of(session, sql, readout_key, least=least).scalar_one())


def as_sql(experiment_key: int) -> str:
    """How to ask in SQL for what was found of an experiment."""
    return f"SELECT * FROM mart.uplift_readout WHERE experiment_key = {experiment_key}"


def _of(session: ReadSession, sql: str, readout_key: int, **values: Any) -> Any:
    return session.execute(text(sql), {"key": readout_key, **values})


_KIND_ORDER: Final = "array_position(ARRAY['persuadable', 'sure thing', 'lost cause', 'sleeping dog'], {}.kind)"
_ACCOUNT: Final = "JOIN core.account a ON a.platform = r.platform AND a.account_id = r.account_id"
_COLUMNS: Final = """
r.readout_key, r.experiment_key, r.experiment_id, r.experiment_name, r.platform, r.account_id, a.account_key, r.metric,
r.better, r.arm_id, r.control_id, r.state, r.words, r.learner, r.first_day, r.days, r.lookback_days, r.scored_on,
r.treated, r.untreated, r.judged, r.scored, r.level::float8, r.effect, r.effect_low, r.effect_high, r.qini, r.qini_low,
r.qini_high, r.autoc, r.autoc_low, r.autoc_high, r.auuc, r.auuc_low, r.auuc_high, r.usual, r.margin, r.value, r.cost,
r.currency, r.run_key
"""
