"""Everything that one view of uplift shows: the tests, one of them with what was found, and audiences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from api.identity import Role
from dashboard.reading import Reading
from dashboard.uplift.asked import Asked
from ml.uplift.curve import Profit
from ml.uplift.stored import profit_of
from warehouse.queries.audiences import Audience, audiences
from warehouse.queries.experiments import arms, experiments
from warehouse.queries.uplift import (
    Check,
    CurvePoint,
    Driver,
    Kind,
    Readout,
    Score,
    ScoredKind,
    customers_above,
    scored_kinds,
    uplift_checks,
    uplift_curve,
    uplift_drivers,
    uplift_kinds,
    uplift_readouts,
    uplift_scores,
)

MOST_SHOWN: Final = 200  # customers in the table
MOST_EXPERIMENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one test. ``arm`` is what its treatment is called, ``may`` whether the reader saves audiences.

    ``scores`` are the best customers, none for who may not read every account of the advertiser.
    """

    readout: Readout
    arm: str
    checks: Sequence[Check]
    curve: Sequence[CurvePoint]
    kinds: Sequence[Kind]
    drivers: Sequence[Driver]
    scored: Sequence[ScoredKind]
    scores: Sequence[Score]
    may: bool

    @property
    def is_proven(self) -> bool:
        """Whether the test tells whom to treat."""
        return self.readout.state == "proven"


@dataclass(frozen=True, slots=True)
class Policy:
    """What choosing is worth at a value and a cost, and how many scored customers that is."""

    value: Decimal
    cost: Decimal
    profit: Profit
    customers: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows. ``tests`` counts tests over users that have begun, ``may_export`` is for administrators."""

    asked: Asked
    readouts: Sequence[Readout]
    told: Told | None
    policy: Policy | None
    audiences: Sequence[Audience]
    tests: int
    account: str
    may_export: bool


def read_uplift(reading: Reading, query: Mapping[str, str]) -> Shown:
    """Read what an address shows. Raises :class:`BadFilter` where it means nothing."""
    asked, session = Asked.from_query(query), reading.session
    found = uplift_readouts(session)
    chosen = next((one for one in found if test_of(one) == asked.test), next(iter(found), None))
    told = None if chosen is None else _told(reading, chosen)
    over_users = [one for one in experiments(session, limit=MOST_EXPERIMENTS) if _is_over_users(one.unit, one.status)]
    account = next((f"{one.platform}/{one.account_id}" for one in over_users), "PLATFORM/ID")
    return Shown(
        asked,
        found,
        told,
        None if told is None else read_policy(reading, told, asked),
        audiences(session),
        len(over_users),
        account,
        reading.identity.is_administrator,
    )


def read_policy(reading: Reading, told: Told, asked: Asked) -> Policy | None:
    """What choosing is worth as asked; None where nothing could be judged."""
    if not told.curve:
        return None
    value, cost = asked.amount("value", told.readout.value), asked.amount("cost", told.readout.cost)
    profit = profit_of(told.curve, value=value, cost=cost)
    return Policy(value, cost, profit, customers_above(reading.session, told.readout.readout_key, profit.least))


def test_of(readout: Readout) -> str:
    """A test as the address names it."""
    return f"{readout.experiment_id}:{readout.metric}:{readout.arm_id}"


def _told(reading: Reading, readout: Readout) -> Told:
    session, key = reading.session, readout.readout_key
    names = {arm.arm_id: arm.arm_name for arm in arms(session, readout.experiment_key)}
    return Told(
        readout=readout,
        arm=names.get(readout.arm_id, readout.arm_id),
        checks=uplift_checks(session, key),
        curve=uplift_curve(session, key),
        kinds=uplift_kinds(session, key),
        drivers=uplift_drivers(session, key),
        scored=scored_kinds(session, key),
        scores=uplift_scores(session, key, limit=MOST_SHOWN),
        may=reading.identity.may(Role.manager, account_key=readout.account_key),
    )


def _is_over_users(unit: str, status: str) -> bool:
    return unit == "user" and status != "draft"
