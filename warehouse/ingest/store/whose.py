"""Whose rows a load has: what its columns name, among the people of each row's advertiser.

A browser with a hundred events is looked up once: what a row says of its person is remembered as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.digests import identifier_digests
from warehouse.ingest.store.known_identifiers import KnownRows
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind

FORGOTTEN: Final = "about a person who was deleted"  # why such rows are skipped

# The columns of datasets by which people are known.
COLUMNS: Final[Mapping[str, IdentifierKind]] = {
    "email": IdentifierKind.email,
    "phone": IdentifierKind.phone,
    "user_id": IdentifierKind.user,
    "contact_id": IdentifierKind.contact,
    "device_id": IdentifierKind.device,
    "client_id": IdentifierKind.client,
    "click_id": IdentifierKind.click,
}
_KEYS: Final = ("identifier_key", "customer_key", "click_key")
_NOBODY: Final = np.int64(-1)


@dataclass(slots=True)
class Whose:
    """The people of one load. ``system`` keeps contact ids of one CRM apart from another's."""

    session: WriteSession
    load_key: int
    system: str = ""
    _books: dict[int, PeopleBook] = field(default_factory=dict)  # by advertiser
    _met: dict[int, KnownRows] = field(default_factory=dict)
    _advertisers: dict[int, int] = field(default_factory=dict)

    def identified(self, frame: pl.DataFrame, stored: Stored) -> pl.DataFrame:
        """The rows of ``frame`` (with ``account_key``) with the keys of who it is instead of :data:`COLUMNS`.

        Those about people who were deleted are left out, and counted as skipped. ``contact_id`` stays, since it is the
        key of a record too; nothing else that names a person goes on from here.
        """
        who = self.recognised(frame)
        told = frame.drop([c for c in COLUMNS if c in frame.columns and c != "contact_id"]).hstack(who.select(_KEYS))
        gone = who["forgotten"]
        stored.skip(FORGOTTEN, int(gone.sum()))
        return told.filter(~gone) if gone.any() else told

    def recognised(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What :meth:`PeopleBook.identify` says of rows with ``account_key`` and any of :data:`COLUMNS`."""
        named = frame.select([column for column in COLUMNS if column in frame.columns])
        return self._by_advertiser(named, frame["account_key"], self._recognised)

    def identify(self, digests: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
        """The same of digests, in columns named like :class:`IdentifierKind`, of rows of these accounts."""
        return self._by_advertiser(digests, accounts, lambda advertiser, part: self._book(advertiser).identify(part))

    def settle(self) -> None:
        """Once everything is written: tell customers apart anew."""
        for book in self._books.values():
            book.settle()

    def _recognised(self, advertiser: int, rows: pl.DataFrame) -> pl.DataFrame:
        said = [column for column in rows.columns if rows[column].null_count() < rows.height]
        if not said:
            return _answer(np.full((rows.height, len(_KEYS)), _NOBODY))
        rows = rows.select(said)
        # The same word under another column is somebody else.
        hashes = rows.hash_rows(seed=sum(1 << n for n, column in enumerate(COLUMNS) if column in said)).to_numpy()
        met = self._met.setdefault(advertiser, KnownRows(len(_KEYS)))
        known, keys = met.find(hashes)
        if known.all():
            return _answer(keys)
        asked = rows.filter(~known)
        told = self._book(advertiser).identify(pl.DataFrame([self._digests(asked[column]) for column in said]))
        keys[~known] = told.select(pl.col(_KEYS).fill_null(_NOBODY)).to_numpy()
        # What may come again: not clicks, which come once, and not who was deleted.
        lasting = ~told["forgotten"] & asked["click_id"].is_null() if "click_id" in said else ~told["forgotten"]
        met.add(hashes[~known][lasting.to_numpy()], keys[~known][lasting.to_numpy()])
        gone = np.zeros(rows.height, np.bool_)
        gone[~known] = told["forgotten"].to_numpy()
        return _answer(keys, gone)

    def _digests(self, values: pl.Series) -> pl.Series:
        kind = COLUMNS[values.name]
        return identifier_digests(values, kind, self.system if kind is IdentifierKind.contact else "")

    def _by_advertiser(
        self, rows: pl.DataFrame, accounts: pl.Series, ask: Callable[[int, pl.DataFrame], pl.DataFrame]
    ) -> pl.DataFrame:
        """The answers for the rows of each advertiser, in the order of the rows."""
        advertisers = self._advertisers_of(accounts)
        if advertisers.n_unique() == 1:
            return ask(int(advertisers[0]), rows)
        keyed = rows.with_columns(advertiser=advertisers).with_row_index("row")
        parts = [
            ask(int(str(key)), part.drop("advertiser", "row")).with_columns(part["row"])
            for (key,), part in keyed.group_by("advertiser", maintain_order=True)
        ]
        return pl.concat(parts).sort("row").drop("row")

    def _advertisers_of(self, accounts: pl.Series) -> pl.Series:
        new = [key for key in accounts.unique().to_list() if key not in self._advertisers]
        if new:
            rows = self.session.execute(
                text("SELECT account_key, advertiser_key FROM core.account WHERE account_key = ANY (:keys)"),
                {"keys": new},
            )
            self._advertisers |= {row.account_key: row.advertiser_key for row in rows}
        return accounts.replace_strict(self._advertisers, return_dtype=pl.Int64)

    def _book(self, advertiser: int) -> PeopleBook:
        if advertiser not in self._books:
            self._books[advertiser] = PeopleBook(self.session, advertiser, self.load_key)
        return self._books[advertiser]


def _answer(keys: NDArray[np.int64], gone: NDArray[np.bool_] | None = None) -> pl.DataFrame:
    columns = [pl.Series(name, keys[:, n]).set(pl.Series(keys[:, n] == _NOBODY), None) for n, name in enumerate(_KEYS)]
    return pl.DataFrame([*columns, pl.Series("forgotten", np.zeros(len(keys), np.bool_) if gone is None else gone)])
