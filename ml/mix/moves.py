"""What moved since the fit before, over the weeks that both know, and what had become known meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.mix import MixFit
from ml.mix.results import estimate_of
from warehouse.changes.mix_results import MoveRow

_STILL: Final = 0.02
_RESTATED: Final = 0.005  # of an amount, from which it counts as another
_NORMAL: Final = 1.6448536269514722


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The fit that was published before: contributions with intervals by channel, and what they came of.

    ``brought`` and ``spent`` are by channel and period; ``lifts`` are those of its tests by channel; ``asked`` are the
    parameters of its run.
    """

    fit_key: int
    totals: Mapping[str, tuple[float, float, float]]
    brought: Mapping[str, Mapping[dt.date, float]]
    spent: Mapping[str, Mapping[dt.date, float]]
    outcome: Mapping[dt.date, float]
    lifts: Mapping[str, frozenset[tuple[str, float]]]
    asked: Mapping[str, object]


def moves(before: Before, fit: MixFit, lifts: Mapping[str, frozenset[tuple[str, float]]],
          asked: Mapping[str, object]) -> Iterator[MoveRow]:  # fmt: skip
    """Every channel that both fits have, over the periods that both have."""
    shared = [place for place, period in enumerate(fit.told.periods) if period in before.outcome]
    if not shared:
        return
    periods = [fit.told.periods[place] for place in shared]
    whole = len(periods) == len(before.outcome)
    for row, channel in enumerate(fit.told.channels):
        if channel.name not in before.totals:
            continue
        now = estimate_of(fit.contributions[row, shared].sum(axis=0))
        was, low, high = before.totals[channel.name]
        if not whole:
            was, low, high = sum(before.brought[channel.name][period] for period in periods), np.nan, np.nan
        spent = before.spent[channel.name], dict(zip(fit.told.periods, channel.spend, strict=True))
        why = _reasons(before, fit, periods, spent, lifts.get(channel.name) != before.lifts.get(channel.name), asked)
        spread = (high - low) / 2 / _NORMAL if whole else np.nan
        moved, surprise = now.estimate / was - 1.0, (now.estimate - was) / spread
        yield MoveRow(
            channel.name, before.fit_key, periods[0], periods[-1], was, low if whole else None,
            high if whole else None, now.estimate, now.low, now.high, moved,
            float(surprise) if np.isfinite(surprise) else None, _words(channel.name, moved, float(surprise), why),
        )  # fmt: skip


def _reasons(
    before: Before, fit: MixFit, periods: list[dt.date],
    spent: tuple[Mapping[dt.date, float], Mapping[dt.date, float]], tests: bool, asked: Mapping[str, object],
) -> list[str]:  # fmt: skip
    """What is known now that was not known then."""
    found = []
    if asked != before.asked:
        found.append("the fit was asked for otherwise")
    if tests:
        found.append("its tests are others")
    if _differs(*([of[period] for period in periods] for of in spent)):
        found.append("its spend was restated")
    outcome = dict(zip(fit.told.periods, fit.told.outcome, strict=True))
    if _differs(*([float(of[period]) for period in periods] for of in (before.outcome, outcome))):
        found.append("the outcome was restated")
    new = len(fit.told.periods) - len(periods)
    if new:
        found.append(f"there {'are' if new > 1 else 'is'} {new} more week{'s' * (new > 1)}")
    return found


def _differs(was: list[float], now: list[float]) -> bool:
    off = np.abs(np.array(now) - np.array(was)).sum()
    return bool(off > _RESTATED * max(float(np.abs(was).sum()), 1e-9))


def _words(channel: str, moved: float, surprise: float, why: list[str]) -> str:
    if abs(moved) < _STILL:
        return f"{channel} did not move."
    within = "" if not np.isfinite(surprise) else (
        ", within what was expected" if abs(surprise) <= _NORMAL else ", beyond what was expected"
    )  # fmt: skip
    since = f": {' and '.join(why)}" if why else ", though nothing else became known: chance in the draws"
    return f"{channel} moved by {moved:+.0%}{within}{since}."
