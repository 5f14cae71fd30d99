"""The cards of the page of budgets: money and bounds to try, the plan, response curves, and other budgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from api.actions.budget import Answered
from dashboard.budget.asked import Asked
from dashboard.budget.read import Shown, Standing
from dashboard.budget.words import (
    between,
    brought,
    channel_name,
    money,
    rate,
    rate_between,
)
from dashboard.components import cards, controls, tiles, words
from dashboard.components.cards import Query
from dashboard.components.paths import channel_tint
from dashboard.experiments.pieces import number_head, scrolled
from ml.budget.known import KnownChannel
from ml.budget.proposal import UNITS, ProposedLine
from warehouse.queries.budget import as_sql
from warehouse.queries.budget_inputs import StoredFit

ASKED: Final = "budget-asked"  # the "type" of a control whose "value" is another address; its "name" is the setting's
BUDGET, BOUNDS = "budget-money", "budget-bounds"  # sliders that are followed while they are dragged
PLAN: Final = "budget-plan"
STEPS: Final = 400  # of a slider
CAUTIONS: Final[Mapping[str, str]] = {"": "What is expected", "0.5": "Half for bad luck", "1": "Bad luck alone"}


def outcome_pills(shown: Shown) -> Component | None:
    """Which outcome is planned for, where several are modelled."""
    names = {one.outcome: UNITS[one.outcome].capitalize() for one in shown.fits}
    if len(names) < 2 or shown.standing is None:
        return None
    return controls.pills({"type": ASKED, "name": "outcome"}, "Plan for", names, shown.standing.fit.outcome)


def money_card(standing: Standing, asked: Asked) -> Component:
    """The budget of a week, and each channel's bounds, to be dragged."""
    known, fit = standing.planner.known, standing.fit
    scale = budget_scale(standing, asked)
    slider = dcc.Slider(
        id=BUDGET, min=scale.step, max=scale.top, step=scale.step, value=scale.values[0], marks=None,
        className="cw-slider", updatemode="mouseup",
    )  # fmt: skip
    fields = [
        _field(f"Money of a week, in {fit.currency}", slider,
               f"Today {money(fit, known.today)}. Up to what the data stand behind in all channels together."),
        _field(
            "Plan for", controls.choose({"type": ASKED, "name": "caution"}, "Plan for", CAUTIONS, asked.caution),
            "What is expected on average, or also what is left when things go badly: the mean of the worst tenth.",
        ),
    ]  # fmt: skip
    bounds = [_bounds(each, asked, fit) for each in known.channels]
    note = "The plan follows while you drag. Beyond what the data stand behind nothing is proposed unless a rule asks."
    body = [
        html.Div(fields, className="cw-budget-money"),
        html.Details(
            [html.Summary("Bounds of each channel"), html.Div(bounds, className="cw-budget-bounds")],
            className="cw-budget-more", open=any(one.get("rule") == "bounds" for one in asked.said),
        ),
    ]  # fmt: skip
    return cards.card("How much, and within which bounds", body, note=note)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the ends of a slider stand, how far it goes, and by which steps."""

    values: tuple[float, ...]
    top: float
    step: float


def budget_scale(standing: Standing, asked: Asked) -> Scale:
    """The slider of money: up to what the data stand behind in all channels together."""
    known = standing.planner.known
    chosen = float(asked.question().amount or known.today)
    top = max(float(sum(max(each.trusted, each.current) for each in known.channels)), chosen, 1.0)
    step = _round_step(top / STEPS)
    return Scale((_nearest(chosen, step),), _up(top, step), step)


def bounds_scale(each: KnownChannel, asked: Asked) -> Scale:
    """The slider of a channel's bounds: up to what the data stand behind."""
    mine = next((one for one in asked.said if one.get("rule") == "bounds" and one.get("channel") == each.name), {})
    most = float(max(each.trusted, each.current))
    step = _round_step(most / STEPS)
    top = _up(most, step)
    low = _nearest(_end(mine.get("low"), 0.0), step)
    return Scale(
        (low, top if mine.get("high") is None else min(_nearest(_end(mine["high"], top), step), top)), top, step
    )


def plan_parts(standing: Standing, answered: Answered) -> list[Component]:
    """What follows from money and bounds: tiles, and the channels one by one."""
    fit, proposal = standing.fit, answered.proposal
    found = [
        tiles.number_tile("Spent a week", money(fit, proposal.spent), f"today {money(fit, proposal.today)}"),
        tiles.number_tile(
            "Against today", _signed(fit, proposal.gain.estimate), between(fit, proposal.gain),
            hint_text="By how much more advertising causes in a week than under today's plan.",
        ),
        tiles.number_tile(
            "Beats today", f"{proposal.beats_today:.0%}", "probability",
            hint_text="In how many of the mix model's draws the plan causes more than today's.",
        ),
        tiles.number_tile(
            f"Next {fit.currency} brings", rate(fit, proposal.price.estimate), rate_between(fit, proposal.price),
            hint_text="The shadow price of the budget: what one more unit of money a week would bring.",
        ),
    ]  # fmt: skip
    if proposal.efficiency is not None and proposal.efficiency_today is not None:
        found.append(
            tiles.number_tile(
                "Efficiency", f"{proposal.efficiency:+.2f}", f"today {proposal.efficiency_today:+.2f}",
                hint_text="Budget allocation efficiency: (outcome - spend) / spend over all channels.",
            )
        )  # fmt: skip
    withheld = "" if answered.is_advice else " cw-withheld"
    return [html.Div([tiles.tiles(found), _table_card(fit, answered)], className=f"cw-stack{withheld}")]


