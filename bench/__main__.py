"""``python -m bench``: every measurement, each beside what it is compared to; ``--write`` keeps them in docs/."""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import psutil

from bench.measure import Result, Server, server_version, temporary_server
from validation.pages import heading, write_sections

# Each module with the rows that it is told to use.
MEASUREMENTS = {
    "loading": 1_000_000,
    "touchpoints": 5_000_000,
    "journeys": 10_200_000,
    "overview": 1_460_000,
    "graphql": 73_000,
    "collect": 40_000,
    "attribution": 1_000_000,
    "uplift": 1_000_000,
    "lift": 1_209,
    "experiments": 1_000_000,
    "mix": 179,
    "budget": 20,
}
PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
OPENING = """# Measurements

What is compared is measured side by side in one run, so the ratios travel better than the seconds. `python -m bench
--write` measures all of it; each section says when it was measured, and by what.
"""


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and on request write the page's sections."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measurement", nargs="*", choices=[[], *MEASUREMENTS], help="only these")
    parser.add_argument("--rows", type=int, help="fewer rows, to try it")
    parser.add_argument("--write", action="store_true", help="write these sections of docs/benchmarks.md")
    asked = parser.parse_args(arguments)
    with temporary_server() as server:
        where = _machine(server)
        print(where, flush=True)
        for name in asked.measurement or MEASUREMENTS:
            results = []
            for result in import_module(f"bench.{name}").measure(server, asked.rows or MEASUREMENTS[name]):
                results.append(result)
                print(_line(result), flush=True)
            if asked.write:  # at once: what comes later may fail, and what was measured stays
                order = [_told(each)[0] for each in MEASUREMENTS]
                write_sections(PAGE, OPENING, order, {_told(name)[0]: _section(name, results, where, asked.rows)})


def _line(result: Result) -> str:
    verdict = {True: "met", False: "MISSED", None: ""}[result.met]
    return (
        f"{result.what:42} {result.measured:>12}  against {result.against:32} = {result.ratio:>6}"
        f"  {result.target:>10} {verdict}"
    ).rstrip()


def _machine(server: Server) -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, PostgreSQL {server_version(server.template)} (embedded)"
    )


def _section(name: str, results: Sequence[Result], where: str, rows: int | None) -> str:
    today, fewer = dt.datetime.now(dt.UTC).date(), f" --rows {rows}" if rows else ""
    lines = [_told(name)[1], "", f"By `python -m bench {name} --write{fewer}` on {today}: {where}.", ""]
    lines += ["| what | measured | against | ratio | target | |", "|---|---|---|---|---|---|"]
    for one in results:
        verdict = {True: "met", False: "missed", None: ""}[one.met]
        lines.append(f"| {one.what} | {one.measured} | {one.against} | {one.ratio} | {one.target} | {verdict} |")
    return "\n".join(lines)


def _told(name: str) -> tuple[str, str]:
    return heading(import_module(f"bench.{name}").__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
