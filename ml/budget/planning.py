"""Plans from what a fit knows: whatever is compiled for one question serves the next, so that sliders are followed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np

from ml.budget.channels import CENT, Channel
from ml.budget.curves import Floats, Tabulated
from ml.budget.draws import Drawn
from ml.budget.goals import break_even, extra_money, least_money
from ml.budget.judged import Interval, interval_of
from ml.budget.known import Known, KnownChannel
from ml.budget.periods import allocate_periods
from ml.budget.plan import Plan, allocate
from ml.budget.proposal import Asked, Proposal, ProposedLine, answer, explained
from ml.budget.robust import Caution, Robust
from ml.budget.rules import Bounds, Flight, Locked, OfToday, Pacing, PeriodBudget, Rule
from ml.budget.search import Search
from ml.budget.shadow import Binding
from warehouse.errors import BadSetting, Infeasible, NotEnoughData

MOST_WEEKS: Final = 104
TAIL: Final = 0.1  # of the draws, the worst, that caution looks at
CAUTIOUS_DRAWS: Final = 200  # that a cautious plan weighs: more change it by less than a thousandth
_POINTS: Final = 40  # of a response curve that is drawn
_NODES: Final = 12  # programs of a plan over weeks: somebody waits, and a proof would take minutes
_MORE: Final = Decimal("0.01")  # of the budget, by which the price of money is asked for


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """Spends by channel of a week (n,), or of each of several (n, T), and what is known of how good they are."""

    spends: tuple[tuple[Decimal, ...], ...]
    budget: Decimal
    status: str
    gap: float
    bounds: tuple[tuple[Decimal, Decimal | None], ...]
    binding: tuple[Binding, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A spend of a week, and what it brings."""

    spend: float
    outcome: Interval


