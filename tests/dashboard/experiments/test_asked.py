"""What the page of experiments is asked stands in the address and is read back; what is meaningless is refused."""

from __future__ import annotations

import pytest

from dashboard.experiments.asked import Asked
from dashboard.experiments.plan import plan_parts, wanted_of
from warehouse.errors import BadFilter


def test_the_address_says_what_is_unusual_and_is_read_back() -> None:
    asked = Asked(show="plan", baseline="12.5", spread="30", method="fixed")
    assert asked.to_query() == {"show": "plan", "baseline": "12.5", "spread": "30", "method": "fixed"}
    assert Asked.from_query(asked.to_query()) == asked
    assert (Asked().href, Asked(experiment="7").href) == ("/experiments", "/experiments?experiment=7")
    assert asked.changed("spread", "").changed("method", None) == Asked(show="plan", baseline="12.5")


@pytest.mark.parametrize("wrong", [{"experiment": "-1"}, {"experiment": "²"}, {"show": "x"}, {"method": "bayes"}])
def test_what_means_nothing_is_refused_by_its_name(wrong) -> None:
    with pytest.raises(BadFilter, match=next(iter(wrong))):
        Asked.from_query(wrong)


def test_numbers_are_taken_as_people_write_them() -> None:
    wanted = wanted_of(Asked(baseline="3 %", daily="1,500", effect="5%", treated="20", sure="90", explained="40"))
    assert (wanted.level, wanted.units_a_day, wanted.effect, wanted.treated) == (0.03, 1500, 0.05, 0.2)
    assert (wanted.sd, wanted.explained, wanted.rule.level) == (None, 0.4, 0.9)
    assert wanted_of(Asked(baseline="0.03")).level == wanted.level


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(baseline="moon"), "no number"),
        (Asked(baseline="inf"), "no number"),
        (Asked(baseline="12"), "spread"),
        (Asked(effect="0"), "effect"),
        (Asked(treated="100"), "treated part"),
        (Asked(sure="100"), "level"),
        (Asked(power="1"), "power"),
        (Asked(daily="0.001"), "years to come"),
    ],
)
def test_what_cannot_be_planned_is_a_sentence(asked, words) -> None:
    said, curves, kept = plan_parts(asked, {}, [])
    assert words in str(said)
    assert (curves, kept["units"]) == ([], None)


def test_a_plan_is_kept_with_its_address_and_that_of_other_pages() -> None:
    said, curves, kept = plan_parts(Asked(show="plan", method="group"), {"channel": "video"}, [])
    assert "you need" in str(said)
    assert len(curves) == 2
    assert kept["units"] > 1000
    assert (kept["inference"], kept["search"]) == ("group_sequential", "?channel=video&show=plan&method=group")
