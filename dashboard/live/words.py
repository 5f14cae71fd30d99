"""What the Live page says first, and how lags and moments are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dash.development.base_component import Component

from dashboard.components import words
from warehouse.queries.live import LiveSource, NewEvent

QUESTION = "Is it arriving, and is anything wrong with it?"


def answer(sources: Sequence[LiveSource], newest: Sequence[NewEvent], now: dt.datetime) -> Component:
    """One sentence over the last hour."""
    events, refused = sum(s.events for s in sources), sum(s.refused for s in sources)
    said = f"{events:,} event{'s' * (events != 1)} in the last hour"
    if newest:
        said += f", the newest {ago(newest[0].arrived_at, now)}"
    said += f"; {refused:,} refused." if refused else "; none was refused."
    return words.answer(QUESTION, said, note=_note(sources))


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0, int((now - moment).total_seconds()))
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' * (count != 1)} ago"
    return f"{seconds} s ago" if seconds else "just now"


def lag(seconds: float | None) -> str:
    """A lag at the precision that it deserves."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.0f} h"


def last_minute(minute: dt.datetime | None, now: dt.datetime) -> str:
    """The last minute in which anything came, in UTC; only its day when it was not today."""
    if minute is None:
        return "–"
    return f"{minute:%H:%M}" if minute.date() == now.date() else f"{minute.day} {minute:%b}"


def source_name(source: str) -> str:
    """A source in words."""
    named = {"ga4_mp": "Measurement Protocol", "segment": "Segment calls"}
    return named.get(source) or f"Kafka, topic {source.partition('/')[2]}"


def _note(sources: Sequence[LiveSource]) -> str:
    repeated = sum(s.repeated for s in sources)
    known = f"{repeated:,} came again and {'was' if repeated == 1 else 'were'} taken once. " if repeated else ""
    return f"{known}Sessions, orders and the Overview follow within seconds."
