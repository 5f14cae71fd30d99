from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from ml.simulation.people.records import EVENTS, SESSIONS
from ml.simulation.people.web import page_events

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def session(views, step, number=1, **more):
    visit = {"at": BEGAN, "session_id": number, "client": 5, "landing_page": "/sale", "page_views": views,
             "duration_seconds": 600, "funnel_step": step, **more}  # fmt: skip
    return pl.DataFrame([{**dict.fromkeys(SESSIONS), **visit}], schema=dict(SESSIONS))


@pytest.mark.parametrize(
    ("views", "step", "names"),
    [
        (1, 0, "start view"),
        (3, 1, "start view view view item"),
        (2, 2, "start view item view cart"),
        (1, 3, "start view item cart checkout"),
        (5, 4, "start view view item view cart view checkout view purchase"),
    ],
)
def test_events_follow_the_visit(views, step, names):
    events = page_events(session(views, step))
    short = {"session_start": "start", "page_view": "view", "view_item": "item", "add_to_cart": "cart",
             "begin_checkout": "checkout", "purchase": "purchase"}  # fmt: skip
    assert [short[name] for name in events["name"]] == names.split()
    assert dict(events.schema) == dict(EVENTS)
    assert events["sequence"].to_list() == list(range(len(events)))
    assert events["page"].to_list()[:2] == ["/sale", "/sale"]
    assert events["at"].is_sorted()
    assert events["at"].min() == BEGAN
    assert events["at"].max() < BEGAN + timedelta(seconds=600)


def test_only_the_purchase_has_an_order():
    events = page_events(session(2, 4, order_id=77, revenue_cents=4_999))
    bought = events.filter(pl.col("name") == "purchase")
    assert bought.select("order_id", "value_cents", "page").rows() == [(77, 4_999, "/thank-you")]
    assert events["order_id"].drop_nulls().len() == events["value_cents"].drop_nulls().len() == 1


def test_sessions_keep_their_order_and_their_people():
    both = pl.concat([session(2, 1, number=9, user=4), session(1, 0, number=3, client=None)])
    events = page_events(both)
    assert events["session_id"].to_list() == [9] * 4 + [3] * 2
    assert events["client"].to_list() == [5] * 4 + [None] * 2
    assert events["user"].to_list() == [4] * 4 + [None] * 2


def test_no_sessions_no_events():
    assert page_events(session(1, 0).clear()).is_empty()
