"""What somebody wrote is a definition or has a reason why not; nothing else comes of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.ingest.datasets.experiments import EXPERIMENT
from warehouse.ingest.store.definitions import BadDefinition, read_definition

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
