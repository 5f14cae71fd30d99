"""Callbacks that turn a click into another address. The page that belongs to it follows from the address alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashboard.components.cards import figure_ids
from dashboard.components.tiles import TILE
from dashboard.components.words import CHIP_REMOVE, CHIPS_CLEAR
from dashboard.frame import CONTROL, DATES
from dashboard.overview.pieces import BARS
from dashboard.reading import Reading, reading
from dashboard.state import View
from warehouse.errors import BadFilter

ADDRESS = "address"  # the dcc.Location whose "search" the callbacks write


def register_steering(app: Dash) -> None:
    """Add the callbacks to the app."""
    address = Output(ADDRESS, "search", allow_duplicate=True)
    here = State(ADDRESS, "search")
    initially = {"prevent_initial_call": True}

    # Controls go with their page, and so do the days of the bar above it.
    shown = (State(DATES, name, allow_optional=True) for name in ("start_date", "end_date"))

    @app.callback(address, Input({"type": CONTROL, "name": ALL}, "value"), *shown, here, **initially)
    def controls(_values: list[Any], first: str | None, last: str | None, search: str) -> Any:
        days = (_day(first), _day(last)) if first and last else None
        return _steered(search, _with_controls, shown=days)

    @app.callback(address, Input(DATES, "start_date"), Input(DATES, "end_date"), here, **initially)
    def dates(first: str | None, last: str | None, search: str) -> Any:
        if not first or not last:
            return no_update
        return _steered(search, lambda view, _: view.dated(_day(first), _day(last)))

    @app.callback(address, Input({"type": TILE, "metric": ALL}, "n_clicks"), here, **initially)
    def tile(clicks: list[int], search: str) -> Any:
        chosen = ctx.triggered_id
        return (
            _steered(search, lambda view, at: view.changed("metric", chosen["metric"], at.days))
            if any(clicks)
            else no_update
        )

    @app.callback(address, Input({"type": CHIP_REMOVE, "key": ALL}, "n_clicks"), here, **initially)
    def chip(clicks: list[int], search: str) -> Any:
        chosen = ctx.triggered_id
        return _steered(search, lambda view, _: view.without(chosen["key"])) if any(clicks) else no_update

    @app.callback(address, Input(CHIPS_CLEAR, "n_clicks"), here, **initially)
    def clear(clicks: int, search: str) -> Any:
        return _steered(search, lambda view, _: view.cleared()) if clicks else no_update

    @app.callback(address, Input(figure_ids(BARS).graph, "clickData"), here, **initially)
    def bar(click: Mapping[str, Any] | None, search: str) -> Any:
        key = click["points"][0].get("customdata") if click else None
        return _steered(search, lambda view, _: view.into(str(key))) if key else no_update


def query_of(search: str | None) -> dict[str, str]:
    """The query of an address as names and values; of a repeated name the last value counts."""
    return dict(parse_qsl((search or "").removeprefix("?"), keep_blank_values=True))


def _steered(
    search: str, change: Callable[[View, Reading], View], *, shown: tuple[dt.date, dt.date] | None = None
) -> Any:
    """The address after a change of the view, or no update where it is the same view.

    An address without days leaves them to the page, which may mean others than usual: ``shown``. It gets none by a
    change of something else.
    """
    query = query_of(search)
    is_dated = bool(query.keys() & {"from", "to", "period"})
    with reading() as found:
        try:
            before = View.from_query(query, found.days)
        except BadFilter:
            return no_update
        if shown is not None and not is_dated:
            before = before.dated(*shown)
        after = change(before, found)
    if after == before:
        return no_update
    asked = after.to_query()
    if not is_dated and (after.filter.start, after.filter.end) == (before.filter.start, before.filter.end):
        del asked["from"], asked["to"]
    return "?" + urlencode(asked)


def _day(text: str) -> dt.date:
    """As the date picker writes it, with or without a time of day."""
    return dt.date.fromisoformat(text[:10])


def _with_controls(view: View, found: Reading) -> View:
    """The view with what the triggered controls say. Dash also triggers those that a new page has just brought."""
    settled = found.settled(view.filter).currency
    for trigger in ctx.triggered:
        name, value = ctx.triggered_prop_ids[trigger["prop_id"]]["name"], trigger["value"]
        if name == "currency" and value == settled:
            continue  # it shows what follows from the accounts, which nobody has chosen
        view = view.changed(name, value, found.days)
    return view
