"""Controls of the top bar and of cards: menus, the date range, pills, search and buttons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.icons import IconName, icon

Id = str | dict[str, str]


def choose(
    control_id: Id,
    label: str,
    options: Mapping[str, str],
    value: str | Sequence[str] | None,
    *,
    several: bool = False,
    icon_name: IconName | None = None,
    placeholder: str = "",
) -> Component:
    """A drop-down. ``options`` maps values to what the reader sees; a search field appears when there are many."""
    return html.Div(
        [
            *([icon(icon_name)] if icon_name else []),
            html.Span(label, className="cw-hidden", id=f"{_text(control_id)}-label"),
            dcc.Dropdown(
                id=control_id,
                options=[{"value": v, "label": words} for v, words in options.items()],
                value=value,
                multi=several,
                clearable=several,
                searchable=len(options) > 8,
                placeholder=placeholder or label,
                className="cw-choose",
            ),
        ],
        className="cw-control",
        title=label,
        **{"data-label": label},
    )


def date_range(
    control_id: str, first: dt.date, last: dt.date, *, earliest: dt.date | None = None, latest: dt.date | None = None
) -> Component:
    """The days that a page is about, first and last included."""
    return html.Div(
        [
            icon("calendar"),
            dcc.DatePickerRange(
                id=control_id,
                start_date=first.isoformat(),
                end_date=last.isoformat(),
                min_date_allowed=earliest.isoformat() if earliest else None,
                max_date_allowed=latest.isoformat() if latest else None,
                display_format="D MMM YYYY",
                first_day_of_week=1,
                minimum_nights=0,
                number_of_months_shown=2,
                updatemode="bothdates",
                className="cw-dates",
            ),
        ],
        className="cw-control cw-control-dates",
        **{"data-label": "Days shown"},
    )


def pills(control_id: Id, label: str, options: Mapping[str, str], value: str) -> Component:
    """One of a few, all in sight: the granularity, a grouping."""
    return html.Div(
        dbc.RadioItems(
            id=control_id,
            options=[{"value": v, "label": words} for v, words in options.items()],
            value=value,
            inline=True,
            input_class_name="cw-pill-input",
            label_class_name="cw-pill",
        ),
        className="cw-pills",
        role="group",
        **{"aria-label": label},
    )


def entry(control_id: Id, label: str, value: str, usual: str, offered: Sequence[str]) -> Component:
    """A field to write in, taken over on Enter or on leaving it; ``usual`` stands in it, grey, while it is empty.

    Some of what can be written is ``offered``.
    """
    offers = f"{_text(control_id)}-offers"
    return html.Div(
        [
            dcc.Input(id=control_id, type="text", value=value, placeholder=usual, debounce=True, list=offers,
                      className="cw-entry"),
            html.Datalist([html.Option(value=one) for one in offered], id=offers),
        ],
        className="cw-control",
        title=label,
        **{"data-label": label},
    )  # fmt: skip


def search_field(control_id: str, placeholder: str = "Search") -> Component:
    """The field that ``/`` brings the cursor to."""
    return html.Div(
        [
            icon("search"),
            dcc.Input(id=control_id, type="search", placeholder=placeholder, debounce=0.3, className="cw-search-input"),
            html.Kbd("/", **{"aria-hidden": "true"}),
        ],
        className="cw-search cw-search-main",
        **{"data-label": placeholder},
    )


def button(
    label: str,
    *,
    button_id: Id | None = None,
    kind: Literal["main", "plain", "quiet"] = "plain",
    icon_name: IconName | None = None,
) -> Component:
    """A button in words. One ``main`` for each view at most."""
    return html.Button(
        [*([icon(icon_name)] if icon_name else []), label],
        className=f"cw-button cw-button-{kind}",
        type="button",
        n_clicks=0,
        **({"id": button_id} if button_id is not None else {}),
    )


def _text(control_id: Id) -> str:
    return control_id if isinstance(control_id, str) else "-".join(control_id.values())
