"""The rules on the page of budgets: each in words with a way to take it back, and a form that adds one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dash import dcc, html
from dash.development.base_component import Component

from api.refusals import Invalid
from dashboard.budget.asked import Asked
from dashboard.budget.read import Standing
from dashboard.budget.words import channel_name, rule_words
from dashboard.components import cards, controls, words

ADD, REMOVE, WRONG = "budget-rule-add", "budget-rule-remove", "budget-rule-wrong"
KIND, CHANNELS, AMOUNT = (f"budget-rule-{part}" for part in ("kind", "channels", "amount"))

# Each with what it is called, the field that the amount fills, and an example of one.
KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "locked": ("Keep at today's spend", "", ""),
    "at_most": ("Spend at most", "high", "25000 or +20%"),
    "at_least": ("Spend at least", "low", "5000 or -20%"),
    "change": ("Change by at most", "most", "30%"),
    "minimum_buy": ("Spend nothing, or at least", "min", "10000"),
    "group_share": ("Together at most this part of all money", "max_share", "40%"),
    "group_max": ("Together at most", "max", "50000"),
    "roas": ("Bring at least, for each 1 spent", "at_least", "2.5"),
    "pacing": ("From week to week change by at most", "most", "20%"),
    "flight": ("Spend in these weeks alone", "periods", "1, 2, 5"),
}
_KEPT_AS: Final = {
    "at_most": "bounds", "at_least": "bounds", "group_share": "group", "group_max": "group",
}  # fmt: skip


def rules_card(standing: Standing, asked: Asked) -> Component:
    """Every rule in words, and the form that adds one."""
    listed = [
        html.Li(
            [
                html.Span(rule_words(said)),
                controls.button(
                    "Remove", button_id={"type": REMOVE, "place": str(place)}, kind="quiet", icon_name="close"
                ),
            ]
        )
        for place, said in enumerate(asked.said)
    ]
    names = {each.name: channel_name(each.name).capitalize() for each in standing.planner.known.channels}
    form = [
        _field("Rule", controls.choose(KIND, "Rule", {key: kind[0] for key, kind in KINDS.items()}, "locked")),
        _field("Channels", controls.choose(CHANNELS, "Channels", names, [], several=True, placeholder="Each channel")),
        _field(
            "How much",
            dcc.Input(id=AMOUNT, type="text", placeholder="25000, +20% or 30%", className="cw-field"),
            "Money of a week, a change against today such as +20%, a part such as 40%, or weeks such as 1, 2, 5.",
        ),
    ]
    body = [
        html.Ul(listed, className="cw-budget-rules") if listed else html.P("No rule of your own."),
        html.Div(form, className="cw-budget-form"),
        html.P(id=WRONG, className="cw-wrong", role="alert"),
        controls.button("Add the rule", button_id=ADD, icon_name="plus"),
    ]
    note = "The plan keeps every rule; what each costs stands below the plan."
    return cards.card("Rules", body, note=note)


def rule_of_form(kind: str, channels: list[str], amount: str) -> dict[str, Any]:
    """What the form says, as a file of rules would. Raises :class:`Invalid` for an amount that is missing."""
    label, field, example = KINDS[kind]
    said: dict[str, Any] = {"rule": _KEPT_AS.get(kind, kind)}
    if channels:
        said["channels"] = channels
    if field and not amount.strip():
        raise Invalid(f"{label}: say how much.", remedy=f"Write it like {example}.")
    if field == "periods":
        said["periods"] = [part.strip() for part in amount.split(",") if part.strip()]
    elif field:
        said[field] = amount.strip().replace(",", "")
    if said["rule"] == "group" and not channels:
        raise Invalid(f"{label}: say which channels.")
    return said


def _field(title: str, control: Component, hint: str = "") -> Component:
    head = [html.Span(title), *([words.hint(hint, title)] if hint else [])]
    return html.Div([html.Div(head, className="cw-setting-head"), html.Div(control, **{"data-label": title})])
