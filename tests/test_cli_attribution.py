"""The command that credits channels: from a file of paths, without a warehouse, and as the warehouse published it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.auth import owner_identity
from api.schema.answer import Question, answer
from ml.attribution.answer import NAMES
from ml.attribution.job import ATTRIBUTION, settle
from ml.worker import work_once
from tests.commands import Commands
from tests.warehouse.events.history import History
from warehouse import job_queue
from warehouse.local_owner import local_owner
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

PATHS = """path,conversions,value,null
search > email,30,3000,10
search,40,4000,200
email > direct,20,1000,30
social > search > email,10,500,90
"""


@pytest.fixture(scope="module")
def causeway(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Without a warehouse: a command that opened one would wait for a server that is not there."""
    folder = tmp_path_factory.mktemp("paths")
    (folder / "paths.csv").write_text(PATHS, encoding="utf-8")
    (folder / "lifts.csv").write_text("channel,lift,se\nemail,20,4\nsearch,30,6\n", encoding="utf-8")
    return Commands(folder, "postgresql://nobody@127.0.0.1:1/nothing")


def file(causeway: Commands, name: str) -> Path:
    return causeway.home / name


@pytest.mark.parametrize("model", NAMES)
def test_every_model_prints_the_same_shape(causeway: Commands, model: str) -> None:
    tests = ("--lifts", file(causeway, "lifts.csv")) if model == "calibrated" else ()
    said = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--model", model, "--json", *tests)
    told = said.json
    assert (told["model"], told["total_conversions"]) == (model, 100.0)
    assert {"channel", "conversions", "low", "high", "value", "removal_effect"} == set(told["credits"][0])
    assert {row["channel"] for row in told["credits"]} == {"search", "email", "social", "direct"}
    assert all(row["low"] <= row["conversions"] <= row["high"] for row in told["credits"])
    given = sum(row["conversions"] for row in told["credits"])
    if model == "calibrated":
        assert told["baseline"]["estimate"] + given == pytest.approx(100)
    else:
        assert set(told) == {"model", "order", "total_conversions", "credits"}
        assert given == pytest.approx(100)
        assert sum(row["value"] for row in told["credits"]) == pytest.approx(8_500)


def test_only_markov_has_an_order_and_removal_effects(causeway: Commands) -> None:
    markov = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--order", 2, "--json").json
    assert markov["order"] == 2
    assert all(0 < row["removal_effect"] <= 1 for row in markov["credits"])
    last = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--model", "last", "--json").json
    assert last["order"] is None
    assert {row["channel"]: row["conversions"] for row in last["credits"]} == {
        "search": 40.0, "email": 40.0, "direct": 20.0, "social": 0.0,
    }  # fmt: skip


def test_people_are_told_what_credit_is(causeway: Commands) -> None:
    said = causeway.ok("attribution", "--paths", file(causeway, "paths.csv"), "--model", "linear")
    assert "who was there before conversions, not who caused them" in said.out
    assert "incremental" not in said.out


@pytest.mark.parametrize(
    ("text", "arguments", "out", "err"),
    [
        ("path,conversions\n", ("--model", "last"), "0 conversions", ""),
        ("path,conversions\na,3\n,2\n", ("--model", "last"), "5 conversions, 2 of them without a known touch", ""),
        ("path,conversions\n" + "a > " * 300 + "a,1\n", (), "1 conversions", "more than 200 touches"),
        ("path,conversions\na > > b,1\n", (), "(unknown)", "1 touches have no name"),
    ],
)
def test_odd_paths_are_counted_and_said(
    causeway: Commands, text: str, arguments: tuple[str, ...], out: str, err: str
) -> None:
    file(causeway, "odd.csv").write_text(text, encoding="utf-8")
    said = causeway.ok("attribution", "--paths", file(causeway, "odd.csv"), *arguments)
    assert out in said.out
    assert err in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--paths", "nothing.csv"), 1, "cannot be read"),
        (("--paths", "{paths}", "--model", "magic"), 1, "There are: first"),
        (("--paths", "{paths}", "--model", "calibrated"), 2, "needs --lifts"),
        (("--paths", "{paths}", "--model", "last", "--lifts", "{lifts}"), 2, "no other model"),
        (("--paths", "{paths}", "--model", "calibrated", "--lifts", "{paths}"), 1, "no column 'channel'"),
        (("--paths", "{lifts}"), 1, "no column 'path'"),
        (("--paths", "{paths}", "--model", "position", "--first", "0.9"), 1, "must not be negative and sum to at most"),
    ],
)
def test_what_cannot_be_done_is_said(causeway: Commands, arguments: tuple[str, ...], code: int, words: str) -> None:
    places = {"paths": file(causeway, "paths.csv"), "lifts": file(causeway, "lifts.csv")}
    said = causeway.run("attribution", *(argument.format(**places) for argument in arguments))
    assert (said.code, said.out) == (code, "")
    assert words in " ".join(said.err.split())


