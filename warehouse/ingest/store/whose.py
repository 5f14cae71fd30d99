"""Whose rows a frame has: what its columns name, looked up with the advertiser of each row's account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.digests import identifier_digests
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind

FORGOTTEN = "about a person who was deleted"  # why such rows are skipped

# The columns of datasets by which people are known.
COLUMNS: Mapping[str, IdentifierKind] = {
    "email": IdentifierKind.email,
    "phone": IdentifierKind.phone,
    "user_id": IdentifierKind.user,
    "contact_id": IdentifierKind.contact,
    "click_id": IdentifierKind.click,
}


@dataclass(slots=True)
class Whose:
    """The people of one load. ``system`` keeps contact ids of one CRM apart from another's."""

    session: WriteSession
    load_key: int
    system: str
    _books: dict[int, PeopleBook] = field(default_factory=dict)
    _advertisers: dict[int, int] = field(default_factory=dict)

    def identified(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame (with ``account_key``) with what :meth:`PeopleBook.identify` says, instead of :data:`COLUMNS`.

        ``contact_id`` stays, since it is the key of a record too; nothing else that names a person goes on from here.
        """
        named = {column: kind for column, kind in COLUMNS.items() if column in frame.columns}
        digests = pl.DataFrame(
            [
                identifier_digests(frame[column], kind, self.system if kind is IdentifierKind.contact else "").alias(
                    kind.value
                )
                for column, kind in named.items()
            ]
        )
        return frame.drop([c for c in named if c != "contact_id"]).hstack(self._looked_up(frame, digests))

    def settle(self) -> None:
        """Once everything is written: tell customers apart anew."""
        for book in self._books.values():
            book.settle()

    def _looked_up(self, frame: pl.DataFrame, digests: pl.DataFrame) -> pl.DataFrame:
        advertisers = self._advertisers_of(frame["account_key"])
        if advertisers.n_unique() == 1:
            return self._book(int(advertisers[0])).identify(digests)
        keyed = digests.with_columns(advertiser=advertisers).with_row_index("row")
        parts = [
            self._book(int(key)).identify(part.drop("advertiser", "row")).with_columns(row=part["row"])
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
