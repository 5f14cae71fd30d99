"""What the page of attribution says: its answer, how far credit agrees with tests, and where last click misleads."""

from __future__ import annotations

from typing import Final, NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.attribution.read import LAST, Shown, Told
from dashboard.components import words
from dashboard.components.words import Chip, MarkName
from dashboard.journeys.words import GOALS
from dashboard.state import DIMENSIONS
from ml.attribution.answer import CALIBRATED
from ml.attribution.methods import METHODS
from ml.attribution.overlap import ALL
from warehouse.queries.attribution import Agreement, CreditRow

QUESTION: Final = "Which channels and campaigns earn the credit, and how far can it be believed?"
FARTHEST: Final = 2.0  # standard errors up to which credit and a test may differ by chance
SENTENCES: Final = 4
EN_DASH: Final = "\N{EN DASH}"


class Test(NamedTuple):
    """What one experiment found beside what the model credits; ``agrees`` within two standard errors."""

    said: str
    agrees: bool
    channel: str


def answer(shown: Shown) -> Component:
    """The one sentence, and what it is about."""
    told, run = shown.told, shown.run
    if run is None:
        return words.answer(QUESTION, "Nothing is credited yet.")
    if told is None:
        return words.answer(QUESTION, "This question has no answer.")
    if not told.rows or (told.total <= 0 and told.model != CALIBRATED):
        return words.answer(QUESTION, f"No {GOALS[told.goal][0]} is credited{_about(shown)}.", note=_note(shown, told))
    top, many = told.rows[0], GOALS[told.goal][1]
    share = formats.number(top.conversions / told.total, "percent")
    name = name_of(shown, top.channel)
    if top.is_incremental:
        is_proven = top.low is not None and top.low > 0
        said = f"By the calibrated model {name} {'caused' if is_proven else 'may have caused'} {interval(top)} {many}"
        said += "." if is_proven else "; the interval holds zero, so this is not proven."
        return words.answer(QUESTION, said, mark_name=mark_of(told), note=_note(shown, told))
    what = "credit for" if len(told.rows) == 1 else "the most credit:"
    said = f"{name} earns {what} {interval(top)} {many} by {label(told.model)}, {share} of all"
    last = next((row for row in told.compared.get(LAST, []) if row.channel == top.channel), None)
    if last is not None and told.model != LAST:
        said += f"; {formats.number(last.conversions, 'count')} by last touch"
    return words.answer(QUESTION, f"{said}.", mark_name="credited", note=_note(shown, told))


def banners(shown: Shown) -> list[Component]:
    """How far the credit can be believed, and what else qualifies everything below."""
    found: list[Component] = []
    if shown.refused is not None:
        found.append(words.banner("bad", shown.refused.message, shown.refused.remedy))
    if shown.told is not None:
        found.append(health(shown, shown.told))
        found += _asked(shown, shown.told)
    if shown.run is not None and shown.state.last_day is not None and shown.state.last_day > shown.run.last_day:
        title = f"Journeys go on to {formats.day(shown.state.last_day, weekday=False)}."
        text = f"The published run ends {formats.day(shown.run.last_day, weekday=False)}. Bring it up to date with "
        found.append(words.banner("info", title, [text, html.Code(command(shown)), "."]))
    narrowed = [DIMENSIONS[d].lower() for d in ("platform", "campaign_type") if d in shown.filter.chosen()]
    if narrowed:
        text = "A journey leads through every platform. Narrow by channel, or drill down to campaigns."
        found.append(words.banner("info", f"The choice of {' and '.join(narrowed)} narrows nothing here.", text))
    return found


def health(shown: Shown, told: Told) -> Component:
    """Agreement with experiments, in words; where there is none, which one would settle most."""
    found = tests(shown, told)
    next_test = settling(shown, told)
    if told.model == CALIBRATED:
        return _proven(shown, told, next_test)
    if not found:
        title = "Credit is not proof: no experiment says yet what these channels cause."
        return words.banner("caution", title, next_test or "A test of the channel with the largest spend is a start.")
    off = [test for test in found if not test.agrees]
    if off:
        title = f"{label(told.model)} disagrees with {len(off)} of {_tests(len(found))}: do not move money by it there."
    else:
        title = f"{label(told.model)} agrees with {'the one test' if len(found) == 1 else f'all {len(found)} tests'}."
    said = " ".join(test.said for test in (off or found)[:3])
    return words.banner("caution" if off else "good", title, f"{said} {next_test}".strip())


