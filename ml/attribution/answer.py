"""One model by its name, the calibrated one among them, as rows of one shape: what commands and programs are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from ml.attribution.calibrated import Calibrated, Estimate, Lift, calibrate
from ml.attribution.markov import ratio
from ml.attribution.models import MODELS, Credits, Model, attribute
from ml.attribution.paths import Floats, Paths
from warehouse.errors import BadSetting

CALIBRATED: Final = "calibrated"
NAMES: Final = (*MODELS, CALIBRATED)
DRAWS: Final = 200


@dataclass(frozen=True, slots=True)
class ChannelCredit:
    """What one channel is credited with; ``removal_effect`` only by markov."""

    channel: str
    conversions: float
    low: float
    high: float
    value: float
    removal_effect: float | None


@dataclass(frozen=True, slots=True)
class PartCredit(ChannelCredit):
    """The same of a channel, or of the part ``item`` of it, of which it is known what it cost."""

    item: str | None
    cost: Decimal | None
    cpa: Decimal | None
    roas: Decimal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's credits. ``order`` is that of the chain where there is one.

    ``total_conversions`` are all that there are; ``untouched`` of them came after no known touch and are nobody's.
    ``baseline`` and ``words`` are those of the calibrated model, whose credits are incremental conversions: baseline is
    what would have come anyway. Of every other model a credit says who was there, not who caused it.
    """

    model: str
    order: int | None
    level: float
    total_conversions: float
    untouched: float
    credits: Sequence[ChannelCredit]
    baseline: Estimate | None = None
    words: str = ""


def answer_of(
    paths: Paths, model: Model, *, lifts: Sequence[Lift] | None = None, draws: int = DRAWS, level: float = 0.9,
    seed: int = 1,
) -> Answer:  # fmt: skip
    """Credits of a model, and with ``lifts`` those of the calibrated model on top of it, the largest first.

    Raises as :func:`attribute` and :func:`calibrate`, :class:`BadSetting` without a draw.
    """
    if draws < 1:
        raise BadSetting(f"draws == {draws}, must be 1 or more.")
    credit = attribute(paths, model, draws=draws if lifts is None else 0, level=level, seed=seed)
    answer = Answer(
        model.name,
        model.order if model.name == "markov" else None,
        level,
        float(paths.conversions.sum()),
        float(paths.conversions[paths.lengths == 0].sum()),
        (),
    )
    if lifts is None:
        return replace(answer, credits=_credited(credit))
    found = calibrate(paths, credit.conversions, lifts, level=level, seed=seed)
    return replace(
        answer, model=CALIBRATED, credits=_incremental(credit, found), baseline=found.baseline, words=found.words
    )


def _credited(credit: Credits) -> tuple[ChannelCredit, ...]:
    low, high = credit.low, credit.high
    if low is None or high is None:
        raise BadSetting("these credits have no interval.")
    return _rows(credit.channels, credit.conversions, low, high, credit.value, credit.removal_effect)


def _incremental(credit: Credits, found: Calibrated) -> tuple[ChannelCredit, ...]:
    """An incremental conversion is worth what the channel's conversions are on average."""
    value = found.conversions * ratio(credit.value, credit.conversions)
    return _rows(found.channels, found.conversions, found.low, found.high, value, None)


def _rows(
    channels: tuple[str, ...], conversions: Floats, low: Floats, high: Floats, value: Floats, removal: Floats | None
) -> tuple[ChannelCredit, ...]:
    rows = [
        ChannelCredit(
            channel,
            float(conversions[place]),
            float(low[place]),
            float(high[place]),
            float(value[place]),
            None if removal is None else float(removal[place]),
        )
        for place, channel in enumerate(channels)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.conversions, row.channel)))
