"""What a reader of the page of the mix asks: which outcome, whose curve, and whether to see what is withheld.

Kept in the address alone, where each setting has a name; what is usual is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final
from urllib.parse import urlencode

from warehouse.errors import BadFilter

WITHHELD: Final = "withheld"


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings by their names in the address. ``outcome`` is that of a fit; ``show`` is empty or ``withheld``."""

    outcome: str = ""
    channel: str = ""
    show: str = ""

    def __post_init__(self) -> None:
        """Raises :class:`BadFilter` naming the parameter."""
        if self.show not in ("", WITHHELD):
            raise BadFilter(f"show == {self.show!r}, must be {WITHHELD} or left out.")

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
        return f"/mix?{query}" if query else "/mix"

    def changed(self, name: str, value: str) -> Asked:
        """With another value of a setting."""
        return Asked(**{**self.to_query(), name: value})


SETTINGS: Final = tuple(field.name for field in fields(Asked))
