"""What stands in the cells of a definition: words that are known, numbers, names, and lists of entries."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from warehouse.ingest.texts import text_list

MILLIONTH: Final = Decimal("0.000001")


class BadDefinition(Exception):
    """A definition contradicts itself. ``column`` is the field, ``code`` a short name for what is wrong."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.code, self.reason = column, code, reason


def entries_of(cell: str | None, column: str, value: str, values: Collection[str] = ()) -> list[dict[str, Any]]:
    """What stands in a cell: objects, or texts (``a|b``), or an object of names and values.

    Where the name is one of the ``values`` that there may be, it stands before the names. Raises
    :class:`BadDefinition` for a cell that is none of these.
    """
    if not cell:
        return []
    try:
        found = orjson.loads(cell)
    except orjson.JSONDecodeError:
        found = text_list(cell, "|;,")
    if isinstance(found, dict):
        # {"control": 0.5, "treatment": 0.5}, {"orders": "primary"}, or {"primary": ["orders"], "guardrail": "margin"}
        return [
            {"id": one, value: name} if name.casefold() in values else {"id": name, value: one}
            for name, inner in found.items()
            for one in (inner if isinstance(inner, list) else [inner])
        ]
    if not isinstance(found, list):
        raise BadDefinition(column, "bad_list", f"{column} is no list.")
    return [one if isinstance(one, dict) else {"id": str(one)} for one in found]


def named(entry: Mapping[str, Any], column: str, names: tuple[str, ...]) -> str:
    """The id of an entry, under the first of some names. Raises :class:`BadDefinition` where there is none."""
    found = first_of(entry, names)
    if found is None or not str(found).strip():
        raise BadDefinition(column, "missing_id", f"One of {column} has no id.")
    return str(found).strip()


def first_of(entry: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """What stands under the first name that says something."""
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def decimal_of(value: Any, column: str, what: str) -> Decimal | None:
    """A number as it is written, without its per cent sign. Raises :class:`BadDefinition` for what is none."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation as error:
        raise BadDefinition(column, "bad_number", f'The {what} "{text}" is no number.') from error
    if not number.is_finite():
        raise BadDefinition(column, "bad_number", f'The {what} "{text}" is no number.')
    return number


def word_of(value: Any, column: str, words: Mapping[str, str]) -> str | None:
    """What a word means. Raises :class:`BadDefinition` for one that is not known."""
    if value is None or not str(value).strip():
        return None
    key = re.sub(r"[\s/_-]+", "_", str(value).strip().casefold())
    if key not in words:
        known = ", ".join(sorted(set(words.values())))
        raise BadDefinition(column, "unknown_word", f'"{value}" is none of: {known}.')
    return words[key]
