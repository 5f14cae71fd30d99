"""Where money goes: what runs propose, and scenarios with their channels, weeks, rules and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound

LARGEST_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Allocation:
    """One row of ``mart.allocation``."""

    allocation_key: int
    advertiser: str
    state: str
    outcome_kind: str
    trust: str
    budget: Decimal
    spent: Decimal
    currency: str
    gap: float
    outcome: float
    outcome_low: float
    outcome_high: float
    gain: float
    gain_low: float
    gain_high: float
    beats_today: float
    regret: float
    shadow_price: float
    shadow_price_low: float
    shadow_price_high: float
    efficiency_today: float | None
    efficiency: float | None
    level: float
    words: str
    fit_key: int
    run_key: int


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """One row of ``mart.allocation_line``."""

    channel: str
    current: Decimal
    proposed: Decimal
    change: Decimal
    least: Decimal
    most: Decimal | None
    currency: str
    outcome: float
    outcome_low: float
    outcome_high: float
    gain: float
    gain_low: float
    gain_high: float
    shadow_price: float
    shadow_price_low: float
    shadow_price_high: float
    knowing: float | None
    words: str


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """One row of ``mart.budget_frontier``."""

    budget: Decimal
    outcome: float
    outcome_low: float
    outcome_high: float
    shadow_price: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of ``mart.scenario`` with the keys of its account; ``scored_*`` are None until it is scored."""

    scenario_key: int
    account_key: int
    advertiser_key: int
    platform: str
    account_id: str
    scenario_name: str
    state: str
    outcome_kind: str
    trust: str
    goal: str
    amount: Decimal
    rules: Sequence[dict[str, Any]]
    caution: float
    first_week: dt.date
    weeks: int
    budget: Decimal
    spent: Decimal
    currency: str
    gap: float
    outcome: float
    outcome_low: float
    outcome_high: float
    gain: float
    gain_low: float
    gain_high: float
    beats_today: float
    regret: float
    shadow_price: float
    shadow_price_low: float
    shadow_price_high: float
    efficiency_today: float | None
    efficiency: float | None
    level: float
    words: str
    created_at: dt.datetime
    created_by: str
    approved_at: dt.datetime | None
    approved_by: str | None
    archived_at: dt.datetime | None
    scored_at: dt.datetime | None
    scored_planned: Decimal | None
    scored_spent: Decimal | None
    scored_total: float | None
    scored_predicted: float | None
    scored_predicted_low: float | None
    scored_predicted_high: float | None
    scored_found: float | None
    scored_found_low: float | None
    scored_found_high: float | None
    scored_predicted_gain: float | None
    scored_predicted_gain_low: float | None
    scored_predicted_gain_high: float | None
    scored_found_gain: float | None
    scored_found_gain_low: float | None
    scored_found_gain_high: float | None
    scored_efficiency: float | None
    scored_is_kept: bool | None
    scored_words: str | None
    fit_key: int
    scored_fit_key: int | None


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """One row of ``mart.scenario_line``."""

    channel: str
    current: Decimal
    proposed: Decimal
    change: Decimal
    least: Decimal
    most: Decimal | None
    outcome: float
    outcome_low: float
    outcome_high: float
    gain: float
    gain_low: float
    gain_high: float
    shadow_price: float
    shadow_price_low: float
    shadow_price_high: float
    words: str
    scored_planned: Decimal | None
    scored_spent: Decimal | None
    scored_predicted: float | None
    scored_predicted_low: float | None
    scored_predicted_high: float | None
    scored_found: float | None
    scored_found_low: float | None
    scored_found_high: float | None
    scored_is_kept: bool | None


@dataclass(frozen=True, slots=True)
class ScenarioWeek:
    """One row of ``mart.scenario_week``."""

    channel: str
    week: dt.date
    spend: Decimal
    outcome: float
    outcome_low: float
    outcome_high: float


@dataclass(frozen=True, slots=True)
class ScenarioRule:
    """One row of ``mart.scenario_rule``."""

    rule: str
    shadow_price: float


def allocations(session: ReadSession) -> list[Allocation]:
    """The plans of the newest runs that the reader may see, by advertiser; revenue and margin before counts."""
    sql = f"""SELECT {_columns(Allocation)} FROM mart.allocation a
              ORDER BY a.advertiser, array_position(ARRAY['revenue', 'margin'], a.outcome_kind), a.allocation_key"""
    return [Allocation(*row) for row in session.execute(text(sql))]


def allocation_lines(session: ReadSession, allocation_key: int) -> list[AllocationLine]:
    """The channels of a plan, those whose money moves most first."""
    sql = f"""SELECT {_columns(AllocationLine)} FROM mart.allocation_line a WHERE a.allocation_key = :key
              ORDER BY abs(a.change) DESC, a.channel"""
    return [AllocationLine(*row) for row in session.execute(text(sql), {"key": allocation_key})]


