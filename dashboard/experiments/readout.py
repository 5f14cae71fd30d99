"""What was found of an experiment over users or sessions: its course, metrics, parts of the units, and the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, words
from dashboard.experiments.asked import Asked
from dashboard.experiments.pieces import number_head, query_of, scrolled
from dashboard.experiments.read import Told
from dashboard.experiments.words import (
    CHECK_TONES,
    CHECKS,
    CUTS,
    ROLES,
    VERDICT_TONES,
    VERDICTS,
    between,
    checked,
    guard_name,
    metric_name,
    percent,
    unit_of,
)
from dashboard.figures.bands import course
from dashboard.figures.drawn import ColumnKind, Drawn, blank
from dashboard.formats import SPACE, UNKNOWN
from warehouse.queries.experiment_readouts import Effect, Novelty

ASKED: Final = "experiment-asked"  # the "type" of a control whose "value" is a setting; its "name" is the setting's
SMALLEST: Final = 0.001  # a p-value below it is said to be below it


def course_card(told: Told, asked: Asked) -> Component | None:
    """How the effect was known day by day; None where nothing may be shown or no day is known."""
    if told.is_withheld or not told.days:
        return None
    known = {day.metric for day in told.days}  # a quantile is known of the last day only
    metrics = [metric for metric in dict.fromkeys(row.metric for row in told.effects) if metric in known] or sorted(
        known
    )
    metric = asked.metric if asked.metric in metrics else metrics[0]
    arms = list(dict.fromkeys(day.arm_id for day in told.days))
    arm = asked.arm if asked.arm in arms else arms[0]
    days = [day for day in told.days if (day.metric, day.arm_id) == (metric, arm)]
    frame = pd.DataFrame(
        [(day.date_day, day.units, day.difference, day.low, day.high) for day in days],
        columns=["date", "units", "difference", "low", "high"],
    )
    unit, name = unit_of(told.outcome_of(metric)), metric_name(metric)
    summary = f"{told.arm_name(arm)} has no day on which {name} could be told yet."
    if days:
        last, first = days[-1], days[0]
        summary = (
            f"{name.capitalize()} of {told.arm_name(arm)} less the control's, as it was known each day. By "
            f"{formats.day(last.date_day, weekday=False)} "
            f"{formats.number(last.difference, unit, told.currency, signed=True)} "
            f"({between(last.low, last.high, unit, told.currency)}), on {formats.day(first.date_day, weekday=False)} "
            f"{between(first.low, first.high, unit, told.currency)}."
        )
    drawn = course(frame, unit=unit, currency=told.currency, what=name, summary=summary)
    chosen = [_pills("metric", "Metric", {one: metric_name(one).capitalize() for one in metrics}, metric)]
    chosen += [_pills("arm", "Arm", {one: told.arm_name(one) for one in arms}, arm)] if len(arms) > 1 else []
    card = cards.figure_card(
        "course", "The effect, day by day", drawn, mark_name="incremental", query=query_of(told),
        file_name=f"causeway_experiment_{told.experiment.experiment_id}_course",
    )  # fmt: skip
    if len(metrics) < 2 and len(arms) < 2:
        return card
    return html.Div([html.Div(chosen, className="cw-section-head"), card], className="cw-stack")


def metrics_card(told: Told) -> Component | None:
    """Every metric and arm against the control."""
    rows = [row for row in told.effects if not row.cut]
    if told.is_withheld or not rows:
        return None
    return _effects_card(
        "metrics", "All metrics", told, rows, "Metric",
        [(metric_name(row.metric).capitalize(), *ROLES[row.role]) for row in rows],
        "Differences are adjusted for what units did before, where that is known.",
    )  # fmt: skip


def segments_card(told: Told) -> Component | None:
    """The effect among those who did something before the test, and among those who did not."""
    rows = [row for row in told.effects if row.cut]
    if told.is_withheld or not rows:
        return None
    told_apart = [(CUTS.get(row.cut, row.cut.replace("before=", "")), metric_name(row.metric), "") for row in rows]
    return _effects_card(
        "segments", "Who it works for", told, rows, "Part of the units", told_apart,
        "p-values count how many parts were looked at. Parts with few units say little; prefer the whole.",
    )  # fmt: skip


def novelty_card(told: Told) -> Component | None:
    """The effect in the first and the second half of each unit's time; None where that is not known."""
    if told.is_withheld or not told.novelty:
        return None
    head: list[str | Component] = [
        "Metric", "Arm",
        number_head("First half", "The effect in the first half of each unit's own time in the test."),
        number_head("Second half", "The effect in the second half."),
        number_head("Change", "The second less the first, surer than both, since it is of the same units."),
        "What follows",
    ]  # fmt: skip
    rows = [
        html.Tr(
            [
                html.Th(metric_name(row.metric).capitalize(), scope="row"),
                html.Td(told.arm_name(row.arm_id)),
                *(_told_number(told, row.metric, *ends) for ends in _halves(row)),
                html.Td(row.words),
            ]
        )
        for row in told.novelty
    ]
    as_of = formats.day(max(row.as_of for row in told.novelty))
    return cards.card(
        "Does the effect last?", scrolled(head, rows, "Effects over the time of each unit"), mark_name="incremental",
        note=f"Per unit, and not adjusted for what units did before. Read up to {as_of}: once a week, and at the end.",
    )  # fmt: skip


