"""Rules of this house that no ready-made linter knows. Each message says what to do instead."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("warehouse", "ml", "api", "dashboard", "migrations")
LONGEST_FILE = 400

# A literal that begins like a statement of SQL, in capitals or small letters throughout. GraphQL documents, help
# texts and the words of a page ("Select a day from the list") do not.
_STATEMENTS = (
    r"SELECT\s.*\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\(|TRUNCATE\s"
    r"|(?:CREATE|ALTER|DROP)\s+(?:TABLE|VIEW|SCHEMA|ROLE|DATABASE|INDEX|FUNCTION|POLICY)\s"
    r"|COPY\s+\S+\s+(?:FROM|TO)\s"
)
# The escapes (\s, \w, \S) keep their case.
_SMALL = re.sub(r"(?<!\\)[A-Z]", lambda match: match.group().lower(), _STATEMENTS)
SQL = re.compile(rf"\s*(?:{_STATEMENTS}|{_SMALL})", re.DOTALL)


def sources(*places: str) -> list[Path]:
    """The Python files of the packages and of the command line, or only those of ``places``."""
    roots = [REPOSITORY / place for place in places or (*PACKAGES, "causeway.py")]
    files = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    assert files, "nothing to check"
    return files


def offences(find: Callable[[ast.Module], Iterator[int]], *places: str) -> list[str]:
    """``file:line`` of everything that ``find`` finds in the syntax trees of the sources."""
    return [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for path in sources(*places)
        for line in find(ast.parse(path.read_text(encoding="utf-8"), str(path)))
    ]


def test_no_file_holds_more_than_one_idea() -> None:
    written = [path for path in sources(*PACKAGES) if path.parent.name != "versions"]  # migrations are generated
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    long = {str(path.relative_to(REPOSITORY)): lines for path, lines in sizes.items() if lines > LONGEST_FILE}
    assert not long, "move the second idea into a file of its own"


def test_no_module_is_named_for_nothing() -> None:
    empty = [path for path in sources() if path.stem in {"utils", "util", "helpers", "misc", "common"}]
    assert not empty, "name it for what it holds"


def test_bulk_data_goes_through_copy() -> None:
    def to_sql(tree: ast.Module) -> Iterator[int]:
        return (n.lineno for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "to_sql")

    assert not offences(to_sql), "to_sql costs 14 times COPY; use COPY"


def test_sql_is_written_in_the_warehouse_only() -> None:
    def sql(tree: ast.Module) -> Iterator[int]:
        return (line for line, text in strings(tree) if SQL.match(text))

    assert not offences(sql, "ml", "api", "dashboard", "causeway.py"), "move it to warehouse/queries and call it"


def test_no_failure_is_swallowed() -> None:
    def silent(tree: ast.Module) -> Iterator[int]:
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            catches_all = node.type is None or names(node.type) & {"Exception", "BaseException"}
            if catches_all and all(says_nothing(statement) for statement in node.body):
                yield node.lineno

    assert not offences(silent), "catch the error that is expected, or let it rise"


def test_no_file_only_hands_on_what_others_define() -> None:
    def hands_on(tree: ast.Module) -> Iterator[int]:
        body = [s for s in tree.body if not says_nothing(s)]
        exports = [s for s in body if isinstance(s, ast.Assign) and names(s.targets[0]) == {"__all__"}]
        imports = [s for s in body if isinstance(s, ast.Import | ast.ImportFrom)]
        if imports and len(imports) + len(exports) == len(body):
            yield 1

    assert not offences(hands_on), "import from where it is defined"


def test_every_exception_from_the_type_checker_names_its_rule() -> None:
    bare = []
    for path in sources():
        with path.open("rb") as file:
            comments = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
        bare += [f"{path}:{c.start[0]}" for c in comments if re.search(r"#\s*type:\s*ignore(?!\[)", c.string)]
    assert not bare, "write `# type: ignore[the-code]  # and why`"


def test_the_tests_mirror_the_tree() -> None:
    tests = REPOSITORY / "tests"
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    strangers = {str(f) for f in folders if f.parts[:1] and f.parts[0] in PACKAGES and not (REPOSITORY / f).is_dir()}
    assert not strangers, "a test lies where the file lies that it tests"


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT a FROM b", True),
        ("\n  with days as (select 1) select * from days", True),
        ("insert into core.campaign values (1)", True),
        ("CREATE VIEW mart.x AS", True),
        ("COPY staging FROM STDIN", True),
        ("Select a date from the list.", False),
        ("Update the mapping", False),
        ("query { campaigns { name } }", False),
    ],
)
def test_sql_is_told_from_words(text: str, is_sql: bool) -> None:
    assert bool(SQL.match(text)) is is_sql


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string literal that is not a docstring; of an f-string each piece of text."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def says_nothing(statement: ast.stmt) -> bool:
    """Whether it is ``pass``, ``continue``, ``...`` or a docstring."""
    return isinstance(statement, ast.Pass | ast.Continue) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
