"""The pieces of the page: paths as chips, streams between steps, lengths and times, the funnel, and cohorts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls
from dashboard.components.cards import Query
from dashboard.components.paths import STEPS_SHOWN, path_chips
from dashboard.figures.counts import counts
from dashboard.figures.drawn import ColumnKind, Drawn, blank
from dashboard.figures.heat import heat
from dashboard.figures.sankey import sankey
from dashboard.frame import CONTROL
from dashboard.journeys.read import Shown, Told
from dashboard.journeys.words import GOALS, duration
from warehouse.queries.cohorts import CohortMonth
from warehouse.queries.funnel import ChannelFunnel

PATHS_SHOWN = 15
LONGEST = 8  # touches from which on paths are one class
STEPS = {"sessions": "Visits", "product": "Product", "cart": "Cart", "checkout": "Checkout", "purchase": "Purchase"}


def goal_pills(shown: Shown) -> Component | None:
    """Which kind of conversion is looked at, where there are several."""
    told = shown.told
    if told is None or len(shown.state.goals) < 2:
        return None
    options = {goal.value: GOALS[goal][1].capitalize() for goal in shown.state.goals}
    return html.Div(
        controls.pills({"type": CONTROL, "name": "goal"}, "Kind of conversion", options, told.goal.value),
        className="cw-section-head",
    )


def paths_card(shown: Shown, told: Told) -> Component:
    """The paths gone most, each as a row of chips."""
    one, many = GOALS[told.goal]
    rows = [
        [
            " > ".join(shown.names.get(c, c) for c in path.channels), len(path.channels), path.conversions, path.value,
            None if path.seconds is None else path.seconds / 86_400, path.null_paths, path.conversion_share,
        ]
        for path in told.paths
    ]  # fmt: skip
    kinds: dict[str, ColumnKind] = {
        "Path": "text", "Touches": "whole", many.capitalize(): "whole", "Value": "money", "Days to convert": "decimal",
        f"Journeys without {one}": "whole", f"Led to {_a(one)}": "percent",
    }  # fmt: skip
    drawn = Drawn(blank(10), _paths_said(shown, told), pd.DataFrame(rows, columns=list(kinds)), kinds, shown.currency)
    return cards.twinned_card(
        "paths", "Paths", drawn, _paths_list(shown, told), mark_name="credited", file_name="paths",
        query=_query(shown, told, "paths(first: 100) { channels conversions value seconds nullPaths conversionShare }",
                     "path, sum(conversions) AS conversions, sum(value) AS value, sum(null_paths) AS null_paths"),
    )  # fmt: skip


def steps_card(shown: Shown, told: Told) -> Component:
    """Streams between the first steps of converting journeys."""
    return cards.figure_card(
        "steps", "Steps", sankey(told.flows, shown.names, GOALS[told.goal][0]), mark_name="credited", file_name="steps",
        narrowest=620,
    )  # fmt: skip


def lengths_card(told: Told) -> Component:
    """How many touches came before a conversion."""
    one, many = GOALS[told.goal]
    found = {f"{n}{'+' * (n == LONGEST)}": 0 for n in range(LONGEST + 1)}
    for length in told.lengths:
        touches = min(length.touches, LONGEST)
        found[f"{touches}{'+' * (touches == LONGEST)}"] += length.conversions
    total = sum(found.values())
    summary = f"No {one} in this period."
    if total:
        alone = formats.number(found["1"] / total, "percent")
        none = formats.number(found["0"] / total, "percent")
        summary = f"{alone} of {many} followed a single known touch, {none} none."
    table = pd.DataFrame(
        [(n.touches, n.conversions, n.null_paths) for n in told.lengths],
        columns=["Touches", many.capitalize(), f"Journeys without {one}"],
    )
    kinds: dict[str, ColumnKind] = dict.fromkeys(table.columns, "whole")
    drawn = counts(list(found), list(found.values()), what=many, summary=summary, table=table, kinds=kinds)
    return cards.figure_card("lengths", f"Touches before {_a(one)}", drawn, span=6, file_name="path_lengths")


def times_card(told: Told) -> Component:
    """How long it took from the first known touch."""
    one, many = GOALS[told.goal]
    classes = [_class(c.from_hours, c.to_hours) for c in told.times]
    values = [c.conversions for c in told.times]
    total, fast = sum(values), sum(c.conversions for c in told.times if c.to_hours is not None and c.to_hours <= 24)
    summary = f"No {one} followed a known touch in this period."
    if total:
        share = formats.number(fast / total, "percent")
        summary = f"{share} of {many} with a known touch came within a day of the first; the mean is {_mean(told)}."
    table = pd.DataFrame({"Time": classes, many.capitalize(): values})
    kinds: dict[str, ColumnKind] = {"Time": "text", many.capitalize(): "whole"}
    drawn = counts(classes, values, what=many, summary=summary, table=table, kinds=kinds)
    return cards.figure_card("times", f"Time from the first touch to the {one}", drawn, span=6, file_name="times")


def funnel_card(funnel: Sequence[ChannelFunnel], names: Mapping[str, str]) -> Component:
    """How far the visits of each channel came."""
    shares, cells, hovers, rows = [], [], [], []
    for channel in funnel:
        reached = [getattr(channel, step) for step in STEPS]
        label = names.get(channel.channel, channel.channel)
        rows.append((label, *reached))
        shares.append([math.nan, *(n / channel.sessions for n in reached[1:])])
        cells.append(["", *(formats.number(n / channel.sessions, "percent") for n in reached[1:])])
        hovers.append([
            f"{label}<br><b>{n:,}</b> of {channel.sessions:,} visits: {step.lower()}"
            for step, n in zip(STEPS.values(), reached, strict=True)
        ])  # fmt: skip
    table = pd.DataFrame(rows, columns=["Channel", *STEPS.values()])
    kinds: dict[str, ColumnKind] = {"Channel": "text", **dict.fromkeys(STEPS.values(), "whole")}
    labels = [f"{row[0]} · {formats.number(row[1], 'count')}" for row in rows]
    drawn = heat(
        labels, list(STEPS.values())[1:], [row[1:] for row in shares], [row[1:] for row in cells],
        [row[1:] for row in hovers], summary=_funnel_said(funnel, names), table=table, kinds=kinds,
    )  # fmt: skip
    return cards.figure_card("funnel", "Funnel by channel", drawn, span=6, file_name="funnel_by_channel", narrowest=400)


def cohorts_card(cohorts: Sequence[CohortMonth], currency: str) -> Component:
    """Who ordered again, by the month of the first order."""
    by_cohort = [
        (month, {c.months_since: c for c in rows}) for month, rows in groupby(cohorts, lambda c: c.cohort_month)
    ]
    last = max((c.months_since for c in cohorts), default=0)
    labels = [f"{month:%b %Y} · {formats.number(found[0].cohort_size, 'count')}" for month, found in by_cohort if found]
    shares = [
        [float(found[m].retained) if m in found else math.nan for m in range(1, last + 1)] for _, found in by_cohort
    ]
    cells = [["" if math.isnan(s) else _whole(s) for s in row] for row in shares]
    hovers = [
        [_retained(found[m], currency) if m in found else "" for m in range(1, last + 1)] for _, found in by_cohort
    ]
    columns = ["Cohort", "Month", "Customers", "Of", "Retained", "Orders", "Revenue"]
    table = pd.DataFrame(
        [(f"{c.cohort_month:%b %Y}", c.months_since, c.customers, c.cohort_size, c.retained, c.orders, c.revenue)
         for c in cohorts],
        columns=columns,
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {
        "Cohort": "text", "Month": "whole", "Customers": "whole", "Of": "whole", "Retained": "percent",
        "Orders": "whole", "Revenue": "money",
    }  # fmt: skip
    drawn = heat(
        labels, [f"+{m}" for m in range(1, last + 1)], shares, cells, hovers, summary=_cohorts_said(cohorts),
        table=table, kinds=kinds, currency=currency,
    )  # fmt: skip
    return cards.figure_card(
        "cohorts", "Who orders again, by month of the first order", drawn, span=6, file_name="cohorts", narrowest=480
    )


def _paths_list(shown: Shown, told: Told) -> Component:
    one, many = GOALS[told.goal]
    most = max((path.conversions for path in told.paths), default=0) or 1
    head = ["Path", many.capitalize(), "Value", "Time to convert", f"Led to {_a(one)}"]
    rows = [
        html.Tr(
            [
                html.Td(path_chips(path.channels, shown.names), className="cw-paths-journey"),
                html.Td(
                    [
                        html.Span(
                            className="cw-paths-bar",
                            style={"width": f"{max(path.conversions / most * 100, 1):.0f}%"},
                            **{"aria-hidden": "true"},
                        ),
                        html.Span(formats.number(path.conversions, "count")),
                    ],
                    className="cw-cell-number cw-paths-count",
                ),
                html.Td(formats.number(path.value, "money", shown.currency), className="cw-cell-number"),
                html.Td(duration(path.seconds), className="cw-cell-number"),
                html.Td(formats.number(path.conversion_share, "percent"), className="cw-cell-number"),
            ]
        )
        for path in told.paths[:PATHS_SHOWN]
    ]
    cells = [html.Th(h, scope="col", **({"className": "cw-cell-number"} if i else {})) for i, h in enumerate(head)]
    table = html.Table([html.Thead(html.Tr(cells)), html.Tbody(rows)], className="cw-paths")
    return html.Div(table, className="cw-paths-box", tabIndex="0", role="region", **{"aria-label": "Paths"})


def _paths_said(shown: Shown, told: Told) -> str:
    one, many = GOALS[told.goal]
    first = next((path for path in told.paths if path.conversions), None)
    if first is None:
        return f"No {one} followed a known touch in this period."
    share = formats.number(first.conversions / max(told.totals.touched, 1), "percent")
    named = " > ".join(shown.names.get(c, c) for c in first.channels[:STEPS_SHOWN])
    rest = f" The table and the CSV have {len(told.paths)}." if len(told.paths) > PATHS_SHOWN else ""
    return (
        f"{named} came before {share} of the {many} with a known touch. Journeys without {_a(one)} that ended in the "
        f"last {shown.state.lookback_days} days may still lead to one.{rest}"
    )


def _funnel_said(funnel: Sequence[ChannelFunnel], names: Mapping[str, str]) -> str:
    visits, bought = sum(f.sessions for f in funnel), sum(f.purchase for f in funnel)
    large = [f for f in funnel if f.sessions >= visits / 50]
    best = max(large, key=lambda f: f.purchase / f.sessions)
    return (
        f"{formats.number(bought / visits, 'percent')} of {formats.number(visits, 'count')} visits ended in a "
        f"purchase; most often after {names.get(best.channel, best.channel)}, "
        f"{formats.number(best.purchase / best.sessions, 'percent')}."
    )


def _cohorts_said(cohorts: Sequence[CohortMonth]) -> str:
    sizes = {c.cohort_month: c.cohort_size for c in cohorts}
    again = [c for c in cohorts if c.months_since == 1]
    if not again:
        return "No customer has ordered again in a later month."
    of = sum(sizes[c.cohort_month] for c in again)
    share = formats.number(sum(c.customers for c in again) / of, "percent")
    return f"{share} of new customers ordered again in the month after their first order. All accounts, all channels."


def _retained(cell: CohortMonth, currency: str) -> str:
    revenue = formats.number(cell.revenue, "money", currency)
    return (
        f"First order in {cell.cohort_month:%B %Y}, {cell.months_since} months later<br>"
        f"<b>{cell.customers:,}</b> of {cell.cohort_size:,} customers<br>{cell.orders:,} orders, {revenue}"
    )


def _class(begin: int, end: int | None) -> str:
    """``<1 h``, ``1–6 h``, ``7–14 d``, ``>30 d``."""
    if end is None:
        return f">{begin // 24}{formats.SPACE}d"
    size, unit = (24, "d") if begin >= 24 else (1, "h")
    return f"{f'{begin // size}–' if begin else '<'}{end // size}{formats.SPACE}{unit}"


def _whole(share: float) -> str:
    """A share in whole percent, short enough for a cell of a grid."""
    return f"<1{formats.SPACE}%" if 0 < share < 0.01 else f"{share:.0%}".replace("%", f"{formats.SPACE}%")


def _mean(told: Told) -> str:
    return duration(told.totals.seconds)


def _a(one: str) -> str:
    return f"{'an' if one[0] in 'aeiou' else 'a'} {one}"


def _query(shown: Shown, told: Told, fields: str, columns: str) -> Query:
    """The numbers of a card as queries that somebody can run elsewhere."""
    filter_ = shown.filter
    given = [f'from: "{filter_.start}"', f'to: "{filter_.end}"', f'currency: "{filter_.currency}"']
    given += [
        f"{name}: {json.dumps(list(values))}"
        for name, values in (("accounts", filter_.accounts), ("channels", filter_.channels))
        if values
    ]
    graphql = (
        f"{{\n  journeys(filter: {{{', '.join(given)}}}, goal: {told.goal.value.upper()}) {{\n    {fields}\n  }}\n}}"
    )
    return Query("\n".join(_sql(shown, told, columns)), graphql)


def _sql(shown: Shown, told: Told, columns: str) -> Iterator[str]:
    yield f"SELECT {columns}"
    yield "FROM mart.path"
    yield f"WHERE goal = '{told.goal.value}' AND date_day BETWEEN '{shown.filter.start}' AND '{shown.filter.end}'"
    yield "GROUP BY path ORDER BY conversions DESC;"
