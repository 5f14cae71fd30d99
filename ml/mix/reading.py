"""From the warehouse to what a mix model is told: weeks, channels, controls and tests, outcome after outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ml.job import day_said
from ml.mix.evidence import Heard, Measure, channels_tested, heard
from ml.mix.inputs import FEWEST_PERIODS, Control
from ml.mix.moves import Before
from ml.mix.saturation import Floats
from ml.mix.weekly import BRAND, DEMAND_LED, Choice, Spent, Weekly, weekly_input
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.queries import mix, uplift_inputs
from warehouse.queries import mix_inputs as inputs
from warehouse.queries.channel_tests import COUNTED
from warehouse.queries.experiment_moments import currency_of
from warehouse.queries.mix_inputs import Window
from warehouse.schema.commerce import ConversionKind

_EARLIER: Final = 26  # weeks before the first, of which spend still works


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One outcome: its weeks, what the model is told of them, tests, and the fit that was published before."""

    outcome: str
    window: Window
    weekly: Weekly
    tests: tuple[Heard, ...]
    before: Before | None
    watermark: int


def read_outcomes(session: ReadSession, account_key: int, said: Mapping[str, Any]) -> tuple[list[Read], list[str]]:
    """Each outcome that is asked for, and in words which ones cannot be told.

    Raises :class:`NotEnoughData` and :class:`BadSetting` where none can, as the first of them says.
    """
    advertiser = uplift_inputs.advertiser_of(session, account_key)
    watermark = uplift_inputs.newest_load(session, advertiser)  # before anything else: what comes meanwhile is new
    currency = said["currency"] or currency_of(session, account_key)
    goals = inputs.goals_of(session, advertiser)
    if not goals:
        raise NotEnoughData(
            "Nothing is known of what people bought or asked for.", remedy="Load orders or conversions: causeway load."
        )
    goal = goals[0] if said["goal"] is None else ConversionKind(said["goal"])
    known = inputs.known_weeks(session, advertiser, goal, currency)
    if known is None:
        raise NotEnoughData(
            f"No week is whole and final in what was spent, and whole in {goal}s.", remedy="Load exports of both."
        )
    weeks = _Weeks(session, known, _cut(known, said), said)
    found: list[Read] = []
    refused: list[NotEnoughData] = []
    for outcome in said["outcomes"] or [weeks.usual]:
        try:
            weekly, tests = weeks.told(outcome)
        except NotEnoughData as error:
            refused.append(error)
            continue
        before = _before(session, account_key, outcome, goal)
        found.append(Read(outcome, weeks.window, weekly, tests, before, watermark))
    if refused and not found:
        raise refused[0]
    return found, [str(error) for error in refused]


