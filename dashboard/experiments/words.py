"""What the page of experiments says: whether a result may be believed, what was caused, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import words
from dashboard.components.tables import Tone
from dashboard.experiments.read import Proof, Shown, Told
from ml.attribution.methods import METHODS
from warehouse.experiments.written import statistic_of
from warehouse.metrics import METRICS, Unit
from warehouse.queries.experiment_readouts import Effect, Guard, Lift, Readout
from warehouse.queries.experiments import Experiment
from warehouse.schema.experiments import Statistic

QUESTION: Final = "What did it truly cause, and may I stop?"
_HALF: Final = Decimal("0.5")

# With a sign of its own before each word, so that no colour is needed.
HEALTH: Final[Mapping[str, str]] = {"green": "● Sound", "amber": "▲ With care", "red": "■ Not sound"}
UNREAD: Final = "Not read yet"
VERDICTS: Final[Mapping[str, str]] = {
    "won": "Proven gain", "lost": "Proven loss", "harmless": "No harm", "open": "Nothing proven",
    "withheld": "Withheld", "none": "Nothing to tell",
}  # fmt: skip
HEALTH_TONES: Final[Mapping[str, Tone]] = {HEALTH["green"]: "good", HEALTH["amber"]: "caution", HEALTH["red"]: "bad"}
VERDICT_TONES: Final[Mapping[str, Tone]] = {
    VERDICTS["won"]: "good", VERDICTS["harmless"]: "good", VERDICTS["lost"]: "bad", VERDICTS["withheld"]: "bad",
}  # fmt: skip
STATES: Final[Mapping[str, str]] = {
    "draft": "Draft", "running": "Running", "stopped": "Stopped", "decided": "Decided",
}  # fmt: skip
KINDS: Final[Mapping[str, str]] = {
    "ab": "A/B test", "geo": "Test of regions", "holdout": "Hold-out", "go_dark": "Ads off", "switchback": "Switchback",
}  # fmt: skip
UNITS: Final[Mapping[str, str]] = {"user": "users", "session": "sessions", "geo": "regions", "time_slot": "days"}
ROLES: Final[Mapping[str, tuple[str, str]]] = {
    "primary": ("Primary", "Decides."),
    "secondary": ("Secondary", "Explains; decides nothing."),
    "guardrail": ("Guardrail", "Must not be harmed."),
}
CUTS: Final[Mapping[str, str]] = {
    "before=active": "Active before", "before=new": "New, or not active before", "before=unknown": "Not known before",
}  # fmt: skip
INFERENCES: Final[Mapping[str, str]] = {
    "sequential": "They hold at every look",
    "fixed": "They hold for one look, at the planned end",
    "group_sequential": "They hold at the planned looks",
}
GUARDS: Final[Mapping[str, str]] = {
    "sample_ratio": "Sizes of the arms", "sample_ratio_sequential": "Sizes of the arms",
    "multiple_exposure": "One arm for each unit", "early_exposure": "Treated after assignment",
    "exposure": "Units met the treatment", "imbalance": "Alike before the start", "renamed": "Arms keep their names",
    "outage": "Every arm seen every day", "peeking": "Read at the planned end",
    "planned_looks": "Read at planned looks", "clusters": "Units are in clusters",
    "pre-fit": "Fit before the test", "placebo-in-time": "A test where there was none",
    "placebo-in-space": "Markets without treatment", "leave-one-out": "Without any one market",
    "concentration": "Weights of the markets", "history": "Length of the history",
    "control": "Something to compare with",
}  # fmt: skip
CHECKS: Final[Mapping[str, str]] = {"passed": "● Passed", "warned": "▲ Warning", "failed": "■ Failed"}
CHECK_TONES: Final[Mapping[str, Tone]] = {"passed": "good", "warned": "caution", "failed": "bad"}


def unit_of(metric: str) -> Unit:
    """The unit of a metric by its name: revenue_per_customer and p90:revenue are money as revenue is."""
    statistic = statistic_of(metric)
    if statistic is not None and statistic[0] is Statistic.share:
        return "decimal"
    outcome = metric if statistic is None else statistic[1]
    known = METRICS.get(outcome.partition("/")[0].partition("_per_")[0])
    return known.unit if known is not None and known.unit == "money" else "decimal"


def metric_name(metric: str) -> str:
    """``orders_per_customer`` as ``orders per customer``, ``p90:revenue`` as ``90 % quantile of revenue``."""
    said = statistic_of(metric)
    if said is not None:
        _, outcome, quantile = said
        what = (
            "share" if quantile is None else "median" if quantile == _HALF else f"{float(quantile) * 100:g} % quantile"
        )
        return f"{what} of {metric_name(outcome)}"
    return metric.replace("/", " per ").replace("_", " ")


def guard_name(guard: str) -> str:
    """What a check is called; one of a metric's values by the metric."""
    kind, _, metric = guard.partition(":")
    if metric:
        if kind == "untold":
            return f"{metric_name(metric).capitalize()} cannot be told"
        return f"Values of {metric_name(metric)}" if kind == "missing" else f"{kind.capitalize()} {metric_name(metric)}"
    return GUARDS.get(guard, guard.replace("_", " ").replace("-", " ").capitalize())


