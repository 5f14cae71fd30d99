"""The examples of the documentation run: SQL, GraphQL and commands, on a small set of demo exports.

Blocks marked with a file's name are written and loaded, so that what a page shows is what loads; those in the language
``text`` are only written. Blocks marked ``sql`` and ``graphql`` are asked; the lines of ``sh`` blocks that begin with
``causeway`` must be understood by the program, and those of blocks marked ``sh run`` are run.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from sqlalchemy import Engine

import causeway
from api.actions.accounts import ensure_account
from api.actions.audiences import Terms, save_audience
from api.auth import SESSION_DAYS, owner_identity
from api.limits import GRAPHQL_BODY, Limits
from api.passwords import SHORTEST_PASSWORD
from api.schema.answer import Question, answer
from api.schema.limits import MOST_ALIASES, MOST_COST, MOST_DEPTH, MOST_TOKENS
from ml.demo import ask_for_attribution, ask_for_experiments
from ml.jobs import known_jobs
from ml.worker import work_once
from tests.living_world import load_living_world
from tests.made_exports.folder import write_exports
from tests.reference import DOCS, renewed
from tests.test_docs import PAGES, REPOSITORY
from tests.warehouse.budget_rows import write_budget_rows
from tests.warehouse.mix_rows import write_mix_rows
from tests.warehouse.uplift_rows import write_uplift_rows
from validation.customers import bought
from warehouse.ingest.load import load_paths
from warehouse.local_owner import local_owner
from warehouse.queries.tables import ask
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
from warehouse.stream.inbox import Arrived, Writer, accept
from warehouse.stream.messages import read_message
from warehouse.stream.settle import settle

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, what else its first line says, and its text."""

    page: Path
    line: int
    language: str
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The arguments of every line that calls causeway, without what follows a pipe or a redirection."""
        found = []
        for line in self.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            called = [i for i, word in enumerate(words) if word in {"causeway", ".venv/bin/causeway"}]
            if called and not words[0].startswith(("docker", "sudo")):
                rest = words[called[0] + 1 :]
                ends = [i for i, word in enumerate(rest) if word in {"|", ">", ">>", "&&", "<"}]
                found.append(rest[: ends[0]] if ends else rest)
        return found


def blocks(*languages: str) -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            if match[1] in languages:
                yield Block(page, text[: match.start()].count("\n") + 1, match[1], match[2].strip(), match[3])


COMMANDS = [(block, command) for block in blocks("sh") for command in block.commands]
FILES = [block for block in blocks("csv", "json", "yaml") if block.mark]
NOT_LOADED = [block for block in blocks("text") if block.mark]
RUN = [(block, command) for block, command in COMMANDS if block.mark == "run"]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    write_exports(folder / "exports", seed=1, end=yesterday, days=60)
    for block in [*FILES, *NOT_LOADED]:
        (folder / block.mark).write_text(block.text, encoding="utf-8")
    write_mailing(folder)
    write_mix(folder)
    write_regulars(folder)
    return folder


def write_mix(folder: Path) -> None:
    """The weeks of which docs/mix.md shows two rows."""
    chance = random.Random(1)
    lines = ["week,sales,spend_tv,spend_search,price"]
    for week in range(104):
        tv, search, price = (
            1500 * (week % 9 < 3) * chance.random(),
            300 + 90 * chance.random(),
            11 + 2 * chance.random(),
        )
        sales = 4500 + 0.6 * tv + 2 * search - 90 * (price - 12) + chance.gauss(0, 120)
        day = dt.date(2024, 1, 1) + dt.timedelta(weeks=week)
        lines.append(f"{day},{sales:.2f},{tv:.2f},{search:.2f},{price:.2f}")
    (folder / "mix.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_mailing(folder: Path) -> None:
    """The test of which docs/uplift.md shows two rows, and what its customers did afterwards."""
    chance = random.Random(1)
    test, later = ["customer,arm,orders,recency,spent,town"], ["customer,orders"]
    for number in range(2_000):
        recency, mailed = chance.randrange(1, 13), number % 2
        bought = chance.random() < 0.2 + 0.3 * mailed * (recency < 6)
        test.append(
            f"c{number},{'mail' if mailed else 'none'},{bought:d},{recency},{chance.uniform(0, 90):.2f},"
            f"{('Rome', 'Oslo', 'Lima')[number % 3]}"
        )
        later.append(f"c{number},{chance.random() < 0.4:d}")
    (folder / "mailing.csv").write_text("\n".join(test), encoding="utf-8")
    (folder / "later.csv").write_text("\n".join(later), encoding="utf-8")


def write_regulars(folder: Path) -> None:
    """The customers of docs/lifetime.md: drawn from the models that are fitted to them."""
    made = bought(1, 2_000)
    columns = zip(made.frequency, made.recency, made.age, made.amount, made.later, strict=True)
    rows = [
        f"c{number},{'mail' if number % 2 else 'none'},{frequency:.0f},{recency:.4f},{age:.4f},{amount:.2f},{later:.0f}"
        for number, (frequency, recency, age, amount, later) in enumerate(columns)
    ]
    head = "customer,arm,frequency,recency,age,amount,later"
    (folder / "regulars.csv").write_text("\n".join([head, *rows]), encoding="utf-8")


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse with exports of every platform, the last 60 days, and a small advertiser with people."""
    opened = Warehouse(settings, engine)
    assert {r.status for r in load_paths(opened, [str(exports / "exports")])} == {"loaded", "unchanged"}
    shown = load_paths(opened, [str(exports / block.mark) for block in FILES])
    assert [(r.path, r.reason, r.rejected) for r in shown if r.status != "loaded" or r.rejected] == []
    stream(opened)
    load_living_world(opened, tmp_path_factory.mktemp("world") / "people")
    ask_for_experiments(opened)
    ask_for_attribution(opened)
    for _ in ("experiments", "attribution", "next_tests"):  # each stands on the one before
        assert work_once(opened, known_jobs())
    with opened.writing() as session:
        readout = write_uplift_rows(session)
        write_budget_rows(session, account_key=1, fit_key=write_mix_rows(session, account_key=1))
    save_audience(opened, owner_identity(opened), readout_key=readout, name="May coupon", terms=Terms())
    return opened


