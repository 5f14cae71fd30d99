"""``python -m bench``: every measurement, each beside what it is compared to; ``--write`` keeps them in docs/."""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import shlex
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import psutil

from bench.measure import Result, Server, server_version, temporary_server

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


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and on request write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measurement", nargs="*", choices=[[], *MEASUREMENTS], help="only these")
    parser.add_argument("--rows", type=int, help="fewer rows, to try it")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    asked = parser.parse_args(arguments)
    results: dict[str, list[Result]] = {}
    with temporary_server() as server:
        where = _machine(server)
        print(where, flush=True)
        for name in asked.measurement or MEASUREMENTS:
            results[name] = []
            for result in import_module(f"bench.{name}").measure(server, asked.rows or MEASUREMENTS[name]):
                results[name].append(result)
                print(_line(result), flush=True)
    if asked.write:
        PAGE.write_text("".join(_page(results, where, arguments)), encoding="utf-8")


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


def _page(results: dict[str, list[Result]], where: str, arguments: Sequence[str]) -> Iterator[str]:
    today = dt.datetime.now(dt.UTC).date()
    command = shlex.join(["python", "-m", "bench", *arguments])
    yield "# Measurements\n\n"
    yield f"Written by `{command}` on {today}: {where}. Everything is measured side by side in\n"
    yield "one run, so the ratios travel better than the seconds.\n"
    for name, lines in results.items():
        words = sys.modules[f"bench.{name}"].__doc__ or ""
        title, _, rest = words.partition("\n")
        yield f"\n## {title.rstrip('.')}\n{rest.rstrip()}\n\n"
        yield "| what | measured | against | ratio | target | |\n|---|---|---|---|---|---|\n"
        for line in lines:
            verdict = {True: "met", False: "missed", None: ""}[line.met]
            yield (f"| {line.what} | {line.measured} | {line.against} | {line.ratio} | {line.target} | {verdict} |\n")


if __name__ == "__main__":
    main(sys.argv[1:])
