"""The cards of what changes a mix: tests before and after, what moved since the fit before, and earlier fits."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, words
from dashboard.experiments.pieces import number_head, scrolled
from dashboard.experiments.words import metric_name
from dashboard.figures.dots import Answers, Dot, dots
from dashboard.figures.drawn import ColumnKind
from dashboard.mix.pieces import query_of
from dashboard.mix.read import Shown, Told
from dashboard.mix.words import amount, named, outcome_name, range_of, trust_word
from dashboard.theme import SERIES, colour
from warehouse.queries.mix import Fit, Lift

_MOST_FITS = 8


def tests_card(shown: Shown, told: Told) -> Component:
    """What each test changed, and why others are no part of the fit."""
    used = [one for one in told.lifts if one.is_used]
    unused = [one for one in told.lifts if not one.is_used]
    rows = [
        html.Tr([html.Th(one.experiment, scope="row"), html.Td(shown.name(one.channel)),
                 html.Td(formats.day_range(one.first_day, one.last_day)), html.Td(named(shown, one.reason or ""))])
        for one in unused
    ]  # fmt: skip
    rest = [scrolled(("Not part of it", "Channel", "When", "Why"), rows, "Tests that are not used")] if rows else []
    if not used:
        plan = html.A("Plan one", href="/experiments?show=plan")
        text = ["No test of a channel is part of this fit. ", plan, ": one test tells more than a year of weeks."]
        said = [words.empty("Nothing holds the numbers in place", text, icon_name="experiments")]
        return cards.card("Tests, before and after", [*(rest or said)], span=12)
    names = {_key(one): f"{shown.name(one.channel)} · {one.experiment} · {_when(one)}" for one in used}
    drawn = dots(
        names,
        [
            Answers("Measured by the test", {_key(one): _measured(one) for one in used}, colour("text")),
            Answers("By the weeks alone", {_key(one): _dot(one, "before") for one in used}, colour("compare"),
                    "circle-open"),
            Answers("By the fit", {_key(one): _dot(one, "after") for one in used}, SERIES[0].light),
        ],
        unit=told.unit, currency=told.fit.currency,
        what=f"{outcome_name(told.fit).capitalize()} that the channel brought in the weeks of the test",
        summary=" ".join(_said(shown, told, one) for one in used), table=_table(shown, used), kinds=_kinds(told),
    )  # fmt: skip
    figure = cards.figure_card(
        "mix-tests", "Tests, before and after", drawn, mark_name="incremental",
        query=query_of(told, "mix_lift", "lifts { experimentId channel isUsed reason lift se before { estimate } }"),
        file_name=f"causeway_mix_{told.fit.outcome}_tests",
    )  # fmt: skip
    return html.Div([figure, *([cards.card(None, rest)] if rest else [])], className="cw-stack")


def moves_card(shown: Shown, told: Told) -> Component | None:
    """What moved since the fit before; None where there was none."""
    if not told.moves:
        return None
    rows = [
        html.Tr(
            [
                html.Th(shown.name(one.channel), scope="row"),
                html.Td(amount(told, one.before), className="cw-cell-number"),
                html.Td(amount(told, one.after), className="cw-cell-number"),
                html.Td(formats.number(one.moved, "percent", signed=True), className="cw-cell-number"),
                html.Td(named(shown, one.words)),
            ]
        )
        for one in told.moves
    ]
    head = ("Channel", number_head("Was"), number_head("Is"), number_head("Moved"), "Why")
    span = formats.day_range(told.moves[0].first_period, told.moves[0].last_period)
    note = f"Over the weeks that both fits know, {span}."
    return cards.card("What moved since the fit before", scrolled(head, rows, "What moved"), note=note)


def history_card(told: Told) -> Component | None:
    """Earlier fits of the same outcome; None where there is none."""
    if len(told.history) < 2:
        return None
    rows = [
        html.Tr(
            [
                html.Th(f"Run {one.run_key}", scope="row"),
                html.Td(formats.day(one.finished_at.date(), weekday=False)),
                html.Td(formats.day_range(one.first_period, one.last_period)),
                html.Td(trust_word(one)),
                html.Td(_brought(told, one)),
            ]
        )
        for one in told.history[:_MOST_FITS]
    ]
    head = ("Fit", "Made", "Weeks", "Trust", "By advertising")
    note = f"The newest {min(len(told.history), _MOST_FITS)}. causeway rollback shows an earlier one again."
    return cards.card("Fits so far", scrolled(head, rows, "Fits so far"), note=note)


def _said(shown: Shown, told: Told, one: Lift) -> str:
    """What a test measured, beside what the weeks say without it and with it."""
    return (
        f"{shown.name(one.channel)}, {_when(one)}: measured {amount(told, one.lift)}; the weeks alone say "
        f"{amount(told, one.before)} ({range_of(told, one.before_low, one.before_high)}), with the tests "
        f"{amount(told, one.after)} ({range_of(told, one.after_low, one.after_high)})."
    )


def _brought(told: Told, fit: Fit) -> str:
    """What advertising brought by a fit, where that can be believed."""
    if fit.status == "red":
        return "withheld"
    low, high = fit.outcome_total - fit.baseline_high, fit.outcome_total - fit.baseline_low
    return f"{amount(told, fit.outcome_total - fit.baseline)} ({range_of(told, low, high)})"


def _key(one: Lift) -> str:
    return f"{one.experiment}/{one.channel}"


def _when(one: Lift) -> str:
    return formats.day_range(one.first_day, one.last_day)


def _measured(one: Lift) -> Dot:
    lift, spread = one.lift or 0.0, 1.645 * (one.se or 0.0)
    return Dot(lift, lift - spread, lift + spread)


def _dot(one: Lift, name: str) -> Dot:
    return Dot(getattr(one, name), getattr(one, f"{name}_low"), getattr(one, f"{name}_high"))


def _table(shown: Shown, used: list[Lift]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (one.experiment, shown.name(one.channel), metric_name(one.metric), one.first_period, one.last_period,
             one.lift, one.se, one.before, one.before_low, one.before_high, one.after, one.after_low, one.after_high)
            for one in used
        ],
        columns=["Test", "Channel", "Metric", "First week", "Last week", "Measured", "Error", "Weeks alone", "Low",
                 "High", "Fit", "Fit low", "Fit high"],
    )  # fmt: skip


def _kinds(told: Told) -> dict[str, ColumnKind]:
    texts: dict[str, ColumnKind] = dict.fromkeys(("Test", "Channel", "Metric"), "text")
    dates: dict[str, ColumnKind] = dict.fromkeys(("First week", "Last week"), "date")
    numbers: dict[str, ColumnKind] = dict.fromkeys(
        ("Measured", "Error", "Weeks alone", "Low", "High", "Fit", "Fit low", "Fit high"), told.unit
    )
    return {**texts, **dates, **numbers}
