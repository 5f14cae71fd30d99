"""People, what they may see, their tokens and saved views, and what was changed by whom.

The program's own books are readable to its writing role only, so these take a :class:`WriteSession`; whoever calls
them has checked the role of the person who asks (``api/books.py``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from warehouse.engine import WriteSession

LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of a reader (``user:KEY`` or ``login:NAME``) on an account, or on every account for None."""

    reader: str
    account_key: int | None
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """One user. ``has_password`` is False for those who cannot sign in from elsewhere."""

    user_key: int
    email: str
    name: str
    has_password: bool
    disabled_at: dt.datetime | None
    created_at: dt.datetime
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is known about somebody who signs in. ``scopes`` is empty unless it was with a token."""

    user_key: int
    email: str
    name: str
    password_hash: str | None = field(repr=False)
    grants: tuple[tuple[int | None, str], ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenSummary:
    """A token as lists show it; the secret itself is nowhere."""

    token_key: int
    user_key: int
    user_email: str
    name: str
    scopes: tuple[str, ...]
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None
    created_at: dt.datetime
    account_key: int | None = None  # to which it sends events, where that is what it is for


@dataclass(frozen=True, slots=True)
class SavedView:
    """A page with its filters (the URL's query) under a name."""

    saved_view_key: int
    page: str
    name: str
    query: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change: who did what to what, with the state before and after."""

    audit_key: int
    at: dt.datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def sign_in_by_key(session: WriteSession, user_key: int) -> SignIn | None:
    """The user with this key, unless disabled."""
    return _sign_in(session, "u.user_key = :key", {"key": user_key})


def sign_in_by_email(session: WriteSession, email: str) -> SignIn | None:
    """The user with this address in whatever case, unless disabled."""
    return _sign_in(session, "u.email = lower(:email)", {"email": email})


def sign_in_by_token(session: WriteSession, token_hash: str) -> SignIn | None:
    """The user of a token that is neither expired nor revoked; notes when the token was last used."""
    row = session.execute(text(_BY_TOKEN), {"hash": token_hash}).one_or_none()
    if row is None:
        return None
    if row.noted_long_ago:
        session.execute(text("UPDATE ops.token SET last_used_at = now() WHERE token_hash = :h"), {"h": token_hash})
    return _as_sign_in(row, tuple(row.scopes))


def account_of_collect_token(session: WriteSession, token_hash: str) -> int | None:
    """The account to which a token sends events; None unless it may and its user still manages the account."""
    row = session.execute(text(_MAY_COLLECT), {"hash": token_hash}).one_or_none()
    if row is None:
        return None
    if row.noted_long_ago:
        session.execute(text("UPDATE ops.token SET last_used_at = now() WHERE token_hash = :h"), {"h": token_hash})
    return int(row.account_key)


def anyone_signs_in(session: WriteSession) -> bool:
    """Whether any user has a password, so that signing in is possible and therefore demanded."""
    return bool(session.execute(text(f"SELECT {_ANYBODY}")).scalar_one())


def owner_while_nobody_signs_in(session: WriteSession, email: str) -> tuple[SignIn | None, bool]:
    """The user with this address, and whether anybody has a password, in one statement."""
    found = session.execute(text(_WITH_ANYBODY), {"email": email}).one()
    known = found.user_key is not None
    return (_as_sign_in(found, ()) if known else None), bool(found.anybody)


def administrators_remain(session: WriteSession) -> bool:
    """Whether somebody still administers every account, with a password if anybody has one."""
    sql = """
SELECT count(*) > 0 AND (bool_or(u.password_hash IS NOT NULL) OR NOT EXISTS (
           SELECT FROM ops."user" o WHERE o.password_hash IS NOT NULL AND o.disabled_at IS NULL))
FROM ops."user" u
JOIN ops.account_grant g ON g.reader = 'user:' || u.user_key AND g.account_key IS NULL AND g.role = 'admin'
WHERE u.disabled_at IS NULL
"""
    return bool(session.execute(text(sql)).scalar_one())


def people(session: WriteSession, *, user_key: int | None = None) -> list[Person]:
    """Every user with their grants, by address; or only one."""
    sql = f"""
SELECT u.user_key, u.email, u.name, u.password_hash IS NOT NULL AS has_password, u.disabled_at, u.created_at,
       {_GRANTS} AS grants
FROM ops."user" u
WHERE CAST(:key AS int) IS NULL OR u.user_key = :key
ORDER BY u.email
"""
    return [
        Person(
            user_key=row.user_key,
            email=row.email,
            name=row.name,
            has_password=row.has_password,
            disabled_at=row.disabled_at,
            created_at=row.created_at,
            grants=tuple(Grant(f"user:{row.user_key}", key, role) for key, role in row.grants),
        )
        for row in session.execute(text(sql), {"key": user_key})
    ]


def grants(session: WriteSession, reader: str) -> list[Grant]:
    """What a reader was granted, all accounts first."""
    sql = """
SELECT g.reader, g.account_key, g.role FROM ops.account_grant g WHERE g.reader = :reader
ORDER BY g.account_key NULLS FIRST
"""
    return [Grant(*row) for row in session.execute(text(sql), {"reader": reader})]


def tokens(session: WriteSession, *, user_key: int | None = None) -> list[TokenSummary]:
    """Tokens, newest first; of one user or of all."""
    sql = """
SELECT t.token_key, t.user_key, u.email, t.name, t.scopes, t.expires_at, t.revoked_at, t.last_used_at, t.created_at,
       t.account_key
FROM ops.token t JOIN ops."user" u ON u.user_key = t.user_key
WHERE CAST(:key AS int) IS NULL OR t.user_key = :key
ORDER BY t.token_key DESC LIMIT :limit
"""
    rows = session.execute(text(sql), {"key": user_key, "limit": LARGEST_PAGE})
    return [
        TokenSummary(
            token_key=row.token_key,
            user_key=row.user_key,
            user_email=row.email,
            name=row.name,
            scopes=tuple(row.scopes),
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
            created_at=row.created_at,
            account_key=row.account_key,
        )
        for row in rows
    ]


def saved_views(session: WriteSession, user_key: int, *, page: str | None = None) -> list[SavedView]:
    """A user's saved views by name; of one page or of all."""
    sql = """
SELECT v.saved_view_key, v.page, v.name, v.query, v.created_at FROM ops.saved_view v
WHERE v.user_key = :key AND (CAST(:page AS text) IS NULL OR v.page = :page)
ORDER BY v.page, lower(v.name), v.saved_view_key LIMIT :limit
"""
    rows = session.execute(text(sql), {"key": user_key, "page": page, "limit": LARGEST_PAGE})
    return [SavedView(*row) for row in rows]


def audit(session: WriteSession, *, limit: int = 100, before: int | None = None) -> list[AuditEntry]:
    """Changes, newest first; ``before`` is the last key of the page before."""
    sql = """
SELECT a.audit_key, a.at, a.actor, a.action, a.subject, a.before, a.after FROM ops.audit a
WHERE CAST(:before AS int) IS NULL OR a.audit_key < :before
ORDER BY a.audit_key DESC LIMIT :limit
"""
    rows = session.execute(text(sql), {"before": before, "limit": min(limit, LARGEST_PAGE)})
    return [AuditEntry(*row) for row in rows]


def bi_logins(session: WriteSession) -> dict[str, list[Grant]]:
    """Database log-ins of BI tools that were made here, by name, with what they see.

    They are viewers; the log-in that migrates the warehouse has a grant as well, as an administrator.
    """
    sql = """
SELECT g.reader, g.account_key, g.role FROM ops.account_grant g WHERE g.reader LIKE 'login:%' AND g.role = 'viewer'
ORDER BY g.reader, g.account_key NULLS FIRST
"""
    found: dict[str, list[Grant]] = {}
    for row in session.execute(text(sql)):
        found.setdefault(row.reader.removeprefix("login:"), []).append(Grant(*row))
    return found


_GRANTS = """(
    SELECT coalesce(json_agg(json_build_array(g.account_key, g.role) ORDER BY g.account_key NULLS FIRST), '[]')
    FROM ops.account_grant g WHERE g.reader = 'user:' || u.user_key)"""

_BY_TOKEN = f"""
SELECT u.user_key, u.email, u.name, u.password_hash, {_GRANTS} AS grants, t.scopes,
       t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute' AS noted_long_ago
FROM ops.token t
JOIN ops."user" u ON u.user_key = t.user_key
WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND t.expires_at > now() AND u.disabled_at IS NULL
"""

_MAY_COLLECT = """
SELECT t.account_key, t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute' AS noted_long_ago
FROM ops.token t
JOIN ops."user" u ON u.user_key = t.user_key
WHERE t.token_hash = :hash AND 'collect' = ANY (t.scopes) AND t.account_key IS NOT NULL
  AND t.revoked_at IS NULL AND t.expires_at > now() AND u.disabled_at IS NULL
  AND EXISTS (
      SELECT FROM ops.account_grant g
      WHERE g.reader = 'user:' || t.user_key AND (g.account_key IS NULL OR g.account_key = t.account_key)
        AND g.role IN ('manager', 'admin'))
"""


def _sign_in(session: WriteSession, condition: str, parameters: dict[str, Any]) -> SignIn | None:
    sql = f"""
SELECT u.user_key, u.email, u.name, u.password_hash, {_GRANTS} AS grants
FROM ops."user" u WHERE u.disabled_at IS NULL AND {condition}
"""
    row = session.execute(text(sql), parameters).one_or_none()
    return None if row is None else _as_sign_in(row, ())


_ANYBODY = 'EXISTS (SELECT FROM ops."user" p WHERE p.password_hash IS NOT NULL AND p.disabled_at IS NULL)'

_WITH_ANYBODY = f"""
SELECT u.user_key, u.email, u.name, u.password_hash, {_GRANTS} AS grants, {_ANYBODY} AS anybody
FROM (VALUES (1)) AS one
LEFT JOIN ops."user" u ON u.disabled_at IS NULL AND u.email = lower(:email)
"""


def _as_sign_in(row: Any, scopes: tuple[str, ...]) -> SignIn:
    return SignIn(
        row.user_key, row.email, row.name, row.password_hash, tuple((key, role) for key, role in row.grants), scopes
    )
