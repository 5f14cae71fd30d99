"""Which identifiers are one customer: a function of the links alone, whatever the order in which they came.

*Strong* identifiers (e-mail, phone, user, contact) name a person; *weak* ones (device, client, click) a thing that
people may share. The rules, in order:

1. An identifier that is linked to too many others (:func:`shared_keys`) is *shared*: a placeholder, a till, a link that
   was passed around. It ties nobody together and is a customer of its own.
2. Strong identifiers that were seen together are one person.
3. A weak identifier ties together the persons it was seen with only if they complement each other: no two of them have
   an identifier of the same kind. Two users of one computer stay two. Persons whose ties contradict each other, over
   however many steps, are not tied at all.
4. A weak identifier belongs to its person if it was seen with one, and to itself if it was seen with several.
5. Weak identifiers that were seen with no person stand together with those of their kind that they are linked to, and
   belong to the one person that these lead to; if they lead to several or to none, they are a customer of their own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from warehouse.schema.people import IdentifierKind

Codes = NDArray[np.int64]

STRONG: Final = (IdentifierKind.email, IdentifierKind.phone, IdentifierKind.user, IdentifierKind.contact)
MOST_STRONG_OF_STRONG: Final = 20  # of one kind: a lead may be entered often, an address has no hundred users
MOST_STRONG_OF_WEAK: Final = 5  # of one kind: a family, not a library
MOST_DEVICES_OF_CLIENT: Final = 5  # advertising ids are renewed
MOST_BROWSERS_OF_CLICK: Final = 1  # a click happens in one browser on one device


def shared_keys(counts: pl.DataFrame) -> pl.Series:
    """Keys of the identifiers that name too many.

    ``counts`` has one row per identifier and kind of what it is linked to: ``identifier_key``, ``kind``, ``other`` (the
    kind of its neighbours) and ``neighbours`` (how many).
    """
    strong = [kind.value for kind in STRONG]
    kind, other = pl.col("kind"), pl.col("other")
    most = (
        pl.when(kind.is_in(strong) & other.is_in(strong))
        .then(MOST_STRONG_OF_STRONG)
        .when(~kind.is_in(strong) & other.is_in(strong))
        .then(MOST_STRONG_OF_WEAK)
        .when((kind == IdentifierKind.client.value) & (other == IdentifierKind.device.value))
        .then(MOST_DEVICES_OF_CLIENT)
        .when(
            (kind == IdentifierKind.click.value)
            & other.is_in([IdentifierKind.device.value, IdentifierKind.client.value])
        )
        .then(MOST_BROWSERS_OF_CLICK)
    )
    return counts.filter(pl.col("neighbours") > most)["identifier_key"].unique()


def customers_of(identifiers: pl.DataFrame, links: pl.DataFrame) -> pl.Series:
    """The customer key of each identifier, which is the smallest identifier key of the customer.

    ``identifiers`` has ``identifier_key`` (ascending), ``kind`` (text) and ``is_shared``; ``links`` has ``low_key`` and
    ``high_key``, both among the identifiers.
    """
    keys = identifiers["identifier_key"].to_numpy()
    size = len(keys)
    kinds = identifiers["kind"].replace_strict(_RANKS, return_dtype=pl.Int64).to_numpy()
    shared, strong = identifiers["is_shared"].to_numpy(), kinds < len(STRONG)
    one, two = (np.searchsorted(keys, links[end].to_numpy()) for end in ("low_key", "high_key"))
    counts = ~(shared[one] | shared[two])
    one, two = one[counts], two[counts]

    both = strong[one] & strong[two]
    person = np.where(strong, _components(size, one[both], two[both]), -1)
    weak, named = _weak_first(one, two, strong)
    person = _complemented(size, person, kinds, weak, person[named])
    seen_with, of = _distinct(weak, person[named])
    persons = np.bincount(seen_with, minlength=size)
    only = persons[seen_with] == 1
    person[seen_with[only]] = of[only]

    anonymous = ~strong & (persons == 0)
    both = anonymous[one] & anonymous[two]
    group = np.where(anonymous, _components(size, one[both], two[both]), -1)
    lone, led = _anonymous_first(one, two, anonymous, person)
    leading, to = _distinct(group[lone], person[led])
    only = np.bincount(leading, minlength=size)[leading] == 1
    whose = np.full(size, -1)
    whose[leading[only]] = to[only]
    person = np.where(anonymous, whose[group], person)

    # Persons and groups are numbered by a member, and so is who stands alone.
    label = np.where(person >= 0, person, np.where(anonymous, group, np.arange(size)))
    smallest = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(smallest, label, keys)
    return pl.Series("customer_key", smallest[label], dtype=pl.Int64)


def _components(size: int, one: Codes, two: Codes) -> Codes:
    """For each node the first node of its component."""
    graph = coo_array((np.ones(len(one), np.int8), (one, two)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    first = np.full(size, size)
    np.minimum.at(first, labels, np.arange(size))
    found: Codes = first[labels]
    return found


def _complemented(size: int, person: Codes, kinds: Codes, weak: Codes, of: Codes) -> Codes:
    """Persons after weak identifiers have tied those that complement each other."""
    strong = person >= 0
    has = np.zeros(size, np.int64)  # a bit for each kind that a person has
    np.bitwise_or.at(has, person[strong], np.int64(1) << kinds[strong])
    weak, of = _distinct(weak, of)
    fits = _disjoint(size, weak, has[of])[weak]
    weak, of = weak[fits], of[fits]
    tied = _components(size, weak, of)  # of the persons' numbers and the weak identifiers between them
    persons = np.unique(person[strong])
    consistent = _disjoint(size, tied[persons], has[persons])
    joined = np.where(consistent[tied], tied, np.arange(size))
    return np.where(strong, joined[person], -1)


def _disjoint(size: int, groups: Codes, bits: Codes) -> NDArray[np.bool_]:
    """For each group whether no two of its members have a bit in common."""
    added = np.bincount(groups, weights=bits, minlength=size).astype(np.int64)
    united = np.zeros(size, np.int64)
    np.bitwise_or.at(united, groups, bits)
    disjoint: NDArray[np.bool_] = added == united
    return disjoint


def _weak_first(one: Codes, two: Codes, strong: NDArray[np.bool_]) -> tuple[Codes, Codes]:
    """The links between a weak and a strong identifier, the weak end first."""
    forth, back = ~strong[one] & strong[two], strong[one] & ~strong[two]
    return np.concatenate([one[forth], two[back]]), np.concatenate([two[forth], one[back]])


def _anonymous_first(one: Codes, two: Codes, anonymous: NDArray[np.bool_], person: Codes) -> tuple[Codes, Codes]:
    """The links between an anonymous identifier and one that belongs to a person, the anonymous end first."""
    forth, back = anonymous[one] & (person[two] >= 0), anonymous[two] & (person[one] >= 0)
    return np.concatenate([one[forth], two[back]]), np.concatenate([two[forth], one[back]])


def _distinct(one: Codes, two: Codes) -> tuple[Codes, Codes]:
    """Each pair once."""
    pairs = pl.DataFrame({"one": one, "two": two}).unique()
    return pairs["one"].to_numpy(), pairs["two"].to_numpy()


_RANKS: Final = {kind.value: rank for rank, kind in enumerate(IdentifierKind)}