def budget_frontier(session: ReadSession, allocation_key: int) -> list[BudgetPoint]:
    """What other budgets would bring, the smallest first."""
    sql = f"""SELECT {_columns(BudgetPoint)} FROM mart.budget_frontier a WHERE a.allocation_key = :key
              ORDER BY a.budget"""
    return [BudgetPoint(*row) for row in session.execute(text(sql), {"key": allocation_key})]


def scenarios(session: ReadSession, *, archived: bool = False, limit: int = LARGEST_PAGE) -> list[Scenario]:
    """Scenarios that the reader may see, the newest first; those that were put away only where asked for."""
    sql = f"{_SCENARIOS} WHERE (:archived OR a.state <> 'archived') ORDER BY a.scenario_key DESC LIMIT :limit"
    given = {"archived": archived, "limit": min(limit, LARGEST_PAGE)}
    return [Scenario(*row) for row in session.execute(text(sql), given)]


def scenario(session: ReadSession, scenario_key: int) -> Scenario:
    """One scenario. Raises :class:`NotFound`, also where the reader may not see it."""
    row = session.execute(text(f"{_SCENARIOS} WHERE a.scenario_key = :key"), {"key": scenario_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no scenario {scenario_key}.", remedy="`causeway scenario list` shows them.")
    return Scenario(*row)


def find_scenario(session: ReadSession, named: str) -> int:
    """The key of the newest scenario of that name. Raises :class:`NotFound`."""
    sql = "SELECT max(a.scenario_key) FROM mart.scenario a WHERE a.scenario_name = :name"
    key = session.execute(text(sql), {"name": named}).scalar_one()
    if key is None:
        raise NotFound(f"There is no scenario {named!r}.", remedy="`causeway scenario list` shows them.")
    return int(key)


def scenario_lines(session: ReadSession, scenario_key: int) -> list[ScenarioLine]:
    """The channels of a scenario, those whose money moves most first."""
    sql = f"""SELECT {_columns(ScenarioLine)} FROM mart.scenario_line a WHERE a.scenario_key = :key
              ORDER BY abs(a.change) DESC, a.channel"""
    return [ScenarioLine(*row) for row in session.execute(text(sql), {"key": scenario_key})]


def scenario_weeks(session: ReadSession, scenario_key: int) -> list[ScenarioWeek]:
    """The plan of a scenario by week, then channel."""
    sql = f"""SELECT {_columns(ScenarioWeek)} FROM mart.scenario_week a WHERE a.scenario_key = :key
              ORDER BY a.week, a.channel"""
    return [ScenarioWeek(*row) for row in session.execute(text(sql), {"key": scenario_key})]


def scenario_rules(session: ReadSession, scenario_key: int) -> list[ScenarioRule]:
    """The rules that bind a scenario, the dearest first."""
    sql = f"""SELECT {_columns(ScenarioRule)} FROM mart.scenario_rule a WHERE a.scenario_key = :key
              ORDER BY a.shadow_price DESC, a.rule"""
    return [ScenarioRule(*row) for row in session.execute(text(sql), {"key": scenario_key})]


def as_sql(outcome_kind: str) -> str:
    """How to ask in SQL for the plan for today's money."""
    return f"SELECT * FROM mart.allocation_line WHERE outcome_kind = '{outcome_kind}'"


def frontier_as_sql(outcome_kind: str) -> str:
    """The same for what other budgets would bring."""
    return f"SELECT * FROM mart.budget_frontier WHERE outcome_kind = '{outcome_kind}' ORDER BY budget"


def curve_as_sql(fit_key: int, channel: str) -> str:
    """The same for a channel's response curve."""
    said = channel.replace("'", "''")
    return f"SELECT * FROM mart.response_curve WHERE fit_key = {fit_key} AND channel = '{said}' ORDER BY spend"


def scenarios_as_sql() -> str:
    """The same for all scenarios."""
    return "SELECT * FROM mart.scenario ORDER BY scenario_key DESC"


def scenario_as_sql(scenario_key: int) -> str:
    """The same for the channels of one scenario."""
    return f"SELECT * FROM mart.scenario_line WHERE scenario_key = {scenario_key}"


def _columns(row: type[Any]) -> str:
    return ", ".join(_EXACT.get(field.name, f"a.{field.name}") for field in fields(row))


_EXACT: Final = {"level": "a.level::float8", "account_key": "n.account_key", "advertiser_key": "n.advertiser_key"}
_SCENARIOS: Final = f"""
SELECT {_columns(Scenario)} FROM mart.scenario a
JOIN core.account n ON n.platform = a.platform AND n.account_id = a.account_id
"""
