"""The registry of experiments: definitions in every form, changed ones, and those that contradict themselves."""

import json

import pytest

from tests.warehouse.state import dump, rows

TABLES = ("core.experiment", "core.experiment_arm", "core.experiment_metric")
YAML = """
# What we try this autumn
experiments:
  - id: checkout_button
    name: Green checkout button
    hypothesis: A green button is found faster.
    owner: ana@shop.example
    kind: ab
    unit: user
    start: 2026-09-01
    stop: 2026-10-01T00:00:00+00:00
    exposure: saw the cart
    planned_units: 20000
    channels: [paid_search, email]
    campaigns: ["701", "702"]
    arms:
      - {id: control, name: Blue, share: 0.5}
      - {id: green, name: Green, share: 0.5}
    metrics:
      - {metric: orders, role: primary}
      - {metric: revenue, role: secondary}
      - {metric: returns, role: guardrail, better: lower, margin: 0.02}
"""


def definition(**said):
    return {"id": "x", "name": "X", "kind": "ab", "arms": ["control", "treatment"], "metrics": ["orders"]} | said


def define(desk, *definitions):
    return desk.load(json.dumps({"experiments": list(definitions)}), "experiments.json")


def arms(warehouse):
    return rows(
        warehouse,
        "SELECT arm_id, share::float, is_control FROM core.experiment_arm ORDER BY experiment_key, arm_key",
    )


def test_a_definition_in_yaml_is_registered_whole(desk):
    result = desk.load(YAML, "experiments.yaml")
    assert (result.source, result.status, result.accepted, result.findings) == (
        "experiments.definition", "loaded", 1, [],
    )  # fmt: skip
    (experiment,) = rows(
        desk.warehouse,
        """SELECT e.experiment_id, e.name, e.hypothesis, e.owner, e.kind::text, e.unit::text, e.status::text,
                  e.starts_at::text, e.stops_at::text, e.exposure_rule, e.planned_units, e.channels, e.campaigns,
                  e.is_registered, a.platform
           FROM core.experiment e JOIN core.account a USING (account_key)""",
    )
    assert experiment == (
        "checkout_button", "Green checkout button", "A green button is found faster.", "ana@shop.example", "ab", "user",
        "stopped", "2026-09-01 00:00:00+00", "2026-10-01 00:00:00+00", "saw the cart", 20000,
        ["paid_search", "email"], ["701", "702"], True, "experiments",
    )  # fmt: skip
    assert arms(desk.warehouse) == [("control", 0.5, True), ("green", 0.5, False)]
    metrics = "SELECT metric, role::text, better, margin::float FROM core.experiment_metric ORDER BY 1"
    assert rows(desk.warehouse, metrics) == [
        ("orders", "primary", "higher", None), ("returns", "guardrail", "lower", 0.02),
        ("revenue", "secondary", "higher", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("experiments.json", json.dumps({"experiments": [definition()]})),
        ("experiments.ndjson", json.dumps(definition()) + "\n" + json.dumps(definition(id="y"))),
        ("experiments.csv", "id,name,kind,arms,metrics\nx,X,ab,control|treatment,orders\n"),
        ("experiment.yml", "experiment:\n  id: x\n  name: X\n  arms: [control, treatment]\n  metrics: [orders]\n"),
        ("growthbook.json", json.dumps({"experiments": [{
            "id": "x", "name": "X", "hashAttribute": "user_id", "status": "running", "goals": [{"id": "orders"}],
            "variations": [{"variationId": "control", "name": "Control", "weight": 50},
                           {"variationId": "treatment", "name": "T", "weight": 50}]}]})),
    ],
    ids=["json", "ndjson", "csv", "yml", "growthbook"],
)  # fmt: skip
def test_a_definition_may_come_in_many_forms(desk, name, content):
    result = desk.load(content, name)
    assert (result.source, result.rejected) == ("experiments.definition", 0)
    assert rows(desk.warehouse, "SELECT name, kind::text, unit::text FROM core.experiment ORDER BY 1")[0] == (
        "X", "ab", "user",
    )  # fmt: skip
    assert [(arm, control) for arm, _, control in arms(desk.warehouse)][:2] == [("control", True), ("treatment", False)]
    assert rows(desk.warehouse, "SELECT DISTINCT metric, role::text FROM core.experiment_metric") == [
        ("orders", "primary")
    ]


