"""Which methods there are, and what each of them is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ml.lift.augmented import AugmentedControl
from ml.lift.case import Case
from ml.lift.did import MatchedDifference
from ml.lift.panel import Panel, Time
from ml.lift.predictors import Predictor, PredictorControl
from ml.lift.sdid import SyntheticDifference
from ml.lift.synthetic import Estimator, Match, SyntheticControl
from warehouse.errors import BadSetting

LONG: Final = 25  # periods before treatment, from which on a market's own mean is known well enough to be taken off

METHODS: Final = {
    "synthetic": "What the treated markets did against a weighted mean of other markets that moved as they did before. "
    "It assumes that these markets were not touched, and would have gone on moving alike.",
    "augmented": "The same as a synthetic control, corrected by a ridge regression for what the weights do not match. "
    "Weights may be negative, so it reaches a little beyond what other markets have done.",
    "sdid": "The change of the treated markets against that of a weighted mean of others, from periods that are most "
    "like those with treatment. It assumes that both would have changed alike.",
    "did": "The change of the treated markets against the mean change of the markets most like them. It assumes that "
    "both would have changed alike.",
    "its": "What the treated markets did against a forecast of their own past. It assumes that nothing else happened "
    "when treatment began; no market stands for what would have been.",
    "go_dark": "What was lost while ads were off, against what the treated markets would have done with them. It "
    "measures what ads of this time bring, the loss that comes later not included.",
    "holdout": "The treated markets against those that chance held out, with their past taken into account. It assumes "
    "that chance decided which, and that held-out markets did not see the ads of others.",
    "switchback": "Times with treatment against times without, in the same markets. It assumes that chance decided the "
    "order, and that treatment wears off within the washout.",
}  # fmt: skip
INFERENCES: Final = {
    "synthetic": ("placebo", "conformal"),
    "augmented": ("placebo", "conformal"),
    "did": ("placebo", "conformal"),
    "go_dark": ("placebo", "conformal"),
    "sdid": ("placebo", "jackknife"),
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method by its ``name``, with what only some of them use.

    ``match`` is what synthetic, augmented and go_dark match: level, or path about the mean; None decides by the length
    of the history. ``inference`` None takes placebo, where there are markets enough. ``predictors`` are for synthetic:
    matched so that the outcome is in the periods ``fitted`` (all before treatment, if None), with importances that are
    searched for everywhere, or only by one descent from equal ones (``search``), as older software does. ``washout`` is
    for switchback: periods after a switch that are not compared.
    """

    name: str = "synthetic"
    match: Match | None = None
    inference: str | None = None
    predictors: tuple[Predictor, ...] = ()
    fitted: tuple[Time, Time] | None = None
    search: Literal["global", "descent"] = "global"
    washout: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadSetting` for what there is not, and for what the method does not use."""
        if self.name not in METHODS:
            raise BadSetting(f"There is no method {self.name!r}.", remedy=f"There are: {', '.join(METHODS)}.")
        known = INFERENCES.get(self.name, ())
        if self.inference is not None and self.inference not in known:
            words = f"It takes {' or '.join(known)}." if known else "It has one of its own; leave it out."
            raise BadSetting(f"{self.name} has no inference {self.inference!r}.", remedy=words)
        if self.predictors and self.name != "synthetic":
            raise BadSetting(f"{self.name} does not match predictors.", remedy="Only synthetic does.")
        if self.fitted and not self.predictors:
            raise BadSetting("A window is given for predictors, and no predictor.", remedy="Name predictors too.")
        if self.match not in {None, "level", "path"}:
            raise BadSetting(f"match == {self.match!r}, must be level or path.")
        if self.search not in {"global", "descent"}:
            raise BadSetting(f"search == {self.search!r}, must be global or descent.")
        if self.washout and self.name != "switchback":
            raise BadSetting(f"{self.name} has no washout.", remedy="Only switchback does.")
        if self.match and (self.predictors or self.name not in {"synthetic", "augmented", "go_dark"}):
            raise BadSetting(
                f"{self.name} {'with predictors ' if self.predictors else ''}has no choice of what to match.",
                remedy="Leave match out.",
            )

    def matched(self, case: Case) -> Match:
        """What is matched in this case: with a short history the level, which a mean of few periods would lose."""
        return self.match or ("path" if case.before >= LONG else "level")

    def estimator(self, case: Case, panel: Panel) -> Estimator:
        """The method as it is fitted to this case."""
        if self.predictors:
            first, last = self._fitted(case, panel)
            equal = None if self.search == "global" else np.ones(len(self.predictors))
            return PredictorControl(first, last, equal)
        if self.name == "sdid":
            return SyntheticDifference()
        if self.name == "did":
            return MatchedDifference()
        match = self.matched(case)
        return AugmentedControl(match) if self.name == "augmented" else SyntheticControl(match)

    def _fitted(self, case: Case, panel: Panel) -> tuple[int, int]:
        if self.fitted is None:
            return 0, case.before
        first, last = (panel.place(time) for time in self.fitted)
        if not first <= last < case.before:
            raise BadSetting(
                f"The outcome is to be matched from {self.fitted[0]} to {self.fitted[1]}, which is not all before "
                "treatment.",
                remedy=f"Choose periods from {panel.times[0]} to {panel.times[case.before - 1]}.",
            )
        return first, last + 1
