"""What the credited journeys look like: paths with their credit, steps, transitions, places, times, and two runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.attribution.pieces import CHANNELS_SHOWN
from dashboard.attribution.read import Shown, Told
from dashboard.attribution.settings import run_choice
from dashboard.attribution.words import label, mark_of, name_of
from dashboard.components import cards, words
from dashboard.components.paths import STEPS_SHOWN, channel_tint, path_chips
from dashboard.figures.counts import counts
from dashboard.figures.drawn import ColumnKind, Drawn, blank
from dashboard.figures.heat import heat
from dashboard.figures.parts import causes, shares
from dashboard.figures.sankey import sankey
from dashboard.journeys.words import GOALS
from ml.attribution.answer import CALIBRATED
from ml.attribution.journey_shape import CONVERSION, NOTHING, Bin
from warehouse.queries.attribution import AttributionRun, CreditedPath

PATHS_SHOWN: Final = 12
PLACES: Final = {"only": "Only touch", "early": "First", "mid": "Between", "late": "Last"}
CAUSES: Final[Mapping[str, str]] = {
    "volume": "More or fewer journeys", "mix": "Other paths", "rates": "Paths convert otherwise",
    "model": "Settings of the model",
}  # fmt: skip


def paths_card(shown: Shown, told: Told) -> Component:
    """The paths with the most conversions, and how the model shares them out."""
    one, many = GOALS[told.goal]
    paths = [
        path for path in told.paths if not shown.filter.channels or set(path.channels) & set(shown.filter.channels)
    ]
    kinds: dict[str, ColumnKind] = {
        "Path": "text", "Touches": "whole", many.capitalize(): "whole", "Value": "money",
        f"Journeys without {_a(one)}": "whole", f"Led to {_a(one)}": "percent", "Credit": "text",
    }  # fmt: skip
    rows = [
        (" > ".join(name_of(shown, c) for c in path.channels), len(path.channels), path.conversions, path.value,
         path.null_paths, path.conversion_share, _credit_said(shown, path))
        for path in paths
    ]  # fmt: skip
    drawn = Drawn(
        blank(10), _paths_said(shown, told, paths), pd.DataFrame(rows, columns=list(kinds)), kinds, shown.currency
    )
    body = _paths_list(shown, told, paths) if paths else words.empty("No path in this filter", "Take a filter back.")
    return cards.twinned_card(
        "credited-paths", "Top paths, with their credit", drawn, body, mark_name=mark_of(told),
        file_name="attribution_paths",
    )  # fmt: skip


def steps_card(shown: Shown, told: Told) -> Component:
    """Streams between the first steps of converting journeys."""
    drawn = sankey(told.steps, shown.names, GOALS[told.goal][0])
    return cards.figure_card(
        "attribution-steps", "Steps of converting journeys", drawn, narrowest=620, file_name="attribution_steps"
    )


def transitions_card(shown: Shown, told: Told) -> Component:
    """What follows what: the chain behind the Markov model."""
    one = GOALS[told.goal][0]
    place = {position.channel: i for i, position in enumerate(told.positions)}
    channels = sorted({t.source for t in told.transitions if t.source}, key=lambda c: (place.get(c, len(place)), c))
    channels = channels[:CHANNELS_SHOWN]
    found = {(t.source, t.target): t.probability for t in told.transitions}
    sources: list[str | None] = [None, *channels]
    targets = [*channels, CONVERSION, NOTHING]
    said = {CONVERSION: one.capitalize(), NOTHING: "Nothing"}
    rows = ["Start" if source is None else name_of(shown, source) for source in sources]
    columns = [said.get(target) or name_of(shown, target) for target in targets]
    odds = [[found.get((source, target), math.nan) for target in targets] for source in sources]
    # How journeys end is most of every row, and would leave the rest pale.
    tints = [
        [odd if target not in said else math.nan for odd, target in zip(row, targets, strict=True)] for row in odds
    ]
    drawn = heat(
        rows, columns,
        [[t if math.isfinite(t) else (0.0 if math.isfinite(o) else math.nan) for t, o in zip(tint, odd, strict=True)]
         for tint, odd in zip(tints, odds, strict=True)],
        [["" if math.isnan(odd) else _percent(odd) for odd in row] for row in odds],
        [[f"{source} → {target}<br><b>{formats.number(odd, 'percent')}</b>" if math.isfinite(odd) else ""
          for target, odd in zip(columns, row, strict=True)] for source, row in zip(rows, odds, strict=True)],
        summary=_transitions_said(shown, told, channels, found),
        table=pd.DataFrame(
            [(source, target, odd) for source, row in zip(rows, odds, strict=True)
             for target, odd in zip(columns, row, strict=True) if math.isfinite(odd)],
            columns=["From", "To", "Probability"],
        ),
        kinds={"From": "text", "To": "text", "Probability": "percent"},
    )  # fmt: skip
    return cards.figure_card(
        "transitions", "What follows what, in all journeys", drawn, narrowest=130 + 74 * len(columns),
        file_name="attribution_transitions",
    )  # fmt: skip


def positions_card(shown: Shown, told: Told) -> Component:
    """Where in converting journeys each channel stands."""
    found = [p for p in told.positions if not shown.filter.channels or p.channel in shown.filter.channels]
    found = found[:CHANNELS_SHOWN]
    kinds: dict[str, ColumnKind] = {"Channel": "text", **dict.fromkeys(PLACES.values(), "whole")}
    table = pd.DataFrame(
        [(name_of(shown, p.channel), p.only, p.early, p.mid, p.late) for p in found], columns=list(kinds)
    )
    parts = {said: {p.channel: getattr(p, place) for p in found} for place, said in PLACES.items()}
    closing = {
        p.channel: (p.late + p.only) / total for p in found if (total := p.only + p.early + p.mid + p.late) >= 20
    }
    summary = "Where the touches of converting journeys stand."
    if len(closing) > 1:
        last, first = max(closing, key=lambda c: closing[c]), min(closing, key=lambda c: closing[c])
        summary = (
            f"{name_of(shown, last)} closes most often: {_percent(closing[last])} of its touches are the last or only "
            f"one, of {name_of(shown, first)} {_percent(closing[first])}. Last touch sees nothing else."
        )
    drawn = shares(
        {p.channel: name_of(shown, p.channel) for p in found}, parts, what="touches", summary=summary, table=table,
        kinds=kinds,
    )  # fmt: skip
    return cards.figure_card("positions", "Early, between or last", drawn, file_name="attribution_positions")


def times_cards(told: Told) -> list[Component]:
    """How many touches, and how many days, a conversion took."""
    one, many = GOALS[told.goal]
    touches = [str(b.at_least) if b.below is not None else f"{b.at_least}+" for b in told.touches]
    days = [_days(b) for b in told.days]
    total, timed = sum(b.conversions for b in told.touches), sum(b.conversions for b in told.days)
    several = sum(b.conversions for b in told.touches if b.at_least >= 2)
    late = sum(b.conversions for b in told.days if b.at_least >= 7)
    said_touches = (
        f"{_percent(several / (total or 1))} of {many} came after two touches or more: there models can differ."
    )
    said_days = (
        f"{_percent(late / (timed or 1))} came a week or more after the first touch: a short lookback misses it."
    )
    return [
        _counted("touches", f"Touches before {_a(one)}", "Touches", touches, told.touches, many, said_touches),
        _counted("days", f"Days from the first touch to the {one}", "Days", days, told.days, many, said_days),
    ]


def agreement_card(shown: Shown, told: Told) -> Component | None:
    """How much credit would move from model to model; None where one stands alone."""
    pairs = {(a.model, a.other): a.distance for a in told.agreement if a.kind == "model" and a.distance is not None}
    models = [name for name in (shown.run.models if shown.run else ()) if (name, name) in pairs and name != CALIBRATED]
    if len(models) < 2:
        return None
    names = [label(name) for name in models]
    apart = [[pairs.get((one, other), math.nan) if one != other else math.nan for other in models] for one in models]
    far = max((p for p in pairs if CALIBRATED not in p), key=lambda p: pairs[p])
    drawn = heat(
        names, names, apart, [["" if math.isnan(d) else _percent(d) for d in row] for row in apart],
        [[f"{one} and {other}<br><b>{_percent(d)}</b> of the credit moves" if math.isfinite(d) else ""
          for other, d in zip(names, row, strict=True)] for one, row in zip(names, apart, strict=True)],
        summary=(
            f"The share of credit that moves when the model changes. {label(far[0])} and {label(far[1])} are farthest "
            f"apart, {_percent(pairs[far])}. Models that agree may still be wrong together.{_stability(told)}"
        ),
        table=pd.DataFrame(
            [(label(a.model), a.kind, label(a.other) if a.kind == "model" else a.other, a.distance, a.rank_correlation)
             for a in told.agreement if a.kind != "experiment"],
            columns=["Model", "Compared", "With", "Credit that moves", "Rank correlation"],
        ),
        kinds={"Model": "text", "Compared": "text", "With": "text", "Credit that moves": "percent",
               "Rank correlation": "decimal"},
    )  # fmt: skip
    return cards.figure_card(
        "agreement",
        "How far the models agree",
        drawn,
        narrowest=140 + 84 * len(names),
        file_name="attribution_agreement",
    )


def changes_card(shown: Shown, told: Told) -> Component | None:
    """Why credit is not what it was; None without an earlier run."""
    if not told.earlier or shown.run is None:
        return None
    title = "Why did it change?"
    choice = run_choice(shown, {str(run.run_key): _run_said(run) for run in told.earlier})
    if not told.changes:
        text = "Choose an earlier run, and the difference is split into the volume of journeys, their paths, how they "
        text += "convert, and the model."
        if shown.asked.run:
            text = f"{label(told.model)} is not split into causes. Choose a rule, Markov or Shapley."
        return cards.card(title, html.P(text, className="cw-card-text"), actions=[choice])
    many = GOALS[told.goal][1]
    found = told.changes[:CHANNELS_SHOWN]
    kinds: dict[str, ColumnKind] = {
        "Channel": "text", "Before": "decimal", "Now": "decimal", "Change": "decimal",
        **dict.fromkeys(CAUSES.values(), "decimal"),
    }  # fmt: skip
    table = pd.DataFrame(
        [(name_of(shown, c.channel), c.before, c.after, c.change, c.volume, c.mix, c.rates, c.model) for c in found],
        columns=list(kinds),
    )
    parts = {said: {c.channel: getattr(c, cause) for c in found} for cause, said in CAUSES.items()}
    top = found[0]
    why = max(CAUSES, key=lambda cause: abs(getattr(top, cause)))
    summary = (
        f"{name_of(shown, top.channel)} moved most: {formats.number(top.before, 'count')} {many} then, "
        f"{formats.number(top.after, 'count')} now, mostly for the reason “{CAUSES[why].lower()}”."
    )
    drawn = causes(
        {c.channel: f"{name_of(shown, c.channel)} {formats.number(c.change, 'count', signed=True)}" for c in found},
        {said: part for said, part in parts.items() if any(abs(v) > 1e-9 for v in part.values())} or parts,
        unit="count", what=many, summary=summary, table=table, kinds=kinds,
    )  # fmt: skip
    return cards.figure_card(
        "changes", title, drawn, controls=[choice], mark_name="credited", file_name="attribution_changes"
    )


def _paths_list(shown: Shown, told: Told, paths: Sequence[CreditedPath]) -> Component:
    one, many = GOALS[told.goal]
    head = ["Path", many.capitalize(), f"Led to {_a(one)}", f"Credit by {label(told.model)}"]
    names = {channel: name_of(shown, channel) for path in paths for channel in path.channels}
    rows = [
        html.Tr(
            [
                html.Td(path_chips(path.channels, names), className="cw-paths-journey"),
                html.Td(formats.number(path.conversions, "count"), className="cw-cell-number"),
                html.Td(formats.number(path.conversion_share, "percent"), className="cw-cell-number"),
                html.Td(_credit_bar(shown, path)),
            ]
        )
        for path in paths[:PATHS_SHOWN]
    ]
    cells = [
        html.Th(said, scope="col", **({"className": "cw-cell-number"} if i in (1, 2) else {}))
        for i, said in enumerate(head)
    ]
    table = html.Table([html.Thead(html.Tr(cells)), html.Tbody(rows)], className="cw-paths")
    return html.Div(table, className="cw-paths-box", tabIndex="0", role="region", **{"aria-label": "Paths and credit"})


def _credit_bar(shown: Shown, path: CreditedPath) -> Component:
    """One bar in the channels' colours, and the same in words."""
    given = _given(path)
    total = sum(value for _, value in given) or 1.0
    bar = [
        html.Span(
            className="cw-credit-part", style={"flexGrow": f"{value / total:.4f}", "--cw-touch": channel_tint(name)}
        )
        for name, value in given
    ]
    return html.Div(
        [
            html.Div(bar, className="cw-credit-bar", **{"aria-hidden": "true"}),
            html.Span(_credit_said(shown, path), className="cw-credit-said"),
        ]
    )


