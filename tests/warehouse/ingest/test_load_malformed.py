"""Several hundred malformed exports, one after the other into one warehouse."""

import pytest

from tests.malformed import malformed_files
from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Desk, every_day, google
from tests.warehouse.state import assert_consistent, campaign_days, dump, rows
from warehouse.sessions import Warehouse

SEED = 5


@pytest.fixture(scope="module")
def warehouse(settings):
    """One warehouse for all files: each meets what those before it left."""
    warehouse = Warehouse.connect(settings)
    let_read_everything(warehouse)
    yield warehouse
    warehouse.engine.dispose()


@pytest.mark.slow
def test_malformed_files_are_accepted_or_refused_with_a_reason(warehouse, tmp_path_factory):
    folder = tmp_path_factory.mktemp("malformed")
    files = malformed_files(folder / "spoiled", SEED)
    assert len(files) >= 300
    desk = Desk(warehouse, folder)
    desk.load(google(every_day("2025-01-01", 30, account="bystander")))
    bystander = [day for day in campaign_days(warehouse) if day[0] == "bystander"]
    assert len(bystander) == 30
    wrong = []
    for file in files:
        results = desk.load_path(str(file.path))  # which checks that every result adds up
        accepted = sum(r.accepted for r in results)
        known = sum(r.skipped_by_reason.get("already known", 0) for r in results)
        refused = [r.status == "refused" for r in results]
        demands = {
            "at least one result": bool(results),
            "refused": not file.must_refuse or all(refused),
            "not refused": file.must_refuse is not False or not any(refused),
            "at most": file.max_accepted is None or accepted <= file.max_accepted,
            "at least": file.min_accepted is None or accepted + known >= file.min_accepted,
            "a reason to act on": all(len(r.reason or "") > 20 for r in results if r.status == "refused"),
        }
        wrong += [f"{file.kind} of {file.made_from}: {d} {file.note}" for d, held in demands.items() if not held]
    assert wrong == []
    assert_consistent(warehouse)
    assert [day for day in campaign_days(warehouse) if day[0] == "bystander"] == bystander


@pytest.mark.slow
def test_what_was_taken_is_known_and_what_was_refused_is_refused_again(warehouse, tmp_path_factory):
    """After the files above: the same ones again bring nothing and change nothing."""
    folder = tmp_path_factory.mktemp("malformed_again")
    desk = Desk(warehouse, folder)
    files = malformed_files(folder, SEED)[::7]
    for file in files:
        desk.load_path(str(file.path))
    before = dump(warehouse)
    loads = rows(warehouse, "SELECT count(*) FROM landing.load WHERE status <> 'refused'")
    for file in files:
        assert all(r.accepted == 0 for r in desk.load_path(str(file.path)) if r.status != "refused"), file.kind
    assert dump(warehouse) == before
    assert rows(warehouse, "SELECT count(*) FROM landing.load WHERE status <> 'refused'") == loads