def test_a_test_of_all_channels_settles_the_total(causeway: Commands) -> None:
    text = "channel,lift,se,covered,campaign\n*,20,1,0.5,\nemail,5,1,0.25,newsletter\n"
    file(causeway, "whole.csv").write_text(text, encoding="utf-8")
    places = ("--paths", file(causeway, "paths.csv"), "--lifts", file(causeway, "whole.csv"))
    told = causeway.ok("attribution", "--model", "calibrated", *places, "--json").json
    assert told["baseline"]["estimate"] == pytest.approx(60, abs=3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel,lift,se\nemail,much,3\n", "row 2, column 'lift': 'much' is no number"),
        ("channel,lift,se,campaign\nemail,3,1,brand\n", "row 2, column 'campaign': a test of one campaign"),
        ("channel,lift,se,covered,campaign\n*,3,1,0.5,brand\n", "row 2, column 'campaign'"),
        ("channel,lift,se\nradio,1,3\n", "no path has the channel 'radio'"),
        ("channel,lift,se\n", "No experiment says"),
    ],
)
def test_lifts_that_say_nothing_are_refused(causeway: Commands, text: str, words: str) -> None:
    file(causeway, "bad.csv").write_text(text, encoding="utf-8")
    places = ("--paths", file(causeway, "paths.csv"), "--lifts", file(causeway, "bad.csv"))
    said = causeway.run("attribution", "--model", "calibrated", *places)
    assert said.code == 1
    assert words in said.err


@pytest.fixture(scope="module")
def history(settings: Settings, engine: Engine) -> History:
    """Orders that begin with a video and end with a search, credited and published."""
    history = History(Warehouse(settings, engine)).begin()
    for customer in range(1, 13):
        for day, channel in enumerate(("video", "display", "paid_search")):
            history.touch(customer, day, channel, kind="impression" if channel == "video" else "click")
        history.convert(customer, 3, value=50, new=customer % 2 == 0)
    history.touch(20, 1, "display")
    history.convert(20, 2, value=50)
    history.touch(21, 1, "video")
    history.build()
    lift = {"experiment": "geo", "channel": "display", "first": "2026-03-01", "last": "2026-03-04", "lift": 2, "se": 1}
    parameters = settle({"models": ["last", "position", "markov", "shapley_rate"], "draws": 20, "lifts": [lift]})
    with history.warehouse.writing() as session:
        owner = local_owner(history.warehouse).id
        job_queue.submit(session, job="attribution", account_key=history.account, parameters=parameters,
                         requested_by=owner)  # fmt: skip
    assert work_once(history.warehouse, {"attribution": ATTRIBUTION})
    return history


@pytest.fixture(scope="module")
def credited(settings: Settings, history: History) -> Commands:
    return Commands.on(settings)


@pytest.mark.parametrize(
    ("model", "by"),
    [("last", "customer"), ("position", "channel"), ("markov", "channel"), ("shapley_rate", "channel"),
     ("calibrated", "channel")],
)  # fmt: skip
def test_the_command_prints_what_is_published(history: History, credited: Commands, model: str, by: str) -> None:
    said = credited.ok("attribution", "--model", model, "--by", by, "--json").json
    assert [*said][:4] == ["model", "order", "total_conversions", "credits"]
    assert {"channel", "conversions", "low", "high", "value", "removal_effect"} < set(said["credits"][0])
    names = ("channel", "item", "conversions", "low", "high", "removal_effect")
    sql = f"""SELECT {", ".join(names)} FROM mart.attribution WHERE model = :model AND grain = :by
              ORDER BY conversions DESC, channel, item"""
    with history.warehouse.reading(local_owner(history.warehouse)) as session:
        stored = [tuple(row) for row in session.execute(text(sql), {"model": model, "by": by})]
    assert [tuple(row[name] for name in names) for row in said["credits"]] == stored != []
    assert ("baseline" in said) == (model == "calibrated")


