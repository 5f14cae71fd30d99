"""Whose rows are: each word under its own column, each account with its own advertiser's people."""

import polars as pl
import pytest
from sqlalchemy import text

from tests.warehouse.state import rows
from warehouse.changes.customers import Named, forget
from warehouse.ingest.digests import identifier_digest
from warehouse.ingest.store import known_identifiers
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.whose import FORGOTTEN, Whose
from warehouse.schema.people import IdentifierKind


@pytest.fixture
def two_shops(empty_warehouse):
    """A warehouse with account 1 of the default advertiser and account 2 of another."""
    with empty_warehouse.writing() as session:
        session.execute(text("INSERT INTO core.advertiser (name) VALUES ('another')"))
        session.execute(
            text(
                """INSERT INTO core.account (account_key, advertiser_key, platform, account_id, name, currency,
                    currency_is_stated, time_zone, time_zone_is_stated)
                OVERRIDING SYSTEM VALUE SELECT n, n, 'shopify', n::text, 'Shop', 'EUR', true, 'UTC', true
                FROM generate_series(1, 2) n"""
            )
        )
    return empty_warehouse


def frame(*records, account=1):
    columns = {column: [r.get(column) for r in records] for column in ("user_id", "client_id", "click_id")}
    accounts = [r.get("account", account) for r in records]
    schema = dict.fromkeys(columns, pl.String) | {"account_key": pl.Int32}
    return pl.DataFrame(columns | {"account_key": accounts}, schema=schema)


def test_the_same_word_under_another_column_is_somebody_else(two_shops):
    """Though whole frames may lack one column or the other."""
    with two_shops.writing() as session:
        whose = Whose(session, 1)
        said = [whose.recognised(frame(record)) for record in ({"user_id": "17"}, {"client_id": "17"})]
        again = [whose.recognised(frame(record)) for record in ({"user_id": "17"}, {"client_id": "17"})]
        whose.settle()
    assert again[0].equals(said[0])
    assert again[1].equals(said[1])
    kinds = "SELECT identifier_key, kind::text FROM core.identifier"
    user, client = (one["identifier_key"][0] for one in said)
    assert dict(rows(two_shops, kinds)) == {user: "user", client: "client"}


def test_each_account_has_its_own_advertisers_people(two_shops):
    records = [{"user_id": f"u{n % 3}", "account": 1 + n % 2} for n in range(12)]
    with two_shops.writing() as session:
        whose = Whose(session, 1)
        keys = whose.recognised(frame(*records))["identifier_key"].to_list()
        alone = [whose.recognised(frame(record))["identifier_key"][0] for record in records]
        whose.settle()
    assert keys == alone
    assert len(set(keys)) == 6
    owners = rows(two_shops, "SELECT advertiser_key, count(*) FROM core.identifier GROUP BY 1 ORDER BY 1")
    assert owners == [(1, 3), (2, 3)]


def test_who_was_deleted_is_left_out_however_often_they_come(two_shops):
    with two_shops.writing() as session:
        whose = Whose(session, 1)
        whose.recognised(frame({"user_id": "ada", "client_id": "c"}))
        whose.settle()
    with two_shops.writing() as session:
        forget(session, 1, Named(IdentifierKind.user, identifier_digest("ada", IdentifierKind.user)))
    stored = Stored()
    with two_shops.writing() as session:
        whose = Whose(session, 2)
        for _ in range(2):
            told = whose.identified(frame({"user_id": "ada"}, {"user_id": "eve"}, {"client_id": "c"}, {}), stored)
            assert told.columns == ["account_key", "identifier_key", "customer_key", "click_key"]
            assert told["identifier_key"].is_null().to_list() == [False, True]
    assert stored.skipped == {FORGOTTEN: 4}


def test_what_is_let_go_from_memory_is_looked_up_again(two_shops, monkeypatch):
    monkeypatch.setattr(known_identifiers, "_MOST_ROWS", 4)
    monkeypatch.setattr(known_identifiers, "_SHORT", 2)
    people = [{"client_id": f"c{n}", "click_id": "g" if n == 1 else None} for n in range(9)]
    with two_shops.writing() as session:
        whose = Whose(session, 1)
        first = pl.concat([whose.recognised(frame(person)) for person in people])
        assert pl.concat([whose.recognised(frame(person)) for person in people]).equals(first)
        assert whose.recognised(frame(*people)).equals(first)
