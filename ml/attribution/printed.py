"""An answer of attribution as the command prints it: JSON for programs, a table and a sentence for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from ml.attribution.answer import Answer
from warehouse.console import say, show
from warehouse.queries.tables import Answer as Rows
from warehouse.queries.tables import Column


def print_json(answer: Answer) -> None:
    """The model, its order, all conversions and the credits; the baseline where the credits are incremental."""
    told = asdict(answer)
    kept = ["model", "order", "total_conversions", "credits"] + ["baseline"] * (answer.baseline is not None)
    say(json.dumps({name: told[name] for name in kept}, default=float))


def print_table(answer: Answer) -> None:
    """Credits as rows, without columns in which nothing is known, and what they are."""
    rows = [asdict(row) for row in answer.credits]
    known = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
    if rows:
        cells = [tuple(_rounded(name, row[name]) for name in known) for row in rows]
        show(Rows(tuple(Column(name, "text", None) for name in known), iter([cells])), as_json=False)
    say(f"{answer.total_conversions:,.0f} conversions, {answer.untouched:,.0f} of them without a known touch.")
    if answer.baseline is None:
        say("Credit says who was there before conversions, not who caused them.")
    else:
        base = answer.baseline
        say(f"{answer.words} {base.estimate:,.0f} ({base.low:,.0f} to {base.high:,.0f}) would have come anyway.")


_DIGITS: Final = {"removal_effect": 4}


def _rounded(name: str, value: Any) -> Any:
    return round(value, _DIGITS.get(name, 2)) if isinstance(value, float | Decimal) else value
