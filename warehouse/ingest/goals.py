"""Which action counts as the conversion, where a platform reports every action beside every other.

Meta lists one conversion several times: as ``omni_purchase``, inside it ``purchase``, inside that the pixel's own.
Adding them counts it two or three times, so exactly one tier is taken for each ad and day.
Purchases are the goal where there are any in the file, leads otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.contract import Finding

GoalName = Literal["purchases", "leads"]

# Of each goal the tiers, best first. The types of one tier are disjoint and are added.
TIERS: Final[Mapping[GoalName, tuple[tuple[str, ...], ...]]] = {
    "purchases": (
        ("omni_purchase",),
        ("purchase",),
        ("offsite_conversion.fb_pixel_purchase", "onsite_conversion.purchase"),
    ),
    "leads": (
        ("lead",),
        ("offsite_conversion.fb_pixel_lead", "onsite_conversion.lead_grouped"),
    ),
}
_PREFIX = r"^(?:actions|conversions|omni):"


@dataclass(slots=True)
class Goal:
    """The goal of one table, settled by the first batch that has any action of one.

    ``chosen`` is a single action type that the user stated (``--map action_type=action:lead``); it overrides.
    """

    column: str
    chosen: str | None = None
    name: str | None = None
    used: set[str] = field(default_factory=set)
    _tiers: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.chosen:
            self.name, self._tiers = self.chosen, ((self.chosen,),)

    def ranks(self, types: pl.Series) -> pl.Series:
        """The tier of each action type, 0 the best; null for actions that are not the goal.

        Raises :class:`LoadRefused` when purchases turn up in a table whose conversions were taken to be leads.
        """
        types = types.str.strip_chars().str.replace(_PREFIX, "")
        present = set(types.unique().to_list())
        if self.name in {None, "leads"} and not self.chosen:
            self._settle(present)
        rank = {kind: tier for tier, kinds in enumerate(self._tiers) for kind in kinds}
        self.used |= present & rank.keys()
        return types.replace_strict(rank, default=None, return_dtype=pl.Int8)

    def findings(self, lower: int) -> list[Finding]:
        if self.name is None:
            return [
                Finding("no_goal", "warning", f'"{self.column}" has neither purchases nor leads; nothing was taken.')
            ]
        words = f"Conversions are {self.name}: {', '.join(sorted(self.used))}."
        return [
            Finding(
                "conversion_goal", "info", f"{words} {lower:,} views of the same or of other actions were left out."
            )
        ]

    def _settle(self, present: set[str | None]) -> None:
        for name, tiers in TIERS.items():
            if any(kind in present for tier in tiers for kind in tier):
                if self.name == "leads" and name == "purchases":
                    raise LoadRefused(
                        f'"{self.column}" begins with leads only and has purchases further down.',
                        remedy=f'Choose one: --map "{self.column}=action:purchase" or "{self.column}=action:lead".',
                    )
                self.name, self._tiers = name, tiers
                return
