"""The frame around the pages: what of it depends on the view is set together with the page's content.

A layout calls :func:`dress`, which fills the top bar, the chips and the rail's links in the same answer, so that a
view costs one request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html, set_props
from dash.development.base_component import Component
from flask import request

from api.auth import current_identity
from dashboard.components import cards, controls, words
from dashboard.components.icons import icon
from dashboard.components.shell import (
    CHIPS,
    DRAWER,
    DRAWER_BODY,
    DRAWER_TITLE,
    RAIL_LINK,
    Page,
    TopBar,
    shell,
)
from dashboard.components.words import Chip, Content
from dashboard.reading import shared
from dashboard.state import DIMENSIONS, PERIODS, Days, View
from warehouse.filters import Dimension
from warehouse.queries.scope import Scope

CONTROL = "control"  # the "type" of every control whose "value" steers the view; its "name" says what
DATES = "dates"
VIEWS = "saved-views"
TOP_CONTROLS = "top-controls"
TOP_ACTIONS = "top-actions"
NOTICE = "notice"

_COMPARE = {"previous": "Previous period", "year": "Previous year", "none": "No comparison"}


def framed(pages: Sequence[Page], container: Component) -> Component:
    """The app's layout: the shell around the container of the pages."""
    top = TopBar(
        controls=[html.Div(id=TOP_CONTROLS, className="cw-controls")],
        actions=[html.Div(id=TOP_ACTIONS, className="cw-top-actions")],
    )
    notice = html.Div(id=NOTICE, className="cw-notices")
    return shell(pages, top, [notice, container])


@dataclass(frozen=True, slots=True)
class Steered:
    """A view and what its controls need to know. ``dimensions`` are those that the page can be narrowed by."""

    view: View
    scope: Scope
    days: Days
    chips: Sequence[Chip]
    href: str = "/"
    dimensions: Sequence[Dimension] = ("platform", "channel", "campaign_type")


def dress(page: str, steered: Steered | None = None, *, carried: str = "") -> None:
    """Fill the frame around a page; without a view only the person is shown.

    ``carried`` is the part of the address, from the question mark on, that the rail's links keep.
    """
    links = _links(page, steered) if steered else []
    set_props(TOP_CONTROLS, {"children": _controls(steered) if steered else []})
    set_props(TOP_ACTIONS, {"children": [*links, _person()]})
    set_props(CHIPS, {"children": words.chips(steered.chips) if steered and steered.chips else None})
    set_props(NOTICE, {"children": None})
    set_props(DRAWER, {"is_open": False})
    for target in shared().pages:
        set_props({"type": RAIL_LINK, "page": target.name}, {"href": target.href + carried})


def open_drawer(title: str, body: Content) -> None:
    """Show details on the right."""
    set_props(DRAWER_TITLE, {"children": title})
    set_props(DRAWER_BODY, {"children": body})
    set_props(DRAWER, {"is_open": True})


def failed(title: str, text: str, *, action: Component | None = None) -> Component:
    """What stands in place of a page that cannot be shown."""
    return html.Div(
        [
            html.H1(title, className="cw-question"),
            cards.card(None, words.empty(title, text, action=action, icon_name="stop")),
        ],
        role="alert",
    )


def _controls(steered: Steered) -> list[Component]:
    view, scope, days = steered.view, steered.scope, steered.days
    filter_ = view.filter
    period = view.period(days)
    periods = {**PERIODS, **({} if period else {"": "Chosen days"})}
    accounts = {str(a.account_key): f"{a.name} · {a.platform_name}" for a in scope.accounts if a.last_day}
    currencies = sorted(
        {a.currency for a in scope.accounts if a.last_day} | {shared().warehouse.settings.reporting_currency}
    )
    settled = scope.with_currency(filter_, shared().warehouse.settings.reporting_currency).currency or ""
    found = [
        controls.choose({"type": CONTROL, "name": "period"}, "Period", periods, period or ""),
        controls.date_range(
            DATES, filter_.start, filter_.end,
            earliest=min(days.first, filter_.start), latest=max(days.last, filter_.end, dt.datetime.now(dt.UTC).date()),
        ),
        controls.choose({"type": CONTROL, "name": "compare"}, "Compare with", _COMPARE, filter_.compare),
    ]  # fmt: skip
    if len(currencies) > 1:
        named = {c: c for c in sorted({*currencies, settled})}
        found.append(
            controls.choose({"type": CONTROL, "name": "currency"}, "Currency", named, settled, icon_name="money")
        )
    if len(accounts) > 1:
        chosen = [str(key) for key in filter_.accounts]
        found.append(
            controls.choose(
                {"type": CONTROL, "name": "account"}, "Accounts", accounts, chosen, several=True, icon_name="account",
                placeholder="All accounts",
            )
        )  # fmt: skip
    return [*found, _filter_menu(steered)]


def _filter_menu(steered: Steered) -> Component:
    """Everything that can be narrowed by, as links; what is chosen is checked and a click takes it back."""
    view, scope = steered.view, steered.scope
    items: list[Component] = []
    for dimension, label, choices in (
        ("platform", "Platform", scope.platforms),
        ("channel", "Channel", scope.channels),
        ("campaign_type", "Campaign type", scope.campaign_types),
    ):
        if dimension not in steered.dimensions:
            continue
        chosen = view.filter.chosen().get(dimension, ())  # type: ignore[call-overload]
        items.append(html.Span(label, className="cw-menu-label"))
        for choice in choices:
            on = choice.key in chosen
            target = view.without(dimension) if on else view.narrowed(dimension, choice.key)  # type: ignore[arg-type]
            items.append(
                dcc.Link(
                    [icon("check"), choice.label],
                    href=steered.href + target.search(),
                    className="cw-menu-item cw-menu-check",
                    **({"title": "Chosen"} if on else {}),
                )
            )
    *others, last = (DIMENSIONS[dimension].lower() for dimension in steered.dimensions)
    named = f"{', '.join(others)} or {last}" if others else last
    return cards.menu("filter", f"Narrow by {named}", items)


def _links(page: str, steered: Steered) -> list[Component]:
    base = (shared().warehouse.settings.public_url or request.host_url).rstrip("/")
    address = f"{base}{steered.href}{steered.view.search()}"
    copy = html.Button(
        icon("link"),
        className="cw-button cw-button-quiet cw-button-icon",
        type="button",
        **{"data-action": "copy", "data-copy": address, "aria-label": "Copy a link to this view"},
    )
    saved = html.Button(
        [icon("bookmark"), html.Span("Views", className="cw-wide")],
        id={"type": VIEWS, "page": page},
        className="cw-button cw-button-quiet",
        type="button",
        n_clicks=0,
        **{"aria-label": "Saved views"},
    )
    return [saved, copy] if page == "overview" else [copy]  # views are saved of the Overview alone


def _person() -> Component:
    identity = current_identity()
    name = html.Span(identity.name, className="cw-menu-label")
    if identity.local:
        items = [name, html.Span("Signed in without a password: only this machine reaches this address.",
                                 className="cw-menu-note")]  # fmt: skip
    else:
        leave = html.Button("Sign out", type="submit", className="cw-menu-item")
        items = [name, html.Span(identity.email, className="cw-menu-note"),
                 html.Form(leave, action="/logout", method="POST")]  # fmt: skip
    return cards.menu("person", f"Signed in as {identity.name}", items)