def stream(warehouse: Warehouse) -> None:
    """An event that has just come, and one that was refused."""
    shop = ensure_account(warehouse, owner_identity(warehouse), named_="ga4/live", currency="EUR", time_zone="UTC")
    now = dt.datetime.now(dt.UTC)
    calls = {"batch": [{"type": "page", "anonymousId": "a"}, {"type": "track", "anonymousId": "a"}]}
    with warehouse.writing() as session:
        accept(
            session, Writer(), [Arrived(shop.account_key, "segment", now, *read_message(calls, shop.account_key, now))]
        )
    while settle(warehouse):
        pass


def test_there_are_examples() -> None:
    assert len(list(blocks("sql"))) > 3
    assert len(list(blocks("graphql"))) > 3
    assert len(RUN) > 5


@pytest.mark.parametrize("block", list(blocks("sql")), ids=str)
def test_sql_gives_rows(warehouse: Warehouse, block: Block) -> None:
    with warehouse.reading(local_owner(warehouse)) as session:
        assert next(ask(session, block.text).batches, [])


@pytest.mark.parametrize("block", list(blocks("graphql")), ids=str)
def test_graphql_gives_data(warehouse: Warehouse, block: Block) -> None:
    response = answer(warehouse, owner_identity(warehouse), Question(block.text, {}, None))
    assert "errors" not in response
    assert empty_lists(response["data"]) == []


@pytest.mark.parametrize(("block", "command"), COMMANDS, ids=lambda value: str(value)[:60])
def test_the_program_understands_the_command(block: Block, command: list[str]) -> None:
    found: click.Command = typer.main.get_command(causeway.app)
    context = found.make_context("causeway", list(command))
    while isinstance(found, click.Group):
        rest = [*context._protected_args, *context.args]
        name, below, rest = found.resolve_command(context, rest)
        assert below is not None, f"{block}: there is no command {name}"
        found, context = below, below.make_context(name, rest, parent=context)


@pytest.mark.parametrize(("block", "command"), RUN, ids=lambda value: str(value)[:60])
def test_the_command_runs(warehouse: Warehouse, exports: Path, block: Block, command: list[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUSEWAY_")}
    own = {"CAUSEWAY_HOME": str(warehouse.settings.home), "CAUSEWAY_DATABASE_URL": str(warehouse.settings.database_url)}
    arguments = [sys.executable, "-m", "causeway", *command]
    done = subprocess.run(arguments, cwd=exports, env=kept | own, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, f"{block}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_what_is_written_from_the_program_is_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "run `python -m tests.reference`"


def test_every_command_is_documented() -> None:
    text = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [words for words in commands_of(typer.main.get_command(causeway.app), "causeway") if words not in text] == []


def test_limits_are_documented_as_they_are() -> None:
    graphql = (DOCS / "graphql.md").read_text(encoding="utf-8")
    told = f"| depth, aliases, tokens of the text | {MOST_DEPTH}, {MOST_ALIASES}, {MOST_TOKENS:,} |"
    assert told in graphql
    assert f"| {MOST_COST:,} |" in graphql
    assert f"| {GRAPHQL_BODY:,} bytes |" in graphql
    cost = Limits().graphql_cost
    assert f"| {cost.capacity:,.0f} at once, then {cost.per_second:,.0f} a second |" in graphql
    security = (DOCS / "security.md").read_text(encoding="utf-8")
    assert f"at least {SHORTEST_PASSWORD} characters" in security
    assert f"lasts {SESSION_DAYS} days" in security


def commands_of(command: click.Command, words: str) -> Iterator[str]:
    """Every command with the words that call it."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands_of(below, f"{words} {name}")
    else:
        yield words


def empty_lists(value: Any, where: str = "data") -> list[str]:
    """Where an answer has a list without anything in it."""
    if isinstance(value, dict):
        return [place for key, inner in value.items() for place in empty_lists(inner, f"{where}.{key}")]
    if isinstance(value, list):
        return (
            [where] if not value else [p for i, inner in enumerate(value) for p in empty_lists(inner, f"{where}[{i}]")]
        )
    return []
