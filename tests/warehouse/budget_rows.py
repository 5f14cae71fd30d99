"""Rows of budgets: a published fit of the mix with known curves, and what was planned by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from sqlalchemy import text

from warehouse.changes.budget import (
    BudgetPoint,
    NewScenario,
    NewScore,
    PlanFigures,
    PlanLine,
    PlannedWeek,
    ScoreLine,
    StoredAllocation,
    approve_scenario,
    save_scenario,
    write_allocation,
    write_score,
)
from warehouse.engine import WriteSession

DRAWS: Final = 400
FIRST_WEEK: Final = dt.date(2025, 6, 2)  # a Monday
WEEKS: Final = 60


@dataclass(frozen=True, slots=True)
class Curve:
    """What a channel truly brings a week: ``top`` x / (x + ``half``); ``spend`` is that of every week."""

    top: float
    half: float
    spend: int

    def at(self, spend: float) -> float:
        return self.top * spend / (spend + self.half)


CURVES: Final[Mapping[str, Curve]] = MappingProxyType(
    {
        "paid_search": Curve(9_000.0, 1_500.0, 1_000),
        "shopping": Curve(6_000.0, 3_000.0, 2_000),
        "paid_social": Curve(4_000.0, 1_000.0, 2_000),
    }
)
CARRIED: Final = (0.7, 0.2, 0.1)  # of a week's spend what works in it, and in the next two


def write_mix_fit(
    session: WriteSession,
    *,
    account_key: int,
    status: str = "green",
    outcome: str = "revenue",
    weeks: int = WEEKS,
    curves: Mapping[str, Curve] = CURVES,
    later: Mapping[str, int] = MappingProxyType({}),
    later_weeks: int = 0,
    spread: float = 0.15,
) -> int:
    """Write a run of ``mix`` that is published, and its fit; the fit's key.

    In the last ``later_weeks`` channels spend what ``later`` says instead.
    """
    chance = np.random.default_rng(7)
    last = FIRST_WEEK + dt.timedelta(weeks=weeks - 1)
    run = session.execute(text(_RUN), {"account": account_key}).scalar_one()
    session.execute(text(_PUBLISH), {"account": account_key, "run": run})
    head = {
        "run": run, "account": account_key, "outcome": outcome, "first": FIRST_WEEK, "last": last, "weeks": weeks,
        "status": status, "draws": DRAWS,
    }  # fmt: skip
    fit = int(session.execute(text(_FIT), head).scalar_one())
    for place, (name, curve) in enumerate(curves.items()):
        own = {"fit": fit, "place": place, "channel": name}
        session.execute(text(_CHANNEL), {**own, "spend": curve.spend * weeks, "current": curve.spend,
                                         "trusted": curve.spend * 2,
                                         "brought": curve.at(curve.spend) * weeks})  # fmt: skip
        for week in range(weeks):
            spend = later.get(name, curve.spend) if week >= weeks - later_weeks else curve.spend
            session.execute(text(_WEEK), {**own, "week": FIRST_WEEK + dt.timedelta(weeks=week),
                                          "brought": curve.at(spend), "spend": spend})  # fmt: skip
        for step in range(21):
            at = curve.spend * 2.6 * step / 20
            session.execute(text(_POINT), {**own, "place": step, "spend": Decimal(str(round(at, 2))),
                                           "brought": curve.at(at)})  # fmt: skip
        for part, count in enumerate((DRAWS // 4, DRAWS - DRAWS // 4)):
            session.execute(text(_DRAWS), {**own, "part": part, **_drawn(curve, part, count, spread, chance)})
    session.execute(text(_FINDING), {"fit": fit, "status": status})
    return fit


def _drawn(curve: Curve, part: int, count: int, spread: float, chance: np.random.Generator) -> dict[str, Any]:
    beta = curve.top * np.exp(spread * chance.standard_normal(count))
    return {
        "saturation": ("hill", "michaelis_menten")[part], "first": part * (DRAWS // 4), "beta": beta.tolist(),
        "shape_1": np.full(count, curve.half).tolist(), "shape_2": None if part else np.ones(count).tolist(),
        "weights": list(CARRIED),
    }  # fmt: skip


_RUN: Final = """
INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state, finished_at)
VALUES ('mix', :account, '{}', '1', 1, 'done', now()) RETURNING run_key
"""
_PUBLISH: Final = """
INSERT INTO results.publication (job, account_key, run_key) VALUES ('mix', :account, :run)
ON CONFLICT (job, account_key) DO UPDATE SET run_key = excluded.run_key, published_at = now()
"""
_FIT: Final = """
INSERT INTO results.mix_fit (run_key, account_key, advertiser_key, outcome, goal, currency, first_period, last_period,
    periods, period_days, status, watermark, level, draws, seed, outcome_total, baseline, baseline_low, baseline_high,
    baseline_share, baseline_share_low, baseline_share_high, words)
