"""Whose row it is: identifiers looked up or made, links noted, and customers told apart anew when a load ends."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import polars as pl
import psycopg2.errors
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import copy_frame, copy_out
from warehouse.ingest.store.following import follow_others
from warehouse.ingest.store.known_identifiers import KnownIdentifiers, SeenLinks, halves
from warehouse.ingest.store.resolution import STRONG
from warehouse.ingest.store.settling import settle_identifiers
from warehouse.schema.people import IdentifierKind


@dataclass(slots=True)
class PeopleBook:
    """The people of one advertiser during one load or one batch of a stream.

    Whoever writes rows asks :meth:`identify` for every frame, and calls :meth:`settle` once when all rows are written.
    Books of several transactions may be open at once: who settles waits for the other, and takes over what the other
    found out meanwhile. ``load_key`` is None where a person says what belongs together.
    """

    session: WriteSession
    advertiser_key: int
    load_key: int | None
    _known: KnownIdentifiers = field(default_factory=KnownIdentifiers)
    _links: SeenLinks = field(default_factory=SeenLinks)
    _forgotten: pl.DataFrame | None = None  # kind, digest
    _settled: int = 0  # how often the advertiser's customers had been settled when this book was opened
    _unheard_of: set[str] = field(default_factory=set)  # kinds of which the warehouse had none
    _relied_on: list[pl.DataFrame] = field(default_factory=list)  # customers that others may have merged meanwhile
    _made: dict[str, int] = field(default_factory=dict)  # the first and the last identifier key that this book drew

    def identify(self, digests: pl.DataFrame) -> pl.DataFrame:
        """Who each row is about.

        ``digests`` has any of the columns named like :class:`IdentifierKind` (String, a UUID's text, or null), one
        row per record. Returns a frame of the same height and order: ``identifier_key`` of the strongest identifier of
        the row, in the order of the enum, ``customer_key`` of whom that is so far, ``click_key`` of the row's click
        (all Int64, null where the row names nobody), and ``forgotten`` (Boolean): the row is about a person who was
        deleted, and must not be written. What a row names together is linked.
        """
        if self._forgotten is None:
            self._open()
        kinds = [kind for kind in IdentifierKind if kind.value in digests.columns]
        forgotten = self._is_forgotten(digests, kinds)
        keys: dict[IdentifierKind, pl.Series] = {}
        strongest = customer = pl.repeat(None, digests.height, dtype=pl.Int64, eager=True)
        for kind in kinds:
            named = digests[kind.value].cast(pl.String).set(forgotten, None)
            keys[kind], customers = self._find(kind, named, customer)
            strongest, customer = strongest.fill_null(keys[kind]), customer.fill_null(customers)
        self._note_links(keys, strongest)
        click = keys.get(IdentifierKind.click, pl.repeat(None, digests.height, dtype=pl.Int64, eager=True))
        return pl.DataFrame(
            {"identifier_key": strongest, "customer_key": customer, "click_key": click, "forgotten": forgotten},
            schema={
                "identifier_key": pl.Int64,
                "customer_key": pl.Int64,
                "click_key": pl.Int64,
                "forgotten": pl.Boolean,
            },
        )

    def settle(self) -> None:
        """Merge and part customers as the new links have it, and let the facts of every table follow.

        The customers whose touchpoints or conversions changed hands are entered in ``core.touched_customer``.
        """
        if self._forgotten is None:
            return
        settled = self.session.execute(text(_TAKE_TURN), {"advertiser": self.advertiser_key}).scalar_one()
        if settled != self._settled:
            self._follow_others()
        if self._made:
            self.session.execute(text(_MAKE_CUSTOMERS), self._made | {"advertiser": self.advertiser_key})
        write_links = text(_WRITE_LINKS.format(links=self._link_table))
        if self.session.execute(write_links, {"load": self.load_key}).scalar_one():
            settle_identifiers(self.session, self.advertiser_key)
        self._forgotten, self._made = None, {}
        self._relied_on.clear()
        self._known, self._links = KnownIdentifiers(), SeenLinks()

    def _open(self) -> None:
        self.session.execute(text(_TEMPORARY.format(links=self._link_table)))
        state = self.session.execute(
            text("SELECT settled FROM core.advertiser WHERE advertiser_key = :key"), {"key": self.advertiser_key}
        )
        self._settled = state.scalar_one()
        unheard_of = self.session.execute(text(_UNHEARD_OF), {"advertiser": self.advertiser_key})
        self._unheard_of = set(unheard_of.scalars())
        query = f"SELECT kind, digest FROM core.forgotten WHERE advertiser_key = {self.advertiser_key}"
        self._forgotten = copy_out(self.session, query, {"kind": pl.String(), "digest": pl.String()})

    def _is_forgotten(self, digests: pl.DataFrame, kinds: list[IdentifierKind]) -> pl.Series:
        mask = pl.repeat(value=False, n=digests.height, dtype=pl.Boolean, eager=True)
        if self._forgotten is None or self._forgotten.is_empty():
            return mask
        for kind in kinds:
            gone = self._forgotten.filter(pl.col("kind") == kind.value)["digest"]
            if len(gone):
                mask |= digests[kind.value].is_in(gone.implode()).fill_null(value=False)
        return mask

    def _find(self, kind: IdentifierKind, digests: pl.Series, customer: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Identifier and customer key of every digest, null for null; unknown ones are made.

        A new one begins as the customer that its row names by stronger ones: mostly that is what it stays.
        """
        both = halves(digests)
        keys, customers = self._known.find(kind, both)
        missing = digests.is_not_null().to_numpy() & (keys == 0)
        if missing.any():
            asked = pl.DataFrame({"digest": digests, "customer_key": customer}).filter(missing)
            answer = self._ask(kind, asked.unique("digest", keep="first", maintain_order=True))
            self._known.add(
                kind,
                halves(answer["digest"]),
                answer["identifier_key"].to_numpy(),
                answer["customer_key"].to_numpy(),
            )
            found = asked.select("digest").join(answer, on="digest", how="left", maintain_order="left")
            keys[missing], customers[missing] = found["identifier_key"].to_numpy(), found["customer_key"].to_numpy()
        return tuple(pl.Series(k).set(pl.Series(k == 0), None) for k in (keys, customers))  # type: ignore[return-value]  # two

    def _ask(self, kind: IdentifierKind, asked: pl.DataFrame) -> pl.DataFrame:
        """Keys of distinct digests out of the warehouse, made where they are new: digest and both keys."""
        asked = asked.sort("digest")  # in order, so that the index is walked and not jumped about in
        if kind in self._unheard_of and not self._known.forgot:
            made = self._make(kind, asked)
            if made is not None:
                return made
            self._unheard_of.discard(kind)
        while True:
            known = self._look_up(kind, asked)
            new = asked.join(known, on="digest", how="anti", maintain_order="left")
            made = self._make(kind, new)
            if made is not None:
                self._relied_on.append(known.select("identifier_key", "customer_key"))
                return pl.concat([known, made])

    def _look_up(self, kind: IdentifierKind, asked: pl.DataFrame) -> pl.DataFrame:
        self.session.execute(text("TRUNCATE incoming_identifier"))
        copy_frame(self.session, "incoming_identifier", asked, ("digest",))
        return copy_out(self.session, _LOOK_UP.format(advertiser=self.advertiser_key, kind=kind.value), _KEYED)

    def _make(self, kind: IdentifierKind, new: pl.DataFrame) -> pl.DataFrame | None:
        """The identifiers of digests that are not known; None when another transaction has just made one of them."""
        if new.is_empty():
            return pl.DataFrame(schema=_KEYED)
        keys = copy_out(self.session, _DRAW.format(count=len(new)), {"key": pl.Int64()})["key"].sort()
        made = pl.DataFrame(
            {"digest": new["digest"], "identifier_key": keys, "customer_key": new["customer_key"].fill_null(keys)}
        )
        rows = made.with_columns(advertiser_key=pl.lit(self.advertiser_key), kind=pl.lit(kind.value))
        savepoint = self.session.begin_nested()
        try:
            copy_frame(self.session, "core.identifier", rows, rows.columns)
        except psycopg2.errors.UniqueViolation:
            savepoint.rollback()
            return None
        savepoint.commit()
        self._made = {"first": self._made.get("first", int(keys[0])), "last": int(keys[-1])}
        return made

    def _note_links(self, keys: dict[IdentifierKind, pl.Series], strongest: pl.Series) -> None:
        """Tie each identifier of a row to the strongest of the row, and the weak ones of a row to each other."""
        pairs = [(strongest, other) for other in keys.values()]
        pairs += itertools.combinations([keys[kind] for kind in keys if kind not in STRONG], 2)
        for one, two in pairs:
            both = pl.DataFrame({"one": one, "two": two}).drop_nulls().filter(pl.col("one") != pl.col("two"))
            if both.is_empty():
                continue
            low, high = both.min_horizontal().to_numpy(), both.max_horizontal().to_numpy()
            new = pl.DataFrame(dict(zip(("low_key", "high_key"), self._links.new(low, high), strict=True)))
            if len(new):
                copy_frame(self.session, self._link_table, new, new.columns)

    def _follow_others(self) -> None:
        """Bring to date what another transaction merged, parted or forgot after this book had looked it up."""
        relied_on = pl.concat([*self._relied_on, _NOTHING_RELIED_ON]).unique()
        follow_others(self.session, self.advertiser_key, relied_on, self._link_table)

    @property
    def _link_table(self) -> str:
        return f"incoming_link_{self.advertiser_key}"  # one file may have accounts of several advertisers


_NOTHING_RELIED_ON = pl.DataFrame(schema={"identifier_key": pl.Int64, "customer_key": pl.Int64})
_KEYED = {"digest": pl.String(), "identifier_key": pl.Int64(), "customer_key": pl.Int64()}

_TEMPORARY = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_identifier (digest uuid) ON COMMIT DROP;
DROP TABLE IF EXISTS {links};
CREATE TEMPORARY TABLE {links} (low_key bigint, high_key bigint) ON COMMIT DROP
"""

# The index is asked for each digest, however many rows the table has by now.
_LOOK_UP = """
SELECT n.digest, i.identifier_key, i.customer_key
FROM incoming_identifier n CROSS JOIN LATERAL (
    SELECT identifier_key, customer_key FROM core.identifier
    WHERE advertiser_key = {advertiser} AND kind = '{kind}' AND digest = n.digest OFFSET 0) i
"""

_DRAW = "SELECT nextval('core.identifier_identifier_key_seq') FROM generate_series(1, {count})"

_UNHEARD_OF = """
SELECT k.kind FROM unnest(enum_range(NULL::core.identifier_kind)) k (kind)
WHERE NOT EXISTS (SELECT FROM core.identifier i WHERE i.advertiser_key = :advertiser AND i.kind = k.kind)
"""

# Whoever settles the same advertiser's customers waits here for the other.
_TAKE_TURN = "SELECT settled FROM core.advertiser WHERE advertiser_key = :advertiser FOR NO KEY UPDATE"

_MAKE_CUSTOMERS = """
INSERT INTO core.customer (customer_key, advertiser_key)
SELECT identifier_key, advertiser_key FROM core.identifier i
WHERE advertiser_key = :advertiser AND identifier_key BETWEEN :first AND :last AND customer_key = identifier_key
  AND NOT EXISTS (SELECT FROM core.customer c WHERE c.customer_key = i.identifier_key)
"""

_WRITE_LINKS = """
DROP TABLE IF EXISTS settling;
CREATE TEMPORARY TABLE settling (identifier_key bigint PRIMARY KEY, step int NOT NULL) ON COMMIT DROP;
WITH written AS (
    INSERT INTO core.identity_link (low_key, high_key, load_key)
    SELECT DISTINCT low_key, high_key, CAST(:load AS int) FROM {links}
    ON CONFLICT DO NOTHING RETURNING low_key, high_key),
seeds AS (
    INSERT INTO settling SELECT low_key, 0 FROM written UNION SELECT high_key, 0 FROM written RETURNING 1)
SELECT count(*) FROM seeds
"""
