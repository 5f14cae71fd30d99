"""Exports: the views of the mart as files, with the reader's rights and the pages' filters."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import httpx
import polars as pl
import pytest
from sqlalchemy import Engine, text

from api.auth import owner_identity
from api.limits import Buckets, Limits
from tests.api.serving import serving
from warehouse.errors import BadFilter
from warehouse.marts.build import views
from warehouse.queries.exports import export_query
from warehouse.sessions import Warehouse


@pytest.fixture(scope="module")
def client(demo: Warehouse) -> Iterator[httpx.Client]:
    with serving(demo, limits=Limits(exports=Buckets(1_000, 100, "exports"))) as served, served.client() as client:
        yield client


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("view", [v.name for v in views()])
def test_both_forms_hold_the_same_rows(client: httpx.Client, demo: Warehouse, view: str) -> None:
    as_csv = client.get(f"/export/{view}.csv")
    as_parquet = client.get(f"/export/{view}.parquet")
    frame = pl.read_parquet(io.BytesIO(as_parquet.content))
    rows = rows_of(as_csv)
    with demo.reading(owner_identity(demo).reader) as session:
        count = session.execute(text(f"SELECT count(*) FROM mart.{view}")).scalar_one()
    assert len(rows) == frame.height == count
    assert as_csv.text.splitlines()[0].split(",") == frame.columns
    assert as_csv.headers["content-disposition"] == f'attachment; filename="{view}.csv"'
    assert as_csv.headers["cache-control"] == "no-store"


def test_the_filters_of_the_pages_narrow(client: httpx.Client) -> None:
    rows = rows_of(
        client.get(
            "/export/campaign_daily.csv",
            params={
                "from": "2026-11-01",
                "to": "2026-11-03",
                "platform": "google_ads,meta_ads",
                "channel": "paid_search",
            },
        )
    )
    assert {r["date_day"] for r in rows} == {"2026-11-01", "2026-11-02", "2026-11-03"}
    assert {r["platform"] for r in rows} == {"google_ads"}
    keys = sorted({r["campaign_key"] for r in rows})[:2]
    narrowed = rows_of(client.get("/export/campaign_daily.csv", params={"campaign": ",".join(keys)}))
    assert {r["campaign_key"] for r in narrowed} == set(keys)
    one = rows_of(client.get("/export/channel_daily.csv", params={"account": "1", "to": "2026-10-01"}))
    assert one
    assert len({(r["platform"], r["account_id"]) for r in one}) == 1
    assert max(r["date_day"] for r in one) == "2026-10-01"


def test_what_changed_since(client: httpx.Client) -> None:
    assert rows_of(client.get("/export/restatement.csv", params={"since": "2020-01-01T00:00:00Z"}))
    assert rows_of(client.get("/export/restatement.csv", params={"since": "2999-01-01"})) == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/export/nothing.csv", 404, "NOT_FOUND"),
        ("/export/pg_roles.csv", 404, "NOT_FOUND"),
        ("/export/campaign_daily.xlsx", 404, "NOT_FOUND"),
        ("/export/kpi.csv?from=2026-01-01", 400, "BAD_FILTER"),
        ("/export/campaign_daily.csv?from=yesterday", 400, "BAD_FILTER"),
        ("/export/campaign_daily.csv?from=2026-02-01&to=2026-01-01", 400, "BAD_FILTER"),
        ("/export/campaign_daily.csv?account=x", 400, "BAD_FILTER"),
        ("/export/campaign_daily.csv?account=99999999999999999999", 400, "BAD_QUERY"),
        ("/export/restatement.csv?since=then", 400, "BAD_FILTER"),
        ("/export/campaign_daily.csv?where=true", 400, "INVALID"),
    ],
)
def test_what_cannot_be_exported_is_explained(client: httpx.Client, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "value", ["x' OR true --", "'; DROP TABLE core.account; --", "\\' OR 1=1 --", "a%b", ":a", "é"]
)
def test_values_stay_values(client: httpx.Client, value: str) -> None:
    assert rows_of(client.get("/export/campaign_daily.csv", params={"platform": value})) == []


def test_nul_is_refused() -> None:
    with pytest.raises(BadFilter):
        export_query("campaign_daily", {"platform": "a\0b"})


def test_cells_are_no_formulas(client: httpx.Client, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE core.campaign SET name = '=cmd|''/c calc''!A1' WHERE campaign_key = 1"))
    rows = rows_of(client.get("/export/campaign.csv", params={"campaign": "1"}))
    assert [r["campaign_name"] for r in rows] == ["'=cmd|'/c calc'!A1"]


def test_exports_are_limited(demo: Warehouse) -> None:
    limits = Limits(exports=Buckets(2, 0.001, "exports"))
    with serving(demo, limits=limits) as served, served.client() as client:
        statuses = [client.get("/export/kpi.csv").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_nothing_is_left_behind(
    client: httpx.Client, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("exports-of-the-server")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert client.get("/export/kpi.csv").status_code == 200
    assert client.get("/export/campaign_daily.csv?account=99999999999999999999").status_code == 400
    client.get("/export/kpi.parquet")
    client.get("/health/live")
    assert [p for p in folder.iterdir() if p.suffix == ".csv"] == []