SELECT :run, a.account_key, a.advertiser_key, :outcome, 'order', 'USD', :first, :last, :weeks, 7, :status, 1, 0.9,
       :draws, 1, 1000000, 500000, 400000, 600000, 0.5, 0.4, 0.6, 'Half of it would have come anyway.'
FROM core.account a WHERE a.account_key = :account RETURNING fit_key
"""
_CHANNEL: Final = """
INSERT INTO results.mix_channel (fit_key, place, channel, organic, spend, contribution, contribution_low,
    contribution_high, share, share_low, share_high, roi, roi_low, roi_high, marginal_roi, marginal_roi_low,
    marginal_roi_high, prior_roi, prior_roi_low, prior_roi_high, half_life, half_life_low, half_life_high, carried,
    carried_low, carried_high, learnt, current, trusted, tests)
VALUES (:fit, :place, :channel, false, :spend, :brought, :brought * 0.8, :brought * 1.2, 0.1, 0.08, 0.12,
        CAST(:brought AS float8) / :spend, 0.8 * CAST(:brought AS float8) / :spend,
        1.2 * CAST(:brought AS float8) / :spend, 1, 0.8, 1.2, 1, 0.3, 3, 0.6, 0.4, 0.9, 0.3, 0.2, 0.4, 0.7, :current,
        :trusted, 0)
"""
_WEEK: Final = """
INSERT INTO results.mix_series (fit_key, part, period, place, kind, estimate, low, high, spend)
VALUES (:fit, :channel, :week, :place, 'channel', :brought, :brought * 0.8, :brought * 1.2, :spend)
"""
_POINT: Final = """
INSERT INTO results.mix_curve (fit_key, channel, place, spend, estimate, low, high)
VALUES (:fit, :channel, :place, :spend, :brought, :brought * 0.8, :brought * 1.2)
"""
_DRAWS: Final = """
INSERT INTO results.mix_draws (fit_key, channel, part, adstock, saturation, first_draw, beta, shape_1, shape_2, weights)
VALUES (:fit, :channel, :part, 'geometric', :saturation, :first, :beta, :shape_1, :shape_2, :weights)
"""
_FINDING: Final = """
INSERT INTO results.mix_finding (fit_key, place, name, status, words, help)
VALUES (:fit, 0, 'hold_out', :status, 'It predicts weeks that it did not see.', 'Load more weeks.')
"""


def write_budget_rows(session: WriteSession, *, account_key: int, fit_key: int) -> int:
    """A published plan for today's money, and an approved scenario that was scored; the scenario's key."""
    run = session.execute(text(_RUN.replace("'mix'", "'budget'")), {"account": account_key}).scalar_one()
    session.execute(text(_PUBLISH.replace("'mix'", "'budget'")), {"account": account_key, "run": run})
    advertiser = session.execute(
        text("SELECT advertiser_key FROM core.account WHERE account_key = :account"), {"account": account_key}
    ).scalar_one()
    figures = PlanFigures(
        0.9, Decimal(5_000), Decimal(5_000), 0.0, 8_000, 7_000, 9_000, 500, 100, 900, 0.97, 50, 1.5, 1.2, 1.8, 0.5, 0.6,
        "More for paid search.",
    )  # fmt: skip
    line = PlanLine(
        "paid_search", Decimal(1_000), Decimal(1_500), Decimal(0), Decimal(2_000), 4_500, 4_000, 5_000, 900, 600, 1_200,
        1.5, 1.2, 1.8, "Its next unit brings 1.5.",
    )  # fmt: skip
    point = BudgetPoint(Decimal(2_500), 5_000, 4_000, 6_000, 2.0)
    write_allocation(
        session,
        StoredAllocation(advertiser, fit_key, "proposed", figures, [line], {"paid_search": 80.0}, [point]),
        run_key=run,
    )
    week = FIRST_WEEK + dt.timedelta(weeks=WEEKS)
    new = NewScenario(
        account_key, advertiser, fit_key, "Bold", "budget", Decimal(5_000), [{"rule": "locked", "channel": "shopping"}],
        0.0, week, 1, "user:1",
    )  # fmt: skip
    planned = PlannedWeek("paid_search", week, Decimal(1_500), 4_500, 4_000, 5_000)
    rules = [("the budget is 5,000", 1.5)]
    key = save_scenario(session, new, figures, lines=[line], binding=rules, weeks=[planned])
    approve_scenario(session, key, "user:1")
    score = NewScore(
        key, advertiser, fit_key, "user:1", Decimal(1_500), Decimal(1_490), 20_000, 4_500, 4_000, 5_000, 4_400, 4_000,
        4_800, 900, 600, 1_200, 850, 500, 1_150, 1.9, True, "As predicted.",
    )  # fmt: skip
    scored = ScoreLine(
        "paid_search", Decimal(1_500), Decimal(1_490), 4_500, 4_000, 5_000, 4_400, 4_000, 4_800, True
    )  # fmt: skip
    write_score(session, score, [scored])
    return key
