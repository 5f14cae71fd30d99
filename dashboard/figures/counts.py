"""Counts by class, as upright bars from zero: how long paths are, how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank
from dashboard.theme import TYPE, colour

HEIGHT: Final = 240


def counts(
    classes: Sequence[str],
    values: Sequence[int],
    *,
    what: str,
    summary: str,
    table: pd.DataFrame,
    kinds: dict[str, ColumnKind],
) -> Drawn:
    """A bar for each class with its share written above it; ``what`` is counted."""
    total = sum(values) or 1
    figure = blank(HEIGHT)
    figure.add_trace(
        go.Bar(
            x=list(classes),
            y=list(values),
            marker={"color": colour("accent"), "cornerradius": 2},
            text=[formats.number(value / total, "percent") if value else "" for value in values],
            textposition="outside",
            textfont={"size": TYPE["tiny"], "color": colour("text-soft")},
            cliponaxis=False,
            hovertemplate=f"%{{x}}<br><b>%{{y:,}}</b> {what}<extra></extra>",
        )
    )
    figure.update_layout(
        xaxis={"type": "category", "fixedrange": True},
        yaxis={"visible": False, "rangemode": "tozero", "fixedrange": True},
        margin={"l": 0, "r": 0, "t": 22, "b": 0},
        bargap=0.25,
    )
    return Drawn(figure, summary, table, kinds, "")
