"""What the page of the mix says: what advertising brought, how far that can be believed, and what would help."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import words
from dashboard.components.tables import Tone
from dashboard.mix.asked import WITHHELD
from dashboard.mix.read import Shown, Told
from warehouse.queries.mix import Channel, Fit

QUESTION: Final = "What did each channel bring, and what would the next unit of money?"
LOOKS: Final[Mapping[str, str]] = {
    "weights": "Draws stand for the answer", "effective-size": "Draws are enough",
    "autocorrelation": "What is left over", "outliers": "Weeks far off", "breaks": "Breaks in the level",
    "drift": "Channels that change", "interaction": "Channels together", "future-spend": "Spend still to come",
    "precision": "Width of the intervals", "collinearity": "Channels that move together",
    "prior": "What was assumed", "sign": "Sales that fall with spend", "peaks": "Spend far above the usual",
    "budgets": "Budgets that follow demand", "shape": "Curves that were not seen", "mediator": "Controls",
    "hold-out": "Forecast of unseen weeks", "refresh": "With a month of data less",
    "perturbation": "With wrong amounts", "placebo": "A channel that is none", "experiments": "Tests and weeks",
    "left-out": "Left out",
}  # fmt: skip
STATUSES: Final[Mapping[str, str]] = {"green": "● Holds", "amber": "▲ With care", "red": "■ Fails"}
STATUS_TONES: Final[Mapping[str, Tone]] = {"green": "good", "amber": "caution", "red": "bad"}
TRUST: Final[Mapping[str, str]] = {"green": "● Sound", "amber": "▲ With care", "red": "■ Not sound"}
OUTCOMES: Final[Mapping[str, str]] = {"revenue": "revenue", "margin": "margin", "new_customers": "new customers"}
_MOST_NAMED: Final = 2


def answer_of(shown: Shown) -> Component:
    """The one sentence at the top."""
    told = shown.told
    if told is None:
        return words.answer(QUESTION, "No mix model was fitted yet.")
    fit = told.fit
    if told.is_withheld:
        said = f"That cannot be told from these {fit.periods} weeks: {_lower(named(shown, _worst(told, 'red')[0]))}"
        return words.answer(QUESTION, said, note=about(told))
    middle, low, high = (
        formats.number(1 - part, "percent")
        for part in (fit.baseline_share, fit.baseline_share_high, fit.baseline_share_low)
    )
    said = f"Advertising brought {middle} ({low} to {high}) of the {outcome_name(fit)}."
    best = best_channel(told)
    if best is not None and best.marginal_roi is not None:
        said += (
            f" The next {fit.currency} brings most in {shown.name(best.channel)}: "
            f"{amount(told, best.marginal_roi)} ({range_of(told, best.marginal_roi_low, best.marginal_roi_high)})."
        )
    return words.answer(QUESTION, said, mark_name="incremental", note=about(told))


def banners(shown: Shown) -> list[Component]:
    """How far it can be believed, above what that qualifies."""
    told = shown.told
    if told is None or told.fit.status == "green":
        return []
    if told.is_withheld:
        found, helps = _worst(told, "red")
        title = "What channels brought is withheld: it would mislead." if not shown.shows_numbers else (
            "These numbers cannot be believed. They are shown because you asked."
        )  # fmt: skip
        other = shown.asked.changed("show", "" if shown.shows_numbers else WITHHELD)
        label = "Withhold them" if shown.shows_numbers else "Show them all the same"
        link = dcc.Link(label, href=other.href)
        text = f"{named(shown, found)} What helps: {_lower(named(shown, helps))}"
        return [words.banner("bad", title, [f"{text} ", link, "."])]
    ambers = [one for one in told.findings if one.status == "amber"]
    said = named(shown, " ".join(one.words for one in ambers[:_MOST_NAMED]))
    rest = len(ambers) - _MOST_NAMED
    more = f" And {rest} more on the card below." if rest > 0 else ""
    return [words.banner("caution", "Believe this with care.", said + more)]


def missing(shown: Shown) -> Component:
    """How a mix model comes in."""
    text = (
        "It takes what was spent and what came, week by week, and every finished test of a channel. Thirty whole weeks "
        "are the least, two years a good start."
    )
    command = f"causeway run mix --account {shown.account}"
    return words.empty("Fit the weeks that are loaded", text, command=command, icon_name="chart")


def about(told: Told) -> str:
    """What it rests on."""
    fit = told.fit
    tests = sum(one.is_used for one in told.lifts)
    said = [f"{fit.periods} weeks, {weeks_said(fit.first_period, fit.last_period)}", _tests(tests)]
    said.append(f"In brackets: {formats.tick(fit.level, 'percent')} intervals of {fit.draws:,} joint draws")
    return ". ".join([*said, f"Run {fit.run_key}"]) + "."


def outcome_name(fit: Fit) -> str:
    """What the outcome is called."""
    return OUTCOMES.get(fit.outcome, f"{fit.goal}s")


def weeks_said(first: dt.date, last: dt.date) -> str:
    """The days of weeks by their Mondays."""
    return formats.day_range(first, last + dt.timedelta(days=6))


def best_channel(told: Told) -> Channel | None:
    """Where the next unit of money brings most, by the middle of the draws."""
    paid = [one for one in told.channels if one.marginal_roi is not None]
    return max(paid, key=lambda one: one.marginal_roi or 0.0, default=None)


def amount(told: Told, value: float | None, *, signed: bool = False) -> str:
    """An amount of the outcome."""
    return formats.number(value, told.unit, told.fit.currency, signed=signed)


def range_of(told: Told, low: float | None, high: float | None) -> str:
    """The ends of an interval of the outcome."""
    return f"{amount(told, low)} to {amount(told, high)}"


def named(shown: Shown, text: str) -> str:
    """A sentence with channels as they are called here."""
    if shown.told is None:
        return text
    keys = {"brand_search", *(one.channel for one in shown.told.channels)}
    pattern = r"\b(" + "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True)) + r")\b"
    return re.sub(pattern, lambda found: shown.name(found.group()), text)


def look_name(finding: str) -> str:
    """What a look at a fit is called."""
    return LOOKS.get(finding, finding.replace("-", " ").capitalize())


def trust_word(fit: Fit) -> html.Span:
    """The trust card's colour in a word."""
    return html.Span(TRUST[fit.status], className=f"cw-toned cw-tone-{STATUS_TONES[fit.status]}")


def _worst(told: Told, status: str) -> tuple[str, str]:
    found = next((one for one in told.findings if one.status == status), None)
    return ("", "") if found is None else (found.words, found.help)


def _tests(count: int) -> str:
    if not count:
        return "No test of a channel is part of it"
    return f"{count} test{'s' * (count > 1)} of channels {'are' if count > 1 else 'is'} part of it"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