def _given(path: CreditedPath) -> list[tuple[str, float]]:
    return sorted(((name, value) for name, value in path.credit.items() if value > 0), key=lambda one: -one[1])


def _credit_said(shown: Shown, path: CreditedPath) -> str:
    return ", ".join(f"{name_of(shown, name)} {formats.number(value, 'decimal')}" for name, value in _given(path))


def _paths_said(shown: Shown, told: Told, paths: Sequence[CreditedPath]) -> str:
    many = GOALS[told.goal][1]
    if not paths:
        return "No path leads through what is chosen."
    long = next((path for path in paths if len(set(path.channels)) > 1), None)
    rest = f" The table and the CSV have {len(paths)}." if len(paths) > PATHS_SHOWN else ""
    if long is None:
        return f"Of these paths none has two channels: every model credits them alike.{rest}"
    named = " > ".join(name_of(shown, c) for c in long.channels[:STEPS_SHOWN])
    return (
        f"{named} is the most frequent path of several channels: {formats.number(long.conversions, 'count')} {many}, "
        f"shared out as {_credit_said(shown, long)}.{rest}"
    )


def _transitions_said(
    shown: Shown, told: Told, channels: Sequence[str], found: Mapping[tuple[str | None, str], float]
) -> str:
    one = GOALS[told.goal][0]
    ending = {channel: found.get((channel, CONVERSION), 0.0) for channel in channels}
    if not ending:
        return "There are no transitions."
    best = max(ending, key=lambda c: ending[c])
    return (
        f"Read along a row: after a touch of {name_of(shown, best)} the next thing is {_a(one)} in "
        f"{formats.number(ending[best], 'percent')} of cases, more than after any other channel."
    )


