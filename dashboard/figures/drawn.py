"""What every figure function returns, and what all figures share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from warehouse.metrics import Metric, Unit

ColumnKind = Unit | Literal["text", "date", "whole"]  # "whole" counts things one by one: never shortened

# Our cards have the buttons; Plotly's own bar would only repeat them.
CONFIG: Mapping[str, object] = {
    "displayModeBar": False,
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


class Drawn(NamedTuple):
    """A figure, the sentence that says the same to somebody who does not see it, and the table that holds it.

    ``table`` has headers that a person reads; ``kinds`` gives each header's unit. Amounts are in ``currency``.
    """

    figure: go.Figure
    summary: str
    table: pd.DataFrame
    kinds: Mapping[str, ColumnKind]
    currency: str


def blank(height: int) -> go.Figure:
    """An empty figure with our template; ``height`` in pixels, the width is the card's."""
    return go.Figure(layout={"template": "causeway_light", "height": height, "autosize": True})


def values(frame: pd.DataFrame, column: str) -> list[float]:
    """A column as floats, NaN where nothing is known."""
    return [formats.to_float(cell) for cell in frame[column]]


def total(frame: pd.DataFrame, metric: Metric) -> float | None:
    """The metric over all rows, recomputed from sums. None when the frame lacks a sum or knows no value of it.

    Nulls are left out of a sum, as SQL does.
    """
    needed = [*metric.numerator, *metric.denominator]
    if all(name in frame for name in needed):
        sums = {name: formats.to_decimal_sum(frame[name]) for name in needed}
        found = metric.value(sums)
    elif not metric.is_ratio and metric.name in frame:
        found = formats.to_decimal_sum(frame[metric.name])
    else:
        return None
    return None if found is None else float(found)


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers from at or below ``low`` to at or above ``high``, about ``count`` steps apart."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [0.0, 1.0] if high <= 0 else [0.0, high]
    rough = span / count
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def value_axis(found: Sequence[float], metric: Metric, currency: str) -> dict[str, object]:
    """A y axis with zero in sight for ``found``, with our own tick texts and a little air above."""
    known = [v for v in found if math.isfinite(v)]
    low, high = min([0.0, *known]), max([0.0, *known])
    if high == low:
        high = low + 1
    air = 0.06 * (high - low)
    low, high = (low - air if low < 0 else 0.0), (high + air if high > 0 else 0.0)
    ticks = [t for t in nice_ticks(low, high) if low <= t <= high]
    return {
        "range": [low, high],
        "fixedrange": True,
        "tickvals": ticks,
        "ticktext": [formats.tick(t, metric.unit, currency) for t in ticks],
        "zeroline": low < 0,
    }


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Positions moved apart as little as needed so that none is nearer than ``gap`` to another; order is kept."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    blocks: list[tuple[float, list[int]]] = []  # centre and members, bottom to top
    for index in order:
        blocks.append((positions[index], [index]))
        while len(blocks) > 1 and _overlap(blocks[-2], blocks[-1], gap):
            (_, upper), (_, lower) = blocks.pop(), blocks.pop()
            members = lower + upper
            blocks.append((sum(positions[i] for i in members) / len(members), members))
    placed = [0.0] * len(positions)
    for centre, members in blocks:
        for rank, index in enumerate(members):
            placed[index] = centre + (rank - (len(members) - 1) / 2) * gap
    return placed


def shorten(text: str, length: int) -> str:
    """The text, cut with an ellipsis when it is longer than ``length`` characters, safe inside Plotly's markup."""
    cut = text if len(text) <= length else text[: length - 1].rstrip() + "…"
    return cut.replace("&", "&amp;").replace("<", "&lt;")


def _overlap(lower: tuple[float, list[int]], upper: tuple[float, list[int]], gap: float) -> bool:
    needed = gap * (len(lower[1]) + len(upper[1])) / 2
    return upper[0] - lower[0] < needed
