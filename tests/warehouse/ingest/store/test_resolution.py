"""Which identifiers are one customer, held to the same rules written out plainly."""

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.identities import customers, is_shared, links_of
from warehouse.ingest.store.resolution import customers_of, shared_keys
from warehouse.schema.people import IdentifierKind

KINDS = [kind.value for kind in IdentifierKind]

# Few values of each kind, so that histories are full of shared computers and passed-around clicks.
RECORDS = st.dictionaries(st.sampled_from(KINDS), st.sampled_from("abc"), min_size=1, max_size=4)
NARROW = st.dictionaries(st.sampled_from(["email", "user", "client", "click"]), st.sampled_from("abcdef"), min_size=1)


def resolved(names, links, seed=0):
    """The customers by the real thing, with keys given out in a random order."""
    shuffled = sorted(names)
    random.Random(seed).shuffle(shuffled)
    key = {name: position + 1 for position, name in enumerate(shuffled)}
    identifiers = pl.DataFrame(
        {"identifier_key": list(key.values()), "kind": [name[0] for name in key]},
        schema={"identifier_key": pl.Int64, "kind": pl.String},
    )
    pairs = [sorted(key[name] for name in link) for link in links]
    edges = pl.DataFrame(pairs, schema={"low_key": pl.Int64, "high_key": pl.Int64}, orient="row")
    counts = [
        (key[name], name[0], kind, sum(1 for link in links if name in link for o in link - {name} if o[0] == kind))
        for name in key
        for kind in KINDS
    ]
    columns = {"identifier_key": pl.Int64, "kind": pl.String, "other": pl.String, "neighbours": pl.Int64}
    shared = shared_keys(pl.DataFrame(counts, schema=columns, orient="row"))
    identifiers = identifiers.with_columns(is_shared=pl.col("identifier_key").is_in(shared.implode()))
    keys = customers_of(identifiers, edges).to_list()
    groups = {}
    for name, customer in zip(key, keys, strict=True):
        groups.setdefault(customer, set()).add(name)
    for customer, group in groups.items():
        assert customer == min(key[name] for name in group), "a customer is named by its smallest key"
    return {frozenset(group) for group in groups.values()}


def of(*records):
    """The customers of some records, as sets of "kind value"."""
    names = {name for record in records for name in record.items()}
    links = set().union(*(links_of(record) for record in records))
    return {frozenset(" ".join(name) for name in group) for group in resolved(names, links)}


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(RECORDS, NARROW), max_size=25), st.integers(0, 5))
def test_any_history_gives_the_customers_of_the_plain_rules(records, seed):
    names = {name for record in records for name in record.items()}
    links = set().union(*(links_of(record) for record in records))
    assert resolved(names, links, seed) == customers(names, links)


@settings(max_examples=100, deadline=None)
@given(st.lists(RECORDS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(records, shuffle):
    other = list(records)
    shuffle.shuffle(other)
    assert of(*records) == of(*other)


def test_what_is_seen_together_is_one_person():
    assert len(of({"email": "a", "user": "1", "client": "c"}, {"client": "c", "click": "g"})) == 1


def test_a_click_leads_from_a_browser_to_an_order():
    assert len(of({"client": "c", "click": "g"}, {"email": "a", "click": "g"})) == 1


def test_users_of_one_computer_stay_two_and_what_nobody_signed_is_the_computers_own():
    assert of({"user": "1", "client": "c"}, {"user": "2", "client": "c"}, {"client": "c", "click": "g"}) == {
        frozenset({"user 1"}),
        frozenset({"user 2"}),
        frozenset({"client c"}),
        frozenset({"click g"}),
    }


def test_an_address_and_a_user_of_one_browser_complement_each_other():
    assert len(of({"user": "1", "client": "c"}, {"email": "a", "client": "c"})) == 1


def test_ties_that_contradict_each_other_tie_nobody():
    chain = ({"email": "a", "client": "c"}, {"user": "1", "client": "c"}, {"user": "1", "client": "d"})
    assert len(of(*chain)) == 1
    groups = of(*chain, {"email": "b", "client": "d"})
    assert {frozenset({"email a"}), frozenset({"email b"}), frozenset({"user 1"})} < groups


def test_a_link_that_was_passed_around_ties_no_browsers_together():
    groups = of({"client": "c", "click": "g"}, {"client": "d", "click": "g"}, {"client": "c", "email": "a"})
    assert groups == {frozenset({"client c", "email a"}), frozenset({"client d"}), frozenset({"click g"})}


@pytest.mark.parametrize(
    ("kind", "other", "most"),
    [
        ("email", "user", 20),
        ("phone", "email", 20),
        ("client", "user", 5),
        ("click", "client", 1),
        ("click", "email", 5),
    ],
)
def test_an_identifier_of_too_many_ties_nobody(kind, other, most):
    many = [{kind: "x", other: str(number)} for number in range(most + 1)]
    assert is_shared((kind, "x"), set().union(*(links_of(r) for r in many)))
    assert len(of(*many)) == most + 2
