"""Figures of journeys: streams that neither lose nor double anybody, grids, and bars from zero."""

from __future__ import annotations

import math

import pandas as pd

from dashboard.figures.counts import counts
from dashboard.figures.heat import heat
from dashboard.figures.sankey import NODES, sankey
from warehouse.queries.journeys import StepFlow

NAMES = {"search": "Search", "video": "Video"}
FLOWS = [
    StepFlow(1, "video", "search", 5),
    StepFlow(1, "search", None, 3),
    StepFlow(2, "search", None, 4),
    StepFlow(2, "search", "", 1),
]


def links(drawn) -> dict[tuple[str, str], int]:
    (trace,) = drawn.figure.data
    labels = trace.node.label
    found: dict[tuple[str, str], int] = {}
    for source, target, value in zip(trace.link.source, trace.link.target, trace.link.value, strict=True):
        pair = (labels[source], labels[target])
        found[pair] = found.get(pair, 0) + value
    return found


def test_streams_end_in_the_conversion() -> None:
    found = links(sankey(FLOWS, NAMES, "order"))
    assert found == {
        ("Video", "Search"): 5, ("Search", "Order"): 7, ("Search", "Further steps"): 1, ("Further steps", "Order"): 1,
    }  # fmt: skip
    assert sum(value for (_, target), value in found.items() if target == "Order") == 8


def test_small_channels_flow_together() -> None:
    flows = [StepFlow(1, f"channel {i}", None, i) for i in range(1, NODES + 4)]
    found = links(sankey(flows, {}, "order"))
    assert len(found) == NODES + 1
    assert found["Other", "Order"] == 1 + 2 + 3
    assert sum(found.values()) == sum(f.conversions for f in flows)


def test_streams_have_a_sentence_and_a_table_of_everything() -> None:
    drawn = sankey(FLOWS, NAMES, "order")
    assert "Video 62.5" in drawn.summary.replace("\u202f", " ")
    assert "from Video to Search" in drawn.summary
    assert drawn.table["Conversions"].sum() == 13
    assert list(drawn.table["To"]) == ["Search", "Order", "Order", "Further steps"]
    assert sankey([], {}, "order").summary == "No order followed a known touch in this period."


def test_a_grid_leaves_out_what_is_not_known() -> None:
    table = pd.DataFrame({"Cohort": ["Jan", "Feb"]})
    drawn = heat(
        ["Jan", "Feb"], ["+1", "+2"], [[0.2, 0.1], [0.4, math.nan]], [["20 %", "10 %"], ["40 %", ""]],
        [["a", "b"], ["c", ""]], summary="s", table=table, kinds={"Cohort": "text"},
    )  # fmt: skip
    (trace,) = drawn.figure.data
    assert trace.z[1][1] is None
    assert trace.zmax == 0.4
    assert drawn.figure.layout.yaxis.autorange == "reversed"


def test_bars_begin_at_zero_and_say_their_share() -> None:
    drawn = counts(["1", "2"], [3, 1], what="orders", summary="s", table=pd.DataFrame(), kinds={})
    (trace,) = drawn.figure.data
    assert [text.replace("\u202f", " ") for text in trace.text] == ["75.0 %", "25.0 %"]
    assert drawn.figure.layout.yaxis.rangemode == "tozero"
    assert counts(["1"], [0], what="orders", summary="s", table=pd.DataFrame(), kinds={}).figure.data[0].text == ("",)
