"""The settings of attribution as controls: each choice is another address, and the answer is there at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.attribution.asked import EVERY, FEW, HALF_LIVES, ORDERS, VIEWS, WEIGHTS, WINDOWS
from dashboard.attribution.printing import REPORT
from dashboard.attribution.read import AT_ONCE, Shown, Told
from dashboard.attribution.words import label, name_of
from dashboard.components import controls, words
from dashboard.components.icons import icon
from dashboard.journeys.words import GOALS
from ml.attribution.answer import CALIBRATED
from ml.attribution.methods import METHODS
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
    fields = [_field("Model", _model(told, offered), METHODS[told.model].line)]
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
    report = html.A(
        [icon("print"), "Report to print"],
        href=f"{REPORT}{shown.view.search()}",
        target="_blank",
        className="cw-button cw-button-plain cw-settings-link",
    )
    fields.append(report)
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


def dated_pills(shown: Shown) -> Component:
    """Whose day a credit's is."""
    return _pills("dated", "Dated by", {"conversion": "Day of the conversion", "touch": "Day of the touch"},
                  shown.asked.dated)  # fmt: skip


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
        usual = f"{run.parameters['half_life_days']:g}"
        entry = _write("half_life", usual, asked.half_life, HALF_LIVES)
        found.append(("Half-life in days", entry, "Days in which a touch loses half. Any number."))
    if model == "position":
        first, last = (round(run.parameters[end] * 100) for end in ("first", "last"))
        entry = _write("weights", f"{first}-{100 - first - last}-{last}", asked.weights, WEIGHTS)
        hint = "Percent of the credit for the first touch, for those between, and for the last; any that sum to 100."
        found.append(("Weights in percent", entry, hint))
    if model in (*RULES, "shapley", "shapley_ordered"):
        entry = _write("window", str(run.lookback_days), asked.window, WINDOWS)
        channel = next(iter(row.channel for row in told.channels), "email")
        hint = f"Touches longer ago get no credit. Days, or others for one channel: 14,{channel}=7."
        found.append(("Lookback in days", entry, hint))
    if model in RULES:
        views = {"": "Like clicks", **{n: "Not at all" if n == "0" else f"{n} % of a click" for n in VIEWS}}
        found.append(("Views count", _choose("views", views, asked.views), "What a view without a click counts."))
    return found


def _field(title: str, control: Component, hint: str) -> Component:
    head = html.Div([html.Span(title), words.hint(hint, title)], className="cw-setting-head")
    return html.Div([head, control], className="cw-setting")


def _choose(name: str, options: Mapping[str, str], value: str) -> Component:
    return controls.choose({"type": ASKED, "name": name}, _SPOKEN.get(name, name.capitalize()), options, value)


def _write(name: str, usual: str, value: str, offered: Sequence[str]) -> Component:
    """A field for anything that means something; empty, with the usual in grey, it is as published."""
    return controls.entry({"type": ASKED, "name": name}, _SPOKEN.get(name, name.capitalize()), value, usual, offered)


def _pills(name: str, spoken: str, options: Mapping[str, str], value: str) -> Component:
    return controls.pills({"type": ASKED, "name": name}, spoken, options, value)


_SPOKEN: Mapping[str, str] = {
    "half_life": "Half-life in days", "weights": "Weights in percent", "window": "Lookback in days",
    "views": "What views count", "customers": "Conversions of",
    "without": "Without a channel", "run": "Earlier run",
}  # fmt: skip
