"""One metric over time, split by a dimension: sums stacked so that their whole shows, ratios as lines."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, shorten, spread, total, value_axis
from dashboard.figures.periods import Granularity, hatch, not_final_runs, time_axis
from dashboard.theme import TYPE, channel_colour, colour, faded
from warehouse.metrics import SUMS, Metric

_NAME = 16  # characters of a name beside the figure


class _Part(NamedTuple):
    key: str
    label: str
    found: list[float]
    whole: float
    colour: str


def split_trend(
    frame: pd.DataFrame,
    metric: Metric,
    dimension: str,
    *,
    granularity: Granularity = "day",
    currency: str = "USD",
    limit: int = 7,
    height: int = 280,
) -> Drawn:
    """Draw ``metric`` of ``frame`` (columns ``date``, ``key``, ``label``, ``is_final``, sums and the metric's).

    The ``limit`` largest parts keep their fixed colours; the rest become "Other", recomputed from sums. A missing
    period of a part counts as nothing in a stack and leaves a gap in a line.
    """
    dates = sorted(pd.to_datetime(frame["date"]).unique())
    parts = _parts(frame, metric, dates, limit)
    figure = blank(height)
    stacked = not metric.is_ratio
    reach = _stack(parts) if stacked else [part.found for part in parts]
    axis = value_axis([v for found in reach for v in found], metric, currency)
    low, high = axis["range"]  # type: ignore[misc]
    for part in parts if stacked else reversed(parts):
        figure.add_trace(_trace(part, dates, metric, currency, stacked=stacked))
    finality = frame.groupby(pd.to_datetime(frame["date"]))["is_final"].all().reset_index()
    hatch(figure, not_final_runs(finality, granularity), low, high)  # type: ignore[has-type]
    _label(figure, parts, reach, (height - 50) / (high - low), stacked=stacked)  # type: ignore[has-type]
    span = {"range": [dates[0], dates[-1]]} if dates else {}
    figure.update_layout(
        xaxis={**time_axis(granularity), **span}, yaxis=axis, hovermode="x unified", margin={"r": _room(parts), "t": 16}
    )
    table, kinds = _twin(parts, dates, metric)
    return Drawn(figure, _summary(parts, metric, dimension, currency), table, kinds, currency)


def _room(parts: list[_Part]) -> int:
    """Pixels that the longest name needs beside the figure."""
    return 26 + 7 * max((min(len(part.label), _NAME) for part in parts), default=0)


def _parts(frame: pd.DataFrame, metric: Metric, dates: list[pd.Timestamp], limit: int) -> list[_Part]:
    groups = [(str(key), group) for key, group in frame.groupby("key", sort=False)]
    weight = {key: _weight(group, metric) for key, group in groups}
    groups.sort(key=lambda pair: -weight[pair[0]])
    kept = groups if len(groups) <= limit + 1 else groups[:limit]
    parts = [_part(key, str(group["label"].iloc[0]), group, metric, dates, channel_colour(key)) for key, group in kept]
    rest = groups[len(kept) :]
    if rest:
        together = pd.concat([group for _, group in rest])
        label = f"Other ({len(rest)})"
        parts.append(_part("other", label, together, metric, dates, channel_colour("other")))
    return parts


def _weight(group: pd.DataFrame, metric: Metric) -> float:
    """How much a part matters: what is stacked, or for a ratio what it divides by."""
    if not metric.is_ratio:
        return total(group, metric) or 0.0
    column = next((name for name in metric.denominator if name in group), SUMS[0])
    return float(formats.to_decimal_sum(group[column]) or 0) if column in group else 0.0


def _part(key: str, label: str, group: pd.DataFrame, metric: Metric, dates: list[pd.Timestamp], tint: str) -> _Part:
    by_date = dict(iter(group.groupby(pd.to_datetime(group["date"]))))
    found = [_value(by_date[date], metric) if date in by_date else math.nan for date in dates]
    whole = total(group, metric)
    return _Part(key, label, found, math.nan if whole is None else whole, tint)


def _value(rows: pd.DataFrame, metric: Metric) -> float:
    if len(rows) == 1 and metric.name in rows:
        return formats.to_float(rows[metric.name].iloc[0])
    found = total(rows, metric)
    return math.nan if found is None else found


def _stack(parts: list[_Part]) -> list[list[float]]:
    """The upper edge of each part, in stacking order."""
    edges: list[list[float]] = []
    for part in parts:
        below = edges[-1] if edges else [0.0] * len(part.found)
        edges.append([b + (0.0 if math.isnan(v) else v) for b, v in zip(below, part.found, strict=True)])
    return edges


def _trace(part: _Part, dates: list[pd.Timestamp], metric: Metric, currency: str, *, stacked: bool) -> go.Scatter:
    shape = (
        {"stackgroup": "all", "fillcolor": faded(part.colour, 0.78), "line": {"width": 0.5, "color": part.colour}}
        if stacked
        else {"line": {"width": 2, "color": part.colour}}
    )
    return go.Scatter(
        x=dates,
        y=[0.0 if math.isnan(v) else v for v in part.found] if stacked else part.found,
        mode="lines",
        name=shorten(part.label, 28),
        customdata=[formats.number(v, metric.unit, currency) for v in part.found],
        hovertemplate="<b>%{customdata}</b>",
        **shape,
    )


def _label(figure: go.Figure, parts: list[_Part], reach: list[list[float]], pixels: float, *, stacked: bool) -> None:
    """Name each part at the right end of its band or line."""
    middles = []
    for i, part in enumerate(parts):
        if stacked:
            below = reach[i - 1][-1] if i else 0.0
            middles.append((below + reach[i][-1]) / 2)
        else:
            middles.append(next((v for v in reversed(part.found) if math.isfinite(v)), 0.0))
    places = spread([m * pixels for m in middles], 14)
    for part, middle, place in zip(parts, middles, places, strict=True):
        figure.add_annotation(
            x=1,
            xref="x domain",
            y=middle,
            yshift=place - middle * pixels,
            xshift=6,
            xanchor="left",
            align="left",
            showarrow=False,
            text=f'<span style="color:{part.colour}">■</span> {shorten(part.label, _NAME)}',
            font={"size": TYPE["tiny"], "color": colour("text-soft")},
        )


def _twin(parts: list[_Part], dates: list[pd.Timestamp], metric: Metric) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    columns: dict[str, list[object]] = {"Date": [pd.Timestamp(d).date() for d in dates]}
    kinds: dict[str, ColumnKind] = {"Date": "date"}
    for part in parts:
        header = part.label if part.label not in columns else f"{part.label} ({part.key})"
        columns[header] = [None if math.isnan(v) else v for v in part.found]
        kinds[header] = metric.unit
    return pd.DataFrame(columns), kinds


def _summary(parts: list[_Part], metric: Metric, dimension: str, currency: str) -> str:
    known = [part for part in parts if math.isfinite(part.whole)]
    if not known:
        return f"{metric.label} by {dimension.lower()}: nothing is known in this period."
    named = ", ".join(f"{part.label} {formats.number(part.whole, metric.unit, currency)}" for part in known[:4])
    more = f" and {len(known) - 4} more" if len(known) > 4 else ""
    return f"{metric.label} by {dimension.lower()}: {named}{more}."
