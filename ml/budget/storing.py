"""Proposals as rows of the warehouse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from ml.budget.draws import Drawn
from ml.budget.judged import interval_of, regret_of
from ml.budget.known import Known
from ml.budget.planning import Planner
from ml.budget.proposal import Proposal
from warehouse.changes.budget import PlanFigures, PlanLine, PlannedWeek


def figures_of(planner: Planner, proposal: Proposal) -> PlanFigures:
    """What is predicted of a plan, with what knowing the truth would add to it."""
    return PlanFigures(
        planner.known.fit.level, proposal.budget, proposal.spent, proposal.gap,
        proposal.outcome.estimate, proposal.outcome.low, proposal.outcome.high,
        proposal.gain.estimate, proposal.gain.low, proposal.gain.high,
        proposal.beats_today, _regret(planner, proposal),
        proposal.price.estimate, proposal.price.low, proposal.price.high,
        proposal.efficiency_today, proposal.efficiency, " ".join(proposal.words),
    )  # fmt: skip


def lines_of(proposal: Proposal) -> list[PlanLine]:
    """The channels of a plan."""
    return [
        PlanLine(
            line.channel, line.current, line.proposed, line.least, line.most,
            line.outcome.estimate, line.outcome.low, line.outcome.high,
            line.gain.estimate, line.gain.low, line.gain.high,
            line.marginal.estimate, line.marginal.low, line.marginal.high, line.words,
        )
        for line in proposal.lines
    ]  # fmt: skip


def weeks_of(known: Known, proposal: Proposal, first_week: dt.date) -> Iterator[PlannedWeek]:
    """The plan by channel and week, with what comes in each week, from earlier spend too."""
    gap = (first_week - known.next_week).days // known.fit.period_days
    for channel, line in zip(known.channels, proposal.lines, strict=True):
        by_draw = channel.over_weeks([float(spend) for spend in line.weekly], gap=gap)
        for place, spend in enumerate(line.weekly):
            came = interval_of(by_draw[:, place], known.fit.level)
            week = first_week + dt.timedelta(days=known.fit.period_days * place)
            yield PlannedWeek(line.channel, week, spend, came.estimate, came.low, came.high)


def bounds_of(draws: dict[str, Drawn], proposal: Proposal) -> dict[str, tuple[float, float]]:
    """Between what each channel of a plan may spend."""
    return {
        line.channel: (float(line.least), min(float(line.most or proposal.spent), draws[line.channel].top))
        for line in proposal.lines
    }


def _regret(planner: Planner, proposal: Proposal) -> float:
    draws = planner.draws_of(proposal.asked.rules)
    outcome = sum(draws[line.channel].by_draw(np.array([float(line.proposed)]))[:, 0] for line in proposal.lines)
    return regret_of(draws, np.asarray(outcome), bounds_of(draws, proposal), float(proposal.spent))
