"""What credit the channels and their parts earn: models side by side, against tests, against cost, and split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.attribution.read import LAST, Shown, Told
from dashboard.attribution.settings import SPLITS, models_pills, split_pills
from dashboard.attribution.words import label, mark_of, misled, name_of
from dashboard.components import cards, tables, words
from dashboard.components.cards import Query
from dashboard.components.tables import Column
from dashboard.components.words import Crumb
from dashboard.figures.dots import Answers, Dot, dots
from dashboard.figures.drawn import ColumnKind
from dashboard.journeys.words import GOALS
from dashboard.theme import SERIES, channel_colour, colour
from ml.attribution.answer import CALIBRATED
from ml.attribution.methods import METHODS
from warehouse.metrics import METRICS
from warehouse.queries.attribution import AttributionRun, CreditRow

CHANNELS_SHOWN: Final = 12
YOURS: Final = "Your settings"
# Beside last touch, which is hollow and grey, and the model looked at, which has the accent.
_SYMBOLS: Final = (
    "diamond",
    "square",
    "triangle-up",
    "cross",
    "star",
    "hexagon",
    "pentagon",
    "x",
    "bowtie",
    "hourglass",
)


def comparison_card(shown: Shown, told: Told) -> Component:
    """Each channel's credit by several models, beside last touch."""
    many = GOALS[told.goal][1]
    credited = {name: rows for name, rows in told.compared.items() if name != CALIBRATED}
    if told.model != CALIBRATED and (told.usual or told.model not in credited):
        credited[YOURS] = told.rows
    names = _names(shown, told.rows)
    table, kinds = _table(shown, {_label(name): rows for name, rows in credited.items()}, many)
    summary = _compared(shown, credited)
    drawn = dots(
        names, _answers(told, credited), unit="count", what=f"Credited {many}", summary=summary,
        table=table, kinds=kinds, currency=shown.currency,
    )  # fmt: skip
    return cards.figure_card(
        "models", "Models side by side", drawn, span=8, mark_name="credited", controls=[models_pills(shown)],
        query=_query(shown, told, "channel"), file_name="attribution_by_model", stretches=True,
    )  # fmt: skip


def misled_card(shown: Shown, told: Told) -> Component:
    """Where last click misleads, in sentences."""
    found = misled(shown, told)
    many = GOALS[told.goal][1]
    against = label(told.model)
    note = f"Against {against}; only differences beyond both intervals." if told.model != LAST else None
    if told.model == LAST:
        body: Component = html.P("Choose another model, and it is compared with last touch.", className="cw-card-text")
    elif not found:
        body = html.P(
            f"Nowhere that the intervals tell apart: {against} and last touch agree.", className="cw-card-text"
        )
    else:
        body = html.Ul([html.Li(_sentence(said)) for said in found], className="cw-sentences")
    mark = words.mark(mark_of(told))
    said = f"Two ways to share {many} out, and neither is proof. " if told.model != CALIBRATED else ""
    foot = html.P([said, mark], className="cw-card-text cw-card-foot")
    return cards.card("Where last click misleads you", [body, foot], note=note)


def incremental_card(shown: Shown, told: Told) -> Component | None:
    """What the calibrated model says was caused, beside the credit; None without experiments."""
    rows, run = told.compared.get(CALIBRATED), shown.run
    if not rows or run is None:
        return None
    many = GOALS[told.goal][1]
    beside = told.model if told.model != CALIBRATED else LAST
    credit = told.compared.get(beside, [])
    names = _names(shown, [row for row in rows if not shown.filter.channels or row.channel in shown.filter.channels])
    answers = [
        Answers(f"{label(beside)}, credited", _dots(credit), colour("compare"), "circle-open"),
        Answers("Incremental", _dots(rows), colour("accent"), "diamond"),
    ]
    table, kinds = _table(shown, {f"{label(beside)} (credited)": credit, "Calibrated (incremental)": rows}, many)
    drawn = dots(
        names, answers, unit="count", what=f"{many.capitalize()}, credited and incremental",
        summary=_incremental(shown, many, rows), table=table, kinds=kinds, currency=shown.currency,
    )  # fmt: skip
    return cards.figure_card(
        "incremental", "What experiments make of it", drawn, span=6, mark_name="incremental",
        file_name="attribution_incremental",
    )  # fmt: skip


