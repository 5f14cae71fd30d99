"""What the page of budgets says: where the next unit of money goes, how far that can be believed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.budget.read import Shown, Standing
from dashboard.components import words
from ml.budget.judged import Interval
from ml.budget.proposal import UNITS, Proposal
from ml.budget.rule_file import rule_of
from ml.budget.rules import Rule
from warehouse.metrics import Unit
from warehouse.queries.budget_inputs import StoredFit

QUESTION: Final = "Where should the next unit of money go?"
TRUST: Final[Mapping[str, str]] = {"green": "● Can be believed", "amber": "▲ With care", "red": "■ Not to be trusted"}
STATES: Final[Mapping[str, str]] = {"draft": "Draft", "approved": "● Approved", "archived": "Put away"}


def answer_of(shown: Shown) -> Component:
    """The one sentence at the top."""
    standing, answered = shown.standing, shown.answered
    if standing is None:
        return words.answer(QUESTION, "Not known yet: no mix model says what channels bring.")
    if answered is None:
        why = shown.refused
        said = "There is no such plan." if why is None else f"{why.message} {why.remedy}".strip()
        return words.answer(QUESTION, said, note=about(standing))
    if not answered.is_advice:
        text = (
            "Not known yet: the mix model is not to be trusted, so what is below is arithmetic and no advice. "
            "Stay with today's plan."
        )
        return words.answer(QUESTION, text, note=about(standing))
    return words.answer(QUESTION, said_of(standing.fit, answered.proposal), mark_name="incremental",
                        note=about(standing))  # fmt: skip


def said_of(fit: StoredFit, proposal: Proposal) -> str:
    """What the plan does: the largest moves, what they bring, and how surely."""
    moved = sorted((line for line in proposal.lines if abs(line.change) >= 1), key=lambda line: -abs(line.change))
    if not moved:
        return f"Leave {money(fit, proposal.spent)} a week as it is: no move under these rules adds to it."
    up = [f"{money(fit, line.change)} more to {channel_name(line.channel)}" for line in moved if line.change > 0]
    down = [channel_name(line.channel) for line in moved if line.change < 0]
    parts = [_listed(up[:3])] if up else []
    parts += [f"less to {_listed(down[:3])}"] if down else []
    gain = proposal.gain
    gains = f"{brought(fit, gain.estimate, signed=True)} a week ({between(fit, gain)})"
    return (
        f"Of {money(fit, proposal.spent)} a week, give {', '.join(parts)}: {gains}, and a {proposal.beats_today:.0%} "
        "chance to beat today's plan."
    )


def banners(shown: Shown) -> list[Component]:
    """How far the fit can be believed, above what it qualifies."""
    standing = shown.standing
    if standing is None:
        return []
    findings = [one for one in standing.findings if one.status == standing.fit.status and one.status != "green"]
    text = " ".join(f"{one.words} {one.help}".strip() for one in findings[:3])
    link = html.A("See the mix model", href="/mix", className="cw-button cw-button-plain")
    if standing.fit.status == "red":
        title = "The mix model is not to be trusted, so no plan is proposed. What would make it known:"
        return [words.banner("bad", title, text, action=link)]
    if standing.fit.status == "amber":
        return [words.banner("caution", "Believe the mix model with care.", text, action=link)]
    return [words.banner("good", "The mix model can be believed.", "Every look at it came out well.", action=link)]


def missing() -> Component:
    """How a plan comes in."""
    text = "A mix model learns from weeks of spend and outcomes what each channel brings; plans follow from it."
    return words.empty(
        "Let the mix be modelled", text, command="causeway run mix budget --account PLATFORM/ID", icon_name="budget"
    )


def about(standing: Standing) -> str:
    """What it rests on."""
    fit = standing.fit
    run = f", run {standing.published.run_key}" if standing.published is not None else ""
    return (
        f"{UNITS[fit.outcome].capitalize()} that advertising causes, by the mix model over weeks up to that of "
        f"{formats.day(fit.last_period, weekday=False)}. Today is the mean of the newest four weeks. In brackets: "
        f"{formats.tick(fit.level, 'percent')} intervals. Fit {fit.fit_key}{run}."
    )


def unit_of(fit: StoredFit) -> Unit:
    """The unit of outcomes."""
    return "money" if fit.is_money else "decimal"


def money(fit: StoredFit, value: float | object, *, signed: bool = False) -> str:
    """An amount of money."""
    return formats.number(formats.to_float(value), "money", fit.currency, signed=signed)


def brought(fit: StoredFit, value: float, *, signed: bool = False) -> str:
    """An outcome with its unit."""
    text = formats.number(value, unit_of(fit), fit.currency, signed=signed)
    return f"{text} of {UNITS[fit.outcome]}" if fit.is_money else f"{text} {UNITS[fit.outcome]}"


def between(fit: StoredFit, interval: Interval) -> str:
    """The ends of an interval of an outcome."""
    ends = (formats.number(end, unit_of(fit), fit.currency) for end in (interval.low, interval.high))
    return " to ".join(ends)


def rate(fit: StoredFit, value: float) -> str:
    """What the next unit of money brings."""
    return formats.number(value, "multiple") if fit.is_money else f"{value:.3g}"


def rate_between(fit: StoredFit, interval: Interval) -> str:
    """The ends of its interval."""
    return f"{rate(fit, interval.low)} to {rate(fit, interval.high)}"


def channel_name(channel: str) -> str:
    """As people say it."""
    return channel.replace("_", " ")


def rule_words(said: dict[str, object]) -> str:
    """A rule in words."""
    rule: Rule = rule_of(said, "rule")
    text = rule.words.replace("_", " ")
    return text[0].upper() + text[1:] + "."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
