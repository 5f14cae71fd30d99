"""Time on an axis: what a period is called, how long it is, and which of them are not final yet."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.theme import TYPE, colour, faded

Granularity = Literal["day", "week", "month", "quarter"]

_LENGTH = {"day": "D", "week": "7D", "month": "MS", "quarter": "QS"}
_HOVER = {"day": "%a %-d %b %Y", "week": "Week of %-d %b %Y", "month": "%B %Y", "quarter": "Quarter from %b %Y"}
_TICK = {"day": "%-d %b\n%Y", "week": "%-d %b\n%Y", "month": "%b\n%Y", "quarter": "%b\n%Y"}


def period_name(start: dt.date, granularity: Granularity) -> str:
    """What a reader calls the period that begins at ``start``."""
    match granularity:
        case "day":
            return formats.day(start)
        case "week":
            return f"the week of {formats.day(start, weekday=False)}"
        case "month":
            return f"{start:%B %Y}"
        case "quarter":
            return f"Q{(start.month + 2) // 3} {start.year}"


def period_end(start: pd.Timestamp, granularity: Granularity) -> pd.Timestamp:
    """The first moment after the period."""
    return start + pd.tseries.frequencies.to_offset(_LENGTH[granularity])


def time_axis(granularity: Granularity) -> dict[str, object]:
    """An x axis of dates with the year written once."""
    return {
        "type": "date",
        "tickformat": _TICK[granularity],
        "hoverformat": _HOVER[granularity],
        "nticks": 7,
        "fixedrange": True,
        "tickangle": 0,
        "ticklabeloverflow": "hide past domain",
    }


def not_final_runs(frame: pd.DataFrame, granularity: Granularity) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Start and end of each stretch of periods that may still change, half a period wider on both sides."""
    runs: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for start, final in zip(pd.to_datetime(frame["date"]), frame["is_final"], strict=True):
        if final:
            continue
        end = period_end(start, granularity)
        half = (end - start) / 2
        if runs and runs[-1][1] >= start - half:
            runs[-1] = (runs[-1][0], start + half)
        else:
            runs.append((start - half, start + half))
    return runs


def hatch(figure: go.Figure, runs: list[tuple[pd.Timestamp, pd.Timestamp]], low: float, high: float) -> None:
    """Draw the stretches hatched from ``low`` to ``high``, with the words "not final" at their top."""
    for start, end in runs:
        figure.add_trace(
            go.Scatter(
                x=[start, start, end, end, start],
                y=[low, high, high, low, low],
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=faded(colour("surface"), 0.4),
                fillpattern={
                    "shape": "/",
                    "size": 7,
                    "solidity": 0.12,
                    "fgcolor": colour("line-strong"),
                    "bgcolor": faded(colour("surface"), 0.4),
                },
                hoverinfo="skip",
                showlegend=False,
                name="not final",
            )
        )
    if runs:
        figure.add_annotation(
            x=runs[-1][1],
            y=low,
            text="not final",
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            xshift=-2,
            yshift=1,
            font={"size": TYPE["tiny"], "color": colour("text-faint")},
        )
