"""What a layout or callback reads with: the person who asks, one transaction, the scope, and what is kept of before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app

from api.auth import current_identity
from api.identity import Identity
from dashboard.cache import Cache
from dashboard.components.shell import Page
from dashboard.state import Days
from warehouse.engine import ReadSession
from warehouse.filters import Filter
from warehouse.queries.scope import Scope, read_scope
from warehouse.sessions import Warehouse

T = TypeVar("T")

_EXTENSION = "causeway"


@dataclass(frozen=True, slots=True)
class Shared:
    """What all requests of one server share."""

    warehouse: Warehouse
    cache: Cache
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One read transaction on behalf of the person who asks."""

    session: ReadSession
    scope: Scope
    identity: Identity
    shared: Shared

    @property
    def days(self) -> Days:
        """First and last day with data; today where nothing is loaded yet."""
        today = dt.datetime.now(dt.UTC).date()
        return Days(self.scope.first_day or today, self.scope.last_day or today)

    def settled(self, filter_: Filter) -> Filter:
        """The filter with its currency settled."""
        return self.scope.with_currency(filter_, self.shared.warehouse.settings.reporting_currency)

    def kept(self, question: str, filter_: Filter, ask: Callable[[ReadSession, Filter], T]) -> T:
        """What ``ask`` answers, or what it answered before to the same question, reader and data."""
        key = (question, filter_.cache_key(), self.identity.reader.id, self.scope.version)
        return self.shared.cache.get(key, lambda: ask(self.session, filter_))


def share(extensions: dict[str, Any], warehouse: Warehouse, pages: Sequence[Page]) -> None:
    """Put what requests share where they find it: among the Flask server's extensions."""
    extensions[_EXTENSION] = Shared(warehouse, Cache(), tuple(pages))


def shared() -> Shared:
    """What this server's requests share. Only within a request."""
    found: Shared = current_app.extensions[_EXTENSION]
    return found


@contextmanager
def reading() -> Iterator[Reading]:
    """Read on behalf of whoever sent the current request. Raises :class:`~warehouse.errors.NotSignedIn` outside one."""
    identity, common = current_identity(), shared()
    with common.warehouse.reading(identity.reader) as session:
        yield Reading(session, read_scope(session), identity, common)
