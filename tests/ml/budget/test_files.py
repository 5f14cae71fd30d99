"""Files of curves and of rules are read, and what is wrong with them is said with its place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from ml.budget.curve_file import read_curves
from ml.budget.curves import Parametric, Sampled
from ml.budget.rule_file import KINDS, read_rules
from ml.budget.rules import Bounds, Cpa, Flight, Group, Locked, MinimumBuy, OfToday, Pacing, PeriodBudget, Roas, Target
from warehouse.errors import LoadRefused

PARAMETRIC = """channel,family,beta,theta,kappa,slope,lam,current,low,high
tv,exponential,1000,50000,,,,40000.50,10000,90000
social,Hill,600,,30000,2.2,,20000,,
radio,logistic,300,,,,0.00005,,,
"""
SAMPLED = "Channel;Spend;Response;Current\nb;10;5;7\na;0;0;\nb;0;0;7\na;4;2;\na;9;3;\n"


def curves_in(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "curves.csv"
    file.write_text(text, encoding="utf-8")
    return file


def rules_in(tmp_path: Path, text: str, name: str = "rules.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_parametric_curves(tmp_path: Path) -> None:
    tv, social, radio = read_curves(curves_in(tmp_path, PARAMETRIC))
    assert (tv.name, tv.current, tv.low, tv.high) == ("tv", Decimal("40000.50"), Decimal(10_000), Decimal(90_000))
    assert isinstance(social.curve, Parametric)
    assert (social.curve.family.name, social.curve.beta, social.curve.shape) == ("hill", 600, (30_000, 2.2))
    assert (radio.current, radio.low, radio.high) == (None, None, None)
    assert radio.curve.value(np.array(0.0)) == 0


def test_sampled_curves(tmp_path: Path) -> None:
    b, a = read_curves(curves_in(tmp_path, SAMPLED))
    assert (b.name, b.current, a.name, a.current) == ("b", Decimal(7), "a", None)
    assert isinstance(a.curve, Sampled)
    assert a.curve.spend.tolist() == [0, 4, 9]
    assert b.curve.value(np.array(5.0)) == 2.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column 'channel'; it has: nothing"),
        ("name,spend\na,1\n", "no column 'channel'; it has: name, spend"),
        ("channel,spend\na,1\n", "no column 'response'"),
        ("channel,spend,response\n", "no row below its header"),
        ("channel,spend,spend\na,1,1\n", "two columns 'spend'"),
        ("channel,spend,response\na,0,0\na,x,1\n", "row 3, column 'spend': 'x' is no number"),
        ("channel,spend,response\na,0,0\na,1,\n", "row 3, column 'response': a number is missing"),
        ("channel,spend,response\na,0,0\na,-1,1\n", "row 3, column 'spend': -1 is below 0"),
        ("channel,spend,response\n,0,0\n", "row 2, column 'channel' is empty"),
        ("channel,spend,response\na,0,0\na,1,2\na,2,1\n", "rows 2 to 4, channel 'a': A sampled response falls"),
        ("channel,spend,response\na,0,0\n", "row 2, channel 'a': A sampled curve has 1 points"),
        ("channel,spend,response\na,0,0\na,1,000,2\n", "row 3 has 4 cells, and there are 3 columns"),
        ("channel,spend,response,current\na,0,0,5\na,1,2,6\n", "row 3, column 'current': 6 is another amount"),
        (PARAMETRIC.replace("Hill", "power"), "row 3, column 'family': there is no family 'power', only exponential"),
        (PARAMETRIC.replace("30000", ""), "row 3, column 'kappa': a number is missing"),
        (PARAMETRIC.replace("2.2", "-2"), "row 3, column 'slope': -2 must be above 0"),
        (PARAMETRIC.replace("600", "-600"), "row 3, column 'beta': -600 must be 0 or more"),
        (PARAMETRIC.replace("90000", "9000"), "row 2, column 'low': 10000 is more than the high 9000"),
        (PARAMETRIC.replace("40000.50", "-1"), "row 2, column 'current': -1 is below 0"),
        (PARAMETRIC.replace("40000.50", "lots"), "row 2, column 'current': 'lots' is no amount"),
        (PARAMETRIC.replace("social", "tv"), "'tv' stands in rows 2 and 3"),
    ],
)
def test_curves_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(LoadRefused) as refused:
        read_curves(curves_in(tmp_path, text))
    assert words in str(refused.value)


RULES = """
rules:
  - {rule: bounds, channel: tv, low: 1000.10, high: +20%}
  - {rule: change, most: 30%}
  - {rule: locked, channels: [radio, press]}
  - {rule: locked, channel: tv, at: 500}
  - {rule: group, name: video, channels: [tv, web], min: 10, max: 2000, min_share: 10%, max_share: 0.4}
  - {rule: minimum_buy, channel: tv, min: 5000}
  - {rule: roas, at_least: 2.5}
  - {rule: cpa, at_most: 40, channels: [tv]}
  - {rule: target, at_least: 100}
  - {rule: pacing, most: 20%}
  - {rule: flight, channel: tv, periods: [3, 1]}
  - {rule: period, max: 5000, periods: 2}
