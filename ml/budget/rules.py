"""The team's rules as data: what a plan must keep."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ml.plain import plain
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class OfToday:
    """A bound relative to what is spent today: ``change`` -0.2 is a fifth less."""

    change: Decimal

    def __str__(self) -> str:
        return f"{self.change * 100:+f}".rstrip("0").rstrip(".") + " % of today"


Limit = Decimal | OfToday


@dataclass(frozen=True, slots=True)
class Bounds:
    """Each of these channels (none named: each channel) spends at least ``low`` and at most ``high``."""

    channels: tuple[str, ...] = ()
    low: Limit | None = None
    high: Limit | None = None

    @property
    def words(self) -> str:
        ends = [f"at least {_of(self.low)}" if self.low is not None else ""]
        ends.append(f"at most {_of(self.high)}" if self.high is not None else "")
        return f"{_each(self.channels)} spends {' and '.join(filter(None, ends))}"


@dataclass(frozen=True, slots=True)
class Locked:
    """These channels spend what they do today, or ``at``."""

    channels: tuple[str, ...]
    at: Decimal | None = None

    @property
    def words(self) -> str:
        return f"{_each(self.channels)} is locked at {'what it spends today' if self.at is None else _of(self.at)}"


@dataclass(frozen=True, slots=True)
class Group:
    """These channels together: money between ``low`` and ``high``, a part of all money between the shares."""

    name: str
    channels: tuple[str, ...]
    low: Decimal | None = None
    high: Decimal | None = None
    low_share: Decimal | None = None
    high_share: Decimal | None = None

    @property
    def words(self) -> str:
        ends = [
            f"at least {_of(self.low)}" if self.low is not None else "",
            f"at most {_of(self.high)}" if self.high is not None else "",
            f"at least {plain(self.low_share)} of all money" if self.low_share is not None else "",
            f"at most {plain(self.high_share)} of all money" if self.high_share is not None else "",
        ]
        return f"group {self.name} ({', '.join(self.channels)}) spends {' and '.join(filter(None, ends))}"


@dataclass(frozen=True, slots=True)
class MinimumBuy:
    """Each of these channels spends nothing, or at least ``least``."""

    channels: tuple[str, ...]
    least: Decimal

    @property
    def words(self) -> str:
        return f"{_each(self.channels)} spends nothing or at least {_of(self.least)}"


@dataclass(frozen=True, slots=True)
class Roas:
    """These channels (none named: all) together bring at least so much outcome for each unit of money."""

    least: float
    channels: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{_together(self.channels)} at least {plain(self.least, 6)} for each 1 spent"


@dataclass(frozen=True, slots=True)
class Cpa:
    """In these channels (none named: in all) together a unit of outcome costs at most so much."""

    most: Decimal
    channels: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{_together(self.channels)} one for at most {_of(self.most)}"


@dataclass(frozen=True, slots=True)
class Target:
    """These channels (none named: all) together bring at least so much outcome."""

    least: float
    channels: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{_together(self.channels)} at least {plain(self.least, 10)}"


@dataclass(frozen=True, slots=True)
class Pacing:
    """From one period to the next each of these channels (none named: each) changes by ``most`` of its mean at most."""

    most: Decimal
    channels: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{_each(self.channels)} changes by at most {plain(self.most)} of its mean from one period to the next"


@dataclass(frozen=True, slots=True)
class Flight:
    """These channels spend in these periods only, counted from 1."""

    channels: tuple[str, ...]
    periods: tuple[int, ...]

    @property
    def words(self) -> str:
        return f"{_each(self.channels)} spends in periods {', '.join(map(str, self.periods))} only"


@dataclass(frozen=True, slots=True)
class PeriodBudget:
    """All channels together spend between ``low`` and ``high`` in each of these periods (none named: in each)."""

    low: Decimal | None = None
    high: Decimal | None = None
    periods: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        ends = [f"at least {_of(self.low)}" if self.low is not None else ""]
        ends.append(f"at most {_of(self.high)}" if self.high is not None else "")
        when = f"period {', '.join(map(str, self.periods))}" if self.periods else "each period"
        return f"{when} spends {' and '.join(filter(None, ends))}"


OfPeriods = Pacing | Flight | PeriodBudget
Static = Bounds | Locked | Group | MinimumBuy | Roas | Cpa | Target
Rule = Static | OfPeriods


def check_channels(rule: Rule, channels: tuple[str, ...]) -> None:
    """Refuse a rule about a channel that is not there. Raises :class:`BadSetting`."""
    for name in () if isinstance(rule, PeriodBudget) else rule.channels:
        if name not in channels:
            raise BadSetting(
                f"A rule is about the channel {name!r}, which has no curve.", remedy=f"There are {', '.join(channels)}."
            )


def _of(limit: Limit | None) -> str:
    return f"{limit:,f}" if isinstance(limit, Decimal) else str(limit)


def _each(channels: tuple[str, ...]) -> str:
    return ", ".join(channels) if channels else "each channel"


def _together(channels: tuple[str, ...]) -> str:
    return f"{', '.join(channels)} together bring" if channels else "all channels together bring"