class Planner:
    """Answers questions about one fit, one at a time."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._lock = threading.Lock()
        self._curves: dict[int, Tabulated] = {}
        self._searches: dict[tuple[type[Rule], ...], Search] = {}
        self._cautious: dict[tuple[float, tuple[str, ...], tuple[type[Rule], ...]], Robust] = {}

    def propose(self, asked: Asked) -> Proposal:
        """The best plan. Spend beyond what the data stand behind is proposed only where a rule names it.

        Raises :class:`~warehouse.errors.Infeasible`, naming the rules, :class:`BadSetting`, and
        :class:`NotEnoughData` where today's money is asked for and nothing is spent today.
        """
        _check(asked)
        with self._lock:
            channels, drawn = self._channels(asked.rules)
            over_weeks = any(isinstance(rule, Pacing | Flight | PeriodBudget) for rule in asked.rules)
            solved = self._over_weeks(asked, channels) if over_weeks else self._steady(asked, channels, drawn)
            price = self._price(asked, solved, channels, drawn, over_weeks)
        return self._told(asked, solved, drawn, price, over_weeks)

    def draws_of(self, rules: Sequence[Rule] = ()) -> dict[str, Drawn]:
        """Each channel's curve in every draw, as far as plans under these rules may go."""
        return dict(zip(self.names, self._channels(rules)[1], strict=True))

    @cached_property
    def responses(self) -> dict[str, tuple[Point, ...]]:
        """What each channel brings a week at a steady spend, up to a third more than the data stand behind."""
        found = {}
        for each in self.known.channels:
            spends = np.linspace(0.0, each.drawn_beyond.top, _POINTS)
            by_draw = each.drawn_beyond.by_draw(spends)
            ends = [interval_of(column, self.known.fit.level) for column in by_draw.T]
            found[each.name] = tuple(Point(at, end) for at, end in zip(spends.tolist(), ends, strict=True))
        return found

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(channel.name for channel in self.known.channels)

    def _channels(self, rules: Sequence[Rule]) -> tuple[list[Channel], list[Drawn]]:
        found, draws = [], []
        for each in self.known.channels:
            drawn = each.drawn_beyond if _asks_beyond(each, rules) else each.drawn
            if id(drawn) not in self._curves:
                self._curves[id(drawn)] = drawn.expected()
            found.append(Channel(each.name, self._curves[id(drawn)], each.current))
            draws.append(drawn)
        return found, draws

    def _steady(self, asked: Asked, channels: list[Channel], drawn: list[Drawn]) -> _Solved:
        """The same spend in every week."""
        if asked.caution > 0:
            plan = self._cautiously(asked, channels, drawn, self._money(asked))
        else:
            plan = self._plainly(asked, channels)
        return _Solved(
            tuple((line.proposed,) for line in plan.lines), plan.budget, plan.status, plan.gap,
            tuple((line.low, line.high) for line in plan.lines), plan.binding, _kept(plan.words),
        )  # fmt: skip

    def _plainly(self, asked: Asked, channels: list[Channel]) -> Plan:
        if asked.goal == "target":
            return least_money(channels, float(asked.amount or 0), asked.rules)
        if asked.goal == "value":
            return break_even(channels, float(asked.amount or 0), asked.rules)
        if asked.goal == "extra":
            return extra_money(channels, asked.amount or Decimal(0), asked.rules)
        return allocate(channels, self._money(asked), asked.rules, search=self._search(asked.rules))

    def _cautiously(self, asked: Asked, channels: list[Channel], drawn: list[Drawn], budget: Decimal) -> Plan:
        """Over the mean and the worst draws; of the draws evenly chosen ones."""
        rules = (*asked.rules, *([Bounds(low=OfToday(Decimal(0)))] if asked.goal == "extra" else []))
        place = (asked.caution, tuple(f"{each.top:.2f}" for each in drawn), _form(rules))
        if place not in self._cautious:
            fewer = {name: _thinned(each) for name, each in zip(self.names, drawn, strict=True)}
            self._cautious[place] = Robust(channels, fewer, Caution(asked.caution, TAIL))
        self._cautious[place].forget()
        return self._cautious[place].allocate(budget, rules)

    def _over_weeks(self, asked: Asked, channels: list[Channel]) -> _Solved:
        """Spends that differ from week to week, as earlier ones work on."""
        if asked.goal in ("target", "value") or asked.caution > 0:
            raise BadSetting(
                "Rules over weeks are kept by plans of a budget, for what is expected.",
                remedy="Leave the caution and the goal out, or the rules of pacing, flights and weeks.",
            )
        rules = (*asked.rules, *([Bounds(low=OfToday(Decimal(0)))] if asked.goal == "extra" else []))
        week = self._money(asked)
        carry = {each.name: each.carry for each in self.known.channels}
        plan = allocate_periods(channels, week * asked.weeks, asked.weeks, rules, carry=carry, most_nodes=_NODES)
        bounds = tuple((Decimal(0), None) for _ in channels)
        return _Solved(
            tuple(line.proposed for line in plan.lines), week, plan.status, plan.gap, bounds, plan.binding, ()
        )

    def _money(self, asked: Asked) -> Decimal:
        """The budget of a week. Raises :class:`NotEnoughData` where it is today's and that is nothing."""
        if asked.goal == "extra":
            return self.known.today + (asked.amount or Decimal(0))
        if asked.amount is not None:
            return asked.amount
        if self.known.today <= 0:
            raise NotEnoughData("Nothing was spent in the newest weeks, so there is no budget of today.",
                                remedy="Say a budget.")  # fmt: skip
        return self.known.today

    def _search(self, rules: Sequence[Rule]) -> Search:
        search = self._searches.setdefault(_form(rules), Search())
        search.forget()
        return search

    def _price(
        self, asked: Asked, solved: _Solved, channels: list[Channel], drawn: list[Drawn], over_weeks: bool
    ) -> Interval:
        """What one more unit of money would bring: the next hundredth of it, spent as a plan would."""
        level = self.known.fit.level
        spent = sum((sum(week, Decimal(0)) / len(week) for week in solved.spends), Decimal(0))
        more = max((spent * _MORE).quantize(CENT), CENT)
        if over_weeks:
            slopes = [each.slopes_by_draw(_mean(week))[:, 0] for each, week in zip(drawn, solved.spends, strict=True)]
            return interval_of(np.mean(slopes, axis=0), level)
        try:
            if asked.caution > 0:
                plan = self._cautiously(asked, channels, drawn, (spent + more).quantize(CENT))
            else:
                rules = (*asked.rules, *([Bounds(low=OfToday(Decimal(0)))] if asked.goal == "extra" else []))
                plan = allocate(channels, (spent + more).quantize(CENT), rules, search=self._search(rules))
        except Infeasible:  # the rules leave no room for more
            return Interval(0.0, 0.0, 0.0, level)
        by_draw = sum(
            each.by_draw(np.array([float(line.proposed)]))[:, 0] - each.by_draw(_mean(week))[:, 0]
            for each, line, week in zip(drawn, plan.lines, solved.spends, strict=True)
        )
        return interval_of(np.asarray(by_draw) / float(more), level)

    def _told(self, asked: Asked, solved: _Solved, drawn: list[Drawn], price: Interval, over_weeks: bool) -> Proposal:
        fit, level = self.known.fit, self.known.fit.level
        lines, then, now = [], [], []
        for known, curve, weeks, bounds in zip(self.known.channels, drawn, solved.spends, solved.bounds, strict=True):
            proposed = (sum(weeks, Decimal(0)) / len(weeks)).quantize(CENT)
            if over_weeks:
                after, before = _of_own(known, weeks), _of_own(known, (known.current,) * len(weeks))
            else:
                both = curve.by_draw(np.array([float(proposed), float(known.current)]))
                after, before = both[:, 0], both[:, 1]
            marginal = interval_of(curve.slopes_by_draw(_mean(weeks))[:, 0], level)
            weekly = weeks if over_weeks else weeks * asked.weeks
            line = ProposedLine(
                known.name, known.current, proposed, bounds[0], bounds[1], interval_of(after, level),
                interval_of(after - before, level), marginal, weekly, "",
            )  # fmt: skip
            lines.append(replace(line, words=explained(fit, line, price, known.trusted)))
            then.append(after)
            now.append(before)
        outcome, today = np.sum(then, axis=0), np.sum(now, axis=0)
        gain = interval_of(outcome - today, level)
        spent = sum((line.proposed for line in lines), Decimal(0))
        beats = float((outcome > today).mean())
        said = (answer(fit, lines, spent, gain, beats), *solved.words, *_beyond(self.known, lines))
        return Proposal(
            asked, solved.status, solved.budget, spent, self.known.today, solved.gap, interval_of(today, level),
            interval_of(outcome, level), gain, beats, price, self._efficiency(float(today.mean()), self.known.today),
            self._efficiency(float(outcome.mean()), spent), tuple(lines), solved.binding, said,
        )  # fmt: skip

    def _efficiency(self, outcome: float, spend: Decimal) -> float | None:
        if not self.known.fit.is_money or spend <= 0:
            return None
        return (outcome - float(spend)) / float(spend)


