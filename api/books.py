"""The program's own books as a person may read them: their saved views and tokens, and for administrators all."""

from __future__ import annotations

from api.actions.bi_logins import BiLogin
from api.identity import Identity
from warehouse.queries import people
from warehouse.queries.people import AuditEntry, Person, SavedView, TokenSummary
from warehouse.sessions import Warehouse


def saved_views(warehouse: Warehouse, identity: Identity, *, page: str | None = None) -> list[SavedView]:
    """One's own saved views by name; of one page or of all."""
    with warehouse.writing() as session:
        return people.saved_views(session, identity.user_key, page=page)


def tokens(warehouse: Warehouse, identity: Identity, *, of_everybody: bool = False) -> list[TokenSummary]:
    """One's own tokens, newest first; those of everybody for administrators."""
    if of_everybody:
        identity.require_administrator()
    with warehouse.writing() as session:
        return people.tokens(session, user_key=None if of_everybody else identity.user_key)


def users(warehouse: Warehouse, identity: Identity) -> list[Person]:
    """Every user with their grants. For administrators."""
    identity.require_administrator()
    with warehouse.writing() as session:
        return people.people(session)


def bi_logins(warehouse: Warehouse, identity: Identity) -> list[BiLogin]:
    """Database log-ins of BI tools. For administrators."""
    identity.require_administrator()
    with warehouse.writing() as session:
        return [
            BiLogin(name, None if any(g.account_key is None for g in grants) else tuple(_keys(grants)))
            for name, grants in people.bi_logins(session).items()
        ]


def audit(warehouse: Warehouse, identity: Identity, *, limit: int = 100, before: int | None = None) -> list[AuditEntry]:
    """Who changed what, newest first; ``before`` is the last key of the page before. For administrators."""
    identity.require_administrator()
    with warehouse.writing() as session:
        return people.audit(session, limit=limit, before=before)


def _keys(grants: list[people.Grant]) -> list[int]:
    return [g.account_key for g in grants if g.account_key is not None]
