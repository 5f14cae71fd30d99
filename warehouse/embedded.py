"""A real PostgreSQL of our own, started when no other is configured and stopped when the last process leaves.

Several processes share one server: every process that asks for it holds a lock on a file of its own in
``HOME/warehouse/users`` for as long as it lives. The kernel drops the lock however the process ends, so a killed
process never counts as a user. Whoever leaves and finds no other lock held stops the server.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg2
from sqlalchemy import URL, make_url

from warehouse.cluster import (
    BINARIES,
    START_SECONDS,
    SUPERUSER,
    Cluster,
    Postmaster,
    clear_after_crash,
    configure,
    initialise,
    open_cluster,
    run,
    running_postmaster,
)
from warehouse.errors import BadSetting, WarehouseUnavailable

DATABASE = "causeway"

_STOP_SECONDS = 120
_ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server. ``url`` reaches the database ``causeway`` as its superuser, through the socket."""

    url: str
    socket_dir: Path
    port: int
    sql_port: int | None
    pid: int
    log_dir: Path


def start_embedded(home: Path, *, sql_port: int | None = None) -> EmbeddedServer:
    """Start the server under ``home`` or join the one that runs there, and keep it up until this process ends.

    ``sql_port`` also opens that port of 127.0.0.1 with password log-ins; a running server is restarted for it when
    no other process uses it. Calling it again is cheap and revives a server that died.

    Raises :class:`BadSetting` (folder or port cannot be used) and :class:`WarehouseUnavailable` (no start).
    """
    cluster = open_cluster(home)
    with _locked(cluster):
        running = running_postmaster(cluster)
        if running and sql_port and running.tcp_port != sql_port:
            _refuse_while_used(cluster, sql_port)
            _stop(cluster)
            running = None
        running = _answering(cluster, running, sql_port)
        _enter(cluster)
    return EmbeddedServer(
        url=_url(running, DATABASE).render_as_string(hide_password=False),
        socket_dir=running.socket_dir,
        port=running.port,
        sql_port=running.tcp_port,
        pid=running.pid,
        log_dir=cluster.data / "log",
    )


def release_embedded(home: Path) -> None:
    """Leave the server now instead of at the end of the process; the last one to leave stops it."""
    root = home.expanduser().absolute() / "warehouse"
    if root not in _entered or _entered[root].pid != os.getpid():
        return
    cluster = open_cluster(home)
    with _locked(cluster):
        _entered.pop(root).close()
        if not _users(cluster) and running_postmaster(cluster):
            _stop(cluster)


def stop_embedded(home: Path) -> bool:
    """Stop the server under ``home``, whoever uses it. ``False`` when none was running."""
    if not (home.expanduser() / "warehouse" / "data").exists():
        return False
    cluster = open_cluster(home)
    with _locked(cluster):
        if running_postmaster(cluster) is None:
            return False
        _stop(cluster)
    return True


def psql_command(url: str) -> list[str]:
    """The command that opens an SQL shell on ``url``; run it with :func:`psql_environment` added.

    Raises :class:`BadSetting` when there is no psql on this machine.
    """
    own = BINARIES / "psql"
    program = str(own) if own.exists() else shutil.which("psql")
    if program is None:
        message = "There is no psql on this machine."
        raise BadSetting(message, remedy="Install PostgreSQL's client (Debian: apt-get install postgresql-client).")
    parsed = make_url(url)
    words = {
        "host": parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "dbname": parsed.database,
        **{key: value if isinstance(value, str) else value[-1] for key, value in parsed.query.items()},
    }
    return [program, " ".join(f"{key}={_quoted(value)}" for key, value in words.items() if value is not None)]


def psql_environment(url: str) -> Mapping[str, str]:
    """What the command of :func:`psql_command` needs in its environment: the password, which no ``ps`` shall show."""
    password = make_url(url).password
    return {} if password is None else {"PGPASSWORD": str(password)}


@dataclass(slots=True)
class _Entry:
    """This process's own lock file, held open."""

    pid: int
    path: Path
    file: IO[str]

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        self.file.close()


_entered: dict[Path, _Entry] = {}


