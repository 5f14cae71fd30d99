"""KPI tiles: a value, how it moved and against what, and its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components.words import MarkName, hint, mark
from dashboard.figures.sparkline import sparkline
from warehouse.metrics import Metric

TILE = "tile"  # the "type" of a tile that can be chosen; its "metric" is the metric's name


def tile(
    metric: Metric,
    current: Decimal | float | None,
    previous: Decimal | float | None = None,
    *,
    currency: str = "USD",
    compared_with: str = "",
    series: Sequence[float] = (),
    previous_series: Sequence[float] = (),
    mark_name: MarkName | None = None,
    selected: bool | None = None,
    note: str = "",
) -> Component:
    """One KPI. ``compared_with`` names the comparison; without it no change is shown.

    ``selected`` other than None makes the tile a button with the id ``{"type": TILE, "metric": …}`` that chooses
    what the main figure shows. ``note`` replaces the change, for a value that is withheld or estimated.
    """
    children = [
        html.Div(
            [
                html.Span(metric.label, className="cw-tile-label"),
                *([] if selected is not None else [hint(metric.words, metric.label)]),
                *([mark(mark_name)] if mark_name else []),
            ],
            className="cw-tile-head",
        ),
        _value(metric, current, currency),
        html.Div(
            [_moved(metric, current, previous, currency, compared_with, note), _spark(series, previous_series)],
            className="cw-tile-foot",
        ),
        *([html.Span(f"vs {compared_with}", className="cw-tile-against")] if compared_with and not note else []),
    ]
    if selected is None:
        return html.Div(children, className="cw-tile")
    return html.Button(
        children,
        id={"type": TILE, "metric": metric.name},
        className="cw-tile cw-tile-button",
        type="button",
        n_clicks=0,
        **{"aria-pressed": "true" if selected else "false", "data-hint": metric.words},
    )


def number_tile(label: str, value: str, note: str, *, hint_text: str = "") -> Component:
    """A number that is no KPI, already written, with what it is beside or of."""
    head = [html.Span(label, className="cw-tile-label"), *([hint(hint_text, label)] if hint_text else [])]
    return html.Div(
        [
            html.Div(head, className="cw-tile-head"),
            html.Div(value, className="cw-tile-value"),
            html.Div(html.Span(note, className="cw-tile-note", title=note), className="cw-tile-foot"),
        ],
        className="cw-tile",
    )


def tiles(children: Sequence[Component]) -> Component:
    """Four to six tiles in a row that breaks evenly on narrow screens."""
    return html.Div(list(children), className="cw-tiles")


def tiles_from(
    metrics: Sequence[Metric],
    current: Mapping[str, Decimal | None],
    previous: Mapping[str, Decimal | None],
    *,
    currency: str,
    compared_with: str,
    series: Mapping[str, Sequence[float]],
    previous_series: Mapping[str, Sequence[float]],
    selected: str,
) -> Component:
    """The row of tiles of a page whose main figure shows the ``selected`` metric."""
    return tiles(
        [
            tile(
                metric,
                current.get(metric.name),
                previous.get(metric.name),
                currency=currency,
                compared_with=compared_with,
                series=series.get(metric.name, ()),
                previous_series=previous_series.get(metric.name, ()),
                selected=metric.name == selected,
            )
            for metric in metrics
        ]
    )


def _value(metric: Metric, current: Decimal | float | None, currency: str) -> Component:
    text = formats.number(current, metric.unit, currency)
    if text == formats.UNKNOWN:
        return html.Div(text, className="cw-tile-value cw-unknown", **{"data-hint": formats.UNKNOWN_HINT})
    return html.Div(text, className="cw-tile-value", **{"data-hint": formats.exact(current, metric.unit, currency)})


def _moved(
    metric: Metric,
    current: Decimal | float | None,
    previous: Decimal | float | None,
    currency: str,
    compared_with: str,
    note: str,
) -> Component:
    if note:
        return html.Span(note, className="cw-tile-note")
    if not compared_with:
        return html.Span()
    moved = formats.change(current, previous, metric, currency)
    return html.Span(moved.text, className=f"cw-change cw-change-{moved.tone}", **{"data-hint": moved.hint})


def _spark(series: Sequence[float], previous: Sequence[float]) -> Component:
    lines = [
        (sparkline(previous, scale=series, dashed=True), "cw-spark-line cw-spark-previous"),
        (sparkline(series, scale=previous), "cw-spark-line"),
    ]
    drawn = [html.Span(className=name, style={"--cw-line": f'url("{url}")'}) for url, name in lines if url]
    return html.Span(drawn, className="cw-spark", **{"aria-hidden": "true"})
