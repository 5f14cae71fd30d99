"""What mix models found: fits and their history, channels, contributions by week, curves, draws, trust and tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound

MOST_FITS: Final = 100


@dataclass(frozen=True, slots=True)
class Fit:
    """One row of ``mart.mix_fit``."""

    fit_key: int
    run_key: int
    account_key: int
    advertiser: str
    outcome: str
    goal: str
    currency: str
    first_period: dt.date
    last_period: dt.date
    periods: int
    period_days: int
    status: str
    words: str
    outcome_total: float
    baseline: float
    baseline_low: float
    baseline_high: float
    baseline_share: float
    baseline_share_low: float
    baseline_share_high: float
    level: float
    draws: int
    seed: int
    parameters: dict[str, Any]
    finished_at: dt.datetime
    is_current: bool

    @property
    def is_money(self) -> bool:
        """Whether the outcome is money rather than a count."""
        return self.outcome in ("revenue", "margin")


@dataclass(frozen=True, slots=True)
class Channel:
    """One row of ``mart.mix_channel``."""

    fit_key: int
    channel: str
    organic: bool
    spend: Decimal
    contribution: float
    contribution_low: float
    contribution_high: float
    share: float
    share_low: float
    share_high: float
    roi: float | None
    roi_low: float | None
    roi_high: float | None
    marginal_roi: float | None
    marginal_roi_low: float | None
    marginal_roi_high: float | None
    prior_roi: float | None
    prior_roi_low: float | None
    prior_roi_high: float | None
    half_life: float
    half_life_low: float
    half_life_high: float
    carried: float
    carried_low: float
    carried_high: float
    learnt: float
    current: Decimal
    trusted: Decimal
    tests: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """One row of ``mart.mix_contribution``."""

    period: dt.date
    part: str
    kind: str
    estimate: float
    low: float
    high: float
    spend: Decimal | None
    exposure: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One row of ``mart.response_curve``."""

    channel: str
    spend: Decimal
    estimate: float
    low: float
    high: float
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of ``mart.mix_finding``."""

    finding: str
    status: str
    words: str
    help: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Lift:
    """One row of ``mart.mix_lift``."""

    experiment: str
    channel: str
    metric: str
    first_day: dt.date
    last_day: dt.date
    is_used: bool
    reason: str | None
    first_period: dt.date | None
    last_period: dt.date | None
    lift: float | None
    se: float | None
    before: float | None
    before_low: float | None
    before_high: float | None
    after: float | None
    after_low: float | None
    after_high: float | None
    surprise: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Move:
    """One row of ``mart.mix_move``."""

    channel: str
    first_period: dt.date
    last_period: dt.date
    before: float
    before_low: float | None
    before_high: float | None
    after: float
    after_low: float
    after_high: float
    moved: float
    surprise: float | None
    words: str


@dataclass(frozen=True, slots=True)
class CurveDraws:
    """Joint draws of a channel's curve under one pair of families, the first of them number ``first_draw`` of all.

    A response per period is beta times the level of the saturation named, at money per period.
    """

    channel: str
    part: int
    adstock: str
    saturation: str
    first_draw: int
    beta: list[float]
    shape_1: list[float]
    shape_2: list[float] | None
    weights: list[float]


def mix_fits(session: ReadSession, *, history: bool = False, limit: int = MOST_FITS) -> list[Fit]:
    """The fits that readers follow, or with ``history`` the earlier ones, too; by advertiser, the newest first."""
    sql = f"""SELECT {_columns(Fit)} FROM mart.mix_fit x WHERE x.is_current OR :history
              ORDER BY x.advertiser, x.run_key DESC, x.fit_key LIMIT :limit"""
    return [Fit(*row) for row in session.execute(text(sql), {"history": history, "limit": min(limit, MOST_FITS)})]


def mix_fit(session: ReadSession, fit_key: int) -> Fit:
    """One fit, also an earlier one. Raises :class:`NotFound`."""
    sql = f"SELECT {_columns(Fit)} FROM mart.mix_fit x WHERE x.fit_key = :key"
    row = session.execute(text(sql), {"key": fit_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no fit {fit_key}.", remedy="`causeway run mix` makes one; mart.mix_fit lists them.")
    return Fit(*row)


def published_before(session: ReadSession, account_key: int, outcome: str, goal: str) -> Fit | None:
    """The fit of an outcome that readers of an account follow now."""
    sql = f"""SELECT {_columns(Fit)} FROM mart.mix_fit x
              WHERE x.is_current AND x.account_key = :account AND x.outcome = :outcome AND x.goal = :goal"""
    row = session.execute(text(sql), {"account": account_key, "outcome": outcome, "goal": goal}).one_or_none()
    return None if row is None else Fit(*row)


def mix_channels(session: ReadSession, fit_key: int) -> list[Channel]:
    """What each channel brought, in the order of the fit."""
    sql = f"SELECT {_columns(Channel)} FROM results.mix_channel x WHERE x.fit_key = :key ORDER BY x.place"
    return [Channel(*row) for row in _of(session, sql, fit_key)]


def mix_contributions(session: ReadSession, fit_key: int) -> list[Contribution]:
    """The outcome taken apart, by part and week."""
    sql = f"SELECT {_columns(Contribution)} FROM results.mix_series x WHERE x.fit_key = :key ORDER BY x.place, x.period"
    return [Contribution(*row) for row in _of(session, sql, fit_key)]


def response_curves(session: ReadSession, fit_key: int) -> list[CurvePoint]:
    """The curves of all channels, by channel and spend."""
    sql = """SELECT k.channel, k.spend, k.estimate, k.low, k.high, k.spend <= c.trusted
             FROM results.mix_curve k JOIN results.mix_channel c ON c.fit_key = k.fit_key AND c.channel = k.channel
             WHERE k.fit_key = :key ORDER BY c.place, k.place"""
    return [CurvePoint(*row) for row in _of(session, sql, fit_key)]


def mix_findings(session: ReadSession, fit_key: int) -> list[Finding]:
    """The trust card, in its order."""
    sql = """SELECT x.name, x.status, x.words, x.help, x.value FROM results.mix_finding x
             WHERE x.fit_key = :key ORDER BY x.place"""
    return [Finding(*row) for row in _of(session, sql, fit_key)]


def mix_lifts(session: ReadSession, fit_key: int) -> list[Lift]:
    """Every test of a channel, the oldest first."""
    columns = _columns(Lift).replace("x.is_used", "x.reason IS NULL")
    sql = f"SELECT {columns} FROM results.mix_lift x WHERE x.fit_key = :key ORDER BY x.place"
    return [Lift(*row) for row in _of(session, sql, fit_key)]


def mix_moves(session: ReadSession, fit_key: int) -> list[Move]:
    """What moved since the fit before, the largest change first."""
    sql = (
        f"SELECT {_columns(Move)} FROM results.mix_move x WHERE x.fit_key = :key ORDER BY abs(x.moved) DESC, x.channel"
    )
    return [Move(*row) for row in _of(session, sql, fit_key)]


def mix_draws(session: ReadSession, fit_key: int) -> list[CurveDraws]:
    """Joint draws of all curves, by channel and part; none of a fit so old that they were let go."""
    sql = f"SELECT {_columns(CurveDraws)} FROM results.mix_draws x WHERE x.fit_key = :key ORDER BY x.channel, x.part"
    return [CurveDraws(*row) for row in _of(session, sql, fit_key)]


def spending_account(session: ReadSession) -> str | None:
    """An account with spend, as PLATFORM/ID, that a run can be asked for; None where nothing was spent."""
    sql = """SELECT a.platform || '/' || a.account_id FROM core.account a
             WHERE EXISTS (SELECT FROM core.daily_rollup r WHERE r.account_key = a.account_key AND r.spend > 0)
             ORDER BY a.account_key LIMIT 1"""
    found: str | None = session.execute(text(sql)).scalar_one_or_none()
    return found


def as_sql(fit: Fit, view: str = "mix_channel") -> str:
    """How to ask in SQL for what was found by a fit."""
    return f"SELECT * FROM mart.{view} WHERE fit_key = {fit.fit_key}"


def _of(session: ReadSession, sql: str, fit_key: int) -> Any:
    return session.execute(text(sql), {"key": fit_key})


def _columns(row: type) -> str:
    """The columns of a row, of ``x``, numbers without a scale of their own."""
    return ", ".join("x.level::float8" if field.name == "level" else f"x.{field.name}" for field in fields(row))
