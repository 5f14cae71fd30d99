"""The command line: each command parses, calls a room, and prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.errors import CausewayError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from warehouse.sessions import Warehouse

app = typer.Typer(
    help="What did each campaign really cause, what will happen next, where should the next unit of money go?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class QueryFormat(StrEnum):
    """How `sql` prints."""

    table = "table"
    csv = "csv"
    json = "json"


class Part(StrEnum):
    """What `serve --only` can leave alone."""

    dashboard = "dashboard"
    api = "api"


def main() -> None:
    """Run the command; what is expected to go wrong is one line on standard error and exit code 1."""
    signal.signal(signal.SIGTERM, _leave)  # so that the embedded server is released as on any other way out
    try:
        app()
    except CausewayError as error:
        if os.environ.get("CAUSEWAY_LOG_LEVEL", "").lower() == "debug":
            raise
        _say(f"{error}", error=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone (`causeway sql ... | head`): nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


# --- Asking ---------------------------------------------------------------------------------------------------------


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help='One query, such as "SELECT * FROM mart.campaign"; - reads it.')],
    format_: Annotated[QueryFormat, typer.Option("--format", help="How to print.")] = QueryFormat.table,
) -> None:
    """Ask the warehouse in SQL; only reading is possible."""
    from warehouse.local_owner import local_owner
    from warehouse.queries import formats, tables

    write = {"table": formats.write_table, "csv": formats.write_csv, "json": formats.write_json}[format_]
    warehouse = _open()
    with warehouse.reading(local_owner(warehouse)) as session:
        write(tables.ask(session, sys.stdin.read() if statement == "-" else statement), sys.stdout)


@app.command()
def psql() -> None:
    """Open PostgreSQL's own shell on the warehouse, with all rights."""
    from warehouse.embedded import psql_command, psql_environment

    warehouse = _open()
    url = warehouse.engine.url.render_as_string(hide_password=False)
    command = psql_command(url)
    # A child rather than this process itself: the embedded server stays up for as long as somebody waits here.
    shell = subprocess.run(command, env={**os.environ, **psql_environment(url)}, check=False)
    raise typer.Exit(shell.returncode)


# --- Serving --------------------------------------------------------------------------------------------------------


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on (CAUSEWAY_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on (CAUSEWAY_PORT).", min=1, max=65535)] = None,
    sql_port: Annotated[int | None, typer.Option(help="Also open this port of 127.0.0.1 for BI tools.")] = None,
    only: Annotated[Part | None, typer.Option(help="Serve only the dashboard, or only the API.")] = None,
) -> None:
    """Serve dashboard and API until Ctrl-C."""
    _serve(_open(_settings(HOST=host, SQL_PORT=sql_port)), port, only)


@app.command()
def migrate() -> None:
    """Bring the warehouse to this program's version."""
    from warehouse import migrate as migration
    from warehouse.engine import require_server
    from warehouse.public_holidays import seed_public_holidays
    from warehouse.sessions import Warehouse

    warehouse = Warehouse.connect(_settings(), application_name="causeway migrate")
    require_server(warehouse.engine)
    migration.upgrade(warehouse.engine)
    holidays = seed_public_holidays(warehouse)
    _say(f"The warehouse is at schema version {migration.head_revision()}, with {holidays:,} public holidays.")


@app.command()
def doctor(json_: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False) -> None:
    """Check that everything is as it should be; exit code 1 when something is not."""
    import dataclasses
    import json

    from warehouse.doctor import examine

    checks = []
    for check in examine(os.environ):
        checks.append(check)
        if not json_:
            _say(f"{check.state:4}  {check.name}: {check.words}" + (f"\n      {check.remedy}" if check.remedy else ""))
    if json_:
        _say(json.dumps([dataclasses.asdict(check) for check in checks], indent=1))
    raise typer.Exit(1 if any(check.state == "fail" for check in checks) else 0)


@app.command()
def stop() -> None:
    """Stop the embedded warehouse, whoever uses it."""
    from warehouse.embedded import stop_embedded

    _say("Stopped." if stop_embedded(_settings().home) else "It was not running.")


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    _say(installed("causeway"))


# --- What commands share --------------------------------------------------------------------------------------------


def _settings(**options: str | int | None) -> Settings:
    """The settings from the environment, and from options of the command line (NAME=value), which win."""
    said = {f"CAUSEWAY_{name}": str(value) for name, value in options.items() if value is not None}
    return Settings.from_environment({**os.environ, **said})


def _open(settings: Settings | None = None) -> Warehouse:
    """The warehouse at this program's version. Our own embedded server is upgraded, a configured one never is."""
    from warehouse import migrate as migration
    from warehouse.engine import require_server
    from warehouse.sessions import Warehouse

    settings = settings or _settings()
    warehouse = Warehouse.connect(settings, application_name=f"causeway {_command()}")
    require_server(warehouse.engine)
    if settings.database_url is None and migration.current_revision(warehouse.engine) != migration.head_revision():
        migration.upgrade(warehouse.engine)
    migration.require_head(warehouse.engine)
    return warehouse


def _serve(warehouse: Warehouse, port: int | None, only: Part | None) -> None:
    from api.app import create_app
    from api.serving import open_port, serve

    settings = warehouse.settings
    listener = open_port(settings.host, port or settings.port, or_next=port is None)
    bound = listener.getsockname()[1]
    dash_server = None
    if only != Part.api:
        from dashboard.app import create_dash

        dash_server = create_dash(warehouse).server
    parts = frozenset({only.value} if only else {part.value for part in Part})
    application = create_app(warehouse, parts=parts, bind_host=settings.host, port=bound, dash_server=dash_server)
    if bound != (port or settings.port):
        _say(f"Port {settings.port} is taken, so this is port {bound}.")
    _say(_addresses(warehouse, bound, parts))
    serve(application, listener)


def _addresses(warehouse: Warehouse, port: int, parts: frozenset[str]) -> str:
    """Where to look, for people."""
    settings = warehouse.settings
    name = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  # shown, not bound
    base = settings.public_url or f"http://{f'[{name}]' if ':' in name else name}:{port}"
    lines = []
    if Part.dashboard in parts:
        lines.append(f"Dashboard  {base}/")
    if Part.api in parts:
        lines.append(f"GraphQL    {base}/graphql")
    if settings.sql_port and not settings.database_url:
        lines.append(f"SQL        127.0.0.1:{settings.sql_port} (make a log-in: causeway user bi-login NAME)")
    else:
        lines.append('SQL        causeway sql "SELECT * FROM mart.campaign_daily LIMIT 10"')
    return "\n".join([*lines, "Ctrl-C stops."])


def _command() -> str:
    return sys.argv[1] if len(sys.argv) > 1 else ""


def _say(words: str, *, error: bool = False) -> None:
    print(words, file=sys.stderr if error else sys.stdout, flush=True)


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
