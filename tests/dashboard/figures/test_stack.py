"""A whole in its parts over time, and a response curve: what is drawn, shaded, dashed, and in the table."""

from __future__ import annotations

import datetime as dt

from dashboard.figures.response import Response, Scale, response
from dashboard.figures.stack import Part, stack

WEEKS = [dt.date(2026, 1, 5) + dt.timedelta(weeks=week) for week in range(3)]


def test_parts_lie_on_one_another_and_the_whole_is_a_line() -> None:
    drawn = stack(
        WEEKS, [Part("Base", [5.0, 5.0, 5.0], "#112233"), Part("Video", [1.0, 2.0, 0.0], "#445566")], [6.0, 7.5, 5.0],
        unit="money", currency="EUR", whole_name="Revenue", summary="s",
    )  # fmt: skip
    base, video, whole = drawn.figure.data
    assert (base.stackgroup, video.stackgroup, whole.stackgroup) == ("whole", "whole", None)
    assert drawn.figure.layout.yaxis.range[0] == 0
    assert drawn.figure.layout.yaxis.range[1] > 7.5
    assert list(drawn.table.columns) == ["Week of", "Revenue", "Video", "Base"]


def test_a_part_below_zero_is_in_sight() -> None:
    drawn = stack(WEEKS, [Part("Base", [-2.0, 5.0, 5.0], "#112233")], [-2.0, 5.0, 5.0], unit="decimal", currency="",
                  whole_name="Orders", summary="s")  # fmt: skip
    assert drawn.figure.layout.yaxis.range[0] == -2


def test_a_response_is_dashed_where_no_data_stand_behind_it() -> None:
    points = [Response(10.0 * place, float(place), place - 0.5, place + 0.5) for place in range(6)]
    drawn = response(
        points, Scale("Spend", "money", "EUR"), Scale("Revenue", "money", "EUR"), today=points[2], trusted=35.0,
        summary="s",
    )  # fmt: skip
    low, high, seen, beyond, today = drawn.figure.data
    assert (low.line.width, high.fill) == (0, "tonexty")
    assert (list(seen.x), seen.line.dash) == ([0.0, 10.0, 20.0, 30.0], "solid")
    assert (list(beyond.x), beyond.line.dash) == ([30.0, 40.0, 50.0], "4px,3px")
    assert (list(today.x), list(today.y)) == ([20.0], [2.0])
    (shade,) = drawn.figure.layout.shapes
    assert (shade.x0, shade.x1) == (0, 35.0)
    assert drawn.table["High"].tolist()[-1] == 5.5
