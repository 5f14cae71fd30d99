"""What the Data page says first: what arrived, what of it was refused, and how old the newest numbers are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
from dash.development.base_component import Component

from dashboard.components import words
from dashboard.figures.freshness import STALE_AFTER
from warehouse.queries.loads import LoadSummary
from warehouse.schema.performance import Level

QUESTION = "Is everything here, and can it be believed?"


def answer(loads: Sequence[LoadSummary], fresh: pd.DataFrame, today: dt.date) -> Component:
    """One sentence over all loads, and how far each platform's data reach."""
    loaded = sum(load.status == "loaded" for load in loads)
    refused = sum(load.status == "refused" for load in loads)
    rejected = sum(load.rejected for load in loads)
    said = f"{loaded:,} {_plural('file', loaded)} loaded, "
    if refused:
        said += f"{refused:,} refused, "
    said += f"{_number(rejected)} {_plural('row', rejected)} rejected"
    ages = _ages(fresh, today)
    return words.answer(QUESTION, f"{said}; {ages}." if ages else f"{said}.", note=_note(loads))


def platform_names(fresh: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """One row per account: ``label``, ``platform_name``, ``first_day``, ``last_day`` and ``final_until``."""
    if fresh.empty:
        return pd.DataFrame(columns=["label", "platform_name", "first_day", "last_day", "final_until"])
    by_account = fresh.groupby(["platform", "account_id"], sort=False)
    rows = by_account.agg(
        account_name=("account_name", "first"),
        first_day=("first_day", "min"),
        last_day=("last_day", "max"),
        final_before=("final_before", "max"),
        moves=("level", lambda levels: not _PERFORMANCE.isdisjoint(levels)),  # platforms restate, others do not say so
    ).reset_index()
    several = rows["platform"].value_counts()
    return pd.DataFrame(
        {
            "label": [
                names.get(p, p) + (" · " + account if several[p] > 1 else "")
                for p, account in zip(map(str, rows["platform"]), map(str, rows["account_name"]), strict=True)
            ],
            "platform_name": [names.get(p, p) for p in map(str, rows["platform"])],
            "first_day": rows["first_day"],
            "last_day": rows["last_day"],
            "final_until": [
                (None if moves else last) if pd.isna(before) else before - dt.timedelta(days=1)
                for last, before, moves in zip(rows["last_day"], rows["final_before"], rows["moves"], strict=True)
            ],
        }
    )


_PERFORMANCE = frozenset(Level)


def _ages(fresh: pd.DataFrame, today: dt.date) -> str:
    if fresh.empty:
        return ""
    oldest = {str(name): (today - min(group["last_day"])).days for name, group in fresh.groupby("platform_name")}
    behind = {name: age for name, age in oldest.items() if age > STALE_AFTER}
    if not behind:
        age = max(oldest.values())
        when = {0: "today", 1: "yesterday"}.get(age, f"{age} days ago")
        who = "every source has data" if len(oldest) > 1 else f"{next(iter(oldest))} has data"
        return f"{who} up to {when}"
    first, *rest = sorted(oldest.items(), key=lambda item: item[1])
    if not rest:
        return f"{first[0]} is {_days(first[1])} old"
    late = [(name, age) for name, age in rest if name in behind][-2:]
    return f"{first[0]} is {_days(first[1])} old, " + ", ".join(f"{name} {_days(age)}" for name, age in late)


def _note(loads: Sequence[LoadSummary]) -> str:
    restated, skipped = sum(load.restated for load in loads), sum(load.skipped for load in loads)
    parts = [f"{sum(load.accepted for load in loads):,} rows accepted"]
    if restated:
        parts.append(f"{restated:,} of them restate earlier ones")
    if skipped:
        parts.append(f"{skipped:,} skipped as totals, footers or already known")
    return ", ".join(parts) + ". Every row read is accounted for; a file's name opens its details."


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _number(count: int) -> str:
    return f"{count:,}" if count else "no"


def _days(count: int) -> str:
    return f"{count} {_plural('day', count)}"
