"""What a reader of the page of uplift asks: which test, and what an outcome is worth and a contact costs.

Kept in the address alone, where each setting has a name; what is usual is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from warehouse.errors import BadFilter


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings by their names in the address. ``test`` is EXPERIMENT:METRIC:ARM; empty ones are as in the run."""

    test: str = ""
    value: str = ""
    cost: str = ""

    def __post_init__(self) -> None:
        """Raises :class:`BadFilter` naming the parameter."""
        for name, least in (("value", "above 0"), ("cost", "0 or more")):
            said = getattr(self, name)
            amount = _amount(said)
            if said and (amount is None or amount < 0 or (name == "value" and amount == 0)):
                raise BadFilter(f"{name} == {said!r}, must be a number {least}.", remedy="Write it as 12.50.")

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
        return f"/uplift?{query}" if query else "/uplift"

    def amount(self, name: str, usual: Decimal) -> Decimal:
        """The value or the cost, as written or else as usual."""
        return _amount(getattr(self, name)) or (Decimal(0) if getattr(self, name) else usual)

    def changed(self, name: str, value: Any) -> Asked:
        """With another value of a setting. Raises :class:`BadFilter` for one that means nothing."""
        return Asked(**{**self.to_query(), name: "" if value is None else str(value).strip()})


def _amount(said: str) -> Decimal | None:
    try:
        found = Decimal(said)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


SETTINGS: Final = tuple(field.name for field in fields(Asked))