def answer_of_all(shown: Shown) -> Component:
    """How the experiments stand, in a sentence."""
    if not shown.listed:
        return words.answer(QUESTION, "No experiment is known yet.")
    states = Counter(one.experiment.status for one in shown.listed)
    read = [one.readout for one in shown.listed if one.readout is not None]
    bad = sum(one.withheld for one in read)
    proven = sum(one.verdict in ("won", "lost") for one in read)
    said = [f"{_many(len(shown.listed), 'experiment')}, {states['running'] or 'none'} running"]
    said.append(f"{proven or 'none'} {'proves' if proven == 1 else 'prove'} an effect")
    if bad:
        said.append(f"{bad} {'is' if bad == 1 else 'are'} not sound and {'shows' if bad == 1 else 'show'} no result")
    waiting = len(shown.listed) - len(read) - states["draft"]
    note = f"{_many(waiting, 'experiment')} not read yet." if waiting else None
    return words.answer(QUESTION, f"{', '.join(said[:-1])}, and {said[-1]}.", note=note)


def answer_of(told: Told) -> Component:
    """The one sentence of an experiment, and what it is about."""
    if told.readout is None:
        return words.answer(QUESTION, f"{told.experiment.experiment_name} has not been read yet.", note=_about(told))
    if told.is_withheld:
        said = f"{told.experiment.experiment_name} cannot be believed as it is, so no effect is shown."
        return words.answer(QUESTION, said, note=_about(told))
    said, is_told = headline(told)
    return words.answer(QUESTION, said, mark_name="incremental" if is_told else None, note=_about(told))


def headline(told: Told) -> tuple[str, bool]:
    """What was caused, in words; and whether anything was."""
    whole = [row for row in told.effects if not row.cut and row.role == "primary"]
    if whole:
        return " ".join(_effect_said(told, row) for row in whole[:2]), True
    lift = next((row for row in told.lifts if row.role == "primary"), next(iter(told.lifts), None))
    if lift is not None:
        return _lift_said(told, lift), True
    return f"{told.experiment.experiment_name}: no primary metric was measured.", False


def banners(told: Told, command: str) -> list[Component]:
    """What failed or warns, above what it qualifies, with what to check; or that all is well, and what follows."""
    if told.readout is None:
        if told.experiment.status == "draft":
            return [
                words.banner("info", "This is a draft.", "Start it when units are assigned; it is read from then on.")
            ]
        text = ["Its assignments and outcomes are read by ", html.Code(command), "."]
        return [words.banner("info", "No run has read this experiment yet.", text)]
    found = [
        words.banner("bad", f"{guard_name(guard.guard)}: this failed, so no effect is shown.", guard.words)
        for guard in told.guards
        if guard.status == "failed"
    ]
    found += [
        words.banner("caution", f"{guard_name(guard.guard)}: read the result with care.", guard.words)
        for guard in told.guards
        if guard.status == "warned"
    ]
    return found or [words.banner("good", *_may_stop(told, told.readout))]


def checked(guards: Sequence[Guard]) -> str:
    """How many checks there were, and how they came out."""
    counts = Counter(guard.status for guard in guards)
    said = [f"{counts['passed']} of {len(guards)} passed"]
    said += [
        f"{counts[status]} {word}"
        for status, word in (("warned", "with a warning"), ("failed", "failed"))
        if counts[status]
    ]
    return f"{', '.join(said)}. A check that fails takes the place of every result."


def percent(value: float | None) -> str:
    """An effect as a part of what is without it, with one decimal: ``+3.1 %``."""
    if value is None:
        return formats.UNKNOWN
    sign = "" if abs(value) < 0.0005 else formats.MINUS if value < 0 else "+"
    return f"{sign}{abs(value) * 100:,.1f}{formats.SPACE}%"


def between(low: float | None, high: float | None, unit: Unit, currency: str = "") -> str:
    """``−1.2 % to +3.4 %``."""
    ends = (formats.number(end, unit, currency, signed=True) for end in (low, high))
    return "unbounded" if low is None or high is None else " to ".join(ends)


