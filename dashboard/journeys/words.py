"""What the page of journeys says: its answer, and what must be known before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import words
from dashboard.components.words import Chip
from dashboard.journeys.read import Shown, Told
from dashboard.state import DIMENSIONS
from warehouse.schema.commerce import ConversionKind

QUESTION: Final = "What do customers meet before they convert, and who comes back?"

# One conversion and several, in words.
GOALS: Final[Mapping[ConversionKind, tuple[str, str]]] = {
    ConversionKind.order: ("order", "orders"),
    ConversionKind.lead: ("lead", "leads"),
    ConversionKind.deal: ("won deal", "won deals"),
    ConversionKind.offline: ("offline conversion", "offline conversions"),
    ConversionKind.signup: ("sign-up", "sign-ups"),
}
_NOT_TOLD: Final = ("platform", "campaign_type", "campaign")


def answer(shown: Shown) -> Component:
    """The one sentence, and how far it goes."""
    told = shown.told
    when = f"over {formats.day_range(shown.filter.start, shown.filter.end)}"
    if shown.withheld is not None:
        return words.answer(QUESTION, f"No amount can be shown in {shown.currency}: exchange rates are missing.")
    if told is None:
        return words.answer(QUESTION, "No journey is known yet.")
    one, many = GOALS[told.goal]
    totals = told.totals
    if not totals.conversions:
        return words.answer(
            QUESTION, f"No {one} of a known customer is there {when}{_about(shown)}.", note=_note(shown)
        )
    said = f"{_count(totals.conversions, one, many)}{_about(shown)} {when}{_moved(told)}"
    if not totals.touched:
        return words.answer(QUESTION, f"{said}; none followed a known touch.", note=_note(shown))
    share = formats.number(totals.touched / totals.conversions, "percent")
    mean = formats.number(totals.touches / totals.touched, "decimal")
    several = formats.number(totals.several / totals.touched, "percent")
    said += f"; {share} followed a known touch, on average {mean} touches over {duration(totals.seconds)}"
    return words.answer(
        QUESTION, f"{said}. {several} of those met more than one channel.", mark_name="credited", note=_note(shown)
    )


def banners(shown: Shown) -> list[Component]:
    """What qualifies everything below."""
    found: list[Component] = []
    if shown.withheld is not None:
        found.append(words.banner("bad", shown.withheld.message, shown.withheld.remedy))
    if shown.state.hidden and shown.state.goals:
        found.append(words.banner("info", "Journeys of some accounts are not shown.", _HIDDEN))
    if shown.state.waiting and shown.state.goals:
        title = f"{_count(shown.state.waiting, 'customer has', 'customers have')} changes that are not built in yet."
        found.append(words.banner("info", title, ["Bring journeys up to date with ", _command(shown), "."]))
    narrowed = [DIMENSIONS[d].lower() for d in _NOT_TOLD if d in shown.filter.chosen()]
    if narrowed:
        text = f"Journeys are of customers, whom every {' and every '.join(narrowed)} may have reached."
        found.append(words.banner("info", f"The choice of {' and '.join(narrowed)} narrows nothing here.", text))
    return found


def missing(shown: Shown) -> Component:
    """Why there is no journey, and what brings them."""
    if shown.state.hidden:
        return words.empty("Journeys need every account", _HIDDEN, icon_name="account")
    if not shown.state.is_loaded:
        return words.empty(
            "Load what people met and what they bought",
            "Touchpoints or web events, and orders, leads or deals. Who is who is found out while they are loaded.",
            command="causeway load PATH",
        )
    return words.empty(
        "Journeys are not built yet",
        "Touchpoints and conversions are there. The job puts them in order, customer by customer.",
        command=_command_text(shown),
    )


def chips(shown: Shown) -> list[Chip]:
    """The filters in force, with the names of channels and accounts."""
    accounts = {str(a.account_key): a.name for a in shown.scope.accounts}
    names = {"channel": shown.names, "account": accounts}
    return [
        Chip(dimension, DIMENSIONS[dimension], ", ".join(names.get(dimension, {}).get(key, key) for key in keys))
        for dimension, keys in shown.filter.chosen().items()
    ]


def duration(seconds: float | None) -> str:
    """``3.2 days``, ``5 hours``, ``12 minutes``."""
    if seconds is None:
        return formats.UNKNOWN
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            text = f"{seconds / size:.1f}".removesuffix(".0")
            return f"{text}{formats.SPACE}{unit}{'s' * (text != '1')}"
    return "under a minute"


def _count(count: int, one: str, many: str) -> str:
    return f"{formats.number(count, 'count')} {one if count == 1 else many}"


def _about(shown: Shown) -> str:
    """The channels that the page is narrowed to."""
    chosen = [shown.names.get(key, key) for key in shown.filter.channels]
    return f" after {' or '.join(chosen)}" if chosen else ""


def _moved(told: Told) -> str:
    before = told.previous.conversions if told.previous else 0
    if not before:
        return ""
    share = (told.totals.conversions - before) / before
    if abs(share) < 0.0005:
        return ", no more and no less than in the compared period"
    return f", {formats.number(abs(share), 'percent')} {'more' if share > 0 else 'fewer'} than in the compared period"


def _note(shown: Shown) -> str:
    """What counts as a journey, and what stays outside."""
    told, state = shown.told, shown.state
    if told is None:
        return ""
    one, many = GOALS[told.goal]
    sentences = [
        f"A journey has the touches of one customer in the {state.lookback_days} days before the {one}.",
        "It tells what came before, not what caused it.",
    ]
    if told.totals.nobodys:
        count = _count(told.totals.nobodys, f"further {one} is", f"further {many} are")
        sentences.append(f"{count} of people who are not known, for want of consent or of an identifier.")
    return " ".join(sentences)


_HIDDEN: Final = (
    "A journey may lead through every account of an advertiser, so it is shown to who may read all of them. Ask "
    "whoever manages access for the others."
)


def _command(shown: Shown) -> Component:
    return html.Code(_command_text(shown))


def _command_text(shown: Shown) -> str:
    chosen = [a for a in shown.scope.accounts if a.account_key in shown.filter.accounts] or list(shown.scope.accounts)
    account = f"{chosen[0].platform}/{chosen[0].account_id}" if chosen else "ACCOUNT"
    return f"causeway run journeys --account {account}"
