"""Lines with their intervals: an effect against none, what was and what would have been, a curve with a point."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from dashboard.figures.bands import counterfactual, course
from dashboard.figures.curve import Axis, Point, curve

DAYS = [dt.date(2026, 3, day) for day in range(1, 9)]


def effects(**more: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame({"date": DAYS, "units": range(10, 90, 10), "difference": [0.5] * 8})
    return frame.assign(low=[-100, -50] + [-1.0] * 6, high=[100, 50] + [2.0] * 6, **more)


def test_an_effect_is_drawn_against_none_and_early_intervals_leave_the_figure() -> None:
    drawn = course(effects(), unit="decimal", currency="EUR", what="orders", summary="s")
    low, high, line = drawn.figure.data
    assert list(line.y) == [0.5] * 8
    assert (list(low.y)[-1], list(high.y)[-1], high.fill) == (-1.0, 2.0, "tonexty")
    bottom, top = drawn.figure.layout.yaxis.range
    assert (-2 < bottom < -1, 2 < top < 3) == (True, True)
    assert [a.text for a in drawn.figure.layout.annotations] == ["no effect", "+0.500"]
    assert list(drawn.table.columns) == ["Date", "Units", "Effect", "Low", "High"]
    assert drawn.table["High"].tolist()[0] == 100


def test_an_effect_of_nothing_yet_is_a_figure_too() -> None:
    empty = course(effects().iloc[:0], unit="decimal", currency="", what="orders", summary="s")
    assert empty.table.empty
    single = course(effects().iloc[:1], unit="decimal", currency="", what="orders", summary="s")
    assert single.figure.data[-1].mode == "markers"


def test_the_days_of_the_test_are_shaded() -> None:
    frame = pd.DataFrame(
        {"date": DAYS, "actual": [5.0] * 8, "counterfactual": [4.0] * 8, "low": [3.0, math.nan] * 4, "high": [6.0] * 8,
         "is_test": [False] * 5 + [True] * 3}
    )  # fmt: skip
    drawn = counterfactual(frame, unit="money", currency="EUR", what="Revenue", summary="s")
    (shade,) = drawn.figure.layout.shapes
    assert (str(shade.x0)[:13], str(shade.x1)[:13]) == ("2026-03-05 12", "2026-03-08 12")
    assert {trace.name for trace in drawn.figure.data} >= {"Was", "Would have been"}
    assert drawn.table["Of the test"].tolist() == ["no"] * 5 + ["yes"] * 3
    before = counterfactual(frame.iloc[:5], unit="money", currency="EUR", what="Revenue", summary="s")
    assert not before.figure.layout.shapes


@pytest.mark.parametrize("rises", [True, False])
def test_a_curve_tells_one_of_its_points_in_words(rises: bool) -> None:
    ys = [0.0, 0.5, 1.0] if rises else [1.0, 0.5, 0.25]
    drawn = curve(
        [0, 1, 2], ys, Axis("Weeks", "count"), Axis("Found", "percent"), point=Point(1, 0.5, "half"), summary="s"
    )
    assert drawn.figure.layout.yaxis.range[0] == 0
    assert [a.text for a in drawn.figure.layout.annotations] == ["half"]
    assert drawn.table.to_dict("list") == {"Weeks": [0, 1, 2], "Found": ys}
