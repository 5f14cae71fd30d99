"""A line the size of a word. Drawn as a tiny SVG that CSS uses as a mask, so that a tile costs no Plotly figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from urllib.parse import quote

WIDTH, HEIGHT, PADDING = 120, 32, 2


def sparkline(values: Sequence[float], *, scale: Sequence[float] = (), dashed: bool = False) -> str:
    """The line of ``values`` (NaN leaves a gap) as a ``data:`` URL; empty when there is nothing to draw.

    ``scale`` gives further values that share the vertical scale, so that two sparklines can lie on each other.
    """
    known = [v for v in (*values, *scale) if math.isfinite(v)]
    if len(values) < 2 or not any(math.isfinite(v) for v in values):
        return ""
    low, high = min(known), max(known)
    step = (WIDTH - 2 * PADDING) / (len(values) - 1)
    room = HEIGHT - 2 * PADDING

    def point(i: int, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{PADDING + i * step:.1f} {HEIGHT - PADDING - share * room:.1f}"

    path, pen_down = [], False
    for i, value in enumerate(values):
        if not math.isfinite(value):
            pen_down = False
            continue
        path.append(f"{'L' if pen_down else 'M'}{point(i, value)}")
        pen_down = True
    dashes = " stroke-dasharray='3 3'" if dashed else ""
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'>"
        f"<path d='{''.join(path)}' fill='none' stroke='black' stroke-width='1.5' stroke-linejoin='round' "
        f"stroke-linecap='round' vector-effect='non-scaling-stroke'{dashes}/></svg>"
    )
    return f"data:image/svg+xml,{quote(svg, safe=' /:=-.,')}"
