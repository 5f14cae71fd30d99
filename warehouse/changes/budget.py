"""Storing where money goes: what runs propose, scenarios with what was predicted of them, and what came of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What is predicted of a plan by a week, as allocations and scenarios have it."""

    level: float
    budget: Decimal
    spent: Decimal
    gap: float
    outcome: float
    outcome_low: float
    outcome_high: float
    gain: float
    gain_low: float
    gain_high: float
    beats_today: float
    regret: float
    price: float
    price_low: float
    price_high: float
    efficiency_today: float | None
    efficiency: float | None
    words: str


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One channel of a plan."""

    channel: str
    current: Decimal
    proposed: Decimal
    least: Decimal
    most: Decimal | None
    outcome: float
    outcome_low: float
    outcome_high: float
    gain: float
    gain_low: float
    gain_high: float
    marginal: float
    marginal_low: float
    marginal_high: float
    words: str


@dataclass(frozen=True, slots=True)
class BudgetPoint:
    """The best plan for another budget."""

    budget: Decimal
    outcome: float
    outcome_low: float
    outcome_high: float
    price: float


@dataclass(frozen=True, slots=True)
class StoredAllocation:
    """What a run proposes. ``knowing`` is what knowing a channel's curve would bring, where it was asked."""

    advertiser_key: int
    fit_key: int
    state: str
    figures: PlanFigures
    lines: Sequence[PlanLine]
    knowing: Mapping[str, float]
    budgets: Sequence[BudgetPoint]


@dataclass(frozen=True, slots=True)
class NewScenario:
    """What is saved of a scenario besides its figures."""

    account_key: int
    advertiser_key: int
    fit_key: int
    name: str
    goal: str
    amount: Decimal
    rules: Sequence[Mapping[str, Any]]
    caution: float
    first_week: dt.date
    weeks: int
    created_by: str


@dataclass(frozen=True, slots=True)
class PlannedWeek:
    """What a channel spends in a week, and what it brings in it."""

    channel: str
    week: dt.date
    spend: Decimal
    outcome: float
    outcome_low: float
    outcome_high: float


@dataclass(frozen=True, slots=True)
class NewScore:
    """What came of a scenario."""

    scenario_key: int
    advertiser_key: int
    fit_key: int
    scored_by: str
    planned: Decimal
    spent: Decimal
    total: float
    predicted: float
    predicted_low: float
    predicted_high: float
    found: float
    found_low: float
    found_high: float
    predicted_gain: float
    predicted_gain_low: float
    predicted_gain_high: float
    found_gain: float
    found_gain_low: float
    found_gain_high: float
    efficiency: float | None
    is_kept: bool
    words: str


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """What came of one channel of it."""

    channel: str
    planned: Decimal
    spent: Decimal
    predicted: float
    predicted_low: float
    predicted_high: float
    found: float
    found_low: float
    found_high: float
    is_kept: bool


@dataclass(frozen=True, slots=True)
class ScenarioState:
    """Where a scenario stands, to be changed in this transaction."""

    scenario_key: int
    account_key: int
    name: str
    state: str
    fit_status: str


def write_allocation(session: WriteSession, found: StoredAllocation, *, run_key: int) -> None:
    """Store a proposal under a run."""
    head = {
        "run_key": run_key, "advertiser_key": found.advertiser_key, "fit_key": found.fit_key, "state": found.state,
        **asdict(found.figures),
    }  # fmt: skip
    key = _insert_one(session, "results.allocation", head, "allocation_key")
    own = {"allocation_key": key, "advertiser_key": found.advertiser_key}
    lines = [{**asdict(line), "knowing": found.knowing.get(line.channel)} for line in found.lines]
    _insert(session, "results.allocation_line", own, lines)
    _insert(session, "results.allocation_budget", own, [asdict(point) for point in found.budgets])


def save_scenario(
    session: WriteSession,
    new: NewScenario,
    figures: PlanFigures,
    *,
    lines: Sequence[PlanLine],
    binding: Sequence[tuple[str, float]],
    weeks: Sequence[PlannedWeek],
) -> int:
    """Store a scenario as a draft; its key. ``binding`` are rules with their prices.

    Raises :class:`Conflict` where the account has one of that name.
    """
    said = asdict(new) | {"rules": json.dumps([dict(rule) for rule in new.rules]), "state": "draft"}
    values = said | asdict(figures)
    given = ", ".join("CAST(:rules AS jsonb)" if name == "rules" else f":{name}" for name in values)
    sql = f"""INSERT INTO ops.scenario ({", ".join(values)}) VALUES ({given})
              ON CONFLICT (account_key, name) DO NOTHING RETURNING scenario_key"""
    key = session.execute(text(sql), values).scalar_one_or_none()
    if key is None:
        raise Conflict(f"There is a scenario {new.name!r} already.", remedy="Give this one another name.")
    own = {"scenario_key": int(key), "advertiser_key": new.advertiser_key}
    _insert(session, "ops.scenario_line", own, [asdict(line) for line in lines])
    _insert(session, "ops.scenario_binding", own, [{"rule": rule, "price": price} for rule, price in binding])
    _insert(session, "ops.scenario_week", own, [asdict(week) for week in weeks], numbered=False)
    return int(key)


def scenario_state(session: WriteSession, scenario_key: int) -> ScenarioState:
    """Where a scenario stands, locked until the transaction ends. Raises :class:`NotFound`."""
    row = session.execute(text(_STATE), {"scenario": scenario_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no scenario {scenario_key}.", remedy="`causeway scenario list` shows them.")
    return ScenarioState(*row)


def approve_scenario(session: WriteSession, scenario_key: int, by: str) -> None:
    """Note who approves a scenario, now."""
    session.execute(text(_APPROVE), {"scenario": scenario_key, "by": by})


def archive_scenario(session: WriteSession, scenario_key: int) -> None:
    """Put a scenario away."""
    session.execute(text(_ARCHIVE), {"scenario": scenario_key})


def write_score(session: WriteSession, score: NewScore, lines: Sequence[ScoreLine]) -> None:
    """Write down what came of a scenario; earlier scores stay."""
    key = _insert_one(session, "ops.scenario_score", asdict(score), "score_key")
    own = {"score_key": key, "advertiser_key": score.advertiser_key}
    _insert(session, "ops.scenario_score_line", own, [asdict(line) for line in lines])


def _insert_one(session: WriteSession, table: str, values: Mapping[str, Any], key: str) -> int:
    given = ", ".join(f":{name}" for name in values)
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({given}) RETURNING {key}"
    return int(session.execute(text(sql), dict(values)).scalar_one())


def _insert(
    session: WriteSession, table: str, own: Mapping[str, int], rows: Sequence[Mapping[str, Any]], *,
    numbered: bool = True,
) -> None:  # fmt: skip
    if not rows:
        return
    values = [{**own, **({"place": place} if numbered else {}), **row} for place, row in enumerate(rows)]
    given = ", ".join(f":{name}" for name in values[0])
    session.execute(text(f"INSERT INTO {table} ({', '.join(values[0])}) VALUES ({given})"), values)


_STATE: Final = """
SELECT s.scenario_key, s.account_key, s.name, s.state, f.status
FROM ops.scenario s JOIN results.mix_fit f ON f.fit_key = s.fit_key WHERE s.scenario_key = :scenario FOR UPDATE OF s
"""
_APPROVE: Final = """
UPDATE ops.scenario SET state = 'approved', approved_at = now(), approved_by = :by WHERE scenario_key = :scenario
"""
_ARCHIVE: Final = "UPDATE ops.scenario SET state = 'archived', archived_at = now() WHERE scenario_key = :scenario"
