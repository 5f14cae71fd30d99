"""Users and what they may do: created, given a password, granted roles, disabled. For administrators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from api.actions.acting import named, note, once
from api.identity import Identity, Role, Scope
from api.passwords import hash_password, password_matches
from api.refusals import Invalid
from warehouse.changes import people as changes
from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotAllowed, NotFound
from warehouse.queries import people
from warehouse.queries.people import Grant, Person
from warehouse.sessions import Warehouse

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_READER = re.compile(r"user:[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A role on an account, or on every account for None."""

    account_key: int | None
    role: Role


def create_user(
    warehouse: Warehouse,
    identity: Identity,
    *,
    email: str,
    name: str,
    password: str | None = None,
    grants: Sequence[NewGrant] = (),
    idempotency_key: str | None = None,
) -> Person:
    """Add a user with their first grants. The first one with a password must administer every account.

    Raises :class:`NotAllowed`, :class:`Invalid` and :class:`Conflict` when the address is taken.
    """
    identity.require_administrator()
    email, name = email.strip().lower(), named(name, "The name")
    if not _EMAIL.fullmatch(email) or len(email) > 254 or not email.isprintable():
        raise Invalid(f"{email!r} is not an e-mail address.")
    password_hash = hash_password(password) if password is not None else None

    def create(session: WriteSession) -> Person:
        key = changes.insert_user(session, email=email, name=name, password_hash=password_hash)
        for grant in grants:
            changes.put_grant(session, reader=f"user:{key}", account_key=grant.account_key, role=grant.role.name)
        _require_administrators(session)
        person = _person(session, key)
        note(session, identity, "user.create", f"user:{key}", after=_shown(person))
        return person

    body = {
        "email": email,
        "name": name,
        "password": password,
        "grants": [[g.account_key, g.role.name] for g in grants],
    }
    return once(warehouse, identity, action="user.create", body=body, key=idempotency_key, answer=Person, create=create)


def set_password(
    warehouse: Warehouse, identity: Identity, *, user_key: int, password: str, current: str | None = None
) -> Person:
    """Give a user a password, which ends their sessions. One's own is changed by saying the ``current`` one.

    From the moment that anybody has a password, everybody must sign in.
    """
    identity.require_scope(Scope.admin)
    own = user_key == identity.user_key
    if not own:
        identity.require_administrator()
    password_hash = hash_password(password)
    with warehouse.writing() as session:
        known = people.sign_in_by_key(session, user_key)
        if known is None:
            raise NotFound(f"There is no user {user_key} who may sign in.")
        if own and known.password_hash is not None and not password_matches(known.password_hash, current or ""):
            raise NotAllowed("The current password is wrong.", remedy="Say the one that you sign in with now.")
        changes.set_password_hash(session, user_key, password_hash)
        _require_administrators(session)
        note(session, identity, "user.set_password", f"user:{user_key}")
        return _person(session, user_key)


def disable_user(warehouse: Warehouse, identity: Identity, *, user_key: int) -> Person:
    """Keep a user out; their sessions and tokens end. Raises :class:`Conflict` for the last administrator."""
    identity.require_administrator()
    with warehouse.writing() as session:
        before = _person(session, user_key)
        changes.disable_user(session, user_key)
        _require_administrators(session)
        person = _person(session, user_key)
        note(session, identity, "user.disable", f"user:{user_key}", before=_shown(before), after=_shown(person))
        return person


def grant_role(
    warehouse: Warehouse, identity: Identity, *, reader: str, account_key: int | None, role: Role
) -> list[Grant]:
    """Give a user (``user:KEY``) or a BI log-in (``login:NAME``) a role on an account, or on all for None.

    Returns all that the reader has now.
    """
    identity.require_administrator()
    with warehouse.writing() as session:
        before = _grants(session, reader)
        changes.put_grant(session, reader=reader, account_key=account_key, role=role.name)
        _require_administrators(session)
        after = people.grants(session, reader)
        note(session, identity, "grant.put", reader, before=_as_json(before), after=_as_json(after))
        return after


def revoke_role(warehouse: Warehouse, identity: Identity, *, reader: str, account_key: int | None) -> list[Grant]:
    """Take a role on an account (None: the one on all) back; returns all that the reader has now.

    Raises :class:`NotFound`, and :class:`Conflict` for the last administrator.
    """
    identity.require_administrator()
    with warehouse.writing() as session:
        before = _grants(session, reader)
        changes.delete_grant(session, reader=reader, account_key=account_key)
        _require_administrators(session)
        after = people.grants(session, reader)
        note(session, identity, "grant.delete", reader, before=_as_json(before), after=_as_json(after))
        return after


def _grants(session: WriteSession, reader: str) -> list[Grant]:
    """The grants of a reader that exists; a BI log-in exists while it has any."""
    found = people.grants(session, reader)
    if _READER.fullmatch(reader):
        _person(session, int(reader.removeprefix("user:")))
    elif not found:
        raise NotFound(f"There is no reader {reader!r}.", remedy="Write user:KEY, or login:NAME of a BI log-in.")
    return found


def _person(session: WriteSession, user_key: int) -> Person:
    found = people.people(session, user_key=user_key)
    if not found:
        raise NotFound(f"There is no user {user_key}.")
    return found[0]


def _require_administrators(session: WriteSession) -> None:
    if not people.administrators_remain(session):
        raise Conflict(
            "Nobody who can sign in would administer every account any more.",
            remedy="Give an administrator of every account a password first.",
        )


def _shown(person: Person) -> dict[str, object]:
    return {
        "email": person.email,
        "name": person.name,
        "has_password": person.has_password,
        "disabled": person.disabled_at is not None,
        **_as_json(list(person.grants)),
    }


def _as_json(grants: list[Grant]) -> dict[str, object]:
    return {"grants": [{"account_key": g.account_key, "role": g.role} for g in grants]}
