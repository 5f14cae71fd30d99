"""Which arm a unit is in: a pure function of its name, the same in Python and in every engine that holds the units.

A unit's place is the number in the first seven hexadecimal digits of md5(salt:unit); an arm has a slice of the places.
Nothing is drawn and nothing is kept, so a unit stays where it is, and its share holds for any units (Kohavi, Tang and
Xu 2020, chapter 4).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from warehouse.errors import BadSetting

PLACES: Final = 16**7


@dataclass(frozen=True, slots=True)
class Slice:
    """The places from ``least`` to before ``below`` are the arm's."""

    arm: str
    least: int
    below: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Units to arms by a salt of its own. A unit whose place is in no slice takes no part.

    With ``within``, only those units take part that it puts into ``part``: a layer whose parts are experiments that
    must not share units, or everybody but a hold-out.
    """

    salt: str
    slices: tuple[Slice, ...]
    within: Assignment | None = None
    part: str | None = None

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` where slices overlap, and where the part is none of those that there are."""
        edges = [edge for each in self.slices for edge in (each.least, each.below)]
        if not edges or edges != sorted(edges) or edges[0] < 0 or edges[-1] > PLACES:
            raise BadSetting("The slices of the arms must follow each other.", remedy="Make them with sliced(shares).")
        if not self.salt.isprintable() or not self.salt or "\\" in self.salt:
            raise BadSetting(f"{self.salt!r} is no salt.", remedy="Take the experiment's id, without a backslash.")
        if (self.within is None) != (self.part is None):
            raise BadSetting("An assignment within another needs the part that it is in.")
        if self.within is not None and self.part not in {each.arm for each in self.within.slices}:
            raise BadSetting(f"There is no part {self.part!r} to be within.")
        if self.within is not None and self.within.salt == self.salt:
            raise BadSetting(f"The salt {self.salt!r} is that of what this is within.", remedy="Give each its own.")


def sliced(shares: Mapping[str, float]) -> tuple[Slice, ...]:
    """Slices of these shares, in their order; what is left of 1 takes no part.

    Raises :class:`BadSetting` where a share is not positive, or all together are more than 1.
    """
    total, found = 0.0, []
    for arm, share in shares.items():
        if not 0 < share <= 1 or total + share > 1 + 1e-9:
            raise BadSetting(
                f"The share of {arm} is {share:g} after {total:g}.", remedy="Shares are above 0 and sum to at most 1."
            )
        found.append(Slice(arm, round(total * PLACES), round(min(total + share, 1.0) * PLACES)))
        total += share
    return tuple(found)


def place_of(salt: str, unit: str) -> int:
    """The unit's place, from 0 to below ``PLACES``."""
    return int(hashlib.md5(f"{salt}:{unit}".encode(), usedforsecurity=False).hexdigest()[:7], 16)


def arm_of(assignment: Assignment, unit: str) -> str | None:
    """The unit's arm; None where it takes no part."""
    if assignment.within is not None and arm_of(assignment.within, unit) != assignment.part:
        return None
    place = place_of(assignment.salt, unit)
    at = bisect_right(assignment.slices, place, key=lambda each: each.least) - 1
    return assignment.slices[at].arm if at >= 0 and place < assignment.slices[at].below else None