def cost_card(shown: Shown, told: Told) -> Component | None:
    """Each paid channel's share of credit against its share of cost; None where no cost is known."""
    paid = [row for row in told.channels if row.cost]
    if not any(row.cost for row in told.rows):
        return None
    cost = sum((row.cost or Decimal(0) for row in paid), Decimal(0))
    value = sum((row.value for row in paid), Decimal(0)) or Decimal(1)
    shares = {
        row.channel: Dot(float(row.value / value), _share(row.value_low, value), _share(row.value_high, value))
        for row in paid
    }
    spent = {row.channel: Dot(float((row.cost or Decimal(0)) / cost)) for row in paid}
    worth = "margin" if shown.asked.worth == "margin" else "revenue"
    answers = [
        Answers("Share of cost", spent, colour("compare"), "line-ns-open"),
        Answers(f"Share of {worth}", shares, {row.channel: channel_colour(row.channel) for row in paid}),
    ]
    notes = {
        row.channel: " · ROAS ".join(
            (formats.number(row.cost, "money", shown.currency), formats.number(row.roas, "multiple"))
        )
        for row in paid
    }
    names = _names(shown, [row for row in told.rows if row.cost])
    table, kinds = _table(shown, {_label(told.model): paid}, GOALS[told.goal][1])
    drawn = dots(
        names, answers, unit="percent", what="Share of all paid channels",
        summary=_cost_said(shown, told, paid, worth), table=table, kinds=kinds, currency=shown.currency, notes=notes,
    )  # fmt: skip
    has_incremental = CALIBRATED in told.compared
    return cards.figure_card(
        "cost", "Credit against cost", drawn, span=6 if has_incremental else 12, mark_name=mark_of(told),
        file_name="attribution_cost",
    )  # fmt: skip


def parts_card(shown: Shown, told: Told) -> Component:
    """Credits split as asked, each row a step further down."""
    asked, many = shown.asked, GOALS[told.goal][1]
    last = {row.channel: row.conversions for row in told.compared.get(LAST, [])} if asked.split == "channel" else {}
    frame = pd.DataFrame([_row(shown, row, last) for row in told.parts], columns=_COLUMNS)
    split = SPLITS[asked.split]
    width = 220 if asked.split in ("channel", "device", "region", "customer") else 300
    columns = [
        Column("label", split, "text", frozen=True, width=width),
        *([] if asked.split == "channel" else [Column("channel", "Channel", "text")]),
        Column("conversions", many.capitalize(), "decimal", metric=METRICS["conversions"],
               hint=f"{'Incremental' if told.model == CALIBRATED else 'Credited'} {many}. {METHODS[told.model].line}"),
        Column("low", "Low", "decimal", hint="The lower end of the interval."),
        Column("high", "High", "decimal", hint="The upper end of the interval."),
        *([Column("against", "vs last touch", "percent", hint="More or less than last touch gives.")]
          if last and told.model != LAST else []),
        Column("revenue", "Margin" if asked.worth == "margin" else "Revenue", "money", metric=METRICS["revenue"],
               hint="What these conversions are worth."),
        Column("spend", "Cost", "money", metric=METRICS["spend"], hint="What the ads of the same days cost."),
        Column("cpa", "CPA", "money", metric=METRICS["cpa"], hint=f"Cost for each of these {many}."),
        Column("roas", "ROAS", "multiple", metric=METRICS["roas"], hint="What they are worth for each unit of cost."),
        Column("removal", "Removal effect", "percent", hidden=True,
               hint="The share of conversions that would be lost if the channel's touches led nowhere."),
    ]  # fmt: skip
    if told.parts:
        body: Component = tables.data_table(
            f"credits-{asked.split}", frame, columns, label=f"Credits by {split.lower()}", currency=shown.currency,
            totals=True, file_name=f"attribution_by_{asked.split}", row_id="key", link="href",
        )  # fmt: skip
    else:
        body = words.empty("Nothing in this filter", _nothing(shown, told))
    crumbs = [_crumbs(shown, told)] if shown.filter.channels or shown.filter.campaigns else []
    head = html.Div([*crumbs, html.Div(split_pills(shown), className="cw-section-head")])
    return html.Div([head, cards.card(f"By {split.lower()}", body, flush=bool(told.parts), mark_name=mark_of(told))],
                    className="cw-stack")  # fmt: skip


