"""Who is there: one middleware before the API and the dashboard, and the identity that both of them read.

On this machine's own address one owner is signed in without ceremony, as long as nobody has a password and no name
of the outside leads here. Otherwise a request needs a bearer token or the cookie of a session.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from api.identity import Identity, Role, Scope
from api.origins import Doors, passed_on
from api.passwords import TOKEN_PREFIX, password_matches, token_hash
from api.signing import Signer
from warehouse.access import Reader
from warehouse.errors import NotAllowed, NotSignedIn
from warehouse.local_owner import EMAIL as OWNER_EMAIL
from warehouse.local_owner import local_owner
from warehouse.queries import people
from warehouse.queries.people import SignIn
from warehouse.sessions import Warehouse
from warehouse.settings import signing_key

SESSION_DAYS = 7
_SIGN_IN = "Sign in at /login, or send a token as `Authorization: Bearer …`."

_current: ContextVar[Identity | None] = ContextVar("identity", default=None)


def current_identity() -> Identity:
    """Who the current request acts for; the same in the API and in a callback of the dashboard.

    Raises :class:`NotSignedIn` outside a request.
    """
    identity = _current.get()
    if identity is None:
        raise NotSignedIn("Nobody is signed in here.", remedy=_SIGN_IN)
    return identity


def owner_identity(warehouse: Warehouse) -> Identity:
    """The local owner, as whom the command line acts."""
    reader = local_owner(warehouse)
    with warehouse.writing() as session:
        found = people.sign_in_by_key(session, int(reader.id.removeprefix("user:")))
    if found is None:
        raise NotSignedIn("The local owner is disabled.", remedy="Sign in as another user.")
    return _identity_of(found, Scope.admin, local=True)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Finds the identity behind a request's headers."""

    warehouse: Warehouse
    doors: Doors
    demand_login: bool

    def identify(self, method: str, headers: Mapping[str, str]) -> Identity:
        """The identity by token, by session cookie, or the local owner. Header names in small letters.

        Raises :class:`NotSignedIn`, and :class:`NotAllowed` for a change that a cookie alone does not warrant.
        """
        authorization = headers.get("authorization")
        if authorization is not None:
            return self._by_token(authorization)
        cookie = _cookies(headers).get(self.cookie_name)
        if cookie is not None and (found := self._by_session(cookie)) is not None:
            _require_own_page(method, headers)
            return found
        # A proxy on this machine would make the whole world look like it.
        if self.owner_may_enter() and not passed_on(headers) and (owner := self._owner()) is not None:
            return owner
        raise NotSignedIn("Causeway asks who is there.", remedy=_SIGN_IN)

    def owner_may_enter(self) -> bool:
        """Whether this server signs in the local owner as long as nobody has a password."""
        return self.doors.local and not self.demand_login

    def sign_in(self, email: str, password: str) -> str:
        """The value of a new session's cookie. Raises :class:`NotSignedIn` when address or password is wrong."""
        with self.warehouse.writing() as session:
            found = people.sign_in_by_email(session, email)
        if not password_matches(found.password_hash if found else None, password) or found is None:
            raise NotSignedIn("The address or the password is wrong.", remedy="Try again.")
        expires = int(time.time()) + SESSION_DAYS * 86_400
        return self._signer.sign(f"{found.user_key}.{expires}.{_fingerprint(found)}".encode())

    @property
    def cookie_name(self) -> str:
        # With the prefix, browsers take the cookie from this very host over https only.
        return "__Host-causeway_session" if self.doors.secure else "causeway_session"

    def cookie(self, value: str) -> str:
        """The Set-Cookie header that stores a session; an empty value ends it."""
        secure = "; Secure" if self.doors.secure else ""
        age = SESSION_DAYS * 86_400 if value else 0
        return f"{self.cookie_name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"

    @property
    def _signer(self) -> Signer:
        return Signer(signing_key(self.warehouse.settings), "session")

    def _owner(self) -> Identity | None:
        with self.warehouse.writing() as session:
            found, demanded = people.owner_while_nobody_signs_in(session, OWNER_EMAIL)
        if demanded:
            return None
        return owner_identity(self.warehouse) if found is None else _identity_of(found, Scope.admin, local=True)

    def _by_token(self, authorization: str) -> Identity:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret.startswith(TOKEN_PREFIX):
            raise NotSignedIn("The Authorization header holds no token of Causeway.", remedy=_SIGN_IN)
        with self.warehouse.writing() as session:
            found = people.sign_in_by_token(session, token_hash(secret.strip()))
        if found is None:
            raise NotSignedIn("The token is unknown, expired or revoked.", remedy="Create another one.")
        scope = max(Scope[s] for s in found.scopes)
        if scope == Scope.collect:
            raise NotAllowed("This token only sends events.", remedy="Use it at /collect, and another one here.")
        return _identity_of(found, scope, local=False)

    def _by_session(self, cookie: str) -> Identity | None:
        payload = self._signer.unsign(cookie)
        if payload is None:
            return None
        user_key, expires, fingerprint = payload.decode().split(".")
        if int(expires) < time.time():
            return None
        with self.warehouse.writing() as session:
            found = people.sign_in_by_key(session, int(user_key))
        if found is None or _fingerprint(found) != fingerprint:
            return None
        return _identity_of(found, Scope.admin, local=False)


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[None]:
    """Make an identity the one that :func:`current_identity` gives within the block."""
    token = _current.set(identity)
    try:
        yield
    finally:
        _current.reset(token)


def _identity_of(found: SignIn, scope: Scope, *, local: bool) -> Identity:
    return Identity(
        reader=Reader(f"user:{found.user_key}", found.name),
        user_key=found.user_key,
        name=found.name,
        email=found.email,
        roles={key: Role[role] for key, role in found.grants},
        scope=scope,
        local=local,
    )


def _fingerprint(found: SignIn) -> str:
    """Changes with the password, so that a new one ends the sessions that the old one began."""
    return hashlib.sha256((found.password_hash or "").encode()).hexdigest()[:16]


def _require_own_page(method: str, headers: Mapping[str, str]) -> None:
    """A cookie travels with requests that other pages cause; a change needs a sign that it was our page.

    That a present ``Origin`` or ``Sec-Fetch-Site`` is ours was checked at the door.
    """
    if method not in {"GET", "HEAD", "OPTIONS"} and "origin" not in headers and "sec-fetch-site" not in headers:
        raise NotAllowed(
            "A change with a session's cookie must come from Causeway's own pages.",
            remedy="Programs send a token instead.",
        )


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs if name}
