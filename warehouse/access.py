"""One access policy for the dashboard, GraphQL and SQL log-ins: row-level security on the account.

Six roles, none of which can log in:

- ``causeway_owner`` owns tables; migrations act as it, and bulk COPY, which PostgreSQL refuses to whoever is under
  row-level security. It is therefore not forced on the owner; nobody reads as it, and it owns no view.
- ``causeway_views`` owns the mart's views. It neither owns tables nor bypasses row-level security, so a view shows
  its reader what the policies allow, while the reader needs no grant on any table.
- ``causeway_app`` is what the program reads as; the person it reads for is the setting ``causeway.reader``.
- ``causeway_writer`` is what loads, jobs and actions write as.
- ``causeway_personal`` may look up by what people are known (digests of addresses and the like); nobody else reads it.
- ``bi_reader`` is granted to log-ins of BI tools. It may read the views of ``mart`` and nothing else.

Which accounts a reader sees stands in ``ops.account_grant``. The policy of ``core.account`` looks there; every other
policy asks ``core.account``. A log-in may set any session variable it likes: ``causeway.reader`` counts only for
``causeway_app``, everybody else is who they logged in as.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from warehouse.schema.base import SCHEMAS

OWNER, VIEWS, APP, WRITER, BI = "causeway_owner", "causeway_views", "causeway_app", "causeway_writer", "bi_reader"
PERSONAL = "causeway_personal"
ROLES = (OWNER, VIEWS, APP, WRITER, BI, PERSONAL)

# Tables whose rows belong to one account, with the condition under which a reader sees a row.
_BY_ACCOUNT = "account_key = ANY (ARRAY(SELECT a.account_key FROM core.account a))"
_BY_LOAD = "load_key IN (SELECT t.load_key FROM landing.load_account t)"
# A record of a file with several accounts may be of any of them: only who may see everything sees it.
_BY_ONLY_ACCOUNT = """load_key IN (
    SELECT t.load_key FROM landing.load_account t
    JOIN core.account a ON a.account_key = t.account_key
    JOIN landing.load l ON l.load_key = t.load_key AND l.account = a.account_id)"""
_SEES_ALL = f"""EXISTS (SELECT FROM ops.account_grant g WHERE g.account_key IS NULL AND g.reader = CASE current_user
    WHEN '{APP}' THEN current_setting('causeway.reader', true) ELSE 'login:' || current_user END)"""

# What tells about people across accounts is for who may read every account of their advertiser.
_BY_ADVERTISER = "advertiser_key = ANY (ARRAY(SELECT v.advertiser_key FROM core.advertiser v))"
# What belongs to an experiment is for who may read its account.
_BY_EXPERIMENT = "experiment_key = ANY (ARRAY(SELECT e.experiment_key FROM core.experiment e))"
# What belongs to a fit of the mix is for who may read the fit.
_BY_FIT = "fit_key = ANY (ARRAY(SELECT f.fit_key FROM results.mix_fit f))"

POLICIES = {
    "core.account": f"""EXISTS (SELECT FROM ops.account_grant g
        WHERE (g.account_key IS NULL OR g.account_key = account.account_key)
          AND g.reader = CASE current_user
            WHEN '{APP}' THEN current_setting('causeway.reader', true) ELSE 'login:' || current_user END)""",
    "core.campaign": _BY_ACCOUNT,
    "core.ad_group": _BY_ACCOUNT,
    "core.ad": _BY_ACCOUNT,
    "core.keyword": _BY_ACCOUNT,
    "core.creative": _BY_ACCOUNT,
    "core.image": _BY_ACCOUNT,
    "core.ad_creative": _BY_ACCOUNT,
    "core.experiment": _BY_ACCOUNT,
    "core.experiment_arm": _BY_EXPERIMENT,
    "core.experiment_metric": _BY_EXPERIMENT,
    "core.experiment_unit": _BY_EXPERIMENT,
    "core.assignment": _BY_EXPERIMENT,
    "core.exposure": _BY_EXPERIMENT,
    "core.unit_outcome": _BY_EXPERIMENT,
    "core.moment_build": _BY_EXPERIMENT,
    "core.moment": _BY_EXPERIMENT,
    "core.half_moment": _BY_EXPERIMENT,
    "core.performance": _BY_ACCOUNT,
    "core.performance_version": _BY_ACCOUNT,
    "core.account_level": _BY_ACCOUNT,
    "core.daily_rollup": _BY_ACCOUNT,
    "core.monthly_rollup": _BY_ACCOUNT,
    "core.order_day": _BY_ACCOUNT,
    "core.web_session_day": _BY_ACCOUNT,
    "landing.load_account": _BY_ACCOUNT,
    # A refused file has no account: only who may see everything sees it.
    "landing.load": f"{_BY_LOAD} OR ({_SEES_ALL})",
    "landing.rejected_row": f"{_BY_ONLY_ACCOUNT} OR ({_SEES_ALL})",
    "landing.finding": f"{_BY_ONLY_ACCOUNT} OR ({_SEES_ALL})",
    "landing.streamed_event": _BY_ACCOUNT,
    "landing.refused_event": _BY_ACCOUNT,
    "landing.stream_minute": _BY_ACCOUNT,
    "landing.stream_source": _BY_ACCOUNT,
    "landing.column_mapping": "account_id IN (SELECT a.account_id FROM core.account a)",
    "core.advertiser": """nullif(core.accounts_of(advertiser_key), 0)
        = (SELECT count(*) FROM core.account a WHERE a.advertiser_key = advertiser.advertiser_key)""",
    "core.customer": _BY_ADVERTISER,
    "core.touched_customer": _BY_ADVERTISER,
    "core.journey": _BY_ADVERTISER,
    "core.journey_step": _BY_ADVERTISER,
    "core.journey_build": _BY_ADVERTISER,
    "core.touchpoint": _BY_ACCOUNT,
    "core.web_event": _BY_ACCOUNT,
    "core.web_session": _BY_ACCOUNT,
    "core.shop_order": _BY_ACCOUNT,
    "core.conversion": _BY_ACCOUNT,
    "core.contact": _BY_ACCOUNT,
    "core.deal": _BY_ACCOUNT,
    "core.deal_stage": _BY_ACCOUNT,
    "core.campaign_member": _BY_ACCOUNT,
    "core.email_day": _BY_ACCOUNT,
    "core.organic_day": _BY_ACCOUNT,
    "results.run": _BY_ACCOUNT,
    "results.publication": _BY_ACCOUNT,
    "results.estimate": _BY_ACCOUNT,
    "results.attribution_result": _BY_ADVERTISER,
    "results.attribution_input": _BY_ADVERTISER,
    "results.attribution": _BY_ADVERTISER,
    "results.attribution_day": _BY_ADVERTISER,
    "results.attribution_path": _BY_ADVERTISER,
    "results.attribution_agreement": _BY_ADVERTISER,
    "results.experiment_readout": _BY_EXPERIMENT,
    "results.experiment_guard": _BY_EXPERIMENT,
    "results.experiment_effect": _BY_EXPERIMENT,
    "results.experiment_day": _BY_EXPERIMENT,
    "results.experiment_novelty": _BY_EXPERIMENT,
    "results.lift": _BY_EXPERIMENT,
    "results.lift_day": _BY_EXPERIMENT,
    "results.lift_evidence": _BY_EXPERIMENT,
    "results.next_test": _BY_ADVERTISER,
    "results.uplift_readout": _BY_EXPERIMENT,
    "results.uplift_curve": _BY_EXPERIMENT,
    "results.uplift_kind": _BY_EXPERIMENT,
    "results.uplift_driver": _BY_EXPERIMENT,
    "results.uplift_check": _BY_EXPERIMENT,
    "results.uplift_score": _BY_ADVERTISER,
    "results.mix_fit": _BY_ADVERTISER,
    "results.mix_channel": _BY_FIT,
    "results.mix_series": _BY_FIT,
    "results.mix_curve": _BY_FIT,
    "results.mix_draws": _BY_FIT,
    "results.mix_finding": _BY_FIT,
    "results.mix_lift": _BY_FIT,
    "results.mix_move": _BY_FIT,
    "results.allocation": _BY_ADVERTISER,
    "results.allocation_line": _BY_ADVERTISER,
    "results.allocation_budget": _BY_ADVERTISER,
    "ops.scenario": _BY_ADVERTISER,
    "ops.scenario_line": _BY_ADVERTISER,
    "ops.scenario_binding": _BY_ADVERTISER,
    "ops.scenario_week": _BY_ADVERTISER,
    "ops.scenario_score": _BY_ADVERTISER,
    "ops.scenario_score_line": _BY_ADVERTISER,
    "ops.audience": _BY_ADVERTISER,
    "ops.audience_member": _BY_ADVERTISER,
    "ops.audience_verification": _BY_ADVERTISER,
    "ops.job": _BY_ACCOUNT,
}

# The same for everybody: no row of these tells anything about an account.
PUBLIC_TABLES = (
    "core.platform",
    "core.channel",
    "core.channel_rule",
    "core.measurement",
    "core.fx_rate",
    "core.day",
    "core.holiday",
)

# By what people are known. No view shows it and no reader has a grant; loading, merging and deleting need it.
_PERSONAL = ("core.identifier", "core.identity_link", "core.forgotten")

# Read by the policies themselves, by sign-in, streams and builds; never shown as they are.
_OPERATIONS = (
    "ops.user", "ops.token", "ops.saved_view", "ops.idempotency_key", "ops.account_grant", "ops.audit",
    "ops.stream_offset", "landing.waiting_event", "core.outcome_change", "core.assignment_change",
    "core.exposure_change",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom something is read: ``id`` is what ``ops.account_grant.reader`` holds, e.g. ``user:1``."""

    id: str
    name: str


