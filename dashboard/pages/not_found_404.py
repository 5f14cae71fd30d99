"""What stands at an address that leads nowhere."""

from __future__ import annotations

from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard.components import cards, words
from dashboard.frame import dress

NAME = "not_found_404"  # Dash shows the page of this name where no other has the path


def layout(_query: dict[str, str]) -> Component:
    """The page; it has no view, so the frame shows only who is signed in."""
    dress(NAME)
    back = dcc.Link("Go to the Overview", href="/", className="cw-button cw-button-main")
    text = "The address may be mistyped, or the page may have moved."
    content = words.empty("There is nothing at this address", text, action=back)
    return html.Div([html.H1("Not found", className="cw-question"), cards.card(None, content)], className="cw-page")


def register(_app: Dash) -> None:
    """No callbacks."""
