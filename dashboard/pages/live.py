"""The Live page: what streams bring, as it arrives."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from flask import request

from dashboard.components import cards, words
from dashboard.components.shell import Page
from dashboard.frame import dress
from dashboard.live import pieces
from dashboard.live.words import QUESTION, answer
from dashboard.reading import Reading, reading, shared
from warehouse.queries import live as queries

PAGE = Page("live", "Live", "/live", "live", "l")

REFRESH_MILLISECONDS = 3_000
REFUSED_SHOWN, NEWEST_SHOWN = 8, 12
CONTENT, CLOCK, TICK = "live-content", "live-clock", "live-tick"


def layout(query: dict[str, str]) -> Component:
    """The page; what is below the clock is read anew every few seconds while somebody looks."""
    dress(PAGE.name, carried="?" + urlencode(query) if query else "")
    with reading() as found:
        content = _content(found)
    return html.Div(
        [
            dcc.Interval(id=CLOCK, interval=REFRESH_MILLISECONDS),
            dcc.Store(id=TICK),
            html.Div(content, id=CONTENT, className="cw-page"),
        ]
    )


def register(app: Dash) -> None:
    """The clock ticks for a page in sight only; each tick reads."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("causeway", "whileVisible"),
        Output(TICK, "data"),
        Input(CLOCK, "n_intervals"),
        State(TICK, "data"),
        prevent_initial_call=True,
    )

    @app.callback(Output(CONTENT, "children"), Input(TICK, "data"), prevent_initial_call=True)
    def refresh(_tick: Any) -> list[Component]:
        with reading() as found:
            return _content(found)


def _content(found: Reading) -> list[Component]:
    session, now = found.session, dt.datetime.now(dt.UTC)
    sources = queries.sources(session)
    if not sources:
        base = (shared().warehouse.settings.public_url or request.host_url).rstrip("/")
        return [words.answer(QUESTION, "Nothing has arrived yet."), pieces.empty(base)]
    minutes = queries.minutes(session)
    newest = queries.newest_events(session, limit=NEWEST_SHOWN)
    refused = queries.refused_events(session, limit=REFUSED_SHOWN)
    return [
        answer(sources, newest, now),
        pieces.numbers(minutes, sources, queries.today(session)),
        cards.grid([pieces.minutes_figure(minutes), pieces.sources_table(sources, now)]),
        cards.grid([pieces.newest_table(newest, now), pieces.refused_list(refused, now)]),
    ]
