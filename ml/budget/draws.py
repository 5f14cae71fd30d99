"""Joint posterior draws of curves: each channel's response by draw, and the curve that is expected of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ml.budget.curves import Floats, Tabulated, family_named
from warehouse.errors import BadSetting

# Knots as parts of the top: a smooth curve between them is cubic to about nine digits.
_KNOTS: Final = np.concatenate([[0.0], np.geomspace(1e-9, 0.05, 350), np.linspace(0.05, 1.0, 350)[1:]])


@dataclass(frozen=True, slots=True, eq=False)
class FamilyDraws:
    """The draws of one channel that are of one family: ``draws`` are their places among all, the rest (k,) each."""

    family: str
    draws: np.ndarray[tuple[int], np.dtype[np.int64]]
    beta: Floats
    shape: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A channel's curve in each of ``count`` joint draws, of one family or of several; known up to ``top``.

    Draw d of one channel belongs with draw d of every other.
    """

    parts: tuple[FamilyDraws, ...]
    count: int
    top: float

    @classmethod
    def of(cls, family: str, beta: Floats, *shape: Floats, top: float) -> Drawn:
        """All draws of one family, (D,) each."""
        return cls.mixed([FamilyDraws(family, np.arange(beta.size), beta, shape)], top=top)

    @classmethod
    def mixed(cls, parts: Sequence[FamilyDraws], *, top: float) -> Drawn:
        """Draws of several families. Raises :class:`BadSetting` where a draw is missing, doubled or not above 0."""
        places = np.sort(np.concatenate([part.draws for part in parts]))
        if not np.array_equal(places, np.arange(places.size)) or not places.size:
            raise BadSetting("The draws of a channel are not each there once.", remedy="Number them from 0.")
        if not (np.isfinite(top) and top > 0):
            raise BadSetting(f"top == {top:g}, must be above 0.", remedy="Say up to which spend the curve is known.")
        for part in parts:
            known = family_named(part.family)
            for name, drawn in zip(("beta", *known.shape), (part.beta, *part.shape), strict=True):
                if drawn.shape != part.draws.shape or not (np.isfinite(drawn) & (drawn >= 0)).all():
                    raise BadSetting(f"Draws of {name} are not as many as they should be, or below 0.")
        return cls(tuple(parts), places.size, top)

    def by_draw(self, spend: Floats) -> Floats:
        """(D, X) responses at (X,) spends."""
        return self._each(spend, "level")

    def slopes_by_draw(self, spend: Floats) -> Floats:
        """(D, X) slopes at (X,) spends."""
        return self._each(spend, "slope")

    def at_own(self, spend: Floats) -> Floats:
        """(D,) responses where each draw has a spend (D,) of its own."""
        found = np.empty(self.count)
        for part in self.parts:
            found[part.draws] = part.beta * family_named(part.family).level(spend[part.draws], *part.shape)
        return found

    def expected(self) -> Tabulated:
        """The mean over the draws."""
        return self.weighted(np.full(self.count, 1.0 / self.count))

    def weighted(self, weights: Floats) -> Tabulated:
        """The mean with (D,) weights that sum to 1."""
        values, slopes = self._table
        return Tabulated.of(self.top * _KNOTS, weights @ values, weights @ slopes)

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        return self.by_draw(self.top * _KNOTS), self.slopes_by_draw(self.top * _KNOTS)

    def _each(self, spend: Floats, what: str) -> Floats:
        found = np.empty((self.count, np.size(spend)))
        for part in self.parts:
            function = getattr(family_named(part.family), what)
            shape = [parameter[:, None] for parameter in part.shape]
            found[part.draws] = part.beta[:, None] * function(np.asarray(spend)[None, :], *shape)
        return found


def as_joint(draws: Mapping[str, Drawn]) -> int:
    """How many joint draws there are. Raises :class:`BadSetting` where channels have unequal numbers of them."""
    counts = {each.count for each in draws.values()}
    if len(counts) != 1:
        raise BadSetting("Channels have unequal numbers of draws.", remedy="Give joint draws of one fit.")
    return counts.pop()
