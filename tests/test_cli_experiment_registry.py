"""Experiments on the command line from a file of definitions to a decision."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Commands
from warehouse.settings import Settings

DEFINITION = """
experiments:
  - id: green_button
    name: Green button
    arms: {control: 0.5, green: 0.5}
    metrics: {primary: [orders]}
    start: 2099-01-01
"""


@pytest.fixture(scope="module")
def causeway(settings: Settings) -> Commands:
    return Commands.on(settings)


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.yaml"
    path.write_text(DEFINITION)
    return path


def test_from_a_file_to_a_decision(causeway: Commands, definition: Path) -> None:
    assert causeway.ok("experiment", "create", definition).out == "green_button is draft.\n"
    assert "already" in causeway.run("experiment", "create", definition).err
    started = causeway.ok("experiment", "start", "green_button", "--at", "2026-09-01T08:00:00")
    assert started.out == "green_button is running since 2026-09-01 08:00 UTC.\n"
    assert causeway.run("experiment", "decide", "green_button", "Too early.").code == 1
    assert causeway.ok("experiment", "stop", "green_button", "--json").json["status"] == "stopped"
    causeway.ok("experiment", "decide", "green_button", "Kept as it was.")
    (listed,) = causeway.ok("experiment", "list", "--json").json
    assert (listed["status"], listed["decision"], listed["verdict"]) == ("decided", "Kept as it was.", None)


def test_what_is_not_there_is_said(causeway: Commands, tmp_path: Path) -> None:
    assert "There is no experiment 'red_button'" in causeway.run("experiment", "start", "red_button").err
    assert "cannot be read" in causeway.run("experiment", "create", tmp_path / "nothing.yaml").err
    (tmp_path / "empty.yaml").write_text("arms: []")
    assert "holds no definitions" in causeway.run("experiment", "create", tmp_path / "empty.yaml").err
