"""Uplift of a million customers, against CausalML and EconML.

**What.** A randomised test of customers with 20 features and known effects (one in seven buys; effects scatter by two
points), fitted and predicted by the doubly robust learner with the known chance of treatment, in a process of its own,
arrays in memory. Error is the root mean square over 200,000 other customers. Then the intervals of a ranking.

**Against what.** CausalML 0.18 and EconML 0.17, their doubly robust learners and CausalML's X, on XGBoost's trees as
they come (default) and made shallow, which suits them better, with the same chance of treatment and the same arrays, in
an environment that is made for them in the folder for temporary files.

CPU-seconds without imports on one thread each, one fit each. Where the environment cannot be made, a line says so.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.measure import Result, Server, in_own_process, peak_memory
from bench.rivals import Rivals
from bench.uplift_customers import customers
from ml.uplift.answer import LEARNERS
from ml.uplift.ranking import ranking_of

PACKAGES = ("causalml==0.18.0", "econml==0.17.0")
LONGEST = 1_500.0  # seconds that a rival may take
OTHERS = 200_000
LEAST = 3.0  # times cheaper
MOST_RANKING = 20.0  # CPU-seconds of 200 draws


def measure(server: Server, rows: int) -> Iterator[Result]:  # noqa: ARG001  (no warehouse is needed)
    """Results for ``rows`` customers."""
    rivals = Rivals.made("causeway-bench-uplift-rivals", PACKAGES, "uplift_rivals.py", LONGEST)
    if rivals is None:
        yield Result("rivals", "none", "their environment cannot be made", "", "", None)
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        file = Path(folder) / "customers.npz"
        made, others = customers(rows), customers(OTHERS, seed=2)
        np.savez(
            file,
            x=made.features, outcome=made.outcome, treated=made.treated.astype(np.int64), effect=made.effect,
            other_x=others.features, other_effect=others.effect,
        )  # fmt: skip
        for learner, tasks in (("dr", ("causalml_dr", "econml_dr")), ("x", ("causalml_x",))):
            yield from _compared(rivals, tasks, learner, file, rows)
        for learner in ("r", "s", "t"):
            fitted, predicted, error, _ = in_own_process(fit, str(file), learner)[0]
            took = f"{fitted:.1f} s, {predicted:.2f} s"
            yield Result(f"{learner.upper()}, fit and predict", took, f"error {error:.4f}", "", "", None)
    spent, _ = in_own_process(rank, rows)
    yield Result(
        f"ranking of {rows:,}, 200 draws", f"{spent:.1f} s", f"{MOST_RANKING:.0f} s", f"{spent / MOST_RANKING:.2f}",
        f"< {MOST_RANKING:.0f} s", spent < MOST_RANKING,
    )  # fmt: skip


def fit(file: str, learner: str) -> tuple[float, float, float, float]:
    """CPU-seconds of fitting and predicting, error, and peak memory."""
    data = np.load(file)
    table, outcome, treated = data["x"], data["outcome"], data["treated"]
    began = time.process_time()
    fitted = LEARNERS[learner]().fit(table, outcome, treated, 0.5)
    done = time.process_time()
    fitted.predict(table)
    predicted = time.process_time()
    error = float(np.sqrt(np.mean((fitted.predict(data["other_x"]) - data["other_effect"]) ** 2)))
    return done - began, predicted - done, error, peak_memory()


def rank(rows: int) -> float:
    """CPU-seconds of all measures of a ranking with their intervals."""
    generator = np.random.default_rng(1)
    uplift, effects = generator.normal(size=rows), generator.normal(size=rows)
    began = time.process_time()
    ranking_of(uplift, effects)
    return time.process_time() - began


def _compared(rivals: Rivals | None, tasks: Sequence[str], learner: str, file: Path, rows: int) -> Iterator[Result]:
    """One fit of ours against each rival with either kind of trees."""
    fitted, predicted, error, peak = in_own_process(fit, str(file), learner)[0]
    for task in tasks:
        for kind in ("default", "shallow"):
            found = rivals.run(file, task, kind) if rivals else None
            name, what = f"{task.partition('_')[0]}, {kind}", f"{learner.upper()}, {rows:,} customers"
            if found is None:
                yield Result(what, f"{fitted:.1f} s", f"{name}: not measured", "", f">= {LEAST:g}", None)
                continue
            ratio = found[0] / fitted
            yield Result(
                what, f"{fitted:.1f} s", f"{name}: {found[0]:.1f} s", f"{ratio:.1f}", f">= {LEAST:g}", ratio >= LEAST
            )
            yield Result(
                "its error of effects", f"{error:.4f}", f"{name}: {found[2]:.4f}", f"{error / found[2]:.2f}", "<= 1",
                error <= found[2],
            )  # fmt: skip
            yield Result(
                "predicting them", f"{predicted:.2f} s", f"{name}: {found[1]:.2f} s", f"{found[1] / predicted:.1f}",
                "", None,
            )  # fmt: skip
            yield Result(
                "its peak memory", f"{peak:.0f} MB", f"{name}: {found[3]:.0f} MB", f"{peak / found[3]:.2f}", "", None
            )
