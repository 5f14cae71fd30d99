"""The command line: the commands of each room, and those that need all rooms at once."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

import api.audience_command_line
import api.command_line
import api.experiment_command_line
import api.people_command_line
import api.scenario_command_line
import ml.attribution.command_line
import ml.budget.command_line
import ml.command_line
import ml.lifetime.command_line
import ml.lift.command_line
import ml.lift.design_command_line
import ml.mix.command_line
import ml.uplift.command_line
import warehouse.command_line
from warehouse.console import open_warehouse, say, settings_from
from warehouse.errors import BadSetting, CausewayError

if TYPE_CHECKING:
    from api.app import Part
    from warehouse.sessions import Warehouse

app = typer.Typer(
    help="What did each campaign really cause, what will happen next, where should the next unit of money go?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


_LONG_RUNNING = ("demo", "serve", "stream", "worker")


class Only(StrEnum):
    """What `serve --only` serves."""

    dashboard = "dashboard"
    api = "api"


Host = Annotated[str | None, typer.Option(help="Address to serve on (CAUSEWAY_HOST).")]
Port = Annotated[int | None, typer.Option(help="Port to serve on (CAUSEWAY_PORT).", min=1, max=65535)]
SqlPort = Annotated[
    int | None,
    typer.Option(help="Also open this port of 127.0.0.1 for BI tools (CAUSEWAY_SQL_PORT).", min=1, max=65535),
]


def main() -> None:
    """Run the command. What is expected to go wrong is one line on standard error and exit code 1."""
    signal.signal(signal.SIGTERM, _leave)  # so that the embedded server is released as on any other way out
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone (`causeway sql ... | head`): nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        expected = _expected(error)
        if expected is None or os.environ.get("CAUSEWAY_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        say(str(expected), error=True)
        sys.exit(1)


@app.callback()
def configure(context: typer.Context) -> None:
    """Send log lines to standard error, for every command; those that end by themselves log only warnings."""
    from api.logs import configure_logs

    try:
        settings = settings_from()
    except BadSetting:
        return  # the command itself says what is wrong; `doctor` makes a check of it
    if context.invoked_subcommand not in _LONG_RUNNING and "CAUSEWAY_LOG_LEVEL" not in os.environ:
        settings = replace(settings, log_level="WARNING")
    configure_logs(settings)
    for library in ("alembic", "uvicorn"):  # what they say in passing is no news to anybody
        logging.getLogger(library).setLevel("WARNING")


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    sql_port: SqlPort = None,
    customers: Annotated[int | None, typer.Option(help="How many people to simulate, the first time.", min=1)] = None,
    days: Annotated[int | None, typer.Option(help="How many days to simulate, the first time.", min=28)] = None,
) -> None:
    """Simulate an advertiser with two shops, load its exports, and serve dashboard and API until Ctrl-C."""
    import datetime as dt

    from ml.demo import (
        CUSTOMERS,
        DAYS,
        ask_for_attribution,
        ask_for_experiments,
        ask_for_mix,
        ask_for_uplift,
        build_demo_journeys,
        simulation,
    )
    from ml.simulation.exports.simulated import TRUTH
    from ml.simulation.run import simulation_bar
    from warehouse.ingest.report import loading_bars, print_totals

    settings = settings_from(HOST=host, PORT=port, SQL_PORT=sql_port)
    folder, today = settings.home / "demo", dt.datetime.now(dt.UTC).date()
    with simulation(folder, today=today, customers=customers or CUSTOMERS, days=days or DAYS) as simulated:
        say("Starting the warehouse ...", error=True)
        opened = open_warehouse(settings)
        began = time.monotonic()
        with simulation_bar("Simulating and loading") as writing:
            results = list(simulated.load_logs(opened, writing))
        if simulated.words:
            say(simulated.words)
        with loading_bars(shown=True) as loading:
            results += simulated.load_rest(opened, loading)
        print_totals(results, seconds=time.monotonic() - began)
        say(build_demo_journeys(opened))
        say(f"The demo's advertiser is simulated: nobody in it exists. Its exports are in {folder}.")
        say(f"What its ads really caused is in {folder / TRUTH}, or will be in some minutes.")
        simulated.find_truth()
        ask_for_experiments(opened)
        ask_for_uplift(opened)
        ask_for_attribution(opened)
        ask_for_mix(opened)
        _serve(opened, ("dashboard", "api"), port_is_chosen=port is not None)


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    sql_port: SqlPort = None,
    only: Annotated[Only | None, typer.Option(help="Serve only the dashboard, or only the API, and no jobs.")] = None,
) -> None:
    """Serve dashboard and API, and work through jobs, until Ctrl-C."""
    settings = settings_from(HOST=host, PORT=port, SQL_PORT=sql_port)
    parts: tuple[Part, ...] = ("dashboard", "api") if only is None else (only.value,)
    _serve(open_warehouse(settings), parts, port_is_chosen=port is not None)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    say(installed("causeway"))


app.add_typer(warehouse.command_line.commands)
app.add_typer(ml.command_line.commands)
app.add_typer(ml.attribution.command_line.commands)
app.add_typer(api.experiment_command_line.commands, name="experiment")
app.add_typer(api.audience_command_line.commands, name="audience")
app.add_typer(api.scenario_command_line.commands, name="scenario")
app.add_typer(ml.lift.command_line.commands)
app.add_typer(ml.uplift.command_line.commands)
app.add_typer(ml.lifetime.command_line.commands)
app.add_typer(ml.lift.design_command_line.commands)
app.add_typer(ml.mix.command_line.commands)
app.add_typer(ml.budget.command_line.commands)
app.add_typer(api.command_line.commands)
app.add_typer(api.people_command_line.commands)


def _serve(opened: Warehouse, parts: tuple[Part, ...], *, port_is_chosen: bool) -> None:
    """Serve on the settings' address; where nobody chose the port and it is taken, on the next free one."""
    from api.app import create_app
    from api.serving import open_port, serve

    settings = opened.settings
    chosen = port_is_chosen or bool(os.environ.get("CAUSEWAY_PORT"))
    listener = open_port(settings.host, settings.port, or_next=not chosen)
    bound = listener.getsockname()[1]
    if bound != settings.port:
        say(f"Port {settings.port} is taken, so this is port {bound}.")
    dash = None
    if "dashboard" in parts:
        from dashboard.app import create_dash

        dash = create_dash(opened)
    application = create_app(
        opened,
        parts=set(parts),
        bind_host=settings.host,
        port=bound,
        dash_server=None if dash is None else dash.server,
        script_hashes=() if dash is None else dash.csp_hashes(),
    )
    say(_addresses(opened, bound, parts))
    with _worker(opened) if len(parts) > 1 else contextlib.nullcontext(), contextlib.suppress(KeyboardInterrupt):
        serve(application, listener)
    say("Stopped.", error=True)


