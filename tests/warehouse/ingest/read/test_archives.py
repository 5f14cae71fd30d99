import gzip
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.ingest.read.shapes import number, saved, take_all, take_one, text, workbook
from warehouse.errors import LoadRefused

CSV = b"Day,Campaign,Cost\n2026-09-01,Brand,1.50\n"
ROW = ("2026-09-01", "Brand", "1.50")


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", ["export.csv.gz", "export.csv", "export"])
def test_gzip_is_recognised_whatever_its_name(tmp_path: Path, name: str) -> None:
    taken = take_one(saved(tmp_path, gzip.compress(CSV), name))
    assert taken.rows == [ROW]
    assert taken.table.name == name.removesuffix(".gz")


def test_text_named_gz_is_text(tmp_path: Path) -> None:
    assert take_one(saved(tmp_path, CSV, "export.csv.gz")).rows == [ROW]


def test_members_of_a_zip_are_tables(tmp_path: Path) -> None:
    content = zipped(
        {
            "Exports/Google.csv": CSV,
            "__MACOSX/._Google.csv": b"\0\1",
            ".hidden.csv": b"x",
            "README.txt": b"words",
            "truth.json": b"{}",
            "meta.csv.gz": gzip.compress(CSV),
            "wide.csv": CSV.decode().encode("utf-16"),
            "book.xlsx": workbook({"A": [(1, [text("Day"), text("Cost")]), (2, [text("x"), number("1")])]}),
        }
    )
    tables = take_all(saved(tmp_path, content, "all.zip"))
    assert [t.table.path.split("all.zip")[1] for t in tables] == [
        "!Exports/Google.csv",
        "!meta.csv.gz",
        "!wide.csv",
        "!book.xlsx",
    ]
    assert [t.table.name for t in tables] == ["google.csv", "meta.csv", "wide.csv", "book.xlsx"]
    assert [t.rows for t in tables] == [[ROW], [ROW], [ROW], [("x", "1")]]


def test_zip_in_gzip_and_parquet_in_zip(tmp_path: Path) -> None:
    out = io.BytesIO()
    pl.DataFrame({"day": ["x"]}).write_parquet(out)
    content = gzip.compress(zipped({"a.parquet": out.getvalue()}))
    assert take_one(saved(tmp_path, content)).rows == [("x",)]


def encrypted() -> bytes:
    content = bytearray(zipped({"a.csv": CSV}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def flipped() -> bytes:
    content = bytearray(gzip.compress(CSV * 100))
    content[-6] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(CSV)[:-12], "could not be read to its end"),
        (gzip.compress(CSV * 10_000)[:500], "could not be read to its end"),
        (flipped(), "CRC check failed"),
        (zipped({"a.csv": CSV})[:-30], "damaged zip archive"),
        (zipped({"README.md": b"x"}), "holds no export, only: README.md"),
        (zipped({}), "an empty zip archive"),
        (encrypted(), "protected with a password"),
        (zipped({"a.csv": b""}), r"!a\.csv is empty"),
        (zipped({"[Content_Types].xml": b"x", "word/document.xml": b"x"}), "Office document without a worksheet"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(CSV)))), "in an archive"),
    ],
    ids=[
        "cut",
        "cut early",
        "flipped",
        "cut zip",
        "no export",
        "empty zip",
        "locked",
        "empty member",
        "word",
        "nested",
    ],
)
def test_archive_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(LoadRefused, match=words):
        take_all(saved(tmp_path, content, "all.zip"))


@pytest.mark.parametrize("packed", ["gzip", "zip"])
def test_decompression_bomb_is_refused(tmp_path: Path, packed: str) -> None:
    bomb = CSV + b"2026-09-01,Brand,1.50\n" * 3_500_000
    content = gzip.compress(bomb, 9) if packed == "gzip" else zipped({"a.csv": bomb})
    with pytest.raises(LoadRefused, match="200 times its size"):
        for _ in take_all(saved(tmp_path, content)):
            pass
