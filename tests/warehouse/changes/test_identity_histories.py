"""Random histories of loads, merges, splits and deletions leave what the plain rules say, whatever their order."""

import itertools
import random
import uuid

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.warehouse.identities import Links, Name, customers, is_shared, links_of
from tests.warehouse.state import rows
from warehouse.changes.advertisers import create_advertiser
from warehouse.changes.customers import Named, forget, merge, split
from warehouse.errors import Conflict, NotFound
from warehouse.ingest.digests import identifier_digest
from warehouse.ingest.store import settling
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse

NAMES = st.tuples(
    st.sampled_from(["email", "email", "user", "phone", "device", "client", "client", "click"]), st.sampled_from("abcd")
)
RECORD = st.lists(NAMES, min_size=1, max_size=3).map(dict)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.lists(RECORD, min_size=1, max_size=6)),
        st.tuples(st.just("load"), st.lists(RECORD, min_size=1, max_size=6)),
        st.tuples(st.just("merge"), NAMES, NAMES),
        st.tuples(st.just("split"), NAMES, st.one_of(st.none(), NAMES)),
        st.tuples(st.just("forget"), NAMES),
    ),
    min_size=1,
    max_size=9,
)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def warehouse_of_people(settings):
    warehouse = Warehouse.connect(settings)
    with warehouse.writing() as session:
        session.execute(text("SELECT core.ensure_event_partitions('touchpoint', '2026-01-01', '2026-01-31')"))
    yield warehouse
    warehouse.engine.dispose()


class Told:
    """What the warehouse should hold of one advertiser."""

    def __init__(self) -> None:
        self.facts: list[Name] = []  # the strongest identifier of each row that was taken
        self.names: set[Name] = set()
        self.seen: Links = set()
        self.withdrawn: Links = set()
        self.forgotten: set[Name] = set()

    @property
    def live(self) -> Links:
        return self.seen - self.withdrawn

    def load(self, records) -> None:
        for record in records:
            if self.forgotten & set(record.items()):
                continue
            self.names |= set(record.items())
            self.seen |= links_of(record)
            kind = next(kind.value for kind in IdentifierKind if kind.value in record)
            self.facts.append((kind, record[kind]))

    def merge(self, one, two) -> bool:
        link = frozenset((one, two))
        if len(link) < 2 or not link <= self.names:
            return False
        live = self.live | {link}
        if not any(link <= group for group in customers(self.names, live)):
            return False
        self.seen.add(link)
        self.withdrawn.discard(link)
        return True

    def split(self, one, other) -> bool:
        tied = {link for link in self.live if one in link and (other is None or other in link)}
        if one == other or one not in self.names or (other and other not in self.names) or not tied:
            return False
        self.withdrawn |= tied
        return True

    def forget(self, one) -> bool:
        if one not in self.names:
            return False
        gone = next(group for group in customers(self.names, self.live) if one in group)
        self.forgotten |= gone
        self.names -= gone
        self.facts = [fact for fact in self.facts if fact not in gone]
        self.seen = {link for link in self.seen if not link & gone}
        self.withdrawn = {link for link in self.withdrawn if not link & gone}
        return True


