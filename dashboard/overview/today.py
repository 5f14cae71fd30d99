"""Today so far, above the Overview: what streams brought since midnight, moving while one looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.reading import reading
from warehouse.queries import live
from warehouse.queries.live import Today

STRIP, CLOCK, TICK = "today", "today-clock", "today-tick"
REFRESH_MILLISECONDS = 5_000


def strip() -> Component:
    """Empty until the first reading, and where nothing streams."""
    return html.Div(
        [
            dcc.Interval(id=CLOCK, interval=REFRESH_MILLISECONDS),
            dcc.Store(id=TICK, data=0),
            html.Div(id=STRIP, className="cw-today"),
        ]
    )


def register_today(app: Dash) -> None:
    """The strip reads once when the page is there, and then with its clock while somebody looks."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("causeway", "whileVisible"),
        Output(TICK, "data"),
        Input(CLOCK, "n_intervals"),
        State(TICK, "data"),
        prevent_initial_call=True,
    )

    @app.callback(Output(STRIP, "children"), Input(TICK, "data"))
    def refresh(_tick: Any) -> list[Component]:
        with reading() as found:
            return said(live.today(found.session))


def said(today: Sequence[Today]) -> list[Component]:
    """One sentence over all accounts that stream; nothing where none does."""
    if not today:
        return []
    sessions, orders = sum(t.sessions for t in today), sum(t.orders for t in today)
    revenue = " and ".join(formats.number(t.revenue, "money", t.currency) for t in today if t.orders)
    words = f"{sessions:,} session{'s' * (sessions != 1)}, {orders:,} order{'s' * (orders != 1)}"
    words += f", {revenue}" if revenue else ""
    link = dcc.Link("Live", href="/live", className="cw-quiet-link")
    return [html.P([html.Strong("Today so far: "), words, " · ", link], className="cw-answer-note")]
