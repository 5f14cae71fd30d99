"""Commands about the warehouse itself: filling it, asking it, and looking after it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from warehouse.console import open_warehouse, say, settings_from, show

commands = typer.Typer()


class QueryFormat(StrEnum):
    """How `sql` prints."""

    table = "table"
    csv = "csv"
    json = "json"


class ExportFormat(StrEnum):
    """What `export` writes."""

    parquet = "parquet"
    csv = "csv"


@commands.command()
def load(
    paths: Annotated[list[str] | None, typer.Argument(help="Files, folders, patterns; s3:// and gs:// too.")] = None,
    account: Annotated[str | None, typer.Option(help="Id of the account, for files that do not say it.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency, for files that do not say it.")] = None,
    source: Annotated[str | None, typer.Option(help="Read the files as this source, such as google_ads.ui.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column means. Repeatable.")
    ] = None,
    advertiser: Annotated[
        str | None, typer.Option(help="Whose customers the people are: the advertiser of accounts that are made.")
    ] = None,
    from_schema: Annotated[str | None, typer.Option(help="Load tables of this schema of the same database.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print what became of each file as JSON.")] = False,
) -> None:
    """Load ad exports. Exit code 0 only when nothing was refused or rejected."""
    from warehouse.errors import LoadRefused, NotFound
    from warehouse.ingest.load import LoadOptions, load_paths
    from warehouse.ingest.outcome import LoadResult
    from warehouse.ingest.report import loading_bars, print_report, to_json

    if bool(paths) == bool(from_schema):
        raise typer.BadParameter("Give files to load, or --from-schema NAME.", param_hint="PATHS")
    mapping = _mapping(map_ or [])
    warehouse = open_warehouse()
    began = time.monotonic()
    try:
        options = LoadOptions(account, currency and currency.upper(), source, mapping, dry_run, advertiser)
        with loading_bars(shown=not json_) as progress:
            if from_schema:
                from warehouse.ingest.from_schema import load_schema

                results = load_schema(warehouse, from_schema, options, progress)
            else:
                results = load_paths(warehouse, paths or [], options, progress)
    except (LoadRefused, NotFound) as error:
        if not json_:
            raise
        # Nothing was loaded, and whoever reads JSON shall find the reason there.
        results = [LoadResult(path, reason=str(error)) for path in paths or [str(from_schema)]]
    if json_:
        say(to_json(results))
    else:
        print_report(results, seconds=time.monotonic() - began, dry_run=dry_run)
    raise typer.Exit(1 if any(r.status == "refused" or r.rejected for r in results) else 0)


@commands.command()
def stream(
    kafka: Annotated[str, typer.Option(metavar="BROKERS", help="Kafka brokers: host:port, separated by commas.")],
    topic: Annotated[str, typer.Option(help="The topic.")],
    account: Annotated[str, typer.Option(help="The account whose events these are, as PLATFORM/ID.")],
    group: Annotated[str, typer.Option(help="The consumer group.")] = "causeway",
    config: Annotated[
        Path | None, typer.Option(help="A file with further settings of librdkafka, one NAME=VALUE a line.")
    ] = None,
) -> None:
    """Take the events of a Kafka topic, each once, until Ctrl-C."""
    import signal
    import threading

    from warehouse.local_owner import local_owner
    from warehouse.queries.accounts import find_account
    from warehouse.stream.kafka import Topic, consume

    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        account_key = find_account(session, account)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    taken = consume(warehouse, Topic(kafka, topic, group, account_key, _properties(config)), stop)
    say(f"{taken:,} messages taken.")


@commands.command()
def sql(
    statement: Annotated[str, typer.Argument(help='One query, such as "SELECT * FROM mart.campaign"; - reads it.')],
    format_: Annotated[QueryFormat, typer.Option("--format", help="How to print.")] = QueryFormat.table,
) -> None:
    """Ask the warehouse in SQL; only reading is possible.

    In CSV, text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    from warehouse.local_owner import local_owner
    from warehouse.queries import formats, tables

    write = {"table": formats.write_table, "csv": formats.write_csv, "json": formats.write_json}[format_]
    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        write(tables.ask(session, sys.stdin.read() if statement == "-" else statement), sys.stdout)


