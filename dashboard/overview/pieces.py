"""The pieces of the Overview: tiles, the main figure, the period by a dimension, campaigns, and single rows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from urllib.parse import urlencode

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, tables, tiles
from dashboard.components.icons import icon
from dashboard.components.tables import Column
from dashboard.components.words import MarkName
from dashboard.figures.bars import ROW, bars
from dashboard.figures.drawn import values
from dashboard.figures.trend import Comparison, trend
from dashboard.frame import CONTROL
from dashboard.overview.read import MOST_CAMPAIGNS, MOST_ROWS, Shown
from dashboard.overview.spoken import parts_query, trend_query
from dashboard.overview.words import against, against_short
from dashboard.state import DIMENSIONS, SHOWABLE, View
from warehouse.filters import Dimension, Filter
from warehouse.metrics import METRICS, OVERVIEW, Metric

BARS = "parts"
BARS_SHOWN = 6
GRAINS = {"day": "Day", "week": "Week", "month": "Month"}
# What a platform claims for itself; the rest is what it charged and counted.
CLAIMED = frozenset({"revenue", "conversions", "roas", "roi", "cpa", "cvr", "aov", "claim_ratio"})
# Not KPIs of a period but of two; the totals' row recomputes them from sums like any other.
_SPEND_CHANGE = Metric(
    "spend_change", "± spend", "Change of spend.", "percent", "neither", {"spend": 1, "previous_spend": -1},
    {"previous_spend": 1},
)  # fmt: skip
_ROAS_BEFORE = Metric(
    "previous_roas", "ROAS before", METRICS["roas"].words, "multiple", "up", {"previous_conversion_value": 1},
    {"previous_spend": 1},
)  # fmt: skip
_FIRST_ROW = ("spend", "revenue", "conversions", "roas", "cpa")


def kpi_tiles(shown: Shown) -> Component:
    """Ten tiles in two rows. The tenth is the claim ratio where the shop's orders are known and nothing is narrowed."""
    whole = not shown.filter.chosen() and shown.totals.current["claim_ratio"] is not None
    second = [*(name for name in OVERVIEW if name not in _FIRST_ROW), "claim_ratio" if whole else "aov"]
    rows = [tiles.tiles([_tile(shown, METRICS[name]) for name in row]) for row in (_FIRST_ROW, second)]
    return html.Div(rows, className="cw-tile-rows")


def main_figure(shown: Shown) -> Component:
    """The selected metric over time beside its comparison."""
    metric = METRICS[shown.view.metric]
    compare = None
    if shown.is_comparable:
        earlier = shown.trend[["date", "compared_date", "is_final"]].assign(
            **{name: shown.trend[f"previous_{name}"] for name in (*SHOWABLE, "conversion_value")}
        )
        compare = Comparison(earlier, against(shown.filter))
    drawn = trend(
        shown.trend, metric, compare, granularity=shown.filter.grain, currency=shown.currency, height=_height(shown)
    )
    drawn = drawn._replace(summary=f"{drawn.summary} {_ragged(shown.filter)}".strip())
    pick = {name: METRICS[name].label for name in SHOWABLE}
    return cards.figure_card(
        "trend",
        metric.label,
        drawn,
        span=8 if has_bars(shown) else 12,
        query=trend_query(shown),
        mark_name=_mark(metric.name),
        controls=[
            controls.choose({"type": CONTROL, "name": "metric"}, "Metric", pick, metric.name),
            controls.pills({"type": CONTROL, "name": "grain"}, "Granularity", GRAINS, shown.filter.grain),
        ],
        file_name=_file_name(shown.filter, metric.name),
    )


def has_bars(shown: Shown) -> bool:
    """Whether bars say something that the trend does not: days do not."""
    return shown.parts is not None and shown.view.by != "day"


def parts_figure(shown: Shown, parts: pd.DataFrame) -> Component:
    """The selected metric by the view's dimension; a bar leads one step down."""
    by, metric = _dimension(shown.view), METRICS[shown.view.metric]
    label = DIMENSIONS[by]
    drawn = bars(
        _named(parts, by),
        metric,
        label,
        currency=shown.currency,
        compared_with=against(shown.filter) if shown.is_comparable else "",
        limit=BARS_SHOWN,
        by_channel=by in {"channel", "platform"},
    )
    return cards.figure_card(
        BARS,
        f"{metric.label} by {label.lower()}",
        drawn,
        span=4,
        query=parts_query(shown, by, [metric.name]),
        mark_name=_mark(metric.name),
        file_name=_file_name(shown.filter, f"{metric.name}_by_{by}"),
    )