def _check(asked: Asked) -> None:
    if not 1 <= asked.weeks <= MOST_WEEKS:
        raise BadSetting(f"weeks == {asked.weeks}, must be from 1 to {MOST_WEEKS}.")
    if not 0 <= asked.caution <= 1:
        raise BadSetting(f"caution == {asked.caution:g}, must be from 0 to 1.")
    amount = asked.amount
    if asked.goal != "budget" and amount is None:
        raise BadSetting(f"The goal {asked.goal} needs an amount.", remedy="Say how much.")
    if amount is not None and (not amount.is_finite() or amount <= 0):
        raise BadSetting(f"amount == {amount}, must be above 0.")
    if asked.caution > 0 and asked.goal in ("target", "value"):
        raise BadSetting("A cautious plan is one of a budget.", remedy="Leave the caution out, or ask for a budget.")


def _asks_beyond(known: KnownChannel, rules: Sequence[Rule]) -> bool:
    """Whether a rule names a spend of the channel that the data do not stand behind."""
    for rule in rules:
        if isinstance(rule, Bounds) and known.name in rule.channels:
            for end in (rule.low, rule.high):
                amount = known.current * (1 + end.change) if isinstance(end, OfToday) else end
                if amount is not None and amount > known.trusted:
                    return True
        if isinstance(rule, Locked) and known.name in rule.channels and (rule.at or Decimal(0)) > known.trusted:
            return True
    return False


def _beyond(known: Known, lines: Sequence[ProposedLine]) -> list[str]:
    trusted = {channel.name: max(channel.trusted, channel.current) for channel in known.channels}
    far = [line.channel.replace("_", " ") for line in lines if line.proposed > trusted[line.channel]]
    return [f"{', '.join(far)} would spend more than the data stand behind: a rule asks for it."] if far else []


def _kept(words: Sequence[str]) -> tuple[str, ...]:
    """What a plan says besides what it brings, which is told with its interval."""
    return tuple(said for said in words if not said.startswith("It brings "))


def _form(rules: Sequence[Rule]) -> tuple[type[Rule], ...]:
    """What decides whether a compiled program serves."""
    return tuple(type(rule) for rule in rules if not isinstance(rule, Bounds | Locked))


def _thinned(drawn: Drawn) -> Drawn:
    """Every so many draws of all, the same of each channel."""
    step = max(drawn.count // CAUTIOUS_DRAWS, 1)
    places = np.arange(0, drawn.count, step)
    parts = []
    for part in drawn.parts:
        kept = np.isin(part.draws, places)
        if kept.any():
            parts.append(
                replace(
                    part, draws=part.draws[kept] // step, beta=part.beta[kept],
                    shape=tuple(each[kept] for each in part.shape),
                )
            )  # fmt: skip
    return Drawn.mixed(parts, top=drawn.top)


def _of_own(known: KnownChannel, weeks: Sequence[Decimal]) -> Floats:
    """(D,) what the money of these weeks brings in them and after them, by a week."""
    tail = [0.0] * (max(each.size for each in known.weights) - 1)
    spends = [*map(float, weeks), *tail]
    own = known.over_weeks(spends) - known.over_weeks([0.0] * len(spends))
    return np.asarray(own.sum(axis=1) / len(weeks))


def _mean(weeks: Sequence[Decimal]) -> Floats:
    return np.array([float(sum(weeks, Decimal(0)) / len(weeks))])
