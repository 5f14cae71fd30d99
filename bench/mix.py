"""Mix and budget, against PyMC-Marketing.

**What.** The data set of the other package's own tutorial (179 weeks, two channels, two events and a trend): fit it,
then split the usual budget of a quarter. Once with the one pair of families that made the data (geometric, logistic),
once with the default, which averages twelve. It is reference data, and without it nothing is measured.

**Against what.** PyMC-Marketing, the newest release that Python of this version can install, in an environment that is
made for it in the folder for temporary files; the model of its tutorial, four chains of a thousand draws, by nutpie,
the cheapest of its samplers.

CPU-seconds of all processes without imports, what compiles with them; of ours the median of three. The error is that of
what a channel is found to have brought, as a part of the truth, without sign, the mean of both channels. Memory is the
peak of a process with all that it imports.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from bench.measure import Result, Server, in_own_process
from bench.rivals import Rivals
from ml.budget.channels import Channel
from ml.budget.learnt import learnt_curves
from ml.budget.plan import allocate
from ml.mix.inputs import MixInput
from ml.mix.mix import ALL_FAMILIES, Families, fit_mix
from ml.mix.mix_file import read_mix
from ml.mix.results import channel_results
from validation.__main__ import reference_data

RIVALS: Final = ("pymc-marketing", "nutpie")
SAMPLER: Final = "nutpie"
FITS, WEEKS, LONGEST = 3, 13, 1_800
ONE: Final[Families] = (("geometric", "logistic"),)
CHEAPER: Final = {"one family": 50.0, "twelve averaged": 8.0}


@dataclass(frozen=True, slots=True)
class Taken:
    """CPU-seconds of the fit and of the plan, the mean error of a contribution, and peak memory in MB."""

    fit: float
    plan: float
    error: float
    memory: float

    @property
    def seconds(self) -> float:
        """Of both."""
        return self.fit + self.plan


def measure(server: Server, rows: int) -> Iterator[Result]:  # noqa: ARG001  (no warehouse is needed, the data are given)
    """Ours with one pair of families and with all, against each sampler."""
    folder = reference_data()
    if folder is None:
        yield Result("the tutorial", "none", "there is no reference data", "", "", None)
        return
    file = folder / "mix" / "tutorial_two_channels.csv"
    rivals = Rivals.made("causeway-bench-mix-rivals", RIVALS, "mix_rivals.py", LONGEST)
    theirs = None if rivals is None else _theirs(rivals, file)
    for name, families in (("one family", ONE), ("twelve averaged", ALL_FAMILIES)):
        (fit, plan, error), memory = in_own_process(fitted_and_planned, str(file), families)
        yield from _compared(name, Taken(fit, plan, error, memory), theirs)


def fitted_and_planned(file: str, families: Families) -> tuple[float, float, float]:
    """CPU-seconds of a fit and of a plan, and the mean error of a contribution."""
    told, truth = tutorial(Path(file))
    fits, plans, errors = [], [], []
    for _ in range(FITS):
        began = time.process_time()
        fit = fit_mix(told, families=families)
        fits.append(time.process_time() - began)
        began = time.process_time()
        curves = learnt_curves(fit)
        channels = [Channel(name, drawn.expected()) for name, drawn in curves.items()]
        allocate(channels, Decimal(f"{sum(channel.spend.mean() for channel in told.channels):.2f}"))
        plans.append(time.process_time() - began)
        found = np.array([result.contribution.estimate for result in channel_results(fit)])
        errors.append(float(np.abs(found / truth - 1).mean()))
    return median(fits), median(plans), median(errors)


def tutorial(file: Path) -> tuple[MixInput, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """The tutorial's data, and what each channel brought."""
    columns = ["x1", "x2"]
    told = read_mix(file, date="date_week", outcome="y", media=columns, controls=["event_1", "event_2"])
    made = read_mix(file, date="date_week", outcome="y", media=[f"{name}_contribution_true" for name in columns])
    return told, np.array([channel.spend.sum() for channel in made.channels])


def _theirs(rivals: Rivals, file: Path) -> Taken | None:
    said = rivals.run(file, SAMPLER)
    if said is None:
        return None
    fit, plan, first, second, _, _, memory = said
    return Taken(fit, plan, (abs(first - 1) + abs(second - 1)) / 2, memory)


def _compared(name: str, ours: Taken, theirs: Taken | None) -> Iterator[Result]:
    what = f"tutorial, {name}"
    if theirs is None:
        yield Result(what, f"{ours.seconds:.2f} s", "PyMC-Marketing is not there", "", "", None)
        return
    times, least = theirs.seconds / ours.seconds, CHEAPER[name]
    yield Result(
        f"{what}: fit and allocate", f"{ours.fit:.2f} + {ours.plan:.3f} s", f"{theirs.fit:.1f} + {theirs.plan:.1f} s",
        f"{times:.0f}", f">= {least:.0f}", times >= least,
    )  # fmt: skip
    yield Result(
        f"{what}: error", f"{ours.error:.1%}", f"{theirs.error:.1%}", f"{ours.error / theirs.error:.2f}", "<= 1",
        ours.error <= theirs.error,
    )  # fmt: skip
    yield Result(
        f"{what}: memory", f"{ours.memory:.0f} MB", f"{theirs.memory:.0f} MB", f"{ours.memory / theirs.memory:.2f}",
        "<= 0.5", ours.memory <= theirs.memory / 2,
    )  # fmt: skip