def grouping(view: View) -> Component:
    """The pills that say by what the period is broken down."""
    shown = {str(name): label for name, label in DIMENSIONS.items() if name != "account"} | {"rows": "Rows"}
    return controls.pills({"type": CONTROL, "name": "by"}, "Broken down by", shown, view.by)


def parts_table(shown: Shown, parts: pd.DataFrame, by: Dimension) -> Component:
    """Every KPI by a dimension, totals from sums; a name leads one step down."""
    label = DIMENSIONS[by]
    frame = _named(parts, by)
    at = View(shown.view.filter, shown.view.metric, by)
    frame = frame.assign(href=["/" + at.into(str(key)).search() for key in frame["key"]])
    columns = [Column("label", label, "text", frozen=True)]
    if by == "campaign":
        channels = {c.key: c.label for c in shown.scope.channels}
        platforms = {p.key: p.label for p in shown.scope.platforms}
        frame = frame.assign(channel=frame["channel"].map(channels), platform=frame["platform"].map(platforms))
        columns += [Column("platform", "Platform", "text", hidden=True), Column("channel", "Channel", "text")]
    names = len(columns)
    columns += tables.metric_columns([METRICS[m] for m in OVERVIEW])
    if shown.is_comparable:
        frame = frame.assign(spend_change=_spend_changes(frame))
        hints = f"Spend against {against(shown.filter)}.", f"ROAS in {against(shown.filter)}."
        columns = [
            *columns[: names + 1],
            Column("spend_change", "± spend", "percent", hints[0], metric=_SPEND_CHANGE),
            *columns[names + 1 : names + 4],
            Column("previous_roas", "ROAS before", "multiple", hints[1], metric=_ROAS_BEFORE),
            *columns[names + 4 :],
        ]
    columns += [
        *tables.metric_columns([METRICS[m] for m in ("impressions", "clicks", "cpm", "aov")], hidden=SHOWABLE),
        *_compared_columns(shown),
    ]
    table = tables.data_table(
        f"table-{by}", frame, columns, label=f"KPIs by {label.lower()}", currency=shown.currency, totals=True,
        file_name=_file_name(shown.filter, f"by_{by}"), row_id="key", link="href",
    )  # fmt: skip
    cut = by == "campaign" and len(parts) == MOST_CAMPAIGNS
    note = f"The {MOST_CAMPAIGNS} campaigns with the largest spend. The export has every row." if cut else None
    actions = [_copy_query(shown, by), _export(shown.filter)] if by == "campaign" else [_copy_query(shown, by)]
    return cards.card(f"By {label.lower()}", table, flush=True, note=note, actions=actions)


def rows_table(shown: Shown) -> Component:
    """Campaign-days one by one, newest first, in their account's currency, each with the load behind it."""
    rows = shown.rows or []
    frame = pd.DataFrame(
        [
            {
                **{name: getattr(row, name) for name in _OF_ROWS},
                "revenue": row.conversion_value,
                "key": f"{row.date_day}/{row.campaign_key}",
                "final": "yes" if row.is_final else "not yet",
                "load": f"Load {row.load_key}",
                "href": f"/data?load={row.load_key}",
                "roas": METRICS["roas"].value({"spend": row.spend, "conversion_value": row.conversion_value}),
                "cpa": METRICS["cpa"].value({"spend": row.spend, "conversions": row.conversions}),
            }
            for row in rows
        ],
        columns=[*_OF_ROWS, "revenue", "key", "final", "load", "href", "roas", "cpa"],
    )
    columns = [
        Column(
            "load", "Behind it", "text", frozen=True, width=120, hint="The load that wrote the row; opens its details."
        ),
        Column("date_day", "Day", "date"),
        Column("campaign_name", "Campaign", "text", width=260),
        Column("currency", "Currency", "text"),
        Column("spend", "Spend", "decimal"),
        Column("revenue", "Revenue", "decimal"),
        *tables.metric_columns([METRICS[m] for m in ("conversions", "roas")]),
        Column("cpa", "CPA", "decimal"),
        *tables.metric_columns([METRICS[m] for m in ("impressions", "clicks")]),
        Column("final", "Final", "text"),
        Column("level", "Level", "text", hidden=True),
        Column("click_definition", "Click", "text", hidden=True, hint="What the platform counts as a click."),
        Column("platform", "Platform", "text", hidden=True),
        Column("account_name", "Account", "text", hidden=True),
    ]
    table = tables.data_table(
        "table-rows", frame, columns, label="Campaign-days", row_id="key", link="href",
        file_name=_file_name(shown.filter, "rows"),
    )  # fmt: skip
    cut = len(rows) == MOST_ROWS
    note = f"The newest {MOST_ROWS} rows; the export has all of them. Amounts are in each account's own currency."
    return cards.card("Rows", table, flush=True, note=note if cut else None, actions=[_export(shown.filter)])


