"""Passwords and tokens: how they are made, hashed and compared."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.refusals import Invalid

TOKEN_PREFIX = "cway_"  # noqa: S105  # not a secret, but what secrets begin with
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

_HASHER = PasswordHasher()
# Verified when there is no such user, so that the time of the answer does not tell.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Argon2id of a password. Raises :class:`Invalid` when it is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            f"A password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            remedy="A few words in a row make a good one.",
        )
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one behind the hash; takes as long when there is no hash."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token_secret() -> str:
    """A token's secret, with a prefix by which scanners of leaked secrets can know it."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_hash(secret: str) -> str:
    """What is stored of a token. Its secret is random and long, so a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
