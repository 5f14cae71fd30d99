"""People that a load has met before: a browser with a hundred events is looked up once.

Kept by a 64-bit hash of all that a row says of its person, in two sorted runs: a long one, and a short one of what is
new since the long one was merged. Two million people take 80 MB; with more the memory begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from warehouse.ingest.digests import identifier_digests
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind

IDENTIFIERS: Final = {
    IdentifierKind.email: "email",
    IdentifierKind.phone: "phone",
    IdentifierKind.user: "user_id",
    IdentifierKind.device: "device_id",
    IdentifierKind.client: "client_id",
    IdentifierKind.click: "click_id",
}
_MOST: Final = 2_000_000
_SHORT: Final = 65_536
_KEYS: Final = ("identifier_key", "customer_key", "click_key")
_NOBODY: Final = np.int64(-1)


@dataclass(slots=True)
class _Run:
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    keys: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, len(_KEYS)), np.int64))

    def find(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        if not len(self.hashes):
            return np.zeros(len(hashes), np.bool_), np.zeros(len(hashes), np.intp)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return self.hashes[place] == hashes, place

    def add(self, hashes: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        all_hashes = np.concatenate([self.hashes, hashes])
        order = np.argsort(all_hashes, kind="stable")
        self.hashes = all_hashes[order]
        self.keys = np.concatenate([self.keys, keys])[order]


@dataclass(slots=True)
class Recognised:
    """The people of one advertiser during one load."""

    book: PeopleBook
    _long: _Run = field(default_factory=_Run)
    _short: _Run = field(default_factory=_Run)

    def identify(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The columns of :meth:`PeopleBook.identify` for rows with any of the columns of :data:`IDENTIFIERS`."""
        said = {kind: name for kind, name in IDENTIFIERS.items() if name in rows.columns}
        said = {kind: name for kind, name in said.items() if rows[name].null_count() < rows.height}
        if not said:
            return _answer(np.full((rows.height, len(_KEYS)), _NOBODY), forgotten=None)
        names = list(said.values())
        hashes = rows.select(names).hash_rows().to_numpy()
        keys = np.empty((rows.height, len(_KEYS)), np.int64)
        known = np.zeros(rows.height, np.bool_)
        for run in (self._long, self._short):
            found, place = run.find(hashes)
            keys[found] = run.keys[place[found]]
            known |= found
        if known.all():
            return _answer(keys, forgotten=None)
        asked = rows.select(names).filter(~known)
        told = self.book.identify(pl.DataFrame([identifier_digests(asked[n], kind) for kind, n in said.items()]))
        keys[~known] = told.select(pl.col(_KEYS).fill_null(_NOBODY)).to_numpy()
        forgotten = told["forgotten"].to_numpy()
        self._remember(hashes[~known], keys[~known], asked, told["forgotten"])
        if not forgotten.any():
            return _answer(keys, forgotten=None)
        gone = np.zeros(rows.height, np.bool_)
        gone[~known] = forgotten
        return _answer(keys, forgotten=gone)

    def _remember(
        self, hashes: NDArray[np.uint64], keys: NDArray[np.int64], rows: pl.DataFrame, forgotten: pl.Series
    ) -> None:
        """Keep what may come again: not clicks, which come once, and not who was deleted."""
        may_come_again = ~forgotten
        if "click_id" in rows.columns:
            may_come_again &= rows["click_id"].is_null()
        kept = may_come_again.to_numpy()
        once, first = np.unique(hashes[kept], return_index=True)
        self._short.add(once, keys[kept][first])
        if len(self._short.hashes) > max(_SHORT, len(self._long.hashes) // 8):
            if len(self._long.hashes) + len(self._short.hashes) > _MOST:
                self._long = _Run()
            self._long.add(self._short.hashes, self._short.keys)
            self._short = _Run()


def _answer(keys: NDArray[np.int64], *, forgotten: NDArray[np.bool_] | None) -> pl.DataFrame:
    columns = [pl.Series(name, keys[:, n]).set(pl.Series(keys[:, n] == _NOBODY), None) for n, name in enumerate(_KEYS)]
    gone = np.zeros(len(keys), np.bool_) if forgotten is None else forgotten
    return pl.DataFrame([*columns, pl.Series("forgotten", gone)])
