"""Cards: the frame around a figure or a table, with every way out of it (table, CSV, PNG, query)."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.icons import IconName, icon
from dashboard.components.words import Content, MarkName, mark
from dashboard.figures.drawn import CONFIG, Drawn

Span = Literal[3, 4, 5, 6, 7, 8, 9, 12]


class Query(NamedTuple):
    """How to ask for the same numbers elsewhere."""

    sql: str
    graphql: str


class FigureIds(NamedTuple):
    """The ids inside a figure card, for callbacks that exchange the figure in place."""

    graph: str  # property "figure"
    summary: str  # property "children"
    twin: str  # property "data-twin"


def card(
    title: Content | None,
    children: Content,
    *,
    span: Span = 12,
    note: Content | None = None,
    actions: Sequence[Component] = (),
    mark_name: MarkName | None = None,
    flush: bool = False,
) -> Component:
    """A titled surface, ``span`` of twelve columns wide. ``flush`` lets a table reach its edges."""
    head: list[Component] = []
    if title is not None:
        words = [html.H2(title, className="cw-card-title"), *([mark(mark_name)] if mark_name else [])]
        head.append(html.Div([html.Div(words, className="cw-card-words"), _actions(actions)], className="cw-card-head"))
    if note is not None:
        head.append(html.P(note, className="cw-card-note"))
    body = html.Div(children, className="cw-card-body cw-card-flush" if flush else "cw-card-body")
    return html.Section([*head, body], className=f"cw-card cw-span-{span}")


def grid(children: Sequence[Component]) -> Component:
    """Twelve columns that become one on narrow screens."""
    return html.Div(list(children), className="cw-columns")


def figure_ids(card_id: str) -> FigureIds:
    return FigureIds(f"{card_id}-graph", f"{card_id}-summary", f"{card_id}-twin")


def figure_card(
    card_id: str,
    title: str,
    drawn: Drawn,
    *,
    span: Span = 12,
    query: Query | None = None,
    mark_name: MarkName | None = None,
    controls: Sequence[Component] = (),
    file_name: str = "",
    narrowest: int = 0,
    stretches: bool = False,
) -> Component:
    """A figure with its sentence, and buttons for its table, CSV, PNG and query; all work without the server.

    ``controls`` (a granularity pill, a metric menu) stand before the buttons. ``file_name`` names downloads.
    ``narrowest`` is how many pixels the figure needs: where there are fewer, it is moved sideways. A figure that
    ``stretches`` grows with the cards beside it.
    """
    height = f"{drawn.figure.layout.height}px"
    figure = dcc.Graph(
        id=figure_ids(card_id).graph, figure=drawn.figure, config=dict(CONFIG), responsive=True, className="cw-graph",
        style={"minHeight" if stretches else "height": height, **({"minWidth": f"{narrowest}px"} if narrowest else {})},
    )  # fmt: skip
    ids = figure_ids(card_id)
    moved = {"tabIndex": "0", "style": {"overflowX": "auto", "position": "relative"}} if narrowest else {}
    place = "cw-figure cw-figure-stretches" if stretches else "cw-figure"
    body = html.Div(figure, className=place, role="img", **{"aria-labelledby": ids.summary}, **moved)
    image = [_item("image", "Download PNG", "png")]
    return _twinned(card_id, title, drawn, body, image, span, query, mark_name, controls, file_name)


def twinned_card(
    card_id: str,
    title: str,
    drawn: Drawn,
    body: Component,
    *,
    span: Span = 12,
    query: Query | None = None,
    mark_name: MarkName | None = None,
    controls: Sequence[Component] = (),
    file_name: str = "",
) -> Component:
    """The same around something that is no figure, such as a list; of ``drawn`` the figure is not used."""
    shown = html.Div(body, className="cw-figure")
    return _twinned(card_id, title, drawn, shown, [], span, query, mark_name, controls, file_name)


def _twinned(
    card_id: str,
    title: str,
    drawn: Drawn,
    body: Component,
    downloads: Sequence[Component],
    span: Span,
    query: Query | None,
    mark_name: MarkName | None,
    controls: Sequence[Component],
    file_name: str,
) -> Component:
    ids = figure_ids(card_id)
    menu_items = [_item("download", "Download CSV", "csv"), *downloads]
    if query is not None:
        menu_items += [_copy("Copy query as SQL", query.sql), _copy("Copy query as GraphQL", query.graphql)]
    buttons = [
        *controls,
        html.Button(
            icon("table"),
            className="cw-button cw-button-quiet cw-button-icon",
            type="button",
            **{"data-action": "table", "aria-label": f"View {title} as table", "aria-pressed": "false"},
        ),
        menu("more", f"More for {title}", menu_items),
    ]
    words = [html.H2(title, className="cw-card-title"), *([mark(mark_name)] if mark_name else [])]
    return html.Section(
        [
            html.Div([html.Div(words, className="cw-card-words"), _actions(buttons)], className="cw-card-head"),
            html.P(drawn.summary, id=ids.summary, className="cw-card-note"),
            body,
            html.Div(
                id=ids.twin,
                className="cw-twin",
                **{"data-twin": twin(drawn), "data-title": title, "data-file": file_name or card_id},
            ),
        ],
        className=f"cw-card cw-figure-card cw-span-{span}",
    )


def twin(drawn: Drawn) -> str:
    """The table twin as the JSON from which the browser makes the table and the CSV."""
    columns = [{"label": str(c), "kind": drawn.kinds[str(c)]} for c in drawn.table.columns]
    rows = [[_plain(cell) for cell in row] for row in drawn.table.itertuples(index=False)]
    return json.dumps({"columns": columns, "rows": rows, "currency": drawn.currency}, separators=(",", ":"))


def menu(icon_name: IconName, label: str, items: Sequence[Component]) -> Component:
    """A button that opens a small list of further buttons; closes on Escape and on a click elsewhere."""
    trigger = html.Summary(
        icon(icon_name), className="cw-button cw-button-quiet cw-button-icon", **{"aria-label": label}
    )
    return html.Details([trigger, html.Div(list(items), className="cw-menu-list")], className="cw-menu")


def skeleton(kind: Literal["tiles", "figure", "table", "text"] = "figure", *, span: Span = 12) -> Component:
    """Grey shapes where content is about to be; announced once to screen readers."""
    shapes = {"tiles": 5, "figure": 1, "table": 8, "text": 3}[kind]
    bones = [html.Div(className=f"cw-bone cw-bone-{kind}") for _ in range(shapes)]
    return html.Div(
        [html.Span("Loading", className="cw-hidden"), *bones],
        className=f"cw-skeleton cw-skeleton-{kind} cw-span-{span}",
        role="status",
    )


def _actions(buttons: Sequence[Component]) -> Component:
    return html.Div(list(buttons), className="cw-card-actions")


def _item(icon_name: IconName, label: str, action: str) -> Component:
    return html.Button([icon(icon_name), label], className="cw-menu-item", type="button", **{"data-action": action})


def _copy(label: str, text: str) -> Component:
    return html.Button(
        [icon("code"), label],
        className="cw-menu-item",
        type="button",
        **{"data-action": "copy", "data-copy": text},
    )


def _plain(cell: object) -> str | float | int | None:
    """A cell as JSON knows it: exact decimals as the shortest text of a number, dates in ISO form."""
    if isinstance(cell, Decimal):
        return float(cell) if cell.is_finite() else None
    if isinstance(cell, (dt.date, pd.Timestamp)):
        return None if pd.isna(cell) else cell.isoformat()[:10]
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if isinstance(cell, (int, float, str)):
        return cell
    return str(cell)
