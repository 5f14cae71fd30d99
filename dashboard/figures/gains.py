"""What treating the best part of the customers brings, share by share with its interval: gains, or profit at a cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks
from dashboard.theme import TYPE, colour, faded
from warehouse.metrics import Unit


class Step(NamedTuple):
    """Treating the best ``share``: a value with its interval."""

    share: float
    value: float
    low: float
    high: float


def gains(
    steps: Sequence[Step],
    *,
    unit: Unit,
    currency: str,
    what: str,
    summary: str,
    line: bool,
    marked: Step | None = None,
    said: str = "",
) -> Drawn:
    """The curve over the shares treated, from nobody to everybody.

    ``line`` draws what choosing at random would bring; ``marked`` is a place with words.
    """
    figure = blank(320)
    drawn = [Step(0.0, 0.0, 0.0, 0.0), *steps]
    shares = [step.share for step in drawn]
    for end, fill in (("low", None), ("high", "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=shares, y=[getattr(step, end) for step in drawn], mode="lines", line={"width": 0}, hoverinfo="skip",
                showlegend=False, fill=fill, fillcolor=faded(colour("accent"), 0.16),
            )
        )  # fmt: skip
    if line:
        figure.add_trace(
            go.Scatter(
                x=[0, 1], y=[0, drawn[-1].value], mode="lines", name="At random", hoverinfo="skip",
                line={"color": colour("compare"), "width": 1.5, "dash": "4px,3px"},
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=shares, y=[step.value for step in drawn], mode="lines", name="By score",
            line={"color": colour("accent"), "width": 2}, hovertemplate="%{customdata}<extra></extra>",
            customdata=[
                f"<b>{formats.number(step.value, unit, currency, signed=True)}</b> {what.lower()}<br>"
                f"{formats.number(step.low, unit, currency, signed=True)} to "
                f"{formats.number(step.high, unit, currency, signed=True)}<br>"
                f"{formats.number(step.share, 'percent')} treated"
                for step in drawn
            ],
        )
    )  # fmt: skip
    ends = [end for step in drawn for end in (step.low, step.high)]
    figure.add_hline(y=0, line={"color": colour("text-faint"), "width": 1})
    if marked is not None:
        _mark(figure, marked, said)
    ticks, across = [0, 0.25, 0.5, 0.75, 1.0], "Customers treated, best first"
    figure.update_layout(
        xaxis={
            "range": [0, 1.01], "fixedrange": True, "tickvals": ticks, "title": {"text": across},
            "ticktext": [formats.tick(tick, "percent") for tick in ticks],
        },
        yaxis={**_axis(ends, unit, currency), "title": {"text": what}},
        hovermode="closest", showlegend=line, margin={"l": 4, "r": 12, "t": 34 if line else 14, "b": 8},
        legend={"itemclick": False, "itemdoubleclick": False, "traceorder": "reversed"},
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {"Treated": "percent", what: unit, "Low": unit, "High": unit}
    return Drawn(figure, summary, pd.DataFrame(list(steps), columns=list(kinds)), kinds, currency)


def _mark(figure: go.Figure, at: Step, said: str) -> None:
    figure.add_shape(
        type="line", x0=at.share, x1=at.share, y0=0, y1=at.value, line={"color": colour("compare"), "width": 1,
                                                                     "dash": "dot"},
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[at.share], y=[at.value], mode="markers", marker={"size": 9, "color": colour("accent")},
            hovertext=[said], hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False, showlegend=False,
        )
    )  # fmt: skip
    is_right = at.share > 0.5
    figure.add_annotation(
        x=at.share, y=at.value, text=said, showarrow=False, xanchor="right" if is_right else "left",
        xshift=-10 if is_right else 10, yshift=14, font={"size": TYPE["small"], "color": colour("text")},
    )  # fmt: skip


def _axis(ends: Sequence[float], unit: Unit, currency: str) -> dict[str, object]:
    low, high = min([0.0, *ends]), max([0.0, *ends])
    if high == low:
        high = low + 1
    air = 0.1 * (high - low)
    low, high = (low - air if low < 0 else 0.0), high + air
    ticks = [tick for tick in nice_ticks(low, high) if low <= tick <= high]
    return {
        "range": [low, high], "fixedrange": True, "tickvals": ticks, "zeroline": False, "showgrid": True,
        "ticktext": [formats.tick(tick, unit, currency) for tick in ticks],
    }  # fmt: skip
