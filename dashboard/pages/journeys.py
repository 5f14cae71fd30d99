"""Customers and journeys: what customers met before they converted, how far visits came, and who comes back."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from dashboard.components import cards
from dashboard.components.shell import Page
from dashboard.frame import Steered, dress
from dashboard.journeys import pieces
from dashboard.journeys.read import Shown, read_journeys
from dashboard.journeys.words import answer, banners, chips, missing
from dashboard.reading import reading

PAGE = Page("journeys", "Journeys", "/journeys", "journeys", "j")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`~warehouse.errors.BadFilter` for one that means nothing."""
    with reading() as found:
        shown = read_journeys(found, query)
    # A bare address means the newest days, and keeps meaning that.
    carried = shown.view.search() if query else ""
    steered = Steered(shown.view, shown.scope, shown.days, chips(shown), PAGE.href, ("channel",))
    dress(PAGE.name, steered, carried=carried)
    return html.Div([answer(shown), *banners(shown), *_evidence(shown)], className="cw-page")


def register(_app: Dash) -> None:
    """The page's own callbacks: none, every click is another address (``dashboard/steering.py``)."""


def _evidence(shown: Shown) -> list[Component]:
    found: list[Component] = []
    told = shown.told
    if told is None and shown.withheld is None:
        found.append(cards.card(None, missing(shown)))
    if told is not None:
        pills = pieces.goal_pills(shown)
        found += [pills] if pills is not None else []
        if told.totals.conversions or told.totals.null_paths:
            found.append(pieces.paths_card(shown, told))
        if told.totals.touched:
            found.append(pieces.steps_card(shown, told))
        if told.totals.conversions:
            found.append(cards.grid([pieces.lengths_card(told), pieces.times_card(told)]))
    below: list[Component] = []
    if shown.funnel:
        below.append(pieces.funnel_card(shown.funnel, shown.names))
    if any(cohort.months_since for cohort in shown.cohorts):
        below.append(pieces.cohorts_card(shown.cohorts, shown.currency))
    return [*found, *([cards.grid(below)] if below else [])]