def _halves(row: Novelty) -> list[tuple[float, float, float]]:
    return [
        (row.early, row.early_low, row.early_high),
        (row.late, row.late_low, row.late_high),
        (row.change, row.change_low, row.change_high),
    ]


def _told_number(told: Told, metric: str, value: float, low: float, high: float) -> Component:
    unit = unit_of(told.outcome_of(metric))
    return _number(formats.number(value, unit, told.currency, signed=True), between(low, high, unit, told.currency))


def checks_card(told: Told) -> Component | None:
    """Every check with what it found; None before the first reading.

    Where one failed, those that passed say no more than that: their words may tell the effect.
    """
    if not told.guards:
        return None
    rows = [
        html.Tr(
            [
                html.Td(toned(CHECKS[guard.status], CHECK_TONES[guard.status])),
                html.Th(guard_name(guard.guard), scope="row"),
                html.Td("" if told.is_withheld and guard.status == "passed" else guard.words),
            ]
        )
        for guard in told.guards
    ]
    table = scrolled(("Outcome", "Check", "What it found"), rows, "Checks")
    bad = any(guard.status != "passed" for guard in told.guards)
    body = table if bad else html.Details([html.Summary("Show the checks"), table], className="cw-disclosure")
    return cards.card("Checks", body, note=checked(told.guards))


def toned(text: str, tone: str | None) -> Component:
    """Words in the colour of what they mean."""
    return html.Span(text, className=f"cw-toned cw-tone-{tone}" if tone else "cw-toned")


def _effects_card(
    card_id: str, title: str, told: Told, rows: Sequence[Effect], first: str,
    names: Sequence[tuple[str, str, str]], note: str,
) -> Component:  # fmt: skip
    """Effects as a table to read, with all their numbers as its twin."""
    control = told.arm_name(rows[0].control_id)
    head: list[str | Component] = [
        first, "Arm", number_head(f"Mean of {control}"),
        number_head("Difference", "The arm's mean less the control's, with its interval."),
        number_head("Relative", "The difference as a part of the control's mean. None where the control may be zero."),
        number_head("p, adjusted", "How often chance does this, counting how many questions were asked."),
        number_head("Chance better", "That the arm is better, believing nothing before. It is no licence to stop."),
        "Verdict",
    ]  # fmt: skip
    body = [_line(told, row, name, _places(told, rows, row.metric)) for row, name in zip(rows, names, strict=True)]
    table, kinds = _all_numbers(told, rows)
    experiment_id = told.experiment.experiment_id
    return cards.twinned_card(
        card_id, title, Drawn(blank(10), note, table, kinds, told.currency), scrolled(head, body, title),
        mark_name="incremental", query=query_of(told), file_name=f"causeway_experiment_{experiment_id}_{card_id}",
    )  # fmt: skip


