"""The frame of every page: rail, top bar, content, drawer on the right, help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.icons import IconName, icon

CONTENT = "content"
CHIPS = "active-filters"
DRAWER = "drawer"
DRAWER_TITLE = "drawer-title"
DRAWER_BODY = "drawer-body"
RAIL_LINK = "rail-link"  # the "type" of a link in the rail; its "page" is the page's name. Property "href"


class Page(NamedTuple):
    """A page in the rail. ``key`` is the letter that follows ``g`` on the keyboard."""

    name: str
    label: str
    href: str
    icon: IconName
    key: str


@dataclass(frozen=True, slots=True)
class TopBar:
    """What stands above every page, in this order. ``chips`` is the row of active filters."""

    controls: Sequence[Component] = field(default_factory=tuple)
    search: Component | None = None
    actions: Sequence[Component] = field(default_factory=tuple)
    chips: Component | None = None


def shell(pages: Sequence[Page], top: TopBar, content: Component | Sequence[Component]) -> Component:
    """The whole app. ``assets/60-keyboard.js`` marks the rail's current page and answers the keys."""
    return html.Div(
        [
            html.A("Skip to the content", href=f"#{CONTENT}", className="cw-skip"),
            _rail(pages),
            _top(top),
            html.Main(content, id=CONTENT, className="cw-main", tabIndex="-1"),
            drawer(),
            help_dialog(pages),
            html.Div(id="cw-live", className="cw-live", role="status", **{"aria-live": "polite"}),
        ],
        className="cw-app",
    )


def drawer() -> Component:
    """The panel on the right for details; a callback fills title and body and sets ``is_open``."""
    return dbc.Offcanvas(
        html.Div(id=DRAWER_BODY, className="cw-drawer-body"),
        id=DRAWER,
        title=html.Span("Details", id=DRAWER_TITLE),
        placement="end",
        is_open=False,
        scrollable=True,
        class_name="cw-drawer",
        close_button=True,
        labelledby=DRAWER_TITLE,
    )


def help_dialog(pages: Sequence[Page]) -> Component:
    """The keys that work everywhere, in a dialog that ``?`` opens."""
    keys: list[tuple[list[str], str]] = [(["/"], "Search")]
    keys += [(["g", page.key], f"Go to {page.label}") for page in pages]
    keys += [(["t"], "Switch between light and dark"), (["?"], "This help"), (["Esc"], "Close what is open")]
    rows = [
        html.Div(
            [html.Dt([html.Kbd(key) for key in combination]), html.Dd(words)],
            className="cw-key",
        )
        for combination, words in keys
    ]
    close = html.Button(
        icon("close"),
        className="cw-button cw-button-quiet cw-button-icon",
        type="button",
        **{"data-action": "close-help", "aria-label": "Close"},
    )
    return html.Dialog(
        [
            html.Div(
                [html.H2("Keyboard", id="cw-help-title", className="cw-card-title"), close], className="cw-card-head"
            ),
            html.Dl(rows, className="cw-keys"),
        ],
        id="cw-help",
        className="cw-dialog",
        **{"aria-labelledby": "cw-help-title"},
    )


def _rail(pages: Sequence[Page]) -> Component:
    links = [
        html.Li(
            dcc.Link(
                [icon(page.icon), html.Span(page.label)],
                id={"type": RAIL_LINK, "page": page.name},
                href=page.href,
                className="cw-rail-link",
            ),
            **{"data-go": page.key, "data-path": page.href.split("?")[0]},
        )
        for page in pages
    ]
    brand = html.Div(
        [html.Span(className="cw-brand-mark", **{"aria-hidden": "true"}), "Causeway"], className="cw-brand"
    )
    foot = html.Div(
        [
            html.Button(
                [icon("help"), html.Span("Keys"), html.Kbd("?")],
                className="cw-rail-link",
                type="button",
                **{"data-action": "help"},
            )
        ],
        className="cw-rail-foot",
    )
    return html.Nav([brand, html.Ul(links), foot], className="cw-rail", **{"aria-label": "Pages"})


def _top(top: TopBar) -> Component:
    theme = html.Button(
        [icon("moon"), icon("sun")],
        className="cw-button cw-button-quiet cw-button-icon cw-theme-toggle",
        type="button",
        **{"data-action": "theme", "aria-label": "Switch between light and dark"},
    )
    right = [*([top.search] if top.search is not None else []), *top.actions, theme]
    row = html.Div(
        [html.Div(list(top.controls), className="cw-controls"), html.Div(right, className="cw-top-right")],
        className="cw-top-row",
    )
    return html.Header([row, html.Div(top.chips, id=CHIPS, className="cw-top-chips")], className="cw-top")
