"""The schema is what the models say, goes up and down, and views are what their files say."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.conftest import fresh_database
from tests.warehouse.exports import Desk, every_day, google
from tests.warehouse.state import DATA, dump
from warehouse import access, taxonomy
from warehouse.errors import WarehouseUnavailable
from warehouse.marts import build
from warehouse.migrate import (
    alembic_config,
    current_revision,
    downgrade,
    head_revision,
    is_current,
    require_head,
    upgrade,
)
from warehouse.schema.base import NAMING, SCHEMAS


@pytest.fixture(scope="module")
def migrated(engine):
    """The module's database, migrated once more so that its own privileges are there."""
    upgrade(engine)
    return engine


@pytest.fixture
def blank(server_url):
    """An engine on a database without anything."""
    with fresh_database(server_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        yield engine
        engine.dispose()


def ask(engine, sql, **parameters):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql), parameters)]


def test_models_and_migrations_agree(migrated):
    """What `alembic check` runs, CHECK constraints by their names included."""
    with migrated.begin() as connection:
        command.check(alembic_config(connection))


def test_a_difference_would_be_noticed(migrated):
    from warehouse.schema.base import Base

    with migrated.connect() as connection, connection.begin() as transaction:
        connection.execute(text("ALTER TABLE core.campaign ADD COLUMN surplus int"))
        context = MigrationContext.configure(connection, opts={"include_schemas": True, "compare_type": True})
        kinds = {change[0] for change in compare_metadata(context, Base.metadata) if isinstance(change, tuple)}
        transaction.rollback()
    assert "remove_column" in kinds


def test_up_down_up(blank):
    upgrade(blank)
    first = structure(blank)
    assert current_revision(blank) == head_revision()
    downgrade(blank, "base")
    left = ask(
        blank,
        """SELECT relname FROM pg_class WHERE relnamespace::regnamespace::text = ANY (:schemas)
           AND relkind IN ('r', 'p', 'v', 'S') AND relname <> 'alembic_version'""",
        schemas=list(SCHEMAS),
    )
    assert left == []
    assert current_revision(blank) is None
    upgrade(blank)
    assert structure(blank) == first


def structure(engine):
    """Tables, columns, constraints, indexes, policies, privileges, views and functions, as text."""
    return {
        kind: ask(engine, sql, schemas=list(SCHEMAS))
        for kind, sql in {
            "columns": """SELECT table_schema, table_name, ordinal_position, column_name, data_type, is_nullable,
                column_default
                FROM information_schema.columns WHERE table_schema = ANY (:schemas) ORDER BY 1, 2, 3""",
            "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE connamespace::regnamespace::text = ANY (:schemas) ORDER BY 1, 2""",
            "indexes": """SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes
                WHERE schemaname = ANY (:schemas) ORDER BY 1, 2, 3""",
            "policies": """SELECT schemaname, tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies
                WHERE schemaname = ANY (:schemas) ORDER BY 1, 2, 3""",
            "privileges": """SELECT oid::regclass::text, relacl::text FROM pg_class
                WHERE relnamespace::regnamespace::text = ANY (:schemas) AND relkind IN ('r', 'p', 'v') ORDER BY 1""",
            "functions": """SELECT proname, prosecdef, proacl::text FROM pg_proc
                WHERE pronamespace::regnamespace::text = ANY (:schemas) ORDER BY 1""",
        }.items()
    }


def test_migrating_again_changes_neither_data_nor_structure(empty_warehouse, tmp_path):
    Desk(empty_warehouse, tmp_path).load(google(every_day("2026-06-01", 3)))
    upgrade(empty_warehouse.engine)
    before, data = structure(empty_warehouse.engine), dump(empty_warehouse, *DATA, "core.channel_rule")
    upgrade(empty_warehouse.engine)
    assert structure(empty_warehouse.engine) == before
    assert dump(empty_warehouse, *DATA, "core.channel_rule") == data


def test_an_edited_taxonomy_survives_the_next_version(empty_warehouse):
    with empty_warehouse.writing() as session:
        session.execute(
            text("UPDATE core.channel_rule SET channel = 'video' WHERE platform = 'google_ads' AND type_key = 'search'")
        )
        session.execute(text("UPDATE core.channel SET name = 'Moving pictures' WHERE channel = 'video'"))
    upgrade(empty_warehouse.engine)
    assert ask(
        empty_warehouse.engine,
        """SELECT r.channel, c.name FROM core.channel_rule r JOIN core.channel c ON c.channel = r.channel
           WHERE r.platform = 'google_ads' AND r.type_key = 'search'""",
    ) == [("video", "Moving pictures")]


def test_every_platform_of_a_source_is_seeded():
    from warehouse.ingest.sources.registry import all_sources

    assert {s.platform.name for s in all_sources()} <= taxonomy.PLATFORMS.keys()