@contextlib.contextmanager
def _locked(cluster: Cluster) -> Iterator[None]:
    """Hold the lock under which servers are started and stopped."""
    with (cluster.root / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _answering(cluster: Cluster, running: Postmaster | None, sql_port: int | None) -> Postmaster:
    """A server that has answered, with the database in it; started when there is none or when it just died."""
    give_up = time.monotonic() + _ANSWER_SECONDS
    while True:
        running = running or _start(cluster, sql_port)
        try:
            _ensure_database(running)
            return running
        except psycopg2.OperationalError as error:
            if time.monotonic() > give_up:
                message = f"The embedded PostgreSQL does not answer: {str(error).strip()}"
                remedy = f"Its logs are in {cluster.data / 'log'}; `causeway stop` ends it."
                raise WarehouseUnavailable(message, remedy=remedy) from error
        time.sleep(0.2)
        running = running_postmaster(cluster)


def _start(cluster: Cluster, sql_port: int | None) -> Postmaster:
    initialise(cluster)
    if sql_port:
        _refuse_if_taken(sql_port)
    socket_dir = configure(cluster, sql_port=sql_port)
    clear_after_crash(cluster, socket_dir)
    arguments = ("-w", "-t", str(START_SECONDS), "-D", str(cluster.data), "-l", str(cluster.data / "start.log"))
    try:
        run(cluster, "pg_ctl", *arguments, "start")
    except WarehouseUnavailable as error:
        message = f"The embedded PostgreSQL did not start: {_last_words(cluster) or error.message}"
        raise WarehouseUnavailable(message, remedy=f"Its logs are in {cluster.data / 'log'}.") from error
    running = running_postmaster(cluster)
    if running is None:
        message = "The embedded PostgreSQL stopped right after its start."
        raise WarehouseUnavailable(message, remedy=f"Its logs are in {cluster.data / 'log'}.")
    return running


def _stop(cluster: Cluster) -> None:
    run(cluster, "pg_ctl", "-w", "-t", str(_STOP_SECONDS), "-m", "fast", "-D", str(cluster.data), "stop")


def _last_words(cluster: Cluster) -> str:
    """The latest complaint in the newest log, for an error message."""
    logs = [*cluster.data.glob("log/*.log"), cluster.data / "start.log"]
    newest = max((log for log in logs if log.exists()), key=lambda log: log.stat().st_mtime, default=None)
    if newest is None:
        return ""
    lines = newest.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), "")[-400:]


def _refuse_if_taken(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} of 127.0.0.1 cannot be opened for SQL: {error.strerror}."
            raise BadSetting(message, remedy="Choose another with --sql-port or CAUSEWAY_SQL_PORT.") from error


def _refuse_while_used(cluster: Cluster, sql_port: int) -> None:
    others = [pid for pid in _users(cluster) if pid != os.getpid()]
    if others:
        message = (
            f"The embedded warehouse runs without SQL port {sql_port} and is used by process "
            f"{', '.join(str(pid) for pid in others)}."
        )
        raise BadSetting(message, remedy="End that process (or run `causeway stop`), then start again.")


def _enter(cluster: Cluster) -> None:
    """Register this process as a user, once."""
    entry = _entered.get(cluster.root)
    if entry is not None and entry.pid == os.getpid():
        return
    pid = os.getpid()
    folder = cluster.root / "users"
    folder.mkdir(exist_ok=True, mode=0o700)
    path = folder / f"{pid}-{secrets.token_hex(4)}"
    file = path.open("w")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _entered[cluster.root] = _Entry(pid, path, file)
    atexit.register(release_embedded, cluster.root.parent)


def _users(cluster: Cluster) -> list[int]:
    """Process numbers of the living users; what the dead ones left behind is removed. Call it under the lock."""
    living = []
    mine = _entered.get(cluster.root)
    for path in (cluster.root / "users").glob("*"):
        if mine is not None and path == mine.path:
            living.append(mine.pid)
            continue
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                living.append(int(path.name.partition("-")[0]))
            else:
                path.unlink()
    return living


def _ensure_database(running: Postmaster) -> None:
    with contextlib.closing(psycopg2.connect(_libpq(running))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")


def _url(running: Postmaster, database: str) -> URL:
    return URL.create(
        "postgresql+psycopg2",
        username=SUPERUSER,
        database=database,
        query={"host": str(running.socket_dir), "port": str(running.port)},
    )


def _libpq(running: Postmaster) -> str:
    return f"host={_quoted(running.socket_dir)} port={running.port} user={SUPERUSER} dbname=postgres"


def _quoted(value: object) -> str:
    """A value inside a libpq connection string."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
