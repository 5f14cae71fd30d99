"""Budget: where the next unit of money goes, how far that can be believed, and what came of plans."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard.budget import curves, pieces, rules, scenarios
from dashboard.budget.acting import ANSWER, CONTENT, KEPT, register_acting
from dashboard.budget.asked import SETTINGS
from dashboard.budget.read import Shown, Standing, read_budget
from dashboard.budget.words import answer_of, banners, missing
from dashboard.components import cards
from dashboard.components.shell import Page
from dashboard.frame import dress
from dashboard.reading import reading

PAGE = Page("budget", "Budget", "/budget", "budget", "b")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`~warehouse.errors.BadFilter` where it means nothing."""
    carried = {name: value for name, value in query.items() if name not in SETTINGS}
    dress(PAGE.name, carried="?" + urlencode(carried) if carried else "")
    return html.Div(_content(query), id=CONTENT, className="cw-page")


def register(app: Dash) -> None:
    """Sliders are followed in place; what may be done is done."""
    register_acting(app, _content)


def _content(query: dict[str, str]) -> list[Component]:
    with reading() as found:
        shown = read_budget(found, query)
    chosen = {
        "outcome": "" if shown.standing is None else shown.standing.fit.outcome,
        "caution": shown.asked.caution,
        "scenario": "" if shown.chosen is None else str(shown.chosen.scenario.scenario_key),
    }
    kept = dcc.Store(id=KEPT, data={"search": "?" + urlencode(query), "shown": chosen})
    answer = html.Div(answer_of(shown), id=ANSWER)
    if shown.standing is None:
        return [answer, cards.card(None, missing()), kept]
    return [*banners(shown), answer, *_planned(shown, shown.standing), *_saved(shown, shown.standing), kept]


def _planned(shown: Shown, standing: Standing) -> list[Component]:
    """The plan and what it follows from."""
    pills = pieces.outcome_pills(shown)
    plan = [] if shown.answered is None else pieces.plan_parts(standing, shown.answered)
    return [
        *([pills] if pills is not None else []),
        pieces.money_card(standing, shown.asked),
        html.Div(plan, id=pieces.PLAN),
        rules.rules_card(standing, shown.asked),
        html.Div(curves.curve_cards(standing, shown.answered), id=curves.CURVES),
        *([card] if (card := pieces.knowing_card(standing)) is not None else []),
    ]


def _saved(shown: Shown, standing: Standing) -> list[Component]:
    """Scenarios: saved, side by side, week by week, and what came of them."""
    found = (
        None if shown.answered is None else scenarios.save_card(standing, shown.asked),
        scenarios.compared_card(shown),
        scenarios.weekly_card(shown),
        scenarios.came_card(shown.chosen),
    )
    return [card for card in found if card is not None]