def _names(shown: Shown, rows: Sequence[CreditRow]) -> dict[str, str]:
    return {row.channel: name_of(shown, row.channel) for row in rows[:CHANNELS_SHOWN]}


def _dots(rows: Sequence[CreditRow]) -> dict[str, Dot]:
    return {row.channel: Dot(row.conversions, row.low, row.high) for row in rows}


def _answers(told: Told, credited: Mapping[str, Sequence[CreditRow]]) -> list[Answers]:
    """Last touch hollow, the model looked at in the accent, the others each with a form of its own."""
    mine = YOURS if YOURS in credited else told.model
    found, others = [], 0
    for name, rows in sorted(credited.items(), key=lambda one: (one[0] == mine, one[0] != LAST)):
        if name == mine:
            found.append(Answers(_label(name), _dots(rows), colour("accent")))
        elif name == LAST:
            found.append(Answers(_label(name), _dots(rows), colour("compare"), "circle-open"))
        else:
            place = others % len(_SYMBOLS)
            found.append(Answers(_label(name), _dots(rows), SERIES[place % len(SERIES)].light, _SYMBOLS[place]))
            others += 1
    return found


def _label(model: str) -> str:
    return label(model) if model in METHODS else model


def _table(
    shown: Shown, credited: Mapping[str, Sequence[CreditRow]], many: str
) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    kinds: dict[str, ColumnKind] = {
        "Channel": "text", "Model": "text", many.capitalize(): "decimal", "Low": "decimal", "High": "decimal",
        "Revenue": "money", "Cost": "money", "CPA": "money", "ROAS": "multiple",
    }  # fmt: skip
    rows = [
        (name_of(shown, row.channel), model, row.conversions, row.low, row.high, row.value, row.cost, row.cpa, row.roas)
        for model, found in credited.items()
        for row in found
        if not shown.filter.channels or row.channel in shown.filter.channels
    ]
    return pd.DataFrame(rows, columns=list(kinds)), kinds


_COLUMNS: Final = [
    "key", "label", "channel", "conversions", "low", "high", "against", "conversion_value", "revenue", "spend", "cpa",
    "roas", "removal", "href",
]  # fmt: skip


def _row(shown: Shown, row: CreditRow, last: Mapping[str, float]) -> tuple[object, ...]:
    before = last.get(row.channel)
    against = (row.conversions - before) / before if before else None
    is_channel = shown.asked.split == "channel"
    name = name_of(shown, row.channel)
    return (
        f"{row.channel}/{row.item_key or row.item or ''}", name if is_channel else row.item or "Not told apart", name,
        row.conversions, row.low, row.high, against, row.value, row.value, row.cost, row.cpa, row.roas,
        row.removal_effect, _down(shown, row),
    )  # fmt: skip


def _down(shown: Shown, row: CreditRow) -> str | None:
    """Where a click on a row leads: from a channel to its campaigns, from a campaign to its creatives."""
    view = shown.view
    if shown.asked.split == "channel" and not shown.asked.without:
        view = view.narrowed("channel", row.channel)
        return f"/attribution{view.changed('split', 'campaign', shown.days).search()}"
    if shown.asked.split == "campaign" and row.item_key is not None:
        view = view.narrowed("channel", row.channel).narrowed("campaign", str(row.item_key))
        return f"/attribution{view.changed('split', 'creative', shown.days).search()}"
    return None


def _crumbs(shown: Shown, told: Told) -> Component:
    view = shown.view.changed("split", "channel", shown.days)
    crumbs = [Crumb("All channels", f"/attribution{view.without('campaign').without('channel').search()}")]
    if shown.filter.channels:
        named = " and ".join(name_of(shown, key) for key in shown.filter.channels)
        campaigns = shown.view.without("campaign").changed("split", "campaign", shown.days)
        crumbs.append(Crumb(named, f"/attribution{campaigns.search()}"))
    if shown.filter.campaigns:
        crumbs.append(Crumb(told.campaign or "Campaign"))
    return words.breadcrumb(crumbs)


