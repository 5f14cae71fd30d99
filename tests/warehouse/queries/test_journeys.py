"""What journeys tell, on four customers whose journeys can be told by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.warehouse.conftest import let_read_everything
from tests.warehouse.events.history import History
from tests.warehouse.state import EVERYTHING
from warehouse.access import Reader
from warehouse.errors import MissingRate
from warehouse.filters import Filter
from warehouse.queries.funnel import ChannelFunnel, channel_funnel
from warehouse.queries.journeys import (
    Path,
    PathLength,
    StepFlow,
    TimeClass,
    journey_state,
    journey_totals,
    path_lengths,
    step_flows,
    time_to_convert,
    top_paths,
)
from warehouse.schema.commerce import ConversionKind
from warehouse.sessions import Warehouse

MARCH = Filter(dt.date(2026, 3, 1), dt.date(2026, 3, 31), currency="EUR")
ORDER = ConversionKind.order


@pytest.fixture(scope="module")
def history(settings) -> History:
    history = History(Warehouse.connect(settings, application_name="causeway-tests")).begin()
    let_read_everything(history.warehouse)
    for customer in (1, 2):
        history.touch(customer, 0, "video")
        history.touch(customer, 1, "video")
        history.touch(customer, 2, "search")
        history.convert(customer, 3, value=10 * customer, new=customer == 1)
    history.touch(3, 5, "search")
    history.convert(3, 5.5, value=None)
    history.touch(4, 5, "search")
    history.convert(5, 6, value=5)
    history.convert(5, -5, value=7)
    history.do("INSERT INTO core.conversion (account_key, kind, source_id, at, currency, counts, load_key) "
               "VALUES (:a, 'order', 'nobody', '2026-03-09', 'EUR', true, 1)", a=history.account)  # fmt: skip
    history.build()
    return history


@pytest.fixture
def session(history):
    with history.warehouse.reading(EVERYTHING) as session:
        yield session


def test_state(session) -> None:
    state = journey_state(session, MARCH)
    assert (state.goals, state.lookback_days, state.is_loaded, state.waiting, state.hidden) == (
        (ORDER,),
        10,
        True,
        0,
        0,
    )
    assert (state.first_day, state.last_day) == (dt.date(2026, 2, 24), dt.date(2026, 3, 7))
    assert state.touches == ("impression", "click", "visit", "email_click")


def test_totals_and_those_before(session) -> None:
    now, before = journey_totals(session, MARCH, ORDER)
    assert (now.conversions, now.touched, now.several, now.new_customers, now.touches) == (4, 3, 2, 1, 7)
    assert (now.value, now.null_paths, now.nobodys) == (Decimal(35), 1, 1)
    assert now.seconds == pytest.approx((3 + 3 + 0.5) / 3 * 86_400)
    assert (before.conversions, before.touched, before.value, before.seconds) == (1, 0, Decimal(7), None)
    assert journey_totals(session, replace(MARCH, compare="none"), ORDER)[1] is None


def test_top_paths(session) -> None:
    assert top_paths(session, MARCH, ORDER) == [
        Path(("video", "video", "search"), 2, 1, Decimal(30), 3 * 86_400.0, 0),
        Path(("search",), 1, 0, None, 43_200.0, 1),
    ]
    assert len(top_paths(session, MARCH, ORDER, limit=1)) == 1
    assert top_paths(session, MARCH, ORDER)[1].conversion_share == 0.5


def test_channels_narrow_to_the_journeys_that_they_are_part_of(session) -> None:
    video = replace(MARCH, channels=("video",))
    assert [path.channels for path in top_paths(session, video, ORDER)] == [("video", "video", "search")]
    assert journey_totals(session, video, ORDER)[0].conversions == 2


def test_accounts_narrow_to_their_advertisers(session, history) -> None:
    mine, other = (replace(MARCH, accounts=(key,)) for key in (history.account, 10_000))
    assert journey_totals(session, mine, ORDER)[0].conversions == 4
    assert journey_totals(session, other, ORDER)[0].conversions == 0
    assert journey_state(session, other).goals == ()


def test_lengths_and_times(session) -> None:
    assert path_lengths(session, MARCH, ORDER) == [PathLength(0, 1, 0), PathLength(1, 1, 1), PathLength(3, 2, 0)]
    found = time_to_convert(session, MARCH, ORDER)
    assert [(c.from_hours, c.to_hours) for c in found][:2] == [(0, 1), (1, 6)]
    assert [c for c in found if c.conversions] == [TimeClass(6, 24, 1), TimeClass(72, 168, 2)]
    assert found[-1].to_hours is None


def test_step_flows_count_repetitions_once(session) -> None:
    assert step_flows(session, MARCH, ORDER) == [
        StepFlow(1, "video", "search", 2),
        StepFlow(2, "search", None, 2),
        StepFlow(1, "search", None, 1),
    ]


def test_steps_beyond_those_asked_for_are_not_told_apart(history) -> None:
    for day, channel in enumerate(("video", "search", "email", "video")):
        history.touch(9, 40 + day, channel)
    history.convert(9, 44)
    history.build()
    with history.warehouse.reading(EVERYTHING) as session:
        april = Filter(dt.date(2026, 4, 1), dt.date(2026, 4, 30), currency="EUR")
        flows = step_flows(session, april, ORDER, steps=2)
    assert flows == [StepFlow(1, "video", "search", 1), StepFlow(2, "search", "", 1)]


def test_a_missing_rate_withholds_amounts(session) -> None:
    dollars = replace(MARCH, currency="USD")
    for ask in (journey_totals, top_paths):
        with pytest.raises(MissingRate, match="EUR and USD"):
            ask(session, dollars, ORDER)


def test_the_mart_tells_the_same(session) -> None:
    rows = session.execute(text("SELECT path, conversions, value, null_paths FROM mart.path WHERE path IS NOT NULL "
                                "AND date_day < '2026-04-01' ORDER BY 2 DESC, 3, 4"))  # fmt: skip
    assert [tuple(row) for row in rows] == [
        ("video > video > search", 2, Decimal(30), 0), ("search", 1, None, 0), ("search", 0, None, 1),
    ]  # fmt: skip
    rows = session.execute(
        text(
            """SELECT sum(conversions), sum(touched_conversions), sum(null_paths), sum(touches) FROM mart.journey_daily
               WHERE date_day BETWEEN '2026-03-01' AND '2026-03-31'"""
        )
    )
    assert tuple(rows.one()) == (4, 3, 1, 7)
    assert session.execute(text("SELECT count(*) FROM mart.journey WHERE is_converted")).scalar_one() >= 5


def test_who_may_not_read_every_account_of_the_advertiser_reads_no_journey(history) -> None:
    History(history.warehouse).begin()
    with history.warehouse.writing() as session:
        session.execute(
            text("INSERT INTO ops.account_grant (reader, account_key, role) VALUES ('user:5', :key, 'viewer')"),
            {"key": history.account},
        )
    with history.warehouse.reading(Reader("user:5", "one of two accounts")) as session:
        state = journey_state(session, MARCH)
        assert (state.goals, state.hidden, state.is_loaded) == ((), 1, True)
        assert top_paths(session, MARCH, ORDER) == []
        assert journey_totals(session, MARCH, ORDER)[0].conversions == 0


def test_funnel(history) -> None:
    for step, channel in ((0, "search"), (2, "search"), (4, "search"), (1, "video")):
        history.do(
            """INSERT INTO core.web_session (account_key, session_id, began_at, ended_at, channel, events, page_views,
                                             engaged, funnel_step, load_key)
               VALUES (:account, gen_random_uuid(), '2026-03-31 23:30', '2026-04-01', :channel, 1, 1, true, :step,
                       1)""",
            account=history.account, channel=channel, step=step,
        )  # fmt: skip
    with history.warehouse.reading(EVERYTHING) as session:
        assert channel_funnel(session, MARCH) == [
            ChannelFunnel("search", 3, 2, 2, 1, 1),
            ChannelFunnel("video", 1, 1, 0, 0, 0),
        ]
        assert [f.channel for f in channel_funnel(session, replace(MARCH, channels=("video",)))] == ["video"]
        assert channel_funnel(session, replace(MARCH, end=dt.date(2026, 3, 30))) == []
        assert channel_funnel(session, replace(MARCH, accounts=(10_000,))) == []