def prepare_roles(connection: Connection) -> None:
    """Create roles and schemas where they are missing. The log-in needs CREATEROLE, or an administrator did it."""
    for role in ROLES:
        connection.execute(
            text(
                f"""DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                        CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
                    END IF;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $$"""
            )
        )
        connection.execute(
            text(
                f"""DO $$ BEGIN
                    IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN GRANT {role} TO CURRENT_USER; END IF;
                END $$"""
            )
        )
    connection.execute(text(f"GRANT {VIEWS} TO {OWNER}"))
    for schema in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {OWNER}"))
    database = connection.execute(text("SELECT quote_ident(current_database())")).scalar_one()
    connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"))
    connection.execute(text(f"GRANT TEMPORARY ON DATABASE {database} TO {WRITER}"))
    connection.execute(text("REVOKE ALL ON SCHEMA public FROM PUBLIC"))


def become_owner(connection: Connection) -> None:
    """Act as the tables' owner until the transaction ends."""
    connection.execute(text(f"SET LOCAL ROLE {OWNER}"))


def become_reader(connection: Connection, reader: Reader) -> None:
    """Read as the program, on behalf of ``reader``, until the transaction ends."""
    connection.execute(
        text(f"SELECT set_config('role', '{APP}', true), set_config('causeway.reader', :reader, true)"),
        {"reader": reader.id},
    )


