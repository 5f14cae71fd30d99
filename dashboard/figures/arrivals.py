"""Events per minute: a bar for each minute, what was refused on top of what was taken."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.drawn import ColumnKind, Drawn, blank, nice_ticks
from dashboard.theme import colour
from warehouse.queries.live import Minute


def arrivals(minutes: Sequence[Minute]) -> Drawn:
    """Draw minutes in order, in UTC."""
    figure = blank(260)
    at = [minute.minute for minute in minutes]
    taken, refused = [m.events for m in minutes], [m.refused for m in minutes]
    most = max([t + r for t, r in zip(taken, refused, strict=True)], default=0) or 1
    ticks = [tick for tick in nice_ticks(0, most) if tick == int(tick)]
    for name, counts, tint in (("Taken", taken, "accent"), ("Refused", refused, "bad")):
        figure.add_trace(
            go.Bar(
                x=at,
                y=counts,
                name=name,
                marker={"color": colour(tint), "line": {"width": 0}},
                hovertemplate=f"%{{y:,}} {name.lower()}<extra></extra>",
            )
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        hovermode="x unified",
        showlegend=any(refused),
        xaxis={"type": "date", "tickformat": "%H:%M", "hoverformat": "%H:%M UTC", "nticks": 7, "fixedrange": True},
        yaxis={
            "range": [0, most * 1.06],
            "tickvals": ticks,
            "ticktext": [f"{int(tick):,}" for tick in ticks],
            "fixedrange": True,
        },
    )
    table = pd.DataFrame(
        {
            "Minute (UTC)": [f"{moment:%Y-%m-%d %H:%M}" for moment in at],
            "Taken": taken,
            "Repeated": [m.repeated for m in minutes],
            "Refused": refused,
        }
    )
    kinds: dict[str, ColumnKind] = {"Minute (UTC)": "text", "Taken": "whole", "Repeated": "whole", "Refused": "whole"}
    return Drawn(figure, _summary(minutes), table, kinds, "")


def _summary(minutes: Sequence[Minute]) -> str:
    total = sum(m.events for m in minutes)
    if not total:
        return f"Nothing arrived in the last {len(minutes)} minutes."
    busiest = max(minutes, key=lambda m: m.events)
    return (
        f"{total:,} events in the last {len(minutes)} minutes; the busiest was {busiest.minute:%H:%M} UTC "
        f"with {busiest.events:,}."
    )
