"""Numbers and tables as text, in the handwriting of ads managers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a language writes numbers; both marks are one character."""

    thousands: str
    decimal: str

    def fixed(self, number: Decimal, places: int) -> str:
        """With thousands separators and exactly ``places`` decimals: ``1,234.50``."""
        return self._localised(f"{number:,.{places}f}")

    def whole(self, number: int) -> str:
        return self._localised(f"{number:,d}")

    def percent(self, share: Decimal, places: int = 2) -> str:
        return f"{self.fixed(share * 100, places)}%"

    def _localised(self, american: str) -> str:
        return american.translate(str.maketrans(",.", self.thousands + self.decimal))


AMERICAN = NumberStyle(",", ".")
GERMAN = NumberStyle(".", ",")


def ratio(top: Decimal | int, bottom: Decimal | int) -> Decimal | None:
    """``top / bottom``, None when nothing is there to divide by."""
    return Decimal(top) / Decimal(bottom) if bottom else None


def table(rows: Iterable[Sequence[str]], *, delimiter: str = ",", line_end: str = "\n", quote_all: bool = False) -> str:
    """Rows as delimited text; cells are quoted when they must be, or all of them."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerows(rows)
    return out.getvalue()
