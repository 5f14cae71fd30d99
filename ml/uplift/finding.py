"""What one test tells of whom to treat, as it is stored: judged first, and scores only where judging proves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from ml.uplift.answer import Answer, Terms, answer_of
from ml.uplift.curve import Point, Profit, curve_of, profit_at
from ml.uplift.estimate import Estimate
from ml.uplift.leaks import refuse_leaks
from ml.uplift.sample import Sample
from ml.uplift.scoring import Scores, scores_of
from ml.uplift.trial import Asked, Trial, When
from warehouse.changes.uplift_results import CheckRow, CurvePoint, DriverRow, KindRow, Readout, UpliftFindings
from warehouse.errors import BadSetting, NotEnoughData

MOST_LEFT_OUT: Final = 0.2  # of the units
MOST_UNLIKE: Final = 0.2  # of the customers who are scored


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is learned and judged: as the parameters of :func:`answer_of`."""

    learner: str
    holdout: float
    draws: int
    level: float
    seed: int


def find(asked: Asked, trial: Trial, when: When, manner: Manner, watermark: int) -> UpliftFindings:
    """Learn from a part of the test's customers, judge on the others, and score everybody where that proves them."""
    begun = _Begun(asked, when, manner, watermark, [_left_out(trial)])
    try:
        sample = trial.sample(asked)
        refuse_leaks(sample)
    except NotEnoughData as error:
        return begun.ended("too_little", str(error))
    except BadSetting as error:
        begun.checks.append(CheckRow("features", "failed", str(error)))
        return begun.ended("withheld", f"A feature cannot be believed, so nobody is told apart by it. {error}")
    begun.checks.append(CheckRow("features", "passed", _FEATURES_HOLD.format(day=when.first_day)))
    terms = Terms(float(asked.value), float(asked.cost))
    try:
        answer = answer_of(
            sample, manner.learner, terms=terms, holdout=manner.holdout, draws=manner.draws, level=manner.level,
            seed=manner.seed,
        )  # fmt: skip
    except NotEnoughData as error:
        return begun.ended("too_little", str(error), sample)
    curve = curve_of(
        answer.uplift[answer.held_out], answer.effects, draws=manner.draws, level=manner.level, seed=manner.seed
    )
    begun.checks.append(_separable(answer))
    scores = _scores(begun, answer, sample, trial) if answer.ranking.qini.low > 0 else None
    profit = profit_at(curve, value=terms.value, cost=terms.cost)
    return UpliftFindings(
        asked.experiment_key,
        begun.judged(answer, sample, profit, scores),
        begun.checks,
        [_point(point) for point in curve],
        list(_kinds(answer)),
        [DriverRow(one.feature, one.contribution, one.direction) for one in answer.drivers if one.contribution > 0],
        scores,
    )


def withheld(asked: Asked, when: When, manner: Manner, watermark: int, words: str) -> UpliftFindings:
    """What is stored of a test whose own guards fired."""
    begun = _Begun(asked, when, manner, watermark, [CheckRow("experiment", "failed", words)])
    return begun.ended("withheld", f"The test itself cannot be believed. {words}")


@dataclass(frozen=True, slots=True)
class _Begun:
    asked: Asked
    when: When
    manner: Manner
    watermark: int
    checks: list[CheckRow]

    def ended(self, state: str, words: str, sample: Sample | None = None) -> UpliftFindings:
        """Nothing could be judged."""
        unknown: dict[str, Any] = dict.fromkeys(_JUDGED)
        readout = Readout(**self._common(sample), **unknown, state=state, judged=0, scored=0, words=words)
        return UpliftFindings(self.asked.experiment_key, readout, self.checks)

    def judged(self, answer: Answer, sample: Sample, profit: Profit, scores: pl.DataFrame | None) -> Readout:
        """What judging found."""
        ranking = answer.ranking
        found: dict[str, Any] = {"margin": answer.margin, "usual": float(answer.untreated.mean())}
        for name, estimate in (("effect", ranking.effect), ("qini", ranking.qini), ("autoc", ranking.autoc),
                               ("auuc", ranking.auuc)):  # fmt: skip
            found |= _ends(name, estimate)
        return Readout(
            **self._common(sample),
            **found,
            state="open" if scores is None else "proven",
            judged=int(answer.held_out.sum()),
            scored=0 if scores is None else scores.height,
            words=f"{ranking.words} {profit.words}" if scores is not None else f"{ranking.words} {_ALL_OR_NOBODY}",
        )

    def _common(self, sample: Sample | None) -> dict[str, Any]:
        asked, when = self.asked, self.when
        treated = 0 if sample is None else int(sample.treated.sum())
        return {
            "metric": asked.metric, "arm_id": asked.arm_id, "control_id": asked.control_id, "better": asked.better,
            "learner": self.manner.learner, "first_day": when.first_day, "days": when.days,
            "lookback_days": when.lookback_days, "scored_on": when.scored_on, "watermark": self.watermark,
            "level": self.manner.level, "treated": treated,
            "untreated": 0 if sample is None else sample.size - treated, "value": asked.value, "cost": asked.cost,
            "currency": asked.currency,
        }  # fmt: skip


