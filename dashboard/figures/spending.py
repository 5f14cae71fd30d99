"""What comes of what is spent, with its interval: today's point, the proposed one, and how far it was ever tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks
from dashboard.theme import TYPE, colour, faded
from warehouse.metrics import Unit

_SAME, _NEAR = 0.02, 0.3  # of the axis: points so close share their words, or say them on either side


class Spent(NamedTuple):
    """A spend, and what it brings with its interval."""

    spend: float
    value: float
    low: float
    high: float


class Marked(NamedTuple):
    """A place on the curve that has words."""

    spend: float
    value: float
    words: str


def spending(
    points: Sequence[Spent],
    *,
    today: Marked,
    proposed: Marked,
    tried: float | None,
    line: str,
    unit: Unit,
    currency: str,
    across: str,
    up: str,
    summary: str,
    height: int = 230,
) -> Drawn:
    """The curve over ``points``; up to ``tried`` it is shaded as what was ever tried. ``line`` is its colour."""
    figure = blank(height)
    if tried is not None:
        figure.add_vrect(x0=0, x1=tried, fillcolor=faded(colour("compare"), 0.1), line_width=0, layer="below")
    for end, fill in (("low", None), ("high", "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=[point.spend for point in points], y=[getattr(point, end) for point in points], mode="lines",
                line={"width": 0}, hoverinfo="skip", showlegend=False, fill=fill, fillcolor=faded(line, 0.18),
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[point.spend for point in points], y=[point.value for point in points], mode="lines",
            line={"color": line, "width": 2}, showlegend=False, hovertemplate="%{customdata}<extra></extra>",
            customdata=[
                f"<b>{formats.number(point.value, unit, currency)}</b> "
                f"({formats.number(point.low, unit, currency)} to {formats.number(point.high, unit, currency)})<br>"
                f"for {formats.number(point.spend, 'money', currency)}"
                for point in points
            ],
        )
    )  # fmt: skip
    most = max(point.spend for point in points)
    for place, symbol, fill_colour in (
        (today, "circle-open", colour("text-soft")),
        (proposed, "circle", colour("accent")),
    ):
        figure.add_trace(
            go.Scatter(
                x=[place.spend], y=[place.value], mode="markers", showlegend=False, cliponaxis=False,
                marker={"size": 10, "symbol": symbol, "color": fill_colour, "line": {"width": 2}},
                hovertext=[place.words], hovertemplate="%{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    _label(figure, today, proposed, most)
    figure.update_layout(
        xaxis={**_axis(most, "money", currency), "title": {"text": across}},
        yaxis={
            **_axis(max(point.high for point in points) * 1.04, unit, currency), "showgrid": True,
            "title": {"text": up},
        },
        hovermode="closest", margin={"l": 4, "r": 14, "t": 12, "b": 8},
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {"Spend": "money", "Brings": unit, "Low": unit, "High": unit}
    return Drawn(figure, summary, pd.DataFrame(list(points), columns=list(kinds)), kinds, currency)


def _label(figure: go.Figure, today: Marked, proposed: Marked, most: float) -> None:
    """Words beside the points, each on its own side; one for both where they are the same."""
    if abs(today.spend - proposed.spend) < _SAME * most:
        _say(figure, proposed, "Today and proposed", is_left=proposed.spend > 0.5 * most)
        return
    near = abs(today.spend - proposed.spend) < _NEAR * most
    for place, other, name in ((proposed, today, "Proposed"), (today, proposed, "Today")):
        is_left = place.spend < other.spend if near else place.spend > 0.6 * most
        _say(figure, place, name, is_left=is_left)


def _say(figure: go.Figure, place: Marked, name: str, *, is_left: bool) -> None:
    figure.add_annotation(
        x=place.spend, y=place.value, text=name, showarrow=False, xanchor="right" if is_left else "left",
        xshift=-9 if is_left else 9, yshift=12 if is_left else -12,
        font={"size": TYPE["small"], "color": colour("text")},
    )  # fmt: skip


def _axis(most: float, unit: Unit, currency: str) -> dict[str, object]:
    ticks = [tick for tick in nice_ticks(0, most or 1.0, 4) if tick <= most]
    return {
        "range": [0, most or 1.0], "tickvals": ticks, "fixedrange": True,
        "ticktext": [formats.tick(tick, unit, currency) for tick in ticks],
    }  # fmt: skip
