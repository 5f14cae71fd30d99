"""Rows about units of experiments: into which arm they were put, when they met it, and what they did.

Rows are staged with the digest of their unit, and written when all are there. A row that names a person by another
identifier than the assignment did is still about the same unit, if the two are known to be one person's.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

import polars as pl
from sqlalchemy import text

from warehouse.ingest.contract import LINE, Finding, RejectedRow
from warehouse.ingest.digests import identifier_digests, text_digests
from warehouse.ingest.store import rollups
from warehouse.ingest.store import unit_statements as statements
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.experiment_book import COLUMNS_OF, ExperimentBook
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.outcome_columns import unpivoted
from warehouse.ingest.store.whose import FORGOTTEN, Whose
from warehouse.ingest.store.writer import Ground
from warehouse.schema.people import IdentifierKind

Kind = Literal["assignment", "exposure", "outcome"]

_IDENTIFIERS: Final = {
    "user_id": IdentifierKind.user,
    "unit_id": IdentifierKind.user,
    "email": IdentifierKind.email,
    "device_id": IdentifierKind.device,
    "client_id": IdentifierKind.client,
}
_MOMENT: Final = pl.Datetime("us", "UTC")
_STAGED: Final = {
    "experiment_key": pl.Int32(), "digest": pl.String(), "name": pl.String(), "identifier_key": pl.Int64(),
    "customer_key": pl.Int64(), "arm_key": pl.Int32(), "stratum": pl.String(), "cluster_digest": pl.String(),
    "at": _MOMENT, "until": _MOMENT, "metric": pl.String(), "date": pl.Date(), "value": pl.String(),
    "pre_value": pl.String(), "is_treated": pl.Boolean(),
}  # fmt: skip


class UnitRowsWriter:
    """Writes one parsed table of ``ASSIGNMENT``, ``EXPOSURE`` or ``OUTCOME``."""

    def __init__(self, at: Ground, kind: Kind) -> None:
        self._at = at
        self._kind = kind
        self._stored = Stored()
        name = at.parsed.path.replace("\\", "/").rpartition("/")[2].rpartition("!")[2]
        self._book = ExperimentBook(at.session, at.accounts, at.load_key, name, at.parsed.assumptions)
        self._whose = Whose(at.session, at.load_key)
        self._skipped: Counter[str] = Counter()
        self._staged = False

    def add(self, frame: pl.DataFrame) -> None:
        """Stage a frame."""
        if frame.is_empty():
            return
        frame = self._book.named(frame)
        experiments = self._book.used
        frame = frame.with_columns(
            self._book.arm_keys(frame),
            unit=pl.col("experiment_key").replace_strict(
                {key: e.unit for key, e in experiments.items()}, return_dtype=pl.String
            ),
            account_key=pl.col("experiment_key").replace_strict(
                {key: e.account_key for key, e in experiments.items()}, return_dtype=pl.Int32
            ),
        )
        frame = self._of_known_arms(frame)
        parts = [self._identified(part, str(unit)) for (unit,), part in frame.group_by("unit", maintain_order=True)]
        if not parts:
            return
        frame = pl.concat(parts)
        self._stored.note_accounts(frame)
        if "day" in frame.columns:
            frame = frame.rename({"day": "date"})
        for column in ("at", "date"):
            if column in frame.columns and frame[column].is_not_null().any():
                self._stored.note_days(frame[column].drop_nulls().cast(pl.Date))
        if self._kind == "outcome" and frame["metric"].is_null().all():
            frame = self._unpivoted(frame)
        self._stage(frame)

    def finish(self) -> Stored:
        """Write what was staged, and count."""
        session, stored = self._at.session, self._stored
        if self._staged:
            self._whose.settle()
            parameters = {"experiments": list(self._book.used), "assigns": self._kind == "assignment"}
            for statement in statements.UNITS:
                session.execute(text(statement), parameters)
            if self._kind == "exposure":
                session.execute(text(statements.SETTLE_ARMS), parameters)
                lines = session.execute(text(statements.OF_NO_ARM)).scalars().all()
                stored.rejected += [_rejected(line, "arm", "no_arm", _NO_ARM) for line in lines]
            if self._kind == "outcome":
                session.execute(text(statements.ASSIGN_BY_OUTCOME), {"load": self._at.load_key})
            row = session.execute(text(statements.WRITE[self._kind]), {"load": self._at.load_key}).one_or_none()
            if row is not None:
                stored.accepted, stored.restated = row.fresh + row.changed, row.changed
                self._skipped.update({"already known": row.known, "repeated row": row.repeated})
            rollups.renew_statistics(session, stored.accepted, _WRITTEN)
            self._note_findings()
        stored.skipped = {reason: count for reason, count in self._skipped.items() if count}
        return stored

    def _of_known_arms(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows without those that name an arm which their experiment's definition does not have."""
        unknown = frame["arm"].is_not_null() & frame["arm_key"].is_null()
        for row in frame.filter(unknown).iter_rows(named=True):
            experiment = self._book.used[row["experiment_key"]]
            words = f'Experiment "{experiment.experiment_id}" has no arm "{row["arm"]}".'
            self._stored.rejected.append(_rejected(row[LINE], "arm", "unknown_arm", words, row["arm"]))
        return frame.filter(~unknown)

    def _identified(self, frame: pl.DataFrame, unit: str) -> pl.DataFrame:
        """The rows with ``digest``, ``name`` and who that is; rows without a unit of this kind are rejected."""
        columns = [c for c in COLUMNS_OF[unit] if c in frame.columns and frame[c].is_not_null().any()]
        if unit == "user":
            found = self._people_of(frame, columns)
        else:
            value = pl.coalesce(columns) if columns else pl.lit(None, pl.String)
            found = frame.with_columns(
                name=value if unit != "session" else pl.lit(None, pl.String),
                digest=text_digests(frame.select(pl.lit(f"{unit}:") + value.str.to_lowercase()).to_series()),
                identifier_key=pl.lit(None, pl.Int64),
                customer_key=pl.lit(None, pl.Int64),
            )
        missing = found["digest"].is_null()
        words = f"The experiment is over {unit.replace('_', ' ')}s, and the row names none."
        lines = found[LINE].filter(missing).to_list()
        self._stored.rejected += [_rejected(line, None, "missing_unit", words) for line in lines]
        return found.filter(~missing)

    def _people_of(self, frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
        digests: dict[IdentifierKind, pl.Series] = {}
        for column in columns:
            kind = _IDENTIFIERS[column]
            found = identifier_digests(frame[column], kind)
            digests[kind] = digests[kind].fill_null(found) if kind in digests else found
        if not digests:
            nobody = {"name": pl.String, "digest": pl.String, "identifier_key": pl.Int64, "customer_key": pl.Int64}
            return frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in nobody.items())
        named = pl.DataFrame([series.alias(kind.value) for kind, series in digests.items()])
        who = self._whose.identify(named, frame["account_key"])
        self._skipped[FORGOTTEN] += int(who["forgotten"].sum())
        unit = [pl.lit(f"{kind.value}:") + pl.col(kind.value) for kind in digests]
        told = frame.with_columns(
            who["identifier_key"],
            who["customer_key"],
            name=pl.lit(None, pl.String),
            digest=text_digests(named.select(pl.coalesce(unit)).to_series()),
        )
        return told.filter(~who["forgotten"])

    def _unpivoted(self, frame: pl.DataFrame) -> pl.DataFrame:
        rows, lines = unpivoted(frame)
        self._stored.rejected += [_rejected(line, None, "bad_number", _NO_NUMBER) for line in lines.to_list()]
        without = frame[LINE].filter(~frame[LINE].is_in(rows[LINE].implode()) & ~frame[LINE].is_in(lines.implode()))
        self._skipped["row without a value"] += len(without)
        return rows

    def _stage(self, frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        absent = [pl.lit(None, dtype).alias(name) for name, dtype in _STAGED.items() if name not in frame.columns]
        if not self._staged:
            self._at.session.execute(text("DROP TABLE IF EXISTS incoming_unit"))
            self._at.session.execute(text(statements.STAGE))
            self._staged = True
        clusters = text_digests(frame.select(pl.lit("cluster:") + pl.col("cluster").str.to_lowercase()).to_series())
        staged = frame.with_columns(*absent, pl.col(LINE).alias("line")).with_columns(cluster_digest=clusters)
        copy_frame(self._at.session, "incoming_unit", staged, ("line", *_STAGED))

    def _note_findings(self) -> None:
        for code, (words, sql) in statements.FINDINGS.items():
            count = self._at.session.execute(text(sql)).scalar_one()
            if count and not (code == "not_assigned" and self._kind == "assignment"):
                self._at.parsed.findings.append(Finding(code, "warning", words.format(n=f"{count:,}")))


_WRITTEN: Final = "core.experiment_unit, core.assignment, core.exposure, core.unit_outcome"
_NO_ARM: Final = "The row names no arm, and its unit is not in exactly one."
_NO_NUMBER: Final = "The row has a value that is no number where other rows of the column have one."


def _rejected(line: int, column: str | None, code: str, reason: str, raw: str = "") -> RejectedRow:
    """What the row says of its unit is not shown: it may name a person."""
    return RejectedRow(line, column, code, reason, raw)
