"""Scenarios on the page of budgets: saved, compared side by side, week by week, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.budget.asked import Asked
from dashboard.budget.pieces import ASKED
from dashboard.budget.read import MOST_COMPARED, Chosen, Shown, Standing
from dashboard.budget.words import STATES, channel_name
from dashboard.components import cards, controls, words
from dashboard.components.cards import Query
from dashboard.experiments.pieces import number_head, scrolled
from dashboard.figures.dots import Answers, Dot, dots
from dashboard.figures.drawn import ColumnKind
from dashboard.theme import SERIES
from ml.budget.proposal import UNITS
from warehouse.queries.budget import Scenario, ScenarioLine, scenario_as_sql, scenarios_as_sql
from warehouse.queries.budget_inputs import MONEY

SAVE, SAID, NAME, WEEKS = (f"scenario-{part}" for part in ("save", "said", "name", "weeks"))
APPROVE, ARCHIVE, SCORE, EXPORT = (f"scenario-{act}" for act in ("approve", "archive", "score", "export"))
FILE, CAME = "scenario-file", "scenario-came"
MOST_WEEKS: Final = 26  # of a table


def save_card(standing: Standing, asked: Asked) -> Component | None:
    """The form that saves the plan; None for who may not."""
    if not standing.may:
        return None
    fields = [
        _field("Name", dcc.Input(id=NAME, type="text", placeholder="Q1, bold", maxLength=200, className="cw-field")),
        _field(
            "Weeks",
            dcc.Input(id=WEEKS, type="text", value=asked.weeks or "13", className="cw-field"),
            "For how many weeks it is meant. It begins with the next week.",
        ),
    ]
    body = [
        html.Div(fields, className="cw-budget-form"),
        html.P(id=SAID, className="cw-wrong", role="alert"),
        controls.button("Save as a scenario", button_id=SAVE, kind="main"),
    ]
    return cards.card("Save this plan", body, note="As a draft, with its rules and what is predicted of it.")


def compared_card(shown: Shown) -> Component | None:
    """Scenarios side by side with what today's plan is; None where there is none."""
    listed = list(shown.scenarios)[:MOST_COMPARED]
    if not listed:
        return None
    head = [
        "Scenario",
        number_head("Today"),
        *(html.Span([one.scenario_name, " · ", STATES[one.state]], className="cw-hinted") for one in listed),
    ]
    channels = dict.fromkeys(line.channel for one in listed for line in shown.compared[one.scenario_key])
    by_channel = {one.scenario_key: {line.channel: line for line in shown.compared[one.scenario_key]} for one in listed}
    first = by_channel[listed[0].scenario_key]
    today = _money(listed[0], sum(line.current for line in first.values()))
    rows = [
        _compared("Money a week", today, [_money(one, one.spent) for one in listed]),
        _compared("More than today", "", [_ranged(one, one.gain, one.gain_low, one.gain_high) for one in listed]),
        _compared("Beats today", "", [f"{one.beats_today:.0%}" for one in listed]),
        _compared(
            "Next unit of money brings", "",
            [f"{one.shadow_price:.2f} ({one.shadow_price_low:.2f} to {one.shadow_price_high:.2f})" for one in listed],
        ),
        _compared(
            "Efficiency", _plain(listed[0].efficiency_today), [_plain(one.efficiency) for one in listed],
        ),
        *(
            _compared(
                channel_name(channel).capitalize(),
                _money(listed[0], first[channel].current) if channel in first else "",
                [_line(one, by_channel[one.scenario_key].get(channel)) for one in listed],
            )
            for channel in channels
        ),
        _compared("For", "", [_when(one) for one in listed]),
    ]  # fmt: skip
    may = shown.standing is not None and shown.standing.may
    if may:
        rows.append(_compared("Actions", "", [_actions(one) for one in listed]))
    body = [
        scrolled(head, rows, "Scenarios side by side"), html.P(id=CAME, className="cw-wrong", role="alert"),
        dcc.Download(id=FILE),
    ]  # fmt: skip
    more = len(shown.scenarios) - len(listed)
    note = "Predicted of each on the day it was saved." + (f" The newest {len(listed)}; {more} more." if more else "")
    query = Query(scenarios_as_sql(), "{ scenarios { name state gain { estimate low high } } }")
    copied = html.Button("Copy as SQL", className="cw-button cw-button-quiet", type="button",
                         **{"data-action": "copy", "data-copy": query.sql})  # fmt: skip
    return cards.card("Scenarios side by side", body, note=note, mark_name="incremental", actions=[copied])


def weekly_card(shown: Shown) -> Component | None:
    """One scenario week by week; None where there is none."""
    chosen = shown.chosen
    if chosen is None:
        return None
    weeks = list(dict.fromkeys(one.week for one in chosen.weeks))
    channels = list(dict.fromkeys(line.channel for line in chosen.lines))
    spend = {(one.week, one.channel): one for one in chosen.weeks}
    head: list[str | Component] = [
        "Week",
        *(number_head(channel_name(channel).capitalize()) for channel in channels),
        number_head("Together"),
        number_head("Causes", "What advertising is predicted to cause in the week, from earlier spend too."),
    ]
    rows = []
    for week in weeks[:MOST_WEEKS]:
        mine = [spend[week, channel] for channel in channels if (week, channel) in spend]
        cells = [_money(chosen.scenario, one.spend) for one in mine]
        together = _money(chosen.scenario, sum(one.spend for one in mine))
        causes = _outcome(chosen.scenario, sum(one.outcome for one in mine))
        rows.append(
            html.Tr([html.Th(formats.day(week, weekday=False), scope="row"),
                     *(html.Td(text, className="cw-cell-number") for text in (*cells, together, causes))])
        )  # fmt: skip
    options = {str(one.scenario_key): one.scenario_name for one in shown.scenarios}
    choose = controls.choose(
        {"type": ASKED, "name": "scenario"}, "Scenario", options, str(chosen.scenario.scenario_key)
    )
    said = [html.P(chosen.scenario.words, className="cw-card-note")]
    rules = [
        html.Li(f"{rule.rule[0].upper()}{rule.rule[1:]}: easing it by one unit would bring {rule.shadow_price:.2f}.")
        for rule in chosen.rules[:6]
    ]
    more = (
        [html.Details([html.Summary("Which rules bind"), html.Ul(rules)], className="cw-budget-more")] if rules else []
    )
    return cards.card(
        f"Week by week: {chosen.scenario.scenario_name}", [*said, scrolled(head, rows, "The plan by week"), *more],
        actions=[choose], mark_name="incremental",
    )  # fmt: skip


