"""One metric over time: this period, the compared one dashed, the days that are not final hatched."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, shorten, spread, total, value_axis, values
from dashboard.figures.periods import Granularity, hatch, not_final_runs, period_end, period_name, time_axis
from dashboard.theme import TYPE, colour
from warehouse.metrics import Metric


class Comparison(NamedTuple):
    """The same frame of another time. ``date`` is on the current axis, ``compared_date`` is the true one.

    ``name`` completes "against …", for example "the previous year on matched weekdays".
    """

    frame: pd.DataFrame
    name: str


class Event(NamedTuple):
    """Something that happened and belongs on a time axis: an experiment, a publish, a holiday."""

    date: dt.date
    label: str


def trend(
    frame: pd.DataFrame,
    metric: Metric,
    compare: Comparison | None = None,
    *,
    granularity: Granularity = "day",
    currency: str = "USD",
    events: Sequence[Event] = (),
    height: int = 280,
) -> Drawn:
    """Draw ``metric`` of ``frame`` (columns ``date``, ``is_final`` and the metric's) as a line.

    Unknown values leave gaps. The table twin has one row for each period, with the compared date and value.
    """
    figure = blank(height)
    now = values(frame, metric.name)
    before = _matched(frame, metric, compare)
    axis = value_axis([*now, *before], metric, currency)
    low, high = axis["range"]  # type: ignore[misc]
    hatch(figure, not_final_runs(frame, granularity), low, high)  # type: ignore[has-type]
    if compare is not None:
        figure.add_trace(
            go.Scatter(
                x=frame["date"],
                y=before,
                mode="lines",
                name=_sentence_case(compare.name.removeprefix("the ")),
                line={"color": colour("compare"), "width": 1.5, "dash": "4px,3px"},
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=frame["date"],
            y=now,
            mode="lines+markers" if _has_lonely(now) else "lines",
            name=metric.label,
            line={"color": colour("accent"), "width": 2},
            marker={"size": 5},
            customdata=_hover(frame, metric, compare, before, currency),
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    _label_ends(figure, now, before, metric, currency, axis, height)
    _annotate(figure, events)
    figure.update_layout(
        xaxis={**time_axis(granularity), "showspikes": True, **_SPIKE, **_span(frame, granularity)},
        yaxis=axis,
        hovermode="x unified",
        showlegend=compare is not None,
        legend={"traceorder": "reversed"},
        margin={"r": 58},
    )
    table, kinds = _twin(frame, metric, compare, before)
    return Drawn(figure, _summary(frame, metric, compare, granularity, currency), table, kinds, currency)


_SPIKE = {
    "spikemode": "across",
    "spikethickness": 1,
    "spikedash": "solid",
    "spikecolor": colour("line-strong"),
    "spikesnap": "data",
}


def _matched(frame: pd.DataFrame, metric: Metric, compare: Comparison | None) -> list[float]:
    if compare is None:
        return []
    found = dict(zip(pd.to_datetime(compare.frame["date"]), values(compare.frame, metric.name), strict=True))
    return [found.get(date, math.nan) for date in pd.to_datetime(frame["date"])]


def _span(frame: pd.DataFrame, granularity: Granularity) -> dict[str, object]:
    if frame.empty:
        return {}
    dates = pd.to_datetime(frame["date"])
    half = (period_end(dates.iloc[-1], granularity) - dates.iloc[-1]) / 2
    return {"range": [dates.iloc[0] - half, dates.iloc[-1] + half]}


def _has_lonely(found: list[float]) -> bool:
    """Whether a known value has no known neighbour, so that a line alone would not show it."""
    known = [False, *(math.isfinite(v) for v in found), False]
    return any(known[i] and not known[i - 1] and not known[i + 1] for i in range(1, len(known) - 1))


def _hover(
    frame: pd.DataFrame, metric: Metric, compare: Comparison | None, before: list[float], currency: str
) -> list[str]:
    compared = {} if compare is None else _true_dates(compare.frame)
    lines = []
    for i, (date, cell, final) in enumerate(zip(frame["date"], frame[metric.name], frame["is_final"], strict=True)):
        line = f"<b>{formats.number(formats.to_float(cell), metric.unit, currency)}</b> {metric.label}"
        if compare is not None:
            moved = formats.change(formats.to_float(cell), before[i], metric, currency)
            then = compared.get(pd.Timestamp(date))
            when = f" on {formats.day(then)}" if then is not None else ""
            line += f"<br>{formats.number(before[i], metric.unit, currency)}{when}<br>{moved.text}"
        lines.append(line if final else f"{line}<br><i>not final</i>")
    return lines


def _true_dates(frame: pd.DataFrame) -> dict[pd.Timestamp, dt.date]:
    if "compared_date" not in frame:
        return {}
    pairs = zip(pd.to_datetime(frame["date"]), pd.to_datetime(frame["compared_date"]), strict=True)
    return {shown: true.date() for shown, true in pairs if not pd.isna(true)}


def _label_ends(
    figure: go.Figure,
    now: list[float],
    before: list[float],
    metric: Metric,
    currency: str,
    axis: dict[str, object],
    height: int,
) -> None:
    """Write the last known value of each line at its end, moved apart where they would touch."""
    low, high = axis["range"]  # type: ignore[misc]
    pixels = (height - 60) / (high - low)  # type: ignore[has-type]
    ends = [(found, token) for found, token in ((now, "accent"), (before, "text-faint")) if found]
    last = [next((v for v in reversed(found) if math.isfinite(v)), math.nan) for found, _ in ends]
    known = [(v, token) for v, (_, token) in zip(last, ends, strict=True) if math.isfinite(v)]
    places = spread([v * pixels for v, _ in known], 14)
    for (value, token), place in zip(known, places, strict=True):
        figure.add_annotation(
            x=1,
            xref="x domain",
            y=value,
            yshift=place - value * pixels,
            text=formats.number(value, metric.unit, currency),
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"size": TYPE["small"], "color": colour(token)},
        )


def _annotate(figure: go.Figure, events: Sequence[Event]) -> None:
    for event in events:
        figure.add_shape(
            type="line",
            x0=event.date,
            x1=event.date,
            y0=0,
            y1=1,
            yref="y domain",
            line={"color": colour("line-strong"), "width": 1, "dash": "dot"},
        )
        figure.add_annotation(
            x=event.date,
            y=1,
            yref="y domain",
            text=shorten(event.label, 28),
            showarrow=False,
            xanchor="left",
            yanchor="top",
            xshift=4,
            font={"size": TYPE["tiny"], "color": colour("text-faint")},
        )


def _twin(
    frame: pd.DataFrame, metric: Metric, compare: Comparison | None, before: list[float]
) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    dates = pd.to_datetime(frame["date"])
    table = pd.DataFrame(
        {
            "Date": [d.date() for d in dates],
            metric.label: list(frame[metric.name]),
            "Final": ["yes" if final else "not yet" for final in frame["is_final"]],
        }
    )
    kinds: dict[str, ColumnKind] = {"Date": "date", metric.label: metric.unit, "Final": "text"}
    if compare is not None:
        true = _true_dates(compare.frame)
        table["Compared date"] = [true.get(d) for d in dates]
        table[f"{metric.label}, compared"] = [None if math.isnan(v) else v for v in before]
        kinds |= {"Compared date": "date", f"{metric.label}, compared": metric.unit}
    return table, kinds


def _summary(
    frame: pd.DataFrame, metric: Metric, compare: Comparison | None, granularity: Granularity, currency: str
) -> str:
    if frame.empty:
        return f"{metric.label}: nothing in this period."
    dates = [d.date() for d in pd.to_datetime(frame["date"])]
    now = values(frame, metric.name)
    whole = total(frame, metric)
    when = formats.day_range(dates[0], (period_end(pd.Timestamp(dates[-1]), granularity) - pd.Timedelta("1D")).date())
    parts = [f"{metric.label} was {formats.number(whole, metric.unit, currency)} in {when}"]
    if compare is not None:
        moved = formats.change(whole, total(compare.frame, metric), metric, currency)
        parts.append(f"{moved.text} against {compare.name}")
    known = [i for i, v in enumerate(now) if math.isfinite(v)]
    if len(known) > 1:
        top = max(known, key=lambda i: now[i])
        parts.append(
            f"highest {_on(granularity)} {period_name(dates[top], granularity)} "
            f"({formats.number(now[top], metric.unit, currency)})"
        )
    open_periods = sum(not final for final in frame["is_final"])
    if open_periods:
        noun = granularity if open_periods == 1 else f"{granularity}s"
        verb = "is" if open_periods == 1 else "are"
        parts.append(f"{open_periods} {noun} {verb} not final")
    return "; ".join([", ".join(parts[:2]), *parts[2:]]) + "."


def _on(granularity: Granularity) -> str:
    return "on" if granularity == "day" else "in"


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
