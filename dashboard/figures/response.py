"""What spend brings: a response curve with its interval, where it stands today, and how far data stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks
from dashboard.theme import TYPE, colour, faded
from warehouse.metrics import Unit


class Response(NamedTuple):
    """What a steady spend brings, with its interval."""

    spend: float
    value: float
    low: float
    high: float


class Scale(NamedTuple):
    """What an axis measures: its words, its unit and its currency."""

    what: str
    unit: Unit
    currency: str


def response(
    points: Sequence[Response], across: Scale, up: Scale, *, today: Response, trusted: float, summary: str
) -> Drawn:
    """The curve from no spend on. Beyond ``trusted`` it is dashed; up to there the ground is shaded."""
    figure = blank(320)
    spends = [point.spend for point in points]
    figure.add_vrect(
        x0=0, x1=trusted, fillcolor=colour("accent-soft"), line_width=0, layer="below",
        annotation={"text": "seen in the data", "font": {"size": TYPE["tiny"], "color": colour("text-faint")}},
        annotation_position="top left",
    )  # fmt: skip
    for end, fill in (("low", None), ("high", "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=spends, y=[getattr(point, end) for point in points], mode="lines", line={"width": 0},
                hoverinfo="skip", showlegend=False, fill=fill, fillcolor=faded(colour("accent"), 0.16),
            )
        )  # fmt: skip
    seen = [point for point in points if point.spend <= trusted]
    beyond = [*seen[-1:], *(point for point in points if point.spend > trusted)]
    for part, dash in ((seen, "solid"), (beyond, "4px,3px")):
        figure.add_trace(
            go.Scatter(
                x=[point.spend for point in part], y=[point.value for point in part], mode="lines", showlegend=False,
                line={"color": colour("accent"), "width": 2, "dash": dash},
                hovertext=[_told(point, across, up) for point in part], hovertemplate="%{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    _mark(figure, today, across, max(spends))
    figure.update_layout(
        xaxis=_axis(max(spends), across),
        yaxis={**_axis(max(point.high for point in points) * 1.05, up), "showgrid": True},
        hovermode="closest",
        margin={"l": 4, "r": 12, "t": 14, "b": 8},
    )
    kinds: dict[str, ColumnKind] = {across.what: across.unit, up.what: up.unit, "Low": up.unit, "High": up.unit}
    return Drawn(figure, summary, pd.DataFrame(list(points), columns=list(kinds)), kinds, up.currency)


def _mark(figure: go.Figure, today: Response, across: Scale, most: float) -> None:
    said = f"today {formats.number(today.spend, across.unit, across.currency)}"
    figure.add_trace(
        go.Scatter(
            x=[today.spend], y=[today.value], mode="markers", marker={"size": 10, "color": colour("accent")},
            hovertext=[said], hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False, showlegend=False,
        )
    )  # fmt: skip
    is_right = today.spend > 0.6 * most
    figure.add_annotation(
        x=today.spend, y=today.value, text=said, showarrow=False, xanchor="right" if is_right else "left",
        xshift=-10 if is_right else 10, yshift=-12, font={"size": TYPE["small"], "color": colour("text")},
    )  # fmt: skip


def _told(point: Response, across: Scale, up: Scale) -> str:
    low, high = (formats.number(end, up.unit, up.currency) for end in (point.low, point.high))
    return (
        f"<b>{formats.number(point.value, up.unit, up.currency)}</b> {up.what.lower()}<br>{low} to {high}<br>"
        f"{formats.number(point.spend, across.unit, across.currency)} {across.what.lower()}"
    )


def _axis(most: float, scale: Scale) -> dict[str, object]:
    ticks = [tick for tick in nice_ticks(0, most) if tick <= most]
    return {
        "range": [0, most or 1.0], "tickvals": ticks, "fixedrange": True, "title": {"text": scale.what},
        "ticktext": [formats.tick(tick, scale.unit, scale.currency) for tick in ticks], "zeroline": False,
    }  # fmt: skip
