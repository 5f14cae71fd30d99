"""What became of each file, told to a person on a terminal or to a program as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from warehouse.ingest.load import Progress as Listener
from warehouse.ingest.outcome import LoadResult

_COUNTS = ("rows_read", "accepted", "rejected", "skipped", "restated")
_STYLES = {"loaded": "green", "unchanged": "dim", "refused": "bold red"}
_BARS = 8  # at a time
_ENDLESS = 100_000  # what is not a terminal has no width to keep to


def to_json(results: Sequence[LoadResult]) -> str:
    """The machine-readable report, one object with a list of files."""
    return json.dumps({"files": [result.to_json() for result in results]}, ensure_ascii=False, indent=1)


def print_report(results: Sequence[LoadResult], *, seconds: float, dry_run: bool = False) -> None:
    """A table of the counts, then everything that a person should know or do, file by file, and how fast it went."""
    console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else _ENDLESS)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("file", "source", "account", "status"):
        table.add_column(name, overflow="fold")
    for name in _COUNTS:
        table.add_column(name.removeprefix("rows_"), justify="right")
    for result in results:
        counts = (f"{getattr(result, name):,}" for name in _COUNTS)
        status = Text(result.status, style=_STYLES[result.status])
        table.add_row(_name(result.path), result.source or "", result.account or "", status, *counts)
    console.print(table)
    for result in results:
        lines = list(_remarks(result, dry_run=dry_run))
        if lines:
            console.print(Text(_name(result.path), style="bold"))
            for line in lines:
                console.print(Text(f"  {line}"))
    console.print(_rate(results, seconds))
    if dry_run:
        console.print("A dry run: nothing was changed.")


def print_totals(results: Sequence[LoadResult], *, seconds: float) -> None:
    """One line for all files together."""
    new = sum(result.status == "loaded" for result in results)
    counts = ", ".join(
        f"{sum(getattr(r, name) for r in results if r.status == 'loaded'):,} {name}" for name in _COUNTS[1:]
    )
    known = len(results) - new - sum(result.status == "refused" for result in results)
    words = [f"{new} tables loaded: {counts}.", _rate(results, seconds)] if new else []
    words += [f"{known} tables were known already."] if known else []
    words += [f"{_name(r.path)} was refused: {r.reason}" for r in results if r.status == "refused"]
    Console(highlight=False, emoji=False, markup=False, soft_wrap=True).print(" ".join(words))


@contextmanager
def loading_bars(*, shown: bool) -> Iterator[Listener | None]:
    """Bars of the last files on standard error, if that is a terminal; what is yielded listens to the loading."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def listen(path: str, read: int, size: int) -> None:
            if path not in tasks:
                tasks[path] = bars.add_task(_name(path), total=size)
                if len(tasks) > _BARS:
                    bars.update(list(tasks.values())[-_BARS - 1], visible=False)
            bars.update(tasks[path], completed=read)

        yield listen


def _rate(results: Sequence[LoadResult], seconds: float) -> str:
    rows = sum(result.rows_read for result in results if result.status == "loaded")
    return f"{_rows(rows)} in {seconds:,.1f} s: {rows / max(seconds, 1e-9):,.0f} a second."


def _remarks(result: LoadResult, *, dry_run: bool) -> Iterator[str]:
    if result.reason:
        yield result.reason
    if result.rejected:
        yield f"{_rows(result.rejected)} {'was' if result.rejected == 1 else 'were'} rejected:"
        for row in result.first_rejected:
            yield f"  line {row.line}{f', {row.column}' if row.column else ''}: {row.reason}"
        more = result.rejected - len(result.first_rejected)
        if more:
            where = "" if dry_run else "; mart.rejected_row and the Data page have them all"
            yield f"  and {more:,} more{where}."
    for assumption in result.assumptions:
        yield f"assumed {assumption.field} = {assumption.value}: {assumption.why}"
    for finding in result.findings:
        yield f"{finding.severity}: {finding.message}"


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _name(path: str) -> str:
    return PurePath(path).name
