"""Digests of what a stream's people are known by, made for many at once and remembered for those who come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from warehouse.ingest.digests import identifier_digests, plain_digest
from warehouse.schema.people import IdentifierKind

MOST_REMEMBERED: Final = 100_000
_FEW: Final = 20  # from where a column of values is hashed faster than they are one by one
_PLAIN: Final = frozenset({"user", "contact", "device", "client", "click"})


@dataclass(slots=True)
class Digests:
    """Digests by kind and value. What is remembered is forgotten as a whole when it becomes too much."""

    _known: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def of(self, people: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """For each person, kind -> digest; what names nobody is left out."""
        unknown = {pair for person in people for pair in person.items() if pair not in self._known}
        if unknown:
            self._make(unknown)
        known = self._known
        return [{kind: digest for kind, value in person.items() if (digest := known[kind, value])} for person in people]

    def _make(self, unknown: set[tuple[str, str]]) -> None:
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        by_kind: dict[str, list[str]] = {}
        for kind, value in unknown:
            by_kind.setdefault(kind, []).append(value)
        for kind, values in by_kind.items():
            if kind in _PLAIN and len(values) < _FEW:
                for value in values:
                    self._known[kind, value] = plain_digest(value)
                continue
            digests = identifier_digests(pl.Series(values, dtype=pl.String), IdentifierKind(kind)).to_list()
            for value, digest in zip(values, digests, strict=True):
                self._known[kind, value] = digest
