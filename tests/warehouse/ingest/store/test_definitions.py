"""What somebody wrote is a definition or has a reason why not; nothing else comes of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.ingest.datasets.experiments import EXPERIMENT
from warehouse.ingest.store.definition_cells import BadDefinition
from warehouse.ingest.store.definitions import read_definition

EMPTY = dict.fromkeys(EXPERIMENT.columns)
WORDS = st.sampled_from(["id", "name", "share", "role", "metric", "margin", "control", "primary", "a", "0.5", "better"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def read(**said):
    return read_definition(EMPTY | {"experiment_id": "x", "arms": "control|b"} | said)


@given(arms=JSON, metrics=JSON, word=st.text(max_size=8))
def test_any_json_is_a_definition_or_has_a_reason(arms, metrics, word):
    definition, reason = None, ""
    try:
        definition = read(arms=json.dumps(arms), metrics=json.dumps(metrics), kind=word)
    except BadDefinition as error:
        reason = error.reason
    if definition is None:
        assert 0 < len(reason) < 500
        return
    shares = [arm.share for arm in definition.arms]
    assert all(share is None for share in shares) or abs(sum(shares) - 1) < 0.01
    assert sum(arm.is_control for arm in definition.arms) == 1
    assert len({arm.arm_id for arm in definition.arms}) == len(definition.arms)


@pytest.mark.parametrize(
    ("metrics", "roles"),
    [
        ("orders|revenue", {"orders": "primary", "revenue": "secondary"}),
        ('["orders", "revenue"]', {"orders": "primary", "revenue": "secondary"}),
        ('{"primary": ["orders"], "guardrail": "returns"}', {"orders": "primary", "returns": "guardrail"}),
        ('{"orders": "primary", "returns": "guardrail"}', {"orders": "primary", "returns": "guardrail"}),
        ('[{"metric": "Orders", "role": "goal"}, {"id": "r"}]', {"orders": "primary", "r": "secondary"}),
        (None, {}),
    ],
)
def test_metrics_may_be_written_in_many_ways(metrics, roles):
    assert {m.metric: m.role.value for m in read(metrics=metrics).metrics} == roles


def test_an_id_is_made_of_a_name():
    assert read(experiment_id=None, name="Green button, again!").experiment_id == "green_button_again"


@pytest.mark.parametrize(
    ("arms", "control"),
    [("b|control", "control"), ("x|A", "A"), ("new|old", "new"), ('[{"id": 1, "name": "Baseline"}, {"id": 2}]', "1")],
)
def test_a_control_is_named_like_one_or_is_the_first(arms, control):
    definition = read(arms=arms)
    assert [arm.arm_id for arm in definition.arms if arm.is_control] == [control]
    assert definition.assumed["control arm"] == control


def metric_of(**said):
    (metric,) = read(metrics=json.dumps([{"metric": "revenue", **said}])).metrics
    return metric


@pytest.mark.parametrize(
    ("said", "statistic", "quantile", "outcome"),
    [
        ({}, "mean", None, "revenue"),
        ({"metric": "p90:revenue"}, "quantile", 0.9, "revenue"),
        ({"metric": "P99.5:Revenue"}, "quantile", 0.995, "revenue"),
        ({"metric": "median:revenue"}, "quantile", 0.5, "revenue"),
        ({"metric": "share:visit"}, "share", None, "visit"),
        ({"metric": "ga:orders"}, "mean", None, "ga:orders"),
        ({"metric": "top", "outcome": "revenue", "quantile": "90%"}, "quantile", 0.9, "revenue"),
        ({"metric": "half", "outcome": "revenue", "statistic": "median"}, "quantile", 0.5, "revenue"),
        ({"metric": "came", "statistic": "share"}, "share", None, "came"),
    ],
)
def test_what_is_told_of_an_outcome(said, statistic, quantile, outcome):
    found = metric_of(**said)
    assert (found.statistic, found.of) == (statistic, outcome)
    assert found.quantile is None if quantile is None else float(found.quantile) == quantile


def test_caps_and_covariates():
    found = metric_of(cap=500, covariates=["Orders", "tenure", "orders"])
    assert (found.cap, found.covariates) == (500, ("orders", "tenure"))
    assert metric_of(winsorise="99 %").winsorise == metric_of(winsorise=0.99).winsorise
    assert metric_of(covariates=[]).covariates == ()
    assert metric_of().covariates is None


@pytest.mark.parametrize(
    ("metric", "further", "words"),
    [
        ({"cap": -1}, {}, "The cap of revenue is -1; it is above 0."),
        ({"cap": 5, "winsorise": 0.9}, {}, "give one"),
        ({"winsorise": 1.5}, {}, "winsorise of revenue is 1.5; it is between 0 and 1."),
        ({"quantile": 0}, {}, "between 0 and 1"),
        ({"statistic": "quantile"}, {}, "says which: quantile: 0.9"),
        ({"statistic": "share", "quantile": 0.5}, {}, "says which"),
        ({"statistic": "mode"}, {}, "is none of"),
        ({"metric": "p90:revenue", "per": "orders"}, {}, "not divided by anything"),
        ({"metric": "p90:revenue", "cap": 5}, {}, "neither capped nor adjusted. Take the mean of revenue"),
        ({"metric": "share:came", "covariates": ["orders"]}, {}, "neither capped nor adjusted"),
        ({"metric": "p90:revenue"}, {"strata": "country"}, "neither stratified nor clustered"),
        ({"metric": "share:came"}, {"cluster": "household"}, "neither stratified nor clustered"),
        ({"cap": 5}, {"unit": "geo"}, "for tests over users or sessions"),
        ({}, {"unit": "time_slot", "counts": "exposed"}, "for tests over users or sessions"),
        ({}, {"counts": "some"}, "is none of: assigned, exposed"),
    ],
)
def test_what_cannot_be_told_so_is_refused(metric, further, words):
    with pytest.raises(BadDefinition, match=words):
        read(metrics=json.dumps([{"metric": "revenue", **metric}]), **further)
