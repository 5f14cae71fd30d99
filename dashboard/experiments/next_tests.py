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
        number_head("Known to, after", "How far up and down the interval will go after the test."),
        number_head("Worth", "What deciding after the test is better than deciding today, less what it costs."),
    )
    return cards.card(
        "Which test next",
        scrolled(head, [_row(shown, one) for one in ranked], "Tests in the order of their worth"),
        mark_name="incremental" if first.rests_on == "tests" else None,
        note=f"{_RESTS_ON[first.rests_on]} A decision is for {first.horizon_weeks} weeks.",
    )


def _row(shown: Shown, one: NextTest) -> Component:
    label = shown.channels.get(one.channel, one.channel.replace("_", " ").capitalize())
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
            _number(f"{_few(one.conversions)} {_NAMES[one.goal]}", f"{_few(one.low)} to {_few(one.high)}"),
            _number(_few(one.break_even), f"at {formats.number(one.spend, 'money', one.currency)} spend"),
            _number(f"{round(100 * one.chance_wrong)}{formats.SPACE}%"),
            html.Td([*best, " ", hint(one.words, f"Test of {label}")], className="cw-cell-words"),
            _number(f"±{_few(one.precision)}", f"now ±{_few(one.high - one.conversions)}"),
            _number(
                formats.number(worth, "money", one.currency),
                f"after {formats.number(one.test_cost, 'money', one.currency)} that the test costs",
            ),
        ]
    )


def _number(said: str, under: str = "") -> Component:
    small = [html.Small(under, className="cw-under")] if under else []
    return html.Td([said, *small], className="cw-cell-number")


def _few(conversions: float) -> str:
    """Conversions a week; below ten with one decimal."""
    return f"{conversions:.1f}" if abs(conversions) < 9.95 else formats.number(conversions, "count")
