"""What the page of uplift says: whom to treat, what that is worth, how far it can be believed, and why somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import words
from dashboard.components.tables import Tone
from dashboard.experiments.words import between, metric_name
from dashboard.uplift.read import Policy, Shown, Told
from ml.uplift.features import said_of
from ml.uplift.kinds import Kind
from warehouse.metrics import Unit
from warehouse.queries.audiences import Audience
from warehouse.queries.uplift import Score

QUESTION: Final = "Whom should I treat, and what is it worth?"
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    Kind.PERSUADABLE.value: ("Persuadables", "Gain from the treatment: treat them."),
    Kind.SURE_THING.value: ("Sure things", "Do as much without it: save the contact."),
    Kind.LOST_CAUSE.value: ("Lost causes", "Do little, with or without it."),
    Kind.SLEEPING_DOG.value: ("Sleeping dogs", "The treatment drives them away: leave them alone."),
}
KIND_TONES: Final[Mapping[str, Tone]] = {
    KINDS[Kind.PERSUADABLE.value][0]: "good",
    KINDS[Kind.SLEEPING_DOG.value][0]: "bad",
}
CHECKS: Final[Mapping[str, str]] = {
    "experiment": "The test itself", "customers": "Units are customers", "features": "Features are of before",
    "ranking": "Some respond more", "population": "Customers like those tested",
}  # fmt: skip
STATES: Final[Mapping[str, str]] = {
    "proven": "● Tells whom to treat", "open": "▲ Not proven", "too_little": "▲ Too little data",
    "withheld": "■ Not sound",
}  # fmt: skip


def answer_of(shown: Shown) -> Component:
    """The one sentence at the top."""
    told, policy = shown.told, shown.policy
    if told is None:
        return words.answer(QUESTION, _unlearned(shown.tests))
    readout = told.readout
    if readout.state in ("withheld", "too_little") or policy is None:
        why = "cannot be believed as it is" if readout.state == "withheld" else "has too little data"
        return words.answer(QUESTION, f"{readout.experiment_name} {why}, so nobody is told apart.", note=about(told))
    if not told.is_proven:
        return words.answer(QUESTION, _all_or_nobody(told, policy), mark_name="incremental", note=about(told))
    return words.answer(QUESTION, _whom(told, policy), mark_name="incremental", note=about(told))


def banners(shown: Shown) -> list[Component]:
    """What failed or warns, above what it qualifies."""
    told = shown.told
    if told is None:
        return []
    readout = told.readout
    found = []
    if readout.state == "too_little":
        found.append(words.banner("caution", "There is too little data to judge by.", readout.words))
    if readout.state == "open":
        text = "Scores that rank by chance would cost more than they bring, so none are given. " + readout.words
        found.append(words.banner("caution", "It is not proven that some customers respond more than others.", text))
    for check in told.checks:
        if check.status == "failed":
            title = f"{CHECKS.get(check.check, check.check)}: this failed, so nobody is chosen."
            found.append(words.banner("bad", title, check.words))
        if check.status == "warned" and check.check != "ranking":
            title = f"{CHECKS.get(check.check, check.check)}: choose with care."
            found.append(words.banner("caution", title, check.words))
    return found


def missing(shown: Shown) -> Component:
    """How uplift comes in."""
    if shown.tests:
        learns = "The worker learns from tests, and scores every customer by what they teach."
        command = f"causeway run uplift --account {shown.account}"
        return words.empty("Learn from the tests that are there", learns, command=command, icon_name="segments")
    before = "Load a test over users with assignments and outcomes, and what these users did before it. Or "
    text: list[Component | str] = [before, html.A("plan one", href="/experiments?show=plan"), "."]
    command = "causeway load experiments.yaml assignments.csv outcomes.csv"
    return words.empty("Bring a test over users in", text, command=command, icon_name="segments")


def about(told: Told) -> str:
    """What it rests on."""
    readout = told.readout
    said = [f"{told.arm} against {readout.control_id}, {metric_name(readout.metric)} over {readout.days or 0} days"]
    if readout.treated:
        said.append(
            f"Learned from {readout.treated + readout.untreated - readout.judged:,} customers of "
            f"{readout.experiment_name}, judged on {readout.judged:,} others"
            if readout.judged
            else f"{readout.treated + readout.untreated:,} customers of {readout.experiment_name}"
        )
        level = formats.tick(readout.level, "percent")
        said.append(f"In brackets: {level} intervals")
    if readout.scored and readout.scored_on is not None:
        said.append(f"{readout.scored:,} customers scored as of {formats.day(readout.scored_on, weekday=False)}")
    return ". ".join([*said, f"Run {readout.run_key}"]) + "."


def amount(told: Told, value: float, *, signed: bool = False) -> str:
    """A profit: money, or units of the outcome where their worth is not known."""
    currency = told.readout.currency
    return formats.number(value, "money" if currency else "decimal", currency or "", signed=signed)


def profit_unit(told: Told) -> Unit:
    """The unit of profits."""
    return "money" if told.readout.currency else "decimal"


def range_of(told: Told, low: float, high: float) -> str:
    """The ends of a profit's interval."""
    return between(low, high, profit_unit(told), told.readout.currency or "")


def why(score: Score) -> str:
    """The strongest reasons for a score, in words with their signs."""
    found = zip(score.reasons, score.reason_values, score.reason_effects, strict=True)
    return "; ".join(f"{said_of(name, value)} {'▲' if effect > 0 else '▼'}" for name, value, effect in found)


def came_of(audience: Audience) -> str:
    """What is known of an audience's promise."""
    if audience.words:
        return audience.words
    return f"Not verified yet: predicted over {_many(audience.days, 'day')} from the day after it was saved."


def share(value: float) -> str:
    """A part of the customers, in whole percent."""
    return f"{value * 100:.0f}{formats.SPACE}%"


def _unlearned(tests: int) -> str:
    if not tests:
        return "No test over users is known yet, and only such a test tells."
    return f"{_many(tests, 'test')} over users, and no run has learned from {'it' if tests == 1 else 'them'} yet."


def _whom(told: Told, policy: Policy) -> str:
    profit = policy.profit
    if profit.share == 0:
        return f"At {amount(told, float(policy.cost))} a contact nobody is worth treating with {told.arm}."
    who = "Treat everybody" if profit.share == 1 else f"Treat the {share(profit.share)} whose expected effect pays"
    gain = f"{amount(told, profit.gain.estimate, signed=True)} ({range_of(told, profit.gain.low, profit.gain.high)})"
    said = f"{who}: {gain} per customer against treating nobody"
    if profit.share == 1:
        return f"{said}."
    over = profit.over_everybody
    size = f"{amount(told, over.estimate, signed=True)} ({range_of(told, over.low, over.high)})"
    return f"{said}, {size} against treating everybody."


def _all_or_nobody(told: Told, policy: Policy) -> str:
    every, cost = policy.profit.everybody, float(policy.cost)
    size = f"{amount(told, every.estimate, signed=True)} ({range_of(told, every.low, every.high)}) per customer"
    size += f" at {amount(told, cost)} a contact" if cost else ""
    if every.low > 0:
        return f"Treat everybody with {told.arm}: {size}. Whom it moves most is not proven."
    if every.high < 0:
        return f"Treat nobody with {told.arm}: treating everybody would bring {size}."
    return f"That {told.arm} pays at all is not proven, for anybody: {size} if everybody is treated."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