@commands.command()
def export(
    view: Annotated[str, typer.Argument(help="A view of schema mart, such as campaign_daily.")],
    format_: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.csv,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file (CSV: standard output).")] = None,
    where: Annotated[str | None, typer.Option(help="Only rows for which this SQL condition holds.")] = None,
) -> None:
    """Write a whole view to a file, in as little memory for millions of rows as for ten."""
    from warehouse.local_owner import local_owner
    from warehouse.queries import formats, tables

    if format_ is ExportFormat.parquet and output is None:
        raise typer.BadParameter("Parquet needs a file: -o FILE.", param_hint="--output")
    query = tables.view_query(view, where)
    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        answer = tables.ask(session, query)
        if output is None:
            formats.write_csv(answer, sys.stdout)
            return
        with formats.replacing(output) as draft:
            if format_ is ExportFormat.parquet:
                from warehouse.queries.parquet import write_parquet

                rows = write_parquet(answer, draft)
            else:
                with draft.open("w", encoding="utf-8", newline="") as file:
                    rows = formats.write_csv(answer, file)
    say(f"{rows:,} rows in {output}", error=True)


@commands.command()
def changes(
    since: Annotated[str, typer.Option(help="A day or moment, such as 2026-09-30 or 2026-09-30T12:00 (UTC).")],
    json_: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False,
) -> None:
    """Show which numbers were restated since a moment: before and now."""
    import datetime as dt

    from warehouse.local_owner import local_owner
    from warehouse.queries import tables

    try:
        moment = dt.datetime.fromisoformat(since)
    except ValueError as error:
        raise typer.BadParameter(f"{since!r} is not a day or moment.", param_hint="--since") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        show(tables.ask(session, tables.changes_query(moment, briefly=not json_)), as_json=json_)


@commands.command()
def psql() -> None:
    """Open PostgreSQL's own shell on the warehouse, with all rights."""
    from warehouse.embedded import psql_command, psql_environment

    url = open_warehouse().engine.url.render_as_string(hide_password=False)
    # A child rather than this process itself: the embedded server stays up for as long as somebody waits here.
    shell = subprocess.run(psql_command(url), env={**os.environ, **psql_environment(url)}, check=False)
    raise typer.Exit(shell.returncode)


@commands.command()
def migrate() -> None:
    """Bring the warehouse to this program's version."""
    from warehouse import migrate as migration
    from warehouse.engine import require_server
    from warehouse.public_holidays import seed_public_holidays
    from warehouse.sessions import Warehouse

    warehouse = Warehouse.connect(settings_from(), application_name="causeway migrate")
    require_server(warehouse.engine)
    migration.upgrade(warehouse.engine)
    holidays = seed_public_holidays(warehouse)
    say(f"The warehouse is at schema version {migration.head_revision()}, with {holidays:,} public holidays.")


@commands.command()
def doctor(json_: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False) -> None:
    """Check that everything is as it should be; exit code 1 when something is not."""
    import dataclasses
    import json

    from warehouse.doctor import examine

    checks = []
    for check in examine(os.environ):
        checks.append(check)
        if not json_:
            say(f"{check.state:4}  {check.name}: {check.words}" + (f"\n      {check.remedy}" if check.remedy else ""))
    if json_:
        say(json.dumps([dataclasses.asdict(check) for check in checks], indent=1))
    raise typer.Exit(1 if any(check.state == "fail" for check in checks) else 0)


@commands.command()
def stop() -> None:
    """Stop the embedded warehouse, whoever uses it."""
    from warehouse.embedded import stop_embedded

    say("Stopped." if stop_embedded(settings_from().home) else "It was not running.")


def _properties(path: Path | None) -> dict[str, str]:
    """A file of NAME=VALUE lines. Empty ones and those that begin with # say nothing."""
    if path is None:
        return {}
    properties = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, separator, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not separator:
            raise typer.BadParameter(f"{path}, line {number}: write it as NAME=VALUE.", param_hint="--config")
        properties[name.strip()] = value.strip()
    return properties


def _mapping(pairs: list[str]) -> dict[str, str]:
    """Header -> field. A header may hold an equals sign, a field never does."""
    mapping = {}
    for pair in pairs:
        header, separator, field = pair.rpartition("=")
        if not separator or not header.strip() or not field.strip():
            raise typer.BadParameter(f"{pair!r}: write it as COLUMN=FIELD.", param_hint="--map")
        mapping[header.strip()] = field.strip()
    return mapping
