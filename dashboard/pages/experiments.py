"""Experiments: what they truly caused, whether that may be believed, and what the next test must look like."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard.components import cards, words
from dashboard.components.shell import Page
from dashboard.components.words import Crumb
from dashboard.experiments import pieces, readout, regions
from dashboard.experiments.acting import CONTENT, create_card, decision_card, register_acting
from dashboard.experiments.asked import PLAN, SETTINGS, Asked
from dashboard.experiments.next_tests import next_tests_card
from dashboard.experiments.plan import plan_content, register_planning
from dashboard.experiments.read import Shown, Told, read_experiments
from dashboard.experiments.readout import ASKED
from dashboard.experiments.words import answer_of, answer_of_all, banners, missing
from dashboard.frame import dress
from dashboard.reading import Reading, reading
from dashboard.steering import ADDRESS, query_of

PAGE = Page("experiments", "Experiments", "/experiments", "experiments", "e")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`BadFilter` where it means nothing, and :class:`NotFound`."""
    carried = {name: value for name, value in query.items() if name not in SETTINGS}
    dress(PAGE.name, carried="?" + urlencode(carried) if carried else "")
    return html.Div(_content(query), id=CONTENT, className="cw-page")


def register(app: Dash) -> None:
    """A setting becomes another address; what may be done is done."""
    register_acting(app, _content)
    register_planning(app)

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Input({"type": ASKED, "name": ALL}, "value"),
        State(ADDRESS, "search"),
        prevent_initial_call=True,
    )
    def asked(_values: list[Any], search: str) -> Any:
        before = query_of(search)
        found = Asked.from_query(before)
        for trigger in ctx.triggered:
            name = ctx.triggered_prop_ids[trigger["prop_id"]]["name"]
            found = found.changed(name, trigger["value"])
        rest = {name: value for name, value in before.items() if name not in SETTINGS}
        after = rest | found.to_query()
        return no_update if after == before else "?" + urlencode(after)


def _content(query: dict[str, str]) -> list[Component]:
    with reading() as found:
        shown = read_experiments(found, query)
        if shown.told is not None:
            return _one(shown, shown.told)
        return _plan(found, shown, query) if shown.asked.show == PLAN else _all(shown)


def _all(shown: Shown) -> list[Component]:
    if not shown.listed:
        return [answer_of_all(shown), cards.card(None, missing())]
    below = [next_tests_card(shown), pieces.evidence_card(shown, shown.proofs)]
    return [answer_of_all(shown), pieces.list_card(shown), *(piece for piece in below if piece is not None)]


def _one(shown: Shown, told: Told) -> list[Component]:
    """A read-out: what failed or warns first, then the answer, then what it rests on."""
    crumbs = words.breadcrumb([Crumb("All experiments", PAGE.href), Crumb(told.experiment.experiment_name)])
    account = f"{told.experiment.platform}/{told.experiment.account_id}"
    above = banners(told, f"causeway run experiments --account {account}")
    found = _of_regions(told, shown.asked) if told.is_of_regions else _of_units(told, shown.asked)
    evidence = None if told.is_withheld else pieces.evidence_card(shown, told.proofs)
    last = [evidence, decision_card(told), readout.checks_card(told)]
    return [crumbs, *above, answer_of(told), *found, *(piece for piece in last if piece is not None)]


def _plan(found: Reading, shown: Shown, query: dict[str, str]) -> list[Component]:
    """A test to be planned, and the form that registers it."""
    rest = {name: value for name, value in query.items() if name not in SETTINGS}
    form = create_card(found)
    return [
        words.breadcrumb([Crumb("All experiments", PAGE.href), Crumb("Plan a test")]),
        *plan_content(shown.asked, rest, shown.known),
        *([form] if form is not None else []),
    ]


def _of_units(told: Told, asked: Asked) -> list[Component]:
    found = (
        readout.course_card(told, asked), readout.metrics_card(told), readout.novelty_card(told),
        readout.segments_card(told),
    )  # fmt: skip
    return [piece for piece in found if piece is not None]


def _of_regions(told: Told, asked: Asked) -> list[Component]:
    if told.is_withheld:
        before = regions.before_card(told)
        return [] if before is None else [before]
    lift = regions.lift_asked(told, asked)
    if lift is None:
        return []
    pills = regions.metric_pills(told, lift)
    head = [html.Div(pills, className="cw-section-head")] if pills is not None else []
    beside = [regions.counterfactual_card(told, lift), regions.weights_card(told, lift)]
    return [
        *head,
        regions.lift_tiles(told, lift),
        cards.grid([piece for piece in beside if piece is not None]),
    ]
