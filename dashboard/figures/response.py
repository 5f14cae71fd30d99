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


class Response(NamedTuple):
    """What a steady spend brings, with its interval."""

    spend: float
    value: float
    low: float
    high: float


class Marked(NamedTuple):
    """A place on the curve, and what is said of it."""

    spend: float
    value: float
    words: str


class Axis(NamedTuple):
    """What an axis measures: its words, its unit and its currency."""

    what: str
    unit: Unit
    currency: str


def response(
    points: Sequence[Response],
    across: Axis,
    up: Axis,
    *,
    today: Marked,
    line: str,
    summary: str,
    proposed: Marked | None = None,
    tried: float | None = None,
    height: int = 320,
) -> Drawn:
    """The curve over ``points`` in the colour ``line``. Up to ``tried`` the ground is shaded; beyond it is dashed."""
    figure = blank(height)
    if tried is not None:
        figure.add_vrect(
            x0=0, x1=tried, fillcolor=faded(colour("compare"), 0.1), line_width=0, layer="below",
            annotation={"text": "seen in the data", "font": {"size": TYPE["tiny"], "color": colour("text-faint")}},
            annotation_position="top left",
        )  # fmt: skip
    _curve(figure, points, across, up, line, tried)
    most = max(point.spend for point in points)
    marks = [(today, "circle-open", "text-soft")] + ([(proposed, "circle", "accent")] if proposed else [])
    for place, symbol, name in marks:
        figure.add_trace(
            go.Scatter(
                x=[place.spend], y=[place.value], mode="markers", showlegend=False, cliponaxis=False,
                marker={"size": 10, "symbol": symbol, "color": colour(name), "line": {"width": 2}},
                hovertext=[place.words], hovertemplate="%{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    _label(figure, today, proposed, most)
    figure.update_layout(
        xaxis=_axis(most, across), yaxis={**_axis(max(point.high for point in points) * 1.05, up), "showgrid": True},
        hovermode="closest", margin={"l": 4, "r": 14, "t": 14, "b": 8},
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {across.what: across.unit, up.what: up.unit, "Low": up.unit, "High": up.unit}
    return Drawn(figure, summary, pd.DataFrame(list(points), columns=list(kinds)), kinds, up.currency)


def _curve(
    figure: go.Figure, points: Sequence[Response], across: Axis, up: Axis, line: str, tried: float | None
) -> None:
    for end, fill in (("low", None), ("high", "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=[point.spend for point in points], y=[getattr(point, end) for point in points], mode="lines",
                line={"width": 0}, hoverinfo="skip", showlegend=False, fill=fill, fillcolor=faded(line, 0.18),
            )
        )  # fmt: skip
    seen = [point for point in points if tried is None or point.spend <= tried]
    beyond = [*seen[-1:], *points[len(seen) :]]
    for part, dash in ((seen, "solid"), (beyond, "4px,3px")):
        figure.add_trace(
            go.Scatter(
                x=[point.spend for point in part], y=[point.value for point in part], mode="lines", showlegend=False,
                line={"color": line, "width": 2, "dash": dash},
                hovertext=[_told(point, across, up) for point in part], hovertemplate="%{hovertext}<extra></extra>",
            )
        )  # fmt: skip


def _told(point: Response, across: Axis, up: Axis) -> str:
    low, high = (formats.number(end, up.unit, up.currency) for end in (point.low, point.high))
    return (
        f"<b>{formats.number(point.value, up.unit, up.currency)}</b> ({low} to {high})<br>"
        f"for {formats.number(point.spend, across.unit, across.currency)}"
    )


def _label(figure: go.Figure, today: Marked, proposed: Marked | None, most: float) -> None:
    """Words beside the points, each on its own side; one for both where they are the same."""
    if proposed is None:
        _say(figure, today, "Today", is_left=today.spend > 0.6 * most)
        return
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


def _axis(most: float, scale: Axis) -> dict[str, object]:
    ticks = [tick for tick in nice_ticks(0, most or 1.0, 4) if tick <= most]
    return {
        "range": [0, most or 1.0], "tickvals": ticks, "fixedrange": True, "title": {"text": scale.what},
        "ticktext": [formats.tick(tick, scale.unit, scale.currency) for tick in ticks], "zeroline": False,
    }  # fmt: skip
