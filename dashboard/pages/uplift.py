"""Uplift: whom to treat, what that is worth at any cost, why somebody is chosen, and whether promises were kept."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard.components import cards
from dashboard.components.shell import Page
from dashboard.frame import dress
from dashboard.reading import reading
from dashboard.uplift import audiences, pieces
from dashboard.uplift.acting import ANSWER, CONTENT, KEPT, register_acting
from dashboard.uplift.asked import SETTINGS
from dashboard.uplift.read import Shown, Told, read_uplift, test_of
from dashboard.uplift.words import answer_of, banners, missing

PAGE = Page("uplift", "Uplift", "/uplift", "segments", "u")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`BadFilter` where it means nothing."""
    carried = {name: value for name, value in query.items() if name not in SETTINGS}
    dress(PAGE.name, carried="?" + urlencode(carried) if carried else "")
    return html.Div(_content(query), id=CONTENT, className="cw-page")


def register(app: Dash) -> None:
    """What is tried is answered in place; what may be done is done."""
    register_acting(app, _content)


def _content(query: dict[str, str]) -> list[Component]:
    with reading() as found:
        shown = read_uplift(found, query)
    first = "" if shown.told is None else test_of(shown.told.readout)
    kept = dcc.Store(id=KEPT, data={"search": "?" + urlencode(query), "test": first})
    answer = html.Div(answer_of(shown), id=ANSWER)
    if shown.told is None:
        return [answer, cards.card(None, missing(shown)), kept]
    chosen, saved = pieces.test_pills(shown), audiences.audiences_card(shown)
    return [
        *banners(shown),
        answer,
        *([chosen] if chosen is not None else []),
        *_found(shown, shown.told),
        *([saved] if saved is not None else []),
        pieces.checks_card(shown.told),
        kept,
    ]


def _found(shown: Shown, told: Told) -> list[Component]:
    """What one test tells: the policy first, whom it means, and what it rests on."""
    if shown.policy is None:
        return []
    curve = pieces.curve_card(told)
    if not told.is_proven:
        return [cards.grid([curve])] if curve is not None else []
    beside = [curve, pieces.kinds_card(told)], [pieces.drivers_card(told), audiences.save_card(told, shown.policy)]
    whom = pieces.whom_card(told)
    return [
        pieces.policy_card(told, shown.policy),
        *(cards.grid([piece for piece in row if piece is not None]) for row in beside),
        *([whom] if whom is not None else []),
    ]
