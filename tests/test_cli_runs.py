from __future__ import annotations

import pytest

from tests.commands import Commands
from tests.warehouse.seed import GOOGLE, google_report
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def causeway(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    commands = Commands.on(settings)
    path = tmp_path_factory.mktemp("exports") / "google.csv"
    path.write_text(google_report(missing={"Cost": range(3)}), encoding="utf-8")
    commands.ok("load", path, "--account", GOOGLE)
    return commands


def published(causeway: Commands) -> list[int]:
    return [run["run_key"] for run in causeway.ok("runs", "--json").json if run["is_published"]]


def test_a_run_is_published_skipped_and_rolled_back(causeway: Commands) -> None:
    first = causeway.ok("run", "estimate", "--account", GOOGLE, "--json").json
    assert (first["state"], first["stage"]) == ("done", "Estimated 6 campaign-days of spend.")
    assert published(causeway) == [first["run_key"]]

    again = causeway.ok("run", "estimate", "--account", GOOGLE)
    assert "Nothing new" in again.out

    other = causeway.ok("run", "estimate", "--account", GOOGLE, "--parameters", '{"level": 0.5}', "--json").json
    assert published(causeway) == [other["run_key"]]
    causeway.ok("rollback", "estimate", "--account", GOOGLE, "--to", first["run_key"])
    assert published(causeway) == [first["run_key"]]
    levels = causeway.ok("sql", "SELECT DISTINCT level FROM mart.estimate", "--format", "json").json
    assert levels == [{"level": "0.900"}]
    assert str(first["run_key"]) in causeway.ok("runs").out


def test_what_cannot_be_run_is_said(causeway: Commands) -> None:
    for arguments, code, words in (
        (("run", "magic", "--account", GOOGLE), 1, "attribution, budget, estimate, experiments, journeys, mix"),
        (("run", "estimate", "--account", "nothing"), 1, f"google_ads/{GOOGLE}"),
        (("run", "estimate", "--account", GOOGLE, "--parameters", '{"level": 7}'), 1, "level == 7"),
        (("run", "estimate", "--account", GOOGLE, "--parameters", "level=7"), 2, "not JSON"),
        (("rollback", "estimate", "--account", GOOGLE, "--to", "999"), 1, "no finished run"),
    ):
        said = causeway.run(*arguments)
        assert (said.code, said.out) == (code, "")
        assert words in said.err


def test_thin_history_ends_with_the_reason(causeway: Commands, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("exports") / "thin.csv"
    path.write_text(google_report(days=5, missing={"Cost": range(1)}), encoding="utf-8")
    causeway.ok("load", path, "--account", "thin")
    said = causeway.run("run", "estimate", "--account", "thin")
    assert said.code == 1
    assert "needs 14 final days" in said.err


def test_a_worker_does_what_waits_and_stops_when_asked(causeway: Commands) -> None:
    with causeway.serving("worker", until="worker_started") as worker:
        assert worker.interrupt() == 0
