"""API tokens: made for oneself or, by an administrator, for others; shown once; ended at any time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from api.actions.acting import named, new_nonce, note, once, secret_from
from api.identity import Identity, Role, Scope
from api.passwords import TOKEN_PREFIX, token_hash
from api.refusals import Invalid
from warehouse.changes import people as changes
from warehouse.engine import WriteSession
from warehouse.errors import NotFound
from warehouse.queries import people
from warehouse.queries.people import TokenSummary
from warehouse.sessions import Warehouse

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its secret, which cannot be asked for again."""

    token: TokenSummary
    secret: str = field(repr=False)


def create_token(
    warehouse: Warehouse,
    identity: Identity,
    *,
    name: str,
    scope: Scope,
    days: int = 90,
    user_key: int | None = None,
    account_key: int | None = None,
    idempotency_key: str | None = None,
) -> NewToken:
    """Make a token that acts for a user (oneself when omitted) as far as ``scope`` reaches, for so many days.

    ``account_key`` is the account to which a token with the scope ``collect`` sends events; only managers of the
    account make one. Raises :class:`NotAllowed` for a scope beyond one's own, or for others unless one is an
    administrator.
    """
    identity.require_scope(max(Scope.write, scope))
    _require_account(identity, scope, account_key)
    owner = identity.user_key if user_key is None else user_key
    if owner != identity.user_key:
        identity.require_administrator()
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"days == {days}, must be from 1 to {LONGEST_DAYS}.")
    name = named(name, "The token's name")

    def create(session: WriteSession) -> _Made:
        user = people.sign_in_by_key(session, owner)
        if user is None:
            raise NotFound(f"There is no user {owner} who may sign in.")
        changes.require_account(session, account_key)
        nonce = new_nonce()
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
        secret = TOKEN_PREFIX + secret_from(warehouse, nonce)
        key, created = changes.insert_token(
            session, user_key=owner, name=name, token_hash=token_hash(secret), scopes=[scope.name],
            account_key=account_key, expires_at=expires,
        )  # fmt: skip
        after = {"user": owner, "name": name, "scope": scope.name, "expires_at": expires.isoformat()}
        if account_key is not None:
            after["account"] = account_key
        note(session, identity, "token.create", f"token:{key}", after=after)
        return _Made(TokenSummary(key, owner, user.email, name, (scope.name,), expires, None, None, created,
                                  account_key), nonce)  # fmt: skip

    made = once(
        warehouse,
        identity,
        action="token.create",
        body={"name": name, "scope": scope.name, "days": days, "user": owner}
        | ({} if account_key is None else {"account": account_key}),
        key=idempotency_key,
        answer=_Made,
        create=create,
    )
    return NewToken(made.token, TOKEN_PREFIX + secret_from(warehouse, made.nonce))


def revoke_token(warehouse: Warehouse, identity: Identity, *, token_key: int) -> TokenSummary:
    """End a token at once. Raises :class:`NotFound`, also for those of others unless one is an administrator."""
    identity.require_scope(Scope.write)
    with warehouse.writing() as session:
        found = _token(session, token_key)
        if found.user_key != identity.user_key and not identity.is_administrator:
            raise NotFound(f"There is no token {token_key}.")
        changes.revoke_token(session, token_key)
        note(session, identity, "token.revoke", f"token:{token_key}", before={"user": found.user_key})
        return _token(session, token_key)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is stored for a retry: the token, and that from which only this installation makes the secret again."""

    token: TokenSummary
    nonce: str


def _require_account(identity: Identity, scope: Scope, account_key: int | None) -> None:
    if scope != Scope.collect:
        if account_key is not None:
            raise Invalid("Only a token with the scope collect belongs to an account.")
        return
    if account_key is None:
        raise Invalid("A token with the scope collect belongs to an account.", remedy="Say which one.")
    if identity.role_on(account_key) is None:
        raise NotFound(f"There is no account {account_key}.")
    identity.require(Role.manager, account_key=account_key)


def _token(session: WriteSession, token_key: int) -> TokenSummary:
    found = next((t for t in people.tokens(session) if t.token_key == token_key), None)
    if found is None:
        raise NotFound(f"There is no token {token_key}.")
    return found
