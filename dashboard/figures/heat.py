"""A grid of shares, the darker the larger: funnels by channel, and who comes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.drawn import ColumnKind, Drawn, blank
from dashboard.theme import TYPE, colour, faded

ROW: Final = 34


def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    shares: Sequence[Sequence[float]],
    cells: Sequence[Sequence[str]],
    hovers: Sequence[Sequence[str]],
    *,
    summary: str,
    table: pd.DataFrame,
    kinds: dict[str, ColumnKind],
    currency: str = "",
) -> Drawn:
    """``shares`` (0 to 1, NaN for no cell) colour the grid of ``rows`` x ``columns``; ``cells`` is written in it."""
    known = [share for row in shares for share in row if math.isfinite(share)]
    figure = blank(ROW * len(rows) + 44)
    figure.add_trace(
        go.Heatmap(
            x=list(columns), y=list(rows), z=[[None if math.isnan(s) else s for s in row] for row in shares],
            text=cells, texttemplate="%{text}", customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
            colorscale=[[0.0, faded(colour("accent"), 0.05)], [1.0, faded(colour("accent"), 0.5)]],
            zmin=0, zmax=max(known, default=1.0) or 1.0, showscale=False, xgap=2, ygap=2, hoverongaps=False,
            textfont={"size": TYPE["small"], "color": colour("text")},
        )
    )  # fmt: skip
    font = {"size": TYPE["small"], "color": colour("text-soft")}
    figure.update_layout(
        xaxis={"side": "top", "type": "category", "tickfont": font, "fixedrange": True, "tickangle": 0},
        yaxis={"autorange": "reversed", "type": "category", "tickfont": font, "showgrid": False, "fixedrange": True,
               "ticksuffix": "  "},
        margin={"l": 0, "r": 0, "t": 28, "b": 4},
    )  # fmt: skip
    return Drawn(figure, summary, table, kinds, currency)
