"""Database log-ins for BI tools: members of ``bi_reader`` whose accounts stand in ``ops.account_grant``.

The log-in of the program itself creates them, so it needs CREATEROLE (the embedded server's has it).
"""

from __future__ import annotations

import re

import psycopg2.errors
from psycopg2.extensions import encrypt_password
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from warehouse.access import BI, ROLES, WRITER
from warehouse.engine import WriteSession
from warehouse.errors import BadSetting, Conflict, NotFound

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = ("pg_", "causeway_")


def may_be_named(name: str) -> bool:
    """Whether a log-in may have this name: small letters, digits and underscores, none of the system's own."""
    return NAME.fullmatch(name) is not None and not name.startswith(_RESERVED) and name not in ROLES


def create_login(session: WriteSession, name: str, password: str, *, statement_timeout: int) -> None:
    """Create the role with a SCRAM verifier, so that the password itself never reaches the server or its log.

    Raises :class:`Conflict` when the server has a role of that name, :class:`BadSetting` when the program's log-in
    may not create roles.
    """
    taken = session.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).scalar_one_or_none()
    if taken is not None:
        raise Conflict(f"The server has a role {name!r} already.", remedy="Choose another name.")
    raw = session.connection().connection.driver_connection
    verifier = encrypt_password(password, name, raw, "scram-sha-256")
    _as_ourselves(
        session,
        f"CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{verifier}'",
        f"GRANT {BI} TO {name}",
        f"ALTER ROLE {name} SET statement_timeout = '{statement_timeout}s'",
        f"ALTER ROLE {name} SET default_transaction_read_only = on",
        f"ALTER ROLE {name} SET timezone = 'UTC'",
        f"ALTER ROLE {name} SET search_path = mart",
    )


def drop_login(session: WriteSession, name: str) -> None:
    """Drop the role and what it was granted. Raises :class:`NotFound` unless it was made here."""
    reader = f"login:{name}"
    # The log-in that migrates has a grant too, as an administrator: it was not made here.
    sql = "DELETE FROM ops.account_grant WHERE reader = :reader AND role = 'viewer' RETURNING 1"
    gone = session.execute(text(sql), {"reader": reader}).all()
    if not gone or not may_be_named(name):
        raise NotFound(f"There is no BI log-in {name!r}.")
    _as_ourselves(session, f"DROP ROLE IF EXISTS {name}")


def _as_ourselves(session: WriteSession, *statements: str) -> None:
    """Run statements as the role that the program logged in with, then write on as before."""
    try:
        for statement in ("SET LOCAL ROLE NONE", *statements, f"SET LOCAL ROLE {WRITER}"):
            session.connection().exec_driver_sql(statement.replace("%", "%%"))
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg2.errors.InsufficientPrivilege):
            raise BadSetting(
                "The program's log-in at the warehouse may not create roles.",
                remedy="Give it CREATEROLE and ADMIN OPTION on bi_reader, or create the log-in by hand.",
            ) from error
        raise
