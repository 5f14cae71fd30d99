"""Files of rules, in JSON or YAML."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from ml.budget.rules import (
    Bounds,
    Cpa,
    Flight,
    Group,
    Limit,
    Locked,
    MinimumBuy,
    OfToday,
    Pacing,
    PeriodBudget,
    Roas,
    Rule,
    Target,
)
from warehouse.errors import LoadRefused


def read_rules(file: Path | str) -> tuple[Rule, ...]:
    """Read a list of rules, or an object with a list ``rules``; each rule is an object whose ``rule`` names its kind.

    Raises :class:`LoadRefused`, naming the rule by its number.
    """
    name = Path(file).name
    return tuple(rule_of(said, f"{name}, rule {number}") for number, said in enumerate(_listed(file), start=1))


def rules_as_said(file: Path | None, more: Sequence[str]) -> list[dict[str, Any]]:
    """The rules of a file and more in the words of one, checked, as they are written. Raises :class:`LoadRefused`."""
    found = []
    if file is not None:
        read_rules(file)
        found += [dict(said) for said in _listed(file)]
    for text in more:
        rule_said(text, "--rule")
        found.append(dict(yaml.load(text, _Texts)))  # noqa: S506  (a loader of plain texts)
    return found


def rule_said(text: str, place: str) -> Rule:
    """One rule in the words of a file, such as ``{rule: locked, channel: tv}``. Raises :class:`LoadRefused`."""
    try:
        return rule_of(yaml.load(text, _Texts), place)  # noqa: S506  (a loader of plain texts)
    except yaml.YAMLError as error:
        raise LoadRefused(f"{place}: {text!r} is no rule.", remedy="Write {rule: locked, channel: tv}.") from error


def rule_of(said: object, place: str) -> Rule:
    """One rule as it is written. Raises :class:`LoadRefused`, which begins with ``place``."""
    if not isinstance(said, dict) or "rule" not in said:
        raise LoadRefused(f"{place} does not say which rule it is.", remedy=f"Write rule: one of {', '.join(KINDS)}.")
    kind = str(said["rule"]).strip()
    if kind not in KINDS:
        raise LoadRefused(f"{place}: there is no rule {kind!r}.", remedy=f"There are {', '.join(KINDS)}.")
    make, needed, known = KINDS[kind]
    given = {str(name): value for name, value in said.items() if name != "rule" and value is not None}
    strange = [name for name in given if name not in known]
    if strange:
        raise LoadRefused(f"{place}: {kind} has no {strange[0]!r}.", remedy=f"It has {', '.join(known)}.")
    missing = [name for name in needed if name not in given]
    if missing:
        raise LoadRefused(f"{place}: {kind} needs {' and '.join(missing)}.")
    if kind in _WITH_ENDS and not set(given) & set(_WITH_ENDS[kind]):
        raise LoadRefused(f"{place}: {kind} bounds nothing.", remedy=f"Say one of {', '.join(_WITH_ENDS[kind])}.")
    fields = {name: _READERS[name](value, f"{place}, {name}") for name, value in given.items()}
    rule = make(fields)
    _refuse_crossed(rule, place)
    return rule


def _listed(file: Path | str) -> list[Any]:
    place = Path(file)
    try:
        text = place.read_text(encoding="utf-8-sig")
        # numbers stay text, so that no amount becomes a float
        read = json.loads(text, parse_float=str, parse_int=str) if _is_json(place, text) else yaml.load(text, _Texts)  # noqa: S506  (a loader of plain texts)
    except (OSError, UnicodeDecodeError) as error:
        raise LoadRefused(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        words = " ".join(str(error).split())
        raise LoadRefused(f"{place.name} is neither JSON nor YAML: {words}.", remedy="Correct it.") from error
    listed = read.get("rules") if isinstance(read, dict) else read
    if not isinstance(listed, list):
        raise LoadRefused(f"{place.name} holds no list of rules.", remedy="Begin with `rules:`, and a list below it.")
    return listed


def _names(value: object, place: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(name, str) and name.strip() for name in listed):
        raise LoadRefused(f"{place}: {value!r} is no list of channels.", remedy="Write [search, social].")
    return tuple(str(name).strip() for name in listed)


def _name(value: object, place: str) -> str:
    return _names(value, place)[0]


def _amount(value: object, place: str) -> Decimal:
    amount = _decimal(value, place, "amount of money", "1250.50")
    if amount < 0:
        raise LoadRefused(f"{place}: {amount} is below 0.", remedy="Amounts are 0 or more.")
    return amount


def _limit(value: object, place: str) -> Limit:
    text = str(value).strip()
    if not text.endswith("%"):
        return _amount(value, place)
    change = _decimal(text[:-1].strip(), place, "change against today", "-20%") / 100
    if change < -1:
        raise LoadRefused(f"{place}: {text} is less than nothing.", remedy="The least is -100%.")
    return OfToday(change)


def _share(value: object, place: str) -> Decimal:
    text = str(value).strip()
    number = text[:-1].strip() if text.endswith("%") else text
    share = _decimal(number, place, "share", "40% or 0.4") / (100 if text.endswith("%") else 1)
    if not 0 <= share <= 1:
        raise LoadRefused(f"{place}: {text} is no share.", remedy="Shares are 0% to 100%.")
    return share


def _change(value: object, place: str) -> Decimal:
    text = str(value).strip()
    number = text[:-1].strip() if text.endswith("%") else text
    change = _decimal(number, place, "change", "30% or 0.3") / (100 if text.endswith("%") else 1)
    if change < 0:
        raise LoadRefused(f"{place}: {text} is below 0.", remedy="Write by how much it may go up or down, such as 30%.")
    return change


def _number(value: object, place: str) -> float:
    number = float(_decimal(value, place, "number", "2.5"))
    if number <= 0:
        raise LoadRefused(f"{place}: {number:g} must be above 0.")
    return number


def _periods(value: object, place: str) -> tuple[int, ...]:
    listed = value if isinstance(value, list) else [value]
    texts = [str(each).strip() for each in listed]
    if not texts or not all(text.isdigit() and int(text) > 0 for text in texts):
        raise LoadRefused(f"{place}: {value!r} are no periods.", remedy="Count them from 1: [1, 2, 3].")
    return tuple(sorted({int(text) for text in texts}))


def _decimal(value: object, place: str, what: str, example: str) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise LoadRefused(f"{place}: {str(value)[:60]!r} is no {what}.", remedy=f"Write it like {example}.")
    return number


_READERS: Final[Mapping[str, Callable[[object, str], Any]]] = MappingProxyType(
    {
        "channel": _names, "channels": _names, "name": _name, "low": _limit, "high": _limit, "at": _amount,
        "most": _change, "min": _amount, "max": _amount, "min_share": _share, "max_share": _share,
        "at_least": _number, "at_most": _amount, "periods": _periods,
    }
)  # fmt: skip

_WITH_ENDS: Final = {
    "bounds": ("low", "high"), "group": ("min", "max", "min_share", "max_share"), "period": ("min", "max"),
}  # fmt: skip


def _channels(said: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*said.get("channel", ()), *said.get("channels", ()))))


_Kind = tuple[Callable[[Mapping[str, Any]], Rule], tuple[str, ...], tuple[str, ...]]

# Each with how it is made, what it needs, and what it may have.
KINDS: Final[Mapping[str, _Kind]] = MappingProxyType(
    {
        "bounds": (
            lambda said: Bounds(_channels(said), said.get("low"), said.get("high")),
            (), ("channel", "channels", "low", "high"),
        ),
        "change": (
            lambda said: Bounds(_channels(said), OfToday(max(-said["most"], Decimal(-1))), OfToday(said["most"])),
            ("most",), ("channel", "channels", "most"),
        ),
        "locked": (lambda said: Locked(_channels(said), said.get("at")), (), ("channel", "channels", "at")),
        "group": (
            lambda said: Group(
                said.get("name", " and ".join(_channels(said))), _channels(said), said.get("min"), said.get("max"),
                said.get("min_share"), said.get("max_share"),
            ),
            ("channels",), ("name", "channels", "min", "max", "min_share", "max_share"),
        ),
        "minimum_buy": (
            lambda said: MinimumBuy(_channels(said), said["min"]), ("min",), ("channel", "channels", "min"),
        ),
        "roas": (
            lambda said: Roas(said["at_least"], _channels(said)), ("at_least",), ("channel", "channels", "at_least"),
        ),
        "cpa": (lambda said: Cpa(said["at_most"], _channels(said)), ("at_most",), ("channel", "channels", "at_most")),
        "target": (
            lambda said: Target(said["at_least"], _channels(said)), ("at_least",), ("channel", "channels", "at_least"),
        ),
        "pacing": (lambda said: Pacing(said["most"], _channels(said)), ("most",), ("channel", "channels", "most")),
        "flight": (
            lambda said: Flight(_channels(said), said["periods"]), ("periods",), ("channel", "channels", "periods"),
        ),
        "period": (
            lambda said: PeriodBudget(said.get("min"), said.get("max"), said.get("periods", ())),
            (), ("min", "max", "periods"),
        ),
    }
)  # fmt: skip


def _refuse_crossed(rule: Rule, place: str) -> None:
    """Bounds of one rule that no spend can keep."""
    ends: list[tuple[Any, Any]] = []
    if isinstance(rule, Bounds):
        same = isinstance(rule.low, OfToday) == isinstance(rule.high, OfToday)
        if same and rule.low is not None and rule.high is not None:
            low, high = (end.change if isinstance(end, OfToday) else end for end in (rule.low, rule.high))
            ends.append((low, high))
    elif isinstance(rule, Group):
        ends += [(rule.low, rule.high), (rule.low_share, rule.high_share)]
    elif isinstance(rule, PeriodBudget):
        ends.append((rule.low, rule.high))
    for low, high in ends:
        if low is not None and high is not None and low > high:
            raise LoadRefused(
                f"{place}: its bounds cross, {low} is more than {high}.", remedy="Exchange or widen them."
            )


def _is_json(place: Path, text: str) -> bool:
    return place.suffix.lower() == ".json" or text.lstrip()[:1] in {"{", "["}


class _Texts(yaml.BaseLoader):
    """Every scalar as it is written."""
