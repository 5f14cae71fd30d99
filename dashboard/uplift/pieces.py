"""The cards of the page of uplift: the curve, the policy, whom to treat and why, kinds of customers, checks."""

from __future__ import annotations

from typing import Final

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, tables, tiles, words
from dashboard.components.cards import Query
from dashboard.components.tables import Column
from dashboard.experiments.pieces import number_head, scrolled
from dashboard.experiments.words import CHECK_TONES, metric_name
from dashboard.experiments.words import CHECKS as STATUSES
from dashboard.figures.dots import Answers, Dot, dots
from dashboard.figures.drawn import ColumnKind
from dashboard.figures.gains import Step, gains
from dashboard.theme import SERIES
from dashboard.uplift.read import Policy, Shown, Told, test_of
from dashboard.uplift.words import (
    CHECKS,
    KIND_TONES,
    KINDS,
    STATES,
    amount,
    profit_unit,
    range_of,
    share,
    why,
)
from ml.uplift.features import label_of
from warehouse.queries.uplift import as_sql

ASKED: Final = "uplift-asked"  # the "type" of a control whose "value" is another address; its "name" is the setting's
POLICY: Final = "uplift-policy"  # the same of one that is answered in place
STEPS: Final = 100  # of the slider
MOST_DRIVERS: Final = 8


def test_pills(shown: Shown) -> Component | None:
    """Which test is looked at, where there are several."""
    if len(shown.readouts) < 2 or shown.told is None:
        return None
    options = {
        test_of(one): f"{one.experiment_name} · {metric_name(one.metric)} · {STATES[one.state]}"
        for one in shown.readouts
    }
    chosen = controls.choose({"type": ASKED, "name": "test"}, "Test", options, test_of(shown.told.readout))
    return html.Div(chosen, className="cw-section-head")