def test_the_same_definition_again_changes_nothing(desk):
    desk.load(YAML, "experiments.yaml")
    before = dump(desk.warehouse, *TABLES)
    again = desk.load(YAML + "\n# a comment\n", "experiments.yaml")
    assert (again.status, again.skipped_by_reason) == ("unchanged", {"already known": 1})
    assert dump(desk.warehouse, *TABLES) == before


def test_a_changed_definition_replaces_the_earlier_one(desk):
    define(desk, definition(arms={"control": 0.5, "treatment": 0.5}))
    result = define(desk, definition(name="Better", arms={"control": 0.2, "treatment": 0.3, "third": 0.5},
                                     metrics=[{"metric": "revenue", "role": "primary"}]))  # fmt: skip
    assert (result.accepted, result.restated) == (1, 1)
    assert rows(desk.warehouse, "SELECT name FROM core.experiment") == [("Better",)]
    assert arms(desk.warehouse) == [("control", 0.2, True), ("treatment", 0.3, False), ("third", 0.5, False)]
    assert rows(desk.warehouse, "SELECT metric FROM core.experiment_metric") == [("revenue",)]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, "draft"),
        ({"start": "2031-01-01"}, "draft"),
        ({"start": "2026-01-01"}, "running"),
        ({"start": "2026-01-01", "stop": "2026-02-01"}, "stopped"),
        ({"start": "2026-01-01", "stop": "2026-02-01", "decision": "ship it"}, "decided"),
        ({"start": "2026-01-01", "status": "Completed"}, "stopped"),
    ],
)
def test_where_an_experiment_stands(desk, said, status):
    define(desk, definition(**said))
    assert rows(desk.warehouse, "SELECT status::text FROM core.experiment") == [(status,)]


@pytest.mark.parametrize(
    ("said", "kind", "unit"),
    [
        ({"kind": "geo-lift"}, "geo", "geo"),
        ({"kind": "switchback"}, "switchback", "time_slot"),
        ({"kind": "go dark"}, "go_dark", "geo"),
        ({"kind": "hold-out"}, "holdout", "user"),
        ({"kind": None, "unit": "region"}, "geo", "geo"),
        ({"kind": None}, "ab", "user"),
    ],
)
def test_kind_and_unit_follow_from_each_other(desk, said, kind, unit):
    define(desk, definition(**said))
    assert rows(desk.warehouse, "SELECT kind::text, unit::text FROM core.experiment") == [(kind, unit)]


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"arms": {"a": 0.5, "b": 0.4}}, "bad_shares", "add up to 0.9"),
        ({"arms": {"a": 0.5, "b": 0.6}}, "bad_shares", "add up to 1.1"),
        ({"arms": {"a": 1.5, "b": -0.5}}, "bad_shares", "above zero"),
        ({"arms": [{"id": "a", "share": 0.5}, "b"]}, "missing_share", "others have none"),
        ({"arms": ["a", "A"]}, "repeated_arm", "same id"),
        ({"arms": []}, "no_arms", "names no arms"),
        ({"arms": [{"share": 1}]}, "missing_id", "no id"),
        ({"arms": [{"id": "a", "share": "half"}, {"id": "b", "share": 0.5}]}, "bad_number", '"half" is no number'),
        ({"arms": [{"id": "a", "control": True}, {"id": "b", "control": True}]}, "several_controls", "More than one"),
        ({"kind": "lottery"}, "unknown_word", "none of: ab"),
        ({"start": "2026-02-01", "stop": "2026-01-01"}, "stops_before_start", "stops before it starts"),
        ({"metrics": [{"metric": "a", "role": "judge"}]}, "unknown_word", "none of: guardrail"),
        ({"metrics": ["a", "a"]}, "repeated_metric", "same name"),
        ({"metrics": [{"metric": "a", "role": "guardrail", "margin": 5}]}, "bad_margin", "part from 0 to 1"),
        ({"start": "soon"}, "bad_time", '"soon" is not a moment'),
        ({"id": "", "name": ""}, None, ""),
    ],
)
def test_a_definition_that_does_not_hold_together_is_rejected_with_the_reason(desk, said, code, words):
    result = define(desk, definition(id="good"), definition(**said))
    assert (result.accepted, result.rejected + result.skipped) == (1, 1)
    found = rows(desk.warehouse, "SELECT code, reason FROM landing.rejected_row")
    if code:
        assert [(c, words in reason) for c, reason in found] == [(code, True)]
    assert rows(desk.warehouse, "SELECT experiment_id FROM core.experiment") == [("good",)]


