from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Commands
from tests.warehouse.seed import DAYS, GOOGLE, google_report
from warehouse.settings import Settings

PROMISED = ["path", "source", "account", "status", "rows_read", "accepted", "rejected", "skipped", "restated", "reason"]


@pytest.fixture(scope="module")
def causeway(settings: Settings) -> Commands:
    return Commands.on(settings)


def write(folder: Path, text: str, name: str = "report.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loads(causeway: Commands) -> int:
    return int(causeway.ok("sql", "SELECT count(*) AS n FROM mart.load", "--format", "json").json[0]["n"])


def test_json_keeps_its_promise(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report())
    said = causeway.run("load", path, "--account", GOOGLE, "--json")
    (file,) = said.json["files"]
    assert list(file)[: len(PROMISED)] == PROMISED
    assert {name: file[name] for name in PROMISED} == {
        "path": str(path), "source": "google_ads.ui", "account": GOOGLE, "status": "loaded", "rows_read": 2 * DAYS,
        "accepted": 2 * DAYS, "rejected": 0, "skipped": 0, "restated": 0, "reason": None,
    }  # fmt: skip
    assert (said.code, said.err) == (0, "")

    again = causeway.run("load", path, "--account", GOOGLE, "--json")
    assert again.json["files"][0]["status"] == "unchanged"
    assert again.code == 0


def test_a_rejected_row_makes_exit_code_1(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report(days=3).replace("5.00", "#REF!", 1))
    said = causeway.run("load", path, "--account", "rejecting", "--json")
    (file,) = said.json["files"]
    assert (file["status"], file["rejected"], file["accepted"], said.code) == ("loaded", 1, 5, 1)


def test_a_refused_file_makes_exit_code_1_and_is_told(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, "colour,size\nred,4\n")
    said = causeway.run("load", path, "--json")
    (file,) = said.json["files"]
    assert (file["status"], file["accepted"], said.code) == ("refused", 0, 1)
    assert file["reason"]
    people = causeway.run("load", path)
    assert people.code == 1
    assert file["reason"] in people.out


def test_a_path_that_means_nothing_is_refused_in_json_too(causeway: Commands, tmp_path: Path) -> None:
    said = causeway.run("load", tmp_path / "nothing.csv", "--json")
    assert [file["status"] for file in said.json["files"]] == ["refused"]
    assert said.code == 1
    people = causeway.run("load", tmp_path / "nothing.csv")
    assert (people.code, people.out) == (1, "")
    assert "matches no export" in people.err
    assert "Traceback" not in people.err


def test_a_dry_run_changes_nothing(causeway: Commands, tmp_path: Path) -> None:
    before = loads(causeway)
    path = write(tmp_path, google_report(days=2))
    said = causeway.run("load", path, "--account", "dry", "--dry-run", "--json")
    assert said.json["files"][0]["accepted"] == 4
    assert loads(causeway) == before


def test_a_column_can_be_named(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report(days=2).replace("Cost", "What = it took"))
    said = causeway.run("load", path, "--account", "mapped", "--map", "What = it took=spend", "--source",
                        "google_ads.ui", "--json")  # fmt: skip
    assert said.code == 0, said
    sums = causeway.ok("sql", "SELECT sum(spend) AS spend FROM mart.campaign_daily WHERE account_id = 'mapped'",
                       "--format", "json").json  # fmt: skip
    assert sums == [{"spend": "30.000000"}]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x.csv", "--from-schema", "landed"),
        ("x.csv", "--map", "spend"),
        ("x.csv", "--map", "=spend"),
        ("x.csv", "--no-such-option"),
    ],
)
def test_wrong_usage_is_exit_code_2(causeway: Commands, arguments: tuple[str, ...]) -> None:
    said = causeway.run("load", *arguments)
    assert (said.code, said.out) == (2, "")
    assert "Usage:" in said.err


def test_people_read_what_was_assumed(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report(days=2).replace(",Currency code", "").replace(",USD", ""), "assumed.csv")
    said = causeway.ok("load", path, "--account", "assuming")
    assert "assumed.csv" in said.out
    assert "assumed currency = USD" in said.out


def test_a_currency_that_does_not_exist_is_refused_with_words(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report(days=2))
    people = causeway.run("load", path, "--currency", "EURO")
    assert (people.code, people.out) == (1, "")
    assert people.err.strip() == '"EURO" is not a currency code of ISO 4217. Say one, such as USD.'
    (file,) = causeway.run("load", path, "--currency", "euro", "--json").json["files"]
    assert (file["status"], file["reason"]) == ("refused", people.err.strip())


def test_people_read_why_rows_are_rejected_before_anything_is_loaded(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report(days=4).replace(",5.00,", ",#REF!,"), "errors.csv")
    said = causeway.run("load", path, "--account", "looking", "--dry-run")
    lines = said.out.splitlines()
    (told,) = [i for i, line in enumerate(lines) if "rejected:" in line]
    assert lines[told] == "  4 rows were rejected:"
    assert lines[told + 1].startswith("    line 4, Cost: ")
    assert "#REF!" in lines[told + 1]
    (file,) = causeway.run("load", path, "--account", "looking", "--json").json["files"]
    assert [row["line"] for row in file["first_rejected"]] == [4, 6, 8, 10]
    assert file["first_rejected"][0]["column"] == "Cost"
    again = causeway.run("load", path, "--account", "looking", "--json").json["files"][0]
    assert (again["status"], again["first_rejected"]) == ("unchanged", file["first_rejected"])


def test_of_many_rejected_rows_the_rest_is_counted(causeway: Commands, tmp_path: Path) -> None:
    path = write(tmp_path, google_report(days=9).replace(",5.00,", ",#REF!,"), "many.csv")
    said = causeway.run("load", path, "--account", "many")
    assert "and 4 more; mart.rejected_row and the Data page have them all." in said.out
