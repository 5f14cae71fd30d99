"""A response curve: dashed where no data stand behind it, with today's point, a proposed one, and their words."""

from __future__ import annotations

import pytest

from dashboard.figures.drawn import Drawn
from dashboard.figures.response import Axis, Marked, Response, response

POINTS = [Response(10.0 * place, float(place), place - 0.5, place + 0.5) for place in range(6)]
MONEY = Axis("Spend", "money", "EUR"), Axis("Revenue", "money", "EUR")


def drawn(proposed: float | None = None, tried: float | None = None) -> Drawn:
    other = None if proposed is None else Marked(proposed, proposed / 10, "there")
    today = Marked(20.0, 2.0, "here")
    return response(POINTS, *MONEY, today=today, proposed=other, tried=tried, line="#112233", summary="s")


def test_it_is_dashed_where_no_data_stand_behind_it() -> None:
    found = drawn(tried=35.0)
    low, high, seen, beyond, today = found.figure.data
    assert (low.line.width, high.fill) == (0, "tonexty")
    assert (list(seen.x), seen.line.dash) == ([0.0, 10.0, 20.0, 30.0], "solid")
    assert (list(beyond.x), beyond.line.dash) == ([30.0, 40.0, 50.0], "4px,3px")
    assert (list(today.x), list(today.y), list(today.hovertext)) == ([20.0], [2.0], ["here"])
    (shade,) = found.figure.layout.shapes
    assert (shade.x0, shade.x1) == (0, 35.0)
    assert found.table["High"].tolist()[-1] == 5.5


def test_without_a_word_of_what_was_tried_nothing_is_shaded() -> None:
    assert not drawn().figure.layout.shapes


@pytest.mark.parametrize(
    ("proposed", "said"),
    [(None, ["Today"]), (20.5, ["Today and proposed"]), (25.0, ["Proposed", "Today"]), (50.0, ["Proposed", "Today"])],
)
def test_points_that_are_close_share_their_words(proposed: float | None, said: list[str]) -> None:
    found = drawn(proposed).figure
    assert [note.text for note in found.layout.annotations] == said
    if proposed == 25.0:
        assert [note.xanchor for note in found.layout.annotations] == ["left", "right"]
