"""Write statements about users, grants, tokens and saved views. Actions in ``api/`` check, audit and call them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound


def insert_user(session: WriteSession, *, email: str, name: str, password_hash: str | None) -> int:
    """Add a user; returns the key. Raises :class:`Conflict` when the address is taken."""
    key = session.execute(
        text(
            """INSERT INTO ops."user" (email, name, password_hash) VALUES (lower(:email), :name, :hash)
            ON CONFLICT (email) DO NOTHING RETURNING user_key"""
        ),
        {"email": email, "name": name, "hash": password_hash},
    ).scalar_one_or_none()
    if key is None:
        raise Conflict(f"There is a user with the address {email} already.", remedy="Change that user instead.")
    return int(key)


def set_password_hash(session: WriteSession, user_key: int, password_hash: str) -> None:
    """Replace a user's password. Raises :class:`NotFound`."""
    _exactly_one(
        session,
        'UPDATE ops."user" SET password_hash = :hash WHERE user_key = :key RETURNING user_key',
        {"key": user_key, "hash": password_hash},
        f"There is no user {user_key}.",
    )


def disable_user(session: WriteSession, user_key: int) -> None:
    """Keep a user out from now on; their tokens end with it. Raises :class:`NotFound`."""
    _exactly_one(
        session,
        'UPDATE ops."user" SET disabled_at = coalesce(disabled_at, now()) WHERE user_key = :key RETURNING user_key',
        {"key": user_key},
        f"There is no user {user_key}.",
    )
    session.execute(
        text("UPDATE ops.token SET revoked_at = now() WHERE user_key = :key AND revoked_at IS NULL"), {"key": user_key}
    )


def put_grant(session: WriteSession, *, reader: str, account_key: int | None, role: str) -> None:
    """Give a reader a role on an account (None: all), replacing an earlier one. Raises :class:`NotFound`."""
    require_account(session, account_key)
    session.execute(
        text(
            """INSERT INTO ops.account_grant (reader, account_key, role) VALUES (:reader, :account, :role)
            ON CONFLICT (reader, account_key) DO UPDATE SET role = excluded.role"""
        ),
        {"reader": reader, "account": account_key, "role": role},
    )


def delete_grant(session: WriteSession, *, reader: str, account_key: int | None) -> str:
    """Take a grant back; returns the role that it gave. Raises :class:`NotFound`."""
    role = session.execute(
        text(
            """DELETE FROM ops.account_grant
            WHERE reader = :reader AND account_key IS NOT DISTINCT FROM CAST(:account AS int) RETURNING role"""
        ),
        {"reader": reader, "account": account_key},
    ).scalar_one_or_none()
    if role is None:
        raise NotFound("There is no such grant.", remedy="Look at the user's grants first.")
    return str(role)


def require_account(session: WriteSession, account_key: int | None) -> None:
    """Raise :class:`NotFound` unless the account exists; None stands for all and always does."""
    if account_key is None:
        return
    found = session.execute(text("SELECT 1 FROM core.account WHERE account_key = :key"), {"key": account_key})
    if found.scalar_one_or_none() is None:
        raise NotFound(f"There is no account {account_key}.")


def insert_token(
    session: WriteSession,
    *,
    user_key: int,
    name: str,
    token_hash: str,
    scopes: Iterable[str],
    expires_at: dt.datetime,
    account_key: int | None = None,
) -> tuple[int, dt.datetime]:
    """Add a token; returns its key and when it was created."""
    row = session.execute(
        text(
            """INSERT INTO ops.token (user_key, name, token_hash, scopes, account_key, expires_at)
            VALUES (:user, :name, :hash, :scopes, :account, :expires) RETURNING token_key, created_at"""
        ),
        {
            "user": user_key,
            "name": name,
            "hash": token_hash,
            "scopes": list(scopes),
            "account": account_key,
            "expires": expires_at,
        },
    ).one()
    return row.token_key, row.created_at


def revoke_token(session: WriteSession, token_key: int) -> None:
    """End a token. Raises :class:`NotFound`."""
    _exactly_one(
        session,
        "UPDATE ops.token SET revoked_at = coalesce(revoked_at, now()) WHERE token_key = :key RETURNING token_key",
        {"key": token_key},
        f"There is no token {token_key}.",
    )


def insert_saved_view(
    session: WriteSession, *, user_key: int, page: str, name: str, query: str
) -> tuple[int, dt.datetime]:
    """Add a saved view; returns its key and when. Raises :class:`Conflict` when the page has one of that name."""
    row = session.execute(
        text(
            """INSERT INTO ops.saved_view (user_key, page, name, query) VALUES (:user, :page, :name, :query)
            ON CONFLICT (user_key, page, name) DO NOTHING RETURNING saved_view_key, created_at"""
        ),
        {"user": user_key, "page": page, "name": name, "query": query},
    ).one_or_none()
    if row is None:
        raise Conflict(f"There is a saved view called {name!r} on this page already.", remedy="Choose another name.")
    return row.saved_view_key, row.created_at


def rename_saved_view(session: WriteSession, saved_view_key: int, *, name: str) -> None:
    """Give a saved view another name. Raises :class:`Conflict` when the page has one of that name."""
    changed = session.execute(
        text(
            """UPDATE ops.saved_view v SET name = :name WHERE v.saved_view_key = :key AND NOT EXISTS (
                SELECT FROM ops.saved_view o WHERE o.user_key = v.user_key AND o.page = v.page AND o.name = :name
                AND o.saved_view_key <> v.saved_view_key)
            RETURNING v.saved_view_key"""
        ),
        {"key": saved_view_key, "name": name},
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict(f"There is a saved view called {name!r} on this page already.", remedy="Choose another name.")


def delete_saved_view(session: WriteSession, saved_view_key: int) -> None:
    """Remove a saved view."""
    session.execute(text("DELETE FROM ops.saved_view WHERE saved_view_key = :key"), {"key": saved_view_key})


def _exactly_one(session: WriteSession, sql: str, parameters: dict[str, object], otherwise: str) -> None:
    if session.execute(text(sql), parameters).scalar_one_or_none() is None:
        raise NotFound(otherwise)
