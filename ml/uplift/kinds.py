"""Four kinds of customers: who buys because of the treatment, anyway, not at all, or only if left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.uplift.estimate import Estimate, mean_of
from ml.uplift.sample import Floats
from warehouse.errors import BadSetting

_FEWEST: Final = 30  # customers that a mean effect is told of
_USUAL_MARGIN: Final = 0.1  # of what customers do without treatment


class Kind(StrEnum):
    """What treatment does to a customer, and what the customer does without it."""

    PERSUADABLE = "persuadable"
    SURE_THING = "sure thing"
    LOST_CAUSE = "lost cause"
    SLEEPING_DOG = "sleeping dog"


@dataclass(frozen=True, slots=True)
class KindOfCustomer:
    """Customers of a kind: their ``share``, mean predicted ``uplift``, and what they do ``untreated``.

    ``found`` is their mean effect by what they did, None where they are fewer than 30.
    """

    kind: Kind
    customers: int
    share: float
    uplift: float
    untreated: float
    found: Estimate | None


def kinds_of(uplift: Floats, untreated: Floats, margin: float, usual: float | None = None) -> npt.NDArray[np.str_]:
    """(n,) the kind of each customer, by predicted uplift (n,) and outcome without treatment (n,).

    An uplift above ``margin`` makes a persuadable, one below ``-margin`` a sleeping dog. Of the others those who do at
    least the ``usual``, by itself their own mean, are sure things. Raises :class:`BadSetting` for a negative margin.
    """
    if not margin >= 0:
        raise BadSetting(f"margin == {margin}, must be 0 or more.")
    conditions = [uplift > margin, uplift < -margin, untreated >= (untreated.mean() if usual is None else usual)]
    chosen = np.select(conditions, [Kind.PERSUADABLE, Kind.SLEEPING_DOG, Kind.SURE_THING], default=Kind.LOST_CAUSE)
    return chosen.astype(np.str_)


def margin_of(untreated: Floats, *, value: float, cost: float) -> float:
    """The uplift that matters: what pays for a treatment, and where it costs nothing a tenth of the usual outcome."""
    return cost / value if cost > 0 else _USUAL_MARGIN * abs(float(untreated.mean()))


def kinds_found(
    kinds: npt.NDArray[np.str_], uplift: Floats, untreated: Floats, effects: Floats, level: float
) -> tuple[KindOfCustomer, ...]:
    """All four kinds, with what the effect scores (n,) of customers that nothing was fitted to say of them."""
    return tuple(_found(kinds, uplift, untreated, effects, level))


def _found(
    kinds: npt.NDArray[np.str_], uplift: Floats, untreated: Floats, effects: Floats, level: float
) -> Iterator[KindOfCustomer]:
    for kind in Kind:
        of = kinds == kind.value
        count = int(of.sum())
        yield KindOfCustomer(
            kind,
            count,
            count / kinds.size,
            float(uplift[of].mean()) if count else 0.0,
            float(untreated[of].mean()) if count else 0.0,
            mean_of(effects[of], level) if count >= _FEWEST else None,
        )