@contextlib.contextmanager
def _worker(opened: Warehouse) -> Iterator[None]:
    """Do jobs in a thread of this process, which is all that one machine needs."""
    from ml.jobs import known_jobs
    from ml.worker import work

    stop = threading.Event()
    thread = threading.Thread(target=work, args=(opened, known_jobs(), stop), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _addresses(opened: Warehouse, port: int, parts: tuple[Part, ...]) -> str:
    """Where to look, for people."""
    settings = opened.settings
    name = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  # shown, not bound
    base = settings.public_url or f"http://{f'[{name}]' if ':' in name else name}:{port}"
    lines = []
    if "dashboard" in parts:
        lines.append(f"Dashboard  {base}/")
    if "api" in parts:
        lines.append(f"GraphQL    {base}/graphql")
    if settings.sql_port and not settings.database_url:
        lines.append(f"SQL        127.0.0.1:{settings.sql_port}, after `causeway user bi-login NAME`")
    else:
        lines.append('SQL        causeway sql "SELECT * FROM mart.campaign_daily LIMIT 10"')
    return "\n".join([*lines, "Ctrl-C stops."])


def _expected(error: Exception) -> CausewayError | None:
    """The error in words for people, None when it is a fault of the program."""
    if isinstance(error, CausewayError):
        return error
    from warehouse.outages import outage_of

    return outage_of(error)


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
