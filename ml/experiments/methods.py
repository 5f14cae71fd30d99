"""How sure one must be, by when one may look: chosen before the start.

All three give an interval as the estimate and so many standard errors, and the p-value that belongs to it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from scipy.special import lambertw, ndtr, ndtri, stdtr, stdtrit

from ml.experiments.group_sequential import boundaries
from ml.experiments.roots import root
from warehouse.errors import BadSetting

PLANNED_UNITS: Final = 10_000  # at which a sequence is narrowest when nobody says how many units are planned
LEAST: Final = sys.float_info.min  # no p-value is zero
LEVEL: Final = 0.95


class Method(Protocol):
    """A rule that says how far an interval goes."""

    @property
    def level(self) -> float:
        """The level of its intervals."""

    @property
    def words(self) -> str:
        """What it is called, and when it holds."""

    def critical(self, n: int, df: float) -> float:
        """How many standard errors the interval goes to each side, at ``n`` units in two arms."""

    def p_value(self, z: float, n: int, df: float) -> float:
        """Of an estimate ``z`` standard errors from zero; below 1 - level just where the interval leaves zero out."""


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """Valid whenever one looks, and however often: the asymptotic confidence sequence.

    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2021 (arXiv 2103.06476), equation 11, on the standard error of any
    estimate that is a mean in the long run. ``planned`` units in two arms are where it is narrowest; it must not be
    chosen by the data. While units are few, a standard error is as uncertain as Student's t has it.
    """

    level: float = LEVEL
    planned: int = PLANNED_UNITS

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for what is no level or no number of units."""
        level_said(self.level)
        if self.planned < 1:
            raise BadSetting(f"planned == {self.planned}, must be 1 or more.")

    @property
    def words(self) -> str:
        """What it is called, and when it holds."""
        return "confidence sequence, valid at every look"

    def critical(self, n: int, df: float) -> float:
        """How many standard errors the interval goes to each side."""
        mixed = self._mixed(n)
        return _of_t(float(np.sqrt((1 + 1 / mixed) * (np.log1p(mixed) - 2 * np.log(1 - self.level)))), df)

    def p_value(self, z: float, n: int, df: float) -> float:
        """The level at which the interval just touches zero."""
        mixed, square = self._mixed(n), _of_normal(z, df) ** 2
        return max(float(np.exp(min(0.0, 0.5 * np.log1p(mixed) - 0.5 * square * mixed / (1 + mixed)))), LEAST)

    def _mixed(self, n: int) -> float:
        """N times the squared rho of the paper, which at the planned units makes the interval narrowest."""
        best = -float(np.real(lambertw(-((1 - self.level) ** 2) / np.e, k=-1))) - 1
        return best * max(n, 1) / self.planned


@dataclass(frozen=True, slots=True)
class FixedHorizon:
    """Valid when one looks once, at a size chosen before: Welch's t."""

    level: float = LEVEL

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for what is no level."""
        level_said(self.level)

    @property
    def words(self) -> str:
        """What it is called, and when it holds."""
        return "Welch's t at a fixed horizon, valid for one look"

    def critical(self, n: int, df: float) -> float:  # noqa: ARG002  # units: they are in the degrees of freedom
        """How many standard errors the interval goes to each side."""
        return float(-stdtrit(df, (1 - self.level) / 2))

    def p_value(self, z: float, n: int, df: float) -> float:  # noqa: ARG002  # as above
        """Two-sided, from the tail itself: 1 less the rest would be 0 from 9 standard errors on."""
        return max(float(2 * stdtr(df, -abs(z))), LEAST)


@dataclass(frozen=True, slots=True)
class GroupSequential:
    """Valid at the looks that were planned, by spending the error: repeated intervals (Jennison and Turnbull 1989).

    ``looks`` are the parts of the planned information at which was looked so far, now the last of them.
    """

    looks: tuple[float, ...]
    level: float = LEVEL
    spending: str = "obrien_fleming"

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for what is no level, and for looks that do not rise."""
        level_said(self.level)
        boundaries(self.looks, 1 - self.level, self.spending)

    @property
    def words(self) -> str:
        """What it is called, and when it holds."""
        return f"group-sequential ({self.spending.replace('_', ' ')}), look {len(self.looks)} of those planned"

    def critical(self, n: int, df: float) -> float:  # noqa: ARG002  # units: the looks say them
        """How many standard errors the interval goes to each side."""
        return _of_t(self._edge(1 - self.level), df)

    def p_value(self, z: float, n: int, df: float) -> float:  # noqa: ARG002  # as above
        """The smallest error at which this look's boundary would be crossed."""
        score = _of_normal(z, df)
        if score >= self._edge(_SMALLEST):
            return _SMALLEST
        if score <= self._edge(_LARGEST):
            return 1.0
        ends = float(np.log(_SMALLEST)), float(np.log(_LARGEST))
        return float(np.exp(root(lambda log: self._edge(float(np.exp(log))) - score, *ends)))

    def _edge(self, alpha: float) -> float:
        return float(boundaries(self.looks, alpha, self.spending)[-1])


_SMALLEST: Final = 1e-12  # the recursion tells no smaller errors apart
_LARGEST: Final = 0.999
_FARTHEST: Final = 37.0  # standard errors: beyond it a normal tail is no number any more


def _of_t(critical: float, df: float) -> float:
    """The quantile of Student's t with the tail that ``critical`` has of the normal; never less than it."""
    return max(critical, float(-stdtrit(df, ndtr(-min(critical, _FARTHEST)))))


def _of_normal(z: float, df: float) -> float:
    """The inverse: how far out of a normal is what is ``z`` out of Student's t, whichever side."""
    tail = stdtr(df, -abs(z))
    return float(-ndtri(tail)) if tail > LEAST else abs(z)


def level_said(level: float) -> None:
    """Raises :class:`BadSetting` for what is no level of an interval."""
    if not 0 < level < 1:
        raise BadSetting(f"level == {level}, must be between 0 and 1.", remedy="Write 0.95 for 95 %.")
