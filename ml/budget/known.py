"""What a stored fit of the mix knows of each channel: its curve in every joint draw, and how spend works on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from ml.budget.channels import CENT
from ml.budget.curves import BEYOND, Floats, family_named
from ml.budget.draws import Drawn, FamilyDraws
from ml.budget.periods import Carry
from warehouse.errors import NotEnoughData
from warehouse.queries.budget_inputs import StoredDraws, StoredFit, StoredSpend


@dataclass(frozen=True, eq=False)
class KnownChannel:
    """One channel. ``current`` is what is spent today, ``trusted`` the most that the data stand behind.

    ``weights`` are the parts of a spend that work in its own week and in later ones, for each part of the draws.
    ``past`` are the spends of the weeks before the plan, the newest last.
    """

    name: str
    parts: tuple[FamilyDraws, ...]
    weights: tuple[Floats, ...]
    current: Decimal
    trusted: Decimal
    past: tuple[float, ...]

    @cached_property
    def drawn(self) -> Drawn:
        """The curve as far as the data stand behind it."""
        return Drawn.mixed(self.parts, top=float(max(self.trusted, self.current)))

    @cached_property
    def drawn_beyond(self) -> Drawn:
        """The same as far as it is drawn, for who asks for more than the data stand behind."""
        return Drawn.mixed(self.parts, top=float(max(self.trusted, self.current)) * BEYOND)

    @cached_property
    def carry(self) -> Carry:
        """How spend works on, as the mean over the draws."""
        longest = max(each.size for each in self.weights)
        share = [part.draws.size / self.drawn.count for part in self.parts]
        padded = [np.pad(each, (0, longest - each.size)) for each in self.weights]
        mean = np.sum([by * each for by, each in zip(share, padded, strict=True)], axis=0)
        return Carry(tuple(mean.tolist()), self.past)

    def over_weeks(self, spends: Sequence[float], *, gap: int = 0) -> Floats:
        """(D, T) what comes in each of T weeks of these spends, from earlier spend too.

        Between the data and the first of them lie ``gap`` weeks, in which as much is spent as today.
        """
        found = np.empty((self.drawn.count, len(spends)))
        earlier = [*self.past, *[float(self.current)] * gap]
        every = np.array([*earlier, *spends])
        for part, weights in zip(self.parts, self.weights, strict=True):
            working = np.convolve(every, weights)[len(earlier) : every.size]
            found[part.draws] = _responses(part, working)
        return found

    def before(self, past: Sequence[float]) -> KnownChannel:
        """The same channel as of a week before which these spends were, the newest last."""
        return replace(self, past=tuple(past[-LONGEST:]))


@dataclass(frozen=True, eq=False)
class Known:
    """The channels that money can go to, of one fit; ``count`` joint draws."""

    fit: StoredFit
    channels: tuple[KnownChannel, ...]

    @property
    def count(self) -> int:
        return self.channels[0].drawn.count

    @property
    def today(self) -> Decimal:
        """What is spent in a week."""
        return sum((channel.current for channel in self.channels), Decimal(0))

    @property
    def next_week(self) -> dt.date:
        """The first day of the week after the data."""
        return self.fit.last_period + dt.timedelta(days=self.fit.period_days)


def known_of(fit: StoredFit, draws: Sequence[StoredDraws], spends: Sequence[StoredSpend]) -> Known:
    """From rows of the warehouse. Today's spend is the mean of the newest weeks, :data:`TODAY` of them.

    Raises :class:`NotEnoughData` where the draws of the fit were let go.
    """
    found = []
    if not draws:
        raise NotEnoughData(
            f"The draws of fit {fit.fit_key} were let go, as newer ones are there.", remedy="Plan by a newer fit."
        )
    for channel in fit.channels:
        parts = [one for one in draws if one.channel == channel.channel]
        past = [one.spend for one in spends if one.channel == channel.channel]
        newest = past[-TODAY:]
        found.append(
            KnownChannel(
                channel.channel,
                tuple(_part(one) for one in parts),
                tuple(np.array(one.weights) for one in parts),
                (sum(newest, Decimal(0)) / max(len(newest), 1)).quantize(CENT),
                channel.trusted.quantize(CENT),
                tuple(map(float, past[-LONGEST:])),
            )
        )
    return Known(fit, tuple(found))


TODAY = 4  # weeks whose mean is what is spent today
LONGEST = 52  # weeks of past spend that may still work


def _part(stored: StoredDraws) -> FamilyDraws:
    beta = np.array(stored.beta)
    shapes = [np.array(each) for each in (stored.shape_1, stored.shape_2) if each is not None]
    places = np.arange(stored.first_draw, stored.first_draw + beta.size)
    return FamilyDraws(stored.saturation, places, beta, tuple(shapes))


def _responses(part: FamilyDraws, working: Floats) -> Floats:
    shape = [parameter[:, None] for parameter in part.shape]
    return np.asarray(part.beta[:, None] * family_named(part.family).level(working[None, :], *shape))