def _nothing(shown: Shown, told: Told) -> str:
    if shown.filter.campaigns:
        return "The campaign has no credit that can be told apart this way. Go back up, or split by something else."
    many = GOALS[told.goal][1]
    return f"No {many} of the period came after a touch of what is chosen. Take a filter back, or choose more days."


def _share(end: Decimal | None, whole: Decimal) -> float | None:
    return None if end is None else float(end / whole)


def _sentence(said: str) -> list[Component | str]:
    """The channel's name stands out."""
    name, rest = said.split(":", 1)
    return [html.Strong(name), f":{rest}"]


def _compared(shown: Shown, credited: Mapping[str, Sequence[CreditRow]]) -> str:
    """Which channel the models disagree on most."""
    given: dict[str, list[tuple[float, str]]] = {}
    for model, rows in credited.items():
        for row in rows:
            if shown.filter.channels and row.channel not in shown.filter.channels:
                continue
            given.setdefault(row.channel, []).append((row.conversions, _label(model)))
    if len(credited) < 2 or not given:
        return "Dots are credits, lines their intervals."
    name = max(given, key=lambda one: max(given[one])[0] - min(given[one])[0])
    (low, fewest), (high, most) = min(given[name]), max(given[name])
    return (
        f"Models disagree most on {name_of(shown, name)}: {formats.number(low, 'count')} by {fewest}, "
        f"{formats.number(high, 'count')} by {most}. Dots are credits, lines their intervals, which know chance alone."
    )


def _incremental(shown: Shown, many: str, rows: Sequence[CreditRow]) -> str:
    run = shown.run
    found = "" if run is None else run.words
    if run is not None and shown.is_whole and run.total is not None and run.total_low is not None:
        low, high = (formats.number(end, "count") for end in (run.total_low, run.total_high))
        best = formats.number(run.total, "count")
        if run.total_low > 0:
            found = f"All channels together caused {best} {many} ({low} to {high}), the rest came anyway. {found}"
        else:
            found = f"All channels together may have caused anything from {low} to {high} {many}. {found}"
    proven = [name_of(shown, row.channel) for row in rows if row.low is not None and row.low > 0]
    if proven:
        found += f" Proven above zero: {', '.join(proven)}."
    return f"{found} Credit stands beside it for comparison only."


def _cost_said(shown: Shown, told: Told, paid: Sequence[CreditRow], worth: str) -> str:
    known = [row for row in paid if row.roas is not None]
    if not known:
        return "What the channels cost, and what they are credited with."
    best, least = max(known, key=lambda r: r.roas or 0), min(known, key=lambda r: r.roas or 0)
    best_roas, least_roas = (formats.number(row.roas, "multiple") for row in (best, least))
    return (
        f"By {label(told.model)}, {name_of(shown, best.channel)} returns most for its cost ({best_roas} {worth}) and "
        f"{name_of(shown, least.channel)} least ({least_roas}). Right of its tick a channel earns a "
        "larger share than it costs."
    )


def _query(shown: Shown, told: Told, grain: str) -> Query | None:
    """The published numbers in SQL and GraphQL; None for what is computed now."""
    if not shown.is_whole or shown.run is None:
        return None
    graphql = (
        f"{{\n  attribution(goal: {told.goal.value.upper()}) {{\n    credits(grain: {grain.upper()}) {{\n"
        "      model channel conversions low high value cost cpa roas\n    }\n  }\n}"
    )
    return Query("\n".join(_sql(shown.run, grain)), graphql)


def _sql(run: AttributionRun, grain: str) -> Iterator[str]:
    yield "SELECT model, channel, conversions, low, high, value, cost, cpa, roas"
    yield "FROM mart.attribution"
    yield f"WHERE run_key = {run.run_key} AND goal = '{run.goal.value}' AND grain = '{grain}'"
    yield "ORDER BY model, conversions DESC;"
