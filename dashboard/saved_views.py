"""Saved views: a page's address under a name, in the drawer on the right."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from api import books
from api.actions import saved_views as actions
from api.auth import current_identity
from dashboard.components import controls
from dashboard.components.icons import icon
from dashboard.components.shell import DRAWER, DRAWER_BODY, DRAWER_TITLE
from dashboard.failures import in_words
from dashboard.frame import VIEWS
from dashboard.reading import reading, shared
from dashboard.state import PERIODS, View
from dashboard.steering import ADDRESS, query_of
from warehouse.queries.people import SavedView

PAGE = "overview"
NAME, MOVING, SAVE, SAID, DELETE = "view-name", "view-moving", "view-save", "view-said", "view-delete"


def register_saved_views(app: Dash) -> None:
    """Add the callbacks to the app."""

    @app.callback(
        Output(DRAWER, "is_open", allow_duplicate=True),
        Output(DRAWER_TITLE, "children", allow_duplicate=True),
        Output(DRAWER_BODY, "children", allow_duplicate=True),
        Input({"type": VIEWS, "page": ALL}, "n_clicks"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def show(clicks: list[int], search: str) -> Any:
        return (True, "Saved views", _body(search)) if any(clicks) else no_update

    @app.callback(
        Output(DRAWER_BODY, "children", allow_duplicate=True),
        Output(SAID, "children", allow_duplicate=True),
        Input(SAVE, "n_clicks"),
        Input(NAME, "n_submit"),
        State(NAME, "value"),
        State(MOVING, "value"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def save(clicks: int, submits: int | None, name: str | None, moving: bool, search: str) -> Any:
        if not (clicks or submits):
            return no_update
        with reading() as found:
            view = View.from_query(query_of(search), found.days)
            query = view.moving_query(found.days) if moving else view.search().removeprefix("?")
        try:
            actions.save_view(shared().warehouse, current_identity(), page=PAGE, name=name or "", query=query)
        except Exception as error:  # noqa: BLE001  # said beside the field
            shown = in_words(error)
            return no_update, f"{shown.message} {shown.remedy}".strip()
        return _body(search), no_update

    @app.callback(
        Output(DRAWER_BODY, "children", allow_duplicate=True),
        Input({"type": DELETE, "key": ALL}, "n_clicks"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def delete(clicks: list[int], search: str) -> Any:
        if not any(clicks):
            return no_update
        actions.delete_view(shared().warehouse, current_identity(), saved_view_key=int(ctx.triggered_id["key"]))
        return _body(search)


def _body(search: str) -> Component:
    views = books.saved_views(shared().warehouse, current_identity(), page=PAGE)
    listed: Component = (
        html.Ul([_item(view) for view in views], className="cw-views")
        if views
        else html.P("None yet. Name what you see now, and it is one click away tomorrow.", className="cw-quiet")
    )
    return html.Div([listed, _form(search)], className="cw-page")


def _item(view: SavedView) -> Component:
    delete = html.Button(
        icon("close"),
        id={"type": DELETE, "key": str(view.saved_view_key)},
        className="cw-button cw-button-quiet cw-button-icon",
        type="button",
        n_clicks=0,
        **{"aria-label": f"Delete the view {view.name}"},
    )
    return html.Li([dcc.Link([icon("bookmark"), view.name], href=f"/?{view.query}", className="cw-menu-item"), delete])


def _form(search: str) -> Component:
    with reading() as found:
        period = View.from_query(query_of(search), found.days).period(found.days)
    keeps = (
        f"Keep it at “{PERIODS[period].lower()}” as new data arrive" if period else "The chosen days stay as they are"
    )
    return html.Div(
        [
            html.H3("Save this view", className="cw-card-title"),
            html.Div(
                dcc.Input(id=NAME, type="text", placeholder="Name", maxLength=200, className="cw-field"),
                **{"data-label": "Name of the view"},
            ),
            dbc.Checkbox(
                id=MOVING, value=period is not None, disabled=period is None, label=keeps, class_name="cw-check"
            ),
            html.Div(controls.button("Save", button_id=SAVE, kind="main")),
            html.P(id=SAID, className="cw-wrong", role="alert"),
        ],
        className="cw-form",
    )