def _proven(shown: Shown, told: Told, next_test: str) -> Component:
    """What the calibrated model proves. It was made from its tests, so that agreeing with them proves nothing."""
    many = GOALS[told.goal][1]
    sure = [name_of(shown, row.channel) for row in told.channels if row.low is not None and row.low > 0]
    if sure:
        return words.banner("good", f"Proven to add {many}: {', '.join(sure)}.", next_test)
    return words.banner("caution", f"The tests do not prove yet that any channel adds {many}.", next_test)


def tests(shown: Shown, told: Told) -> list[Test]:
    """Each experiment beside the model's credit, the largest disagreements first."""
    found = [a for a in told.agreement if a.kind == "experiment" and a.model == told.model and a.lift is not None]
    return [
        Test(_tested(shown, told, one), (one.errors or 0) <= FARTHEST, one.channel or "")
        for one in sorted(found, key=lambda a: -(a.errors or 0))
    ]


def settling(shown: Shown, told: Told) -> str:
    """Which untested channel with spend the models disagree on most."""
    tested = {a.channel for a in told.agreement if a.kind == "experiment"}
    given: dict[str, list[float]] = {}
    paid: dict[str, CreditRow] = {}
    for model, rows in told.compared.items():
        for row in rows if model != CALIBRATED else ():
            given.setdefault(row.channel, []).append(row.conversions)
            if row.cost:
                paid[row.channel] = row
    open_ones = {name: max(given[name]) - min(given[name]) for name in paid if name not in tested}
    if not open_ones:
        return ""
    name = max(open_ones, key=lambda one: open_ones[one])
    cost = formats.number(paid[name].cost, "money", shown.currency)
    low, high = (formats.number(end(given[name]), "count") for end in (min, max))
    return (
        f"A test of {name_of(shown, name)} would settle most: the models credit its {cost} with {low} to {high} "
        f"{GOALS[told.goal][1]}."
    )


def misled(shown: Shown, told: Told) -> list[str]:
    """Where last touch differs most from the model looked at, in sentences: only beyond both intervals."""
    if told.model == LAST:
        return []
    many = GOALS[told.goal][1]
    last = {row.channel: row for row in told.compared.get(LAST, [])}
    found: list[tuple[float, str]] = []
    for row in told.rows:
        before = last.get(row.channel)
        if before is None or _overlap(before, row) or row.low == row.high:
            continue
        base = max(before.conversions, 1.0)
        times = row.conversions / base
        if row.conversions < before.conversions:
            share = formats.number(1 - times, "percent")
            verdict = f"{share} fewer"
        elif times >= 2:
            verdict = f"{formats.number(times, 'decimal')} times as many"
        else:
            verdict = f"{formats.number(times - 1, 'percent')} more"
        cost = ""
        if row.cpa is not None and before.cpa is not None and row.conversions > 0:
            cheap, dear = (formats.number(one.cpa, "money", shown.currency) for one in (row, before))
            cost = f" A cost of {cheap} per {GOALS[told.goal][0]}, not {dear}."
        gets = f"{interval(row)} {many} by {label(told.model)}, {interval(before)} by last touch"
        said = f"{name_of(shown, row.channel)}: {gets}, {verdict}.{cost}"
        found.append((abs(row.conversions - before.conversions) / max(before.conversions, row.conversions), said))
    return [said for _, said in sorted(found, key=lambda one: -one[0])[:SENTENCES]]


def interval(row: CreditRow) -> str:
    """``725 (699–754)``."""
    said = formats.number(row.conversions, "count" if abs(row.conversions) >= 10 else "decimal")
    if row.low is None or row.high is None:
        return said
    low, high = (formats.number(end, "count") for end in (row.low, row.high))
    return f"{said} ({low}{' to ' if row.low < 0 else EN_DASH}{high})"


def missing(shown: Shown) -> Component:
    """Why nothing is credited, and what brings it."""
    if shown.state.hidden:
        text = (
            "A journey may lead through every account of an advertiser, so its credit is shown to who may read all of "
            "them. Ask whoever manages access for the others."
        )
        return words.empty("Attribution needs every account", text, icon_name="account")
    if not shown.state.is_loaded:
        text = "Touchpoints or web events, and orders, leads or deals: credit is given to what came before them."
        return words.empty("Load what people met and what they bought", text, command="causeway load PATH")
    if not shown.state.goals:
        text = "Touchpoints and conversions are there. The job puts them in order, and credits them."
        return words.empty("Journeys are not built yet", text, command=command(shown, job="journeys"))
    text = "Journeys are there. The job credits their channels, campaigns and ads by every model, with intervals."
    return words.empty("Nothing is credited yet", text, command=command(shown))


