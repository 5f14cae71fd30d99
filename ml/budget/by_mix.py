"""What the command says of a plan by the mix model of an account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ml.budget.judged import Interval
from ml.budget.live import planner_of
from ml.budget.proposal import Asked, Proposal, brought, rate
from ml.plain import plain
from warehouse.console import open_warehouse, say, show
from warehouse.errors import Infeasible
from warehouse.local_owner import local_owner
from warehouse.queries.accounts import find_account
from warehouse.queries.budget_inputs import StoredFit, fit_of_account
from warehouse.queries.formats import answer_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the table, by a week."""

    channel: str
    current: Decimal
    proposed: Decimal
    brings: str
    low: str
    high: str
    next_unit: str


def allocate_account(named: str, outcome: str | None, asked: Asked, *, as_json: bool) -> None:
    """Plan a week's money of an account's advertiser and print it. Raises as :meth:`Planner.propose`."""
    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        fit = fit_of_account(session, find_account(session, named), outcome)
        planner = planner_of(warehouse, session, fit)
    try:
        proposal = planner.propose(asked)
    except Infeasible as refused:
        if as_json:
            say(json.dumps({"status": "infeasible", "channels": [], "binding": [], "words": [str(refused)]}))
        raise
    if as_json:
        say(json.dumps(_told(fit, proposal)))
    else:
        _print(fit, proposal)


def _print(fit: StoredFit, proposal: Proposal) -> None:
    if fit.status == "red":
        say("The mix model is not to be trusted (red), so this is no advice. The page Mix says what would help.")
    rows = [
        Shown(
            line.channel, line.current, line.proposed, brought(fit, line.outcome.estimate),
            f"{line.outcome.low:,.0f}", f"{line.outcome.high:,.0f}", rate(fit, line.marginal.estimate),
        )
        for line in proposal.lines
    ]  # fmt: skip
    show(answer_of(rows), as_json=False)
    for words in proposal.words:
        say(words)
    price = proposal.price
    say(
        f"One more {fit.currency} a week would bring {rate(fit, price.estimate)} ({price.low:.2f} to {price.high:.2f})."
    )
    for each in proposal.binding:
        say(f"Binding: {each.rule}; easing it by one unit would bring {plain(each.price)} a week.")
    for line in proposal.lines:
        say(line.words)


def _told(fit: StoredFit, proposal: Proposal) -> dict[str, Any]:
    """The keys of a plan by a file of curves, and what draws tell besides."""
    return {
        "status": proposal.status,
        "trust": fit.status,
        "outcome": fit.outcome,
        "currency": fit.currency,
        "objective": proposal.outcome.estimate,
        "objective_interval": _ends(proposal.outcome),
        "bound": proposal.outcome.estimate / (1 - proposal.gap) if proposal.gap < 1 else None,
        "gap": proposal.gap,
        "shadow_price": proposal.price.estimate,
        "shadow_price_interval": _ends(proposal.price),
        "budget": float(proposal.budget),
        "spent": float(proposal.spent),
        "today": proposal.before.estimate,
        "gain": proposal.gain.estimate,
        "gain_interval": _ends(proposal.gain),
        "beats_today": proposal.beats_today,
        "efficiency_today": proposal.efficiency_today,
        "efficiency": proposal.efficiency,
        "channels": [
            {
                "channel": line.channel,
                "current": float(line.current),
                "proposed": float(line.proposed),
                "low": float(line.least),
                "high": None if line.most is None else float(line.most),
                "marginal": line.marginal.estimate,
                "marginal_interval": _ends(line.marginal),
                "outcome": line.outcome.estimate,
                "outcome_interval": _ends(line.outcome),
                "gain": line.gain.estimate,
                "gain_interval": _ends(line.gain),
                "words": line.words,
            }
            for line in proposal.lines
        ],
        "binding": [{"rule": each.rule, "shadow_price": each.price} for each in proposal.binding],
        "words": list(proposal.words),
    }


def _ends(interval: Interval) -> list[float]:
    return [interval.low, interval.high]
