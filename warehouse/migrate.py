"""Bring a database to this program's version: roles, tables, policies, reference rows, views; in that order."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from warehouse import access, taxonomy
from warehouse.errors import WarehouseUnavailable
from warehouse.marts import build

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_LOCK = 7_203_001  # two processes that start together must not migrate together


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Upgrade to ``revision`` in one transaction; on failure nothing has changed."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        access.prepare_roles(connection)
        access.become_owner(connection)
        build.drop_views(connection)
        access.remove_policies(connection)
        command.upgrade(alembic_config(connection), revision)
        if revision == "head":
            access.apply_access(connection)
            taxonomy.seed(connection)
            connection.execute(text(_GRANT_ADMINISTRATOR))
            build.create_views(connection)


# Whoever may migrate has every right on the tables; through the views they should not see less.
_GRANT_ADMINISTRATOR = """
INSERT INTO ops.account_grant (reader, account_key, role) VALUES ('login:' || session_user, NULL, 'admin')
ON CONFLICT DO NOTHING
"""


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision`` (``base`` empties the warehouse). For tests and for rescue."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        access.become_owner(connection)
        build.drop_views(connection)
        access.remove_policies(connection)
        command.downgrade(alembic_config(connection), revision)


def current_revision(engine: Engine) -> str | None:
    """The database's revision, or None when it has never been migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table_schema": "ops"}).get_current_revision()


def head_revision() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise WarehouseUnavailable("This installation has no migrations.", remedy="Reinstall Causeway.")
    return head


def is_current(engine: Engine) -> bool:
    """Whether tables, policies and views are those of this program."""
    if current_revision(engine) != head_revision():
        return False
    with engine.connect() as connection:
        return build.created_fingerprint(connection) == build.fingerprint()


def require_head(engine: Engine) -> None:
    """Raise :class:`WarehouseUnavailable` unless the database is exactly at the program's version."""
    have, need = current_revision(engine), head_revision()
    if have == need and not is_current(engine):
        raise WarehouseUnavailable(
            "The warehouse has the views of another version of Causeway.", remedy="Run `causeway migrate`."
        )
    if have != need:
        raise WarehouseUnavailable(
            f"The warehouse is at schema version {have or 'none'}, this program needs {need}.",
            remedy="Run `causeway migrate`.",
        )


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; with a connection, migrations run in its transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
