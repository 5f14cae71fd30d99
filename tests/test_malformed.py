import gzip
import io
import zipfile
import zlib
from collections import Counter

import polars as pl
import pytest

from tests.malformations.containers import workbook
from tests.malformations.sheet import PERFORMANCE, WITH_TOTALS, good_sheets
from tests.malformed import malformed_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("malformed")


@pytest.fixture(scope="module")
def files(folder):
    return malformed_files(folder, 5)


def content_of(files, kind):
    return [file.path.read_bytes() for file in files if file.kind == kind]


def test_there_are_several_hundred_of_many_kinds(files):
    assert len(files) >= 320
    assert len({file.kind for file in files}) >= 200
    assert len({file.path for file in files}) == len(files)


def test_every_shape_is_spoiled_in_many_ways(files):
    shapes = Counter(file.made_from for file in files)
    assert len(shapes) == 12
    assert min(shapes.values()) >= 9


def test_same_seed_same_bytes(files, tmp_path):
    again = malformed_files(tmp_path, 5)
    assert [file.kind for file in again] == [file.kind for file in files]
    for file, same in zip(files, again, strict=True):
        assert file.path.read_bytes() == same.path.read_bytes(), file.kind


def test_nothing_is_left_good_by_mistake(files, folder):
    good = {path.name: path.read_bytes() for path in (folder / "good").iterdir()}
    for file in files:
        assert file.path.name != file.made_from or file.path.read_bytes() != good[file.made_from], file.kind


def test_demands_do_not_contradict_each_other(files):
    for file in files:
        if file.must_refuse:
            assert file.max_accepted == 0, file.kind
            assert file.min_accepted is None, file.kind
        if file.min_accepted is not None and file.max_accepted is not None:
            assert file.min_accepted <= file.max_accepted, file.kind


def test_more_of_a_kind_on_request(files, tmp_path):
    assert len(malformed_files(tmp_path, 5, per_kind=9)) > 1.5 * len(files)


@pytest.mark.parametrize("shape", [*PERFORMANCE, "shopify", "fx", "ga4"])
def test_taking_apart_and_putting_together_gives_the_good_file(folder, files, shape):
    sheet = good_sheets(folder / "good", 5)[shape]
    assert sheet.content() == (folder / "good" / sheet.name).read_bytes()
    assert sheet.count > 0
    assert bool(sheet.totals) == (shape in WITH_TOTALS)


def test_truncation_bounds_are_the_lines_that_begin(files):
    for file in files:
        if file.kind.startswith("truncated") and file.made_from == "pinterest_campaign_report.csv":
            begun = file.path.read_bytes().split(b"\n")[1:]
            assert file.max_accepted >= len([line for line in begun if line])


def test_archives_are_broken_in_the_way_they_say(files):
    for content in content_of(files, "zip with a password"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        with pytest.raises(RuntimeError, match="encrypted"):
            archive.read(archive.namelist()[0])
    for content in content_of(files, "zip with flipped bits"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises((zipfile.BadZipFile, zlib.error)):
            archive.read(archive.namelist()[0])
    for content in content_of(files, "gzip of another checksum"):
        with pytest.raises(gzip.BadGzipFile):
            gzip.decompress(content)


def test_parquet_is_broken_in_the_way_it_says(files):
    for kind in ("parquet cut in the middle", "parquet without its end", "parquet with a broken footer"):
        for content in content_of(files, kind):
            with pytest.raises(pl.exceptions.PolarsError):
                pl.read_parquet(io.BytesIO(content))


def test_hand_made_workbooks_can_be_opened():
    frame = pl.read_excel(workbook([["a", "b"], ["1", "<&>"]]))
    assert frame.rows() == [("1", "<&>")]
