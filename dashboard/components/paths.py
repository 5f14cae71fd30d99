"""Paths of journeys, as chips in their channels' colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard.theme import channel_slot

STEPS_SHOWN: Final = 12  # chips of a path; of longer ones the middle is left out


def path_chips(channels: Sequence[str], names: Mapping[str, str]) -> Component:
    """A path as chips; a repetition is a number on the chip."""
    runs = [(channel, len(list(run))) for channel, run in groupby(channels)]
    shown: list[tuple[str, int] | None] = list(runs)
    if len(runs) > STEPS_SHOWN:
        shown = [*runs[: STEPS_SHOWN // 2], None, *runs[-STEPS_SHOWN // 2 :]]
    return html.Ol([_chip(run, names, len(runs) - STEPS_SHOWN) for run in shown], className="cw-journey")


def channel_tint(channel: str) -> str:
    """A channel's colour as a stylesheet names it."""
    slot = channel_slot(channel)
    return "var(--cw-other)" if slot is None else f"var(--cw-series-{slot})"


def _chip(run: tuple[str, int] | None, names: Mapping[str, str], left_out: int) -> Component:
    if run is None:
        return html.Li(f"{left_out} more", className="cw-touch cw-touch-more")
    channel, times = run
    repeated = [html.Span(f" ×{times}", className="cw-touch-times")] if times > 1 else []
    style = {"--cw-touch": channel_tint(channel)}
    return html.Li([names.get(channel, channel), *repeated], className="cw-touch", style=style)