def become_writer(connection: Connection) -> None:
    """Write as the program until the transaction ends."""
    connection.execute(text(f"SET LOCAL ROLE {WRITER}"))


def become_personal(connection: Connection) -> None:
    """Read by what people are known, until the transaction ends."""
    connection.execute(text(f"SET LOCAL ROLE {PERSONAL}"))


def apply_access(connection: Connection) -> None:
    """(Re)create grants and policies on all tables. Run as the owner, after every upgrade."""
    statements = [f"GRANT USAGE ON SCHEMA {s} TO {VIEWS}, {APP}, {WRITER}" for s in SCHEMAS]
    statements.append(f"GRANT CREATE ON SCHEMA mart TO {VIEWS}")
    statements.append(f"GRANT USAGE ON SCHEMA mart TO {BI}")
    for table in (*POLICIES, *PUBLIC_TABLES):
        statements.append(f"GRANT SELECT ON {_quoted(table)} TO {VIEWS}, {APP}")
        statements.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_quoted(table)} TO {WRITER}")
    for table in _OPERATIONS:
        privileges = "SELECT, INSERT" if table == "ops.audit" else "SELECT, INSERT, UPDATE, DELETE"
        statements.append(f"GRANT {privileges} ON {_quoted(table)} TO {WRITER}")
    statements.append(f"GRANT SELECT ON ops.account_grant TO {VIEWS}, {APP}")
    for table in _PERSONAL:
        statements.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_quoted(table)} TO {WRITER}")
        statements.append(f"GRANT SELECT ON {_quoted(table)} TO {PERSONAL}")
    statements.append(f"GRANT USAGE ON SCHEMA core TO {PERSONAL}")
    for table, condition in POLICIES.items():
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS may_read ON {table}",
            f"CREATE POLICY may_read ON {table} FOR SELECT TO {VIEWS}, {APP} USING ({condition})",
            f"DROP POLICY IF EXISTS may_write ON {table}",
            f"CREATE POLICY may_write ON {table} TO {WRITER}, {OWNER} USING (true) WITH CHECK (true)",
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)


def remove_policies(connection: Connection) -> None:
    """Drop the policies, which would otherwise hold on to the tables below them. Run as the owner."""
    for table in POLICIES:
        if connection.execute(text("SELECT to_regclass(:table)"), {"table": _quoted(table)}).scalar_one():
            connection.exec_driver_sql(f"DROP POLICY IF EXISTS may_read ON {table}")


def _quoted(table: str) -> str:
    schema, _, name = table.partition(".")
    return f'{schema}."{name}"'
