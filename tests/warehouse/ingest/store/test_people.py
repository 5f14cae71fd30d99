"""Who a row is about: identifiers, customers, links, and facts that follow."""

import polars as pl
import pytest
from sqlalchemy import text

from tests.warehouse.state import rows
from warehouse.ingest.digests import identifier_digests
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
