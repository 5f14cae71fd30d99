"""Lifts of markets, against pysyncon and mlsynth.

**What.** California's Proposition 99 (Abadie, Diamond and Hainmueller 2010): with predictors, whose importances are
searched for, and by the outcome alone with a placebo for each of the other 38 states. The panel lies in memory; it is
reference data, and without it nothing is measured.

**Against what.** pysyncon 1.7 and mlsynth 1.0 in an environment that is made for them in the folder for temporary
files, each in its ways that may find the optimum. A way is right if its mean squared error before treatment comes
within a thousandth of the least that is known: 3.0767 with predictors, 2.7437 without. Weights below that match the
outcome and no predictors (mlsynth's corner search gives such). Targets are held against the cheapest way that is right.

CPU-seconds without imports, with one thread of linear algebra; of ours the median of five, of rivals one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench.measure import Result, Server, in_own_process
from ml.lift.case import Case, Treatment, case_of
from ml.lift.panel_file import read_panel
from ml.lift.placebo import placebos_of
from ml.lift.predictors import Predictor, PredictorControl, with_predictors
from ml.lift.synthetic import Estimator, SyntheticControl, root_mean_square
from validation.__main__ import reference_data

RIVALS = ("pysyncon==1.7.0", "mlsynth==1.0.0")
HOME = Path(tempfile.gettempdir()) / "causeway-bench-lift-rivals"
FITS, LONGEST = 5, 900
WITH_PREDICTORS, WITHOUT = 3.0767, 2.7437
PREDICTORS = (
    Predictor("lnincome", 1980, 1988), Predictor("retprice", 1980, 1988), Predictor("age15to24", 1980, 1988),
    Predictor("beer", 1984, 1988), Predictor("outcome", 1975, 1975), Predictor("outcome", 1980, 1980),
    Predictor("outcome", 1988, 1988),
)  # fmt: skip
SEARCHES = (
    ("mlsynth_predictors", "mscmt"), ("mlsynth_predictors", "malo"), ("pysyncon_predictors", "Nelder-Mead", "equal"),
    ("pysyncon_predictors", "Powell", "ols"),
)  # fmt: skip
PLACEBOS = (("mlsynth_outcome",), ("pysyncon_outcome",))


def measure(server: Server, rows: int) -> Iterator[Result]:  # noqa: ARG001  (no warehouse is needed, the panel is given)
    """Results with predictors, and by the outcome alone."""
    folder = reference_data()
    if folder is None:
        yield Result("Proposition 99", "none", "there is no reference data", "", "", None)
        return
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for the processes that are started
    panels = folder / "effects"
    interpreter = _rivals()
    for what, function, tasks, known, least in (
        ("Proposition 99, predictors", by_predictors, SEARCHES, WITH_PREDICTORS, 15.0),
        ("Proposition 99, outcome and 38 placebos", by_outcome, PLACEBOS, WITHOUT, 2.0),
    ):
        (seconds, loss), _ = in_own_process(function, str(panels))
        yield Result(f"{what}, ours", f"{seconds:.4f} s", f"error {loss:.4f}", "", f"{known:.4f}", loss < known * 1.001)
        yield from _compared(what, seconds, interpreter, panels, tasks, known, least)


def by_predictors(panels: str) -> tuple[float, float]:
    """CPU-seconds of the search, and its mean squared error before treatment."""
    panel = read_panel(Path(panels) / _FILE, "state", "year", "cigsale", ["lnincome", "retprice", "age15to24", "beer"])
    case = with_predictors(case_of(panel, _CALIFORNIA), panel, PREDICTORS)
    estimator = PredictorControl(0, case.before)
    return median(_cpu(lambda: estimator.fit(case)) for _ in range(FITS)), _loss(case, estimator)


def by_outcome(panels: str) -> tuple[float, float]:
    """CPU-seconds of weights and placebos, and the mean squared error before treatment."""
    panel = read_panel(Path(panels) / _FILE, "state", "year", "cigsale")
    case, estimator = case_of(panel, _CALIFORNIA), SyntheticControl("level")

    def work() -> None:
        estimator.fit(case)
        placebos_of(case, estimator)

    return median(_cpu(work) for _ in range(FITS)), _loss(case, estimator)


_FILE = "prop99_smoking_covariates.csv.gz"
_CALIFORNIA = Treatment(("3",), 1989)


def _compared(
    what: str, seconds: float, interpreter: Path | None, panels: Path, tasks: tuple[tuple[str, ...], ...],
    known: float, least: float,
) -> Iterator[Result]:  # fmt: skip
    right = []
    for task in tasks:
        name = f"{what}, {' '.join(task).replace('_predictors', '').replace('_outcome', '')}"
        found = _run(interpreter, panels, task) if interpreter else None
        if found is None:
            yield Result(name, f"{seconds:.4f} s", "was not measured", "", "", None)
            continue
        spent, loss = found
        if abs(loss / known - 1) < 0.001:
            right.append(spent)
        yield Result(name, f"{seconds:.4f} s", f"{spent:.3f} s, error {loss:.4f}", f"{spent / seconds:.1f}", "", None)
    if right:
        ratio = min(right) / seconds
        yield Result(
            f"{what}, best that is right", f"{seconds:.4f} s", f"{min(right):.3f} s", f"{ratio:.1f}", f">= {least:g}",
            ratio >= least,
        )  # fmt: skip


def _rivals() -> Path | None:
    """The interpreter of their environment, made once; None where the registry is not there."""
    interpreter = HOME / "bin" / "python"
    try:
        if not (HOME / "whole").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
            subprocess.run([interpreter, "-m", "pip", "install", "--quiet", *RIVALS], check=True)
            (HOME / "whole").touch()
    except (OSError, subprocess.CalledProcessError):
        return None
    return interpreter


def _run(interpreter: Path, panels: Path, task: tuple[str, ...]) -> tuple[float, float] | None:
    """CPU-seconds and mean squared error; None where it fails or takes too long."""
    program, (name, *arguments) = Path(__file__).with_name("lift_rivals.py"), task
    command = [str(interpreter), str(program), name, str(panels), *arguments]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LONGEST).stdout
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    spent, loss = next(line for line in said.splitlines() if line.startswith("MEASURED")).split()[1:]
    return float(spent), float(loss)


def _loss(case: Case, estimator: Estimator) -> float:
    return root_mean_square((case.outcome - estimator.fit(case).series)[: case.before]) ** 2


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
