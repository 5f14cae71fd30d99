"""The owner of this installation: who reads and acts on the command line, and on 127.0.0.1 without log-in."""

from __future__ import annotations

from sqlalchemy import text

from warehouse.access import Reader
from warehouse.engine import WriteSession
from warehouse.sessions import Warehouse

EMAIL = "owner@localhost"
NAME = "Local owner"


def local_owner(warehouse: Warehouse) -> Reader:
    """The one owner, who may do everything with every account; made the first time somebody asks."""
    with warehouse.writing() as session:
        key = session.execute(text(_KEY), {"email": EMAIL}).scalar_one_or_none()
        return Reader(f"user:{_create(session) if key is None else key}", NAME)


def _create(session: WriteSession) -> int:
    session.execute(text(_INSERT), {"email": EMAIL, "name": NAME})
    key = int(session.execute(text(_KEY), {"email": EMAIL}).scalar_one())
    session.execute(text(_GRANT), {"reader": f"user:{key}"})
    return key


_KEY = 'SELECT user_key FROM ops."user" WHERE email = :email'
# Two commands that start together both come here; the second finds the first one's row.
_INSERT = 'INSERT INTO ops."user" (email, name) VALUES (:email, :name) ON CONFLICT (email) DO NOTHING'
_GRANT = """INSERT INTO ops.account_grant (reader, account_key, role) VALUES (:reader, NULL, 'admin')
ON CONFLICT (reader, account_key) DO NOTHING"""