def test_a_failed_upgrade_changes_nothing(blank, monkeypatch):
    def fail(connection):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(build, "create_views", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        upgrade(blank)
    assert ask(blank, "SELECT nspname FROM pg_namespace WHERE nspname = ANY (:schemas)", schemas=list(SCHEMAS)) == []


def test_an_older_database_is_refused_with_what_to_do(blank, migrated):
    with pytest.raises(WarehouseUnavailable, match="causeway migrate"):
        require_head(blank)
    require_head(migrated)


def test_views_of_another_version_are_noticed(empty_warehouse, monkeypatch):
    assert is_current(empty_warehouse.engine)
    monkeypatch.setitem(access.POLICIES, "core.account", "false")
    assert not is_current(empty_warehouse.engine)
    with pytest.raises(WarehouseUnavailable, match="causeway migrate"):
        require_head(empty_warehouse.engine)


def test_names_follow_the_convention(migrated):
    prefixes = {"p": "pk", "u": "uq", "c": "ck", "f": "fk"}
    assert set(prefixes.values()) <= NAMING.keys()
    odd = [
        name
        for kind, name in ask(
            migrated,
            """SELECT contype::text, conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
               WHERE c.connamespace::regnamespace::text = ANY (:schemas) AND NOT t.relispartition AND contype <> 'n'
                 AND t.relname <> 'alembic_version'""",
            schemas=list(SCHEMAS),
        )
        if not name.startswith(f"{prefixes[kind]}_")
    ]
    assert odd == []


def test_every_view_is_there_and_is_what_its_file_says(migrated):
    there = dict(ask(migrated, "SELECT viewname, definition FROM pg_views WHERE schemaname = 'mart' ORDER BY viewname"))
    assert sorted(there) == sorted(v.name for v in build.views())
    with migrated.connect() as connection, connection.begin() as transaction:
        access.become_owner(connection)
        build.drop_views(connection)
        build.create_views(connection)
        again = dict(
            map(tuple, connection.execute(text("SELECT viewname, definition FROM pg_views WHERE schemaname = 'mart'")))
        )
        transaction.rollback()
    assert again == there


def test_every_view_and_column_is_commented(migrated):
    uncommented = ask(
        migrated,
        """SELECT c.relname, a.attname FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
           WHERE c.relnamespace = 'mart'::regnamespace AND c.relkind = 'v'
             AND coalesce(col_description(c.oid, a.attnum), '') !~ '[[:alpha:]]{3}'
           UNION ALL SELECT relname, NULL FROM pg_class
           WHERE relnamespace = 'mart'::regnamespace AND relkind = 'v'
             AND coalesce(obj_description(oid, 'pg_class'), '') !~ '[[:alpha:]]{3}'""",
    )
    assert uncommented == []


def test_comments_speak_of_the_column_they_stand_at(migrated):
    comments = dict(
        ask(
            migrated,
            """SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute a
               WHERE a.attrelid = 'mart.campaign_daily'::regclass AND a.attnum > 0""",
        )
    )
    assert comments["roas"] == "Claimed revenue for each unit of spend."
    assert comments["is_final"] == "False while the platform may still restate the day"
    assert len(set(comments.values())) == len(comments)


def test_views_are_owned_by_the_role_that_owns_nothing_else(migrated):
    owners = ask(
        migrated,
        """SELECT c.relkind::text, pg_get_userbyid(c.relowner) FROM pg_class c
           WHERE c.relnamespace::regnamespace::text = ANY (:schemas) AND c.relkind IN ('r', 'p', 'v') GROUP BY 1, 2""",
        schemas=list(SCHEMAS),
    )
    assert dict(owners) == {"v": access.VIEWS, "r": access.OWNER, "p": access.OWNER}


def test_the_promised_columns_are_there(migrated):
    def columns(view):
        found = ask(
            migrated,
            """SELECT column_name FROM information_schema.columns
               WHERE table_schema = 'mart' AND table_name = :view ORDER BY ordinal_position""",
            view=view,
        )
        return [name for (name,) in found]

    promised = (
        "date_day, platform, channel, account_id, campaign_id, campaign_name, campaign_type, currency, impressions, "
        "clicks, spend, conversions, conversion_value, is_final"
    )
    assert set(promised.split(", ")) <= set(columns("campaign_daily"))
    assert columns("ad_reporting__campaign_report") == [
        "source_relation", "date_day", "platform", "account_id", "account_name", "campaign_id", "campaign_name",
        "clicks", "impressions", "spend", "conversions", "conversions_value",
    ]  # fmt: skip


def test_roles_have_no_powers_of_their_own(migrated):
    powers = ask(
        migrated,
        """SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles)
           AND (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb)""",
        roles=list(access.ROLES),
    )
    assert powers == []
