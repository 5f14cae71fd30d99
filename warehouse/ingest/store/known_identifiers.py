"""What a load remembers of identifiers, links and rows that it met, in little memory and looked up by the frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from warehouse.schema.people import IdentifierKind

Keys = NDArray[np.int64]
Halves = tuple[NDArray[np.uint64], NDArray[np.uint64]]

_MOST_IDENTIFIERS: Final = 2_000_000  # 32 bytes each
_MOST_LINKS: Final = 4_000_000  # 8 bytes each
_MOST_ROWS: Final = 2_000_000  # 40 bytes each
_SHORT: Final = 65_536
_LARGEST_PACKED: Final = 2**32 - 1


def halves(digests: pl.Series) -> Halves:
    """The first and the last 64 bits of each digest; zeros for null."""
    digits = digests.str.replace_all("-", "", literal=True)
    first, last = (
        digits.str.slice(start, 16).str.decode("hex").bin.reinterpret(dtype=pl.UInt64, endianness="big").fill_null(0)
        for start in (0, 16)
    )
    return first.to_numpy(), last.to_numpy()


@dataclass(slots=True)
class _Shelf:
    """Identifiers of one kind in the order of the first half of their digests."""

    first: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    last: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    keys: Keys = field(default_factory=lambda: np.empty(0, np.int64))
    customers: Keys = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(slots=True)
class KnownIdentifiers:
    """Keys by digest. When there are too many, all are let go (``forgot``): the warehouse has them."""

    forgot: bool = False
    _shelves: dict[IdentifierKind, _Shelf] = field(default_factory=dict)

    def find(self, kind: IdentifierKind, digests: Halves) -> tuple[Keys, Keys]:
        """Identifier key and customer key of each digest, 0 where it is not remembered."""
        shelf = self._shelves.get(kind)
        if shelf is None or not len(shelf.first):
            nothing = np.zeros(len(digests[0]), np.int64)
            return nothing, nothing.copy()
        place = np.minimum(np.searchsorted(shelf.first, digests[0]), len(shelf.first) - 1)
        known = (shelf.first[place] == digests[0]) & (shelf.last[place] == digests[1])
        return np.where(known, shelf.keys[place], 0), np.where(known, shelf.customers[place], 0)

    def add(self, kind: IdentifierKind, digests: Halves, keys: Keys, customers: Keys) -> None:
        """Remember identifiers that are not remembered yet."""
        if sum(len(shelf.first) for shelf in self._shelves.values()) + len(keys) > _MOST_IDENTIFIERS:
            self._shelves.clear()
            self.forgot = True
        shelf = self._shelves.setdefault(kind, _Shelf())
        new = np.argsort(digests[0], kind="stable")
        first = np.concatenate([shelf.first, digests[0][new]])
        order = np.argsort(first, kind="stable")  # merges the two sorted runs
        shelf.first = first[order]
        shelf.last = np.concatenate([shelf.last, digests[1][new]])[order]
        shelf.keys = np.concatenate([shelf.keys, keys[new]])[order]
        shelf.customers = np.concatenate([shelf.customers, customers[new]])[order]


@dataclass(slots=True)
class SeenLinks:
    """Links that were handed on already: a browser with a thousand events brings one link, not a thousand."""

    _seen: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def new(self, low: Keys, high: Keys) -> tuple[Keys, Keys]:
        """The links that were not seen before, each once. Some may have been, when there are very many."""
        if len(high) and high.max() > _LARGEST_PACKED:
            pairs = pl.DataFrame({"low": low, "high": high}).unique()
            return pairs["low"].to_numpy(), pairs["high"].to_numpy()
        packed = np.unique((low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64))
        if len(self._seen):
            place = np.minimum(np.searchsorted(self._seen, packed), len(self._seen) - 1)
            packed = packed[self._seen[place] != packed]
        if len(self._seen) + len(packed) > _MOST_LINKS:
            self._seen = np.empty(0, np.uint64)
        self._seen = np.sort(np.concatenate([self._seen, packed]), kind="stable")
        return (packed >> np.uint64(32)).astype(np.int64), (packed & np.uint64(_LARGEST_PACKED)).astype(np.int64)


@dataclass(slots=True)
class _Run:
    """Hashes in order, each with its keys."""

    hashes: NDArray[np.uint64]
    keys: Keys  # one row a hash

    def merged(self, hashes: NDArray[np.uint64], keys: Keys) -> _Run:
        both = np.concatenate([self.hashes, hashes])
        order = np.argsort(both, kind="stable")
        return _Run(both[order], np.concatenate([self.keys, keys])[order])


class KnownRows:
    """Keys by the 64-bit hash of all that a row says of its person.

    In two runs: a long one, and a short one of what is new since the long one was merged. With too many it begins anew.
    """

    def __init__(self, columns: int) -> None:
        self._empty = _Run(np.empty(0, np.uint64), np.empty((0, columns), np.int64))
        self._long = self._short = self._empty

    def find(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], Keys]:
        """Which are known, and the keys of those; what stands beside the others means nothing."""
        keys = np.empty((len(hashes), self._empty.keys.shape[1]), np.int64)
        known = np.zeros(len(hashes), np.bool_)
        for run in (self._long, self._short):
            if len(run.hashes):
                place = np.minimum(np.searchsorted(run.hashes, hashes), len(run.hashes) - 1)
                found = run.hashes[place] == hashes
                keys[found] = run.keys[place[found]]
                known |= found
        return known, keys

    def add(self, hashes: NDArray[np.uint64], keys: Keys) -> None:
        """Remember rows that are not known yet."""
        once, first = np.unique(hashes, return_index=True)
        self._short = self._short.merged(once, keys[first])
        if len(self._short.hashes) > max(_SHORT, len(self._long.hashes) // 8):
            if len(self._long.hashes) + len(self._short.hashes) > _MOST_ROWS:
                self._long = self._empty
            self._long, self._short = self._long.merged(self._short.hashes, self._short.keys), self._empty
