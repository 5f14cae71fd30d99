"""The cards of the page of the mix: trust, the outcome taken apart, returns, response, tests, and what moved."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, tables, tiles
from dashboard.components.cards import Query
from dashboard.components.tables import Column
from dashboard.experiments.pieces import scrolled
from dashboard.figures.dots import Answers, Dot, dots
from dashboard.figures.drawn import ColumnKind
from dashboard.figures.response import Axis, Marked, Response, response
from dashboard.figures.stack import Part, stack
from dashboard.mix.read import Shown, Told, outcome_of
from dashboard.mix.words import (
    STATUS_TONES,
    STATUSES,
    TRUST,
    amount,
    best_channel,
    look_name,
    named,
    outcome_name,
    range_of,
)
from dashboard.theme import COLOURS, channel_colour, colour
from warehouse.queries.mix import Channel, as_sql

ASKED: Final = "mix-asked"  # the "type" of a control whose value is a setting; its "name" is the setting's
_ORDER: Final = {"red": 0, "amber": 1, "green": 2}


def outcome_pills(shown: Shown) -> Component | None:
    """Which outcome is looked at, where there are several."""
    if len(shown.fits) < 2 or shown.told is None:
        return None
    accounts = len({fit.account_key for fit in shown.fits})
    options = {
        outcome_of(fit): outcome_name(fit).capitalize() + (f" · run {fit.run_key}" if accounts > 1 else "")
        for fit in shown.fits
    }
    pills = controls.choose({"type": ASKED, "name": "outcome"}, "Outcome", options, outcome_of(shown.told.fit))
    return html.Div(pills, className="cw-section-head")


def tiles_row(shown: Shown, told: Told) -> Component:
    """What came, what advertising made of it, and where the next unit goes."""
    fit = told.fit
    brought = fit.outcome_total - fit.baseline
    spend = sum(one.spend for one in told.channels)
    row = [
        tiles.number_tile(outcome_name(fit).capitalize(), amount(told, fit.outcome_total), f"in {fit.periods} weeks"),
        tiles.number_tile(
            "By advertising", amount(told, brought),
            range_of(told, fit.outcome_total - fit.baseline_high, fit.outcome_total - fit.baseline_low),
            hint_text="What would not have come without the channels of the fit, mails included.",
        ),
        tiles.number_tile(
            "Without advertising", amount(told, fit.baseline), range_of(told, fit.baseline_low, fit.baseline_high),
            hint_text="Level, trend, season and controls.",
        ),
        tiles.number_tile("Spend", formats.number(spend, "money", fit.currency), f"on {_paid(told)} channels"),
    ]  # fmt: skip
    best = best_channel(told)
    if best is not None:
        row.append(
            tiles.number_tile(
                f"Next {fit.currency} in", shown.name(best.channel),
                f"{amount(told, best.marginal_roi)} ({range_of(told, best.marginal_roi_low, best.marginal_roi_high)})",
                hint_text="Where one more unit in every week would have brought most.",
            )
        )  # fmt: skip
    return tiles.tiles(row)


def trust_card(shown: Shown, told: Told) -> Component:
    """Every look at the fit, what is not green first, with what would help."""
    rows = [
        html.Tr(
            [
                html.Th(look_name(one.finding), scope="row"),
                html.Td(STATUSES[one.status], className=f"cw-toned cw-tone-{STATUS_TONES[one.status]}"),
                html.Td(
                    [
                        named(shown, one.words),
                        *([html.Br(), html.Em(named(shown, one.help))] if one.status != "green" and one.help else []),
                    ]
                ),
            ]
        )
        for one in sorted(told.findings, key=lambda one: _ORDER[one.status])
        if one.status != "green" or one.finding == "left-out"
    ]
    looks = [one for one in told.findings if one.finding != "left-out"]
    held = [look_name(one.finding) for one in looks if one.status == "green"]
    body = [scrolled(("Looked at", "Came out", "What was found, and what helps"), rows, "Trust")] if rows else []
    count = f"All {len(looks)}" if len(held) == len(looks) else f"{len(held)} of {len(looks)}"
    note = f"{TRUST[told.fit.status]}. {count} looks hold."
    rest = html.Details(
        [html.Summary(f"The {len(held)} that hold"), html.P(", ".join(held) + ".")], className="cw-mix-held"
    )
    return cards.card("How far can it be believed?", [*body, rest], note=note)


def decomposition_card(shown: Shown, told: Told) -> Component:
    """The outcome week by week: without advertising, and each channel on top."""
    by_part: dict[str, list[float]] = {}
    spans: dict[str, list[float]] = {"baseline": [], "whole": []}
    periods = sorted({row.period for row in told.contributions})
    place = {period: at for at, period in enumerate(periods)}
    spans = {name: [0.0] * len(periods) for name in spans}
    for row in told.contributions:
        spans["whole"][place[row.period]] += row.estimate
        if row.kind == "baseline":
            spans["baseline"][place[row.period]] += row.estimate
        elif row.kind == "channel":
            by_part.setdefault(row.part, [0.0] * len(periods))[place[row.period]] = row.estimate
    order = sorted(by_part, key=lambda name: -sum(by_part[name]))
    parts = [Part("Without advertising", spans["baseline"], COLOURS["other"].light)]
    parts += [Part(shown.name(name), by_part[name], channel_colour(name)) for name in order]
    fit = told.fit
    largest = f" The largest part is of {shown.name(order[0])}." if order else ""
    summary = (
        f"{outcome_name(fit).capitalize()} by week, as the fit explains it: "
        f"{amount(told, fit.baseline)} would have come without advertising.{largest}"
    )
    drawn = stack(periods, parts, spans["whole"], unit=told.unit, currency=fit.currency,
                  whole_name=outcome_name(fit).capitalize(), summary=summary)  # fmt: skip
    return cards.figure_card(
        "mix-parts", "What the weeks are made of", drawn, mark_name="incremental",
        query=query_of(told, "mix_contribution", "contributions { part periods estimate low high }"),
        file_name=f"causeway_mix_{fit.outcome}_weeks",
    )  # fmt: skip


def returns_card(shown: Shown, told: Told) -> Component:
    """What a unit of money brought by channel, beside what was held before the data spoke."""
    paid = sorted((one for one in told.channels if one.roi is not None), key=lambda one: -(one.roi or 0.0))
    names = {one.channel: shown.name(one.channel) for one in paid}
    found = {one.channel: Dot(one.roi or 0.0, one.roi_low, one.roi_high) for one in paid}
    prior = {one.channel: Dot(one.prior_roi or 0.0, one.prior_roi_low, one.prior_roi_high) for one in paid}
    notes = {one.channel: _learnt(one) for one in paid}
    tints = {one.channel: channel_colour(one.channel) for one in paid}
    table = pd.DataFrame(
        [(names[one.channel], one.roi, one.roi_low, one.roi_high, one.prior_roi, one.prior_roi_low, one.prior_roi_high,
          one.learnt, one.tests) for one in paid],
        columns=["Channel", "Return", "Low", "High", "Held before", "Low before", "High before", "Learnt", "Tests"],
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {
        "Channel": "text", **dict.fromkeys(table.columns[1:7], told.unit), "Learnt": "percent", "Tests": "whole",
    }  # fmt: skip
    one_unit = f"per {told.fit.currency}"
    drawn = dots(
        names, [Answers("Now", found, tints), Answers("Held before the data", prior, colour("compare"), "circle-open")],
        unit=told.unit, what=f"{outcome_name(told.fit).capitalize()} {one_unit} spent", currency=told.fit.currency,
        summary=f"What one {told.fit.currency} brought, with its interval; hollow is what was held before. Where the "
        "two are alike, the number is mostly assumed.",
        table=table, kinds=kinds, notes=notes,
    )  # fmt: skip
    return cards.figure_card(
        "mix-returns", "What a unit of money brought", drawn, span=6, mark_name="incremental",
        query=query_of(told, "mix_channel", "channels { channel roi { estimate low high } marginalRoi { estimate } }"),
        file_name=f"causeway_mix_{told.fit.outcome}_returns", stretches=True,
    )  # fmt: skip


def response_card(shown: Shown, told: Told) -> Component:
    """The response curve of the channel that is asked for, else of the one that was spent most on."""
    by_name = {one.channel: one for one in told.channels}
    usual = max(told.channels, key=lambda one: one.spend).channel
    channel = by_name[shown.asked.channel if shown.asked.channel in by_name else usual]
    points = [
        Response(float(point.spend), point.estimate, point.low, point.high) for point in told.curves[channel.channel]
    ]
    today = _today(points, float(channel.current))
    currency = told.fit.currency
    across = Axis("Mails a week", "count", "") if channel.organic else Axis("Spend a week", "money", currency)
    what = f"Incremental {outcome_name(told.fit)} a week"
    spent = formats.number(channel.current, across.unit, across.currency)
    summary = (
        f"{shown.name(channel.channel)} at its usual {spent} a week brings {amount(told, today.value)} "
        f"({range_of(told, today.low, today.high)}), against none. Half of it comes within "
        f"{_weeks(channel.half_life)} of the spend."
    )
    drawn = response(
        points,
        across,
        Axis(what, told.unit, currency),
        today=Marked(today.spend, today.value, f"Today {spent}"),
        tried=float(channel.trusted),
        line=channel_colour(channel.channel),
        summary=summary,
    )
    names = {one.channel: shown.name(one.channel) for one in told.channels}
    menu = controls.choose({"type": ASKED, "name": "channel"}, "Channel", names, channel.channel)
    return cards.figure_card(
        "mix-response", "What more or less of it would bring", drawn, span=6, mark_name="incremental", controls=[menu],
        query=query_of(told, "response_curve", "curves { channel spend estimate low high trusted }"),
        file_name=f"causeway_mix_{told.fit.outcome}_{channel.channel}",
    )  # fmt: skip


def channels_card(shown: Shown, told: Told) -> Component:
    """Every channel with its numbers."""
    rows = [
        (shown.name(one.channel), one.spend, one.contribution, one.contribution_low, one.contribution_high, one.share,
         one.roi, one.roi_low, one.roi_high, one.marginal_roi, one.marginal_roi_low, one.marginal_roi_high,
         one.half_life, one.carried, one.learnt, one.tests)
        for one in sorted(told.channels, key=lambda one: -one.contribution)
    ]  # fmt: skip
    unit = told.unit
    columns = [
        Column("channel", "Channel", "text", frozen=True, width=140),
        Column("spend", "Spend", "money"),
        Column("contribution", "Brought", unit, hint="What would not have come without it, over all weeks."),
        Column("low", "Low", unit, hint=f"Lower end of its {formats.tick(told.fit.level, 'percent')} interval."),
        Column("high", "High", unit),
        Column("share", "Share", "percent", hint="The same as a part of the outcome."),
        Column("roi", "Return", unit, hint="What one unit of money brought."),
        Column("roi_low", "Low", unit, hidden=True),
        Column("roi_high", "High", unit, hidden=True),
        Column("marginal", "Next unit", unit, hint="What one more unit in every week would have brought."),
        Column("marginal_low", "Low", unit, hint="Lower end of its interval."),
        Column("marginal_high", "High", unit),
        Column("half_life", "Half-life", "decimal", hint="Weeks until half of the effect has come."),
        Column("carried", "Carried on", "percent", hint="Part of the effect that comes after the week of the spend."),
        Column("learnt", "Learnt", "percent", hint="How much narrower data made it: near 0 it is what was assumed."),
        Column("tests", "Tests", "whole", hint="Tests of the channel that are part of the fit."),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[column.field for column in columns])
    table = tables.data_table(
        "mix-channels", frame, columns, label="What each channel brought", currency=told.fit.currency,
        file_name=f"causeway_mix_{told.fit.outcome}_channels",
    )  # fmt: skip
    return cards.card("Channel by channel", table, flush=True, mark_name="incremental")


def query_of(told: Told, view: str, found: str) -> Query:
    """How to ask for the same numbers elsewhere."""
    graphql = f"{{ mixFit(fitKey: {told.fit.fit_key}) {{ status words {found} }} }}"
    return Query(sql=as_sql(told.fit, view), graphql=graphql)


def _today(points: list[Response], spend: float) -> Response:
    """The place on the curve at the usual spend."""
    at = [point.spend for point in points]
    ends = [float(np.interp(spend, at, [point[end] for point in points])) for end in (1, 2, 3)]
    return Response(spend, *ends)


def _learnt(one: Channel) -> str:
    tested = f" · {one.tests} test{'s' * (one.tests > 1)}" if one.tests else ""
    return f"{one.learnt:.0%} learnt{tested}"


def _weeks(weeks: float) -> str:
    return "a week" if weeks <= 1 else f"{weeks:.1f} weeks"


def _paid(told: Told) -> int:
    return sum(not one.organic for one in told.channels)
