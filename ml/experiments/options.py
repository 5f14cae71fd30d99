"""What the texts of the commands' options mean."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from ml.experiments.information import Stakes
from ml.experiments.methods import PLANNED_UNITS, ConfidenceSequence, FixedHorizon, GroupSequential, Method
from ml.experiments.metrics import Metric, Role, metric_of
from warehouse.errors import BadSetting


def listed(text: str) -> tuple[str, ...]:
    """Names with commas between them, each once."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def numbers_said(text: str, option: str) -> dict[str, float]:
    """``name=number`` with commas between. Raises :class:`BadSetting` for anything else."""
    found = {}
    for part in listed(text):
        name, equals, number = part.rpartition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise BadSetting(
                f"{option} {part!r} is no name and number.", remedy=f"Write {option} control=0.5,green=0.5."
            )
    return found


def metrics_said(primary: str, secondary: str, guardrails: str, prior_sd: float | None = None) -> tuple[Metric, ...]:
    """The metrics of all three lists, with one prior for all.

    Raises :class:`BadSetting` for no metric, for one that is named twice, and for a prior without width.
    """
    margins = numbers_said(guardrails, "--guardrails")
    found = (
        *(metric_of(text) for text in listed(primary)),
        *(metric_of(text, Role.secondary) for text in listed(secondary)),
        *(metric_of(text, Role.guardrail, margin) for text, margin in margins.items()),
    )
    names = [metric.name for metric in found]
    if not listed(primary) or len(set(names)) < len(names):
        raise BadSetting(
            "A metric stands in two lists." if listed(primary) else "No primary metric is named.",
            remedy="Name at least one in --metrics, and each in one list.",
        )
    if prior_sd is not None and not prior_sd > 0:
        raise BadSetting(f"prior_sd == {prior_sd}, must be above 0.", remedy="Write 0.05 for five per cent.")
    return tuple(replace(metric, prior_sd=prior_sd) for metric in found)


def stakes_said(value: str | None, units: int, cost: str) -> Stakes | None:
    """What a decision is about, in money; None where nobody says. Raises :class:`BadSetting` for what is no money."""
    if value is None:
        return None
    return Stakes(money_said(value, "--value"), units, money_said(cost, "--cost"))


def money_said(text: str, option: str) -> Decimal:
    """An amount as its digits. Raises :class:`BadSetting` for anything else."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise BadSetting(f"{option} {text!r} is no amount.", remedy=f"Write {option} 12.50.")
    return amount


def method_said(name: str, level: float, planned: int | None, looks: str) -> Method:
    """The method by its name. Raises :class:`BadSetting` for another one, and for looks that are none."""
    if (name == "group") != bool(looks):
        raise BadSetting("The method group needs --looks, and no other takes them.", remedy="Write --looks 0.5,1.")
    if name == "sequential":
        return ConfidenceSequence(level, planned or PLANNED_UNITS)
    if name == "fixed":
        return FixedHorizon(level)
    if name == "group":
        try:
            return GroupSequential(tuple(float(part) for part in listed(looks)), level)
        except ValueError as error:
            raise BadSetting(f"--looks {looks!r} are no numbers.", remedy="Write --looks 0.5,1.") from error
    raise BadSetting(f"There is no method {name!r}.", remedy="There are: sequential, fixed, group.")
