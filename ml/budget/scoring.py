"""What came of a plan: its prediction over its weeks against a newer fit that knows what was spent in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ml.budget.curves import Floats
from ml.budget.judged import Interval, interval_of
from ml.budget.known import Known
from ml.budget.proposal import between, brought
from ml.budget.realised import Realised, budget_allocation_efficiency, realised
from warehouse.errors import NotEnoughData
from warehouse.queries.budget_inputs import StoredSpend


@dataclass(frozen=True, slots=True)
class Planned:
    """What is scored: spends by channel and week from ``first_week`` on, and by channel what was spent before it."""

    first_week: dt.date
    weeks: int
    spends: Mapping[str, Sequence[Decimal]]
    current: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """One channel over all weeks."""

    channel: str
    planned: Decimal
    spent: Decimal
    predicted: Interval
    found: Interval
    realised: Realised


@dataclass(frozen=True, slots=True)
class Score:
    """All channels. The gains are against going on as before; ``efficiency`` is that of what was found."""

    planned: Decimal
    spent: Decimal
    predicted: Interval
    found: Interval
    predicted_gain: Interval
    found_gain: Interval
    efficiency: float | None
    realised: Realised
    lines: tuple[ScoredLine, ...]
    words: str


def score(planned: Planned, then: Known, now: Known, spends: Sequence[StoredSpend]) -> Score:
    """Hold what the fit ``then`` predicted of the plan against what the fit ``now`` finds of what was spent.

    ``spends`` are those that ``now`` knows. Both count what comes within the weeks, from earlier spend too. Raises
    :class:`NotEnoughData` where ``now`` does not know all weeks, or a channel.
    """
    weeks = [planned.first_week + dt.timedelta(days=now.fit.period_days * place) for place in range(planned.weeks)]
    if now.fit.last_period < weeks[-1]:
        raise NotEnoughData(
            f"The plan ends with the week of {weeks[-1]}, and the newest mix model knows weeks up to that of "
            f"{now.fit.last_period}.",
            remedy="Score it when these weeks are loaded and the mix is run again.",
        )
    known_now = {channel.name: channel for channel in now.channels}
    gap = (planned.first_week - then.next_week).days // then.fit.period_days
    lines = []
    sums: dict[str, list[Floats]] = {"predicted": [], "found": [], "as_before_then": [], "as_before_now": []}
    for channel in then.channels:
        if channel.name not in known_now:
            raise NotEnoughData(f"The newest mix model does not know {channel.name}, so nothing is found of it.")
        actual = {one.week: one.spend for one in spends if one.channel == channel.name}
        before = known_now[channel.name].before([float(by) for week, by in sorted(actual.items()) if week < weeks[0]])
        plan, current = planned.spends[channel.name], float(planned.current[channel.name])
        spent = [actual.get(week, Decimal(0)) for week in weeks]
        went_on = [current] * planned.weeks
        predicted = channel.over_weeks([float(each) for each in plan], gap=gap).sum(axis=1)
        found = before.over_weeks([float(each) for each in spent]).sum(axis=1)
        sums["predicted"].append(predicted)
        sums["found"].append(found)
        sums["as_before_then"].append(channel.over_weeks(went_on, gap=gap).sum(axis=1))
        sums["as_before_now"].append(before.over_weeks(went_on).sum(axis=1))
        ends = interval_of(predicted, then.fit.level), interval_of(found, now.fit.level)
        lines.append(ScoredLine(channel.name, _total(plan), _total(spent), *ends, _realised(ends[0], ends[1].estimate)))
    total = {name: np.sum(parts, axis=0) for name, parts in sums.items()}
    predicted_sum, found_sum = (
        interval_of(total["predicted"], then.fit.level),
        interval_of(total["found"], now.fit.level),
    )
    spent_sum = _total([line.spent for line in lines])
    whole = _realised(predicted_sum, found_sum.estimate)
    found_gain = interval_of(total["found"] - total["as_before_now"], now.fit.level)
    return Score(
        _total([line.planned for line in lines]), spent_sum, predicted_sum, found_sum,
        interval_of(total["predicted"] - total["as_before_then"], then.fit.level), found_gain,
        budget_allocation_efficiency(found_sum.estimate, spent_sum) if now.fit.is_money and spent_sum > 0 else None,
        whole, tuple(lines), _words(then, predicted_sum, found_sum, whole, found_gain),
    )  # fmt: skip


def _words(known: Known, predicted: Interval, found: Interval, whole: Realised, gain: Interval) -> str:
    fit = known.fit
    held = "as predicted" if whole.kept else "less than predicted" if found.estimate < predicted.low else (
        "more than predicted"
    )  # fmt: skip
    way = "more" if gain.estimate >= 0 else "less"
    return (
        f"Advertising brought {brought(fit, found.estimate)}; predicted were {predicted.estimate:,.0f} "
        f"({between(fit, predicted)}): {held}. That is {abs(gain.estimate):,.0f} {way} than going on as before would "
        f"have brought ({between(fit, gain)})."
    )


def _realised(predicted: Interval, found: float) -> Realised:
    return realised(predicted.estimate, min(predicted.low, predicted.estimate), max(predicted.high, predicted.estimate),
                    found)  # fmt: skip


def _total(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
