"""Saved views: a page with its filters under a name, each person's own."""

from __future__ import annotations

import re
from dataclasses import replace

from api.actions.acting import named, note, once
from api.identity import Identity, Scope
from api.refusals import Invalid
from warehouse.changes import people as changes
from warehouse.engine import WriteSession
from warehouse.errors import NotFound
from warehouse.queries import people
from warehouse.queries.people import SavedView
from warehouse.sessions import Warehouse

LONGEST_QUERY = 4_000
_PAGE = re.compile(r"[a-z][a-z0-9/_-]{0,62}")


def save_view(
    warehouse: Warehouse,
    identity: Identity,
    *,
    page: str,
    name: str,
    query: str,
    idempotency_key: str | None = None,
) -> SavedView:
    """Keep a page's query (the part of the URL after the question mark) under a name.

    Raises :class:`~warehouse.errors.Conflict` when the page has a view of that name.
    """
    identity.require_scope(Scope.write)
    name, query = named(name, "The view's name"), query.removeprefix("?")
    if not _PAGE.fullmatch(page):
        raise Invalid(f"page == {page!r} is not the name of a page.", remedy="Write it as in the URL, e.g. overview.")
    if len(query) > LONGEST_QUERY or not query.isprintable():
        raise Invalid(f"The view's query must have at most {LONGEST_QUERY} printable characters.")

    def create(session: WriteSession) -> SavedView:
        key, created = changes.insert_saved_view(session, user_key=identity.user_key, page=page, name=name, query=query)
        after = {"page": page, "name": name, "query": query}
        note(session, identity, "saved_view.create", f"saved_view:{key}", after=after)
        return SavedView(key, page, name, query, created)

    return once(
        warehouse,
        identity,
        action="saved_view.create",
        body={"page": page, "name": name, "query": query},
        key=idempotency_key,
        answer=SavedView,
        create=create,
    )


def rename_view(warehouse: Warehouse, identity: Identity, *, saved_view_key: int, name: str) -> SavedView:
    """Give one's own view another name. Raises :class:`NotFound` and :class:`~warehouse.errors.Conflict`."""
    identity.require_scope(Scope.write)
    name = named(name, "The view's name")
    with warehouse.writing() as session:
        before = _own(session, identity, saved_view_key)
        changes.rename_saved_view(session, saved_view_key, name=name)
        subject = f"saved_view:{saved_view_key}"
        note(session, identity, "saved_view.rename", subject, before={"name": before.name}, after={"name": name})
        return replace(before, name=name)


def delete_view(warehouse: Warehouse, identity: Identity, *, saved_view_key: int) -> SavedView:
    """Remove one's own view; returns what it was. Raises :class:`NotFound`."""
    identity.require_scope(Scope.write)
    with warehouse.writing() as session:
        view = _own(session, identity, saved_view_key)
        changes.delete_saved_view(session, saved_view_key)
        before = {"page": view.page, "name": view.name, "query": view.query}
        note(session, identity, "saved_view.delete", f"saved_view:{saved_view_key}", before=before)
        return view


def _own(session: WriteSession, identity: Identity, saved_view_key: int) -> SavedView:
    views = people.saved_views(session, identity.user_key)
    found = next((v for v in views if v.saved_view_key == saved_view_key), None)
    if found is None:
        raise NotFound(f"There is no saved view {saved_view_key} of yours.")
    return found
