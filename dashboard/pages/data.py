"""The Data page: what is loaded, how fresh it is, what is wrong with it, and what changed."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard.components import cards, words
from dashboard.components.shell import DRAWER, Page
from dashboard.frame import dress, open_drawer
from dashboard.loads import pieces
from dashboard.loads.details import MOST_REJECTED, load_details
from dashboard.loads.editing import editing_cards, register_editing
from dashboard.loads.words import QUESTION, answer, platform_names
from dashboard.reading import Reading, reading
from dashboard.steering import ADDRESS
from warehouse.errors import BadFilter
from warehouse.queries import loads as queries

PAGE = Page("data", "Data", "/data", "data", "d")

MOST_LOADS, MOST_FINDINGS, MOST_CHANGES = 1_000, 200, 2_000
CHANGES_OF_DAYS = 7


def layout(query: dict[str, str]) -> Component:
    """The page; ``load`` in the address opens that load's details. Raises :class:`~warehouse.errors.NotFound`."""
    carried = {name: value for name, value in query.items() if name != "load"}
    dress(PAGE.name, carried="?" + urlencode(carried) if carried else "")
    with reading() as found:
        content = _content(found, carried)
        if query.get("load"):
            key = _load_key(query["load"])
            load = queries.load(found.session, key)
            rejected = queries.rejected_rows(found.session, key, limit=MOST_REJECTED) if load.rejected else []
            findings = queries.findings(found.session, load_key=key) if load.findings else []
            open_drawer(pieces.file_name(load.path), load_details(load, findings, rejected))
    return content


def register(app: Dash) -> None:
    """Closing the details takes the load out of the address; the rest edits."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("causeway", "withoutLoad"),
        Output(ADDRESS, "search", allow_duplicate=True),
        Input(DRAWER, "is_open"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    register_editing(app)


def _content(found: Reading, carried: dict[str, str]) -> Component:
    session, now = found.session, dt.datetime.now(dt.UTC)
    loads = queries.loads(session, limit=MOST_LOADS)
    if not loads:
        return _empty()
    names = {a.platform: a.platform_name for a in found.scope.accounts}
    fresh = platform_names(queries.freshness(session), names)
    since = now - dt.timedelta(days=CHANGES_OF_DAYS)
    figures = [
        pieces.freshness_figure(fresh, now.date()),
        pieces.findings_list(queries.findings(session, limit=MOST_FINDINGS), carried),
    ]
    return html.Div(
        [
            answer(loads, fresh, now.date()),
            cards.grid(figures),
            pieces.loads_table(loads, carried),
            pieces.changes_table(queries.changes_since(session, since, limit=MOST_CHANGES), since, carried),
            cards.grid(editing_cards(found)),
        ],
        className="cw-page",
    )


def _empty() -> Component:
    content = words.empty(
        "Nothing is loaded yet",
        "Give Causeway a file, a folder or a bucket with what your ad platforms export.",
        command="causeway load PATH",
    )
    return html.Div(
        [words.answer(QUESTION, "No file has been loaded yet."), cards.card(None, content)], className="cw-page"
    )


def _load_key(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadFilter(f"load == {text!r} is not the number of a load.", remedy="Choose one from the list.")
    return int(text)
