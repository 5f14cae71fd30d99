"""What became of one table of one file, as every door tells it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from warehouse.ingest.contract import Assumption, Finding, RejectedRow

Status = Literal["loaded", "unchanged", "refused"]


@dataclass(slots=True)
class LoadResult:
    """What became of one table of one file. ``rows_read = accepted + rejected + skipped``."""

    path: str
    source: str | None = None
    account: str | None = None
    status: Status = "refused"
    rows_read: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    restated: int = 0
    reason: str | None = None
    vanished: int = 0
    platform: str | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    skipped_by_reason: dict[str, int] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    first_rejected: list[RejectedRow] = field(default_factory=list)
    load_key: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The machine-readable form: the promised keys first, the rest after them."""
        return {
            "path": self.path,
            "source": self.source,
            "account": self.account,
            "status": self.status,
            "rows_read": self.rows_read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "skipped": self.skipped,
            "restated": self.restated,
            "reason": self.reason,
            "vanished": self.vanished,
            "first_day": self.first_day.isoformat() if self.first_day else None,
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "skipped_by_reason": self.skipped_by_reason,
            "assumptions": [{"field": a.field, "value": a.value, "why": a.why} for a in self.assumptions],
            "findings": [{"code": f.code, "severity": f.severity, "message": f.message} for f in self.findings],
            "first_rejected": [
                {"line": r.line, "column": r.column, "code": r.code, "reason": r.reason} for r in self.first_rejected
            ],
        }
