"""A whole in its parts over time: areas one on top of the other, and the whole itself as a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks
from dashboard.figures.periods import time_axis
from dashboard.theme import colour, faded
from warehouse.metrics import Unit


class Part(NamedTuple):
    """One area: what it is called, its heights by period, and its light colour."""

    label: str
    heights: Sequence[float]
    tint: str


def stack(
    periods: Sequence[dt.date],
    parts: Sequence[Part],
    whole: Sequence[float],
    *,
    unit: Unit,
    currency: str,
    whole_name: str,
    summary: str,
) -> Drawn:
    """The ``parts`` from the bottom up, and the ``whole`` that they explain."""
    figure = blank(340)
    for part in parts:
        figure.add_trace(
            go.Scatter(
                x=list(periods), y=list(part.heights), mode="lines", stackgroup="whole", name=part.label,
                line={"width": 0.5, "color": part.tint}, fillcolor=faded(part.tint, 0.55),
                customdata=[f"<b>{formats.number(value, unit, currency)}</b> {part.label}" for value in part.heights],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=list(periods), y=list(whole), mode="lines", name=whole_name,
            line={"color": colour("text"), "width": 1.5, "dash": "3px,2px"},
            customdata=[f"<b>{formats.number(value, unit, currency)}</b> {whole_name.lower()}" for value in whole],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    tops = [sum(found) for found in zip(*(part.heights for part in parts), strict=True)]
    most = max([*tops, *whole, 0.0]) * 1.06 or 1.0
    least = min([0.0, *(value for part in parts for value in part.heights)])
    ticks = [tick for tick in nice_ticks(least, most) if least <= tick <= most]
    figure.update_layout(
        xaxis=time_axis("week"),
        yaxis={
            "range": [least, most], "tickvals": ticks, "fixedrange": True, "showgrid": True, "zeroline": False,
            "ticktext": [formats.tick(tick, unit, currency) for tick in ticks],
        },
        hovermode="x unified", showlegend=True, margin={"l": 4, "r": 8, "t": 8, "b": 8},
        legend={"itemclick": False, "itemdoubleclick": False, "traceorder": "reversed", "orientation": "h", "y": -0.14,
                "yanchor": "top"},
    )  # fmt: skip
    table = pd.DataFrame({"Week of": list(periods), whole_name: list(whole)})
    for part in reversed(parts):
        table[part.label] = list(part.heights)
    kinds: dict[str, ColumnKind] = {"Week of": "date", whole_name: unit, **{part.label: unit for part in parts}}
    return Drawn(figure, summary, table, kinds, currency)
