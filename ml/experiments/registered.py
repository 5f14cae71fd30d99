"""An experiment as it is registered, for whoever reads what it found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from warehouse.queries import experiments as registry


@dataclass(frozen=True, slots=True)
class Registered:
    """An experiment with its arms and metrics, and what is known of how its units met it.

    ``early`` units met the treatment too early (None: not known). Where only exposed units count, ``unexposed`` says
    how many there are, and how many of them never met it. ``unclustered`` units are in no cluster.
    """

    experiment: registry.Experiment
    arms: Sequence[registry.PlannedArm]
    metrics: Sequence[registry.Metric]
    early: int | None
    unexposed: tuple[int, int] | None = None
    unclustered: int = 0

    @property
    def control(self) -> str:
        """The arm that the others are compared with."""
        found = control_of(self.arms)
        return found or next(arm.arm_id for arm in self.arms)

    @property
    def is_over(self) -> bool:
        """Whether it has stopped."""
        return self.experiment.status in ("stopped", "decided")

    def judged_by(self, measured: Sequence[str]) -> list[registry.Metric]:
        """Registered metrics that were measured; where none is, all that were, the first as the primary one."""
        there = [m for m in self.metrics if m.outcome in measured and (m.denominator or m.outcome) in measured]
        return there or [
            registry.Metric(name, "secondary" if place else "primary", "higher", None, None, name)
            for place, name in enumerate(measured)
        ]

    @property
    def timed(self) -> list[str]:
        """Outcomes of which is told how the effect changes: of primary means of units that are their own clusters."""
        if self.experiment.cluster:
            return []
        plain = [m for m in self.metrics if m.statistic == "mean" and m.denominator is None]
        uncapped = [m for m in plain if m.role == "primary" and m.cap is None and m.winsorise is None]
        return list(dict.fromkeys(m.outcome for m in uncapped))

    def spread_out(self, measured: Sequence[str]) -> list[str]:
        """Outcomes of which the distribution is asked."""
        return list(dict.fromkeys(m.outcome for m in self.judged_by(measured) if m.statistic == "quantile"))

    def is_without_ads(self, arm: str) -> bool:
        """Whether an arm of a test of ads is the one that got none, as its name and the kind of test say."""
        named = next((f"{one.arm_id} {one.arm_name}" for one in self.arms if one.arm_id == arm), arm)
        return bool(_WITHOUT_ADS.search(named.casefold()))

    @property
    def dark_arm(self) -> str | None:
        """Of a test of ads with two arms the one that got none; None where that cannot be told."""
        dark = [arm.arm_id for arm in self.arms if self.is_without_ads(arm.arm_id)]
        if not dark and self.experiment.kind == "holdout":
            dark = [self.control]
        return dark[0] if len(dark) == 1 and len(self.arms) == 2 else None


def control_of(arms: Sequence[registry.PlannedArm]) -> str | None:
    """The arm that says of itself that it is the control; None where none does."""
    return next((arm.arm_id for arm in arms if arm.is_control), None)


_WITHOUT_ADS: Final = re.compile(
    r"hold.?out|held|dark|black.?out|(?:^|[_\W])(?:off|paused?|ghost|psa|no.?ads?|without)(?:$|[_\W])"
)
