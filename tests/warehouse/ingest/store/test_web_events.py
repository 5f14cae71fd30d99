"""Google Analytics' events as BigQuery exports them: sessions, visits and purchases that follow from them."""

import datetime as dt
import gzip
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import text

from tests.warehouse.exports import table
from tests.warehouse.state import dump, one, rows, seen
from warehouse.access import Reader

TABLES = ("core.web_event", "core.web_session", "core.touchpoint", "core.conversion")
START = dt.datetime(2026, 9, 1, 10, tzinfo=dt.UTC)


def event(name, seconds=0, *, client="1.1", number="77", day="20260901", bundle=1, **more):
    """One row of the export. ``more`` are parameters, or whole columns where their names are known."""
    columns = {"user_id", "device", "geo", "collected_traffic_source", "session_traffic_source_last_click",
               "traffic_source", "ecommerce", "privacy_info", "items", "batch_event_index"}  # fmt: skip
    parameters = {"page_location": "https://shop.example/", **{k: v for k, v in more.items() if k not in columns}}
    if client:
        parameters["ga_session_id"] = int(number)
    kinds = {int: "int_value", float: "double_value", str: "string_value"}
    return {
        "event_date": day,
        "event_timestamp": str(int((START + dt.timedelta(seconds=seconds)).timestamp() * 1_000_000)),
        "event_name": name,
        "event_params": [
            {"key": key, "value": {kinds[type(value)]: str(value) if isinstance(value, int) else value}}
            for key, value in parameters.items()
        ],
        "event_bundle_sequence_id": str(bundle),
        "user_pseudo_id": client,
        "device": {"category": "mobile"},
        "geo": {"country": "Germany", "region": "Berlin"},
        **{k: v for k, v in more.items() if k in columns},
    }


def lines(*events):
    return "\n".join(json.dumps(e) for e in events) + "\n"


GOOGLE = {"manual_source": "google", "manual_medium": "cpc", "manual_campaign_id": "901"}
VISIT = (
    event("session_start", collected_traffic_source=GOOGLE, page_location="https://shop.example/a?utm_source=google"),
    event("page_view", bundle=2, page_location="https://shop.example/a?utm_source=google"),
    event("view_item", 20, bundle=3, page_location="https://shop.example/item/1", value=20),
    event("add_to_cart", 30, bundle=4, page_location="https://shop.example/item/1", value=20.5),
    event("begin_checkout", 40, bundle=5, page_location="https://shop.example/cart"),
    event("purchase", 50, bundle=6, page_location="https://shop.example/thanks", currency="EUR",
          ecommerce={"transaction_id": "T1", "purchase_revenue": 20.5}, user_id="u1"),
)  # fmt: skip
SESSION = """SELECT began_at, ended_at - began_at, source, medium, campaign, channel, landing_page, device, region,
             events, page_views, engaged, funnel_step, revenue FROM core.web_session ORDER BY began_at, session_id"""


def load(desk, *events, name="events_20260901.json", **options):
    return desk.load(lines(*events), name, currency="EUR", **options)


def test_a_visit_out_of_its_events(desk):
    result = load(desk, *VISIT)
    assert (result.status, result.source, result.accepted, result.account) == ("loaded", "ga4.events", 6, "ga4")
    assert rows(desk.warehouse, SESSION) == [
        (START, dt.timedelta(seconds=50), "google", "cpc", "901", "paid_search", "/a", "mobile", "Berlin", 6, 1, True,
         4, Decimal("20.500000"))
    ]  # fmt: skip
    assert rows(desk.warehouse, "SELECT at, kind::text, channel, device FROM core.touchpoint") == [
        (START, "visit", "paid_search", "mobile")
    ]
    assert rows(desk.warehouse, "SELECT kind::text, source_id, at, value, currency, counts FROM core.conversion") == [
        ("order", "T1", START + dt.timedelta(seconds=50), Decimal("20.500000"), "EUR", True)
    ]
    people = rows(desk.warehouse, """SELECT DISTINCT customer_key FROM core.touchpoint
        UNION SELECT customer_key FROM core.conversion UNION SELECT customer_key FROM core.web_event""")  # fmt: skip
    assert len(people) == 1