def _counted(
    card_id: str, title: str, column: str, classes: list[str], bins: Sequence[Bin], many: str, summary: str
) -> Component:
    values = [round(b.conversions) for b in bins]
    kinds: dict[str, ColumnKind] = {column: "text", many.capitalize(): "whole"}
    table = pd.DataFrame({column: classes, many.capitalize(): values})
    drawn = counts(classes, values, what=many, summary=summary, table=table, kinds=kinds)
    return cards.figure_card(f"attribution-{card_id}", title, drawn, span=6, file_name=f"attribution_{card_id}")


def _stability(told: Told) -> str:
    """How far the model looked at moves for other reasons."""
    if told.model == CALIBRATED:
        return ""  # its shares are of other conversions than credited ones
    of_model = [a for a in told.agreement if a.model == told.model and a.distance is not None]
    said = [f" Of {label(told.model)}'s credit"]
    sampling = next((a.distance for a in of_model if a.kind == "sampling"), None)
    lookback = max((a.distance or 0.0 for a in of_model if a.kind == "lookback"), default=None)
    consent = next((a.distance for a in of_model if a.kind == "consent"), None)
    found = [
        *([f"{_percent(sampling)} moves by chance alone"] if sampling is not None else []),
        *([f"{_percent(lookback)} with a shorter lookback"] if lookback is not None else []),
        *([f"{_percent(consent)} if a tenth of touches lost consent"] if consent is not None else []),
    ]
    return f"{said[0]} {', '.join(found)}." if found else ""


def _run_said(run: AttributionRun) -> str:
    return f"Run {run.run_key}: {formats.day_range(run.first_day, run.last_day)}"


def _percent(share: float) -> str:
    """In whole percent, short enough for a cell of a grid."""
    if 0 < share < 0.005:
        return f"<1{formats.SPACE}%"
    return f"{share * 100:.0f}{formats.SPACE}%"


def _days(one: Bin) -> str:
    return (
        f">{one.at_least}" if one.below is None else f"{one.at_least}–{one.below}" if one.at_least else f"<{one.below}"
    )


def _a(one: str) -> str:
    return f"{'an' if one[0] in 'aeiou' else 'a'} {one}"
