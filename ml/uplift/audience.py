"""An audience to treat, with a part of it held out at random, by which what was promised is checked afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from ml.uplift.estimate import Estimate, estimated, mean_of
from ml.uplift.sample import Bools, Floats
from warehouse.errors import BadSetting, NotEnoughData

FEWEST: Final = 30  # customers of either kind, treated and held out
_POWER: Final = 0.8
_GROUPS: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Who was ``chosen`` (n,), and who of them is ``held_out`` (n,) of the treatment; ``holdout`` is their share."""

    chosen: Bools
    held_out: Bools
    holdout: float

    @property
    def treat(self) -> Bools:
        """(n,) who is to be treated."""
        return self.chosen & ~self.held_out


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of an audience from low to high scores: what was ``predicted`` for them, and what was ``found``."""

    customers: int
    predicted: float
    found: Estimate


@dataclass(frozen=True, slots=True)
class Verification:
    """What an audience was predicted to do, and what treating it did, per customer.

    ``slope`` is how much of a difference in prediction was found: 1 where scores are right, 0 where they say nothing;
    None where all predictions are alike. ``provable`` is the effect that such a hold-out finds four times out of five.
    """

    level: float
    treated: int
    held_out: int
    predicted: float
    found: Estimate
    slope: Estimate | None
    groups: tuple[Group, ...]
    provable: float

    @property
    def kept(self) -> bool:
        """Whether what was predicted lies in the interval of what was found."""
        return self.found.low <= self.predicted <= self.found.high

    @property
    def words(self) -> str:
        """What came of the promise."""
        came = f"{self.found.estimate:.3g} ({self.found.low:.3g} to {self.found.high:.3g})"
        told = f"Predicted {self.predicted:.3g} per customer, found {came} with {self.level:.0%} certainty"
        if not self.found.proven:
            return f"{told}: that treating this audience does anything is not proven."
        if self.kept:
            return f"{told}: as predicted."
        return f"{told}: {'less' if self.found.estimate < self.predicted else 'more'} than predicted."


def choose_audience(units: Sequence[str], chosen: Bools, *, holdout: float, salt: str) -> Audience:
    """Hold a share of the chosen (n,) out: who it is follows from the unit and the salt alone, whatever the order.

    Raises :class:`BadSetting` for a share that is none, :class:`NotEnoughData` where nobody was chosen.
    """
    if not 0 < holdout < 1:
        raise BadSetting(f"holdout == {holdout}, must be above 0 and below 1, such as 0.1.")
    if not chosen.any():
        raise NotEnoughData("Nobody is worth treating, so there is no audience.", remedy="Look at cost and value.")
    out = np.zeros(chosen.size, dtype=np.bool_)
    for place in np.flatnonzero(chosen).tolist():
        out[place] = _share(salt, units[place]) < holdout
    return Audience(chosen, out, holdout)


def verify_audience(predicted: Floats, held_out: Bools, outcome: Floats, *, level: float = 0.9) -> Verification:
    """Check an audience (n,) by what its customers did afterwards, treated ones against those held out.

    Everybody counts as assigned, whether or not the treatment reached them. Differences are adjusted for what the
    scores explain of the outcome (Lin 2013, doi 10.1214/12-AOAS583). Raises :class:`NotEnoughData` where fewer than
    30 were treated or held out, :class:`BadSetting` for columns that do not belong together.
    """
    if not predicted.shape == held_out.shape == outcome.shape:
        raise BadSetting(f"{predicted.size:,} predictions, {held_out.size:,} hold-outs and {outcome.size:,} outcomes.")
    if not (np.isfinite(predicted).all() and np.isfinite(outcome).all()):
        raise BadSetting("predictions or outcomes are missing for some customers.", remedy="Leave them out.")
    out = int(held_out.sum())
    if min(out, held_out.size - out) < FEWEST:
        raise NotEnoughData(
            f"{held_out.size - out:,} customers were treated and {out:,} held out; {FEWEST} of either are needed.",
            remedy="Hold out a larger share, or wait for more customers.",
        )
    effects = _adjusted(predicted, ~held_out, outcome)
    found = mean_of(effects, level)
    reach = NormalDist().inv_cdf((1 + level) / 2) + NormalDist().inv_cdf(_POWER)
    return Verification(
        level, held_out.size - out, out, float(predicted.mean()), found, _slope(predicted, effects, level),
        _groups(predicted, ~held_out, effects, level), reach * found.se,
    )  # fmt: skip


def _adjusted(predicted: Floats, treated: Bools, outcome: Floats) -> Floats:
    """(n,) effect scores whose mean is the difference of the arms, each arm's outcome being linear in the score."""
    share = treated.mean()
    h = np.zeros(outcome.size)
    for arm, weight in ((treated, 1 - share), (~treated, share)):
        design = np.column_stack([np.ones(outcome.size), predicted - predicted.mean()])
        h += weight * (design @ np.linalg.lstsq(design[arm], outcome[arm], rcond=None)[0])
    scores: Floats = np.where(treated, 1 / share, -1 / (1 - share)) * (outcome - h)
    return scores


def _slope(predicted: Floats, effects: Floats, level: float) -> Estimate | None:
    """Of effects on predictions, with standard errors that hold for any scatter (White 1980)."""
    apart = predicted - predicted.mean()
    spread = float(apart @ apart)
    if spread == 0:
        return None
    slope = float(apart @ effects) / spread
    left = effects - effects.mean() - slope * apart
    return estimated(slope, float(np.sqrt((apart**2) @ (left**2))) / spread, level)


def _groups(predicted: Floats, treated: Bools, effects: Floats, level: float) -> tuple[Group, ...]:
    parts = np.array_split(np.argsort(predicted, kind="stable"), _GROUPS)
    enough = [part for part in parts if FEWEST <= treated[part].sum() <= part.size - FEWEST]
    return tuple(Group(part.size, float(predicted[part].mean()), mean_of(effects[part], level)) for part in enough)


def _share(salt: str, unit: str) -> float:
    """A number from 0 to below 1 that nobody can tell from a random one."""
    digest = hashlib.blake2b(f"{salt}\x1f{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
