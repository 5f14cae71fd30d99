"""Who a row is about: identifiers, customers, links, and facts that follow."""

import threading

import polars as pl
import pytest
from sqlalchemy import text

from tests.warehouse.state import rows
from warehouse.changes.customers import Named, forget
from warehouse.ingest.digests import identifier_digest, identifier_digests
from warehouse.ingest.store import known_identifiers
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind


def named(*records):
    """Records as the book is asked: kind -> value."""
    return pl.DataFrame(
        {
            kind.value: identifier_digests(pl.Series([r.get(kind.value) for r in records], dtype=pl.String), kind)
            for kind in IdentifierKind
            if any(kind.value in r for r in records)
        }
    )


def read(warehouse, *records):
    """Bring records as one load; what the book said of them."""
    with warehouse.writing() as session:
        book = PeopleBook(session, 1, 7)
        said = book.identify(named(*records))
        book.settle()
    return said


def test_a_row_is_about_its_strongest_identifier(empty_warehouse):
    said = read(
        empty_warehouse,
        {"client": "c1", "email": "a@b.de", "click": "g1"},
        {"client": "c1"},
        {"click": "g1"},
        {},
    )
    assert said["identifier_key"].n_unique() == 4
    assert said["click_key"].to_list() == [said["click_key"][0], None, said["click_key"][0], None]
    assert said["identifier_key"][3] is None
    customers = rows(empty_warehouse, "SELECT DISTINCT customer_key FROM core.identifier")
    assert len(customers) == 1


def touch(session, said):
    """A touchpoint for each row that the book knows."""
    found = said.filter(~pl.col("forgotten")).with_row_index("n")
    frame = found.select(
        pl.lit("2026-01-02").alias("at"),
        pl.format("00000000-0000-0000-0000-{}", pl.col("n").cast(pl.String).str.zfill(12)).alias("touch_id"),
        pl.lit(1).alias("account_key"),
        "identifier_key",
        "customer_key",
        pl.lit("click").alias("kind"),
        pl.lit("paid_search").alias("channel"),
        pl.lit(1).alias("load_key"),
    )
    copy_frame(session, "core.touchpoint", frame, frame.columns)


@pytest.fixture
def january(empty_warehouse):
    """A warehouse that takes touchpoints of a month."""
    with empty_warehouse.writing() as session:
        session.execute(text("SELECT core.ensure_event_partitions('touchpoint', '2026-01-02', '2026-01-02')"))
    return empty_warehouse


FACTS = "SELECT customer_key FROM core.touchpoint"


def test_facts_written_while_another_load_merges_their_customer_follow(january):
    read(january, {"email": "a@b.de"}, {"client": "c"})
    with january.writing() as session:
        book = PeopleBook(session, 1, 8)
        said = book.identify(named({"client": "c"}))
        touch(session, said)
        merged = read(january, {"email": "a@b.de", "client": "c"})
        assert merged["customer_key"][0] != said["customer_key"][0]
        book.settle()
    assert rows(january, FACTS) == [(merged["customer_key"][0],)]
    assert len(rows(january, "SELECT FROM core.customer")) == 1


def test_facts_written_while_their_person_is_deleted_go_too(january):
    read(january, {"email": "a@b.de", "client": "c"})
    with january.writing() as session:
        book = PeopleBook(session, 1, 8)
        touch(session, book.identify(named({"client": "c"}, {"client": "c", "user": "1"}, {"client": "d"})))
        with january.writing() as other:
            forget(other, 1, Named(IdentifierKind.email, identifier_digest("a@b.de", IdentifierKind.email)))
        book.settle()
    left = rows(january, "SELECT kind::text FROM core.identifier ORDER BY 1")
    assert left == [("client",), ("user",)]  # the browser d, and the user, whom no deleted row made
    assert rows(january, "SELECT FROM core.identity_link") == []
    assert len(rows(january, FACTS)) == 2


def test_an_identifier_that_two_loads_meet_at_once_is_one(empty_warehouse):
    said = {}

    def other():
        said["other"] = read(empty_warehouse, {"client": "c"}, {"client": "c", "click": "g"})

    thread = threading.Thread(target=other)
    with empty_warehouse.writing() as session:
        book = PeopleBook(session, 1, 8)
        said["one"] = book.identify(named({"client": "c", "click": "g"}))
        thread.start()
        book.settle()
    thread.join()
    assert said["one"]["identifier_key"][0] == said["other"]["identifier_key"][0]
    assert len(rows(empty_warehouse, "SELECT FROM core.identifier")) == 2


def test_what_is_let_go_from_memory_is_found_in_the_warehouse(empty_warehouse, monkeypatch):
    monkeypatch.setattr(known_identifiers, "_MOST_IDENTIFIERS", 2)
    monkeypatch.setattr(known_identifiers, "_MOST_LINKS", 2)
    with empty_warehouse.writing() as session:
        book = PeopleBook(session, 1, 8)
        frames = [
            named(*({"client": f"c{i}", "click": f"g{i}"} for i in part)) for part in (range(5), range(3), [4, 0])
        ]
        first, *again = [book.identify(frame) for frame in frames]
        book.settle()
    assert again[0].equals(first.head(3))
    assert again[1].equals(first[[4, 0]])
    assert len(rows(empty_warehouse, "SELECT FROM core.identity_link")) == 5


def test_a_book_that_names_nobody_settles_nothing(empty_warehouse):
    with empty_warehouse.writing() as session:
        book = PeopleBook(session, 1, 8)
        said = book.identify(pl.DataFrame({"email": [None, None]}, schema={"email": pl.String}))
        book.settle()
        book.settle()
    assert said.null_count().row(0) == (2, 2, 2, 0)
