"""What rivals take: run in an environment of theirs, on the folder with the panels, one task a process.

``python lift_rivals.py TASK FOLDER [ARGUMENTS]`` prints CPU-seconds, without imports and reading, and the loss: the
mean squared error before treatment.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

WINDOWS = {
    "lnincome": (1980, 1988), "retprice": (1980, 1988), "age15to24": (1980, 1988), "beer": (1984, 1988),
    "y75": (1975, 1975), "y80": (1980, 1980), "y88": (1988, 1988),
}  # fmt: skip
TREATED, FIRST, START = "3", 1970, 1989


def mlsynth_predictors(panel: pd.DataFrame, backend: str) -> Callable[[], float]:
    from mlsynth.estimators.vanillasc import VanillaSC  # type: ignore[import-not-found]

    for column in ("y75", "y80", "y88"):
        panel[column] = panel["y"]
    settings = {
        "df": panel, "outcome": "y", "treat": "treated", "unitid": "unit", "time": "time", "inference": False,
        "covariates": list(WINDOWS), "covariate_windows": WINDOWS, "backend": backend, "display_graphs": False,
    }  # fmt: skip
    return lambda: _loss(panel, VanillaSC(settings).fit().weights.donor_weights)


def mlsynth_outcome(panel: pd.DataFrame) -> Callable[[], float]:
    from mlsynth.estimators.vanillasc import VanillaSC

    settings = {
        "df": panel, "outcome": "y", "treat": "treated", "unitid": "unit", "time": "time", "inference": "placebo",
        "backend": "outcome-only", "display_graphs": False,
    }  # fmt: skip
    return lambda: _loss(panel, VanillaSC(settings).fit().weights.donor_weights)


def pysyncon_predictors(panel: pd.DataFrame, optimiser: str, start: str) -> Callable[[], float]:
    from pysyncon import Synth  # type: ignore[import-not-found]

    wide = panel.pivot_table(index="time", columns="unit", values="y")
    rows = {
        name: panel[panel["time"].between(*window)].groupby("unit")["y" if name.startswith("y") else name].mean()
        for name, window in WINDOWS.items()
    }
    traits = pd.DataFrame(rows).T
    others = [unit for unit in wide.columns if unit != TREATED]
    before = wide.loc[: START - 1]

    def work() -> float:
        synth = Synth()
        synth.fit(
            X0=traits[others], X1=traits[TREATED], Z0=before[others], Z1=before[TREATED], optim_method=optimiser,
            optim_initial=start,
        )  # fmt: skip
        return _loss(panel, dict(zip(others, synth.W, strict=True)))

    return work


def pysyncon_outcome(panel: pd.DataFrame) -> Callable[[], float]:
    from pysyncon import Synth

    wide = panel.pivot_table(index="time", columns="unit", values="y")
    before = wide.loc[: START - 1]

    equal = before.std(axis=1).to_numpy() ** 2  # it divides periods by their standard deviations
    equal /= equal.sum()

    def weights(treated: str, others: list[str]) -> dict[str, float]:
        synth = Synth()
        synth.fit(X0=before[others], X1=before[treated], Z0=before[others], Z1=before[treated], custom_V=equal)
        return dict(zip(others, synth.W, strict=True))

    def work() -> float:
        others = [unit for unit in wide.columns if unit != TREATED]
        for placebo in others:
            weights(placebo, [unit for unit in others if unit != placebo])
        return _loss(panel, weights(TREATED, others))

    return work


def _loss(panel: pd.DataFrame, weights: dict[Any, float]) -> float:
    before = panel.pivot_table(index="time", columns="unit", values="y").loc[: START - 1]
    synthetic = sum(weight * before[str(unit)] for unit, weight in weights.items())
    return float(((before[TREATED] - synthetic) ** 2).mean())


def main(task: str, folder: str, *arguments: str) -> None:
    panel = pd.read_csv(Path(folder) / "prop99_smoking_covariates.csv.gz")
    panel = panel.rename(columns={"state": "unit", "year": "time", "cigsale": "y"})
    panel["unit"] = panel["unit"].astype(str)
    panel["treated"] = ((panel["unit"] == TREATED) & (panel["time"] >= START)).astype(int)
    warnings.simplefilter("ignore")
    work = globals()[task](panel, *arguments)
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.process_time()
        loss = work()
        spent = time.process_time() - began
    print("MEASURED", spent, loss)


if __name__ == "__main__":
    main(*sys.argv[1:])
