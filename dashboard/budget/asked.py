"""What a reader of the page of budgets asks: how much money under which rules, and which scenario is looked at.

Kept in the address alone, where each setting has a name; what is usual is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from api.actions.budget import USUAL_WEEKS, Question
from ml.budget.rule_file import rule_of
from warehouse.errors import BadFilter, LoadRefused


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings by their names in the address. ``budget`` is money of a week; ``rules`` are a list in JSON."""

    outcome: str = ""
    budget: str = ""
    caution: str = ""
    weeks: str = ""
    rules: str = ""
    scenario: str = ""

    def __post_init__(self) -> None:
        """Raises :class:`BadFilter` naming the parameter."""
        budget = _number(self.budget)
        if self.budget and (budget is None or budget <= 0):
            raise BadFilter(f"budget == {self.budget!r}, must be money above 0.", remedy="Write it as 25000.")
        caution = _number(self.caution)
        if self.caution and (caution is None or not 0 <= caution <= 1):
            raise BadFilter(f"caution == {self.caution!r}, must be from 0 to 1.")
        if self.weeks and not (self.weeks.isdecimal() and 1 <= int(self.weeks) <= 104):
            raise BadFilter(f"weeks == {self.weeks!r}, must be a whole number from 1 to 104.")
        if self.scenario and not self.scenario.isdecimal():
            raise BadFilter(f"scenario == {self.scenario!r} is no key of a scenario.")
        for number, said in enumerate(self.said, start=1):
            try:
                rule_of(said, f"rule {number}")
            except LoadRefused as error:
                raise BadFilter(error.message, remedy=error.remedy) from error

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Asked:
        """Read the URL's query. Raises :class:`BadFilter` naming the parameter."""
        return Asked(**{name: query[name].strip() for name in SETTINGS if query.get(name)})

    def to_query(self) -> dict[str, str]:
        """The URL form; ``from_query`` reads it back."""
        return {name: getattr(self, name) for name in SETTINGS if getattr(self, name)}

    @property
    def href(self) -> str:
        """Where this is shown."""
        query = urlencode(self.to_query())
        return f"/budget?{query}" if query else "/budget"

    @property
    def said(self) -> list[dict[str, Any]]:
        """The rules as they are said. Raises :class:`BadFilter` where they are no list of objects."""
        if not self.rules:
            return []
        try:
            found = json.loads(self.rules, parse_float=str, parse_int=str)
        except json.JSONDecodeError as error:
            raise BadFilter("rules is no list of rules in JSON.", remedy='Write [{"rule": "change", "most": "30%"}].'
                            ) from error  # fmt: skip
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise BadFilter("rules is no list of rules in JSON.", remedy='Write [{"rule": "change", "most": "30%"}].')
        return found

    def question(self) -> Question:
        """What is asked of the planner."""
        return Question(
            outcome=self.outcome or None,
            amount=_number(self.budget),
            rules=self.said,
            caution=float(_number(self.caution) or 0),
            weeks=int(self.weeks or USUAL_WEEKS),
        )

    def ruled(self, rules: Sequence[Mapping[str, Any]]) -> Asked:
        """With other rules."""
        return replace(self, rules=json.dumps([dict(one) for one in rules], separators=(",", ":")) if rules else "")

    def bounded(self, channel: str, low: str | None, high: str | None) -> Asked:
        """With other bounds of one channel; None for no bound of the reader's own."""
        rest = [one for one in self.said if not (one.get("rule") == "bounds" and one.get("channel") == channel)]
        mine = {name: end for name, end in (("low", low), ("high", high)) if end is not None}
        return self.ruled([*rest, {"rule": "bounds", "channel": channel, **mine}] if mine else rest)

    def changed(self, name: str, value: Any) -> Asked:
        """With another value of a setting. Raises :class:`BadFilter` for one that means nothing."""
        return Asked(**{**self.to_query(), name: "" if value is None else str(value).strip()})


def _number(said: str) -> Decimal | None:
    try:
        found = Decimal(said)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


SETTINGS: Final = tuple(field.name for field in fields(Asked))
