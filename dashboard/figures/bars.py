"""One metric by name: thin horizontal bars from zero, name and value written above each, compared value as a tick."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, shorten, total, values
from dashboard.theme import TYPE, channel_colour, colour
from warehouse.metrics import SUMS, Metric

ROW = 42  # pixels of one name with its bar


def bars(
    frame: pd.DataFrame,
    metric: Metric,
    dimension: str,
    *,
    currency: str = "USD",
    compared_with: str = "",
    limit: int = 10,
    by_channel: bool = False,
) -> Drawn:
    """Draw ``metric`` of each row of ``frame`` (columns ``key``, ``label``, the metric's, ``previous_<metric>``).

    ``dimension`` is what the names are ("Campaign"). Rows beyond ``limit`` become one row "Other", recomputed from
    sums. ``by_channel`` gives each bar the colour of its ``key``. A bar's ``customdata`` is its key, for clicks.
    """
    rows = _ranked(frame, metric, limit)
    now = values(rows, metric.name)
    before = _previous(rows, metric)
    known = [v for v in (*now, *before) if math.isfinite(v)]
    low, high = min([0.0, *known]), max([0.0, *known]) or 1.0
    places = list(range(len(rows)))
    figure = blank(ROW * max(len(rows), 1) + 12)
    figure.add_trace(
        go.Bar(
            x=[0.0 if math.isnan(v) else v for v in now],
            y=places,
            orientation="h",
            width=0.19,
            marker={
                "color": [channel_colour(str(k)) for k in rows["key"]] if by_channel else colour("accent"),
                "cornerradius": 3,
            },
            customdata=list(rows["key"]),
            hovertext=_hover(rows, metric, now, before, currency, compared_with),
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    if any(math.isfinite(v) for v in before):
        figure.add_trace(
            go.Scatter(
                x=before,
                y=places,
                mode="markers",
                marker={"symbol": "line-ns", "size": 6, "line": {"width": 2, "color": colour("text")}},
                hoverinfo="skip",
                cliponaxis=False,
            )
        )
    _write_rows(figure, rows, metric, now, before, currency)
    figure.update_layout(
        xaxis={"range": [low, high], "visible": False, "fixedrange": True},
        yaxis={"range": [len(rows) - 0.5, -0.78], "visible": False, "fixedrange": True},
        margin={"l": 2, "r": 2, "t": 0, "b": 0},
        hovermode="closest",
        bargap=0,
    )
    table, kinds = _twin(rows, metric, dimension, before)
    summary = _summary(frame, metric, dimension, currency)
    if compared_with and any(math.isfinite(v) for v in before):
        summary += f" The small tick on a bar marks {compared_with}."
    return Drawn(figure, summary, table, kinds, currency)


def _ranked(frame: pd.DataFrame, metric: Metric, limit: int) -> pd.DataFrame:
    """The ``limit`` largest rows, unknown ones last, and one row for all others."""
    order = pd.Series(values(frame, metric.name)).sort_values(ascending=False, na_position="last").index
    ranked = frame.iloc[list(order)].reset_index(drop=True)
    if len(ranked) <= limit + 1:
        return ranked
    kept, others = ranked.iloc[:limit], ranked.iloc[limit:]
    other: dict[str, object] = {"key": "", "label": f"Other ({len(others)})", metric.name: total(others, metric)}
    earlier = others[[f"previous_{s}" for s in SUMS if f"previous_{s}" in others]].rename(
        columns=lambda name: name.removeprefix("previous_")
    )
    if f"previous_{metric.name}" in others and not metric.is_ratio:
        earlier[metric.name] = others[f"previous_{metric.name}"]
    other[f"previous_{metric.name}"] = total(earlier, metric)
    return pd.concat([kept, pd.DataFrame([other])], ignore_index=True)


def _previous(rows: pd.DataFrame, metric: Metric) -> list[float]:
    column = f"previous_{metric.name}"
    return values(rows, column) if column in rows else [math.nan] * len(rows)


def _hover(
    rows: pd.DataFrame, metric: Metric, now: list[float], before: list[float], currency: str, compared_with: str
) -> list[str]:
    lines = []
    for label, value, earlier in zip(rows["label"], now, before, strict=True):
        line = f"{shorten(str(label), 60)}<br><b>{formats.number(value, metric.unit, currency)}</b> {metric.label}"
        if math.isfinite(earlier):
            moved = formats.change(value, earlier, metric, currency)
            line += f"<br>{formats.number(earlier, metric.unit, currency)} {compared_with or 'before'}<br>{moved.text}"
        lines.append(line)
    return lines


def _write_rows(
    figure: go.Figure, rows: pd.DataFrame, metric: Metric, now: list[float], before: list[float], currency: str
) -> None:
    tones = {"good": "good", "bad": "bad", "flat": "text-faint", "unknown": "text-faint"}
    written: list[dict[str, object]] = []  # given to Plotly at once: one by one it checks all of them each time
    for i, label in enumerate(rows["label"]):
        line = formats.number(now[i], metric.unit, currency)
        if math.isfinite(before[i]):
            moved = formats.change(now[i], before[i], metric, currency)
            line += f'  <span style="color:{colour(tones[moved.tone])};font-size:{TYPE["tiny"]}px">{moved.text}</span>'
        shared = {"y": i, "yref": "y", "xref": "x domain", "yshift": 14, "showarrow": False, "borderpad": 0}
        font = {"size": TYPE["small"], "color": colour("text")}
        written.append({**shared, "x": 0, "xanchor": "left", "text": shorten(str(label), 30), "font": font})
        written.append({**shared, "x": 1, "xanchor": "right", "text": line, "font": font})
    figure.update_layout(annotations=written)


def _twin(
    rows: pd.DataFrame, metric: Metric, dimension: str, before: list[float]
) -> tuple[pd.DataFrame, dict[str, ColumnKind]]:
    table = pd.DataFrame({dimension: list(rows["label"]), metric.label: list(rows[metric.name])})
    kinds: dict[str, ColumnKind] = {dimension: "text", metric.label: metric.unit}
    if any(math.isfinite(v) for v in before):
        table[f"{metric.label}, compared"] = [None if math.isnan(v) else v for v in before]
        kinds[f"{metric.label}, compared"] = metric.unit
    return table, kinds


def _summary(frame: pd.DataFrame, metric: Metric, dimension: str, currency: str) -> str:
    found = values(frame, metric.name) if len(frame) else []
    known = [i for i, v in enumerate(found) if math.isfinite(v)]
    if not known:
        return f"{metric.label} by {dimension.lower()}: nothing is known in this period."
    labels = list(frame["label"])
    top = max(known, key=lambda i: found[i])
    whole = total(frame, metric)
    text = f"{labels[top]} has the highest {metric.label} ({formats.number(found[top], metric.unit, currency)})"
    if not metric.is_ratio and whole:
        text += f", {formats.number(found[top] / whole, 'percent')} of {formats.number(whole, metric.unit, currency)}"
    elif whole is not None:
        text += f"; over all it is {formats.number(whole, metric.unit, currency)}"
    if len(known) > 1:
        low = min(known, key=lambda i: found[i])
        text += f"; the lowest is {labels[low]} ({formats.number(found[low], metric.unit, currency)})"
    return text + "."
