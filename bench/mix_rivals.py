"""What a rival takes: run in an environment of its own, on the file of the tutorial, one task a process.

``python mix_rivals.py TASK FILE`` prints CPU-seconds of fitting and of allocating, compilation with them, without
imports and reading, then what both channels brought over the truth, their carry-over, and peak memory in MB.
"""

from __future__ import annotations

import resource
import sys
import warnings

import pandas as pd

WEEKS = 13


def main(sampler: str, file: str) -> None:
    """The model of the tutorial: carry-over of 8 weeks, a logistic curve, two orders of season; then a quarter."""
    from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation  # type: ignore[import-not-found]
    from pymc_marketing.mmm.multidimensional import (  # type: ignore[import-not-found]
        MMM,
        MultiDimensionalBudgetOptimizerWrapper,
    )

    warnings.simplefilter("ignore")
    data = pd.read_csv(file, parse_dates=["date_week"])
    x, y = data[["date_week", "x1", "x2", "event_1", "event_2", "t"]], data["y"]
    began = _spent()
    mix = MMM(
        date_column="date_week", channel_columns=["x1", "x2"], control_columns=["event_1", "event_2", "t"],
        adstock=GeometricAdstock(l_max=8), saturation=LogisticSaturation(), yearly_seasonality=2,
    )  # fmt: skip
    mix.build_model(x, y)
    mix.add_original_scale_contribution_variable(["channel_contribution"])
    mix.fit(x, y, chains=4, draws=1_000, target_accept=0.85, nuts_sampler=sampler, random_seed=1, progressbar=False)
    fitted = _spent()
    first = data["date_week"].max() + pd.Timedelta(weeks=1)
    last = first + pd.Timedelta(weeks=WEEKS - 1)
    ahead = MultiDimensionalBudgetOptimizerWrapper(model=mix, start_date=str(first.date()), end_date=str(last.date()))
    ahead.optimize_budget(budget=float(x[["x1", "x2"]].mean().sum()))
    allocated = _spent()
    posterior = mix.idata.posterior
    found = posterior["channel_contribution_original_scale"].sum("date").median(["chain", "draw"]).to_numpy()
    truth = data[["x1_contribution_true", "x2_contribution_true"]].sum().to_numpy()
    carried = posterior["adstock_alpha"].median(["chain", "draw"]).to_numpy()
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print("MEASURED", fitted - began, allocated - fitted, *(found / truth), *carried, memory * 1024 / 1e6)


def _spent() -> float:
    """CPU-seconds of this process and of those that it started and that ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