class Held:
    """The same, in the warehouse."""

    def __init__(self, warehouse) -> None:
        self.warehouse = warehouse
        with warehouse.writing() as session:
            self.key = create_advertiser(session, f"history {next(_numbers)}")

    def load(self, records) -> None:
        with self.warehouse.writing() as session:
            book = PeopleBook(session, self.key, 1)
            half = random.Random(len(records)).randrange(len(records) + 1)
            for part in filter(None, (records[:half], records[half:])):
                columns = [k.value for k in IdentifierKind if any(k.value in r for r in part)]
                digests = {k: [digest(k, r[k]) if k in r else None for r in part] for k in columns}
                found = book.identify(pl.DataFrame(digests, schema=dict.fromkeys(columns, pl.String)))
                self._write(session, found.filter(~pl.col("forgotten")))
            book.settle()

    def _write(self, session, found) -> None:
        frame = found.select(
            pl.lit("2026-01-02").alias("at"),
            pl.Series("touch_id", [str(uuid.uuid4()) for _ in range(len(found))], dtype=pl.String),
            pl.lit(self.key).alias("account_key"),
            "identifier_key",
            "customer_key",
            pl.lit("click").alias("kind"),
            pl.lit("paid_search").alias("channel"),
            pl.lit(1).alias("load_key"),
        )
        copy_frame(session, "core.touchpoint", frame, frame.columns)

    def merge(self, one, two) -> bool:
        return self._attempt(lambda session: merge(session, self.key, named(one), named(two)))

    def split(self, one, other) -> bool:
        return self._attempt(lambda session: split(session, self.key, named(one), other and named(other)))

    def forget(self, one) -> bool:
        return self._attempt(lambda session: forget(session, self.key, named(one)))

    def _attempt(self, change) -> bool:
        try:
            with self.warehouse.writing() as session:
                change(session)
        except (Conflict, NotFound):
            return False
        return True

    def ask(self, sql):
        return rows(self.warehouse, sql, advertiser=self.key)


def digest(kind, value):
    spelled = {"email": f"{value}@example.com", "phone": f"+49 171 12345{ord(value)}"}.get(kind, value)
    return identifier_digest(spelled, IdentifierKind(kind))


def named(name):
    return Named(IdentifierKind(name[0]), digest(*name))


BY_DIGEST = {(kind.value, digest(kind, v)): (kind.value, v) for kind in IdentifierKind for v in "abcd"}
IDENTIFIERS = """
SELECT identifier_key, kind::text, digest::text, customer_key, is_shared FROM core.identifier
WHERE advertiser_key = :advertiser"""
FACTS = "SELECT identifier_key, customer_key FROM core.touchpoint WHERE account_key = :advertiser"
CUSTOMERS = "SELECT customer_key FROM core.customer WHERE advertiser_key = :advertiser"
FORGOTTEN = "SELECT kind::text, digest::text FROM core.forgotten WHERE advertiser_key = :advertiser"


def assert_same(held, told):
    """The warehouse holds what it should."""
    known = {row[0]: (BY_DIGEST[row[1], row[2]], row[3], row[4]) for row in held.ask(IDENTIFIERS)}
    groups = {}
    for name, customer, _ in known.values():
        groups.setdefault(customer, set()).add(name)
    assert {frozenset(group) for group in groups.values()} == customers(told.names, told.live)
    assert all(customer == min(k for k, v in known.items() if v[1] == customer) for customer in groups)
    assert {name for name, _, shared in known.values() if shared} == {n for n in told.names if is_shared(n, told.live)}
    facts = held.ask(FACTS)
    assert sorted(known[identifier][0] for identifier, _ in facts) == sorted(told.facts)
    assert all(known[identifier][1] == customer for identifier, customer in facts)
    assert {row[0] for row in held.ask(CUSTOMERS)} == set(groups)
    assert {BY_DIGEST[row] for row in held.ask(FORGOTTEN)} == told.forgotten


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_history_leaves_what_the_plain_rules_say(warehouse_of_people, steps):
    held, told = Held(warehouse_of_people), Told()
    for action, *said in steps:
        assert getattr(held, action)(*said) == getattr(told, action)(*said), (action, said)
        assert_same(held, told)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORD, min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_loads_changes_nothing(warehouse_of_people, records, shuffle):
    told = Told()
    told.load(records)
    orders = [records, shuffle.sample(records, len(records))]
    for order in orders:
        held = Held(warehouse_of_people)
        for record in order:
            held.load([record])
        told.facts.sort()
        assert_same(held, told)


def test_settling_everybody_and_settling_around_the_seeds_agree(warehouse_of_people, monkeypatch):
    draw = random.Random(5)
    told = Told()
    batches = [
        [
            {kind: draw.choice("abcd") for kind in draw.sample(["email", "user", "device", "client", "click"], 2)}
            for _ in range(6)
        ]
        for _ in range(8)
    ]
    monkeypatch.setattr(settling, "_MANY", 0)
    held = Held(warehouse_of_people)
    for batch in batches:
        held.load(batch)
        told.load(batch)
        assert_same(held, told)
