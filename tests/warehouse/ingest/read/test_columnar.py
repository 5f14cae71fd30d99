from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.warehouse.ingest.read.shapes import saved, take_one
from warehouse.errors import LoadRefused


def written(folder: Path, column: pa.Array) -> Path:
    path = folder / "export.parquet"
    parquet.write_table(pa.table({"value": column}), path)
    return path


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([120215518561610553, None, -1]), ["120215518561610553", None, "-1"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([Decimal("1234.560000"), Decimal("0E-6")], pa.decimal128(18, 6)), ["1234.560000", "0.000000"]),
        (pa.array([Decimal("0.0000000001")], pa.decimal256(40, 10)), ["0.0000000001"]),
        (
            pa.array([0.1, 5.0, 1e-10, 1e15, 123456789.25]),
            ["0.1", "5", "0.0000000001", "1000000000000000", "123456789.25"],
        ),
        (pa.array([1.20215518561610553e17]), ["1.2021551856161056E+17"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([float("nan"), None]), ["nan", None]),
        (pa.array([date(2026, 9, 1)]), ["2026-09-01"]),
        (pa.array([datetime(2026, 9, 1)]), ["2026-09-01 00:00:00"]),  # noqa: DTZ001 - it is the case
        (pa.array([datetime(2026, 9, 1, 1, 2, 3, 450000)], pa.timestamp("ns")), ["2026-09-01 01:02:03.45"]),  # noqa: DTZ001
        (pa.array([datetime(2026, 9, 1, 10, tzinfo=UTC)], pa.timestamp("ms", "UTC")), ["2026-09-01 10:00:00Z"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["Übersee", "", None]), ["Übersee", "", None]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([b"text", b"\xff"]), ["text", "\ufffd"]),
        (
            pa.array([[{"action_type": "purchase", "value": "3"}], None]),
            ['[{"action_type": "purchase", "value": "3"}]', None],
        ),
        (pa.nulls(2), [None, None]),
    ],
)
def test_typed_columns_become_text_exactly(tmp_path: Path, column: pa.Array, texts: list[str | None]) -> None:
    taken = take_one(written(tmp_path, column))
    assert taken.table.typed
    assert [r[0] for r in taken.rows] == texts
    assert taken.lines == list(range(1, len(texts) + 1))


def test_large_file_comes_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "export.parquet"
    pl.DataFrame({f"c{n}": range(250_000) for n in range(10)}).write_parquet(path)
    taken = take_one(path)
    assert taken.batches == 3
    assert taken.lines == list(range(1, 250_001))
    assert taken.rows[-1] == ("249999",) * 10


def test_text_with_nul_is_a_misfit(tmp_path: Path) -> None:
    taken = take_one(written(tmp_path, pa.array(["a", "b\0"])))
    assert ([m.line for m in taken.misfits], taken.rows) == ([2], [("a",)])


def test_damaged_file_is_refused(tmp_path: Path) -> None:
    content = written(tmp_path, pa.array([1, 2])).read_bytes()
    with pytest.raises(LoadRefused, match="damaged Parquet file"):
        take_one(saved(tmp_path, content[:-20]))


def test_damaged_page_is_refused_while_reading(tmp_path: Path) -> None:
    path = written(tmp_path, pa.array(["abc" * 100] * 1000))
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    with pytest.raises(LoadRefused, match="damaged Parquet file"):
        take_one(saved(tmp_path, bytes(content)))
