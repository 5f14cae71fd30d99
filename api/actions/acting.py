"""What every action does around its change: one transaction, one audit entry, and the same answer to a retry."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter

from api.identity import Identity
from api.refusals import Invalid
from api.signing import Signer
from warehouse.changes import books
from warehouse.engine import WriteSession
from warehouse.sessions import Warehouse
from warehouse.settings import signing_key

T = TypeVar("T")

LONGEST_NAME = 200
_KEY = re.compile(r"[!-~]{1,200}")


def once(
    warehouse: Warehouse,
    identity: Identity,
    *,
    action: str,
    body: Mapping[str, Any],
    key: str | None,
    answer: type[T],
    create: Callable[[WriteSession], T],
) -> T:
    """Run ``create`` in one transaction, or give the answer that it gave to the same key and body before.

    ``answer`` is the dataclass that ``create`` returns; it is stored, so it holds no secret. Raises
    :class:`~warehouse.errors.Conflict` when the key was used with another body.
    """
    if key is None:
        with warehouse.writing() as session:
            return create(session)
    if not _KEY.fullmatch(key):
        raise Invalid("An idempotency key has 1 to 200 letters, digits and signs, without spaces.")
    adapter = TypeAdapter(answer)
    # Keyed, so that nobody who reads the table can try out passwords against it.
    signer = Signer(signing_key(warehouse.settings), "idempotency")
    body_hash = signer.digest(orjson.dumps([action, dict(body)], option=orjson.OPT_SORT_KEYS)).hex()
    with warehouse.writing() as session:
        earlier = books.claim(session, actor=identity.actor, key=key, body_hash=body_hash)
        if earlier is not None:
            return adapter.validate_python(earlier.answer)
        result = create(session)
        stored = adapter.dump_python(result, mode="json")
        books.remember(session, actor=identity.actor, key=key, body_hash=body_hash, answer=stored)
        return result


def note(
    session: WriteSession,
    identity: Identity,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write the change into the audit trail."""
    books.record(session, actor=identity.actor, action=action, subject=subject, before=before, after=after)


def named(value: str, what: str) -> str:
    """A name without spaces around it. Raises :class:`Invalid` when it is empty, too long or not printable."""
    name = value.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(f"{what} must have 1 to {LONGEST_NAME} printable characters.")
    return name


def new_nonce() -> str:
    """What a secret is made from; worthless without the key, so it may be stored."""
    return secrets.token_urlsafe(16)


def secret_from(warehouse: Warehouse, nonce: str) -> str:
    """The secret that belongs to a nonce: the same again for a retry, and stored nowhere."""
    return Signer(signing_key(warehouse.settings), "secrets").secret(nonce.encode())
