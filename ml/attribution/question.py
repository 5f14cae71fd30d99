"""Credits as readers ask for them: what they leave out is as in the published run, which answers where it can.

Pages, GraphQL and the command line ask here, so that the same question has the same answer everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final, cast

from ml.attribution.answer import CALIBRATED, Answer, PartCredit
from ml.attribution.calibrated import Estimate
from ml.attribution.held import Held
from ml.attribution.inputs import Customers, Dimension, Worth
from ml.attribution.models import Model
from ml.attribution.rules import Lookback
from ml.attribution.what_if import LiveCredits, WhatIf, what_if
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.queries.attribution import GRAINS, AttributionRun, CreditRow, Grain, credited

# Draws of the interval: enough to see it, and few where each one takes long.
DRAWS, DRAWS_OF_LONGER_CHAINS = 100, 20
_LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Question:
    """Whose credits, by what; None is as in the published run, or usual where there is none.

    ``model`` may be calibrated, which rests on markov. Settings of other models do not matter, but for ``lookback`` and
    ``view_weight``, which those that have none refuse.
    """

    model: str = "markov"
    order: int | None = None
    first: float | None = None
    last: float | None = None
    half_life_days: float | None = None
    lookback: Lookback | None = None
    view_weight: float | None = None
    customers: Customers = "all"
    worth: Worth = "revenue"
    without: str | None = None
    by: tuple[Dimension, ...] = ()
    draws: int | None = None
    level: float | None = None


def settled(question: Question, run: AttributionRun | None) -> WhatIf:
    """The question with everything said. Raises :class:`BadSetting` for a model that is none."""
    is_calibrated = question.model == CALIBRATED
    usual = Model("markov" if is_calibrated else question.model)
    if run is not None:
        said = run.parameters
        usual = replace(
            usual, order=run.markov_order, first=said["first"], last=said["last"], half_life_days=said["half_life_days"]
        )
    asked = {name: value for name in _SETTINGS if (value := getattr(question, name)) is not None}
    told = replace(usual, **asked)
    model = replace(Model(usual.name), **{name: getattr(told, name) for name in _matters(usual.name)})
    is_long = model.name == "markov" and model.order > 1
    return WhatIf(
        model,
        customers=question.customers,
        worth=question.worth,
        without=question.without,
        by=question.by,
        calibrated=is_calibrated,
        draws=(DRAWS_OF_LONGER_CHAINS if is_long else DRAWS) if question.draws is None else question.draws,
        level=(run.level if run else _LEVEL) if question.level is None else question.level,
    )


def credits_of(session: ReadSession, held: Held, question: Question) -> LiveCredits:
    """The published credits where they are what is asked, else those worked out now. Raises as :func:`what_if`."""
    run, asked = held.published, settled(question, held.run)
    grain = _grain(question.by)
    is_usual = asked == settled(Question(question.model, by=question.by), held.run)
    if run is None or grain is None or not is_usual or question.model not in run.models:
        return what_if(session, held, asked)
    baseline = None
    if question.model == CALIBRATED and run.baseline is not None and run.total_low is not None:
        high = run.total_low if run.total_high is None else run.total_high
        baseline = Estimate(run.baseline, run.conversions - high, run.conversions - run.total_low)
    return LiveCredits(
        question.model, asked.order, run.first_day, run.last_day, run.currency, run.level, float(run.conversions),
        float(run.untouched), float(run.null_paths), baseline, run.words if question.model == CALIBRATED else "",
        tuple(credited(session, run, grain=grain, models=[question.model])),
    )  # fmt: skip


def as_answer(found: LiveCredits) -> Answer:
    """The same in the shape that commands and programs are given. Raises :class:`BadSetting` without intervals."""
    return Answer(
        found.model, found.order, found.level, found.conversions, found.untouched, tuple(map(_part, found.rows)),
        found.baseline, found.words,
    )  # fmt: skip


def _part(row: CreditRow) -> PartCredit:
    if row.low is None or row.high is None:
        raise BadSetting("these credits have no interval.")
    return PartCredit(
        row.channel, row.conversions, row.low, row.high, float(row.value), row.removal_effect, row.item, row.cost,
        row.cpa, row.roas,
    )  # fmt: skip


def lookback_said(text: str) -> Lookback:
    """``14`` days for every channel, ``14,email=7`` others for one; ``email=7`` alone leaves the others unlimited.

    Raises :class:`BadSetting`.
    """
    days, channels = float("inf"), {}
    for part in text.split(","):
        channel, is_named, number = part.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not value > 0 or (is_named and not channel.strip()):
            raise BadSetting(f"{part.strip()!r} is no lookback.", remedy="Write days, such as 14 or 14,email=7.")
        if is_named:
            channels[channel.strip()] = value
        else:
            days = value
    return Lookback(days, channels)


_SETTINGS: Final = ("order", "first", "last", "half_life_days", "lookback", "view_weight")


def _matters(model: str) -> Collection[str]:
    """The settings that change what a model gives, and those that it has to refuse."""
    own = {"markov": ("order",), "position": ("first", "last"), "time_decay": ("half_life_days",)}
    return (*own.get(model, ()), "lookback", "view_weight")


def _grain(by: tuple[Dimension, ...]) -> Grain | None:
    """What published credits are kept at for this split; None where they are not."""
    if not by:
        return "channel"
    return cast("Grain", by[0]) if len(by) == 1 and by[0] in GRAINS else None