def curve_card(told: Told) -> Component | None:
    """The curve of gains with its interval; None where nothing could be judged."""
    readout = told.readout
    if not told.curve or readout.qini is None or readout.qini_low is None or readout.qini_high is None:
        return None
    name, level = metric_name(readout.metric), formats.tick(readout.level, "percent")
    half = told.curve[len(told.curve) // 2 - 1]
    summary = (
        f"What treating the best part adds to {name}, per customer of all. The best {share(half.share)} bring "
        f"{_plain(half.gain)} of the {_plain(told.curve[-1].gain)} that treating all brings. Qini: "
        f"{_plain(readout.qini)} ({_plain(readout.qini_low)} to {_plain(readout.qini_high)}, {level}); 0 is "
        "choosing at random."
    )
    steps = [Step(one.share, one.gain, one.gain_low, one.gain_high) for one in told.curve]
    what = name.capitalize() + " more"
    drawn = gains(steps, unit="decimal", currency="", what=what, summary=summary, line=True)
    return cards.figure_card(
        "gains", "Does choosing beat chance?", drawn, span=6 if told.is_proven else 12, mark_name="incremental",
        query=query_of(told),
        file_name=f"causeway_uplift_{readout.experiment_id}_gains",
    )  # fmt: skip


def policy_card(told: Told, policy: Policy) -> Component:
    """What is worth it at which cost: the slider, and below it what follows, which :func:`policy_parts` makes."""
    readout = told.readout
    most = max(float(policy.value) * max(point.least for point in told.curve), float(policy.cost), 0.0)
    step = _round_step(most / STEPS) if most > 0 else 0.01
    slider = dcc.Slider(
        id={"type": POLICY, "name": "cost"}, min=0, max=round(most + step, 6), step=step, value=float(policy.cost),
        marks=None, className="cw-slider",
    )  # fmt: skip
    in_money = f", in {readout.currency}" if readout.currency else ""
    fields = html.Div(
        [
            _field(f"Cost of a contact{in_money}", slider, "What treating one customer costs: a stamp, a coupon."),
            _field(
                f"Worth of one more {_one(metric_name(readout.metric))}{in_money}",
                controls.entry({"type": POLICY, "name": "value"}, "Worth", f"{policy.value:f}".rstrip("0").rstrip("."),
                               formats.number(readout.value, "decimal"), ()),
                "What one unit of the outcome is worth to you: the margin of an order rather than its revenue.",
            ),
        ],
        className="cw-uplift-form",
    )  # fmt: skip
    return html.Div([fields, html.Div(policy_parts(told, policy), id=PARTS)], className="cw-stack")


def policy_parts(told: Told, policy: Policy) -> list[Component]:
    """What follows from value and cost: tiles, and profit by the share treated."""
    profit, cost = policy.profit, float(policy.cost)
    known = [
        tiles.number_tile("Cost of a contact", amount(told, cost), f"an effect above {_plain(profit.least)} pays"),
        tiles.number_tile("Treat", share(profit.share), _how_many(told, policy)),
        tiles.number_tile(
            "Against nobody", amount(told, profit.gain.estimate, signed=True),
            range_of(told, profit.gain.low, profit.gain.high),
            hint_text="Expected profit per customer of all, less the cost of contacts, against treating nobody.",
        ),
        tiles.number_tile(
            "Against everybody", amount(told, profit.over_everybody.estimate, signed=True),
            range_of(told, profit.over_everybody.low, profit.over_everybody.high),
            hint_text="The same against treating everybody.",
        ),
    ]  # fmt: skip
    worth = float(policy.value)
    steps = [
        Step(one.share, worth * one.gain - cost * one.share, worth * one.gain_low - cost * one.share,
             worth * one.gain_high - cost * one.share)
        for one in told.curve
    ]  # fmt: skip
    at = Step(profit.share, profit.gain.estimate, profit.gain.low, profit.gain.high)
    summary = (
        f"Expected profit per customer of all at {amount(told, cost)} a contact, by the share treated. Treating whose "
        f"effect pays, {share(profit.share)}: {amount(told, profit.gain.estimate, signed=True)} "
        f"({range_of(told, profit.gain.low, profit.gain.high)}). {profit.words}"
    )
    drawn = gains(
        steps, unit=profit_unit(told), currency=told.readout.currency or "", what="Profit per customer",
        summary=summary, line=False, marked=at, said=f"{share(profit.share)} treated",
    )  # fmt: skip
    figure = cards.figure_card(
        "profit", "What is it worth at this cost?", drawn, mark_name="incremental", query=query_of(told),
        file_name=f"causeway_uplift_{told.readout.experiment_id}_profit",
    )  # fmt: skip
    return [tiles.tiles(known), figure]


def whom_card(told: Told) -> Component | None:
    """The customers with the highest scores and why; None where nobody is chosen."""
    if not told.is_proven:
        return None
    if not told.scores:
        text = (
            "Who may read every account of the advertiser sees single customers; audiences can be saved all the same."
        )
        return cards.card("Whom to treat, and why", html.P(text))
    frame = pd.DataFrame(
        [(str(one.customer_key), one.effect, one.untreated, KINDS[one.kind][0], why(one)) for one in told.scores],
        columns=["customer", "effect", "untreated", "kind", "why"],
    )
    columns = [
        Column("customer", "Customer", "text", frozen=True, width=110,
               hint="A number of ours; digests for your own systems are in the export of an audience."),
        Column("effect", "Expected effect", "decimal", hint="What treatment is expected to change, in the outcome."),
        Column("untreated", "Without it", "decimal", hint="What the customer is expected to do without treatment."),
        Column("kind", "Kind", "text", width=130, tones=KIND_TONES),
        Column("why", "Strongest reasons", "text", width=420, hint="▲ adds to the expected effect, ▼ takes from it."),
    ]  # fmt: skip
    table = tables.data_table(
        "uplift-scores", frame, columns, label="Customers by expected effect", row_id="customer",
        file_name=f"causeway_uplift_{told.readout.experiment_id}_best",
    )  # fmt: skip
    note = f"The best {len(told.scores):,} of {told.readout.scored:,} customers. An audience has all who are worth it."
    return cards.card("Whom to treat, and why", table, note=note, flush=True, mark_name="associated")


def drivers_card(told: Told) -> Component | None:
    """What tells customers apart, the strongest first."""
    if not told.is_proven or not told.drivers:
        return None
    most = max(one.contribution for one in told.drivers)
    rows = [
        html.Tr(
            [
                html.Th(label_of(one.feature), scope="row"),
                html.Td(_direction(one.direction)),
                html.Td(share(one.contribution / most), className="cw-cell-number"),
            ]
        )
        for one in told.drivers[:MOST_DRIVERS]
    ]
    head = (
        "Known before",
        "Expected effect",
        number_head("Weight", "How far it moves scores, the strongest being 100 %."),
    )
    table = html.Div(scrolled(head, rows, "What tells customers apart"), className="cw-uplift-narrow")
    return cards.card(
        "What tells them apart", table, span=6, mark_name="associated",
        note="What goes with a larger effect. It need not be what makes the effect larger.",
    )  # fmt: skip


def kinds_card(told: Told) -> Component | None:
    """The four kinds of customers: predicted, and found among those that judged."""
    if not told.is_proven:
        return None
    scored = {one.kind: one for one in told.scored}
    names = {one.kind: f"{KINDS[one.kind][0]} · {share(one.share)}" for one in told.kinds if one.customers}
    found = {
        one.kind: Dot(one.found, one.found_low, one.found_high)
        for one in told.kinds
        if one.found is not None and one.customers
    }
    predicted = {one.kind: Dot(one.predicted) for one in told.kinds if one.customers}
    table = pd.DataFrame(
        [
            (KINDS[one.kind][0], one.share, one.untreated, one.predicted, one.found, one.found_low, one.found_high,
             scored[one.kind].customers if one.kind in scored else 0, KINDS[one.kind][1])
            for one in told.kinds
        ],
        columns=["Kind", "Share", "Without it", "Predicted", "Found", "Low", "High", "Scored now", "What to do"],
    )  # fmt: skip
    kinds: dict[str, ColumnKind] = {
        "Kind": "text", "Share": "percent", "Without it": "decimal", "Predicted": "decimal", "Found": "decimal",
        "Low": "decimal", "High": "decimal", "Scored now": "whole", "What to do": "text",
    }  # fmt: skip
    advice = " ".join(
        f"{KINDS[one.kind][0]} ({share(one.share)}): {_lower(KINDS[one.kind][1])}"
        for one in told.kinds
        if one.customers
    )
    drawn = dots(
        names,
        [Answers("Found", found, SERIES[0].light), Answers("Predicted", predicted, SERIES[1].light, "circle-open")],
        unit="decimal", what=f"{metric_name(told.readout.metric).capitalize()} more with treatment", summary=advice,
        table=table, kinds=kinds,
    )  # fmt: skip
    return cards.figure_card(
        "kinds", "Four kinds of customers", drawn, span=6, mark_name="incremental", query=query_of(told),
        file_name=f"causeway_uplift_{told.readout.experiment_id}_kinds",
    )  # fmt: skip


def checks_card(told: Told) -> Component:
    """What was checked, and what each check found."""
    rows = [
        html.Tr(
            [
                html.Th(CHECKS.get(one.check, one.check), scope="row"),
                html.Td(STATUSES[one.status], className=f"cw-toned cw-tone-{CHECK_TONES[one.status]}"),
                html.Td(one.words),
            ]
        )
        for one in told.checks
    ]
    table = scrolled(("Check", "Came out", "What was found"), rows, "Checks")
    return cards.card("What was checked", table, note="Where a check fails, nobody is chosen.")


def query_of(told: Told) -> Query:
    """How to ask for the same numbers elsewhere."""
    key = told.readout.experiment_key
    graphql = (
        f"{{ upliftReadouts(experimentKey: {key}) {{ state words qini {{ estimate low high }} "
        "curve { share gain { estimate low high } } profit { share gain { estimate low high } } } }"
    )
    return Query(sql=as_sql(key), graphql=graphql)


PARTS: Final = "uplift-parts"


def _field(title: str, control: Component, hint: str) -> Component:
    head = [html.Span(title), words.hint(hint, title)]
    return html.Div([html.Div(head, className="cw-setting-head"), html.Div(control, **{"data-label": title})])


def _how_many(told: Told, policy: Policy) -> str:
    """Of all customers, where the reader may see them."""
    return f"{policy.customers:,} of {told.readout.scored:,} customers" if told.scores else "of the customers"


def _plain(value: float) -> str:
    return formats.number(value, "decimal", signed=True) if abs(value) >= 0.005 else f"{value:.2g}"


def _direction(direction: float | None) -> str:
    if direction is None or abs(direction) < 0.1:
        return "differs, up and down"
    return "larger with more of it ▲" if direction > 0 else "larger with less of it ▼"


def _round_step(rough: float) -> float:
    """A step of 1, 2 or 5 of a power of ten, at or above what is needed."""
    power = 10.0 ** len(f"{int(rough)}") if rough >= 1 else 1.0
    while power / 10 >= rough:
        power /= 10
    return next((round(part * power / 10, 9) for part in (1, 2, 5, 10) if part * power / 10 >= rough), power)


def _one(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{first.removesuffix('s')} {rest}".strip()


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