"""
READ = (
    Bounds(("tv",), Decimal("1000.10"), OfToday(Decimal("0.2"))),
    Bounds((), OfToday(Decimal("-0.3")), OfToday(Decimal("0.3"))),
    Locked(("radio", "press")),
    Locked(("tv",), Decimal(500)),
    Group("video", ("tv", "web"), Decimal(10), Decimal(2000), Decimal("0.1"), Decimal("0.4")),
    MinimumBuy(("tv",), Decimal(5000)),
    Roas(2.5),
    Cpa(Decimal(40), ("tv",)),
    Target(100.0),
    Pacing(Decimal("0.2")),
    Flight(("tv",), (1, 3)),
    PeriodBudget(None, Decimal(5000), (2,)),
)


def test_rules_in_yaml_and_json(tmp_path: Path) -> None:
    assert read_rules(rules_in(tmp_path, RULES)) == READ
    listed = [{"rule": "bounds", "channel": "tv", "low": 0.1}, {"rule": "change", "most": "30%"}]
    found = read_rules(rules_in(tmp_path, json.dumps(listed), "rules.json"))
    assert found == (Bounds(("tv",), Decimal("0.1")), READ[1])
    assert {line.split("rule: ")[1].split(",")[0] for line in RULES.splitlines() if "rule: " in line} == set(KINDS)


def test_rules_have_words() -> None:
    words = [rule.words for rule in READ]
    assert words[0] == "tv spends at least 1,000.10 and at most +20 % of today"
    assert words[2] == "radio, press is locked at what it spends today"
    assert words[4].endswith("at least 0.1 of all money and at most 0.4 of all money")
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules: 3", "holds no list of rules"),
        ("- 3", "rule 1 does not say which rule it is"),
        ("- {rule: bound}", "rule 1: there is no rule 'bound'"),
        ("- {rule: change, most: 3%}\n- {rule: bounds, tv: 3}", "rule 2: bounds has no 'tv'"),
        ("- {rule: bounds, channel: tv}", "rule 1: bounds bounds nothing"),
        ("- {rule: roas}", "rule 1: roas needs at_least"),
        ("- {rule: bounds, low: 5, high: 3}", "its bounds cross, 5 is more than 3"),
        ("- {rule: bounds, low: 5%, high: 3%}", "its bounds cross"),
        ("- {rule: group, channels: [a], min_share: 50%, max_share: 40%}", "its bounds cross"),
        ("- {rule: bounds, low: many}", "rule 1, low: 'many' is no amount of money"),
        ("- {rule: bounds, low: -5}", "rule 1, low: -5 is below 0"),
        ("- {rule: bounds, low: -130%}", "-130% is less than nothing"),
        ("- {rule: group, channels: [a], max_share: 140%}", "140% is no share"),
        ("- {rule: change, most: -3%}", "-3% is below 0"),
        ("- {rule: roas, at_least: 0}", "0 must be above 0"),
        ("- {rule: flight, periods: [0]}", "are no periods"),
        ("- {rule: locked, channels: []}", "is no list of channels"),
        ("- {rule: [", "is neither JSON nor YAML"),
    ],
)
def test_rules_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(LoadRefused) as refused:
        read_rules(rules_in(tmp_path, text))
    assert words in str(refused.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match="cannot be read: No such file"):
        read_rules(tmp_path / "none.yaml")
    with pytest.raises(LoadRefused, match="cannot be read: No such file"):
        read_curves(tmp_path / "none.csv")
