"""The two books beside every change: who changed what, and which answer a retry of a create must get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict

KEPT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key that was used before: ``answer`` is what was answered then."""

    answer: dict[str, Any]


def record(
    session: WriteSession,
    *,
    actor: str,
    action: str,
    subject: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write a change into the audit trail, in the transaction of the change."""
    session.execute(
        text(
            """INSERT INTO ops.audit (actor, action, subject, before, after)
            VALUES (:actor, :action, :subject, CAST(:before AS jsonb), CAST(:after AS jsonb))"""
        ),
        {"actor": actor, "action": action, "subject": subject, "before": _json(before), "after": _json(after)},
    )


def claim(session: WriteSession, *, actor: str, key: str, body_hash: str) -> Claim | None:
    """The earlier answer to this key, or None when it is new. Others with the same key wait until this one ends.

    Raises :class:`Conflict` when the key was used with another body. Keys are forgotten after ``KEPT_DAYS``.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7203003))"), {"name": f"{actor}\n{key}"})
    session.execute(
        text("DELETE FROM ops.idempotency_key WHERE actor = :actor AND created_at < now() - make_interval(days => :d)"),
        {"actor": actor, "d": KEPT_DAYS},
    )
    row = session.execute(
        text("SELECT body_hash, answer FROM ops.idempotency_key WHERE actor = :actor AND key = :key"),
        {"actor": actor, "key": key},
    ).one_or_none()
    if row is None:
        return None
    if row.body_hash != body_hash:
        raise Conflict(
            f"The idempotency key {key!r} was already used for something else.",
            remedy="Use a new key for a new change.",
        )
    return Claim(row.answer)


def remember(session: WriteSession, *, actor: str, key: str, body_hash: str, answer: dict[str, Any]) -> None:
    """Store the answer to a claimed key."""
    session.execute(
        text(
            """INSERT INTO ops.idempotency_key (actor, key, body_hash, answer)
            VALUES (:actor, :key, :body_hash, CAST(:answer AS jsonb))"""
        ),
        {"actor": actor, "key": key, "body_hash": body_hash, "answer": _json(answer)},
    )


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
