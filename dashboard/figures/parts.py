"""Wholes in their parts by name, as bars: shares of one whole, or what rose and fell beside zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks, shorten
from dashboard.theme import SERIES, TYPE, colour, faded
from warehouse.metrics import Unit

ROW: Final = 40
_STRENGTHS: Final = (0.2, 0.45, 0.7, 1.0)


def shares(
    names: Mapping[str, str],
    parts: Mapping[str, Mapping[str, float]],
    *,
    what: str,
    summary: str,
    table: pd.DataFrame,
    kinds: Mapping[str, ColumnKind],
) -> Drawn:
    """A bar of full length for each of ``names``, divided into ``parts`` (part to name to count), in that order."""
    figure = _blank(names)
    totals = {key: sum(part.get(key, 0.0) for part in parts.values()) or 1.0 for key in names}
    strengths = _STRENGTHS[-len(parts) :]
    for (label, part), strength in zip(parts.items(), strengths, strict=True):
        found = [part.get(key, 0.0) / totals[key] for key in names]
        tint = colour("accent") if strength == 1.0 else faded(colour("accent"), strength)
        hover = [
            f"{shorten(names[key], 60)}<br><b>{formats.number(share, 'percent')}</b> {label.lower()}<br>"
            f"{formats.number(part.get(key, 0.0), 'count')} {what}"
            for key, share in zip(names, found, strict=True)
        ]
        figure.add_trace(_bar(label, found, names, tint, hover))
    figure.update_layout(barmode="stack", xaxis={"range": [0, 1], "visible": False, "fixedrange": True})
    return Drawn(figure, summary, table, kinds, "")


def causes(
    names: Mapping[str, str],
    parts: Mapping[str, Mapping[str, float]],
    *,
    unit: Unit,
    what: str,
    summary: str,
    table: pd.DataFrame,
    kinds: Mapping[str, ColumnKind],
) -> Drawn:
    """What made each of ``names`` rise and fall: bars to both sides of zero, divided into ``parts``."""
    figure = _blank(names)
    for number, (label, part) in enumerate(parts.items()):
        found = [part.get(key, 0.0) for key in names]
        hover = [
            f"{shorten(names[key], 60)}<br><b>{formats.number(value, unit, signed=True)}</b> {what}: {label.lower()}"
            for key, value in zip(names, found, strict=True)
        ]
        figure.add_trace(_bar(label, found, names, SERIES[number].light, hover))
    reach = [sum(min(p.get(k, 0.0), 0) for p in parts.values()) for k in names]
    rise = [sum(max(p.get(k, 0.0), 0) for p in parts.values()) for k in names]
    low, high = min([0.0, *reach]), max([0.0, *rise])
    high = high if high > low else low + 1
    ticks = [tick for tick in nice_ticks(low, high) if low <= tick <= high]
    figure.update_layout(
        barmode="relative",
        xaxis={
            "range": [low, high], "tickvals": ticks, "ticktext": [formats.tick(t, unit) for t in ticks],
            "showgrid": True, "zeroline": True, "fixedrange": True, "title": {"text": what},
        },
        margin={"b": 34},
        height=figure.layout.height + 34,
    )  # fmt: skip
    return Drawn(figure, summary, table, kinds, "")


def _blank(names: Mapping[str, str]) -> go.Figure:
    figure = blank(ROW * max(len(names), 1) + 34)
    font = {"size": TYPE["small"], "color": colour("text")}
    figure.update_layout(
        yaxis={"range": [len(names) - 0.5, -0.7], "visible": False, "fixedrange": True},
        margin={"l": 2, "r": 8, "t": 28, "b": 0},
        showlegend=True,
        legend={
            "itemclick": False, "itemdoubleclick": False, "traceorder": "normal", "y": 1, "yref": "container",
            "yanchor": "top",
        },
        hovermode="closest",
        annotations=[
            {"x": 0, "xref": "x domain", "xanchor": "left", "y": place, "yref": "y", "yshift": 15, "showarrow": False,
             "borderpad": 0, "text": shorten(name, 40), "font": font}
            for place, name in enumerate(names.values())
        ],
    )  # fmt: skip
    return figure


def _bar(label: str, found: Sequence[float], names: Mapping[str, str], tint: str, hover: Sequence[str]) -> go.Bar:
    return go.Bar(
        x=list(found),
        y=list(range(len(names))),
        orientation="h",
        width=0.3,
        name=label,
        marker={"color": tint, "line": {"width": 0}},
        hovertext=list(hover),
        hovertemplate="%{hovertext}<extra></extra>",
    )