def chips(shown: Shown) -> list[Chip]:
    """The filters in force, with the names of channels, accounts and the campaign."""
    campaign = "" if shown.told is None else shown.told.campaign
    names = {
        "channel": shown.names,
        "account": {str(a.account_key): a.name for a in shown.scope.accounts},
        "campaign": dict.fromkeys(map(str, shown.filter.campaigns), campaign) if campaign else {},
    }
    return [
        Chip(dimension, DIMENSIONS[dimension], ", ".join(names.get(dimension, {}).get(key, key) for key in keys))
        for dimension, keys in shown.filter.chosen().items()
    ]


def name_of(shown: Shown, channel: str) -> str:
    """What a channel is called; one that is known from journeys alone by its key."""
    return "All channels" if channel == ALL else shown.names.get(channel, channel.replace("_", " ").capitalize())


def label(model: str) -> str:
    return METHODS[model].name


def mark_of(told: Told) -> MarkName:
    """Only the calibrated model's numbers may be called incremental."""
    return "incremental" if told.model == CALIBRATED else "credited"


def command(shown: Shown, *, job: str = "attribution") -> str:
    """The command that brings results."""
    chosen = [a for a in shown.scope.accounts if a.account_key in shown.filter.accounts] or list(shown.scope.accounts)
    account = f"{chosen[0].platform}/{chosen[0].account_id}" if chosen else "ACCOUNT"
    return f"causeway run {job} --account {account}"


def _tested(shown: Shown, told: Told, one: Agreement) -> str:
    many, name = GOALS[told.goal][1], name_of(shown, one.channel or "")
    lift, se = (formats.number(value, "count") for value in (one.lift, one.se))
    said = formats.number(one.credited, "count" if (one.credited or 0) >= 10 else "decimal")
    gives = "expects" if told.model == CALIBRATED else "credits"
    return (
        f"{name}, test {one.other}: the test found {lift} ± {se} {many}, {label(told.model)} {gives} {said}, "
        f"{one.errors:.1f} standard errors away."
    )


def _tests(count: int) -> str:
    return f"{count} test{'s' * (count != 1)}"


def _asked(shown: Shown, told: Told) -> list[Component]:
    """What is not as the run was published, in one sentence."""
    if not told.is_live:
        return []
    asked, said = shown.asked, []
    if not shown.is_whole:
        said.append(f"of {formats.day_range(shown.filter.start, shown.filter.end)}")
    if asked.customers != "all":
        said.append(f"of {asked.customers} customers")
    if asked.without and told.model != CALIBRATED:
        said.append(f"as if nobody had met {name_of(shown, asked.without)}")
    if told.usual:
        said.append("with your settings")
    title = f"Computed now, {', '.join(said)}."
    return [words.banner("info", title, "Paths, tests and the comparison of runs are those of the published run.")]


def _note(shown: Shown, told: Told) -> str:
    """What is credited, and what stays outside."""
    run, many = shown.run, GOALS[told.goal][1]
    count = formats.number(told.conversions, "count")
    sentences = [f"{count} {many} over {formats.day_range(shown.filter.start, shown.filter.end)}"]
    if told.untouched:
        sentences[0] += f"; {formats.number(told.untouched, 'count')} came after no known touch and are nobody's"
    if run is not None:
        level = formats.tick(run.level, "percent")
        finished = "" if run.finished_at is None else f" of {formats.day(run.finished_at.date(), weekday=False)}"
        sentences.append(f"In brackets: {level} intervals")
        sentences.append(f"Journeys reach back {run.lookback_days} days; run {run.run_key}{finished}")
    if told.model == CALIBRATED and run is not None and run.words:
        sentences.append(run.words.rstrip("."))
    return ". ".join(sentences) + "."


def _about(shown: Shown) -> str:
    chosen = [name_of(shown, key) for key in shown.filter.channels]
    return f" to {' or '.join(chosen)}" if chosen else ""


def _overlap(one: CreditRow, other: CreditRow) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high
