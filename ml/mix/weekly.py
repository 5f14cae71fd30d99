"""From weeks of a business to what the model is told: which channels can be fitted, and why others cannot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.inputs import Channel, Control, MixInput
from ml.mix.saturation import Floats
from ml.mix.trust.finding import Finding

BRAND: Final = "brand_search"  # who searches one's own name was about to come, and is charged for
# Nobody can buy more clicks on a search than people search: spend on these, or mostly on these, rises with demand.
DEMAND_LED: Final = ("paid_search", "shopping", "performance_max", BRAND)


@dataclass(frozen=True, slots=True, eq=False)
class Spent:
    """What was spent on a channel by week (T,) and what was shown for it; ``before`` is spend of the weeks before.

    Of ``unknown`` days it is not known what they cost.
    """

    name: str
    spend: Floats
    impressions: Floats
    before: Floats
    unknown: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Weekly:
    """What the model is told, and which channels it is not told of, with the reason in a sentence."""

    told: MixInput
    left_out: Mapping[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the trust card says of channels that are left out: what they bring is in the baseline."""
        return tuple(
            Finding("left-out", "green", f"{name} is left out: {reason}", "A test of it would tell what it brings.")
            for name, reason in self.left_out.items()
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader asked for: channels to leave ``without`` (None: search for one's own name, untested).

    ``exposure`` names channels of which impressions work rather than money, ``demand_led`` those of which history tells
    nothing, since who is looking decides what is spent.
    """

    without: tuple[str, ...] | None = None
    exposure: tuple[str, ...] = ()
    demand_led: tuple[str, ...] = DEMAND_LED


def weekly_input(
    weeks: Sequence[dt.date],
    outcome: Floats,
    spent: Sequence[Spent],
    *,
    sent: Mapping[str, Floats],
    controls: Sequence[Control],
    tested: Collection[str],
    choice: Choice,
) -> Weekly:
    """What the model is told of weeks (T,) in which ``outcome`` (T,) came.

    ``sent`` (T,) are what works and costs nothing; ``tested`` channels have a test that fits. Raises
    :class:`BadSetting` and :class:`NotEnoughData` as :class:`MixInput`.
    """
    left_out, channels = {}, []
    for one in spent:
        reason = _reason(one, tested, choice)
        if reason:
            left_out[one.name] = reason
        elif one.spend.any():
            works = one.impressions if one.name in choice.exposure else None
            channels.append(
                Channel(
                    one.name, one.spend, works, None if works is not None else one.before, one.name in choice.demand_led
                )
            )
    paid = {channel.name for channel in channels} | set(left_out)
    channels += [
        Channel(name, np.zeros(len(weeks)), exposure)
        for name, exposure in sent.items()
        if name not in paid and np.ptp(exposure) > 0
    ]
    told = MixInput(
        tuple(weeks), outcome, tuple(channels), tuple(control for control in controls if np.ptp(control.values) > 0)
    )
    return Weekly(told, left_out)


def _reason(one: Spent, tested: Collection[str], choice: Choice) -> str | None:
    if not (one.spend.any() or one.unknown):
        return None
    if choice.without is not None and one.name in choice.without:
        return "that was asked for, and what it brings is in the baseline."
    if one.unknown:
        return f"what it cost is not known of {one.unknown} days on which it was shown."
    if np.ptp(one.spend) == 0:
        return f"it cost {one.spend[0]:,.0f} in every week, so nothing can be learnt of it."
    if choice.without is None and one.name == BRAND and one.name not in tested:
        return (
            "its spend follows the people who search for the name anyway, so weeks cannot tell what it brings. That is "
            "in the baseline."
        )
    return None
