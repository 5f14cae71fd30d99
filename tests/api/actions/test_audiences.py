"""Audiences saved, given out and verified: by whom, once each, with the held-out part left alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import Engine, text

from api.actions import audiences
from api.actions.audiences import Terms
from api.auth import owner_identity
from api.identity import Identity, Role
from api.refusals import Invalid
from tests.api.actions.test_actions import somebody
from tests.warehouse.uplift_rows import CUSTOMERS, write_uplift_rows
from warehouse.errors import Conflict, NotAllowed, NotEnoughData, NotFound
from warehouse.ingest.digests import identifier_digest
from warehouse.ingest.store.people import PeopleBook
from warehouse.queries import audiences as queries
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse


@pytest.fixture(scope="module")
def readout(warehouse: Warehouse) -> int:
    with warehouse.writing() as session:
        return write_uplift_rows(session)


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


def audits(engine: Engine, action: str) -> int:
    with engine.connect() as connection:
        sql = text("SELECT count(*) FROM ops.audit WHERE action = :action")
        return int(connection.execute(sql, {"action": action}).scalar_one())


def test_the_rule_is_the_effect_that_pays_and_a_retry_saves_nothing_twice(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    def save(cost: int) -> audiences.Saved:
        return audiences.save_audience(
            warehouse, owner, readout_key=readout, name="May", terms=Terms(cost=Decimal(cost)), key="once"
        )

    made = save(4)
    assert save(4) == made
    assert audits(engine, "audience.save") == 1
    with pytest.raises(Conflict):
        save(5)
    with warehouse.reading(owner.reader) as session:
        saved = queries.audience(session, made.audience_key)
        members = queries.audience_members(session, made.audience_key, limit=1_000)
    assert (saved.least, saved.customers, len(members)) == (0.1, 199, 199)
    assert min(one.effect for one in members) > 0.1
    assert sum(one.is_held_out for one in members) == made.held_out == saved.held_out
    assert 5 < made.held_out < 40
    assert made.predicted == pytest.approx(0.4 - 0.6 * 100 / CUSTOMERS)


def test_the_best_so_many_and_the_same_people_held_out(warehouse: Warehouse, owner: Identity, readout: int) -> None:
    found = []
    for name in ("fifty", "fifty more"):
        made = audiences.save_audience(warehouse, owner, readout_key=readout, name=name, terms=Terms(most=50))
        with warehouse.reading(owner.reader) as session:
            found.append(queries.audience_members(session, made.audience_key, limit=1_000))
    assert [one.customer_key for one in found[0]] == list(range(1, 51))
    assert found[0] == found[1]


def test_who_is_held_out_is_in_no_file_and_digests_find_the_others(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    made = audiences.save_audience(
        warehouse, owner, readout_key=readout, name="all", terms=Terms(cost=Decimal(0), holdout=Decimal("0.4"))
    )
    digest = identifier_digest("a@example.com", IdentifierKind.email)
    with warehouse.writing() as session:
        book = PeopleBook(session, 1, 1)
        book.identify(pl.DataFrame({"email": [digest]}))
        book.settle()
        session.execute(text("UPDATE core.identifier SET customer_key = 7"))
    treated = audiences.export_audience(warehouse, owner, audience_key=made.audience_key)
    with warehouse.reading(owner.reader) as session:
        members = queries.audience_members(session, made.audience_key, limit=1_000)
    held = {one.customer_key for one in members if one.is_held_out}
    assert {one.customer_key for one in treated}.isdisjoint(held)
    assert len(treated) + len(held) == len(members)
    lines = list(audiences.csv_lines(treated))
    assert lines[0] == "customer_key,effect,email,phone,user\n"
    known = [line for line in lines if line.startswith("7,")]
    assert known == ([] if 7 in held else [f"7,0.3895,{str(digest).replace('-', '')},,\n"])
    assert audits(engine, "audience.export") == 1


def test_merged_customers_are_treated_once_or_left_alone(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    made = audiences.save_audience(
        warehouse, owner, readout_key=readout, name="merged", terms=Terms(holdout=Decimal("0.4"))
    )
    with engine.begin() as connection:
        sql = """UPDATE ops.audience_member m SET customer_key = h.customer_key FROM ops.audience_member h
                 WHERE m.audience_key = :key AND NOT m.is_held_out AND h.audience_key = :key AND h.is_held_out"""
        connection.execute(text(sql), {"key": made.audience_key})
    assert audiences.export_audience(warehouse, owner, audience_key=made.audience_key) == []


def test_a_promise_is_held_against_what_customers_did(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    made = audiences.save_audience(
        warehouse, owner, readout_key=readout, name="promise", terms=Terms(cost=Decimal(0), holdout=Decimal("0.4"))
    )
    found = audiences.verify_audience(warehouse, owner, audience_key=made.audience_key)
    assert found.measure == "orders"
    assert found.found_low is not None
    assert found.found_high is not None
    assert found.found_low < 0 < found.found_high, "whoever has an even key orders, treated or not"
    assert found.is_kept is False
    with warehouse.reading(owner.reader) as session:
        members = queries.everybody_of(session, made.audience_key)
    did = {key: 0.0 if held else 1.0 for key, held in zip(members["customer_key"], members["is_held_out"], strict=True)}
    by_file = audiences.verify_audience(warehouse, owner, audience_key=made.audience_key, outcomes=did)
    assert by_file.found == pytest.approx(1.0)
    assert by_file.first_day is None
    del did[next(iter(did))]
    with pytest.raises(Invalid, match="leaving out those who did nothing"):
        audiences.verify_audience(warehouse, owner, audience_key=made.audience_key, outcomes=did)
    assert audits(engine, "audience.verify") == 2


def test_days_that_are_not_over_are_not_counted(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    made = audiences.save_audience(warehouse, owner, readout_key=readout, name="early", terms=Terms())
    with engine.begin() as connection:
        connection.execute(text("UPDATE ops.audience SET days = 30 WHERE name = 'early'"))
    with pytest.raises(NotEnoughData, match="30 days"):
        audiences.verify_audience(warehouse, owner, audience_key=made.audience_key)


def test_nobody_is_chosen_where_nothing_is_proven_or_nobody_is_worth_it(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    with pytest.raises(NotEnoughData, match="Nobody is worth treating"):
        audiences.save_audience(warehouse, owner, readout_key=readout, name="x", terms=Terms(cost=Decimal(100)))
    with engine.begin() as connection:
        connection.execute(text("UPDATE results.uplift_readout SET state = 'open'"))
    with pytest.raises(Conflict, match="nobody to choose"):
        audiences.save_audience(warehouse, owner, readout_key=readout, name="x", terms=Terms())
    with engine.begin() as connection:
        connection.execute(text("UPDATE results.uplift_readout SET state = 'proven'"))


@pytest.mark.parametrize(
    "terms",
    [Terms(value=Decimal(0)), Terms(cost=Decimal("NaN")), Terms(most=0), Terms(holdout=Decimal(0)),
     Terms(holdout=Decimal("0.12345")), Terms(seed=0)],
)  # fmt: skip
def test_terms_that_mean_nothing_are_refused(warehouse: Warehouse, owner: Identity, readout: int, terms: Terms) -> None:
    with pytest.raises(Invalid):
        audiences.save_audience(warehouse, owner, readout_key=readout, name="x", terms=terms)


def test_managers_save_administrators_export_and_strangers_do_not_learn_of_it(
    warehouse: Warehouse, engine: Engine, owner: Identity, readout: int
) -> None:
    with engine.begin() as connection:
        account = connection.execute(text("SELECT account_key FROM core.account")).scalar_one()
        sql = "INSERT INTO ops.account_grant (reader, account_key, role) VALUES ('user:998', :key, 'manager')"
        connection.execute(text(sql), {"key": account})
    analyst, manager = (somebody(role, account, key=998) for role in (Role.analyst, Role.manager))
    with pytest.raises(NotAllowed):
        audiences.save_audience(warehouse, analyst, readout_key=readout, name="theirs", terms=Terms())
    made = audiences.save_audience(warehouse, manager, readout_key=readout, name="theirs", terms=Terms())
    with pytest.raises(NotAllowed):
        audiences.export_audience(warehouse, manager, audience_key=made.audience_key)
    stranger = replace(owner, reader=replace(owner.reader, id="user:999"))
    with pytest.raises(NotFound):
        audiences.save_audience(warehouse, stranger, readout_key=readout, name="y", terms=Terms())
    with pytest.raises(NotFound):
        audiences.verify_audience(warehouse, stranger, audience_key=made.audience_key)
