"""What the mix model is told of several markets: the same series for each of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from ml.mix.inputs import Channel, Control, MixInput, Role
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting, NotEnoughData


@dataclass(frozen=True, slots=True, eq=False)
class PanelChannel:
    """Spend on a channel by market and period (G, T), and its ``exposure`` where it is impressions that work."""

    name: str
    spend: Floats
    exposure: Floats | None = None

    @property
    def works(self) -> Floats:
        """What carries over and saturates (G, T)."""
        return self.spend if self.exposure is None else self.exposure


@dataclass(frozen=True, slots=True, eq=False)
class PanelControl:
    """What moves the outcome and is no advertising (G, T), with its role."""

    name: str
    values: Floats
    role: Role = "confounder"


@dataclass(frozen=True, slots=True, eq=False)
class PanelInput:
    """Outcomes (G, T) of ``markets`` in ``periods``; ``size`` (G,) is population, or whatever markets are compared by.

    Raises as :class:`MixInput`, and :class:`NotEnoughData` for fewer than two markets.
    """

    markets: tuple[str, ...]
    periods: tuple[dt.date, ...]
    outcome: Floats
    channels: tuple[PanelChannel, ...]
    controls: tuple[PanelControl, ...]
    size: Floats

    def __post_init__(self) -> None:
        """Refuse what cannot be fitted."""
        shape = (len(self.markets), len(self.periods))
        if len(self.markets) < 2:
            raise NotEnoughData("A panel has at least two markets.", remedy="Fit one market as a single series.")
        if len(set(self.markets)) != len(self.markets):
            raise BadSetting("A market stands twice in this panel.", remedy="Give one row per market and period.")
        if not (np.isfinite(self.size).all() and (self.size > 0).all() and self.size.shape == shape[:1]):
            raise BadSetting("Every market needs a size above 0.", remedy="Give its population, or its usual outcome.")
        series = {"outcome": self.outcome} | {c.name: c.works for c in self.channels}
        for name, values in (series | {c.name: c.values for c in self.controls}).items():
            if values.shape != shape:
                raise BadSetting(f"{name} has shape {values.shape}, must be {shape}.", remedy="Fill in every market.")
        for channel in self.channels:
            low = np.argwhere((channel.works < 0) | (channel.spend < 0))
            if low.size:
                market, period = self.markets[low[0][0]], self.periods[low[0][1]]
                raise BadSetting(
                    f"{channel.name} is below zero in {market} in {period}.",
                    remedy="Book refunds and corrections in the period of the spend that they belong to.",
                )
        self.national()

    def national(self) -> MixInput:
        """All markets together: sums, and of controls means weighted by size."""
        weight = self.size / self.size.sum()
        return MixInput(
            self.periods,
            self.outcome.sum(axis=0),
            tuple(
                Channel(c.name, c.spend.sum(axis=0), None if c.exposure is None else c.exposure.sum(axis=0))
                for c in self.channels
            ),
            tuple(Control(c.name, weight @ c.values, c.role) for c in self.controls if np.ptp(weight @ c.values) > 0),
        )
