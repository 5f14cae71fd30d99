"""Customers corrected and forgotten: what follows, what stays, who may see by what they are known."""

import datetime as dt
import enum
import uuid
from decimal import Decimal

import polars as pl
import psycopg2.errors
import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, ProgrammingError

from tests.warehouse.state import EVERYTHING, rows
from warehouse.access import _PERSONAL, APP, BI, PERSONAL, VIEWS
from warehouse.changes.advertisers import advertiser_key, assign_account, create_advertiser
from warehouse.changes.customers import Named, forget, merge, split
from warehouse.errors import Conflict, NotFound
from warehouse.events.build import Rules, build_journeys
from warehouse.ingest.digests import identifier_digest
from warehouse.ingest.store import books
from warehouse.ingest.store.erasing import _details, facts_of_people
from warehouse.ingest.store.people import PeopleBook
from warehouse.outages import is_in_the_way
from warehouse.queries.customers import known
from warehouse.schema.people import IdentifierKind

ANA = {"email": "ana@example.com", "client": "c1"}
BEN = {"email": "ben@example.com", "client": "c2"}


def named(kind, value):
    return Named(IdentifierKind(kind), identifier_digest(value, IdentifierKind(kind)))


def bring(warehouse, *records, advertiser=1):
    """Let records be seen; what the book said of them."""
    with warehouse.writing() as session:
        book = PeopleBook(session, advertiser, 1)
        said = [book.identify(digests(record)) for record in records]
        book.settle()
    return pl.concat(said)


def digests(record):
    return pl.DataFrame({k: [identifier_digest(v, IdentifierKind(k))] for k, v in record.items()})


def test_merging_moves_history_and_splitting_moves_it_back(empty_warehouse):
    ana, ben = bring(empty_warehouse, ANA, BEN).iter_rows(named=True)
    fill_facts(empty_warehouse, ben)
    with empty_warehouse.writing() as session:
        one = merge(session, 1, named("email", "ana@example.com"), named("email", "ben@example.com"))
        assert one == ana["customer_key"]
    assert owners(empty_warehouse) == {one}
    with empty_warehouse.writing() as session:
        parted = split(session, 1, named("email", "ben@example.com"), named("email", "ana@example.com"))
    assert owners(empty_warehouse) == {parted.customer_key} == {ben["customer_key"]}
    queued = rows(empty_warehouse, "SELECT DISTINCT customer_key FROM core.touched_customer")
    assert set(queued) == {(ana["customer_key"],), (ben["customer_key"],)}


def test_what_was_taken_back_is_not_tied_again_by_the_same_record(empty_warehouse):
    bring(empty_warehouse, ANA)
    with empty_warehouse.writing() as session:
        split(session, 1, named("email", "ana@example.com"))
    bring(empty_warehouse, ANA, ANA)
    with empty_warehouse.reading_identities() as session:
        found = known(session, 1, IdentifierKind.email, named("email", "ana@example.com").digest)
    assert [i.kind for i in found.identifiers] == ["email"]
    assert [bool(t.withdrawn_at) for t in found.ties] == [True]


def test_two_users_of_one_browser_are_not_merged_by_it(empty_warehouse):
    bring(empty_warehouse, {"user": "1", "client": "c"}, {"user": "2", "client": "c"}, {"phone": "+49171123456"})
    with empty_warehouse.writing() as session, pytest.raises(Conflict, match="shared by several people"):
        merge(session, 1, named("client", "c"), named("phone", "+49171123456"))


@pytest.mark.parametrize("change", [forget, split, lambda s, a, n: merge(s, a, n, named("email", "ana@example.com"))])
def test_nobody_is_changed_by_what_nobody_is_known_by(empty_warehouse, change):
    bring(empty_warehouse, ANA)
    with empty_warehouse.writing() as session, pytest.raises(NotFound, match="Nobody is known by this user"):
        change(session, 1, named("user", "never seen"))


def test_a_forgotten_person_is_in_no_table_and_does_not_come_back(empty_warehouse):
    ana, ben = bring(empty_warehouse, ANA, BEN).iter_rows(named=True)
    for person in (ana, ben):
        fill_facts(empty_warehouse, person)
    with empty_warehouse.writing() as session:
        build_journeys(session, 1, Rules())
        gone = forget(session, 1, named("email", "ana@example.com"))
    tables = {t.fullname for t in facts_of_people()} | {d.fullname for t in facts_of_people() for d in _details(t)}
    assert {"core.touchpoint", "core.shop_order", "core.contact", "core.assignment", "core.deal_stage"} <= tables
    assert tables <= gone.rows.keys()
    for table in tables:
        assert rows(empty_warehouse, f"SELECT count(*) FROM {table}") == [(1,)], table
    assert owners(empty_warehouse) == {ben["customer_key"]}
    said = bring(empty_warehouse, ANA, {"client": "c1"}, {"email": "ana@example.com", "user": "new"}, BEN)
    assert said["forgotten"].to_list() == [True, True, True, False]
    assert said["identifier_key"].to_list() == [None, None, None, ben["identifier_key"]]
    assert len(rows(empty_warehouse, "SELECT FROM core.identifier")) == 2
    with empty_warehouse.writing() as session:
        build_journeys(session, 1, Rules())
    assert rows(empty_warehouse, "SELECT DISTINCT customer_key FROM core.journey") == [(ben["customer_key"],)]


