"""Planning a test: what was typed becomes its size at once, with the power curve behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, words
from dashboard.experiments.asked import METHODS, PLAN, SETTINGS, Asked
from dashboard.experiments.pieces import number_head, scrolled
from dashboard.experiments.read import Known, read_known
from dashboard.experiments.words import metric_name
from dashboard.figures.curve import Axis, Point, curve
from dashboard.reading import reading
from dashboard.steering import query_of
from ml.experiments.past import Past
from ml.experiments.power import MethodName, Rule
from ml.experiments.sizing import Sized, Wanted, size_of
from warehouse.errors import BadSetting
from warehouse.metrics import Unit

QUESTION: Final = "How large must the next test be, and how long does it take?"
METHOD_HINT: Final = (
    "At any look: stop as soon as the interval says enough, which needs more units. At planned looks: at parts of the "
    "test. Once: fewest units, and one look at the end."
)
ANSWER, SHOWN, KEPT = "plan-answer", "plan-shown", "plan-kept"
PLANNED: Final = "experiment-planned"  # the "type" of a control whose "value" is a setting of the plan


class Field(NamedTuple):
    """A setting that is written: ``offered`` are some of what may be, ``usual`` stands there while it is empty."""

    title: str
    hint: str
    offered: Sequence[str]
    usual: str = ""


FIELDS: Final[Mapping[str, Field]] = {
    "baseline": Field("Metric now", "Its mean over units: a share in percent, or an amount.", ("3 %", "12.5")),
    "spread": Field(
        "Spread", "How far single units are from the mean (standard deviation). Empty for a share.", (), "of a share"
    ),
    "effect": Field(
        "Effect worth knowing, in %", "The smallest change that would alter what you do, in percent of the metric now.",
        ("2", "5", "10", "20"),
    ),
    "daily": Field(
        "New units a day", "Users or sessions that come for the first time each day, in all arms together.",
        ("500", "1000", "10000"),
    ),
    "treated": Field(
        "Treated, in %", "The part of the units that gets the new thing. Half is quickest.", ("50", "20", "10")
    ),
    "explained": Field(
        "Known before, in %", "The part of the variance that is known from before the start (CUPED); it saves that "
        "part of the units.", ("0", "20", "50"),
    ),
    "sure": Field("Level, in %", "How often the interval holds the truth.", ("90", "95", "99")),
    "power": Field("Power, in %", "How often the test finds the effect where it is there.", ("80", "90")),
}  # fmt: skip


def plan_parts(
    asked: Asked, rest: Mapping[str, str], known: Sequence[Known]
) -> tuple[Component, list[Component], dict[str, Any]]:
    """What follows from the settings: the answer, the cards, and what registering it needs with its address.

    ``rest`` is the query of other pages, which the address keeps.
    """
    try:
        found: Sized | BadSetting = size_of(wanted_of(asked))
    except BadSetting as error:
        found = error
    kept = {
        "units": found.units if isinstance(found, Sized) else None,
        "inference": _INFERENCES[asked.method],
        "search": "?" + urlencode({**rest, **asked.to_query()}),
    }
    pasts = pasts_card(asked, known)
    shown = curve_cards(found) if isinstance(found, Sized) else []
    return answer_of_plan(found), [*shown, *([pasts] if pasts is not None else [])], kept


def plan_content(asked: Asked, rest: Mapping[str, str], known: Sequence[Known]) -> list[Component]:
    """The page of a plan, above the form that registers it."""
    answer, shown, kept = plan_parts(asked, rest, known)
    return [
        html.Div(answer, id=ANSWER),
        settings_card(asked),
        html.Div(shown, id=SHOWN, className="cw-columns"),
        dcc.Store(id=KEPT, data=kept),
    ]


def register_planning(app: Dash) -> None:
    """What is typed is answered in place, so that the cursor stays where it is; the address follows."""

    @app.callback(
        Output(ANSWER, "children"),
        Output(SHOWN, "children"),
        Output(KEPT, "data"),
        Input({"type": PLANNED, "name": ALL}, "value"),
        State({"type": PLANNED, "name": ALL}, "id"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def planned(values: list[Any], ids: list[dict[str, str]], before: dict[str, Any]) -> Any:
        query = query_of(before["search"])
        asked = Asked(show=PLAN)
        for control, value in zip(ids, values, strict=True):
            asked = asked.changed(control["name"], value)
        rest = {name: value for name, value in query.items() if name not in SETTINGS}
        with reading() as found:
            parts = plan_parts(asked, rest, read_known(found))
        return (no_update,) * 3 if parts[-1] == before else parts

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("causeway", "keepAddress"), Input(KEPT, "data"), prevent_initial_call=True
    )


def wanted_of(asked: Asked) -> Wanted:
    """What was typed, as numbers. Raises :class:`BadSetting` for what is none."""
    return Wanted(
        level=_amount(asked.baseline, "The metric now"),
        effect=_part(asked.effect, "The effect"),
        units_a_day=_amount(asked.daily, "Units a day"),
        sd=_amount(asked.spread, "The spread") if asked.spread else None,
        treated=_part(asked.treated, "The treated part"),
        explained=_part(asked.explained, "Known before"),
        rule=Rule(
            method=_METHODS[asked.method],
            level=_part(asked.sure, "The level"),
            power=_part(asked.power, "The power"),
        ),
    )


def answer_of_plan(found: Sized | BadSetting) -> Component:
    """What the test needs, in a sentence; or what is wrong with what was typed."""
    if isinstance(found, BadSetting):
        return words.answer(QUESTION, "This test cannot be planned.", note=f"{found.message} {found.remedy}".strip())
    wanted = found.wanted
    unit: Unit = "percent" if wanted.sd is None else "decimal"
    now, then = (formats.tick(each, unit) for each in (wanted.level, wanted.level * (1 + wanted.effect)))
    effect, precision = formats.tick(wanted.effect, "percent"), formats.number(found.precision, "percent")
    said = f"To find an effect of {effect}, from {now} to {then}, you need {found.units:,} units: {_days(found.days)}."
    note = f"At the end the effect is known to ±{precision}"
    if found.expected_days < found.days:
        early = _days(max(1, round(found.expected_days)))
        note += f". Where it is that large, the test ends after {early} on average, as you may stop when it is found"
    return words.answer(QUESTION, said, note=f"{note}.")


def settings_card(asked: Asked) -> Component:
    """Everything that the size follows from; each field is taken over on Enter or on leaving it."""
    fields = [
        _setting(
            field.title,
            controls.entry(
                {"type": PLANNED, "name": name}, field.title, getattr(asked, name), field.usual, field.offered
            ),
            field.hint,
        )
        for name, field in FIELDS.items()
    ]
    read_by = controls.choose({"type": PLANNED, "name": "method"}, "How it is read", METHODS, asked.method)
    fields.append(_setting("How it is read", read_by, METHOD_HINT))
    return html.Section(fields, className="cw-settings", **{"aria-label": "What the test is to find"})


def curve_cards(found: Sized) -> list[Component]:
    """How likely each effect is found by this test, and how small it may be after how many weeks."""
    wanted = found.wanted
    chance = dict(found.chances)[max(effect for effect, _ in found.chances) / 2]
    effects, chances = zip(*found.chances, strict=True)
    said = formats.number(chance, "percent")
    drawn = curve(
        effects, chances, Axis("Effect", "percent"), Axis("Chance to find it", "percent"), most=1.02,
        point=Point(wanted.effect, chance, f"found in {said}"),
        summary=f"After {_days(found.days)} an effect of {formats.tick(wanted.effect, 'percent')} is found in {said} "
        f"of tests, one half as large in {formats.number(_at(found.chances, wanted.effect / 2), 'percent')}.",
    )  # fmt: skip
    weeks, smallest = zip(*found.smallest, strict=True)
    whole = found.days // 7
    at_end = dict(found.smallest)[whole]
    by_week = curve(
        weeks, smallest, Axis("Weeks", "count"), Axis("Smallest effect found", "percent"),
        point=Point(whole, at_end, f"{formats.number(at_end, 'percent')} after {whole} week{'s' * (whole != 1)}"),
        summary=f"What is found in {formats.tick(wanted.rule.power, 'percent')} of tests: "
        f"{formats.number(smallest[0], 'percent')} after {weeks[0]} week{'s' * (weeks[0] != 1)}, "
        f"{formats.number(smallest[-1], 'percent')} after {weeks[-1]}.",
    )  # fmt: skip
    return [
        cards.figure_card("power", "Power", drawn, span=6, file_name="causeway_power"),
        cards.figure_card("smallest", "Smallest effect by duration", by_week, span=6, file_name="causeway_duration"),
    ]


def pasts_card(asked: Asked, known: Sequence[Known]) -> Component | None:
    """What earlier experiments tell of metrics, each a link that fills the plan; None where none tells anything."""
    rows = [_past(asked, one.name, past) for one in known for past in one.pasts]
    if not rows:
        return None
    numbers = map(number_head, ("Mean", "Spread", "Known before", "New units a day"))
    head: list[str | Component] = ["Metric", "Experiment", *numbers, "Next"]
    return cards.card(
        "What your experiments know already", scrolled(head, rows, "Metrics of earlier experiments"),
        note="Of the control arm. Fill the plan with a metric instead of guessing.",
    )  # fmt: skip


def _past(asked: Asked, name: str, past: Past) -> Component:
    daily = past.units_a_day
    filled = asked.changed("baseline", f"{past.level:.6g}").changed("spread", f"{past.sd:.6g}")
    filled = filled.changed("explained", f"{past.explained * 100:.3g}").changed("show", PLAN)
    filled = filled.changed("daily", f"{daily:.4g}") if daily else filled
    cells = (
        formats.number(past.level, "decimal"), formats.number(past.sd, "decimal"),
        formats.number(past.explained, "percent"), formats.UNKNOWN if daily is None else f"{daily:,.0f}",
    )  # fmt: skip
    return html.Tr(
        [
            html.Th(metric_name(past.metric).capitalize(), scope="row"),
            html.Td(name),
            *(html.Td(cell, className="cw-cell-number") for cell in cells),
            html.Td(dcc.Link("Plan with this", href=filled.href)),
        ]
    )


def _amount(text: str, what: str) -> float:
    """``3 %``, ``0.03`` or ``1,000``. Raises :class:`BadSetting` for what is no number."""
    return _number(text, what) / (100 if text.rstrip().endswith("%") else 1)


def _part(text: str, what: str) -> float:
    """Percent, with or without the sign. Raises as :func:`_amount`."""
    return _number(text, what) / 100


def _number(text: str, what: str) -> float:
    try:
        number = float(text.replace(",", "").strip().removesuffix("%"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadSetting(f"{what} is {text!r}, which is no number.", remedy="Write it as 12.5, or as 3 %.")
    return number


def _at(points: Sequence[tuple[float, float]], x: float) -> float:
    return min(points, key=lambda point: abs(point[0] - x))[1]


def _days(days: int) -> str:
    weeks, rest = divmod(days, 7)
    if weeks and not rest:
        return f"{weeks} week{'s' * (weeks != 1)}"
    return f"{days} day{'s' * (days != 1)}"


def _setting(title: str, control: Component, hint: str) -> Component:
    head = html.Div([html.Span(title), words.hint(hint, title)], className="cw-setting-head")
    return html.Div([head, control], className="cw-setting")


_INFERENCES: Final = {"sequential": "sequential", "group": "group_sequential", "fixed": "fixed"}
_METHODS: Final[Mapping[str, MethodName]] = {"sequential": "sequential", "group": "group", "fixed": "fixed"}