def test_command_and_graphql_give_the_same_answer_to_the_same_question(history: History, credited: Commands) -> None:
    asked = (
        (("--model", "position", "--first", "0.6", "--last", "0.2", "--by", "customer,device"),
         "model: POSITION, firstWeight: 0.6, lastWeight: 0.2, by: [CUSTOMER, DEVICE]"),
        (("--model", "last", "--window", "2,paid_search=0.5"),
         'model: LAST, lookbackDays: 2, lookbacks: [{channel: "paid_search", days: 0.5}]'),
        (("--model", "last", "--customers", "new", "--views", "0"), "model: LAST, customers: NEW, viewWeight: 0"),
        (("--model", "markov", "--without", "video"), 'without: "video"'),
        (("--model", "calibrated"), "model: CALIBRATED"),
    )  # fmt: skip
    for arguments, given in asked:
        said = credited.ok("attribution", *arguments, "--json").json
        query = f"""{{ journeysAtHand {{ whatIf(input: {{ {given} }}) {{
            conversions baselineLow credits {{ channel item conversions low high }} }} }} }}"""
        found = answer(history.warehouse, owner_identity(history.warehouse), Question(query, {}, None))
        live = found["data"]["journeysAtHand"]["whatIf"]
        assert said["total_conversions"] == live["conversions"]
        assert [{name: row[name] for name in live["credits"][0]} for row in said["credits"]] == live["credits"]
        assert said.get("baseline", {"low": None})["low"] == live["baselineLow"]


def test_a_report_is_written_beside_the_answer(credited: Commands, tmp_path: Path) -> None:
    said = credited.ok("attribution", "--model", "last", "--by", "customer", "--report", tmp_path / "report.html")
    assert "The report is in" in said.err
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    told = ("<dd>13</dd>", "geo", "causeway attribution --model last --by customer --goal order", "returning")
    for words in told:
        assert words in page, words
    refused = credited.run("attribution", "--model", "last", "--report", tmp_path / "nowhere" / "report.html")
    assert refused.code == 1
    assert "cannot be written" in refused.err
    of_file = ("--paths", tmp_path / "paths.csv", "--model", "last", "--report", tmp_path / "file.html")
    (tmp_path / "paths.csv").write_text(PATHS, encoding="utf-8")
    credited.ok("attribution", *of_file)
    assert "paths.csv, 4 rows" in (tmp_path / "file.html").read_text(encoding="utf-8")


def test_the_table_has_costs_only_where_some_are_known(credited: Commands) -> None:
    said = credited.ok("attribution", "--model", "last", "--from", "2026-03-01", "--to", "2026-03-03")
    assert "not who caused them" in said.out
    assert "cpa" not in said.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--account", "nobody"), 1, "There is no account 'nobody'"),
        (("--goal", "fame"), 2, "is none of order"),
        (("--by", "moon"), 1, "cannot be split by 'moon'"),
        (("--window", "soon"), 1, "'soon' is no lookback"),
        (("--window", "7"), 1, "markov has no lookback"),
        (("--model", "fractional"), 1, "takes too long"),
        (("--level", "0"), 1, "level == 0.0 must be between 0 and 1"),
        (("--customers", "many"), 1, "customers == 'many'"),
        (("--from", "2026-03-05", "--to", "2026-03-01"), 1, "Swap the dates"),
        (("--from", "2020-03-05", "--to", "2020-03-06"), 1, "No path has a touch"),
        (("--seed", "3"), 2, "needs a file of paths"),
        (("--lifts", "lifts.csv"), 2, "needs a file of paths"),
        (("--paths", "paths.csv", "--by", "campaign"), 2, "is asked of the warehouse"),
    ],
)
def test_what_the_warehouse_cannot_be_asked_is_said(
    credited: Commands, arguments: tuple[str, ...], code: int, words: str
) -> None:
    said = credited.run("attribution", *arguments)
    assert said.code == code, said
    assert words in " ".join((said.out + said.err).split())
