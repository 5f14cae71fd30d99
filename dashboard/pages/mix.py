"""Mix: what each channel brought week by week, what more of it would bring, and how far that can be believed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard.components import cards
from dashboard.components.shell import Page
from dashboard.frame import dress
from dashboard.mix import changes, pieces
from dashboard.mix.asked import SETTINGS, Asked
from dashboard.mix.read import Shown, Told, read_mix
from dashboard.mix.words import answer_of, banners, missing
from dashboard.reading import reading
from dashboard.steering import ADDRESS, query_of

PAGE = Page("mix", "Mix", "/mix", "chart", "m")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`BadFilter` where it means nothing."""
    carried = {name: value for name, value in query.items() if name not in SETTINGS}
    dress(PAGE.name, carried="?" + urlencode(carried) if carried else "")
    with reading() as found:
        shown = read_mix(found, query)
    if shown.told is None:
        return html.Div([answer_of(shown), cards.card(None, missing(shown))], className="cw-page")
    return html.Div(_content(shown, shown.told), className="cw-page")


def register(app: Dash) -> None:
    """Another outcome or channel is another address."""

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Input({"type": pieces.ASKED, "name": ALL}, "value"),
        State({"type": pieces.ASKED, "name": ALL}, "id"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def asked(values: list[str | None], ids: list[dict[str, str]], search: str) -> Any:
        changed = {trigger["prop_id"] for trigger in ctx.triggered}
        before = query_of(search)
        found = Asked.from_query(before)
        for control, value in zip(ids, values, strict=True):
            # Dash also triggers a control that a page has just brought: it then says what the page shows anyway.
            if value and any(f'"{control["name"]}"' in one for one in changed):
                found = found.changed(control["name"], value)
        rest = {name: value for name, value in before.items() if name not in SETTINGS}
        said = "?" + urlencode(rest | found.to_query())
        return no_update if said == (search or "?") else said


def _content(shown: Shown, told: Told) -> list[Component]:
    """Trust first, then what it lets be shown."""
    chosen = pieces.outcome_pills(shown)
    above = [*banners(shown), answer_of(shown), *([chosen] if chosen is not None else [])]
    changed = [changes.tests_card(shown, told)]
    if shown.shows_numbers:
        moved = changes.moves_card(shown, told)
        changed += [moved] if moved is not None else []
    history = changes.history_card(told)
    changed += [history] if history is not None else []
    trust = pieces.trust_card(shown, told)
    if not shown.shows_numbers:
        return [*above, trust, *changed]
    numbers = html.Div(
        [
            pieces.tiles_row(shown, told),
            pieces.decomposition_card(shown, told),
            cards.grid([pieces.returns_card(shown, told), pieces.response_card(shown, told)]),
            pieces.channels_card(shown, told),
        ],
        className="cw-stack cw-mix-doubted" if told.is_withheld else "cw-stack",
    )
    return [*above, trust, numbers, *changed]