def knowing_card(standing: Standing) -> Component | None:
    """Which channel's uncertainty costs most, hence which test to run next; None before a run has said it."""
    known = sorted(
        ((line.channel, line.knowing) for line in standing.published_lines if line.knowing), key=lambda one: -one[1]
    )
    if not known:
        return None
    fit = standing.fit
    items = [
        html.Li(f"{channel_name(channel).capitalize()}: {brought(fit, worth)} a week") for channel, worth in known[:5]
    ]
    note = "What knowing each channel's curve for certain would add to the plan. Test first what is worth most."
    link = html.A("Plan a test", href="/experiments?show=plan", className="cw-button cw-button-plain")
    return cards.card("What knowing more is worth", html.Ol(items, className="cw-budget-knowing"), note=note,
                      actions=[link])  # fmt: skip


def query_of(fit: StoredFit) -> Query:
    """How to ask for the published plan elsewhere."""
    graphql = (
        "{ allocations { outcomeKind budget gain { estimate low high } "
        "channels { channel current proposed gain { estimate low high } shadowPrice { estimate low high } } } }"
    )
    return Query(sql=as_sql(fit.outcome), graphql=graphql)


def _table_card(fit: StoredFit, answered: Answered) -> Component:
    head = (
        "Channel",
        number_head("Today"),
        number_head("Proposed"),
        number_head("Change"),
        number_head("Brings more", f"{UNITS[fit.outcome].capitalize()} a week against today, with its interval."),
        number_head(f"Next {fit.currency}", "Shadow price: what the channel's next unit of money would bring."),
        "Explain this move",
    )
    proposal = answered.proposal
    rows = [_row(fit, line) for line in sorted(proposal.lines, key=lambda line: -abs(line.change))]
    said = [html.P(words_, className="cw-card-note") for words_ in proposal.words[1:]]
    binding = [
        html.Li(f"{_first_upper(each.rule)}: easing it by one unit would bring {rate(fit, each.price)} a week.")
        for each in proposal.binding[:6]
    ]
    more = [
        html.Details([html.Summary("Which rules bind, and what each costs"), html.Ul(binding)],
                     className="cw-budget-more")
    ] if binding else []  # fmt: skip
    proven = (
        "No plan under these rules is expected to bring more."
        if proposal.gap <= 1e-3
        else f"A plan that is expected to bring up to {proposal.gap:.1%} more may exist."
    )
    return cards.card(
        "The plan, channel by channel",
        [scrolled(head, rows, "The plan by channel"), *said, *more],
        note=f"By a week. {proven}",
        mark_name="incremental",
        actions=[_copied(query_of(fit))],
    )


def _row(fit: StoredFit, line: ProposedLine) -> Component:
    share = float(line.change / line.current) if line.current else None
    tone = "" if abs(line.change) < 1 else (" cw-up" if line.change > 0 else " cw-down")
    under = [] if share is None else [html.Small(f"{share:+.0%}", className="cw-under")]
    return html.Tr(
        [
            html.Th([html.Span(className="cw-dot", style={"background": channel_tint(line.channel)}),
                     channel_name(line.channel)], scope="row", className="cw-budget-channel"),
            html.Td(money(fit, line.current), className="cw-cell-number"),
            html.Td(money(fit, line.proposed), className="cw-cell-number"),
            html.Td([money(fit, line.change, signed=True), *under], className=f"cw-cell-number{tone}"),
            html.Td([_signed(fit, line.gain.estimate),
                     html.Small(between(fit, line.gain), className="cw-under")], className="cw-cell-number"),
            html.Td([rate(fit, line.marginal.estimate),
                     html.Small(rate_between(fit, line.marginal), className="cw-under")], className="cw-cell-number"),
            html.Td(html.Details([html.Summary("Why"), html.P(line.words)], className="cw-budget-why")),
        ]
    )  # fmt: skip


def _bounds(each: KnownChannel, asked: Asked, fit: StoredFit) -> Component:
    scale = bounds_scale(each, asked)
    slider = dcc.RangeSlider(
        id={"type": BOUNDS, "channel": each.name}, min=0, max=scale.top, step=scale.step, value=list(scale.values),
        marks=None, allowCross=False, className="cw-slider", updatemode="mouseup",
    )  # fmt: skip
    hint = f"Today {money(fit, each.current)}; the data stand behind up to {money(fit, each.trusted)}."
    return _field(channel_name(each.name).capitalize(), slider, hint)


def _end(said: object, usual: float) -> float:
    try:
        return usual if said is None else float(str(said))
    except ValueError:  # relative to today: the rules below the plan say it in words
        return usual


def _signed(fit: StoredFit, value: float) -> str:
    text = brought(fit, value, signed=True)
    return text.split(" of ")[0] if fit.is_money else text.split(" ")[0]


def _copied(query: Query) -> Component:
    return html.Button(
        "Copy as SQL", className="cw-button cw-button-quiet", type="button",
        **{"data-action": "copy", "data-copy": query.sql},
    )  # fmt: skip


def _field(title: str, control: Component, hint: str) -> Component:
    head = [html.Span(title), words.hint(hint, title)]
    return html.Div([html.Div(head, className="cw-setting-head"), html.Div(control, **{"data-label": title})])


def _first_upper(text: str) -> str:
    return (text[0].upper() + text[1:]).replace("_", " ")


def _round_step(rough: float) -> float:
    """A step of 1, 2 or 5 of a power of ten, at or above what is needed, at least 1."""
    power = 1.0
    while power * 10 <= rough:
        power *= 10
    return next((part * power for part in (1, 2, 5, 10) if part * power >= rough), 1.0)


def _nearest(value: float, step: float) -> float:
    return max(round(value / step), 1) * step if value > 0 else 0.0


def _up(value: float, step: float) -> float:
    return -(-value // step) * step