def _left_out(trial: Trial) -> CheckRow:
    units, left = trial.customers.units, trial.customers.left_out
    share = left / units if units else 0.0
    if share > MOST_LEFT_OUT:
        return CheckRow(
            "customers", "warned",
            f"{left:,} of {units:,} units are no known customer, or were in both arms; what is found holds for the "
            "others.",
        )  # fmt: skip
    return CheckRow("customers", "passed", f"{units - left:,} of {units:,} units are customers in one arm alone.")


def _separable(answer: Answer) -> CheckRow:
    ranking = answer.ranking
    return CheckRow("ranking", "passed" if ranking.qini.low > 0 else "warned", ranking.words)


def _scores(begun: _Begun, answer: Answer, sample: Sample, trial: Trial) -> pl.DataFrame:
    table = trial.others(sample.names)
    scored = scores_of(answer, sample, table)
    share = float(scored.unlike.mean()) if scored.unlike.size else 0.0
    words = f"{share:.0%} of all customers have a value that next to nobody in the test had"
    begun.checks.append(
        CheckRow("population", "warned", f"{words}: their scores are guesses.")
        if share > MOST_UNLIKE
        else CheckRow("population", "passed", f"{words}; the others are like those of the test.")
    )
    return _frame(trial.everybody["customer_key"], scored, sample.names, np.asarray(table, dtype=np.float64))


def _frame(customers: pl.Series, scored: Scores, names: Sequence[str], table: np.typing.NDArray[Any]) -> pl.DataFrame:
    """Scores as rows; a reason that adds nothing is none."""
    told = scored.parts != 0
    values = np.take_along_axis(table, scored.reasons, axis=1)
    named = np.asarray(names, dtype=object)[scored.reasons]
    rows = range(told.shape[0])
    return pl.DataFrame(
        {
            "customer_key": customers,
            "effect": scored.uplift,
            "untreated": scored.untreated,
            "kind": scored.kind.tolist(),
            "reasons": [named[row][told[row]].tolist() for row in rows],
            "reason_values": [_known(values[row][told[row]]) for row in rows],
            "reason_effects": [scored.parts[row][told[row]].tolist() for row in rows],
        },
        schema_overrides={"reasons": pl.List(pl.String), "reason_values": pl.List(pl.Float64),
                          "reason_effects": pl.List(pl.Float64)},
    )  # fmt: skip


def _known(values: np.typing.NDArray[Any]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _kinds(answer: Answer) -> Iterator[KindRow]:
    for of in answer.kinds:
        found = of.found
        yield KindRow(
            of.kind.value, of.customers, of.share, of.uplift, of.untreated,
            *((None, None, None) if found is None else (found.estimate, found.low, found.high)),
        )  # fmt: skip


def _point(point: Point) -> CurvePoint:
    gain, rest = point.gain, point.rest
    return CurvePoint(point.share, point.least, gain.estimate, gain.low, gain.high, rest.estimate, rest.low, rest.high)


def _ends(name: str, found: Estimate) -> dict[str, float]:
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}


_JUDGED: Final = ("margin", "usual", *(f"{name}{end}" for name in ("effect", "qini", "autoc", "auuc")
                                      for end in ("", "_low", "_high")))  # fmt: skip
_ALL_OR_NOBODY: Final = "Treat all customers or nobody, by what the test found for all."
_FEATURES_HOLD: Final = "All features are of the days before {day}; none tells the arm or the outcome."
