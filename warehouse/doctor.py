"""Is everything as it should be? One check after another, each with what to do when it is not."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from warehouse import access, migrate
from warehouse.engine import ReadSession, require_server
from warehouse.errors import CausewayError
from warehouse.local_owner import local_owner
from warehouse.queries.loads import freshness
from warehouse.sessions import Warehouse
from warehouse.settings import Settings, all_settings, signing_key

State = Literal["ok", "warn", "fail"]

LITTLE_DISK, NO_DISK = 2_000_000_000, 200_000_000  # bytes
STALE_DAYS = 3
RECENT_DAYS = 7
CLOCK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor: what was looked at, how it is, and what to do (empty when it is well)."""

    name: str
    state: State
    words: str
    remedy: str = ""


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Every check in order. What cannot be looked at because something before it failed is left out."""
    try:
        settings = Settings.from_environment(environ)
        signing_key(settings)
    except CausewayError as error:
        yield Check("settings", "fail", error.message, error.remedy)
        return
    yield _settings(settings, environ)
    yield _disk(settings.home)
    yield _port(settings)
    try:
        warehouse = Warehouse.connect(settings, application_name="causeway doctor")
        version = require_server(warehouse.engine)
    except CausewayError as error:
        yield Check("server", "fail", error.message, error.remedy)
        return
    where = "the embedded one" if settings.database_url is None else "the configured one"
    yield Check("server", "ok", f"PostgreSQL {version} answers, {where}")
    yield _migrations(warehouse)
    if not migrate.is_current(warehouse.engine):
        return
    try:
        yield _roles(warehouse)
        with warehouse.reading(local_owner(warehouse)) as session:
            yield _clock(session)
            yield from _freshness(session)
            yield _findings(session)
            yield _jobs(session)
    except SQLAlchemyError as error:
        words = str(error.__cause__ or error).strip().splitlines()[0]
        yield Check("reading", "fail", f"The warehouse cannot be read: {words}", "Run `causeway migrate`.")


def _settings(settings: Settings, environ: Mapping[str, str]) -> Check:
    known = {name for setting in all_settings() for name in setting.names}
    unknown = sorted(n for n in environ if n.startswith("CAUSEWAY_") and n not in known and "_TEST_" not in n)
    if unknown:
        words = f"{', '.join(unknown)} is no setting of Causeway"
        return Check("settings", "warn", words, "Check the spelling against docs/settings.md.")
    given = [setting.name for setting in all_settings() if any(environ.get(name) for name in setting.names)]
    return Check("settings", "ok", f"home is {settings.home}; set: {', '.join(given) or 'nothing'}")


def _disk(home: Path) -> Check:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    state: State = "fail" if free < NO_DISK else "warn" if free < LITTLE_DISK else "ok"
    remedy = "" if state == "ok" else "Make room, or move CAUSEWAY_HOME to another disk."
    return Check("disk", state, f"{free / 1e9:,.1f} GB free for {home}", remedy)


def _port(settings: Settings) -> Check:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    where = f"port {settings.port} of {settings.host}"
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            words = f"{where} cannot be used: {error.strerror or error}"
            return Check("port", "warn", words, "If that is not Causeway itself, choose another with CAUSEWAY_PORT.")
    return Check("port", "ok", f"{where} is free")


def _migrations(warehouse: Warehouse) -> Check:
    have, need = migrate.current_revision(warehouse.engine), migrate.head_revision()
    if migrate.is_current(warehouse.engine):
        return Check("migrations", "ok", f"schema version {have}")
    words = f"schema version is {have or 'none'}, this program needs {need}"
    if have == need:
        words = "the views are those of another version of Causeway"
    return Check("migrations", "fail", words, "Run `causeway migrate`.")


def _roles(warehouse: Warehouse) -> Check:
    with warehouse.engine.connect() as connection:
        rows = connection.execute(text(_ROLES), {"roles": list(access.ROLES)}).all()
    missing = sorted(set(access.ROLES) - {row.rolname for row in rows})
    if missing:
        return Check("roles", "fail", f"{', '.join(missing)} is missing", "Run `causeway migrate`.")
    outside = [row.rolname for row in rows if not row.member]
    if outside:
        words = f"this log-in may not act as {', '.join(outside)}"
        return Check("roles", "fail", words, f"As an administrator: GRANT {', '.join(outside)} TO the log-in.")
    strong = [row.rolname for row in rows if row.rolsuper or row.rolbypassrls]
    if strong:
        words = f"{', '.join(strong)} passes by row-level security"
        return Check("roles", "fail", words, "As an administrator: ALTER ROLE ... NOSUPERUSER NOBYPASSRLS.")
    return Check("roles", "ok", f"{len(rows)} roles, all bound by row-level security")


def _clock(session: ReadSession) -> Check:
    there: dt.datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs((dt.datetime.now(dt.UTC) - there).total_seconds())
    if apart > CLOCK_SECONDS:
        words = f"the warehouse's clock and this machine's are {apart:,.0f} seconds apart"
        return Check("clock", "warn", words, "Set both by NTP: days and leases are told by them.")
    return Check("clock", "ok", f"{there:%Y-%m-%d %H:%M} UTC, the same here and in the warehouse")


def _freshness(session: ReadSession) -> Iterator[Check]:
    sources = freshness(session)
    if sources.empty:
        yield Check(
            "data", "warn", "nothing is loaded", "Load exports with `causeway load PATH`, or try `causeway demo`."
        )
        return
    today = dt.datetime.now(dt.UTC).date()
    for account in sources.to_dict("records"):
        last: dt.date = account["last_day"]
        name = f"data of {account['account_name']} ({account['platform']}, {account['level']})"
        behind = (today - last).days
        if behind > STALE_DAYS:
            yield Check(name, "warn", f"until {last}, {behind} days ago", "Download and load the newest export.")
        elif behind < -1:
            yield Check(name, "warn", f"until {last}, which is still to come", "Check the dates of the latest load.")
        else:
            yield Check(name, "ok", f"until {last}")


def _findings(session: ReadSession) -> Check:
    row: Any = session.execute(text(_FINDINGS), {"days": RECENT_DAYS}).one()
    words = f"{row.findings:,} findings and {row.rejected:,} rejected rows in the last {RECENT_DAYS} days"
    if row.findings or row.rejected or row.refused:
        words += f", {row.refused:,} refused files"
        return Check("findings", "warn", words, "Read them on the Data page, or in mart.finding and mart.rejected_row.")
    return Check("findings", "ok", words)


def _jobs(session: ReadSession) -> Check:
    row: Any = session.execute(text(_JOBS), {"days": RECENT_DAYS}).one()
    words = f"{row.waiting:,} waiting, {row.failed:,} failed in the last {RECENT_DAYS} days"
    if row.waiting_long:
        return Check("jobs", "warn", words, "Start `causeway worker`; `causeway serve` has one too.")
    if row.failed:
        return Check("jobs", "warn", words, "See why with `causeway runs`.")
    return Check("jobs", "ok", words)


_ROLES = """
SELECT rolname, rolsuper, rolbypassrls, pg_has_role(current_user, rolname, 'MEMBER') AS member
FROM pg_roles WHERE rolname = ANY (:roles)
"""

_FINDINGS = """
SELECT (SELECT count(*) FROM landing.finding f JOIN landing.load l ON l.load_key = f.load_key
        WHERE f.severity IN ('warning', 'error') AND l.started_at > now() - make_interval(days => :days)) AS findings,
       coalesce(sum(l.rejected), 0) AS rejected,
       count(*) FILTER (WHERE l.status = 'refused') AS refused
FROM landing.load l WHERE l.started_at > now() - make_interval(days => :days)
"""

_JOBS = """
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'failed' AND finished_at > now() - make_interval(days => :days)) AS failed,
       coalesce(bool_or(state = 'waiting' AND created_at < now() - interval '5 minutes'), false) AS waiting_long
FROM ops.job
"""
