from __future__ import annotations

import datetime as dt
import json
import math

import pandas as pd
import pytest

from dashboard.figures.bars import bars
from dashboard.figures.drawn import nice_ticks, spread, total
from dashboard.figures.freshness import freshness
from dashboard.figures.sparkline import sparkline
from dashboard.figures.split import split_trend
from dashboard.figures.trend import Event, trend
from tests.dashboard import made_up
from warehouse.metrics import METRICS, OVERVIEW

ALL = {
    "trend": lambda: trend(made_up.trend_frame(), METRICS["spend"], made_up.comparison()),
    "bars": lambda: bars(made_up.breakdown(), METRICS["revenue"], "Channel"),
    "split": lambda: split_trend(made_up.split_frame(), METRICS["spend"], "Channel"),
    "split ratio": lambda: split_trend(made_up.split_frame(), METRICS["roas"], "Channel"),
    "freshness": lambda: freshness(made_up.sources(), made_up.TODAY),
}


@pytest.fixture(params=ALL, name="drawn")
def drawn_(request):
    return ALL[request.param]()


def test_every_figure_has_one_sentence_and_a_table_with_a_unit_for_each_column(drawn) -> None:
    assert drawn.summary.endswith(".")
    assert "nan" not in drawn.summary.lower()
    assert list(drawn.table.columns) == list(drawn.kinds)
    assert len(drawn.table) > 0


def test_no_figure_is_a_pie_or_has_a_second_axis_or_a_log_scale(drawn) -> None:
    assert {trace.type for trace in drawn.figure.data} <= {"scatter", "bar"}
    layout = drawn.figure.layout.to_plotly_json()
    assert not [name for name in layout if name.startswith("yaxis") and name != "yaxis"]
    assert layout["yaxis"].get("type") != "log"


def test_every_figure_keeps_its_view_and_its_width_on_an_update(drawn) -> None:
    layout = drawn.figure.layout
    assert layout.template.layout.uirevision == "causeway"
    assert layout.width is None
    assert layout.height > 0


def test_every_colour_of_a_figure_has_a_dark_partner(drawn) -> None:
    import re

    from dashboard.theme import COLOURS, SERIES

    known = {pair.light for pair in (*COLOURS.values(), *SERIES)}
    known |= {", ".join(str(int(c[i : i + 2], 16)) for i in (1, 3, 5)) for c in known}
    text = json.dumps(json.loads(drawn.figure.to_json()))
    used = set(re.findall(r"#[0-9a-f]{6}", text)) | set(re.findall(r"rgba\((\d+, \d+, \d+), ", text))
    assert used <= known


@pytest.mark.parametrize("name", OVERVIEW)
def test_every_metric_can_be_drawn(name) -> None:
    assert METRICS[name].label in trend(made_up.trend_frame(10), METRICS[name]).summary
    assert METRICS[name].label in bars(made_up.breakdown(), METRICS[name], "Channel").summary
    assert METRICS[name].label in split_trend(made_up.split_frame(5), METRICS[name], "Channel").summary


def test_a_trend_shows_unknown_values_as_gaps_and_not_as_zero() -> None:
    frame = made_up.trend_frame(5)
    frame["revenue"] = frame["revenue"].astype(object)
    frame.loc[2, "revenue"] = None
    line = trend(frame, METRICS["revenue"]).figure.data[-1]
    assert [math.isnan(v) for v in line.y] == [False, False, True, False, False]
    assert not line.connectgaps


def test_a_trend_of_one_day_is_a_point_that_can_be_seen() -> None:
    assert trend(made_up.trend_frame(1), METRICS["spend"]).figure.data[-1].mode == "lines+markers"


def test_a_trend_of_nothing_says_so() -> None:
    drawn = trend(made_up.trend_frame(1).iloc[:0], METRICS["spend"])
    assert drawn.summary == "Spend: nothing in this period."


def test_the_comparison_lies_on_matched_days_and_is_dashed() -> None:
    compare = made_up.comparison(10)
    drawn = trend(made_up.trend_frame(10), METRICS["spend"], compare)
    dashed = [t for t in drawn.figure.data if t.line.dash]
    assert len(dashed) == 1
    assert list(dashed[0].y) == [float(v) for v in compare.frame["spend"]]
    weekdays = [
        (now.weekday(), then.weekday())
        for now, then in zip(drawn.table["Date"], drawn.table["Compared date"], strict=True)
    ]
    assert all(now == then for now, then in weekdays)
    assert "against the previous year on matched weekdays" in drawn.summary


def test_days_that_are_not_final_are_hatched_and_said() -> None:
    drawn = trend(made_up.trend_frame(10, open_days=3), METRICS["spend"])
    (hatched,) = [t for t in drawn.figure.data if t.fillpattern.shape]
    assert min(hatched.x) == pd.Timestamp(made_up.TODAY) - pd.Timedelta(days=2.5)
    assert max(hatched.x) == pd.Timestamp(made_up.TODAY) + pd.Timedelta(days=0.5)
    assert drawn.summary.endswith("3 days are not final.")
    assert any("not final" in (a.text or "") for a in drawn.figure.layout.annotations)


