"""One quantity against another as a line: how likely something is found, or how small it may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks
from dashboard.theme import TYPE, colour, faded
from warehouse.metrics import Unit


class Axis(NamedTuple):
    """What an axis measures: its words and its unit."""

    what: str
    unit: Unit


class Point(NamedTuple):
    """A place on the curve that has words."""

    x: float
    y: float
    words: str


def curve(
    xs: Sequence[float],
    ys: Sequence[float],
    across: Axis,
    up: Axis,
    *,
    point: Point,
    summary: str,
    most: float | None = None,
) -> Drawn:
    """``ys`` over ``xs`` with one point told in words; ``most`` is the top of the axis where it is not the curve's."""
    figure = blank(280)
    hover = [
        f"<b>{formats.number(y, up.unit)}</b> {up.what.lower()}<br>{formats.number(x, across.unit)} "
        f"{across.what.lower()}"
        for x, y in zip(xs, ys, strict=True)
    ]
    figure.add_trace(
        go.Scatter(
            x=list(xs), y=list(ys), mode="lines", line={"color": colour("accent"), "width": 2}, fill="tozeroy",
            fillcolor=faded(colour("accent"), 0.08), hovertext=hover, hovertemplate="%{hovertext}<extra></extra>",
        )
    )  # fmt: skip
    for line in ({"x0": point.x, "x1": point.x, "y0": 0, "y1": point.y}, {"x0": 0, "x1": point.x, "y0": point.y,
                                                                       "y1": point.y}):  # fmt: skip
        figure.add_shape(type="line", line={"color": colour("compare"), "width": 1, "dash": "dot"}, **line)
    figure.add_trace(
        go.Scatter(
            x=[point.x], y=[point.y], mode="markers", marker={"size": 9, "color": colour("accent")},
            hovertext=[point.words], hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False,
        )
    )  # fmt: skip
    is_right = point.x > 0.55 * max(xs)
    figure.add_annotation(
        x=point.x, y=point.y, text=point.words, showarrow=False, xanchor="right" if is_right else "left",
        xshift=-10 if is_right else 10, yshift=12 if is_right or ys[-1] < ys[0] else -12,
        font={"size": TYPE["small"], "color": colour("text")},
    )  # fmt: skip
    figure.update_layout(
        xaxis=_axis(max(xs), across),
        yaxis={**_axis(most or max(ys) * 1.08, up), "showgrid": True},
        hovermode="closest",
        margin={"l": 4, "r": 12, "t": 12, "b": 8},
    )
    kinds: dict[str, ColumnKind] = {across.what: across.unit, up.what: up.unit}
    return Drawn(figure, summary, pd.DataFrame({across.what: list(xs), up.what: list(ys)}), kinds, "")


def _axis(most: float, axis: Axis) -> dict[str, object]:
    ticks = [tick for tick in nice_ticks(0, most) if tick <= most]
    return {
        "range": [0, most], "tickvals": ticks, "ticktext": [formats.tick(tick, axis.unit) for tick in ticks],
        "fixedrange": True, "title": {"text": axis.what},
    }  # fmt: skip
