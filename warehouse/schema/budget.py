"""Where money goes: what runs propose for today's money, scenarios that people save and approve, and what came of them.

Money and outcomes are those of a week unless said otherwise, of all accounts of an advertiser, in the currency of the
fit that a plan stands on. An outcome is what advertising causes, in the unit of that fit.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, GeneratedKey, Now, SmallKey

_ADVERTISER = "core.advertiser.advertiser_key"
_FIT = "results.mix_fit.fit_key"
_ALLOCATION = "results.allocation.allocation_key"
_SCENARIO = "ops.scenario.scenario_key"
_SCORE = "ops.scenario_score.score_key"


class Allocation(Base):
    """The best plan for the money of today. ``withheld``: the fit below it is not to be trusted, so it is no advice.

    ``price`` is what one more unit of money would bring; ``regret`` by how much a plan that knew the truth would be
    better. The efficiencies are (outcome - spend) / spend, NULL where the outcome is not money.
    """

    __tablename__ = "allocation"
    __table_args__ = (CheckConstraint("state IN ('proposed', 'withheld')", name="state"), {"schema": "results"})

    allocation_key: Mapped[GeneratedKey]
    run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"), index=True)
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT))
    state: Mapped[str]
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    budget: Mapped[Amount]
    spent: Mapped[Amount]
    gap: Mapped[float] = mapped_column(Float)  # by how much, as a part, a better plan may exist
    outcome: Mapped[float] = mapped_column(Float)
    outcome_low: Mapped[float] = mapped_column(Float)
    outcome_high: Mapped[float] = mapped_column(Float)
    gain: Mapped[float] = mapped_column(Float)
    gain_low: Mapped[float] = mapped_column(Float)
    gain_high: Mapped[float] = mapped_column(Float)
    beats_today: Mapped[float] = mapped_column(Float)
    regret: Mapped[float] = mapped_column(Float)
    price: Mapped[float] = mapped_column(Float)
    price_low: Mapped[float] = mapped_column(Float)
    price_high: Mapped[float] = mapped_column(Float)
    efficiency_today: Mapped[float | None] = mapped_column(Float)
    efficiency: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str]


class AllocationLine(Base):
    """One channel of it. ``marginal`` is what its next unit of money brings, ``knowing`` what knowing its curve would.

    ``most`` is NULL where only the budget bounds it.
    """

    __tablename__ = "allocation_line"
    __table_args__ = ({"schema": "results"},)

    allocation_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ALLOCATION), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey]
    channel: Mapped[str]
    current: Mapped[Amount]
    proposed: Mapped[Amount]
    least: Mapped[Amount]
    most: Mapped[Amount | None]
    outcome: Mapped[float] = mapped_column(Float)
    outcome_low: Mapped[float] = mapped_column(Float)
    outcome_high: Mapped[float] = mapped_column(Float)
    gain: Mapped[float] = mapped_column(Float)
    gain_low: Mapped[float] = mapped_column(Float)
    gain_high: Mapped[float] = mapped_column(Float)
    marginal: Mapped[float] = mapped_column(Float)
    marginal_low: Mapped[float] = mapped_column(Float)
    marginal_high: Mapped[float] = mapped_column(Float)
    knowing: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str]


class AllocationBudget(Base):
    """The best plan for another budget: what it brings, and what one more unit of money would."""

    __tablename__ = "allocation_budget"
    __table_args__ = ({"schema": "results"},)

    allocation_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ALLOCATION), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey]
    budget: Mapped[Amount]
    outcome: Mapped[float] = mapped_column(Float)
    outcome_low: Mapped[float] = mapped_column(Float)
    outcome_high: Mapped[float] = mapped_column(Float)
    price: Mapped[float] = mapped_column(Float)


class Scenario(Base):
    """A plan that somebody saved: what was asked under which rules, and what was predicted of it, by a week.

    ``amount`` is what the goal asks for: the budget of a week, money on top of today's, an outcome, or what a unit of
    it is worth. ``rules`` are as a file of rules has them. ``caution`` is the weight of the worst draws.
    """

    __tablename__ = "scenario"
    __table_args__ = (
        UniqueConstraint("account_key", "name"),
        CheckConstraint("goal IN ('budget', 'extra', 'target', 'value')", name="goal"),
        CheckConstraint("state IN ('draft', 'approved', 'archived')", name="state"),
        CheckConstraint("weeks >= 1", name="weeks"),
        {"schema": "ops"},
    )

    scenario_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT))
    name: Mapped[str]
    state: Mapped[str]
    goal: Mapped[str]
    amount: Mapped[Amount]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    caution: Mapped[float] = mapped_column(Float)
    first_week: Mapped[dt.date] = mapped_column(Date)  # its first day
    weeks: Mapped[SmallKey]
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    budget: Mapped[Amount]
    spent: Mapped[Amount]
    gap: Mapped[float] = mapped_column(Float)
    outcome: Mapped[float] = mapped_column(Float)
    outcome_low: Mapped[float] = mapped_column(Float)
    outcome_high: Mapped[float] = mapped_column(Float)
    gain: Mapped[float] = mapped_column(Float)
    gain_low: Mapped[float] = mapped_column(Float)
    gain_high: Mapped[float] = mapped_column(Float)
    beats_today: Mapped[float] = mapped_column(Float)
    regret: Mapped[float] = mapped_column(Float)
    price: Mapped[float] = mapped_column(Float)
    price_low: Mapped[float] = mapped_column(Float)
    price_high: Mapped[float] = mapped_column(Float)
    efficiency_today: Mapped[float | None] = mapped_column(Float)
    efficiency: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str]
    created_at: Mapped[Now]
    created_by: Mapped[str]
    approved_at: Mapped[dt.datetime | None]
    approved_by: Mapped[str | None]
    archived_at: Mapped[dt.datetime | None]


class ScenarioLine(Base):
    """One channel of a scenario; columns are as in an allocation's line."""

    __tablename__ = "scenario_line"
    __table_args__ = ({"schema": "ops"},)

    scenario_key: Mapped[SmallKey] = mapped_column(ForeignKey(_SCENARIO), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey]
    channel: Mapped[str]
    current: Mapped[Amount]
    proposed: Mapped[Amount]
    least: Mapped[Amount]
    most: Mapped[Amount | None]
    outcome: Mapped[float] = mapped_column(Float)
    outcome_low: Mapped[float] = mapped_column(Float)
    outcome_high: Mapped[float] = mapped_column(Float)
    gain: Mapped[float] = mapped_column(Float)
    gain_low: Mapped[float] = mapped_column(Float)
    gain_high: Mapped[float] = mapped_column(Float)
    marginal: Mapped[float] = mapped_column(Float)
    marginal_low: Mapped[float] = mapped_column(Float)
    marginal_high: Mapped[float] = mapped_column(Float)
    words: Mapped[str]


