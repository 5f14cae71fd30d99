"""What rivals take: run in an environment of theirs, on a file, one task a process.

``python uplift_rivals.py TASK FILE TREES`` prints CPU-seconds of fitting and of predicting, without imports and without
reading the file, the root mean square error of the effects of other customers, and peak memory in MB.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from xgboost import XGBRegressor


def trees(kind: str) -> XGBRegressor:
    """XGBoost as it comes, which is what these rivals' documents show, or made ``shallow``, which suits them better."""
    if kind == "shallow":
        return XGBRegressor(n_estimators=100, max_depth=3, learning_rate=0.1, min_child_weight=500, n_jobs=1)
    return XGBRegressor(n_jobs=1)


def causalml_dr(data: Any, kind: str) -> Callable[[Any], Any]:
    from causalml.inference.meta import BaseDRRegressor  # type: ignore[import-not-found]

    learner = BaseDRRegressor(learner=trees(kind), control_name=0)
    learner.fit(data["x"], data["treated"], data["outcome"], p=np.full(data["outcome"].size, 0.5), seed=1)
    return lambda x: learner.predict(x, p=np.full(len(x), 0.5))


def causalml_x(data: Any, kind: str) -> Callable[[Any], Any]:
    from causalml.inference.meta import BaseXRegressor

    learner = BaseXRegressor(learner=trees(kind), control_name=0)
    learner.fit(data["x"], data["treated"], data["outcome"], p=np.full(data["outcome"].size, 0.5))
    return lambda x: learner.predict(x, p=np.full(len(x), 0.5))


def econml_dr(data: Any, kind: str) -> Any:
    from econml.dr import DRLearner  # type: ignore[import-not-found]
    from sklearn.dummy import DummyClassifier

    chance = DummyClassifier(strategy="prior")
    learner = DRLearner(model_propensity=chance, model_regression=trees(kind), model_final=trees(kind), random_state=1)
    learner.fit(data["outcome"], data["treated"], X=data["x"])
    return learner.effect


def main(task: str, file: str, kind: str) -> None:
    data = np.load(file)
    for library in ("causalml.inference.meta", "econml.dr"):
        import_module(library)
    began = time.process_time()
    predict = globals()[task](data, kind)
    fitted = time.process_time()
    predict(data["x"])
    predicted = time.process_time()
    error = float(np.sqrt(np.mean((np.ravel(predict(data["other_x"])) - data["other_effect"]) ** 2)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print("MEASURED", fitted - began, predicted - fitted, error, peak)


if __name__ == "__main__":
    main(*sys.argv[1:])
