"""Every component and figure on made-up frames, to be looked at: ``python -m tests.dashboard.gallery``."""

from __future__ import annotations

from pathlib import Path

from dash import Dash, html

import dashboard
from dashboard.components import cards, controls, tables, tiles, words
from dashboard.components.document import INDEX
from dashboard.components.shell import Page, TopBar, shell
from dashboard.figures.bars import bars
from dashboard.figures.drawn import values
from dashboard.figures.freshness import freshness
from dashboard.figures.split import split_trend
from dashboard.figures.trend import Event, trend
from tests.dashboard import made_up
from warehouse.metrics import METRICS, OVERVIEW

PAGES = (
    Page("overview", "Overview", "/", "overview", "o"),
    Page("data", "Data", "/data", "data", "d"),
)


def build() -> Dash:
    app = Dash(
        "gallery",
        assets_folder=str(Path(dashboard.__file__).parent / "assets"),
        index_string=INDEX,
        title="Gallery",
        suppress_callback_exceptions=True,
    )
    app.layout = shell(PAGES, _top(), [_words(), _tiles(), _figures(), _tables(), _states()])
    return app


def _top() -> TopBar:
    first, last = made_up.TODAY.replace(month=9, day=24), made_up.TODAY
    accounts = {"all": "All accounts", "1": "Northwind Outdoor", "2": "Northwind Kids"}
    compare = {"year": "Previous year", "period": "Previous period", "none": "No comparison"}
    return TopBar(
        controls=[
            controls.choose("account", "Account", accounts, "1", icon_name="account"),
            controls.date_range("dates", first, last, latest=last),
            controls.choose("compare", "Compare with", compare, "year"),
            controls.choose("currency", "Currency", {"USD": "USD", "EUR": "EUR"}, "USD", icon_name="money"),
        ],
        search=controls.search_field("search", "Search campaigns"),
        chips=words.chips(
            [words.Chip("channel", "Channel", "Search"), words.Chip("platform", "Platform", "Google Ads")]
        ),
    )


def _words() -> html.Div:
    crumbs = [
        words.Crumb("All channels", "/"),
        words.Crumb("Search", "/?channel=search"),
        words.Crumb("Brand search 001"),
    ]
    return html.Div(
        [
            words.breadcrumb(crumbs),
            words.answer(
                "Are we on plan, and what moved?",
                "Revenue was $1.53 M, ▲ 8.2 % against the previous year, because Shopping brought $61.2 k more.",
                mark_name="credited",
                note="The last 3 days are not final: platforms usually add 4 to 9 % to them.",
            ),
        ]
    )


def _tiles() -> html.Div:
    now, before = made_up.trend_frame(), made_up.comparison().frame
    metrics = [METRICS[m] for m in ("spend", "revenue", "conversions", "roas", "cpa", "ctr")]
    return tiles.tiles_from(
        metrics,
        {m.name: m.value({s: now[s].sum() for s in made_up.SUMS}) for m in metrics},
        {m.name: m.value({s: before[s].sum() for s in made_up.SUMS}) for m in metrics},
        currency="USD",
        compared_with="previous year",
        series={m.name: values(now, m.name)[-28:] for m in metrics},
        previous_series={m.name: values(before, m.name)[-28:] for m in metrics},
        selected="spend",
    )


def _figures() -> html.Div:
    query = cards.Query("select date_day, sum(spend) from mart.campaign_daily group by 1", "{ trend { dates values } }")
    pill = controls.pills("granularity", "Granularity", {"day": "Day", "week": "Week", "month": "Month"}, "day")
    events = [Event(made_up.TODAY.replace(day=3), "New budget")]
    main = trend(made_up.trend_frame(), METRICS["spend"], made_up.comparison(), events=events)
    by_channel = bars(
        made_up.breakdown(), METRICS["revenue"], "Channel", limit=6, by_channel=True, compared_with="the previous year"
    )
    spend = split_trend(made_up.split_frame(), METRICS["spend"], "Channel")
    roas = split_trend(made_up.split_frame(), METRICS["roas"], "Channel", limit=4)
    roi = bars(made_up.breakdown(), METRICS["roi"], "Channel", limit=4)
    return cards.grid(
        [
            cards.figure_card("spend", "Spend", main, span=8, query=query, mark_name="credited", controls=[pill]),
            cards.figure_card("channels", "Revenue by channel", by_channel, span=4, query=query),
            cards.figure_card("split", "Spend by channel", spend, span=6),
            cards.figure_card("ratio", "ROAS by channel", roas, span=6),
            cards.figure_card("fresh", "Freshness", freshness(made_up.sources(), made_up.TODAY), span=6),
            cards.figure_card("roi", "ROI by channel", roi, span=6),
        ]
    )


def _tables() -> html.Div:
    frame = made_up.campaigns()
    columns = [
        tables.Column("label", "Campaign", "text", frozen=True),
        tables.Column("platform", "Platform", "text"),
        *tables.metric_columns([METRICS[m] for m in OVERVIEW], hidden=["roi"]),
    ]
    table = tables.data_table("campaigns", frame, columns, label="Campaigns", totals=True, row_id="key")
    return cards.card("Campaigns", table, flush=True)


def _states() -> html.Div:
    button = controls.button("Load files", button_id="load", kind="main", icon_name="plus")
    return cards.grid(
        [
            html.Div(
                [
                    words.banner("info", "Signed in as the local owner.", "Nobody else can reach this address."),
                    words.banner("caution", "Meta Ads is 12 days behind.", "Totals leave it out after 10 Nov."),
                    words.banner("bad", "A rate is missing.", "3 days in CHF have no rate, so no total is shown."),
                    words.banner("good", "All 25,562 campaign-days loaded."),
                    html.P([words.mark("credited"), " ", words.mark("associated"), " ", words.mark("incremental")]),
                ],
                className="cw-span-6",
                style={"display": "grid", "gap": "12px", "alignContent": "start"},
            ),
            cards.card(
                "Loads",
                words.empty(
                    "Nothing is loaded yet", "Export campaigns by day.", command="causeway load PATH", action=button
                ),
                span=6,
            ),
            cards.skeleton("figure", span=6),
            cards.skeleton("table", span=6),
            cards.card(
                "Unknown",
                tiles.tiles(
                    [
                        tiles.tile(METRICS["claim_ratio"], None, None, compared_with="previous year"),
                        tiles.tile(METRICS["cpa"], 41.2, 38.9, compared_with="previous year", currency="CHF"),
                    ]
                ),
                span=12,
            ),
        ]
    )


if __name__ == "__main__":
    build().run(port=8061, debug=False)
