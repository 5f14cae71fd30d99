"""Response curves on the page of budgets: each channel's, and what other budgets would bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from api.actions.budget import Answered
from dashboard.budget.pieces import query_of
from dashboard.budget.read import Standing
from dashboard.budget.words import between, brought, channel_name, money, unit_of
from dashboard.components import cards
from dashboard.components.cards import Query
from dashboard.figures.response import Axis, Marked, Response, response
from dashboard.theme import channel_colour, colour
from ml.budget.known import KnownChannel
from ml.budget.proposal import UNITS, ProposedLine
from warehouse.queries.budget import curve_as_sql, frontier_as_sql
from warehouse.queries.budget_inputs import StoredFit

CURVES: Final = "budget-curves"


def curve_cards(standing: Standing, answered: Answered | None) -> list[Component]:
    """A response curve for each channel, and what other budgets would bring."""
    fit, planner = standing.fit, standing.planner
    lines = {} if answered is None else {line.channel: line for line in answered.proposal.lines}
    found = [_curve_card(standing, each, lines.get(each.name)) for each in planner.known.channels]
    frontier = _frontier_card(standing, answered)
    withheld = "" if fit.status != "red" else " cw-withheld"
    return [
        html.Div(
            [*([frontier] if frontier is not None else []), cards.grid(found)],
            className=f"cw-stack{withheld}",
        )
    ]


def _curve_card(standing: Standing, known: KnownChannel, line: ProposedLine | None) -> Component:
    fit, name = standing.fit, channel_name(known.name)
    points = [
        Response(point.spend, point.outcome.estimate, point.outcome.low, point.outcome.high)
        for point in standing.planner.responses[known.name]
    ]
    today, then = float(known.current), float(known.current if line is None else line.proposed)
    at_today, at_then = _value(points, today), _value(points, then)
    summary = f"{name.capitalize()} brings {brought(fit, at_today)} a week for today's {money(fit, today)}"
    if line is not None and abs(line.change) >= 1:
        summary += f", {brought(fit, line.outcome.estimate)} ({between(fit, line.outcome)}) for {money(fit, then)}"
    drawn = response(
        points, Axis("Spend a week", "money", fit.currency), _brings(fit),
        today=Marked(today, at_today, f"Today {money(fit, today)}"),
        proposed=Marked(then, at_then, f"Proposed {money(fit, then)}"),
        tried=float(known.trusted), line=channel_colour(known.name), summary=f"{summary}.", height=230,
    )  # fmt: skip
    return cards.figure_card(
        f"curve-{known.name}", name.capitalize(), drawn, span=4, mark_name="incremental",
        query=Query(curve_as_sql(fit.fit_key, known.name), query_of(fit).graphql),
        file_name=f"causeway_budget_{known.name}",
    )  # fmt: skip


def _frontier_card(standing: Standing, answered: Answered | None) -> Component | None:
    """What other budgets would bring, each spent in the best way; None before a run has said it."""
    fit, points = standing.fit, [
        Response(float(one.budget), one.outcome, one.outcome_low, one.outcome_high) for one in standing.frontier
    ]  # fmt: skip
    if len(points) < 2:
        return None
    points.insert(0, Response(0.0, 0.0, 0.0, 0.0))
    known = standing.planner.known
    proposal = None if answered is None else answered.proposal
    today = float(known.today)
    before = _value(points, today) if proposal is None else proposal.before.estimate
    then = today if proposal is None else float(proposal.spent)
    after = _value(points, then) if proposal is None else proposal.outcome.estimate
    best = max(points, key=lambda point: point.value - point.spend) if fit.is_money else None
    summary = f"Today's {money(fit, today)} a week brings {brought(fit, before)} as it is spent"
    summary += "" if proposal is None else f", {brought(fit, after)} for the plan's {money(fit, then)}"
    if best is not None:
        summary += f". Most is left after its cost at about {money(fit, best.spend)}"
    drawn = response(
        points, Axis("Money a week, spent in the best way", "money", fit.currency), _brings(fit),
        today=Marked(today, before, f"Today {money(fit, today)}"),
        proposed=Marked(then, after, f"Plan {money(fit, then)}"),
        line=colour("accent"), summary=f"{summary}.", height=280,
    )  # fmt: skip
    return cards.figure_card(
        "budget-frontier", "What other budgets would bring", drawn, mark_name="incremental",
        query=Query(frontier_as_sql(fit.outcome),
                    "{ allocations { frontier { budget outcome { estimate low high } shadowPrice } } }"),
        file_name="causeway_budget_frontier",
    )  # fmt: skip


def _brings(fit: StoredFit) -> Axis:
    return Axis(f"Incremental {UNITS[fit.outcome]}", unit_of(fit), fit.currency)


def _value(points: Sequence[Response], spend: float) -> float:
    """On the line that is drawn."""
    before = max((point for point in points if point.spend <= spend), default=points[0], key=lambda point: point.spend)
    after = min((point for point in points if point.spend >= spend), default=points[-1], key=lambda point: point.spend)
    width = after.spend - before.spend
    return before.value if width <= 0 else before.value + (spend - before.spend) / width * (after.value - before.value)
