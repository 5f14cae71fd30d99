"""The Data page: what is loaded, how fresh it is, and what is wrong with it."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from dashboard.components.shell import Page
from dashboard.frame import dress

PAGE = Page("data", "Data", "/data", "data", "d")


def layout(query: dict[str, str]) -> Component:
    dress(PAGE.name)
    return html.Div(className="cw-page")


def register(_app: Dash) -> None:
    pass
