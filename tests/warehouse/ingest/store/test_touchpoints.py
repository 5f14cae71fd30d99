"""Touchpoints in the documented shape: who, where, once each."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import text

from tests.warehouse.exports import every_day, google, table
from tests.warehouse.state import dump, one, rows, seen
from warehouse.access import Reader
from warehouse.changes.customers import Named, forget
from warehouse.ingest.digests import identifier_digest
from warehouse.ingest.read import delimited
from warehouse.ingest.store import touchpoints
from warehouse.ingest.store.whose import FORGOTTEN
from warehouse.schema.people import IdentifierKind

HEADER = (
    "at,kind,touch_id,platform,account_id,campaign_id,ad_group_id,ad_id,client_id,user_id,click_id,cost,device,region"
)
TOUCHES = [
    ("2026-09-01T10:00:00+02:00", "impression", "t1", "meta_ads", "7", "11", "21", "31", "c1", None, None, "0.004",
     "mobile", "Berlin"),
    ("2026-09-01T10:05:00Z", "click", "t2", "meta_ads", "7", "11", "21", "31", "c1", "u1", "clk1", "0.45", "mobile",
     "Berlin"),
    ("2026-09-30 23:59:59.5", "Impression", "t3", "meta_ads", "7", "12", None, None, "c2", None, None, None, None,
     None),
    ("1790849100", "email_open", "t4", None, None, None, None, None, None, "u1", None, None, None, None),
]  # fmt: skip
TABLES = ("core.touchpoint", "core.touched_customer", "core.identifier", "core.identity_link", "core.customer")


@pytest.fixture
def loaded(desk):
    result = desk.load(table(HEADER, TOUCHES), "touches.csv")
    assert (result.status, result.source, result.accepted) == ("loaded", "other_ads.touchpoints", 4), result
    return desk


def touches(warehouse):
    return rows(
        warehouse,
        """SELECT t.at::text, t.kind::text, a.platform, a.account_id, c.campaign_id, g.ad_group_id, d.ad_id, t.channel,
                  t.cost, t.device, t.region
           FROM core.touchpoint t JOIN core.account a USING (account_key) LEFT JOIN core.campaign c USING (campaign_key)
           LEFT JOIN core.ad_group g ON g.ad_group_key = t.ad_group_key LEFT JOIN core.ad d ON d.ad_key = t.ad_key
           ORDER BY t.at""",
    )


def test_times_become_utc_and_ids_become_campaigns_and_ads(loaded):
    assert touches(loaded.warehouse) == [
        ("2026-09-01 08:00:00+00", "impression", "meta_ads", "7", "11", "21", "31", "paid_social", Decimal("0.004000"),
         "mobile", "Berlin"),
        ("2026-09-01 10:05:00+00", "click", "meta_ads", "7", "11", "21", "31", "paid_social", Decimal("0.450000"),
         "mobile", "Berlin"),
        ("2026-09-30 23:59:59.5+00", "impression", "meta_ads", "7", "12", None, None, "paid_social", None, None, None),
        ("2026-10-01 10:05:00+00", "email_open", "other_ads", "other_ads", None, None, None, "email", None, None,
         None),
    ]  # fmt: skip
    said = {(a.field, a.value) for a in loaded.results[-1].assumptions}
    assert {("time zone", "UTC"), ("platform", "other_ads")} <= said


def test_one_person_by_browser_and_login(loaded):
    found = rows(loaded.warehouse, "SELECT customer_key FROM core.touchpoint ORDER BY at")
    (first, second, third, fourth) = (key for (key,) in found)
    assert first == second == fourth
    assert third not in {first, None}
    queued = rows(loaded.warehouse, "SELECT DISTINCT customer_key FROM core.touched_customer")
    assert {first, third} <= {key for (key,) in queued}


def test_a_touch_of_nobody_is_kept_without_a_customer(desk):
    desk.load(table("at,kind,channel", [("2026-09-01T10:00:00Z", "impression", "Display")]), "touches.csv")
    assert rows(desk.warehouse, "SELECT identifier_key, customer_key, channel FROM core.touchpoint") == [
        (None, None, "display")
    ]


def test_the_same_file_again_changes_nothing(loaded):
    before = dump(loaded.warehouse, *TABLES)
    (again,) = loaded.load_path(loaded.results[0].path)
    assert (again.status, again.skipped_by_reason) == ("unchanged", {"already known": 4})
    assert dump(loaded.warehouse, *TABLES) == before


def test_the_same_rows_in_another_file_are_known_and_late_ones_are_taken(loaded):
    before = dump(loaded.warehouse, "core.touchpoint")
    late = ("2026-09-01T07:00:00Z", "impression", "t0", "meta_ads", "7", "11", "21", "31", "c9", *[None] * 5)
    again = loaded.load(table(HEADER, [late, *TOUCHES[::-1]]), "touches.csv")
    assert (again.accepted, again.skipped_by_reason) == (1, {"already known": 4})
    after = dump(loaded.warehouse, "core.touchpoint")["core.touchpoint"]
    assert set(before["core.touchpoint"]) < set(after)
    assert len(after) == 5


def test_rows_that_repeat_others_of_the_file_count_once(desk):
    result = desk.load(table(HEADER, [*TOUCHES, *TOUCHES[:3]]), "touches.csv")
    assert (result.accepted, result.skipped_by_reason) == (4, {"repeated row": 3})
    again = desk.load(table(HEADER, [*TOUCHES, *TOUCHES]), "touches.csv")
    assert (again.accepted, again.skipped_by_reason) == (0, {"already known": 4, "repeated row": 4})


def test_without_an_id_the_row_tells_itself_from_others(desk):
    header = "timestamp,touch_type,channel,client_id"
    row = ("2026-09-01T10:00:00Z", "click", "Paid Search", "c1")
    other = ("2026-09-01T10:00:00Z", "click", "Paid Search", "c2")
    result = desk.load(table(header, [row, other, row]), "touches.csv")
    assert (result.accepted, result.skipped_by_reason) == (2, {"repeated row": 1})


@pytest.mark.parametrize(
    "touch_id",
    ["7", "123456789012345678901234", "a-word", "a much longer id of an event", "0190163d-8694-739b-aea5-966c26f8ad91"],
)
def test_ids_of_every_kind_are_known_again(desk, touch_id):
    header = "at,kind,event_id,channel"
    for _ in range(2):
        desk.load(table(header, [("2026-09-01T10:00:00Z", "click", touch_id, "email")]), "touches.csv")
    assert [r.accepted for r in desk.results] == [1, 0]


def test_short_ids_do_not_meet(desk):
    ids = ["1", "01", "10", "1a", "a1", "f1"]
    rows_ = [("2026-09-01T10:00:00Z", "click", each, "email") for each in ids]
    assert desk.load(table("at,kind,event_id,channel", rows_), "touches.csv").accepted == len(ids)


def test_blocks_that_lack_a_column_do_not_mix_it_up_with_another(desk, monkeypatch):
    """The same words stand under one column in the first half of the file and under another in the second."""
    monkeypatch.setattr(delimited, "BLOCK", 256)
    monkeypatch.setattr(touchpoints, "_TOGETHER", 1)
    first = [(f"2026-09-01T10:00:{n:02}Z", "click", "17", None, "5", None) for n in range(30)]
    second = [(f"2026-09-02T10:00:{n:02}Z", "click", None, "17", None, "5") for n in range(30)]
    desk.load(table("at,kind,campaign_name,channel,client_id,user_id", first + second), "touches.csv")
    found = rows(desk.warehouse, "SELECT DISTINCT at::date::text, campaign_key FROM core.touchpoint ORDER BY 1")
    assert [key is None for _, key in found] == [False, True]
    kinds = """SELECT DISTINCT t.at::date::text, i.kind::text FROM core.touchpoint t
               JOIN core.identifier i ON i.identifier_key = t.identifier_key ORDER BY 1"""
    assert rows(desk.warehouse, kinds) == [("2026-09-01", "client"), ("2026-09-02", "user")]


def test_what_cannot_be_read_is_rejected_with_its_line(desk):
    broken = [
        TOUCHES[0],
        ("yesterday", "click", "t9", *[None] * 11),
        ("2026-09-01T10:00:00Z", "hug", "t8", *[None] * 11),
        (None, "click", "t7", *[None] * 11),
        ("2030-01-01T10:00:00Z", "click", "t6", *[None] * 11),
        ("2026-09-01T10:00:00Z", "click", "t5", *[None] * 8, "-1", None, None),
        ("2026-09-01T10:00:00Z", "click", "t5", *[None] * 8, "cheap", None, None),
    ]
    result = desk.load(table(HEADER, broken), "touches.csv")
    assert (result.accepted, result.rejected) == (1, 6)
    assert rows(desk.warehouse, 'SELECT line, "column", code FROM landing.rejected_row ORDER BY line') == [
        (3, "at", "bad_time"), (4, "kind", "unknown_kind"), (5, "at", "missing_value"), (6, "at", "future_date"),
        (7, "cost", "negative"), (8, "cost", "bad_number"),
    ]  # fmt: skip


def test_json_lines_and_parquet_are_read_alike(loaded, empty_warehouse, tmp_path):
    frame = pl.DataFrame(TOUCHES, schema=HEADER.split(","), orient="row")
    for name, write in (("touches.ndjson", frame.write_ndjson), ("touches.parquet", frame.write_parquet)):
        path = tmp_path / name
        write(path)
        (again,) = loaded.load_path(str(path))
        assert (again.status, again.skipped_by_reason) == ("unchanged", {"already known": 4}), name


def test_campaigns_that_were_loaded_are_the_touchpoints_own(desk):
    desk.load(google(every_day("2026-09-01", 1, campaign="1", kind="Performance Max")))
    touch = ("2026-09-01T10:00:00Z", "click", "google_ads", "901")
    desk.load(table("at,kind,platform,campaign_id", [touch]), "touches.csv")
    assert one(desk.warehouse, "SELECT count(*) FROM mart.campaign") == 1
    assert rows(
        desk.warehouse,
        "SELECT c.campaign_id, t.channel FROM core.touchpoint t JOIN core.campaign c USING (campaign_key)",
    ) == [("901", "performance_max")]


def test_touchpoints_follow_their_campaign_to_the_account_that_a_later_export_names(desk):
    touch = ("2026-09-01T10:00:00Z", "click", "google_ads", "901")
    desk.load(table("at,kind,platform,campaign_id", [touch]), "touches.csv")
    desk.load(google(every_day("2026-09-01", 1, campaign="1")))
    assert seen(desk.warehouse, "SELECT account_id, campaign_id, campaign_name FROM mart.touchpoint") == [
        ("1112223333", "901", "Campaign 1")
    ]


@pytest.mark.parametrize("click_first", [True, False])
def test_a_visit_to_which_a_known_click_led_is_no_second_touch(desk, click_first):
    header = "at,kind,channel,client_id,click_id"
    click = table(header, [("2026-09-01T10:00:00Z", "click", "paid_search", "c1", "g1")])
    visit = table(header, [("2026-09-01T10:00:03Z", "visit", "paid_search", "c1", "g1"),
                           ("2026-09-02T10:00:03Z", "visit", "direct", "c1", None)])  # fmt: skip
    for content in (click, visit) if click_first else (visit, click):
        desk.load(content, "touches.csv")
    assert rows(desk.warehouse, "SELECT kind::text FROM core.touchpoint ORDER BY at") == [("click",), ("visit",)]
    if click_first:
        assert desk.results[-1].skipped_by_reason == {"its click is known": 1}


def test_whoever_was_deleted_is_not_taken_again(loaded):
    named = Named(IdentifierKind.user, identifier_digest("u1", IdentifierKind.user))
    with loaded.warehouse.writing() as session:
        forget(session, 1, named)
    left = rows(loaded.warehouse, "SELECT count(*) FROM core.touchpoint WHERE kind <> 'impression'")
    assert left == [(0,)]
    again = loaded.load(table(HEADER, [*TOUCHES, TOUCHES[2]]), "touches.csv")
    assert (again.accepted, again.skipped_by_reason) == (0, {FORGOTTEN: 3, "already known": 1, "repeated row": 1})


def test_an_access_log_gives_the_visits_that_say_where_they_came_from(desk):
    def request(address, agent="Mozilla/5.0", status=200, second=1):
        return (
            f'203.0.113.9 - - [10/Sep/2026:13:55:{second:02} +0200] "GET {address} HTTP/1.1" {status} 2 "-" "{agent}"'
        )

    log = [
        request("/shoes?utm_source=google&utm_medium=cpc&gclid=G1"),
        request("/shoes?utm_source=news&utm_medium=email", second=2),
        request("/style.css", second=3),
        request("/gone?gclid=G2", status=404, second=4),
        request("/shoes?gclid=G3", agent="Googlebot/2.1", second=5),
    ]
    result = desk.load("\n".join(log) + "\n", "access.log")
    assert (result.source, result.accepted, result.account) == ("web.access_log", 2, "web")
    assert result.skipped_by_reason == {"without a tag or a click id": 1, "answered with an error": 1, "a robot": 1}
    found = rows(
        desk.warehouse,
        "SELECT at::text, kind::text, channel, click_key IS NOT NULL FROM core.touchpoint ORDER BY at",
    )
    assert found == [
        ("2026-09-10 11:55:01+00", "visit", "paid_search", True), ("2026-09-10 11:55:02+00", "visit", "email", False),
    ]  # fmt: skip


def test_months_that_are_there_are_merged_into(desk):
    one_month = [(f"2026-0{month}-15T10:00:00Z", "click", f"e{month}", "email") for month in (5, 6)]
    desk.load(table("at,kind,event_id,channel", one_month), "touches.csv")
    more = [(f"2026-0{month}-15T10:00:00Z", "click", f"e{month}", "email") for month in (4, 5, 6, 7)]
    result = desk.load(table("at,kind,event_id,channel", more), "touches.csv")
    assert (result.accepted, result.skipped_by_reason) == (2, {"already known": 2})
    found = rows(desk.warehouse, "SELECT tableoid::regclass::text FROM core.touchpoint ORDER BY at")
    assert found == [(f"core.touchpoint_20260{month}",) for month in (4, 5, 6, 7)]


def test_a_reader_sees_the_touchpoints_of_granted_accounts_only(loaded):
    with loaded.warehouse.writing() as session:
        session.execute(
            text(
                """INSERT INTO ops.account_grant (reader, role, account_key)
                   SELECT 'user:7', 'viewer', account_key FROM core.account WHERE platform = 'meta_ads'"""
            )
        )
    assert one(loaded.warehouse, "SELECT count(*) FROM mart.touchpoint") == 4
    with loaded.warehouse.reading(Reader("user:7", "meta only")) as session:
        assert session.execute(text("SELECT count(*) FROM mart.touchpoint")).scalar_one() == 3
    with loaded.warehouse.reading(Reader("user:8", "nothing")) as session:
        assert session.execute(text("SELECT count(*) FROM mart.touchpoint")).scalar_one() == 0


def test_the_mart_says_what_was_stored_and_nothing_that_names_a_person(loaded):
    shown = seen(loaded.warehouse, "SELECT at, platform, campaign_id, channel FROM mart.touchpoint ORDER BY at LIMIT 1")
    assert shown == [(dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC), "meta_ads", "11", "paid_social")]
    values = " ".join(dump(loaded.warehouse, "core.touchpoint", "core.identifier")["core.identifier"])
    assert "c1" not in values.split(",")
