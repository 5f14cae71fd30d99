"""Which test next: the channels of which knowing more would change most money."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards
from dashboard.components.words import hint
from dashboard.experiments.asked import Asked
from dashboard.experiments.pieces import number_head, scrolled
from dashboard.experiments.read import Shown
from dashboard.experiments.words import between
from warehouse.queries.next_tests import NextTest

MOST: Final = 6
_RESTS_ON: Final = {
    "tests": "Beliefs are those of the calibrated model of attribution.",
    "credit": "Nothing was tested yet: what a channel causes may be nothing, or all that it is credited with.",
}
_NAMES: Final = {
    "order": "orders", "lead": "leads", "deal": "deals", "offline": "offline conversions", "signup": "sign-ups",
}  # fmt: skip


def next_tests_card(shown: Shown) -> Component | None:
    """The tests worth most, with what each tells and costs; None where nothing was ranked yet."""
    ranked = shown.next_tests[:MOST]
    if not ranked:
        return None
    first = ranked[0]
    head = (
        "Channel",
        number_head("Causes a week", "Conversions a week that the channel is thought to cause, with their interval."),
        number_head("Pays from", "Conversions a week that are worth its spend."),
        number_head("Decision wrong", "How likely it is that what one would do today, keep it or not, is wrong."),
        "Best test",
        number_head("Tells to", "How far up and down the interval will go after the test."),
        number_head("Worth", "What deciding after the test is better than deciding today, less what it costs."),
    )
    return cards.card(
        "Which test next",
        scrolled(head, [_row(shown, one) for one in ranked], "Tests in the order of their worth"),
        mark_name="incremental" if first.rests_on == "tests" else None,
        note=f"{_RESTS_ON[first.rests_on]} A decision is for {first.horizon_weeks} weeks.",
    )


def _row(shown: Shown, one: NextTest) -> Component:
    label, size = shown.channels.get(one.channel, one.channel.replace("_", " ").capitalize()), formats.number
    tested = f"tested until {one.last_tested:%-d %b %Y}" if one.last_tested else "never tested"
    if one.experiment_key is not None:
        link = dcc.Link(one.experiment_id, href=Asked(experiment=str(one.experiment_key)).href)
        best: list[Component | str] = ["Under way: ", link]
    elif one.net <= 0:
        best = ["None is worth its cost"]
    else:
        share = formats.tick(one.share, "percent")
        best = [f"{one.weeks} weeks without its ads in regions with {share} of all {_NAMES[one.goal]}"]
    worth = max(one.net, Decimal(0))
    return html.Tr(
        [
            html.Th([label, html.Small(tested, className="cw-under")], scope="row"),
            html.Td(
                [
                    f"{size(one.conversions, 'count')} {_NAMES[one.goal]}",
                    html.Small(between(one.low, one.high, "count"), className="cw-under"),
                ]
            ),
            html.Td([size(one.break_even, "count"), html.Small(_spend(one), className="cw-under")]),
            html.Td(formats.tick(one.chance_wrong, "percent")),
            html.Td([*best, " ", hint(one.words, f"Test of {label}")]),
            html.Td(f"±{size(one.precision, 'count')}"),
            html.Td([size(worth, "money", one.currency), html.Small(_cost(one), className="cw-under")]),
        ]
    )


def _spend(one: NextTest) -> str:
    return f"at {formats.number(one.spend, 'money', one.currency)} spend"


def _cost(one: NextTest) -> str:
    return f"after {formats.number(one.test_cost, 'money', one.currency)} that the test costs"