def test_the_marts_show_it(desk):
    load(desk, *VISIT, event("session_start", 3600, client="2.2", number="9", bundle=7))
    assert seen(desk.warehouse, "SELECT channel, duration_seconds, bounced FROM mart.web_session ORDER BY 1") == [
        ("direct", 0, True), ("paid_search", 50, False),
    ]  # fmt: skip
    assert seen(
        desk.warehouse,
        """SELECT sessions, engaged_sessions, page_views, duration_seconds, saw_product, filled_cart, began_checkout,
                  purchased, revenue FROM mart.web_funnel_daily WHERE channel = 'paid_search'""",
    ) == [(1, 1, 1, 50, 1, 1, 1, 1, Decimal("20.500000"))]
    assert seen(desk.warehouse, "SELECT events, sessions FROM mart.web_event_daily WHERE name = 'session_start'") == [
        (2, 2)
    ]


def test_the_order_of_files_does_not_matter(desk, empty_warehouse):
    for part in (VISIT[3:], VISIT[:3]):
        load(desk, *part)
    assert [row[5:] for row in rows(desk.warehouse, SESSION)] == [
        ("paid_search", "/a", "mobile", "Berlin", 6, 1, True, 4, Decimal("20.500000"))
    ]
    assert one(desk.warehouse, "SELECT count(*) FROM mart.touchpoint") == 1


def test_the_same_rows_again_change_nothing(desk):
    load(desk, *VISIT)
    before = dump(desk.warehouse, *TABLES)
    again = load(desk, *reversed(VISIT))
    assert (again.status, again.skipped_by_reason) == ("unchanged", {"already known": 6})
    assert dump(desk.warehouse, *TABLES) == before


def test_compressed_and_parquet_files_are_read_alike(desk, tmp_path):
    load(desk, *VISIT)
    packed = gzip.compress(lines(*VISIT).encode())
    assert desk.load(packed, "events_20260901-000000000000.json.gz").skipped_by_reason == {"already known": 6}
    path = tmp_path / "events.parquet"
    parquet.write_table(pa.Table.from_pylist([_typed(e) for e in VISIT], schema=SCHEMA), path)
    (again,) = desk.load_path(str(path))
    assert again.skipped_by_reason == {"already known": 6}


VALUE = pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("float_value", pa.float64()),
                   ("double_value", pa.float64())])  # fmt: skip
TEXTS = pa.struct([(name, pa.string()) for name in ("manual_source", "manual_medium", "manual_campaign_id")])
SCHEMA = pa.schema(
    [
        ("event_date", pa.string()),
        ("event_timestamp", pa.int64()),
        ("event_name", pa.string()),
        ("event_params", pa.list_(pa.struct([("key", pa.string()), ("value", VALUE)]))),
        ("event_bundle_sequence_id", pa.int64()),
        ("user_id", pa.string()),
        ("user_pseudo_id", pa.string()),
        ("device", pa.struct([("category", pa.string())])),
        ("geo", pa.struct([("country", pa.string()), ("region", pa.string())])),
        ("collected_traffic_source", TEXTS),
        ("ecommerce", pa.struct([("transaction_id", pa.string()), ("purchase_revenue", pa.float64())])),
    ]
)


def _typed(event):
    """The event with numbers as numbers, as BigQuery writes Parquet."""
    parameters = [
        {"key": p["key"], "value": {k: int(v) if k == "int_value" else v for k, v in p["value"].items()}}
        for p in event["event_params"]
    ]
    numbers = {name: int(event[name]) for name in ("event_timestamp", "event_bundle_sequence_id")}
    return {**event, **numbers, "event_params": parameters}


def test_today_gives_way_to_the_day_s_own_table(desk):
    load(desk, *VISIT[:3], event("scroll", 5, bundle=99), name="events_intraday_20260901.json")
    assert rows(desk.warehouse, "SELECT events FROM core.web_session") == [(4,)]
    daily = load(desk, *VISIT)
    assert (daily.accepted, daily.vanished) == (6, 4)
    assert rows(desk.warehouse, "SELECT events, funnel_step FROM core.web_session") == [(6, 4)]
    assert one(desk.warehouse, "SELECT count(*) FROM mart.touchpoint") == 1
    late = load(desk, event("scroll", 6, bundle=100), name="events_intraday_20260901.json")
    assert (late.accepted, late.skipped_by_reason) == (0, {"the daily table is there": 1})