_OF_ROWS = (
    "date_day", "platform", "account_name", "campaign_name", "currency", "impressions", "clicks", "spend",
    "conversions", "level", "click_definition",
)  # fmt: skip


def _tile(shown: Shown, metric: Metric) -> Component:
    name = metric.name
    in_trend = name in SHOWABLE
    before = shown.totals.previous or {}
    estimate = shown.totals.estimated.get("conversion_value" if name == "revenue" else name)
    return tiles.tile(
        metric,
        shown.totals.current[name],
        before.get(name),
        currency=shown.currency,
        compared_with=against_short(shown.filter) if shown.is_comparable else "",
        series=values(shown.trend, name) if in_trend else (),
        previous_series=values(shown.trend, f"previous_{name}") if in_trend and shown.is_comparable else (),
        selected=name == shown.view.metric if in_trend else None,
        note=f"+ {formats.number(estimate, 'money', shown.currency)} estimated" if estimate else "",
    )


def _height(shown: Shown) -> int:
    """As tall as the bars beside it."""
    return (
        300
        if shown.parts is None or not has_bars(shown)
        else max(280, ROW * min(len(shown.parts), BARS_SHOWN + 1) + 48)
    )


def _ragged(filter_: Filter) -> str:
    """Said where the first or last point of a trend holds fewer days than the others."""
    if filter_.grain == "day":
        return ""
    after = filter_.end + dt.timedelta(days=1)
    begins = filter_.start, after
    whole = [day.weekday() == 0 if filter_.grain == "week" else day.day == 1 for day in begins]
    which = [name for name, is_whole in zip(("first", "last"), whole, strict=True) if not is_whole]
    if not which:
        return ""
    return f"The {' and the '.join(which)} {filter_.grain} {'is' if len(which) == 1 else 'are'} not whole."


def _mark(name: str) -> MarkName | None:
    return "credited" if name in CLAIMED else None


def _dimension(view: View) -> Dimension:
    return "campaign" if view.by == "rows" else view.by


def _named(parts: pd.DataFrame, by: Dimension) -> pd.DataFrame:
    """Days get the names that people give them."""
    if by != "day":
        return parts
    return parts.assign(label=[formats.day(pd.Timestamp(key).date()) for key in parts["key"]])


def _spend_changes(frame: pd.DataFrame) -> list[float]:
    pairs = zip(values(frame, "spend"), values(frame, "previous_spend"), strict=True)
    return [(now - before) / before if before else math.nan for now, before in pairs]


def _compared_columns(shown: Shown) -> list[Column]:
    if not shown.is_comparable:
        return []
    kinds: Mapping[str, Metric] = {name: METRICS[name] for name in ("spend", "revenue", "conversions")}
    return [
        Column(f"previous_{n}", f"{m.label} before", m.unit, hidden=True, hint=against(shown.filter))
        for n, m in kinds.items()
    ]


def _copy_query(shown: Shown, by: Dimension) -> Component:
    query = parts_query(shown, by, OVERVIEW)
    items = [
        html.Button(
            [icon("code"), f"Copy query as {language}"],
            className="cw-menu-item",
            type="button",
            **{"data-action": "copy", "data-copy": text},
        )
        for language, text in (("SQL", query.sql), ("GraphQL", query.graphql))
    ]
    return cards.menu("more", f"More for the table by {DIMENSIONS[by].lower()}", items)


def _export(filter_: Filter) -> Component:
    """Every campaign-day of the period, as a file."""
    given = {k: v for k, v in filter_.to_query().items() if k not in {"compare", "grain", "currency"}}
    return html.A(
        [icon("download"), "All rows as CSV"],
        href=f"/export/campaign_daily.csv?{urlencode(given)}",
        className="cw-button cw-button-plain",
        download=f"{_file_name(filter_, 'campaign_days')}.csv",
    )


def _file_name(filter_: Filter, what: str) -> str:
    return f"causeway_{what}_{filter_.start}_{filter_.end}"
