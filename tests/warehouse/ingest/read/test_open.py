import hashlib
import os
from pathlib import Path

import pytest

from tests.warehouse.ingest.read.shapes import VOCABULARY, saved, take, take_all
from warehouse.errors import LoadRefused
from warehouse.ingest.read.open import content_digest, expand, open_tables

CSV = "Day,Campaign,Cost\n2026-09-01,Brand,1.50\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n\r\n", "holds no table"),
        (b"\n" * 60_000, "holds no table"),
        (b"# only\n# comments\n", "holds no table"),
        (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page"),
        ("\ufeff<html>".encode("utf-16-le"), "web page"),
        (b'<?xml version="1.0"?><report/>', "XML file"),
        (b'{"error": "expired"}', "JSON file"),
        (b'[{"Day": "2026-09-01"}]', "JSON file"),
        (b"%PDF-1.7 ...", "PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel workbook"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\x28\xb5\x2f\xfd....", "Zstandard"),
        (bytes(range(256)) * 40, "no text"),
    ],
)
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(LoadRefused, match=words) as refusal:
        take_all(path)
    assert str(path) in refusal.value.message
    assert refusal.value.remedy


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match="cannot be opened: No such file"):
        take_all(tmp_path / "nothing.csv")


def test_progress_counts_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path, CSV + "2026-09-01,Brand,1.50\n" * 200_000)
    seen: list[int] = []
    for table in open_tables(str(path), VOCABULARY, seen.append):
        take(table)
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size
    assert len(seen) > 2


def test_digest_is_that_of_the_bytes_as_stored(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    assert content_digest(str(saved(tmp_path, content))) == (hashlib.sha256(content).hexdigest(), 300_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.csv",
        "a.CSV.GZ",
        "deep/er/c.parquet",
        "deep/.git/x.csv",
        ".hidden.csv",
        "~$book.xlsx",
        "README.txt",
        "LICENSE",
        "notes.md",
        "truth.json",
        "truth.json.gz",
        "picture.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


def names(found: list[str], folder: Path) -> list[str]:
    return [str(Path(f).relative_to(folder)) for f in found]


def test_folder_means_the_exports_below_it(folder: Path) -> None:
    assert names(expand([str(folder)]), folder) == ["a.CSV.GZ", "b.csv", "deep/er/c.parquet"]


def test_glob_means_the_exports_that_match(folder: Path) -> None:
    assert names(expand([f"{folder}/*.*"]), folder) == ["a.CSV.GZ", "b.csv"]
    assert names(expand([f"{folder}/**/*.parquet"]), folder) == ["deep/er/c.parquet"]


def test_named_file_is_always_taken_and_once(folder: Path) -> None:
    paths = [str(folder / "truth.json"), str(folder / "b.csv"), str(folder / "b.csv"), f"{folder}/b*"]
    assert names(expand(paths), folder) == ["b.csv", "truth.json"]


def test_name_with_glob_characters_is_a_name_first(tmp_path: Path) -> None:
    path = saved(tmp_path, CSV, "report [1].csv")
    assert expand([str(path)]) == [str(path)]


@pytest.mark.parametrize("path", ["nothing*.csv", "nothing.csv", "*.json", "ftp://host/a.csv"])
def test_path_that_means_no_export_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(LoadRefused, match=r"matches no export|not read from ftp"):
        expand([path if "://" in path else str(folder / path)])


def test_every_reference_export_is_read_whole(reference_data: Path) -> None:
    counts = {}
    for path in expand([str(reference_data / "ads")]):
        tables = take_all(path)
        assert all(t.table.header and not t.misfits for t in tables)
        counts[Path(path).name] = [t.records for t in tables]
    assert counts["google_ads_campaign_stats.csv.gz"] == [19_272]
    assert counts["meta_ads_campaign_stats.csv.gz"] == [3_417]
    assert counts["microsoft_ads_campaign_stats.csv.gz"] == [2_873]
    assert counts["ga4_traffic_acquisition_ui.csv"] == [3, 2]
    assert counts["google_ads_campaign_report_en_day.excel_utf16le_tab.csv"] == [7]
    assert len(counts) == sum(p.suffix in {".csv", ".gz"} for p in (reference_data / "ads").rglob("*.*"))