def test_events_stand_on_the_axis() -> None:
    event = Event(made_up.TODAY - dt.timedelta(days=4), "New <b>budget</b>")
    drawn = trend(made_up.trend_frame(10), METRICS["spend"], events=[event])
    assert drawn.figure.layout.shapes[0].x0 == event.date
    assert "New &lt;b>budget&lt;/b>" in [a.text for a in drawn.figure.layout.annotations]


@pytest.mark.parametrize("granularity", ["day", "week", "month", "quarter"])
def test_a_trend_names_its_periods(granularity) -> None:
    frame = made_up.trend_frame(4)
    starts = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS"}[granularity]
    frame["date"] = pd.date_range("2026-01-01", periods=4, freq=starts)
    drawn = trend(frame, METRICS["spend"], granularity=granularity)
    assert {"day": "Jan", "week": "week of", "month": "in ", "quarter": "in Q"}[granularity] in drawn.summary


def test_bars_start_at_zero_and_are_sorted() -> None:
    drawn = bars(made_up.breakdown(), METRICS["revenue"], "Channel")
    (bar,) = [t for t in drawn.figure.data if t.type == "bar"]
    assert list(bar.x) == sorted(bar.x, reverse=True)
    assert drawn.figure.layout.xaxis.range[0] == 0


def test_other_is_recomputed_from_sums_and_never_averaged() -> None:
    frame = made_up.breakdown()
    drawn = bars(frame, METRICS["roas"], "Channel", limit=3)
    others = frame.sort_values("roas", ascending=False, key=lambda s: s.astype(float)).iloc[3:]
    expected = float(others["conversion_value"].sum() / others["spend"].sum())
    assert drawn.table["ROAS"].iloc[-1] == pytest.approx(expected)
    assert drawn.table["Channel"].iloc[-1] == f"Other ({len(others)})"
    before = others["previous_conversion_value"].sum() / others["previous_spend"].sum()
    assert drawn.table["ROAS, compared"].iloc[-1] == pytest.approx(float(before))


def test_bars_of_unknown_values_come_last_and_are_not_zero() -> None:
    frame = made_up.breakdown().astype({"revenue": object})
    frame.loc[0, "revenue"] = None
    drawn = bars(frame, METRICS["revenue"], "Channel")
    assert drawn.table["Revenue"].iloc[-1] is None
    assert any(a.text.startswith("–") for a in drawn.figure.layout.annotations)


def test_bars_of_nothing_say_so() -> None:
    drawn = bars(made_up.breakdown().iloc[:0], METRICS["spend"], "Campaign")
    assert drawn.summary == "Spend by campaign: nothing is known in this period."


def test_a_name_cannot_write_markup_into_a_figure() -> None:
    frame = made_up.breakdown(("<a href='x'>Sale</a>", "B"))
    labels = [a.text for a in bars(frame, METRICS["spend"], "Campaign").figure.layout.annotations]
    assert not any("<a" in label for label in labels)


def test_a_stack_adds_up_to_the_whole() -> None:
    frame = made_up.split_frame(6)
    drawn = split_trend(frame, METRICS["spend"], "Channel", limit=3)
    stacked = [t for t in drawn.figure.data if t.stackgroup]
    whole = frame.groupby("date")["spend"].sum()
    for i, expected in enumerate(whole):
        assert sum(t.y[i] for t in stacked) == pytest.approx(float(expected))
    assert stacked[-1].name.startswith("Other")


def test_ratios_are_lines_and_not_stacked() -> None:
    drawn = split_trend(made_up.split_frame(6), METRICS["roas"], "Channel")
    assert not [t for t in drawn.figure.data if t.stackgroup]


def test_freshness_says_who_is_behind() -> None:
    drawn = freshness(made_up.sources(), made_up.TODAY)
    assert drawn.summary.startswith("3 of 5 sources are up to date; behind: TikTok Ads, LinkedIn Ads;")
    states = dict(zip(drawn.table["Source"], drawn.table["State"], strict=True))
    assert states["TikTok Ads"] == "no data yet"
    assert states["LinkedIn Ads"] == "12 days behind"


def test_a_sparkline_leaves_gaps_and_draws_nothing_from_nothing() -> None:
    assert sparkline([]) == sparkline([1.0]) == sparkline([math.nan, math.nan]) == ""
    assert sparkline([1.0, math.nan, 2.0, 3.0]).count("M") == 2
    assert "stroke-dasharray" in sparkline([1.0, 2.0], dashed=True)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 1), (0, 14_837), (-0.4, 2.2), (0, 1e-7), (-5, 0)])
def test_ticks_are_round_and_cover_the_values(low, high) -> None:
    ticks = nice_ticks(low, high)
    assert ticks == sorted(ticks)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert len(ticks) <= 7


def test_labels_are_spread_apart_in_their_order() -> None:
    assert spread([0, 100], 14) == [0, 100]
    placed = spread([50, 51, 52, 200], 14)
    assert placed == [37, 51, 65, 200]


def test_a_total_without_its_sums_is_unknown() -> None:
    assert total(pd.DataFrame({"roas": [2.0]}), METRICS["roas"]) is None
    assert total(pd.DataFrame({"spend": [1.5, None]}), METRICS["spend"]) == 1.5
