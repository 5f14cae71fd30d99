"""A whole in its parts over time: areas on one another, the whole as a line, and both in the table."""

from __future__ import annotations

import datetime as dt

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