def test_per_cents_are_shares_and_thirds_may_be_rounded(desk):
    define(
        desk,
        definition(arms={"a": 33.3, "b": 33.3, "c": 33.4}),
        definition(id="y", arms={"a": 0.33, "b": 0.33, "c": 0.34}),
    )
    assert [share for _, share, _ in arms(desk.warehouse)] == [0.333, 0.333, 0.334, 0.33, 0.33, 0.34]


def test_an_arm_with_units_stays(desk):
    define(desk, definition(arms=["control", "treatment"]))
    desk.load("experiment_id,user_id,variation\nx,1,treatment\n", "a.csv")
    result = define(desk, definition(arms=["control", "other"]))
    assert (result.status, result.accepted, result.rejected) == ("refused", 0, 1)
    assert "Units are in arm treatment" in str(result.reason)
    assert [arm for arm, _, _ in arms(desk.warehouse)] == ["control", "treatment"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("experiments:\n  - id: [\n", "line 3 is no YAML"),
        ("experiments:\n  - &a {id: x}\n  - *a\n", "uses aliases"),
        ("experiments:\n  just words\n", "holds no definitions"),
        ("experiments:\n  - !!python/object/apply:os.system ['true']\n", "is no YAML"),
        ("experiments:\n" + "  - {id: x, note: '" + "y" * 5_000_000 + "'}\n", "larger than 4 MB"),
    ],
    ids=["broken", "aliases", "words", "code", "large"],
)
def test_what_is_no_definition_is_refused_with_the_reason(desk, content, words):
    result = desk.load(content, "experiments.yaml")
    assert result.status == "refused"
    assert words in str(result.reason)


def test_definitions_come_before_what_they_define(desk, tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "experiments.yaml").write_text(YAML)
    (folder / "assignments.csv").write_text("experiment,unit_id,arm\ncheckout_button,7,green\n")
    assert [r.accepted for r in desk.load_path(str(folder))] == [1, 1]
    assert rows(desk.warehouse, "SELECT is_registered FROM core.experiment") == [(True,)]


CHOSEN = {"counts": "exposed", "strata": "country", "cluster": "household",
          "metrics": [{"metric": "orders", "cap": 5, "covariates": ["tenure"]}]}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [{"counts": "assigned"}, {"strata": None}, {"cluster": "shop"}, {"metrics": [{"metric": "orders", "cap": 6}]},
     {"metrics": [{"metric": "orders", "cap": 5}]}],
)  # fmt: skip
def test_how_it_is_told_is_chosen_before_the_start_and_kept(desk, other):
    define(desk, definition(**CHOSEN))
    assert define(desk, definition(**CHOSEN | other)).restated == 1
    define(desk, definition(**CHOSEN, start="2026-01-01"))
    refused = define(desk, definition(**CHOSEN | other, start="2026-01-01"))
    assert refused.rejected == 1
    assert "is chosen before" in str(refused.reason)
    again = {"metrics": [*CHOSEN["metrics"], {"metric": "revenue", "role": "secondary"}]}
    assert define(desk, definition(**CHOSEN | again, start="2026-01-01")).restated == 1