class _Weeks:
    """What is read once for all outcomes of a window."""

    def __init__(self, session: ReadSession, known: Window, window: Window, said: Mapping[str, Any]) -> None:
        self.window, self._said, self._session = window, said, session
        self._known = known
        self._came = {row.week: row for row in inputs.outcome_weeks(session, window)}
        self._tests = inputs.channel_evidence(session, window.advertiser_key)

    @property
    def usual(self) -> str:
        """Revenue where every week has it."""
        return "revenue" if all(row.revenue is not None for row in self._came.values()) else "conversions"

    def told(self, outcome: str) -> tuple[Weekly, tuple[Heard, ...]]:
        """What the model is told of an outcome, and its tests."""
        weeks, said = self.window.weeks, self._said
        measure = self._measure(outcome)
        tested = channels_tested(self._tests, measure, weeks)
        sent = {}
        if said["organic"]:
            mails = inputs.email_weeks(self._session, self.window)
            sent = {"email": np.array([float(mails.get(week, 0)) for week in weeks])}
        spent = self._spent([] if "paid_search" in tested else said["brand"])
        check_channels(said, {BRAND, *(one.name for one in spent)})
        weekly = weekly_input(
            weeks, self._outcome(outcome), spent, sent=sent, controls=self._controls(outcome), tested=tested,
            choice=_choice(said),
        )  # fmt: skip
        return weekly, heard(self._tests, weekly.told, measure)

    def _spent(self, brand: Sequence[str]) -> list[Spent]:
        """Series of all channels. A test of paid search is of one's own name, too, and then the two are one."""
        earlier = max(self._known.first, self.window.first - inputs.WEEK * _EARLIER)
        rows = inputs.channel_weeks(self._session, replace(self.window, first=earlier), brand=brand)
        return _spent(rows, self.window, earlier)

    def _outcome(self, outcome: str) -> Floats:
        found = []
        for week in self.window.weeks:
            value = getattr(self._came[week], outcome) if week in self._came else 0
            if value is None:
                raise NotEnoughData(
                    f"The {outcome.replace('_', ' ')} of the week of {week} is not known of every {self.window.goal}.",
                    remedy="Load orders that tell, or ask for another outcome.",
                )
            found.append(float(value))
        return np.array(found)

    def _controls(self, outcome: str) -> list[Control]:
        """Those that are asked for, or all that are known and no part of the outcome."""
        asked, found = self._said["controls"], []
        if self._said["country"] is not None and (asked is None or "holidays" in asked):
            days = inputs.holiday_weeks(self._session, self.window, self._said["country"])
            if not days:
                raise BadSetting(
                    f"No public holiday of {self._said['country']!r} is known in these weeks.",
                    remedy="Write an ISO 3166 code, such as US.",
                )
            values = np.array([float(days.get(week, 0)) for week in self.window.weeks])
            found.append(Control("holidays", values, "precision"))
        elif asked is not None and "holidays" in asked:
            raise BadSetting("Nobody says whose holidays.", remedy='Name the country: {"country": "US"}.')
        for name in ("discount", "price"):
            if name == "price" and (asked is None or name not in asked):
                continue
            if asked is not None and name not in asked:
                continue
            if name == "price" and outcome in ("revenue", "margin"):
                raise BadSetting(
                    f"The price of what was bought is a part of {outcome}: held fixed, it would take from the outcome "
                    "what it is made of.",
                    remedy="Ask for conversions, or leave it out.",
                )
            series = self._told_by_orders(name)
            if series is not None:
                found.append(Control(name, series, "confounder"))
            elif asked is not None:
                raise NotEnoughData(f"Orders do not tell the {name} of every week.", remedy="Leave it out.")
        return found

    def _told_by_orders(self, name: str) -> Floats | None:
        values = [getattr(self._came[week], name) if week in self._came else None for week in self.window.weeks]
        return None if any(value is None for value in values) else np.array(values, dtype=float)

    def _measure(self, outcome: str) -> Measure:
        """How tests call an outcome, and what a conversion is worth in it, week by week."""
        counted = tuple(COUNTED[self.window.goal])
        if outcome == "conversions":
            return Measure(outcome, counted, (), np.full(len(self.window.weeks), np.nan), None)
        if outcome == "new_customers":
            return Measure(outcome, ("new_customers",), (), np.full(len(self.window.weeks), np.nan), None)
        rows = [self._came.get(week) for week in self.window.weeks]
        amounts = [None if row is None else getattr(row, outcome) for row in rows]
        value = np.array(
            [
                float(amount) / row.conversions if row and amount is not None and row.conversions else np.nan
                for row, amount in zip(rows, amounts, strict=True)
            ]
        )
        direct = ("revenue", "sales", "order_value") if outcome == "revenue" else ("margin", "profit")
        return Measure(outcome, direct, counted, value, self.window.currency)


