"""Several answers to one question by name: dots with their intervals, one below the other, on one axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks, shorten
from dashboard.theme import TYPE, colour
from warehouse.metrics import Unit

NAME: Final = 24  # pixels for a name
STEP: Final = 10  # pixels from one answer to the next


class Dot(NamedTuple):
    """A value with the ends of its interval, None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None


class Answers(NamedTuple):
    """One answer for each name. ``tint`` is a light colour, or one for each name."""

    label: str
    dots: Mapping[str, Dot]
    tint: str | Mapping[str, str]
    symbol: str = "circle"


def dots(
    names: Mapping[str, str],
    answers: Sequence[Answers],
    *,
    unit: Unit,
    what: str,
    summary: str,
    table: pd.DataFrame,
    kinds: Mapping[str, ColumnKind],
    currency: str = "",
    notes: Mapping[str, str] | None = None,
) -> Drawn:
    """A row for each of ``names`` (key to label); ``notes`` stand at its right end. ``what`` is on the axis."""
    keys, row = list(names), NAME + STEP * len(answers)
    figure = blank(row * max(len(keys), 1) + 74)
    for number, answer in enumerate(answers):
        seen = [(place, key, answer.dots[key]) for place, key in enumerate(keys) if key in answer.dots]
        tint = [answer.tint if isinstance(answer.tint, str) else answer.tint[key] for _, key, _ in seen]
        at = [place + (NAME + STEP * (number + 0.5)) / row for place, _, _ in seen]
        for tone in dict.fromkeys(tint):  # whiskers have one colour a trace
            mine = [i for i, found in enumerate(tint) if found == tone]
            trace = _trace(answer, tone, [seen[i] for i in mine], [at[i] for i in mine], names, unit, currency)
            figure.add_trace(trace.update(showlegend=mine[0] == 0))
    low, high, ticks = _axis(answers)
    figure.update_layout(
        xaxis={
            "range": [low, high], "tickvals": ticks, "ticktext": [formats.tick(t, unit, currency) for t in ticks],
            "showgrid": True, "zeroline": low < 0, "fixedrange": True, "title": {"text": what},
        },
        yaxis={"range": [len(keys), 0], "visible": False, "fixedrange": True},
        margin={"l": 4, "r": 10, "t": 34 if len(answers) > 1 else 4, "b": 34},
        showlegend=len({answer.label for answer in answers}) > 1,
        legend={"itemclick": False, "itemdoubleclick": False, "y": 1, "yref": "container", "yanchor": "top"},
        hovermode="closest",
        annotations=_written(names, row, notes or {}),
    )  # fmt: skip
    return Drawn(figure, summary, table, kinds, currency)


def _trace(
    answer: Answers, tint: str, seen: Sequence[tuple[int, str, Dot]], at: Sequence[float], names: Mapping[str, str],
    unit: Unit, currency: str,
) -> go.Scatter:  # fmt: skip
    found = [dot for _, _, dot in seen]
    hollow = answer.symbol.endswith("-open")
    return go.Scatter(
        x=[dot.value for dot in found],
        y=list(at),
        mode="markers",
        name=answer.label,
        legendgroup=answer.label,
        marker={
            "size": 9, "color": tint, "symbol": answer.symbol, "line": {"width": 2 if hollow else 0, "color": tint},
        },
        error_x={
            "type": "data", "symmetric": False, "color": tint, "thickness": 2, "width": 0,
            "array": [0 if dot.high is None else max(dot.high - dot.value, 0) for dot in found],
            "arrayminus": [0 if dot.low is None else max(dot.value - dot.low, 0) for dot in found],
        },
        customdata=[key for _, key, _ in seen],
        hovertext=[_hover(names[key], answer.label, dot, unit, currency) for _, key, dot in seen],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )  # fmt: skip


def _hover(name: str, label: str, dot: Dot, unit: Unit, currency: str) -> str:
    said = f"{shorten(name, 60)}<br><b>{formats.number(dot.value, unit, currency)}</b> {label}"
    if dot.low is None or dot.high is None:
        return said
    low, high = formats.number(dot.low, unit, currency), formats.number(dot.high, unit, currency)
    return f"{said}<br>{low} to {high}"


def _axis(answers: Sequence[Answers]) -> tuple[float, float, list[float]]:
    """Ends with zero between them, and round numbers in between."""
    ends = [0.0]
    for answer in answers:
        for dot in answer.dots.values():
            ends += [end for end in dot if end is not None and math.isfinite(end)]
    low, high = min(ends), max(ends) if max(ends) > min(ends) else min(ends) + 1
    air = 0.03 * (high - low)
    ticks = [tick for tick in nice_ticks(low, high) if low - air <= tick <= high + air]
    return low - air, high + air, ticks


def _written(names: Mapping[str, str], row: int, notes: Mapping[str, str]) -> list[dict[str, object]]:
    written: list[dict[str, object]] = []
    for place, (key, label) in enumerate(names.items()):
        shared = {"y": place + NAME / 2 / row, "yref": "y", "xref": "x domain", "showarrow": False, "borderpad": 0}
        font = {"size": TYPE["small"], "color": colour("text")}
        written.append({**shared, "x": 0, "xanchor": "left", "text": shorten(label, 34), "font": font})
        if key in notes:
            soft = {"size": TYPE["tiny"], "color": colour("text-faint")}
            written.append({**shared, "x": 1, "xanchor": "right", "text": notes[key], "font": soft})
    return written
