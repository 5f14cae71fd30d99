"""Commands about jobs and their runs (do one now, list them, work through the queue), and the one that simulates."""

from __future__ import annotations

import datetime as dt
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.console import open_warehouse, say, settings_from, show

if TYPE_CHECKING:
    from warehouse.job_queue import JobState

commands = typer.Typer()

Account = Annotated[str, typer.Option(help="The platform's id of the account, or PLATFORM/ID.")]


@commands.command()
def run(
    jobs: Annotated[
        list[str], typer.Argument(metavar="JOB...", help="The job, such as estimate; or several, in this order.")
    ],
    account: Account,
    parameters: Annotated[str, typer.Option(help="Parameters of one job as JSON.")] = "{}",
    json_: Annotated[bool, typer.Option("--json", help="Print what became of each as a line of JSON.")] = False,
) -> None:
    """Do jobs for an account now, each unless nothing is new since it was done last; the first that fails ends it."""
    import dataclasses
    import json

    from ml.jobs import job_named, known_jobs
    from ml.worker import wait_for
    from warehouse import job_queue
    from warehouse.local_owner import local_owner
    from warehouse.queries.accounts import find_account

    try:
        said = json.loads(parameters)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"This is not JSON: {error}.", param_hint="--parameters") from error
    if not isinstance(said, dict):
        raise typer.BadParameter("Parameters are an object in JSON.", param_hint="--parameters")
    if said and len(jobs) > 1:
        raise typer.BadParameter("Parameters are those of one job: run the others without.", param_hint="--parameters")
    settled = {job: job_named(job).settle(said) for job in jobs}
    warehouse = open_warehouse()
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        key = find_account(session, account)
    for job, parameters_ in settled.items():
        with warehouse.writing() as session:
            job_key = job_queue.submit(session, job=job, account_key=key, parameters=parameters_, requested_by=owner.id)
        state = wait_for(warehouse, known_jobs(), job_key, watch=_tell)
        if json_:
            say(json.dumps(dataclasses.asdict(state)))
        elif state.state == "done":
            say(f"Run {state.run_key}: {state.stage}")
        else:
            say(state.error or f"The job was {state.state}.", error=True)
        if state.state != "done":
            raise typer.Exit(1)


@commands.command()
def runs(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    json_: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False,
) -> None:
    """List the newest runs, and which of them readers see."""
    from warehouse.local_owner import local_owner
    from warehouse.queries import tables

    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        show(tables.ask(session, tables.runs_query(limit, briefly=not json_)), as_json=json_)


@commands.command()
def rollback(
    job: Annotated[str, typer.Argument(help="The job, such as estimate.")],
    account: Account,
    to: Annotated[int, typer.Option(help="Number of the run to show again (see `causeway runs`).")],
) -> None:
    """Show the results of an earlier run again."""
    from ml.jobs import job_named
    from warehouse import runs as books
    from warehouse.errors import BadSetting
    from warehouse.local_owner import local_owner
    from warehouse.queries.accounts import find_account

    if not job_named(job).keeps_results:
        raise BadSetting(f"{job} keeps no results of earlier runs.", remedy=f"`causeway run {job}` builds them anew.")
    warehouse = open_warehouse()
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        key = find_account(session, account)
    with warehouse.writing() as session:
        before = books.rollback(session, job=job, account_key=key, to_run=to, actor=owner.id)
    say(f"Readers see run {to}" + ("." if before is None else f" instead of run {before}."))


@commands.command()
def worker() -> None:
    """Work through the queue of jobs until Ctrl-C."""
    import structlog

    from ml.jobs import known_jobs
    from ml.worker import work

    settings = settings_from()
    warehouse = open_warehouse(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    structlog.get_logger("causeway.worker").info("worker_started", jobs=list(known_jobs()))
    work(warehouse, known_jobs(), stop)


@commands.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; a folder that is not there yet.")],
    customers: Annotated[int, typer.Option(help="How many people there are.")] = 10_000,
    days: Annotated[int, typer.Option(help="How many days pass, at least 28.")] = 365,
    seed: Annotated[int, typer.Option(help="Chance: the same seed writes the same bytes.")] = 1,
    preset: Annotated[str | None, typer.Option(help="A kind of world, such as null, in which no ad works.")] = None,
    until: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; without it, 2026-10-31.")
    ] = None,
) -> None:
    """Write a simulated advertiser as exports that can be loaded, and beside them what is true of it."""
    from ml.simulation.exports.simulated import write_simulation, write_truth
    from ml.simulation.run import ONE_SHOP, simulated_world, simulation_bar, told

    last_day, began = until.date() if until else None, time.monotonic()
    world = simulated_world(customers=customers, days=days, seed=seed, preset=preset, last_day=last_day)
    with simulation_bar() as progress:
        written = write_simulation(folder, world, (ONE_SHOP,), progress=progress)
    say(told(written, time.monotonic() - began))
    say(f"Load them with: causeway load {folder / 'exports'}")
    say("Living the same days without each cause ...", error=True)
    write_truth(folder, world)
    say(f"What is true of this world is in {folder / 'truth.json'}.")


def _tell(state: JobState) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{state.progress or 0:.0%} {state.stage or state.state}")
        if state.over:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