def _cut(known: Window, said: Mapping[str, Any]) -> Window:
    """The weeks that are asked for. Raises :class:`NotEnoughData` where they are too few."""
    first, last = day_said("from", said["from"]), day_said("to", said["to"])
    begin = known.first if first is None else max(known.first, first + dt.timedelta(days=-first.weekday() % 7))
    end = (
        known.last
        if last is None
        else min(known.last, last - dt.timedelta(days=last.weekday() + 7 * (last.weekday() < 6)))
    )
    begin = max(begin, end - inputs.WEEK * (said["weeks"] - 1))
    weeks = max((end - begin) // inputs.WEEK + 1, 0)
    if weeks < FEWEST_PERIODS:
        raise NotEnoughData(
            f"There are {weeks} whole and final weeks with spend and {known.goal}s; a mix model needs at least "
            f"{FEWEST_PERIODS}.",
            remedy="Load a longer history; two years of weeks are a good start.",
        )
    return replace(known, first=begin, last=end)


def check_channels(said: Mapping[str, Any], known: set[str]) -> None:
    """Refuse parameters that name channels which are not ``known``. Raises :class:`BadSetting`."""
    for name in ("without", "exposure", "demand_led", "returns"):
        strange = sorted(set(said[name] or ()) - known)
        if strange:
            raise BadSetting(
                f"{name} names {strange[0]!r}, which is no channel on which anything was spent.",
                remedy=f"There are: {', '.join(sorted(known))}.",
            )


def _choice(said: Mapping[str, Any]) -> Choice:
    without = None if said["without"] is None else tuple(said["without"])
    led = DEMAND_LED if said["demand_led"] is None else tuple(said["demand_led"])
    return Choice(without, tuple(said["exposure"]), led)


def _spent(rows: Sequence[inputs.ChannelWeek], window: Window, earlier: dt.date) -> list[Spent]:
    """Series of every channel over the window, and what was spent before it."""
    by_channel: dict[str, dict[dt.date, inputs.ChannelWeek]] = {}
    for row in rows:
        by_channel.setdefault(row.channel, {})[row.week] = row
    before = replace(window, first=earlier, last=window.first - inputs.WEEK).weeks

    def series(
        known: Mapping[dt.date, inputs.ChannelWeek], weeks: Sequence[dt.date], of: Callable[[inputs.ChannelWeek], Any]
    ) -> Floats:
        return np.array([float(of(known[week])) if week in known else 0.0 for week in weeks])

    return [
        Spent(
            name,
            series(known, window.weeks, lambda row: row.spend),
            series(known, window.weeks, lambda row: row.impressions),
            series(known, before, lambda row: row.spend),
            sum(row.unknown for week, row in known.items() if week >= window.first),
        )
        for name, known in by_channel.items()
    ]


def _before(session: ReadSession, account_key: int, outcome: str, goal: ConversionKind) -> Before | None:
    """The published fit of the same outcome, as far as moves are told from it."""
    fit = mix.published_before(session, account_key, outcome, goal.value)
    if fit is None:
        return None
    brought: dict[str, dict[dt.date, float]] = {}
    spent: dict[str, dict[dt.date, float]] = {}
    outcome_of: dict[dt.date, float] = {}
    for row in mix.mix_contributions(session, fit.fit_key):
        outcome_of[row.period] = outcome_of.get(row.period, 0.0) + row.estimate
        if row.kind == "channel":
            brought.setdefault(row.part, {})[row.period] = row.estimate
            spent.setdefault(row.part, {})[row.period] = float(row.spend or 0)
    lifts: dict[str, frozenset[tuple[str, float]]] = {}
    for lift in mix.mix_lifts(session, fit.fit_key):
        if lift.is_used and lift.lift is not None:
            lifts[lift.channel] = lifts.get(lift.channel, frozenset()) | {(lift.experiment, lift.lift)}
    channels = mix.mix_channels(session, fit.fit_key)
    totals = {one.channel: (one.contribution, one.contribution_low, one.contribution_high) for one in channels}
    return Before(fit.fit_key, totals, brought, spent, outcome_of, lifts, fit.parameters)