def came_card(chosen: Chosen | None) -> Component | None:
    """What was predicted of a scenario against what came; None before it is scored."""
    if chosen is None or chosen.scenario.scored_words is None:
        return None
    scenario = chosen.scenario
    lines = [one for one in chosen.lines if one.scored_found is not None]
    names = {line.channel: channel_name(line.channel).capitalize() for line in lines}
    table = pd.DataFrame([_scored_row(line) for line in lines], columns=list(_CAME))
    drawn = dots(
        names,
        [
            Answers("Predicted", _dots(lines, "predicted"), SERIES[1].light, "circle-open"),
            Answers("Found", _dots(lines, "found"), SERIES[0].light),
        ],
        unit="money" if scenario.outcome_kind in MONEY else "decimal", currency=scenario.currency,
        what=f"{UNITS[scenario.outcome_kind].capitalize()} in all weeks", summary=scenario.scored_words or "",
        table=table, kinds=_CAME,
    )  # fmt: skip
    return cards.figure_card(
        "scenario-came", f"What came of {scenario.scenario_name}", drawn, mark_name="incremental",
        query=Query(
            scenario_as_sql(scenario.scenario_key),
            f"{{ scenario(scenarioKey: {scenario.scenario_key}) {{ score {{ words isKept }} "
            "scored { channel predicted { estimate low high } found { estimate low high } } } }",
        ),
        file_name="causeway_scenario_came",
    )  # fmt: skip


_CAME: Final[dict[str, ColumnKind]] = {
    "Channel": "text", "Planned": "money", "Spent": "money", "Predicted": "decimal", "Low": "decimal",
    "High": "decimal", "Found": "decimal", "Found low": "decimal", "Found high": "decimal",
}  # fmt: skip


def _scored_row(line: ScenarioLine) -> tuple[object, ...]:
    return (
        channel_name(line.channel), line.scored_planned, line.scored_spent, line.scored_predicted,
        line.scored_predicted_low, line.scored_predicted_high, line.scored_found, line.scored_found_low,
        line.scored_found_high,
    )  # fmt: skip


def _dots(lines: Sequence[ScenarioLine], which: str) -> dict[str, Dot]:
    found = {}
    for line in lines:
        value, low, high = (getattr(line, f"scored_{which}{end}") for end in ("", "_low", "_high"))
        if value is not None:
            found[line.channel] = Dot(value, low, high)
    return found


def _compared(name: str, today: str, cells: Sequence[str | Component]) -> Component:
    shown = [html.Td(today, className="cw-cell-number")]
    shown += [html.Td(cell, className="cw-cell-number") for cell in cells]
    return html.Tr([html.Th(name, scope="row"), *shown])


def _line(scenario: Scenario, line: ScenarioLine | None) -> str | Component:
    if line is None:
        return formats.UNKNOWN
    change = _money(scenario, line.change, signed=True)
    return html.Span([_money(scenario, line.proposed), html.Small(change, className="cw-under")])


def _actions(one: Scenario) -> Component:
    found = []
    key = str(one.scenario_key)
    if one.state == "draft":
        found.append(controls.button("Approve", button_id={"type": APPROVE, "key": key}))
    if one.state == "approved":
        found.append(controls.button("Score", button_id={"type": SCORE, "key": key}))
    found.append(controls.button("Export", button_id={"type": EXPORT, "key": key}, kind="quiet", icon_name="download"))
    found.append(controls.button("Put away", button_id={"type": ARCHIVE, "key": key}, kind="quiet"))
    return html.Div(found, className="cw-row-actions cw-budget-actions")


def _when(one: Scenario) -> str:
    return f"{one.weeks} weeks from {formats.day(one.first_week, weekday=False)}"


def _ranged(one: Scenario, value: float, low: float, high: float) -> Component:
    ends = f"{_outcome(one, low)} to {_outcome(one, high)}"
    return html.Span([_outcome(one, value, signed=True), html.Small(ends, className="cw-under")])


def _outcome(one: Scenario, value: float, *, signed: bool = False) -> str:
    unit = "money" if one.outcome_kind in MONEY else "decimal"
    return formats.number(value, "money" if unit == "money" else "decimal", one.currency, signed=signed)


def _money(one: Scenario, value: object, *, signed: bool = False) -> str:
    return formats.number(formats.to_float(value), "money", one.currency, signed=signed)


def _plain(value: float | None) -> str:
    return formats.UNKNOWN if value is None else f"{value:+.2f}"


def _field(title: str, control: Component, hint: str = "") -> Component:
    head = [html.Span(title), *([words.hint(hint, title)] if hint else [])]
    return html.Div([html.Div(head, className="cw-setting-head"), html.Div(control, **{"data-label": title})])
