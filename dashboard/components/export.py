"""CSV for people who open it in a spreadsheet: nothing in it is ever run as a formula."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV with CRLF line ends (RFC 4180). Unknown cells are empty, not zero."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(safe_cell(str(c)) for c in frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow(
            "" if cell is None or (not isinstance(cell, str) and pd.isna(cell)) else safe_cell(str(cell))
            for cell in row
        )
    return out.getvalue()


def safe_cell(text: str) -> str:
    """The cell, with an apostrophe before it when a spreadsheet would run it; a plain negative number stays one."""
    return f"'{text}" if text.startswith(_RISKY) and not _NUMBER.fullmatch(text) else text