def test_without_consent_an_event_is_of_nobody(desk):
    refused = {"analytics_storage": "No"}
    events = [event("page_view", client=None, privacy_info=refused, user_id="u1", bundle=n) for n in (1, 2)]
    assert load(desk, *events).accepted == 2
    assert rows(desk.warehouse, "SELECT DISTINCT identifier_key, customer_key, session_id FROM core.web_event") == [
        (None, None, None)
    ]
    assert rows(desk.warehouse, "SELECT * FROM core.web_session") == []


def test_a_click_id_is_google_s_ad_whatever_else_is_said(desk):
    events = [
        event("session_start", collected_traffic_source={"gclid": "G1", "manual_source": "(direct)"}),
        event("session_start", 60, client="2.2", page_location="https://shop.example/?gclid=G2",
              collected_traffic_source={"manual_source": "google", "manual_medium": "organic"}),
        event("session_start", 90, client="3.3"),
    ]  # fmt: skip
    load(desk, *events)
    assert rows(desk.warehouse, "SELECT source, medium, channel FROM core.web_session ORDER BY began_at") == [
        ("google", "cpc", "paid_search"), ("google", "cpc", "paid_search"), (None, None, "direct"),
    ]  # fmt: skip


def test_the_session_s_last_click_wins_over_the_first_touch_and_the_event_s_own(desk):
    last_click = {"cross_channel_campaign": {"source": "newsletter", "medium": "email", "campaign_name": "May"}}
    load(desk, event("session_start", traffic_source={"source": "google", "medium": "organic"},
                     collected_traffic_source=GOOGLE, session_traffic_source_last_click=last_click))  # fmt: skip
    assert rows(desk.warehouse, "SELECT source, medium, campaign, channel FROM core.web_session") == [
        ("newsletter", "email", "May", "email")
    ]


def test_one_parameter_may_be_a_number_or_text(desk):
    load(desk, event("page_view", engagement_time_msec=6000, bundle=1),
         event("page_view", 1, engagement_time_msec="5000", bundle=2))  # fmt: skip
    assert rows(desk.warehouse, "SELECT sum(engagement_ms), bool_or(s.engaged) FROM core.web_event, core.web_session s")
    assert rows(desk.warehouse, "SELECT sum(engagement_ms) FROM core.web_event") == [(11000,)]
    assert rows(desk.warehouse, "SELECT engaged FROM core.web_session") == [(True,)]


def test_events_in_several_currencies_are_of_one_property(desk):
    bought = [
        event("purchase", n, bundle=n, currency=code, value=9.5, transaction_id=f"T{n}")
        for n, code in enumerate(["EUR", "EUR", "usd", "???"])
    ]
    result = desk.load(lines(*bought), "events.json")
    assert (result.accepted, result.account) == (4, "ga4")
    assert rows(desk.warehouse, "SELECT currency FROM core.account") == [("EUR",)]
    assert rows(desk.warehouse, "SELECT source_id, currency FROM core.conversion ORDER BY 1") == [
        ("T0", "EUR"), ("T1", "EUR"), ("T2", "USD"), ("T3", "EUR"),
    ]  # fmt: skip
    assert rows(desk.warehouse, "SELECT revenue FROM core.web_session") == [(Decimal("28.500000"),)]


def test_a_reloaded_purchase_counts_once(desk):
    again = event("purchase", 300, bundle=9, currency="EUR", ecommerce=VISIT[-1]["ecommerce"])
    load(desk, *VISIT, again)
    assert rows(desk.warehouse, "SELECT revenue FROM core.web_session") == [(Decimal("20.500000"),)]
    assert rows(desk.warehouse, "SELECT source_id, at FROM core.conversion") == [
        ("T1", START + dt.timedelta(seconds=50))
    ]


