"""Figures of attribution: intervals that stand where they should, and parts that make up their whole."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.figures.dots import Answers, Dot, dots
from dashboard.figures.parts import causes, shares
from dashboard.theme import colour

NAMES = {"search": "Search", "video": "Video <b>"}
TABLE = pd.DataFrame({"Channel": ["Search"]})
LAST = Answers("Last touch", {"search": Dot(60, 50, 72), "video": Dot(3)}, colour("compare"), "circle-open")
MARKOV = Answers("Markov", {"search": Dot(40, 35, 44), "video": Dot(-9, -20, 90)}, colour("accent"))


def drawn(*answers: Answers, **more):
    return dots(
        NAMES, answers, unit="count", what="Orders", summary="s", table=TABLE, kinds={"Channel": "text"}, **more
    )


def test_an_interval_reaches_from_its_low_to_its_high_end() -> None:
    last, markov = drawn(LAST, MARKOV).figure.data
    assert (last.x, last.error_x.arrayminus, last.error_x.array) == ((60, 3), (10, 0), (12, 0))
    assert markov.error_x.arrayminus == (5, 11)
    assert [text.split("<br>")[-1] for text in markov.hovertext] == ["35 to 44", "−20 to 90"]


def test_each_name_has_its_answers_in_order_within_its_row() -> None:
    last, markov = drawn(LAST, MARKOV).figure.data
    for place in (0, 1):
        assert place < last.y[place] < markov.y[place] < place + 1


def test_zero_and_every_end_are_on_the_axis() -> None:
    low, high = drawn(LAST, MARKOV).figure.layout.xaxis.range
    assert low < -20
    assert high > 90
    assert drawn(Answers("One", {}, colour("accent"))).figure.layout.xaxis.range[1] > 0


def test_a_legend_names_each_answer_once_and_none_stands_alone() -> None:
    tints = Answers("Share", {"search": Dot(1), "video": Dot(2)}, {"search": "#111111", "video": "#222222"})
    figure = drawn(LAST, tints).figure
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == ["Last touch", "Share"]
    assert not drawn(LAST).figure.layout.showlegend


def test_names_and_notes_are_written_once_and_safely() -> None:
    written = [a.text for a in drawn(LAST, notes={"video": "$5"}).figure.layout.annotations]
    assert written == ["Search", "Video &lt;b>", "$5"]


def test_shares_fill_each_bar() -> None:
    parts = {"First": {"search": 1.0, "video": 0.0}, "Last": {"search": 3.0}}
    figure = shares(NAMES, parts, what="touches", summary="s", table=TABLE, kinds={"Channel": "text"}).figure
    assert sum(trace.x[0] for trace in figure.data) == pytest.approx(1)
    assert [trace.x[1] for trace in figure.data] == [0, 0]  # of what nobody met there is nothing


def test_causes_go_to_both_sides_of_zero() -> None:
    parts = {"Volume": {"search": 10.0, "video": -4.0}, "Mix": {"search": -3.0}}
    figure = causes(
        NAMES, parts, unit="count", what="orders", summary="s", table=TABLE, kinds={"Channel": "text"}
    ).figure
    assert figure.layout.barmode == "relative"
    assert tuple(figure.layout.xaxis.range) == (-4, 10)
    assert figure.data[1].x == (-3, 0)
