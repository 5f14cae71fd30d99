"""Experiments and arms that rows name: known ones looked up, and a stand-in for one that no definition came for yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import Assumption
from warehouse.ingest.store.accounts import AccountBook

# By which columns a unit of each kind may be known, the best one first; ``unit_id`` is of whatever kind it must be.
COLUMNS_OF: Final[dict[str, tuple[str, ...]]] = {
    "user": ("user_id", "unit_id", "email", "device_id", "client_id"),
    "session": ("session_id", "unit_id"),
    "geo": ("geo", "unit_id"),
    "time_slot": ("time_slot", "unit_id"),
}
_SAYS_NOTHING: Final = re.compile(
    r"[_\- ]*(?:experiments?|ab|tests?|assignments?|exposures?|exposed|outcomes?|results?|users?|geos?|daily|log|data)"
    r"(?=[_\- ]|$)"
)
_CONTROLS: Final = ("control", "a", "0", "baseline", "holdout", "off", "false", "original", "kontrolle")


@dataclass(slots=True)
class StoredExperiment:
    """An experiment as the warehouse knows it; ``arms`` by id and by name, in small letters."""

    experiment_key: int
    experiment_id: str
    account_key: int
    advertiser_key: int
    unit: str
    is_registered: bool
    arms: dict[str, int] = field(default_factory=dict)
    metrics: frozenset[str] = frozenset()


@dataclass(slots=True)
class ExperimentBook:
    """The experiments of one load."""

    session: WriteSession
    accounts: AccountBook
    load_key: int
    file_name: str
    assumptions: list[Assumption]
    used: dict[int, StoredExperiment] = field(default_factory=dict)
    _known: dict[tuple[str | None, str | None, str], StoredExperiment] = field(default_factory=dict)

    def named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with ``experiment_key``; a table that names no experiment is about the one of its file's name."""
        if frame["experiment_id"].null_count():
            name = experiment_of(self.file_name)
            self._assume("experiment", name, "the table does not say; the file's name")
            frame = frame.with_columns(pl.col("experiment_id").fill_null(name))
        by = ["account_id", "account_name", "experiment_id"]
        distinct = frame.select(by).unique(maintain_order=True)
        units = _unit_kinds(frame, by)
        keys = [self._find(row, units).experiment_key for row in distinct.iter_rows(named=True)]
        keyed = distinct.with_columns(experiment_key=pl.Series(keys, dtype=pl.Int32))
        return frame.join(keyed, on=by, how="left", nulls_equal=True, maintain_order="left")

    def arm_keys(self, frame: pl.DataFrame) -> pl.Series:
        """The arm that each row names, by id or name; null where it names none, or one that a definition lacks."""
        distinct = frame.select("experiment_key", "arm").drop_nulls().unique(maintain_order=True)
        keys = [self._arm(self.used[key], arm) for key, arm in distinct.iter_rows()]
        keyed = distinct.with_columns(arm_key=pl.Series(keys, dtype=pl.Int32))
        named = frame.select("experiment_key", "arm")
        return named.join(keyed, on=["experiment_key", "arm"], how="left", maintain_order="left")["arm_key"]

    def _find(self, row: dict[str, Any], units: dict[tuple[Any, ...], str]) -> StoredExperiment:
        wanted = (row["account_id"], row["account_name"], row["experiment_id"])
        if wanted not in self._known:
            found = None
            if not row["account_id"] and not row["account_name"] and not self.accounts.asked:
                found = self._only(row["experiment_id"])
            if found is None:
                account = self._account(row)
                found = self.stored(account, row["experiment_id"]) or self._stand_in(account, row, units[wanted])
            self._known[wanted] = found
            self.used[found.experiment_key] = found
        return self._known[wanted]

    def _account(self, row: dict[str, Any]) -> int:
        described = {"account_id": [row["account_id"]], "account_name": [row["account_name"]]}
        return int(self.accounts.keys(pl.DataFrame(described, schema=dict.fromkeys(described, pl.String)))[0])

    def stored(self, account_key: int, named: str) -> StoredExperiment | None:
        """The experiment of an account, by its id or else its name."""
        return self._read("e.account_key = :account", named, account_key)

    def _only(self, named: str) -> StoredExperiment | None:
        """The experiment of that id, if exactly one account has it."""
        return self._read("true", named, None)

    def _read(self, where: str, named: str, account_key: int | None) -> StoredExperiment | None:
        sql = f"""
SELECT e.experiment_key, e.experiment_id, e.account_key, a.advertiser_key, e.unit::text, e.is_registered
FROM core.experiment e JOIN core.account a ON a.account_key = e.account_key
WHERE {where} AND (e.experiment_id = :named OR lower(e.name) = lower(:named))
ORDER BY e.experiment_id <> :named
"""
        found = self.session.execute(text(sql), {"named": named, "account": account_key}).all()
        if not found or (account_key is None and len(found) > 1 and found[1].experiment_id == found[0].experiment_id):
            return None
        experiment = StoredExperiment(*found[0])
        rows = self.session.execute(text(_ARMS), {"key": experiment.experiment_key}).all()
        experiment.arms = {row.name.casefold(): row.arm_key for row in rows}
        experiment.arms |= {row.arm_id.casefold(): row.arm_key for row in rows}
        metrics = self.session.execute(text(_METRICS), {"key": experiment.experiment_key})
        experiment.metrics = frozenset(metrics.scalars())
        return experiment

    def _stand_in(self, account_key: int, row: dict[str, Any], unit: str) -> StoredExperiment:
        """An experiment that rows speak of and no definition: its units are what the rows' columns say."""
        self._assume(
            "definition of experiment", row["experiment_id"], "none was loaded; its arms are those of the rows"
        )
        made = self.session.execute(
            text(_MAKE),
            {
                "account": account_key,
                "id": row["experiment_id"],
                "kind": {"geo": "geo", "time_slot": "switchback"}.get(unit, "ab"),
                "unit": unit,
                "load": self.load_key,
            },
        ).one()
        return StoredExperiment(
            made.experiment_key, made.experiment_id, made.account_key, made.advertiser_key, unit, is_registered=False
        )

    def _arm(self, experiment: StoredExperiment, arm: str) -> int | None:
        known = experiment.arms.get(arm.casefold())
        if known is not None or experiment.is_registered:
            return known
        key = self.session.execute(
            text(_MAKE_ARM),
            {"experiment": experiment.experiment_key, "arm": arm, "control": arm.casefold() in _CONTROLS},
        ).scalar_one()
        experiment.arms[arm.casefold()] = int(key)
        return int(key)

    def _assume(self, field_: str, value: str, why: str) -> None:
        assumption = Assumption(field_, value, why)
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)


