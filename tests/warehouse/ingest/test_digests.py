"""By what people are known: normal forms, and digests that meet where they should and nowhere else."""

import hashlib

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from warehouse.ingest.digests import identifier_digest, identifier_digests, normalised, plain_digest, text_digests
from warehouse.schema.people import IdentifierKind as Kind

# The value that Google's and Meta's documentation hash: sha256 of test@example.com.
KNOWN = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"


def test_a_digest_is_the_beginning_of_sha_256():
    assert identifier_digest(" Test@Example.com ", Kind.email) == "973dfe46-3ec8-5785-f5f9-5af5ba3906ee"
    assert text_digests(pl.Series(["test@example.com", None])).to_list() == [
        "973dfe46-3ec8-5785-f5f9-5af5ba3906ee",
        None,
    ]


@pytest.mark.parametrize("hashed", [KNOWN, KNOWN.upper(), f" {KNOWN} "])
def test_an_address_that_comes_hashed_meets_the_plain_one(hashed):
    assert identifier_digest(hashed, Kind.email) == identifier_digest("test@example.com", Kind.email)


def test_a_phone_that_comes_hashed_meets_the_plain_one():
    hashed = hashlib.sha256(b"491711234567").hexdigest()
    assert identifier_digest(hashed, Kind.phone) == identifier_digest("+49 171 1234567", Kind.phone)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 171 1234567", "491711234567"),
        ("+49 (0)171 / 123-4567", "491711234567"),
        ("0049 171 1234567", "491711234567"),
        ("(+1) 555.123.4567 ext. 12", "15551234567"),
        ("tel:+1-555-123-4567", "15551234567"),
        ("15551234567", "15551234567"),
        ("0171 1234567", None),  # of which country?
        ("555 123 4567", None),
        ("+12", None),
        ("call me", None),
    ],
)
def test_phones(written, number):
    assert normalised(pl.Series([written]), Kind.phone).to_list() == [number]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((kind, word) for kind in Kind for word in ("", "  ", "NULL", "(not set)", "undefined", "0", "-")),
        (Kind.device, "00000000-0000-0000-0000-000000000000"),
        (Kind.email, hashlib.sha256(b"").hexdigest()),
        (Kind.phone, hashlib.sha256(b"").hexdigest()),
        (Kind.email, "nobody"),
        (Kind.email, "two words@example.com"),
    ],
)
def test_what_stands_for_nothing_names_nobody(kind, value):
    assert identifier_digest(value, kind) is None


def test_dots_of_gmail_addresses_count():
    assert identifier_digest("a.b@gmail.com", Kind.email) != identifier_digest("ab@gmail.com", Kind.email)


def test_ids_of_two_systems_are_kept_apart():
    assert len({identifier_digest("17", Kind.user, space) for space in ("", "crm", "shop")}) == 3
    assert identifier_digest("17", Kind.user, "crm") == identifier_digest("crm:17", Kind.user)
    with pytest.raises(ValueError, match="must be empty for kind 'email'"):
        identifier_digest("a@b.de", Kind.email, "crm")


def test_ids_keep_their_case_and_only_addresses_are_taken_as_hashed():
    assert identifier_digest("Abc", Kind.client) != identifier_digest("abc", Kind.client)
    assert identifier_digest(KNOWN, Kind.user) != identifier_digest("test@example.com", Kind.email)


@settings(deadline=None)
@example(["\x1f", "\x1fa", "\x85a"])
@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["a", "a ", "A@b.de", "a@B.de"]))))
def test_columns_are_hashed_like_single_values_in_their_order(values):
    for kind in (Kind.email, Kind.phone, Kind.click):
        column = identifier_digests(pl.Series(values, dtype=pl.String), kind).to_list()
        assert column == [None if v is None else identifier_digest(v, kind) for v in values]
    plain = [None if v is None else plain_digest(v) for v in values]
    assert plain == identifier_digests(pl.Series(values, dtype=pl.String), Kind.client).to_list()
