from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import text

from tests.commands import Commands
from warehouse.ingest.digests import identifier_digests
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

ANA, BEN = "ana@example.com", "ben@example.com"


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Warehouse:
    return Warehouse.connect(settings)


@pytest.fixture(scope="module")
def causeway(settings: Settings, warehouse: Warehouse) -> Commands:
    """A warehouse in which Ana is known by an address, a user id and a browser, and Ben by an address."""
    records = [{"email": ANA, "client": "c1"}, {"user": "17", "client": "c1"}, {"email": BEN, "client": "c2"}]
    with warehouse.writing() as session:
        book = PeopleBook(session, 1, 1)
        kinds = [IdentifierKind(k) for k in ("email", "user", "client")]
        book.identify(
            pl.DataFrame([identifier_digests(pl.Series([r.get(k.value) for r in records]), k) for k in kinds])
        )
        book.settle()
    return Commands.on(settings)


def audited(warehouse: Warehouse) -> list[tuple[str, str]]:
    with warehouse.writing() as session:
        rows = session.execute(text("SELECT action, after::text FROM ops.audit ORDER BY audit_key"))
        return [(row[0], row[1]) for row in rows]


def test_a_customer_is_shown_without_a_value(causeway: Commands) -> None:
    shown = causeway.ok("people", "show", f"email={ANA}")
    assert {line.split()[0] for line in shown.out.splitlines()[1:4]} == {"email", "user", "client"}
    assert "seen in load 1" in shown.out
    assert ANA not in shown.out + shown.err
    known = causeway.ok("people", "show", "user", "--json", stdin="17\n").json
    assert [i["kind"] for i in known["identifiers"]] == ["email", "user", "client"]


def test_two_are_made_one_and_two_again(causeway: Commands, warehouse: Warehouse) -> None:
    merged = causeway.ok("people", "merge", f"email={ANA}", "email", stdin=f"{BEN}\n")
    assert "Both are customer" in merged.out
    assert len(causeway.ok("people", "show", f"email={BEN}", "--json").json["identifiers"]) == 5
    parted = causeway.ok("people", "split", f"email={ANA}", f"email={BEN}")
    assert "They are customers" in parted.out
    assert len(causeway.ok("people", "show", f"email={BEN}", "--json").json["identifiers"]) == 2
    again = causeway.run("people", "split", f"email={ANA}", f"email={BEN}")
    assert (again.code, "causeway people show" in again.err) == (1, True)
    actions = audited(warehouse)
    assert {"customer.show", "customer.merge", "customer.split"} <= {action for action, _ in actions}
    assert "example.com" not in str(actions)


def test_forgetting_asks_and_is_for_good(causeway: Commands, warehouse: Warehouse) -> None:
    assert causeway.run("people", "forget", f"email={BEN}").code == 2
    gone = causeway.ok("people", "forget", f"email={BEN}", "--yes")
    assert "is forgotten" in gone.out
    assert "2 rows of core.identifier" in gone.out
    missing = causeway.run("people", "show", f"email={BEN}")
    assert (missing.code, BEN in missing.err) == (1, False)
    assert audited(warehouse)[-1][0] in {"customer.forget", "customer.show"}


@pytest.mark.parametrize("by", ["somebody@example.com", "mail=x", "email=nonsense", "email:crm=a@b.de", "phone=0171 1"])
def test_what_names_nobody_is_refused_and_not_repeated(causeway: Commands, by: str) -> None:
    refused = causeway.run("people", "show", by)
    assert refused.code in {1, 2}
    assert by.rpartition("=")[2] not in refused.err


def test_accounts_belong_to_advertisers(causeway: Commands, tmp_path: Path) -> None:
    causeway.ok("advertiser", "create", "Shop of the tests")
    assert causeway.run("advertiser", "create", "Shop of the tests").code == 1
    report = tmp_path / "orders.csv"
    report.write_text("Day,Orders,Net sales\n2026-06-01,3,99.00\n", encoding="utf-8")
    assert causeway.run("load", report, "--source", "shopify", "--advertiser", "nobody").code == 1
    causeway.ok("load", report, "--source", "shopify", "--advertiser", "Shop of the tests")
    by_name = {a["name"]: a["accounts"] for a in causeway.ok("advertiser", "list", "--json").json}
    assert by_name["Shop of the tests"] == ["shopify/shopify"]
    refused = causeway.run("load", report, "--source", "shopify", "--advertiser", "default")
    assert (refused.code, "another advertiser" in refused.out) == (1, True)
    causeway.ok("advertiser", "assign", "shopify/shopify", "default")
    by_name = {a["name"]: a["accounts"] for a in causeway.ok("advertiser", "list", "--json").json}
    assert by_name == {"Shop of the tests": [], "default": ["shopify/shopify"]}
