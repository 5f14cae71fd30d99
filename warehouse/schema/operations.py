"""The program's own books: people, tokens, grants, saved views, idempotency, jobs, and the audit trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from warehouse.schema.base import Base, GeneratedKey, Now, SmallKey


class User(Base):
    """A person who signs in. Without a password hash only the local default can be this user."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("email"), {"schema": "ops"})

    user_key: Mapped[GeneratedKey]
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[Now]


class Token(Base):
    """An API token: only its SHA-256 is stored. One that sends events (scope ``collect``) belongs to an account."""

    __tablename__ = "token"
    __table_args__ = (UniqueConstraint("token_hash"), {"schema": "ops"})

    token_key: Mapped[GeneratedKey]
    user_key: Mapped[SmallKey] = mapped_column(ForeignKey("ops.user.user_key"), index=True)
    name: Mapped[str]
    token_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    account_key: Mapped[SmallKey | None] = mapped_column(ForeignKey("core.account.account_key"), index=True)
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    created_at: Mapped[Now]


class AccountGrant(Base):
    """Who may read what. ``reader`` is ``user:KEY`` or ``login:NAME`` (a database login of a BI tool).

    No account means every account, those of tomorrow included.
    """

    __tablename__ = "account_grant"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'analyst', 'manager', 'admin')", name="role"),
        UniqueConstraint("reader", "account_key", postgresql_nulls_not_distinct=True),
        {"schema": "ops"},
    )

    grant_key: Mapped[GeneratedKey]
    reader: Mapped[str]
    account_key: Mapped[SmallKey | None] = mapped_column(ForeignKey("core.account.account_key"), index=True)
    role: Mapped[str]


class SavedView(Base):
    """A page with its filters, under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_key", "page", "name"), {"schema": "ops"})

    saved_view_key: Mapped[GeneratedKey]
    user_key: Mapped[SmallKey] = mapped_column(ForeignKey("ops.user.user_key"))
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    created_at: Mapped[Now]


class IdempotencyKey(Base):
    """The answer once given to a create, so that a retry gets the same one."""

    __tablename__ = "idempotency_key"
    __table_args__ = ({"schema": "ops"},)

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Now]


class Job(Base):
    """Work that waits. A worker takes a lease; completion commits together with the results."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index(None, "state", "priority", "job_key"),
        {"schema": "ops"},
    )

    job_key: Mapped[GeneratedKey]
    job: Mapped[str]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="waiting")
    priority: Mapped[SmallKey] = mapped_column(server_default="100")
    attempt: Mapped[SmallKey] = mapped_column(server_default="0")
    lease_until: Mapped[dt.datetime | None]
    stage: Mapped[str | None]
    progress: Mapped[float | None]
    error: Mapped[str | None]
    requested_by: Mapped[str]
    run_key: Mapped[SmallKey | None] = mapped_column(ForeignKey("results.run.run_key"))
    created_at: Mapped[Now]
    finished_at: Mapped[dt.datetime | None]


class Audit(Base):
    """Every change that a person or program made. A trigger refuses updates and deletes."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "at"), {"schema": "ops"})

    audit_key: Mapped[GeneratedKey]
    at: Mapped[Now]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
