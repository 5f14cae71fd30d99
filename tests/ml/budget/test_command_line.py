"""The command prints what its contract says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import causeway
from warehouse.errors import Infeasible, LoadRefused

CURVES = """channel,family,beta,theta,kappa,slope,current,low,high
tv,exponential,1000,50000,,,40000,10000,90000
social,hill,600,,30000,2.2,20000,,60000
"""


@pytest.fixture
def curves(tmp_path: Path) -> Path:
    file = tmp_path / "curves.csv"
    file.write_text(CURVES, encoding="utf-8")
    return file


def said(*arguments: str) -> str:
    done = CliRunner().invoke(causeway.app, ["allocate", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_the_contract(curves: Path) -> None:
    told = json.loads(said("--curves", str(curves), "--budget", "60000.01", "--json"))
    assert {"status", "objective", "bound", "gap", "shadow_price", "channels", "binding"} <= set(told)
    assert told["status"] == "optimal"
    assert told["objective"] <= told["bound"]
    assert [row["channel"] for row in told["channels"]] == ["tv", "social"]
    assert {"channel", "current", "proposed", "low", "high", "marginal"} <= set(told["channels"][0])
    assert sum(row["proposed"] for row in told["channels"]) == pytest.approx(60000.01, abs=1e-9)
    assert told["channels"][0]["low"] == 10_000
    assert told["channels"][0]["marginal"] == pytest.approx(told["shadow_price"], rel=1e-3)


def test_rules_bind(curves: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('[{"rule": "bounds", "channel": "tv", "high": 20000}]', encoding="utf-8")
    told = json.loads(said("--curves", str(curves), "--budget", "60000", "--rules", str(rules), "--json"))
    assert told["channels"][0]["proposed"] == 20_000
    assert "tv spends at most 20,000" in [each["rule"] for each in told["binding"]]
    rules.write_text('[{"rule": "bounds", "channel": "tv", "low": 80000}]', encoding="utf-8")
    arguments = ["allocate", "--curves", str(curves), "--budget", "60000", "--rules", str(rules), "--json"]
    refused = CliRunner().invoke(causeway.app, arguments)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, Infeasible)
    assert "tv spends at least 80,000" in str(refused.exception)
    assert json.loads(refused.stdout)["status"] == "infeasible"


def test_rules_without_a_file(curves: Path) -> None:
    asked = ["--curves", str(curves), "--budget", "60000", "--json", "--rule", "{rule: locked, channel: social}"]
    told = json.loads(said(*asked, "--rule", '{"rule": "bounds", "channel": "tv", "high": 30000}'))
    assert [row["proposed"] for row in told["channels"]] == [30_000, 20_000]
    with pytest.raises(LoadRefused, match="--rule: there is no rule 'lock'"):
        said(*asked[:4], "--rule", "{rule: lock}")
    with pytest.raises(LoadRefused, match="is no rule"):
        said(*asked[:4], "--rule", "{rule: [")


def test_for_people(curves: Path) -> None:
    shown = said("--curves", str(curves), "--budget", "60000")
    assert "no plan under these rules brings more than" in shown
    assert "One more unit of money would bring" in shown
    assert "tv goes" in shown
    assert "If today's spends may move too" in said("--curves", str(curves), "--extra", "5000")
    assert "is the least that brings 900" in said("--curves", str(curves), "--target", "900")
    assert "earns most" in said("--curves", str(curves), "--value", "100")


def test_one_question_at_a_time(curves: Path) -> None:
    for asked in ([], ["--budget", "1", "--extra", "1"]):
        assert "Say one of --budget, --extra, --target, --value" in said("--curves", str(curves), *asked)
