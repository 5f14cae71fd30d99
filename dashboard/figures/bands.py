"""A line with its interval over time: an effect as it was known day by day, what was and what would have been."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks, values
from dashboard.figures.periods import time_axis
from dashboard.theme import TYPE, colour, faded
from warehouse.metrics import Unit

SETTLED: Final = 0.25  # the part of the days whose intervals, wide as they still are, do not make the axis


def course(frame: pd.DataFrame, *, unit: Unit, currency: str, what: str, summary: str) -> Drawn:
    """An effect (columns ``date``, ``difference``, ``low``, ``high``, ``units``), day by day, against no effect."""
    figure = blank(300)
    found, low, high = (values(frame, name) for name in ("difference", "low", "high"))
    _band(figure, frame, "low", "high")
    figure.add_trace(
        go.Scatter(
            x=frame["date"],
            y=found,
            mode="lines" if len(frame) > 1 else "markers",
            name="Effect",
            line={"color": colour("accent"), "width": 2},
            customdata=[
                f"<b>{formats.number(each, unit, currency, signed=True)}</b> {what}<br>"
                f"{formats.number(least, unit, currency, signed=True)} to "
                f"{formats.number(most, unit, currency, signed=True)}<br>{int(units):,} units"
                for each, least, most, units in zip(found, low, high, frame["units"], strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    settled = int(len(frame) * SETTLED)
    axis = _axis([*low[settled:], *high[settled:], 0.0], unit, currency)
    figure.add_hline(y=0, line={"color": colour("text-faint"), "width": 1})
    _said(figure, 1, 0, "no effect", "text-faint")
    if found and math.isfinite(found[-1]):
        said = formats.number(found[-1], unit, currency, signed=True)
        _said(figure, 1, found[-1], said, "accent", apart=_apart(found[-1], axis))
    figure.update_layout(xaxis=time_axis("day"), yaxis=axis, hovermode="x unified", margin={"r": 62})
    kinds: dict[str, ColumnKind] = {"Date": "date", "Units": "whole", "Effect": unit, "Low": unit, "High": unit}
    table = frame[["date", "units", "difference", "low", "high"]].set_axis(list(kinds), axis=1)
    return Drawn(figure, summary, table, kinds, currency)


def counterfactual(frame: pd.DataFrame, *, unit: Unit, currency: str, what: str, summary: str) -> Drawn:
    """What was beside what would have been, with the days of the test shaded.

    ``frame`` has columns ``date``, ``actual``, ``counterfactual``, ``low``, ``high``, ``is_test``.
    """
    figure = blank(320)
    days = pd.to_datetime(frame["date"])
    test = days[frame["is_test"].to_numpy(dtype=bool)]
    if not test.empty:
        half = pd.Timedelta("12h")
        figure.add_vrect(x0=test.min() - half, x1=test.max() + half, fillcolor=colour("accent-soft"), line_width=0,
                         layer="below", annotation={"text": "test", "font": _font("text-faint")},
                         annotation_position="top left")  # fmt: skip
    _band(figure, frame, "low", "high")
    drawn = (
        ("counterfactual", "Would have been", {"color": colour("compare"), "width": 1.5, "dash": "4px,3px"}),
        ("actual", "Was", {"color": colour("accent"), "width": 2}),
    )
    for name, label, line in drawn:
        found = values(frame, name)
        figure.add_trace(
            go.Scatter(
                x=frame["date"],
                y=found,
                mode="lines",
                name=label,
                line=line,
                customdata=[f"<b>{formats.number(each, unit, currency)}</b> {label.lower()}" for each in found],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    seen = [end for name in ("actual", "counterfactual") for end in values(frame, name)]
    of_test = frame[frame["is_test"].to_numpy(dtype=bool)]
    axis = _axis([*seen, *values(of_test, "low"), *values(of_test, "high"), 0.0], unit, currency)
    figure.update_layout(
        xaxis=time_axis("day"), yaxis={**axis, "title": {"text": what}}, hovermode="x unified", showlegend=True,
        legend={"itemclick": False, "itemdoubleclick": False, "traceorder": "reversed"}, margin={"r": 8},
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {
        "Date": "date", "Was": unit, "Would have been": unit, "Low": unit, "High": unit, "Of the test": "text",
    }  # fmt: skip
    table = frame[["date", "actual", "counterfactual", "low", "high"]].assign(
        of_test=["yes" if is_test else "no" for is_test in frame["is_test"]]
    )
    return Drawn(figure, summary, table.set_axis(list(kinds), axis=1), kinds, currency)


def _band(figure: go.Figure, frame: pd.DataFrame, low: str, high: str) -> None:
    """The interval as a surface, over the days that have one."""
    known = frame.dropna(subset=[low, high])
    if known.empty:
        return
    shared = {"x": known["date"], "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_trace(go.Scatter(y=values(known, low), name=low, **shared))
    figure.add_trace(
        go.Scatter(y=values(known, high), name=high, fill="tonexty", fillcolor=faded(colour("accent"), 0.16), **shared)
    )


def _axis(ends: list[float], unit: Unit, currency: str) -> dict[str, object]:
    """A y axis over all of ``ends``, with our own tick texts and a little air."""
    known = [end for end in ends if math.isfinite(end)]
    low, high = min(known), max(known)
    if high == low:
        high = low + 1
    air = 0.08 * (high - low)
    low, high = (low - air if low < 0 else low), high + air
    ticks = [tick for tick in nice_ticks(low, high) if low <= tick <= high]
    return {
        "range": [low, high], "fixedrange": True, "tickvals": ticks, "zeroline": False,
        "ticktext": [formats.tick(tick, unit, currency) for tick in ticks],
    }  # fmt: skip


def _said(figure: go.Figure, x: float, y: float, text: str, token: str, *, apart: int = 0) -> None:
    figure.add_annotation(x=x, xref="x domain", y=y, text=text, showarrow=False, xanchor="left", xshift=4,
                          yshift=apart, font=_font(token))  # fmt: skip


def _apart(value: float, axis: dict[str, object]) -> int:
    """Pixels by which the last value's words leave those of the zero line, where both are at about one height."""
    low, high = axis["range"]  # type: ignore[misc]
    near = abs(value) / (high - low) < 0.06  # type: ignore[has-type]
    return (14 if value >= 0 else -14) if near else 0


def _font(token: str) -> dict[str, object]:
    return {"size": TYPE["small"], "color": colour(token)}
