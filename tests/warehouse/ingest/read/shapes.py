"""What the tests of reading share: reading everything of a file, and workbooks cell by cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from warehouse.ingest.contract import LINE, RawTable, RejectedRow
from warehouse.ingest.read.open import open_tables

VOCABULARY = frozenset({"day", "campaign", "campaign id", "cost", "clicks", "sessions", "date"})
HEADER = ("Day", "Campaign", "Cost")


@dataclass(slots=True)
class Taken:
    """Everything that a table gave."""

    table: RawTable
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    misfits: list[RejectedRow] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    batches: int = 0

    @property
    def records(self) -> int:
        return len(self.rows) + len(self.misfits) + self.table.footers


def take(table: RawTable) -> Taken:
    """Read a table as the parser does: misfits are drained after every batch."""
    taken = Taken(table)
    for frame in table.batches:
        assert frame.schema[LINE] == pl.UInt32
        assert all(kind == pl.String for name, kind in frame.schema.items() if name != LINE)
        taken.columns = frame.columns
        taken.lines += frame[LINE].to_list()
        taken.rows += frame.drop(LINE).rows()
        taken.batches += 1
        taken.misfits += table.misfits
        table.misfits.clear()
    return taken


def take_all(path: Path | str) -> list[Taken]:
    return [take(table) for table in open_tables(str(path), VOCABULARY)]


def take_one(path: Path | str) -> Taken:
    (taken,) = take_all(path)
    return taken


def saved(folder: Path, content: bytes | str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


_NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Cell styles: 0 general, 1 a day, 2 a day with its time.
_STYLES = (
    f'<styleSheet {_NAMES}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def text(value: str) -> str:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


def number(digits: str, style: int = 0) -> str:
    """A number cell with exactly these digits in the file."""
    return f'<c s="{style}"><v>{digits}</v></c>'


def workbook(sheets: dict[str, Sequence[tuple[int, Sequence[str]]]], hidden: Sequence[str] = ()) -> bytes:
    """An .xlsx file; a sheet is its rows as (row number, cells), a cell is made by ``text`` or ``number``."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName='
        '"/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
    listed = related = ""
    for index, (name, rows) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{name}" sheetId="{index}"{state} r:id="rId{index}"/>'
        related += f'<Relationship Id="rId{index}" Type="{_RELATIONS}/worksheet" Target="worksheets/s{index}.xml"/>'
        parts[f"xl/worksheets/s{index}.xml"] = _sheet(rows)
    related += f'<Relationship Id="rId0" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    parts["xl/workbook.xml"] = f'<workbook {_NAMES} xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return out.getvalue()


def _sheet(rows: Sequence[tuple[int, Sequence[str]]]) -> str:
    body = ""
    for line, cells in rows:
        placed = (
            cell.replace("<c ", f'<c r="{chr(65 + column)}{line}" ', 1) for column, cell in enumerate(cells) if cell
        )
        body += f'<row r="{line}">{"".join(placed)}</row>'
    return f"<worksheet {_NAMES}><sheetData>{body}</sheetData></worksheet>"