def test_a_refund_takes_its_value_off_its_purchase(desk):
    """Of a part, then of the rest; and a purchase that is loaded again stays refunded."""
    bought = {"transaction_id": "T9", "purchase_revenue": 20.5}
    desk.load(lines(event("purchase", 50, bundle=6, currency="EUR", ecommerce=bought)), "events_20260901.json")
    later = {"day": "20260904", "currency": "EUR", "number": "99"}
    part = event("refund", 3 * 86400, bundle=7, ecommerce={"transaction_id": "T9", "refund_value": 5.5}, **later)
    other = event("refund", 3 * 86400, bundle=8, ecommerce={"transaction_id": "(not set)", "refund_value": 7}, **later)
    desk.load(lines(part, other), "events_20260904.json")
    values = "SELECT source_id, value, counts FROM core.conversion"
    assert seen(desk.warehouse, values) == [("T9", 15, True)]
    again = event("purchase", 50, bundle=10, currency="EUR", ecommerce=bought)
    assert load(desk, again).accepted == 1
    assert seen(desk.warehouse, values) == [("T9", 15, True)]
    rest = event("refund", 4 * 86400, bundle=9, ecommerce={"transaction_id": "T9"}, **later)
    desk.load(lines(rest), "events_20260905.json")
    assert seen(desk.warehouse, values) == [("T9", 0, True)]


def test_the_day_is_the_property_s_and_the_moment_is_utc(desk):
    load(desk, event("page_view", 13 * 3600, day="20260902"))
    assert rows(desk.warehouse, "SELECT day::text, at FROM core.web_event") == [
        ("2026-09-02", START + dt.timedelta(hours=13))
    ]


def test_sessions_of_two_browsers_may_have_one_number(desk):
    load(desk, event("page_view"), event("page_view", 5, client="2.2"))
    assert len(rows(desk.warehouse, SESSION)) == 2


def test_the_property_s_number_may_stand_in_the_path(desk, tmp_path):
    path = tmp_path / "analytics_345" / "events_20260901.json"
    path.parent.mkdir()
    path.write_text(lines(*VISIT))
    (result,) = desk.load_path(str(path))
    assert result.account == "345"


def test_lines_that_are_no_events_are_rejected(desk):
    broken = [json.dumps({**VISIT[0], "event_timestamp": "soon"}), "{not json", json.dumps([1]),
              json.dumps({**VISIT[0], "event_name": None})]  # fmt: skip
    result = desk.load("\n".join([json.dumps(VISIT[0]), *broken]) + "\n", "events.json")
    assert (result.accepted, result.rejected) == (1, 4)
    assert rows(desk.warehouse, "SELECT line, code FROM landing.rejected_row ORDER BY line") == [
        (2, "bad_time"), (3, "NOT_JSON"), (4, "NOT_JSON"), (5, "missing_value"),
    ]  # fmt: skip


@pytest.mark.parametrize("shop_first", [True, False])
@pytest.mark.parametrize("order_id", ["T1", "other"])
def test_where_a_shop_speaks_the_web_is_silent(desk, shop_first, order_id):
    header = "order_id,created_at,customer_id,currency,net_revenue"
    orders = [(order_id, "2026-09-01T10:00:50Z", "u1", "EUR", "20.50"),
              ("T9", "2026-09-09T00:00:00Z", "u2", "EUR", "1"),
              ("T0", "2026-08-30T00:00:00Z", "u3", "EUR", "1")]  # fmt: skip
    before = event("purchase", -90 * 86400, client="5.5", day="20260603", ecommerce={"transaction_id": "OLD"}, value=5)
    steps = [lambda: load(desk, *VISIT, before), lambda: desk.load(table(header, orders), "orders.csv")]
    for step in steps[::-1] if shop_first else steps:
        assert step().status == "loaded"
    counted = rows(
        desk.warehouse,
        """SELECT a.platform = 'ga4', c.source_id FROM core.conversion c JOIN core.account a USING (account_key)
           WHERE c.counts AND c.kind = 'order' ORDER BY 1, 2""",
    )
    assert counted == [*((False, name) for name in sorted(["T0", "T9", order_id])), (True, "OLD")]


def test_a_reader_sees_the_sessions_of_granted_properties_only(desk):
    load(desk, *VISIT)
    with desk.warehouse.reading(Reader("user:8", "nothing")) as session:
        for view in ("web_session", "web_funnel_daily", "web_event_daily", "touchpoint_daily"):
            assert session.execute(text(f"SELECT count(*) FROM mart.{view}")).scalar_one() == 0
