"""One comparison with other markets: the counterfactual, what placebos find, and how far chance goes."""

from __future__ import annotations

from dataclasses import dataclass

from ml.lift.case import Case, require_difference
from ml.lift.conformal import conformal_inference
from ml.lift.methods import Method
from ml.lift.placebo import Placebos, fewest_placebos, placebo_inference, placebo_variance, placebos_of
from ml.lift.results import Inference
from ml.lift.sdid import jackknife
from ml.lift.synthetic import Counterfactual, Estimator


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """``settled`` is the estimator with its search done; ``placebos`` are None where there are too few markets."""

    settled: Estimator
    found: Counterfactual
    placebos: Placebos | None
    inference: Inference


def compare(case: Case, estimator: Estimator, method: Method, level: float, *, seed: int = 1) -> Comparison:
    """Fit, try placebos, and infer as the method says, or by placebos where there are enough of them.

    Raises :class:`NotEnoughData` where there are too few markets or periods for the level.
    """
    found = estimator.fit(case)
    require_difference(case, (case.outcome - found.series)[: case.before])
    settled = estimator.settled(case)
    wanted = method.inference or _usual(case, method, level)
    placebos = placebos_of(case, settled, seed=seed) if len(case.donors) - len(case.treated) >= 2 else None
    if wanted == "conformal":
        inference = conformal_inference(case, settled, found, level)
    elif wanted == "jackknife":
        inference = jackknife(case, found, level)
    else:
        infer = placebo_variance if method.name == "sdid" else placebo_inference
        inference = infer(case, found, placebos_of(case, settled, seed=seed) if placebos is None else placebos, level)
    return Comparison(settled, found, placebos, inference)


def _usual(case: Case, method: Method, level: float) -> str:
    """Placebos, unless there are too few markets for the level and the method has another way."""
    if method.name == "sdid" or method.predictors:
        return "placebo"
    return "placebo" if len(case.donors) - len(case.treated) >= max(fewest_placebos(level), 2) else "conformal"
