"""How journeys went on from step to step, as streams between channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.figures.drawn import Drawn, blank
from dashboard.theme import TYPE, channel_colour, colour, faded
from warehouse.queries.journeys import StepFlow

NODES: Final = 6  # channels told apart at each step
OTHER: Final = "other"
HEIGHT: Final = 380

Node = tuple[int, str | None]  # position and channel; the conversion has the channel None, further steps ""


def sankey(flows: Sequence[StepFlow], names: Mapping[str, str], goal: str) -> Drawn:
    """Flows between the channels of successive steps, ending in ``goal`` (a word for one conversion, such as order).

    At each step the largest channels are told apart, the others flow together.
    """
    merged = _merged(flows)
    nodes = sorted({node for flow in merged for node in flow}, key=lambda n: (n[0], n[1] is None, n[1] or ""))
    place = {node: i for i, node in enumerate(nodes)}
    labels = [_label(channel, names, goal) for _, channel in nodes]
    tints = [_tint(channel) for _, channel in nodes]
    figure = blank(HEIGHT)
    figure.add_trace(
        go.Sankey(
            arrangement="snap",
            node={
                "label": labels, "color": tints, "pad": 16, "thickness": 12, "line": {"width": 0},
                "hovertemplate": "%{label}<br><b>%{value:,}</b><extra></extra>",
            },
            link={
                "source": [place[source] for source, _ in merged],
                "target": [place[target] for _, target in merged],
                "value": list(merged.values()),
                "color": [faded(_tint(source[1]), 0.28) for source, _ in merged],
                "hovertemplate": "%{source.label} → %{target.label}<br><b>%{value:,}</b><extra></extra>",
            },
            textfont={"size": TYPE["small"], "color": colour("text")},
        )
    )  # fmt: skip
    figure.update_layout(margin={"l": 4, "r": 4, "t": 8, "b": 12})
    table = pd.DataFrame(
        [
            (flow.position, _label(flow.source, names, goal), _label(flow.target, names, goal), flow.conversions)
            for flow in sorted(flows, key=lambda f: (f.position, -f.conversions))
        ],
        columns=["Step", "From", "To", "Conversions"],
    )
    kinds = {"Step": "whole", "From": "text", "To": "text", "Conversions": "whole"}
    return Drawn(figure, _summary(flows, names, goal), table, kinds, "")  # type: ignore[arg-type]  # literal kinds


def _merged(flows: Sequence[StepFlow]) -> Counter[tuple[Node, Node]]:
    """Flows by source and target, with small channels of a step as one."""
    sizes: dict[int, Counter[str]] = {}
    for flow in flows:
        sizes.setdefault(flow.position, Counter())[flow.source] += flow.conversions
        if flow.target:
            sizes.setdefault(flow.position + 1, Counter())[flow.target] += flow.conversions
    shown = {position: {name for name, _ in counts.most_common(NODES)} for position, counts in sizes.items()}
    last = max((flow.position for flow in flows), default=0) + 1
    found: Counter[tuple[Node, Node]] = Counter()
    for flow in flows:
        source = (flow.position, flow.source if flow.source in shown[flow.position] else OTHER)
        if flow.target:
            target: Node = (flow.position + 1, flow.target if flow.target in shown[flow.position + 1] else OTHER)
        else:
            target = (last + (flow.target is None), flow.target)
        found[source, target] += flow.conversions
        if flow.target == "":
            found[(last, ""), (last + 1, None)] += flow.conversions
    return found


def _label(channel: str | None, names: Mapping[str, str], goal: str) -> str:
    if channel is None:
        return goal.capitalize()
    return names.get(channel, channel.capitalize()) if channel else "Further steps"


def _tint(channel: str | None) -> str:
    if channel is None:
        return colour("accent")
    return channel_colour(channel)


def _summary(flows: Sequence[StepFlow], names: Mapping[str, str], goal: str) -> str:
    firsts: Counter[str] = Counter()
    for flow in flows:
        if flow.position == 1:
            firsts[flow.source] += flow.conversions
    if not firsts:
        return f"No {goal} followed a known touch in this period."
    total = sum(firsts.values())
    begun = ", ".join(f"{names.get(n, n)} {formats.number(c / total, 'percent')}" for n, c in firsts.most_common(3))
    largest = max((f for f in flows if f.target), key=lambda f: f.conversions, default=None)
    went = ""
    if largest is not None:
        source, target = (names.get(name or "", name or "") for name in (largest.source, largest.target))
        went = f" The largest stream goes from {source} to {target}."
    return f"Where journeys that led to a conversion began: {begun}.{went} Repetitions of a channel count once."
