"""Attribution: who earns the credit, how far that can be believed, and where last click misleads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard.attribution import days, journeys, pieces, settings
from dashboard.attribution.asked import SETTINGS, Asked
from dashboard.attribution.read import Shown, Told, read_attribution
from dashboard.attribution.words import answer, banners, chips, missing
from dashboard.components import cards
from dashboard.components.shell import Page
from dashboard.frame import Steered, dress
from dashboard.reading import reading
from dashboard.steering import ADDRESS, query_of

PAGE = Page("attribution", "Attribution", "/attribution", "attribution", "a")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`~warehouse.errors.BadFilter` for one that means nothing."""
    with reading() as found:
        shown = read_attribution(found, query)
    carried = shown.view.search() if query.keys() & {"from", "to", "period"} else ""
    dress(
        PAGE.name, Steered(shown.view, shown.scope, shown.days, chips(shown), PAGE.href, ("channel",)), carried=carried
    )
    return html.Div([answer(shown), *banners(shown), *_evidence(shown)], className="cw-page")


def register(app: Dash) -> None:
    """A setting becomes another address; days that the address does not name stay those of the published run."""

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Input({"type": settings.ASKED, "name": ALL}, "value"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def asked(_values: list[Any], search: str) -> Any:
        before = query_of(search)
        query = dict(before)
        for trigger in ctx.triggered:
            name, value = ctx.triggered_prop_ids[trigger["prop_id"]]["name"], trigger["value"]
            query = _with(query, name, value)
        return no_update if query == before else "?" + urlencode(query)


def _with(query: dict[str, str], name: str, value: Any) -> dict[str, str]:
    """The query after a setting got a value."""
    if name == "goal":
        return {**query, "goal": str(value)}
    rest = {key: said for key, said in query.items() if key not in SETTINGS}
    return rest | Asked.from_query(query).changed(name, value).to_query()


def _evidence(shown: Shown) -> list[Component]:
    told, run = shown.told, shown.run
    if run is None:
        return [cards.card(None, missing(shown))]
    if told is None:
        return []
    if not told.rows:
        return [settings.settings(shown, told, run), pieces.parts_card(shown, told)]
    goals = settings.goal_pills(shown, told)
    beside = [
        piece for piece in (pieces.incremental_card(shown, told), pieces.cost_card(shown, told)) if piece is not None
    ]
    found = [
        *([goals] if goals is not None else []),
        settings.settings(shown, told, run),
        cards.grid([pieces.comparison_card(shown, told), _beside(shown, told)]),
        *([cards.grid(beside)] if beside else []),
        *([daily] if (daily := days.days_card(shown, told)) is not None else []),
        pieces.parts_card(shown, told),
        journeys.paths_card(shown, told),
        cards.grid(journeys.times_cards(told)),
        journeys.steps_card(shown, told),
        journeys.transitions_card(shown, told),
    ]
    last = (journeys.agreement_card(shown, told), journeys.changes_card(shown, told))
    return [*found, *(piece for piece in last if piece is not None)]


def _beside(shown: Shown, told: Told) -> Component:
    """Where last click misleads, and why it does."""
    both = [pieces.misled_card(shown, told), journeys.positions_card(shown, told)]
    return html.Div(both, className="cw-stack cw-span-4")
