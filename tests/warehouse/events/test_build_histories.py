"""Whatever happens in whatever order, building what was touched gives what building everything gives."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.warehouse.events.history import History
from warehouse.events.build import remove_journeys
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

CUSTOMERS = st.integers(1, 4)
# Quarters of days over six lookbacks, so that equal times and the ends of lookbacks and windows come up.
DAYS = st.integers(0, 240).map(lambda quarters: quarters / 4)
CHANNELS = st.sampled_from(["search", "video", "email"])
KINDS = st.sampled_from(["click", "click", "impression", "email_open"])

EVENTS = st.one_of(
    st.tuples(st.just("touch"), CUSTOMERS, DAYS, CHANNELS, KINDS),
    st.tuples(st.just("touch"), CUSTOMERS, DAYS, CHANNELS, KINDS),
    st.tuples(st.just("convert"), CUSTOMERS, DAYS, st.sampled_from([10, 25.5, None])),
    st.tuples(st.just("convert"), CUSTOMERS, DAYS, st.sampled_from([10, 25.5, None])),
    st.tuples(st.just("refund"), st.integers(0, 99), st.sampled_from([0, 5])),
    st.tuples(st.just("cancel"), st.integers(0, 99)),
    st.tuples(st.just("move"), st.integers(0, 99), DAYS),
    st.tuples(st.just("merge"), CUSTOMERS, CUSTOMERS),
    st.tuples(st.just("split"), CUSTOMERS),
    st.tuples(st.just("delete"), CUSTOMERS),
    st.tuples(st.just("build")),
)


@pytest.fixture(scope="module")
def history(settings: Settings) -> History:
    return History(Warehouse.connect(settings, application_name="causeway-tests")).begin()


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(EVENTS, max_size=25), after=st.lists(EVENTS, min_size=1, max_size=12))
def test_a_build_of_the_touched_is_a_build_of_everybody(history, before, after) -> None:
    for table in ("touchpoint", "conversion", "touched_customer", "journey", "journey_build"):
        history.do(f"DELETE FROM core.{table}")
    conversions: list[int] = []
    for event in before:
        happen(history, conversions, *event)
    history.build()
    for event in after:
        happen(history, conversions, *event)
    history.build()
    touched = history.journeys(), history.paths()
    assert history.rows("SELECT * FROM core.touched_customer") == []
    history.build_anew()
    assert (history.journeys(), history.paths()) == touched


def happen(history: History, conversions: list[int], what: str, *rest) -> None:
    match what:
        case "build":
            history.build()
        case "convert":
            conversions.append(history.convert(rest[0], rest[1], rest[2]))
        case "merge":
            if rest[0] != rest[1]:
                history.merge(*rest)
        case "refund" | "cancel" | "move":
            if conversions:
                getattr(history, what)(conversions[rest[0] % len(conversions)], *rest[1:])
        case "delete":
            with history.warehouse.writing() as session:
                remove_journeys(session, history.advertiser, [rest[0]])
            history.delete(rest[0])
        case _:
            getattr(history, what)(*rest)
