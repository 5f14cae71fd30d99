"""What is held of a channel before its data speak: what its money brings back, and at which spend it levels off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from ml.mix.inputs import Channel, MixInput
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting

MEDIA_SHARE: Final = 0.25  # of the outcome, that all channels together bring in the middle of the prior
SHARED: Final = 0.7  # standard deviation, on the scale of logarithms, of what all channels of a world have in common
OWN: Final = 0.8  # and of what each has for itself
HALF_CENTRE: Final = 0.0  # of log(half saturation / the level at which the typical unit of money was spent)
HALF_SPREAD: Final = 0.8
SLOPE_CENTRE: Final = 0.2  # of the logarithm of Hill's slope: as likely concave as S-shaped, nearly
SLOPE_SPREAD: Final = 0.6
_TOP: Final = 0.98  # quantile above which spend is a peak that says nothing of the usual level


@dataclass(frozen=True, slots=True)
class Return:
    """A stated prior of what one unit of money brings: its median, and the factor to either end of its 90 %.

    ``common`` is the part of its variance that all channels have in common: whether advertising works here at all.
    """

    median: float
    factor: float = 3.0
    common: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no prior."""
        if not (self.median > 0 and self.factor > 1):
            raise BadSetting(
                f"A prior of {self.median:g} within a factor of {self.factor:g} is none.",
                remedy="The median is above 0, the factor above 1.",
            )
        if not 0 <= self.common <= 1:
            raise BadSetting(f"common == {self.common:g}, must be a part.", remedy="Give 0 to 1.")


# Revenue for a unit of media spend: log-normal (0.2, 0.9), Meridian's default; what is common is ours.
USUAL_RETURN: Final = Return(1.22, 4.4, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Log contribution of a channel over the data: normal about ``centre``, with ``shared`` and ``own`` spread (C,).

    ``usual`` (C,) is the level at which the typical unit was spent, the anchor of half saturation.
    """

    centre: Floats
    shared: Floats
    own: Floats
    usual: Floats

    def anchored(self, usual: Mapping[str, float], told: MixInput) -> Prior:
        """The same with the usual levels of channels of ``told`` that are known from before."""
        kept = [usual.get(channel.name, own) for channel, own in zip(told.channels, self.usual, strict=True)]
        return replace(self, usual=np.array(kept))


def prior_of(told: MixInput, stated: Mapping[str, Return] = MappingProxyType({})) -> Prior:
    """The prior of every channel.

    Where no return is stated, all channels together are expected to bring a quarter of the outcome, give or take a
    factor of three, and a channel more of it the more is spent on it, though less than in proportion (the square root):
    larger channels run into saturation. It does not depend on the units of spend or outcome. What all channels share
    is learnt from all of them, so a channel without much history borrows from the others.

    Raises :class:`BadSetting` for a stated return of a channel that is not there or costs nothing.
    """
    paid = {channel.name for channel in told.channels if not channel.organic}
    for name in stated:
        if name not in paid:
            raise BadSetting(
                f"There is no spend on {name!r}.", remedy=f"Channels with spend: {', '.join(sorted(paid))}."
            )
    level = abs(float(told.outcome.mean())) or float(told.outcome.std())
    weight = np.sqrt([_size(channel, told.channels) for channel in told.channels])
    centre = np.log(MEDIA_SHARE * level * len(told.periods) * weight / weight.sum())
    shared = np.full(len(told.channels), SHARED)
    own = np.full(len(told.channels), OWN)
    for place, channel in enumerate(told.channels):
        if channel.name in stated:
            told_return = stated[channel.name]
            centre[place] = np.log(told_return.median * channel.spend.sum())
            spread = np.log(told_return.factor) / 1.6449
            shared[place], own[place] = spread * np.sqrt([told_return.common, 1.0 - told_return.common])
    return Prior(centre, shared, own, np.array([usual_level(channel.works) for channel in told.channels]))


def usual_level(works: Floats) -> float:
    """The level at which the typical unit was spent: the mean of spend, weighted by spend, peaks cut off."""
    active = works[works > 0]
    cut = np.minimum(active, np.quantile(active, _TOP))
    return float((cut**2).sum() / cut.sum())


def _size(channel: Channel, channels: tuple[Channel, ...]) -> float:
    """What is spent on a channel; on an organic one as much as on the others on average."""
    if not channel.organic:
        cut = np.minimum(channel.spend, np.quantile(channel.spend[channel.spend > 0], _TOP))
        return float(cut.sum())
    paid = [_size(other, channels) for other in channels if not other.organic]
    return float(np.mean(paid)) if paid else 1.0
