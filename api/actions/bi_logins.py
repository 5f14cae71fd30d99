"""Log-ins at the database for BI tools, which then read the views of ``mart`` and only the granted accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.actions.acting import new_nonce, note, once, secret_from
from api.identity import Identity
from api.passwords import SHORTEST_PASSWORD
from api.refusals import Invalid
from warehouse.changes import bi_logins as changes
from warehouse.changes import people
from warehouse.engine import WriteSession
from warehouse.sessions import Warehouse


@dataclass(frozen=True, slots=True)
class BiLogin:
    """A log-in and the accounts that it reads; None means every account."""

    name: str
    account_keys: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class NewBiLogin:
    """A log-in and its password, which cannot be asked for again."""

    login: BiLogin
    password: str = field(repr=False)


def create_bi_login(
    warehouse: Warehouse,
    identity: Identity,
    *,
    name: str,
    account_keys: Sequence[int] | None = None,
    password: str | None = None,
    idempotency_key: str | None = None,
) -> NewBiLogin:
    """Create a PostgreSQL role that may log in and read ``account_keys`` (None: all). Without a password, one is made.

    Raises :class:`Invalid`, :class:`~warehouse.errors.Conflict` when the name is taken, and
    :class:`~warehouse.errors.BadSetting` when the program's own log-in may not create roles.
    """
    identity.require_administrator()
    if not changes.may_be_named(name):
        raise Invalid(
            f"{name!r} cannot be the name of a log-in.",
            remedy="Begin with a small letter; small letters, digits and underscores may follow.",
        )
    if account_keys is not None and not account_keys:
        raise Invalid("A log-in needs an account to read.", remedy="Name accounts, or leave them out for all.")
    if password is not None and (len(password) < SHORTEST_PASSWORD or not password.isprintable()):
        raise Invalid(f"A password must have at least {SHORTEST_PASSWORD} printable characters.")
    keys = None if account_keys is None else tuple(sorted(set(account_keys)))

    def create(session: WriteSession) -> _Made:
        nonce = new_nonce()
        chosen = password or secret_from(warehouse, nonce)
        changes.create_login(session, name, chosen, statement_timeout=warehouse.settings.statement_timeout)
        for key in (None,) if keys is None else keys:
            people.put_grant(session, reader=f"login:{name}", account_key=key, role="viewer")
        note(session, identity, "bi_login.create", f"login:{name}", after={"accounts": keys and list(keys)})
        return _Made(BiLogin(name, keys), nonce)

    made = once(
        warehouse,
        identity,
        action="bi_login.create",
        body={"name": name, "accounts": keys, "password": password},
        key=idempotency_key,
        answer=_Made,
        create=create,
    )
    return NewBiLogin(made.login, password or secret_from(warehouse, made.nonce))


def drop_bi_login(warehouse: Warehouse, identity: Identity, *, name: str) -> str:
    """Drop a log-in that was made here; returns its name. Raises :class:`~warehouse.errors.NotFound`."""
    identity.require_administrator()
    with warehouse.writing() as session:
        changes.drop_login(session, name)
        note(session, identity, "bi_login.drop", f"login:{name}")
    return name


@dataclass(frozen=True, slots=True)
class _Made:
    """What is stored for a retry."""

    login: BiLogin
    nonce: str