def experiment_of(file_name: str) -> str:
    """The experiment that a file's name speaks of: ``checkout_button_assignments.csv`` of ``checkout_button``."""
    stem = file_name.partition(".")[0]
    return _SAYS_NOTHING.sub("", stem).strip("_- ") or stem


def is_control(arm: str) -> bool:
    """Whether an arm is named as controls are."""
    return arm.casefold() in _CONTROLS


def _unit_kinds(frame: pl.DataFrame, by: list[str]) -> dict[tuple[Any, ...], str]:
    """For every experiment of the frame the kind of unit that its rows' columns speak of."""
    said = [(kind, c) for kind, columns in COLUMNS_OF.items() for c in columns if c != "unit_id"]
    spoken = frame.group_by(by).agg(pl.col(c).is_not_null().any().alias(c) for _, c in said)
    return {
        tuple(row[name] for name in by): next((kind for kind, c in said if row[c]), "user")
        for row in spoken.iter_rows(named=True)
    }


_ARMS: Final = "SELECT arm_key, arm_id, name FROM core.experiment_arm WHERE experiment_key = :key ORDER BY arm_key DESC"
_METRICS: Final = "SELECT coalesce(outcome, metric) FROM core.experiment_metric WHERE experiment_key = :key"

_MAKE: Final = """
WITH made AS (
    INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, is_registered, load_key)
    VALUES (:account, :id, :id, CAST(:kind AS core.experiment_kind), CAST(:unit AS core.unit_kind), 'running', false,
            :load)
    RETURNING experiment_key, experiment_id, account_key
)
SELECT m.experiment_key, m.experiment_id, m.account_key, a.advertiser_key
FROM made m JOIN core.account a ON a.account_key = m.account_key
"""

_MAKE_ARM: Final = """
INSERT INTO core.experiment_arm (experiment_key, arm_id, name, is_control) VALUES (:experiment, :arm, :arm, :control)
RETURNING arm_key
"""