def _all_numbers(told: Told, rows: Sequence[Effect]) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    kinds: dict[str, ColumnKind] = {
        "Units": "text", "Metric": "text", "Role": "text", "Arm": "text", "In the arm": "whole",
        "In the control": "whole", "Mean": "decimal", "Control mean": "decimal", "Difference": "decimal",
        "Low": "decimal", "High": "decimal", "Relative": "percent", "Relative low": "percent",
        "Relative high": "percent", "p": "decimal", "p adjusted": "decimal", "Chance better": "percent",
        "Expected loss": "decimal", "Verdict": "text", "Method": "text",
    }  # fmt: skip
    found = [
        (
            CUTS.get(row.cut, row.cut) or "All", row.metric, row.role, told.arm_name(row.arm_id), row.units,
            row.control_units, row.mean, row.control_mean, row.difference, row.low, row.high, row.relative,
            row.relative_low, row.relative_high, row.p_value, row.adjusted_p, row.chance_to_beat, row.expected_loss,
            VERDICTS.get(row.metric_verdict, row.metric_verdict), row.method,
        )
        for row in rows
    ]  # fmt: skip
    return pd.DataFrame(found, columns=list(kinds)), kinds


def _line(told: Told, row: Effect, name: tuple[str, str, str], places: int) -> Component:
    unit = unit_of(told.outcome_of(row.metric))
    title, role, hint = name
    under = html.Small([role, *([words.hint(hint, role)] if hint else [])], className="cw-under")
    verdict = VERDICTS.get(row.metric_verdict, row.metric_verdict)
    return html.Tr(
        [
            html.Th([title, under], scope="row"),
            html.Td([told.arm_name(row.arm_id), html.Small(f"{row.units:,} units", className="cw-under")]),
            _number(_fixed(row.control_mean, unit, told.currency, places), f"{row.control_units:,} units"),
            _number(
                _fixed(row.difference, unit, told.currency, places, signed=True),
                f"{_fixed(row.low, unit, told.currency, places, signed=True)} to "
                f"{_fixed(row.high, unit, told.currency, places, signed=True)}",
            ),
            _number(percent(row.relative), _relative_interval(row)),
            _number(_p(row.adjusted_p if row.adjusted_p is not None else row.p_value)),
            _number(_chance(row.chance_to_beat)),
            html.Td(toned(verdict, VERDICT_TONES.get(verdict))),
        ]
    )


def _number(text: str, under: str = "") -> Component:
    small = [html.Small(under, className="cw-under")] if under else []
    return html.Td([text, *small], className="cw-cell-number")


def _places(told: Told, rows: Sequence[Effect], metric: str) -> int:
    """Decimals for a metric, the same in all rows: as many as tell the ends of its narrowest interval apart."""
    width = max(min(row.high - row.low for row in rows if row.metric == metric), 1e-9)
    if unit_of(told.outcome_of(metric)) == "money":
        return 0 if told.currency in formats.WITHOUT_CENTS or width >= 100 else 2
    return next((places for places in range(7) if width * 10**places >= 10), 6)


def _fixed(value: float, unit: str, currency: str, places: int, *, signed: bool = False) -> str:
    sign = "" if abs(value) < 0.5 * 10**-places else formats.MINUS if value < 0 else "+" * signed
    symbol = (formats.SYMBOLS.get(currency) or f"{currency}{SPACE}") if unit == "money" else ""
    return f"{sign}{symbol}{abs(value):,.{places}f}"


def _relative_interval(row: Effect) -> str:
    if row.relative_low is None or row.relative_high is None:
        return ""
    return f"{percent(row.relative_low)} to {percent(row.relative_high)}"


def _p(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"<{SMALLEST}" if value < SMALLEST else f"{value:.3f}"


def _chance(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if not 0.001 <= value <= 0.999:
        return f"{'<0.1' if value < 0.5 else '>99.9'}{SPACE}%"
    return f"{value * 100:.1f}{SPACE}%"


def _pills(name: str, spoken: str, options: dict[str, str], value: str) -> Component:
    return controls.pills({"type": ASKED, "name": name}, spoken, options, value)
