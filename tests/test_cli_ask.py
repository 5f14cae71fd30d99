from __future__ import annotations

import csv
import io
import stat
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.commands import Commands
from tests.warehouse.seed import DAYS, META, meta_report, seed_two_accounts
from warehouse.engine import connect_engine
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def causeway(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    engine = connect_engine(settings)
    seed_two_accounts(Warehouse(settings, engine), tmp_path_factory.mktemp("exports"))
    engine.dispose()
    return Commands.on(settings)


def test_json_is_exact(causeway: Commands) -> None:
    said = causeway.ok(
        "sql",
        "SELECT platform, date_day, clicks, spend, is_final, NULL AS nothing, 0.5::float8 AS real,"
        " 1e-9::numeric AS small FROM mart.campaign_daily WHERE campaign_id = '701' ORDER BY date_day LIMIT 1",
        "--format", "json",
    )  # fmt: skip
    assert said.json == [
        {
            "platform": "google_ads", "date_day": "2026-06-01", "clicks": 10, "spend": "5.000000", "is_final": True,
            "nothing": None, "real": 0.5, "small": "0.000000001",
        }
    ]  # fmt: skip
    assert said.err == ""


def test_an_empty_answer_is_an_answer(causeway: Commands) -> None:
    assert causeway.ok("sql", "SELECT 1 AS a WHERE false", "--format", "json").json == []
    assert causeway.ok("sql", "SELECT 1 AS a WHERE false", "--format", "csv").out == "a\n"
    assert "a" in causeway.ok("sql", "SELECT 1 AS a WHERE false").out


def test_csv_can_be_opened_in_a_spreadsheet(causeway: Commands) -> None:
    said = causeway.ok("sql", "VALUES (1, '=1+1', 'a,\"b\"', -2.50), (NULL, '-x', '', 3)", "--format", "csv")
    assert list(csv.reader(io.StringIO(said.out))) == [
        ["column1", "column2", "column3", "column4"], ["1", "'=1+1", 'a,"b"', "-2.50"], ["", "'-x", "", "3"],
    ]  # fmt: skip


def test_a_table_for_people_is_not_cut(causeway: Commands) -> None:
    said = causeway.ok("sql", "SELECT repeat('x', 300) AS long, 12345.67 AS money", "--format", "table")
    assert "x" * 300 in said.out
    assert "12345.67" in said.out


def test_a_statement_can_come_from_standard_input(causeway: Commands) -> None:
    said = causeway.ok("sql", "-", "--format", "json", stdin="SELECT ':x %s %(y)s' AS text -- with a comment")
    assert said.json == [{"text": ":x %s %(y)s"}]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT 1; COMMIT; DELETE FROM core.day", "more than one statement"),
        ("SELECT * FROM mart.nothing", '"mart.nothing" does not exist. To see what there is'),
        ("SELECT 1 AS a, 2 AS a", "Two columns are named 'a'"),
    ],
)
def test_what_is_no_query_is_refused_in_one_line(causeway: Commands, statement: str, words: str) -> None:
    said = causeway.run("sql", statement, "--format", "json")
    assert said.code == 1
    assert words in said.err
    assert len(said.err.splitlines()) == 1


def test_a_query_that_takes_too_long_is_stopped(causeway: Commands) -> None:
    said = causeway.run("sql", "SELECT pg_sleep(60)", CAUSEWAY_STATEMENT_TIMEOUT="1")
    assert said.code == 1
    assert "CAUSEWAY_STATEMENT_TIMEOUT" in said.err


def test_a_traceback_is_shown_only_on_request(causeway: Commands) -> None:
    assert "Traceback" not in causeway.run("sql", "SELEC").err
    assert "Traceback" in causeway.run("sql", "SELEC", CAUSEWAY_LOG_LEVEL="debug").err


def test_parquet_holds_exact_decimals_and_days(causeway: Commands, tmp_path: Path) -> None:
    path = tmp_path / "days.parquet"
    said = causeway.ok(
        "export", "campaign_daily", "--format", "parquet", "-o", path, "--where", "platform = 'meta_ads'"
    )
    assert said.out == ""
    days = pl.read_parquet(path)
    assert days.height == 2 * DAYS
    assert days["spend"].sum() == Decimal(15 * DAYS)
    assert (days.schema["date_day"], days.schema["clicks"], days.schema["is_final"]) == (pl.Date, pl.Int64, pl.Boolean)
    assert isinstance(days.schema["spend"], pl.Decimal)
    assert stat.S_IMODE(path.stat().st_mode) & 0o111 == 0


def test_a_whole_view_as_csv(causeway: Commands, tmp_path: Path) -> None:
    causeway.ok("export", "mart.account", "-o", tmp_path / "accounts.csv")
    rows = list(csv.DictReader((tmp_path / "accounts.csv").open(encoding="utf-8")))
    assert {row["currency"] for row in rows} == {"USD", "EUR"}
    assert causeway.ok("export", "account").out == (tmp_path / "accounts.csv").read_text(encoding="utf-8")


def test_an_export_that_fails_leaves_the_old_file(causeway: Commands, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("old")
    assert causeway.run("export", "account", "-o", path, "--where", "1/0 = 1").code == 1
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nothing",), 1, "There are: account, campaign"),
        (("account", "--where", "true) OR (true; DROP TABLE x"), 1, "refuses"),
        (("account", "--format", "parquet"), 2, "-o FILE"),
        (("account", "-o", "/nowhere/at/all.csv"), 1, "cannot be written"),
    ],
)
def test_an_export_that_cannot_be(causeway: Commands, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = causeway.run("export", *arguments)
    assert said.code == code
    assert words in said.err


def test_what_was_restated_since(causeway: Commands, tmp_path: Path) -> None:
    before = causeway.ok("sql", "SELECT now()::text AS now", "--format", "json").json[0]["now"]
    path = tmp_path / "restated.csv"
    path.write_text(meta_report().replace(",5.00,1,", ",6.00,1,", 1))
    causeway.ok("load", path, "--account", META)
    (change,) = causeway.ok("changes", "--since", before, "--json").json
    assert (change["date_day"], change["old_spend"], change["current_spend"]) == ("2026-06-01", "5.000000", "6.000000")
    assert causeway.ok("changes", "--since", "2100-01-01", "--json").json == []
    assert causeway.run("changes", "--since", "yesterday").code == 2


def test_graphql_prints_the_response(causeway: Commands) -> None:
    said = causeway.ok(
        "graphql", "query Q($a: Boolean!) { kpis @include(if: $a) { name } }", "--variables", '{"a": true}'
    )
    assert {"name": "roas"} in said.json["data"]["kpis"]
    wrong = causeway.run("graphql", "{ nothing }")
    assert wrong.code == 1
    assert wrong.json["errors"]
    assert causeway.run("graphql", "{ kpis { name } }", "--variables", "a=true").code == 2
