"""The settings of attribution as controls: each choice is another address, and the answer is there at once."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.attribution.asked import EVERY, FEW, HALF_LIVES, ORDERS, VIEWS, WEIGHTS, WINDOWS
from dashboard.attribution.read import AT_ONCE, Shown, Told
from dashboard.attribution.words import MODELS, label, name_of
from dashboard.components import controls, words
from dashboard.journeys.words import GOALS
from ml.attribution.answer import CALIBRATED
from ml.attribution.models import RULES
from warehouse.queries.attribution import AttributionRun

ASKED = "asked"  # the "type" of a control whose "value" is a setting; its "name" is the setting's

SPLITS: Mapping[str, str] = {
    "channel": "Channel", "campaign": "Campaign", "ad_group": "Ad group", "creative": "Creative", "device": "Device",
    "region": "Region", "customer": "New or returning",
}  # fmt: skip


def settings(shown: Shown, told: Told, run: AttributionRun) -> Component:
    """The model, what it can be set to, and whose conversions are looked at."""
    offered = [name for name in run.models if shown.is_whole or name in AT_ONCE]
    fields = [_field("Model", _model(told, offered), MODELS[told.model][1])]
    fields += [_field(title, control, hint) for title, control, hint in _of_model(shown, told, run)]
    customers = {"all": "All customers", "new": "New customers", "returning": "Returning customers"}
    fields.append(
        _field("Conversions of", _choose("customers", customers, shown.asked.customers), "Whose conversions count.")
    )
    channels = {row.channel: name_of(shown, row.channel) for row in told.compared.get(told.model, told.rows)}
    without = {"": "No channel left out", **{key: f"Without {name}" for key, name in channels.items()}}
    hint = "As if nobody had met the channel: its touches leave every journey. Not what would happen if it stopped."
    if told.model != CALIBRATED:
        fields.append(_field("What if", _choose("without", without, shown.asked.without), hint))
    worth = {"revenue": "Revenue", "margin": "Margin"}
    fields.append(
        _field("Worth", _choose("worth", worth, shown.asked.worth), "In what a conversion's worth is counted.")
    )
    return html.Section(fields, className="cw-settings", **{"aria-label": "How conversions are credited"})


def goal_pills(shown: Shown, told: Told) -> Component | None:
    """Which kind of conversion is credited, where there are several."""
    if len(shown.goals) < 2:
        return None
    options = {goal.value: GOALS[goal][1].capitalize() for goal in shown.goals}
    return html.Div(_pills("goal", "Kind of conversion", options, told.goal.value), className="cw-section-head")


def models_pills(shown: Shown) -> Component:
    """Whether few models are compared, or all."""
    return _pills("models", "Models compared", {FEW: "A few", EVERY: "All models"}, shown.asked.models)


def split_pills(shown: Shown) -> Component:
    """By what credits are told apart."""
    return _pills("split", "Split by", SPLITS, shown.asked.split)


def run_choice(shown: Shown, earlier: Mapping[str, str]) -> Component:
    """Which earlier run the published one is compared with."""
    return _choose("run", {"": "Choose an earlier run", **earlier}, shown.asked.run)


def _model(told: Told, offered: list[str]) -> Component:
    return _choose("model", {name: label(name) for name in offered}, told.model)


def _of_model(shown: Shown, told: Told, run: AttributionRun) -> list[tuple[str, Component, str]]:
    """What the model looked at can be set to, and nothing else."""
    asked, model = shown.asked, "markov" if told.model == CALIBRATED else told.model
    found = []
    if model == "markov":
        orders = {"": f"{run.markov_order}, as published", **{n: n for n in ORDERS if n != str(run.markov_order)}}
        hint = "How many touches back the next step depends on. The published run chose it on days held out."
        found.append(("Order", _choose("order", orders, asked.order), hint))
    if model == "time_decay":
        usual = _days(f"{run.parameters['half_life_days']:g}")
        lives = {"": f"{usual}, as published", **{n: _days(n) for n in HALF_LIVES}}
        found.append(("Half-life", _choose("half_life", lives, asked.half_life), "Days in which a touch loses half."))
    if model == "position":
        first, last = (round(run.parameters[end] * 100) for end in ("first", "last"))
        weights = {"": f"{first}-{100 - first - last}-{last}, as published", **{w: w for w in WEIGHTS}}
        hint = "Percent of the credit for the first touch, for those between, and for the last."
        found.append(("Weights", _choose("weights", weights, asked.weights), hint))
    if model in (*RULES, "shapley", "shapley_ordered"):
        windows = {"": f"{_days(str(run.lookback_days))}, as built", **{n: _days(n) for n in WINDOWS}}
        found.append(("Lookback", _choose("window", windows, asked.window), "Touches longer ago get no credit."))
    if model in RULES:
        views = {"": "Like clicks", **{n: "Not at all" if n == "0" else f"{n} % of a click" for n in VIEWS}}
        found.append(("Views count", _choose("views", views, asked.views), "What a view without a click counts."))
    return found


def _field(title: str, control: Component, hint: str) -> Component:
    head = html.Div([html.Span(title), words.hint(hint, title)], className="cw-setting-head")
    return html.Div([head, control], className="cw-setting")


def _choose(name: str, options: Mapping[str, str], value: str) -> Component:
    return controls.choose({"type": ASKED, "name": name}, _SPOKEN.get(name, name.capitalize()), options, value)


def _pills(name: str, spoken: str, options: Mapping[str, str], value: str) -> Component:
    return controls.pills({"type": ASKED, "name": name}, spoken, options, value)


def _days(count: str) -> str:
    return f"{count}{formats.SPACE}day{'s' * (count != '1')}"


_SPOKEN: Mapping[str, str] = {
    "half_life": "Half-life", "window": "Lookback", "views": "What views count", "customers": "Conversions of",
    "without": "Without a channel", "run": "Earlier run",
}  # fmt: skip
