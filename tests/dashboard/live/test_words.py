"""What the Live page and the Overview's strip say, and the figure behind them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dashboard.figures.arrivals import arrivals
from dashboard.live.words import ago, answer, lag, last_minute, source_name
from dashboard.overview.today import said
from warehouse.queries.live import LiveSource, Minute, NewEvent, Today

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


def text_of(component: Any) -> str:
    if isinstance(component, str):
        return component
    children = getattr(component, "children", component)
    return "".join(map(text_of, children)) if isinstance(children, list) else text_of(children or "")


def source(**more: Any) -> LiveSource:
    usual = {
        "account_key": 1, "account_name": "Shop", "source": "segment", "events": 0, "repeated": 0, "refused": 0,
        "mean_lag": None, "longest_lag": None, "last_arrived_at": None, "settled_at": None,
    }  # fmt: skip
    return LiveSource(**{**usual, **more})


def test_the_answer_counts_over_all_sources() -> None:
    newest = [NewEvent(NOW - dt.timedelta(seconds=9), NOW, "Shop", "segment", "page_view")]
    told = text_of(answer([source(events=1_200, repeated=2), source(events=34, refused=5)], newest, NOW))
    assert "1,234 events in the last hour, the newest 9 s ago; 5 refused." in told
    assert "2 came again and were taken once." in told
    assert "1 event in the last hour; none was refused." in text_of(answer([source(events=1)], [], NOW))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (59, "59 s ago"), (60, "1 minute ago"), (7_300, "2 hours ago"), (90_000, "1 day ago")],
)
def test_how_long_ago(seconds: int, words: str) -> None:
    assert ago(NOW - dt.timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (0.0123, "12 ms"), (2.34, "2.3 s"), (600, "10 min"), (9_000, "2 h")]
)
def test_lags(seconds: float | None, words: str) -> None:
    assert lag(seconds) == words


def test_the_last_minute_is_a_time_today_and_a_day_before() -> None:
    assert last_minute(NOW, NOW) == "12:00"
    assert last_minute(NOW - dt.timedelta(days=2), NOW) == "20 Nov"
    assert last_minute(None, NOW) == "–"


def test_sources_in_words() -> None:
    assert [source_name(s) for s in ("ga4_mp", "segment", "kafka/clicks")] == [
        "Measurement Protocol", "Segment calls", "Kafka, topic clicks",
    ]  # fmt: skip


def test_the_figure_stacks_what_was_refused_on_what_was_taken() -> None:
    minutes = [Minute(NOW, 10, 1, 0), Minute(NOW + dt.timedelta(minutes=1), 30, 0, 4)]
    drawn = arrivals(minutes)
    assert [list(trace.y) for trace in drawn.figure.data] == [[10, 30], [0, 4]]
    assert drawn.summary == "40 events in the last 2 minutes; the busiest was 12:01 UTC with 30."
    assert drawn.table["Refused"].tolist() == [0, 4]
    assert arrivals([Minute(NOW, 0, 0, 0)]).summary == "Nothing arrived in the last 1 minutes."


def test_today_in_one_sentence() -> None:
    assert said([]) == []
    (told,) = said([Today("EUR", 12, 2, Decimal("39.80")), Today("USD", 1, 0, Decimal(0))])
    assert "Today so far: 13 sessions, 2 orders, €39.80" in text_of(told)
