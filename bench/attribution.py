"""Attribution of a million journeys, against ChannelAttribution and marketing-attribution-models.

**What.** Credits of journeys that a seed made, of 12 and 20 channels, with about a sixth as many distinct paths: paths
written with `` > `` in a data frame in memory, cut into touches, counted and credited, in a process of its own. Raw
journeys are a row each; the same paths are found together first. Peak memory is the process's, data frame included.

**Against what.** ChannelAttribution 2.2 (which simulates, and has three rules) and marketing-attribution-models 2.1
(whose Shapley value is that of the conversion rate, here of all channels), else at their defaults, with the same rows
in a data frame of theirs, in an environment that is made for them in the folder for temporary files.

CPU-seconds without imports; of ours the median of five fits, of rivals one. Where the environment cannot be made, a
line says so.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from bench.attribution_paths import distinct, journeys
from bench.measure import Result, Server, in_own_process
from bench.rivals import Rivals
from ml.attribution.models import Model, attribute
from ml.attribution.path_file import paths_from_text
from ml.attribution.paths import Paths

RIVALS = ("ChannelAttribution==2.2.5", "marketing-attribution-models==2.1.1", "matplotlib")
RULES = ("first", "last", "linear", "position", "time_decay")
FITS, DRAWS, CAMPAIGNS, MANY = 5, 200, 1_000, 10
LONGEST = 1_500.0  # seconds that a rival may take
MOST_MEMORY, MOST_STATES_SECONDS = 600.0, 10.0


def measure(server: Server, rows: int) -> Iterator[Result]:  # noqa: ARG001  (no warehouse is needed)
    """Results for ``rows`` journeys, and for ten times as many."""
    rivals = Rivals.made("causeway-bench-rivals", RIVALS, "attribution_rivals.py", LONGEST)
    if rivals is None:
        yield Result("rivals", "none", "their environment cannot be made", "", "", None)
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        small = {channels: _written(Path(folder), rows, channels) for channels in (12, 20)}
        for channels, (paths, _) in small.items():
            yield from _markov(rivals, paths, f"{rows:,} journeys, {channels} channels", 1, 40)
            yield from _markov(rivals, paths, f"{rows:,} journeys, {channels} channels", 3, 150)
            yield from _markov(rivals, paths, f"{rows:,} journeys, {channels} channels", 4, 150)
        yield from _compared(
            "Shapley, 20 channels", rivals, ("dp6_shapley",), small[20][0], 100, fit, str(small[20][0]), "shapley", 1
        )
        yield from _compared(
            f"{DRAWS} draws of Markov 1", rivals, ("ca_markov", "1"), small[12][0], 1, draws, str(small[12][0])
        )
        yield _states(rows)
        peak = in_own_process(rules, str(small[12][1]))[1]
        yield Result(
            f"peak memory, rules on {rows:,} rows", f"{peak:.0f} MB", f"{MOST_MEMORY:.0f} MB",
            f"{peak / MOST_MEMORY:.2f}", f"< {MOST_MEMORY:.0f} MB", peak < MOST_MEMORY,
        )  # fmt: skip
        paths, raw = _written(Path(folder), MANY * rows, 12)
        yield from _markov(rivals, paths, f"{MANY * rows:,} journeys, 12 channels", 1, 8, memory=True)
        yield from _compared(
            f"five rules, {MANY * rows:,} rows", rivals, ("ca_rules",), raw, 4, rules, str(raw), memory=True
        )


def fit(path: str, model: str, order: int) -> float:
    """CPU-seconds of crediting the distinct paths of a file, the file being in memory."""
    frame = pl.read_csv(path)
    return median(_cpu(lambda: attribute(_paths(frame), Model(model, order=order))) for _ in range(FITS))


def draws(path: str) -> float:
    """CPU-seconds of bootstrap intervals of first-order Markov."""
    frame = pl.read_csv(path)
    return _cpu(lambda: attribute(_paths(frame), Model("markov"), draws=DRAWS))


def rules(path: str) -> float:
    """CPU-seconds of five rules on a row for each journey."""
    frame = pl.read_csv(path)

    def work() -> None:
        paths = _paths(distinct(frame))
        for rule in RULES:
            attribute(paths, Model(rule))

    return _cpu(work)


def states(rows: int) -> float:
    """CPU-seconds of first-order Markov with a state for each of many campaigns."""
    frame = distinct(journeys(rows, CAMPAIGNS))
    return _cpu(lambda: attribute(_paths(frame), Model("markov")))


def _markov(
    rivals: Rivals | None, paths: Path, what: str, order: int, least: float, *, memory: bool = False
) -> Iterator[Result]:
    yield from _compared(
        f"Markov {order}, {what}", rivals, ("ca_markov", str(order)), paths, least, fit, str(paths), "markov", order,
        memory=memory,
    )  # fmt: skip


def _compared(
    what: str,
    rivals: Rivals | None,
    task: tuple[str, ...],
    file: Path,
    least: float,
    function: Callable[..., float],
    *arguments: object,
    memory: bool = False,
) -> Iterator[Result]:
    seconds, peak = in_own_process(function, *arguments)
    found = rivals.run(file, *task) if rivals else None
    name = task[0].partition("_")[0].upper()
    if found is None:
        yield Result(what, f"{seconds:.3f} s", f"{name} was not measured", "", f">= {least:g}", None)
        return
    ratio = found[0] / seconds
    yield Result(what, f"{seconds:.3f} s", f"{name} {found[0]:.1f} s", f"{ratio:.1f}", f">= {least:g}", ratio >= least)
    if memory:
        yield Result(
            "its peak memory", f"{peak:.0f} MB", f"{name} {found[1]:.0f} MB", f"{peak / found[1]:.2f}", "<= 1",
            peak <= found[1],
        )  # fmt: skip


def _states(rows: int) -> Result:
    seconds, _ = in_own_process(states, rows)
    limit = f"{MOST_STATES_SECONDS:.0f} s"
    return Result(
        f"Markov 1, {CAMPAIGNS:,} campaigns", f"{seconds:.1f} s", limit, f"{seconds / MOST_STATES_SECONDS:.2f}",
        f"< {limit}", seconds < MOST_STATES_SECONDS,
    )  # fmt: skip


def _written(folder: Path, rows: int, channels: int) -> tuple[Path, Path]:
    """Files of distinct paths and of raw journeys."""
    paths, raw = folder / f"paths_{rows}_{channels}.csv", folder / f"raw_{rows}_{channels}.csv"
    piece = min(rows, 1_000_000)
    found = []
    with raw.open("wb") as file:
        for number in range(rows // piece):
            part = journeys(piece, channels, seed=number + 1)
            part.write_csv(file, include_header=number == 0)
            found.append(distinct(part))
    together = pl.concat(found).group_by("path").agg(pl.col("conversions", "value", "null").sum()).sort("path")
    together.write_csv(paths)
    return paths, raw


def _paths(frame: pl.DataFrame) -> Paths:
    columns = (frame[name].to_numpy().astype(np.float64) for name in ("conversions", "value", "null"))
    return paths_from_text(frame["path"], *columns)


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