@pytest.mark.parametrize(
    "change",
    [forget, split, lambda s, a, n: merge(s, a, n, named("email", "ben@example.com"))],
    ids=["forget", "split", "merge"],
)
def test_nobody_is_changed_under_the_hands_of_a_load(empty_warehouse, change):
    """A load that has changed rows of theirs would wait for the change, and the change for these rows."""
    bring(empty_warehouse, ANA, BEN)
    with empty_warehouse.writing() as load:
        books.lock(load)
        with pytest.raises(DBAPIError) as late, empty_warehouse.writing(patience=0.05) as session:
            change(session, 1, named("email", "ana@example.com"))
        assert is_in_the_way(late.value)
        book = PeopleBook(load, 1, 2)
        book.identify(digests({"email": "ana@example.com", "user": "17"}))
        book.settle()
    with empty_warehouse.writing() as session:
        change(session, 1, named("email", "ana@example.com"))


def test_the_same_person_of_another_advertiser_stays(empty_warehouse):
    with empty_warehouse.writing() as session:
        other = create_advertiser(session, "another")
    bring(empty_warehouse, ANA)
    bring(empty_warehouse, ANA, advertiser=other)
    with empty_warehouse.writing() as session:
        forget(session, 1, named("email", "ana@example.com"))
    assert not bring(empty_warehouse, ANA, advertiser=other)["forgotten"].any()


def test_an_account_with_people_stays_with_its_advertiser(empty_warehouse):
    (ana,) = bring(empty_warehouse, ANA).iter_rows(named=True)
    fill_facts(empty_warehouse, ana)
    with empty_warehouse.writing() as session:
        create_advertiser(session, "another")
    with empty_warehouse.writing() as session, pytest.raises(Conflict, match="customers of 'default'"):
        assign_account(session, 1, advertiser_key(session, "another"))


@pytest.mark.parametrize("table", _PERSONAL)
def test_only_the_role_made_for_it_reads_by_what_people_are_known(empty_warehouse, table):
    bring(empty_warehouse, ANA)
    for role in (BI, APP, VIEWS):
        with empty_warehouse.engine.connect() as connection:
            connection.execute(text(f"SET ROLE {role}"))
            with pytest.raises(ProgrammingError) as refused:
                connection.execute(text(f"SELECT FROM {table}"))
        assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)
    with empty_warehouse.reading(EVERYTHING) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"SELECT FROM {table}"))
    with empty_warehouse.reading_identities() as session:
        session.execute(text(f"SELECT FROM {table}"))
        assert session.execute(text("SELECT current_user")).scalar_one() == PERSONAL
        with pytest.raises(ProgrammingError):
            session.execute(text("SELECT FROM core.touchpoint"))


def owners(warehouse):
    """The customers that any fact names."""
    tables = [t for t in facts_of_people() if "customer_key" in t.columns]
    return {row[0] for t in tables for row in rows(warehouse, f"SELECT customer_key FROM {t.fullname}")}


def fill_facts(warehouse, person):
    """A row about a person in every table that has such, with their details, whatever else those tables need."""
    about = {"identifier_key": person["identifier_key"], "customer_key": person["customer_key"]}
    tables = facts_of_people()
    with warehouse.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign keys
        connection.execute(text(_ACCOUNT))
        for parent in ("touchpoint", "web_event"):
            connection.execute(text(f"SELECT core.ensure_event_partitions('{parent}', '2026-01-02', '2026-01-02')"))
        for table in tables:
            values = {c.name: made_up(c, person) for c in table.columns if not c.nullable and c.identity is None}
            values |= {name: key for name, key in about.items() if name in table.columns}
            key = connection.execute(table.insert().values(values).returning(*table.primary_key)).one()
            for detail in _details(table):
                needed = {c.name: made_up(c, person) for c in detail.columns if not c.nullable and c.identity is None}
                connection.execute(detail.insert().values(needed | dict(key._mapping)))


_ACCOUNT = """
INSERT INTO core.account (account_key, platform, account_id, name, currency, currency_is_stated, time_zone,
                          time_zone_is_stated)
OVERRIDING SYSTEM VALUE VALUES (1, 'shopify', '1', 'Shop', 'EUR', true, 'UTC', true) ON CONFLICT DO NOTHING
"""


def made_up(column, person):
    """A value that a column takes."""
    if isinstance(column.type, JSONB):
        return []
    kind = column.type.python_type
    if issubclass(kind, enum.Enum):
        return next(iter(kind))
    values = {
        bool: True,
        int: 1,
        float: 0.5,
        list: [],
        str: "EUR" if column.name == "currency" else f"of {person['customer_key']}",
        Decimal: Decimal(1),
        uuid.UUID: uuid.uuid4(),
        dt.date: dt.date(2026, 1, 2),
        dt.datetime: dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    }
    return values[kind]
