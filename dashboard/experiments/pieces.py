"""The list of experiments, and what finished tests say of channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, tables, words
from dashboard.components.cards import Query
from dashboard.components.tables import Column
from dashboard.experiments.asked import Asked
from dashboard.experiments.read import Listed, Proof, Shown, Told
from dashboard.experiments.words import (
    HEALTH,
    HEALTH_TONES,
    KINDS,
    STATES,
    UNREAD,
    VERDICT_TONES,
    VERDICTS,
    between,
    metric_name,
    proof_said,
    unit_of,
)
from warehouse.queries.experiment_readouts import as_sql

AGAINST: Final = {"no_ads": "against no ads", "usual_ads": "against the usual ads"}


def list_card(shown: Shown) -> Component:
    """Every experiment; its name leads to what was found."""
    frame = pd.DataFrame([_row(one) for one in _in_order(shown.listed)], columns=_COLUMNS)
    columns = [
        Column("name", "Experiment", "text", frozen=True, width=210),
        Column("state", "State", "text", width=104),
        Column("health", "Health", "text", width=124, tones=HEALTH_TONES,
               hint="Sound: every check passed. With care: a check warns. Not sound: no result is shown."),
        Column("verdict", "Verdict", "text", width=136, tones=VERDICT_TONES,
               hint="Of the primary metrics. Proven: the interval leaves zero out."),
        Column("relative", "Effect", "percent", hint="The surest primary effect, as a part of what is without it."),
        Column("low", "Low", "percent", hint="Lower end of its interval."),
        Column("high", "High", "percent", hint="Upper end of its interval."),
        Column("metric", "On", "text", hint="The metric of that effect."),
        Column("kind", "Kind", "text", width=130),
        Column("units", "Units", "whole", hint="Users or sessions in an arm; regions or days of the other tests."),
        Column("first_day", "First day", "date"),
        Column("last_day", "Last day", "date"),
        Column("owner", "Owner", "text", hidden=True),
        Column("channels", "Channels", "text", hidden=True),
    ]  # fmt: skip
    table = tables.data_table(
        "experiments", frame, columns, label="Experiments", file_name="causeway_experiments", row_id="key", link="href"
    )
    plan = dcc.Link("Plan a test", href=Asked(show="plan").href, className="cw-button cw-button-plain")
    return cards.card("All experiments", table, flush=True, actions=[plan], mark_name="incremental")


def evidence_card(shown: Shown, proofs: Sequence[Proof]) -> Component | None:
    """What each finished test says of its channel, and whether credit goes with it; None without tests."""
    if not proofs:
        return None
    head = ("Channel", "Test", "Metric", "Brought by the ads", "Attribution")
    rows = [
        html.Tr(
            [
                html.Th(shown.channels.get(proof.evidence.channel, _channel(proof.evidence.channel)), scope="row"),
                html.Td([_test(proof), html.Small(_days(proof), className="cw-under")]),
                html.Td(metric_name(proof.evidence.metric)),
                html.Td([_size(proof), html.Small(AGAINST[proof.evidence.against], className="cw-under")]),
                html.Td(proof_said(proof)),
            ]
        )
        for proof in proofs
    ]
    link = dcc.Link("Open attribution", href="/attribution", className="cw-button cw-button-plain")
    return cards.card(
        "What finished tests say of channels", scrolled(head, rows, "Evidence for channels"), actions=[link],
        mark_name="incremental",
        note="This is what the calibrated model of attribution is brought to. A test that is not sound says nothing.",
    )  # fmt: skip


def scrolled(head: Sequence[str | Component], rows: Sequence[Component], label: str) -> Component:
    """A table of a few rows that is moved sideways where it is too wide."""
    heads = html.Thead(html.Tr([html.Th(name, scope="col") for name in head]))
    table = html.Table([heads, html.Tbody(list(rows))], className="cw-small-table cw-experiment-table")
    return html.Div(table, className="cw-scroll", tabIndex="0", role="region", **{"aria-label": label})


def number_head(label: str, hint: str = "") -> Component:
    """The head of a column of numbers, with what it means."""
    return html.Span([label, *([words.hint(hint, label)] if hint else [])], className="cw-hinted")


def query_of(told: Told) -> Query:
    """How to ask for an experiment's numbers elsewhere."""
    key = told.experiment.experiment_key
    found = (
        "lifts { metric incremental low high relative spend }"
        if told.is_of_regions
        else "effects { metric armId cut difference low high relative verdict }"
    )
    graphql = (
        f"{{ experimentReadout(experimentKey: {key}) {{ verdict words guards {{ guard status words }} {found} }} }}"
    )
    return Query(sql=as_sql(key, of_regions=told.is_of_regions), graphql=graphql)


_COLUMNS: Final = [
    "key", "name", "state", "kind", "health", "verdict", "metric", "relative", "low", "high", "units", "first_day",
    "last_day", "owner", "channels", "href",
]  # fmt: skip


def _in_order(listed: Sequence[Listed]) -> list[Listed]:
    """What runs first, then the newest."""
    return sorted(
        listed,
        key=lambda one: (
            one.experiment.status != "running",
            -(one.experiment.starts_at.timestamp() if one.experiment.starts_at else float("inf")),
        ),
    )


def _row(one: Listed) -> tuple[object, ...]:
    experiment, readout, effect = one.experiment, one.readout, one.headline
    first = experiment.starts_at.date() if experiment.starts_at else readout.first_day if readout else None
    last = experiment.stops_at.date() if experiment.stops_at else readout.last_day if readout else None
    verdict = readout.verdict if readout else ""
    return (
        str(experiment.experiment_key), experiment.experiment_name, STATES[experiment.status],
        KINDS.get(experiment.kind, experiment.kind), HEALTH[readout.health] if readout else UNREAD,
        VERDICTS.get(verdict, verdict) or None, metric_name(effect.metric) if effect else None,
        effect.relative if effect else None, effect.relative_low if effect else None,
        effect.relative_high if effect else None, readout.units if readout else None, first, last, experiment.owner,
        ", ".join(experiment.channels) or None, Asked(experiment=str(experiment.experiment_key)).href,
    )  # fmt: skip


def _channel(channel: str) -> str:
    return "All channels" if channel == "*" else channel.replace("_", " ").capitalize()


def _test(proof: Proof) -> Component:
    return dcc.Link(proof.name, href=Asked(experiment=str(proof.evidence.experiment_key)).href)


def _days(proof: Proof) -> str:
    return formats.day_range(proof.evidence.first_day, proof.evidence.last_day)


def _size(proof: Proof) -> str:
    """What the ads brought with its interval, amounts without a currency, which evidence does not have."""
    found = proof.evidence
    said = formats.number(found.lift, "count", signed=True)
    size = f"{said} ({between(found.low, found.high, 'count')})"
    return f"{size}, in money" if unit_of(found.metric) == "money" else size