def proof_said(proof: Proof) -> str:
    """How the credit of attribution goes with a test, in a sentence."""
    compared = [row for row in proof.credits if row.agrees is not None and row.credited is not None]
    if not compared:
        return "Not held against attribution, which credits conversions alone."
    agreeing = sum(bool(row.agrees) for row in compared)
    worst = max(compared, key=lambda row: row.errors or 0.0)
    model = METHODS[worst.model].name if worst.model in METHODS else worst.model
    credited, lift = (formats.number(value, "count") for value in (worst.credited, worst.lift))
    said = f"{agreeing} of {_many(len(compared), 'attribution model')} agree within chance"
    if worst.agrees:
        return f"{said}."
    return f"{said}; {model} is furthest off: it credits {credited} where the test found {lift}."


def missing() -> Component:
    """How experiments come in."""
    text = [
        "Load their definitions (YAML or JSON), who was in which arm, and what units did; or ",
        dcc.Link("plan and register one here", href="/experiments?show=plan"), ".",
    ]  # fmt: skip
    command = "causeway load experiments.yaml assignments.csv outcomes.csv"
    return words.empty("Bring experiments in", text, command=command, icon_name="experiments")


def when(experiment: Experiment, readout: Readout | None) -> str:
    """The days of an experiment, as far as they are known."""
    first = experiment.starts_at.date() if experiment.starts_at else readout.first_day if readout else None
    last = experiment.stops_at.date() if experiment.stops_at else readout.last_day if readout else None
    if first is None:
        return "not started"
    if last is None or last < first:
        return f"since {formats.day(first, weekday=False)}"
    return formats.day_range(first, last)


def proven(low: float | None, high: float | None) -> bool:
    """Whether an interval leaves zero out."""
    return low is not None and high is not None and (low > 0 or high < 0)


def _effect_said(told: Told, row: Effect) -> str:
    unit, name = unit_of(told.outcome_of(row.metric)), metric_name(row.metric)
    if row.relative is not None:
        size = f"{percent(row.relative)} ({percent(row.relative_low)} to {percent(row.relative_high)})"
    else:
        size = formats.number(row.difference, unit, told.currency, signed=True)
        size += f" ({between(row.low, row.high, unit, told.currency)})"
    arm, control = told.arm_name(row.arm_id), told.arm_name(row.control_id)
    if row.metric_verdict in ("won", "lost"):
        does = "raises" if row.difference > 0 else "lowers"
        return f"{arm} {does} {name} against {control}: {size}."
    return f"It is not proven that {arm} changes {name} against {control}: {size}."


def _lift_said(told: Told, lift: Lift) -> str:
    unit, name = unit_of(lift.metric), metric_name(lift.metric)
    many = formats.number(lift.incremental, unit if unit == "money" else "count", told.currency, signed=True)
    size = f"{many} {name} ({between(lift.low, lift.high, unit if unit == 'money' else 'count', told.currency)})"
    share = f", {percent(lift.relative)}" if lift.relative is not None else ""
    what = "the treatment" if told.experiment.kind == "switchback" else "the ads"
    if proven(lift.low, lift.high):
        return f"{what.capitalize()} brought {size}{share}."
    return f"It is not proven that {what} brought any {name}: {size}{share}."


def _may_stop(told: Told, readout: Readout) -> tuple[str, str]:
    running, inference = told.experiment.status == "running", told.experiment.inference
    if not running:
        return "Every check passed.", "The result stands as it is told."
    if told.is_of_regions:
        return "Every check passed.", "Read it again when the planned days are over."
    if inference != "sequential":
        return "Every check passed.", INFERENCES[inference] + "."
    if readout.verdict in ("won", "lost"):
        return "You may stop: the effect is proven.", "Intervals hold at every look, so stopping now costs no error."
    return "Let it run: nothing is proven yet.", "You may look as often as you like; intervals hold at every look."


def _about(told: Told) -> str:
    experiment, readout = told.experiment, told.readout
    kind, state = KINDS.get(experiment.kind, experiment.kind), STATES[experiment.status].lower()
    said = [f"{kind}, {state}, {when(experiment, readout)}"]
    if readout is not None:
        said.append(f"{readout.units:,} {UNITS.get(experiment.unit, experiment.unit)}")
        level = formats.tick(readout.level, "percent")
        promise = INFERENCES.get(readout.inference)
        if not told.is_withheld:
            said.append(f"In brackets: {level} intervals" + (f". {promise}" if promise else ""))
        said.append(f"Run {readout.run_key}")
    return ". ".join(said) + "."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
