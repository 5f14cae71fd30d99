"""The pieces of the Live page: numbers, sources with their lag, what was refused and why, the newest events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, tiles, words
from dashboard.components.cards import Query
from dashboard.figures.arrivals import arrivals
from dashboard.live.words import ago, lag, last_minute, source_name
from dashboard.loads.pieces import severity_mark
from warehouse.queries.live import MINUTES_AS_SQL, LiveSource, Minute, NewEvent, RefusedEvent, Today

_QUERY = Query(
    sql=MINUTES_AS_SQL,
    graphql="{ live(last: 60) { minutes { minutes events refused } } }",
)


def numbers(minutes: Sequence[Minute], sources: Sequence[LiveSource], today: Sequence[Today]) -> Component:
    """The last full minute, the lag, and today so far."""
    per_minute = minutes[-2].events if len(minutes) > 1 else 0
    events = sum(s.events for s in sources)
    lags = [(s.mean_lag, s.events) for s in sources if s.mean_lag is not None]
    mean = sum(value * count for value, count in lags) / events if events and lags else None
    longest = max((s.longest_lag for s in sources if s.longest_lag is not None), default=None)
    shown = [
        tiles.number_tile("Last full minute", f"{per_minute:,}", "events"),
        tiles.number_tile(
            "Event to arrival", lag(mean), f"longest {lag(longest)}" if longest is not None else "on average"
        ),
        tiles.number_tile("Sessions today", f"{sum(t.sessions for t in today):,}", "since midnight of each account"),
        tiles.number_tile("Orders today", f"{sum(t.orders for t in today):,}", "since midnight of each account"),
    ]
    shown += [
        tiles.number_tile("Revenue today", formats.number(t.revenue, "money", t.currency), t.currency)
        for t in today
        if t.orders
    ]
    return tiles.tiles(shown)


def minutes_figure(minutes: Sequence[Minute]) -> Component:
    """Events per minute."""
    return cards.figure_card(
        "arrivals", "Events per minute", arrivals(minutes), span=7, query=_QUERY, file_name="causeway_live"
    )


def sources_table(sources: Sequence[LiveSource], now: dt.datetime) -> Component:
    """Every source with what it brought in the last hour, and how late."""
    head = ("Source", "Events", "Refused", "Lag", "Longest", "Last")
    rows = [
        html.Tr(
            [
                html.Th([source_name(s.source), html.Span(s.account_name, className="cw-live-account")], scope="row"),
                _cell(f"{s.events:,}"),
                _cell(f"{s.refused:,}"),
                _cell(lag(s.mean_lag)),
                _cell(lag(s.longest_lag)),
                _cell(last_minute(s.last_arrived_at, now)),
            ]
        )
        for s in sources
    ]
    return cards.card("Lag by source", _table("Sources", head, rows), span=5, note="From event to arrival, last hour.")


def refused_list(refused: Sequence[RefusedEvent], now: dt.datetime) -> Component:
    """The newest refusals, each with its reason and what the message looked like."""
    if not refused:
        return cards.card("Refused", words.empty("Nothing was refused", "Every event could be read.", icon_name="tick"),
                          span=6)  # fmt: skip
    items = [
        html.Li(
            [
                severity_mark("warning"),
                html.Div(
                    [
                        html.Strong(r.name or "No name"),
                        html.Span(r.reason),
                        html.Span(f"{source_name(r.source)}, {ago(r.arrived_at, now)}", className="cw-live-account"),
                        html.Details(
                            [html.Summary("What it looked like"), html.Code(r.shape)], className="cw-disclosure"
                        ),
                    ]
                ),
            ]
        )
        for r in refused
    ]
    note = "Of a refused event only its shape is kept; mart.refused_event has more."
    return cards.card("Refused", html.Ul(items, className="cw-findings"), span=6, note=note)


def newest_table(newest: Sequence[NewEvent], now: dt.datetime) -> Component:
    """The events that came last, without anything personal."""
    rows = [
        html.Tr(
            [
                html.Th(e.name, scope="row"),
                html.Td(source_name(e.source)),
                html.Td(e.account_name),
                _cell(lag(max(0.0, (e.arrived_at - e.at).total_seconds()))),
                _cell(ago(e.arrived_at, now)),
            ]
        )
        for e in newest
    ]
    head = ("Event", "Source", "Account", "Lag", "Arrived")
    return cards.card("Newest events", _table("Newest events", head, rows), span=6)


def empty(base: str) -> Component:
    """How to send a first event."""
    call = (
        f"curl {base}/v1/page -H 'Authorization: Bearer KEY' "
        """-d '{"anonymousId": "me", "properties": {"url": "https://shop.example.com/"}}'"""
    )
    steps = [
        html.P("Make a key for a property, and put it where KEY stands:", className="cw-empty-text"),
        words.command_line("causeway token create shop --scope collect --account ga4/shop --currency EUR"),
        html.P("Send a first event; it is here a second later:", className="cw-empty-text"),
        words.command_line(call),
        html.P("From Kafka:", className="cw-empty-text"),
        words.command_line("causeway stream --kafka BROKERS --topic TOPIC --account ga4/shop"),
    ]
    return cards.card(
        None,
        words.empty(
            "Nothing has arrived yet",
            "Send what GA4's Measurement Protocol or Segment's libraries send.",
            action=html.Div(steps, className="cw-live-steps"),
        ),
    )


def _table(label: str, head: Sequence[str], rows: Sequence[Component]) -> Component:
    numeric = {"Events", "Refused", "Lag", "Longest", "Last", "Arrived"}
    cells = [html.Th(h, scope="col", className="cw-cell-number" if h in numeric else None) for h in head]
    table = html.Table([html.Thead(html.Tr(cells)), html.Tbody(list(rows))], className="cw-small-table cw-live-table")
    return html.Div(table, className="cw-scroll", role="region", tabIndex="0", **{"aria-label": label})


def _cell(text: str) -> Component:
    return html.Td(text, className="cw-cell-number")
