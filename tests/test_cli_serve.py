from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Commands
from warehouse.embedded import stop_embedded
from warehouse.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def causeway(settings: Settings) -> Commands:
    return Commands.on(settings)


_COMMANDS = """
load sql graphql export changes doctor migrate psql stop serve demo simulate worker run runs rollback token user
version
"""


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.status, answer.read().decode()


def ask(address: str, query: str) -> Any:
    request = urllib.request.Request(
        f"{address}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def taken_port() -> tuple[socket.socket, int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener, listener.getsockname()[1]


def free_port() -> int:
    listener, port = taken_port()
    listener.close()
    return port


def test_help_needs_none_of_the_heavy_libraries() -> None:
    heavy = {
        "sqlalchemy",
        "alembic",
        "polars",
        "pandas",
        "numpy",
        "pyarrow",
        "dash",
        "fastapi",
        "strawberry",
        "structlog",
    }
    program = f"import sys, causeway; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_explains_itself(causeway: Commands) -> None:
    said = causeway.ok("--help").out
    documented = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
    for command in _COMMANDS.split():
        assert f"\n  {command} " in said
        assert f"`causeway {command}" in documented
    assert causeway.run("nothing").code == 2


def test_the_api_is_served_until_ctrl_c(causeway: Commands) -> None:
    with causeway.serving("serve", "--only", "api", "--port", free_port(), until="Ctrl-C") as server:
        assert get(f"{server.address}/health/ready")[0] == 200
        assert "data" in ask(server.address, "{ kpis { name } }")
        assert "Dashboard" not in server.words
        assert server.interrupt() == 0


def test_dashboard_and_api_share_one_port(causeway: Commands) -> None:
    with causeway.serving("serve", "--port", free_port(), until="Ctrl-C") as server:
        status, page = get(f"{server.address}/")
        assert (status, "<html" in page.lower()) == (200, True)
        assert "data" in ask(server.address, "{ kpis { name } }")
        assert server.interrupt() == 0


def test_a_chosen_port_that_is_taken_is_refused(causeway: Commands) -> None:
    listener, port = taken_port()
    with listener:
        for said in (
            causeway.run("serve", "--only", "api", "--port", port),
            causeway.run("serve", "--only", "api", CAUSEWAY_PORT=str(port)),
        ):
            assert said.code == 1
            assert f"Port {port} of 127.0.0.1 is taken" in said.err


def test_doctor_tells_what_is_well_and_what_is_not(causeway: Commands) -> None:
    checks = {check["name"]: check for check in causeway.ok("doctor", "--json").json}
    assert [checks[name]["state"] for name in ("server", "migrations", "roles", "clock")] == ["ok"] * 4
    assert (checks["data"]["state"], "causeway load" in checks["data"]["remedy"]) == ("warn", True)

    ill = causeway.run("doctor", CAUSEWAY_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert ill.code == 1
    assert "fail  server: The warehouse does not answer" in ill.out
    misspelt = causeway.run("doctor", "--json", CAUSEWAY_PROT="8050")
    assert (misspelt.json[0]["state"], "CAUSEWAY_PROT" in misspelt.json[0]["words"]) == ("warn", True)
    bad = causeway.run("doctor", "--json", CAUSEWAY_PORT="eighty")
    assert ([c["state"] for c in bad.json], bad.code) == (["fail"], 1)


def test_a_warehouse_that_is_not_there_is_one_line(causeway: Commands) -> None:
    said = causeway.run("sql", "SELECT 1", CAUSEWAY_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
    assert "does not answer" in said.err


def test_migrate_brings_holidays(causeway: Commands) -> None:
    assert "public holidays" in causeway.ok("migrate").out
    found = causeway.ok(
        "sql",
        "SELECT holiday_name FROM mart.holiday WHERE country = 'DE' AND date_day = '2026-10-03'",
        "--format",
        "json",
    )
    assert found.json == [{"holiday_name": "German Unity Day"}]


@pytest.mark.slow
def test_the_demo_starts_from_nothing_and_starts_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    causeway = Commands(tmp_path_factory.mktemp("home"), None)
    try:
        small = ("--customers", 150, "--days", 28)
        with causeway.serving("demo", *small, "--port", free_port(), until="Ctrl-C") as demo:
            assert "tables loaded" in demo.words
            assert "a second" in demo.words
            assert "simulated" in demo.words
            assert get(f"{demo.address}/health/ready")[0] == 200
            assert get(f"{demo.address}/")[0] == 200
            rows = causeway.ok("sql", "SELECT count(*) AS n FROM mart.campaign_daily", "--format", "json").json
            assert rows[0]["n"] > 100
            truth = causeway.home / "demo" / "truth.json"
            for _ in range(600):
                if truth.exists():
                    break
                time.sleep(0.1)
            assert json.loads(truth.read_text())["customers"] == 150
            assert demo.interrupt() == 0
        with causeway.serving("demo", "--port", free_port(), until="Ctrl-C") as again:
            assert "tables were known already" in again.words
            assert "tables loaded" not in again.words
            assert causeway.ok("sql", "SELECT count(*) AS n FROM mart.campaign_daily", "--format", "json").json == rows
            assert again.interrupt() == 0
        assert causeway.ok("stop").out == "It was not running.\n"
        assert "causeway" in causeway.ok("psql", stdin="SELECT current_database();\n").out
    finally:
        stop_embedded(causeway.home)
