"""What arrived, as the Data page and GraphQL ask for it."""

import datetime as dt

import pytest

from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Day, Desk, every_day, google
from tests.warehouse.state import EVERYTHING
from warehouse.errors import NotFound
from warehouse.queries.load_details import findings_of, rejected_rows_of
from warehouse.queries.loads import changes_since, findings, freshness, load, loads, rejected_rows
from warehouse.sessions import Warehouse

BAD = [Day(f"2026-06-{d:02d}", spend=s) for d, s in ((11, "-1.00"), (12, "ten"), (13, "-2.00"))]


@pytest.fixture(scope="module")
def desk(settings, tmp_path_factory):
    """A load with rejected rows, one that restates and is a part, and a refused one."""
    warehouse = Warehouse.connect(settings)
    let_read_everything(warehouse)
    desk = Desk(warehouse, tmp_path_factory.mktemp("files"))
    desk.load(google(every_day("2026-06-01", 10) + every_day("2026-06-01", 10, campaign="2") + BAD), "first.csv")
    desk.load(google(every_day("2026-06-01", 2, spend="11.00") + every_day("2026-06-10", 1)), "second.csv")
    desk.load("nobody,knows\n1,2\n", "third.csv")
    yield desk
    warehouse.engine.dispose()


@pytest.fixture
def session(desk):
    with desk.warehouse.reading(EVERYTHING) as session:
        yield session


def test_loads_are_listed_newest_first_page_by_page(desk, session):
    everything = loads(session)
    assert [x.path.rsplit("/", 1)[-1] for x in everything] == ["third.csv", "second.csv", "first.csv"]
    assert [x.status for x in everything] == ["refused", "loaded", "loaded"]
    assert all(x.rows_read == x.accepted + x.rejected + x.skipped for x in everything)
    pages = [loads(session, limit=1)]
    while pages[-1]:
        pages.append(loads(session, limit=1, before=pages[-1][-1].load_key))
    assert [x for page in pages for x in page] == everything


def test_one_load_in_full(desk, session):
    found = load(session, desk.results[0].load_key)
    assert (found.account, found.accepted, found.rejected) == ("1112223333", 20, 3)
    assert (found.first_day, found.last_day) == (dt.date(2026, 6, 1), dt.date(2026, 6, 10))
    assert {a["field"] for a in found.assumptions} == {"time zone"}
    with pytest.raises(NotFound):
        load(session, 999_999)


def test_rejected_rows_come_in_the_files_order_with_column_and_reason(desk, session):
    key = desk.results[0].load_key
    found = rejected_rows(session, key)
    assert [(r.line, r.column, r.code) for r in found] == [
        (24, "Cost", "negative"), (25, "Cost", "bad_number"), (26, "Cost", "negative"),
    ]  # fmt: skip
    assert all(r.reason and "2026-06-1" in r.raw for r in found)
    first = rejected_rows(session, key, limit=1)
    assert first + rejected_rows(session, key, after=first[0].rejected_row_key) == found
    assert rejected_rows_of(session, [key, 999], limit=2) == {key: found[:2], 999: []}


def test_findings_of_one_load_and_of_all(desk, session):
    key = desk.results[1].load_key
    (partial,) = findings(session, load_key=key)
    assert (partial.code, partial.severity) == ("partial_export", "warning")
    assert partial in findings(session)
    assert findings_of(session, [key], limit=5) == {key: [partial]}


def test_freshness_per_account_and_level(session):
    (row,) = freshness(session).to_dict("records")
    assert (row["account_id"], row["level"], row["last_day"], row["loads"]) == (
        "1112223333", "campaign", dt.date(2026, 6, 10), 2,
    )  # fmt: skip


def test_what_changed_since(desk, session):
    before = load(session, desk.results[0].load_key).started_at
    changed = changes_since(session, before)
    assert set(changed["new_load_key"]) == {desk.results[1].load_key}
    assert len(changed) == 2
    assert changes_since(session, dt.datetime.now(dt.UTC)).empty
    assert list(changes_since(session, dt.datetime.now(dt.UTC)).columns) == list(changed.columns)