class ScenarioBinding(Base):
    """A rule that keeps a scenario from bringing more, and what easing it by one unit would bring."""

    __tablename__ = "scenario_binding"
    __table_args__ = ({"schema": "ops"},)

    scenario_key: Mapped[SmallKey] = mapped_column(ForeignKey(_SCENARIO), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey]
    rule: Mapped[str]
    price: Mapped[float] = mapped_column(Float)


class ScenarioWeek(Base):
    """What a channel spends in a week of a scenario, and what it brings in that week, earlier spend included."""

    __tablename__ = "scenario_week"
    __table_args__ = ({"schema": "ops"},)

    scenario_key: Mapped[SmallKey] = mapped_column(ForeignKey(_SCENARIO), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    advertiser_key: Mapped[SmallKey]
    spend: Mapped[Amount]
    outcome: Mapped[float] = mapped_column(Float)
    outcome_low: Mapped[float] = mapped_column(Float)
    outcome_high: Mapped[float] = mapped_column(Float)


class ScenarioScore(Base):
    """What came of a scenario over all its weeks, by a newer fit that knows them.

    ``predicted`` and ``found`` are what advertising causes in these weeks; ``found_gain`` is against having gone on as
    before. ``total`` is the whole outcome of the weeks, with what nobody advertised for.
    """

    __tablename__ = "scenario_score"
    __table_args__ = ({"schema": "ops"},)

    score_key: Mapped[GeneratedKey]
    scenario_key: Mapped[SmallKey] = mapped_column(ForeignKey(_SCENARIO), index=True)
    advertiser_key: Mapped[SmallKey]
    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT))
    scored_at: Mapped[Now]
    scored_by: Mapped[str]
    planned: Mapped[Amount]
    spent: Mapped[Amount]
    total: Mapped[float] = mapped_column(Float)
    predicted: Mapped[float] = mapped_column(Float)
    predicted_low: Mapped[float] = mapped_column(Float)
    predicted_high: Mapped[float] = mapped_column(Float)
    found: Mapped[float] = mapped_column(Float)
    found_low: Mapped[float] = mapped_column(Float)
    found_high: Mapped[float] = mapped_column(Float)
    predicted_gain: Mapped[float] = mapped_column(Float)
    predicted_gain_low: Mapped[float] = mapped_column(Float)
    predicted_gain_high: Mapped[float] = mapped_column(Float)
    found_gain: Mapped[float] = mapped_column(Float)
    found_gain_low: Mapped[float] = mapped_column(Float)
    found_gain_high: Mapped[float] = mapped_column(Float)
    efficiency: Mapped[float | None] = mapped_column(Float)
    is_kept: Mapped[bool]
    words: Mapped[str]


class ScenarioScoreLine(Base):
    """The same of one channel."""

    __tablename__ = "scenario_score_line"
    __table_args__ = ({"schema": "ops"},)

    score_key: Mapped[SmallKey] = mapped_column(ForeignKey(_SCORE), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey]
    channel: Mapped[str]
    planned: Mapped[Amount]
    spent: Mapped[Amount]
    predicted: Mapped[float] = mapped_column(Float)
    predicted_low: Mapped[float] = mapped_column(Float)
    predicted_high: Mapped[float] = mapped_column(Float)
    found: Mapped[float] = mapped_column(Float)
    found_low: Mapped[float] = mapped_column(Float)
    found_high: Mapped[float] = mapped_column(Float)
    is_kept: Mapped[bool]
