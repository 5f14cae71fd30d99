import polars as pl
import pytest

from warehouse.errors import LoadRefused
from warehouse.ingest.goals import Goal


def ranks(goal, *types):
    return goal.ranks(pl.Series(types, dtype=pl.String)).to_list()


def test_purchases_have_three_tiers_and_leads_are_left_out():
    goal = Goal("action_type")
    types = (
        "omni_purchase",
        "purchase",
        "offsite_conversion.fb_pixel_purchase",
        "onsite_conversion.purchase",
        "lead",
        None,
    )
    assert ranks(goal, *types) == [0, 1, 2, 2, None, None]
    assert goal.name == "purchases"


def test_leads_count_where_there_are_no_purchases():
    goal = Goal("action_type")
    assert ranks(goal, "view_content", "offsite_conversion.fb_pixel_lead", "lead") == [None, 1, 0]
    assert goal.name == "leads"


def test_a_table_cannot_change_its_goal():
    goal = Goal("action_type")
    ranks(goal, "lead")
    with pytest.raises(LoadRefused, match="action:purchase"):
        ranks(goal, "purchase")


def test_purchases_stay_the_goal_when_leads_follow():
    goal = Goal("action_type")
    ranks(goal, "purchase")
    assert ranks(goal, "lead", "purchase") == [None, 1]


def test_one_action_can_be_chosen():
    goal = Goal("action_type", chosen="add_to_cart")
    assert ranks(goal, "add_to_cart", "purchase") == [0, None]


def test_result_indicators_have_a_prefix():
    assert ranks(Goal("Result indicator"), "actions:offsite_conversion.fb_pixel_purchase", "reach") == [2, None]


def test_a_table_without_a_goal_says_so():
    goal = Goal("action_type")
    ranks(goal, "view_content")
    assert [f.code for f in goal.findings(1)] == ["no_goal"]
