"""Audiences on the page of uplift: the form that saves one, those that are there, and what came of them."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, words
from dashboard.experiments.pieces import number_head, scrolled
from dashboard.experiments.words import between, metric_name
from dashboard.uplift.read import Policy, Shown, Told
from dashboard.uplift.words import came_of, share
from warehouse.queries.audiences import Audience

SAVE, SAID, NAME, HOLDOUT, MOST = (f"audience-{part}" for part in ("save", "said", "name", "holdout", "most"))
VERIFY, EXPORT = "audience-verify", "audience-export"  # the "type" of buttons; their "key" is the audience's
FILE, CAME = "audience-file", "audience-came"
FIELD: Final = "cw-field"


def save_card(told: Told, policy: Policy) -> Component | None:
    """The form that saves who is worth treating; None for who may not, or where nobody is."""
    if not (told.is_proven and told.may and told.scores) or policy.profit.share == 0:
        return None
    fields = [
        _field("Name", dcc.Input(id=NAME, type="text", placeholder="Coupon, May", maxLength=200, className=FIELD)),
        _field(
            "Held out, in %", dcc.Input(id=HOLDOUT, type="text", value="10", className=FIELD),
            "This part is not treated. Without it nobody can tell afterwards what the treatment did.",
        ),
        _field(
            "At most", dcc.Input(id=MOST, type="text", placeholder="all who are worth it", className=FIELD),
            "The best so many customers; empty for all whose effect pays.",
        ),
    ]  # fmt: skip
    body = [
        html.Div(fields, className="cw-uplift-form"),
        html.P(id=SAID, className="cw-wrong", role="alert"),
        controls.button("Save as an audience", button_id=SAVE, kind="main"),
    ]
    note = f"{policy.customers:,} customers whose expected effect pays at the cost and worth above."
    return cards.card("Save whom to treat", html.Div(body, className="cw-uplift-save"), note=note, span=6)


def audiences_card(shown: Shown) -> Component | None:
    """Every audience with its promise and what came of it; None where there is none."""
    if not shown.audiences:
        return None
    head = (
        "Audience",
        number_head("Treated"),
        number_head("Held out"),
        number_head("Predicted", "Mean effect per customer."),
        number_head("Found", "The effect by those held out, with its interval."),
        "What came of it",
        "Actions",
    )
    rows = [_row(one, may_export=shown.may_export) for one in shown.audiences]
    body = [
        scrolled(head, rows, "Audiences"), html.P(id=CAME, className="cw-wrong", role="alert"), dcc.Download(id=FILE),
    ]  # fmt: skip
    return cards.card(
        "Audiences, and whether they kept their promise", body, mark_name="incremental",
        note="An audience is verified by its held-out part, over as many days as the test had.",
    )  # fmt: skip


def _row(one: Audience, *, may_export: bool) -> Component:
    found = "–" if one.found is None else formats.number(one.found, "decimal", signed=True)
    actions = [controls.button("Verify", button_id={"type": VERIFY, "key": str(one.audience_key)}, kind="quiet")]
    if may_export:
        actions.append(
            controls.button(
                "Export", button_id={"type": EXPORT, "key": str(one.audience_key)}, kind="quiet", icon_name="download"
            )
        )
    saved = f"{metric_name(one.metric)}, saved {formats.day(one.created_at.date(), weekday=False)}"
    under = (
        []
        if one.found is None
        else [html.Small(between(one.found_low, one.found_high, "decimal"), className="cw-under")]
    )
    held = html.Small(share(float(one.holdout)), className="cw-under")
    return html.Tr(
        [
            html.Th([one.name, html.Small(saved, className="cw-under")], scope="row"),
            html.Td(f"{one.customers - one.held_out:,}", className="cw-cell-number"),
            html.Td([f"{one.held_out:,}", held], className="cw-cell-number"),
            html.Td(formats.number(one.predicted, "decimal", signed=True), className="cw-cell-number"),
            html.Td([found, *under], className="cw-cell-number"),
            html.Td(came_of(one)),
            html.Td(html.Div(actions, className="cw-row-actions")),
        ]
    )  # fmt: skip


def _field(title: str, control: Component, hint: str = "") -> Component:
    head = [html.Span(title), *([words.hint(hint, title)] if hint else [])]
    return html.Div([html.Div(head, className="cw-setting-head"), html.Div(control, **{"data-label": title})])
