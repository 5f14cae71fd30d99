"""The embedded server as processes see it: each test has a server of its own, most users are real processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
from sqlalchemy import create_engine, make_url, text

from warehouse.cluster import Postmaster, open_cluster, running_postmaster
from warehouse.embedded import (
    EmbeddedServer,
    psql_command,
    psql_environment,
    release_embedded,
    start_embedded,
    stop_embedded,
)
from warehouse.errors import BadSetting

REPOSITORY = Path(__file__).resolve().parents[2]

# Starts the server, says so, and stays until its standard input ends.
USER = """
import sys
from pathlib import Path
from warehouse.embedded import start_embedded
print(start_embedded(Path(sys.argv[1])).pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a space in its path, in a folder that no other run of pytest touches."""
    with scratch() as folder:
        yield folder / "my home"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="causeway-embedded-"))
    try:
        yield folder
    finally:
        for warehouse in folder.rglob("warehouse"):
            stop_embedded(warehouse.parent)
        shutil.rmtree(folder)


@contextlib.contextmanager
def another_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server under ``home``."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    yield process
    if process.poll() is None:
        process.communicate()


def postmaster(home: Path) -> Postmaster | None:
    return running_postmaster(open_cluster(home))


def ask(server: EmbeddedServer, query: str) -> object:
    engine = create_engine(server.url)
    with engine.connect() as connection:
        answer = connection.execute(text(query)).scalar_one()
    engine.dispose()
    return answer


def tell(server: EmbeddedServer, statement: str) -> None:
    engine = create_engine(server.url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_new_server_is_utf8_utc_and_durable(home: Path) -> None:
    server = start_embedded(home)
    assert ask(server, "SELECT current_database()") == "causeway"
    assert ask(server, "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'causeway'") == "UTF8"
    assert ask(server, "SELECT upper('ñ')") == "Ñ"
    for name, value in {
        "TimeZone": "UTC",
        "lc_messages": "C",
        "synchronous_commit": "on",
        "fsync": "on",
        "jit": "off",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
        "max_connections": "60",
        "password_encryption": "scram-sha-256",
    }.items():
        assert ask(server, f"SHOW {name}") == value
    release_embedded(home)


def test_starting_twice_joins_the_same_server(home: Path) -> None:
    first = start_embedded(home)
    assert start_embedded(home) == first
    release_embedded(home)
    assert postmaster(home) is None


def test_data_outlives_a_stop(home: Path) -> None:
    tell(start_embedded(home), "CREATE TABLE kept AS SELECT 42 AS answer")
    assert stop_embedded(home) is True
    assert stop_embedded(home) is False
    assert ask(start_embedded(home), "SELECT answer FROM kept") == 42
    release_embedded(home)


def test_a_server_that_never_was_is_not_stopped(home: Path) -> None:
    assert stop_embedded(home) is False
    assert not home.exists()


def test_own_settings_win(home: Path) -> None:
    start_embedded(home)
    stop_embedded(home)
    (home / "warehouse" / "data" / "local.conf").write_text("work_mem = 5MB\n")
    assert ask(start_embedded(home), "SHOW work_mem") == "5MB"
    release_embedded(home)


def test_the_last_process_stops_it(home: Path) -> None:
    with another_process(home) as other:
        server = start_embedded(home)
        assert (running := postmaster(home)) is not None
        assert running.pid == server.pid
        other.communicate()
        assert postmaster(home) is not None, "one user is left"
        release_embedded(home)
    assert postmaster(home) is None


def test_a_process_that_ends_stops_it_by_itself(home: Path) -> None:
    with another_process(home) as other:
        assert postmaster(home) is not None
        other.communicate()
    assert postmaster(home) is None


def test_a_killed_process_is_not_waited_for(home: Path) -> None:
    with another_process(home) as other:
        start_embedded(home)
        other.kill()
        other.wait()
        release_embedded(home)
    assert postmaster(home) is None


def test_two_processes_that_start_at_once_get_one_server(home: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", USER, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        for _ in range(2)
    ]
    pids = {process.stdout.readline().strip() for process in processes if process.stdout}
    for process in processes:
        process.communicate()
    assert len(pids) == 1
    assert pids.pop().isdigit()
    assert [process.returncode for process in processes] == [0, 0]


def test_it_comes_back_after_its_postmaster_is_killed(home: Path) -> None:
    server = start_embedded(home)
    tell(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server.pid, signal.SIGKILL)
    again = start_embedded(home)
    assert again.pid != server.pid
    assert ask(again, "SELECT answer FROM kept") == 42
    release_embedded(home)


def test_a_pid_file_whose_number_is_another_program_is_stale(home: Path) -> None:
    start_embedded(home)
    pid_file = home / "warehouse" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stop_embedded(home)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert start_embedded(home).pid != os.getpid()
    release_embedded(home)


def test_an_initdb_that_was_interrupted_is_done_again(home: Path) -> None:
    draft = home / "warehouse" / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    assert ask(start_embedded(home), "SELECT 1") == 1
    assert not draft.exists()
    release_embedded(home)


def test_only_the_owner_reaches_the_socket_and_the_files(home: Path) -> None:
    server = start_embedded(home)
    data = home / "warehouse" / "data"
    for folder in (server.socket_dir, data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert psutil.Process(server.pid).uids().real == data.stat().st_uid == server.socket_dir.stat().st_uid
    assert data.stat().st_uid != 0
    listening = [c for c in psutil.Process(server.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening == []
    release_embedded(home)


def test_a_path_too_long_for_a_socket_gets_a_short_private_one() -> None:
    with scratch() as folder:
        home = folder / ("a-long-name-" * 8)
        server = start_embedded(home)
        assert ask(server, "SELECT 1") == 1
        assert home not in server.socket_dir.parents
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        release_embedded(home)
        server.socket_dir.rmdir()
        server.socket_dir.mkdir()
        server.socket_dir.chmod(0o777)
        with pytest.raises(BadSetting, match="not private"):
            start_embedded(home)
        server.socket_dir.rmdir()


def test_the_sql_port_asks_for_passwords_and_never_lets_the_superuser_in(home: Path) -> None:
    port = free_port()
    server = start_embedded(home, sql_port=port)
    assert server.sql_port == port
    tell(server, "CREATE ROLE analyst LOGIN PASSWORD 'right'")
    door = {"host": "127.0.0.1", "port": port, "dbname": "causeway"}
    with (
        contextlib.closing(psycopg2.connect(user="analyst", password="right", **door)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("analyst",)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(user="analyst", password="wrong", **door)
    with pytest.raises(psycopg2.OperationalError, match="pg_hba.conf rejects"):
        psycopg2.connect(user="postgres", password="right", **door)
    assert start_embedded(home).sql_port == port, "joining asks for no port and closes none"
    release_embedded(home)


def test_a_running_server_is_restarted_for_a_port_unless_others_use_it(home: Path) -> None:
    port = free_port()
    with another_process(home) as other:
        with pytest.raises(BadSetting, match=f"used by process {other.pid}"):
            start_embedded(home, sql_port=port)
        other.kill()
        other.wait()
        assert postmaster(home) is not None
        assert start_embedded(home, sql_port=port).sql_port == port
    release_embedded(home)


def test_a_port_that_is_taken_is_refused(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadSetting, match="cannot be opened for SQL"):
            start_embedded(home, sql_port=taken.getsockname()[1])
    assert start_embedded(home).sql_port is None
    release_embedded(home)


def test_psql_opens_the_warehouse(home: Path) -> None:
    url = start_embedded(home).url
    done = subprocess.run(
        [*psql_command(url), "--no-psqlrc", "--tuples-only", "--command", "SELECT current_database()"],
        env=os.environ | dict(psql_environment(url)),
        capture_output=True,
        text=True,
    )
    assert (done.stdout.strip(), done.returncode) == ("causeway", 0)
    release_embedded(home)


def test_psql_never_shows_the_password_in_its_command() -> None:
    url = "postgresql://me:it's%20secret@db.example.com:5433/my%20shop?sslmode=require"
    assert psql_command(url)[1] == ("host='db.example.com' port='5433' user='me' dbname='my shop' sslmode='require'")
    assert psql_environment(url) == {"PGPASSWORD": "it's secret"}
    assert make_url(url).password == "it's secret"
    assert psql_environment("postgresql://me@db/shop") == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_a_plain_user_runs_it_as_themselves() -> None:
    nobody = 65534
    with scratch() as folder:
        folder.chmod(0o777)
        home = folder / "home"
        child = os.fork()  # not a new program: root's interpreter may lie where others cannot read it
        if child == 0:
            os.setgroups([])
            os.setgid(nobody)
            os.setuid(nobody)
            try:
                tell(start_embedded(home), "CREATE TABLE kept AS SELECT 42 AS answer")
                release_embedded(home)
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        data = home / "warehouse" / "data"
        assert data.stat().st_uid == nobody
        # Root uses the same files as their owner instead of taking them over.
        server = start_embedded(home)
        assert ask(server, "SELECT answer FROM kept") == 42
        assert psutil.Process(server.pid).uids().real == data.stat().st_uid == nobody
        release_embedded(home)
