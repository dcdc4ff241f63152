"""Declared calls and their call sites agree with the functions and statements of a real database."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import db as package
from db.calls.call import Function, NamedStatement, _call_text
from db.calls.query import Query, fetch
from db.defects.rows import LiveBank, MaybeBank
from db.search import functions
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.sql.helpers import Conn

ROOT = Path(__file__).parents[2]
FOLDERS = ("bench", "db", "encoders", "examples", "flows", "jobs", "service", "tests")
# Rows that another Struct reads.
READ_BY = {MaybeBank: LiveBank}

SIGNATURES = """
    SELECT p.pronamespace::regnamespace || '.' || p.proname, coalesce(p.proargnames[1:p.pronargs], '{}'),
           p.pronargdefaults, ARRAY(SELECT format_type(t.oid, NULL) FROM unnest(p.proargtypes) AS t(oid))
    FROM pg_proc AS p WHERE p.pronamespace::regnamespace::text IN ('search', 'impl', 'ops', 'eval')"""


class Arguments(NamedTuple):
    """The arguments that a call takes, and those that it needs."""

    known: frozenset[str]
    required: frozenset[str]


class Signature(NamedTuple):
    """The arguments of a SQL function: type by name, and how many of the last have a default."""

    types: dict[str, str]
    defaults: int

    def arguments(self) -> Arguments:
        names = list(self.types)
        return Arguments(frozenset(names), frozenset(names[: len(names) - self.defaults]))


def declared() -> dict[str, Function[Any] | NamedStatement[Any]]:
    """All declarations by module and name."""
    found: dict[str, Function[Any] | NamedStatement[Any]] = {}
    for info in pkgutil.walk_packages(package.__path__, "db."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, Function | NamedStatement):
                found[f"{info.name}.{name}"] = value
    return found


CALLS = declared()
FUNCTIONS = {path: call for path, call in CALLS.items() if isinstance(call, Function)}
STATEMENTS = {path: call for path, call in CALLS.items() if isinstance(call, NamedStatement)}


@pytest.fixture
def signatures(db: Conn) -> dict[str, Signature]:
    rows = db.execute(SIGNATURES).fetchall()
    return {
        name: Signature(dict(zip(names, types, strict=True)), defaults)
        for name, names, defaults, types in rows
    }


def wrong_calls(source: str, module: str, calls: Mapping[str, Arguments]) -> Iterator[str]:
    """Calls that pass an unknown argument, lack a needed one, or pass one by place."""
    tree = ast.parse(source)
    aliases = _aliases(tree, module)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or (path := _path(node.func, aliases)) not in calls:
            continue
        takes = calls[path]
        given = {word.arg for word in node.keywords}
        where = f"{module}:{node.lineno}: {path}"
        if node.args:
            yield f"{where}: an argument without a name"
        for name in sorted(given - {None} - takes.known, key=str):
            yield f"{where}: unknown argument {name}"
        if None not in given:  # no **more
            yield from (f"{where}: lacks {name}" for name in sorted(takes.required - given))


def _aliases(tree: ast.Module, module: str) -> dict[str, str]:
    """Full paths of the names that a module imports or defines."""
    found = {
        name.id: f"{module}.{name.id}"
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.asname: one.name for one in node.names if one.asname}
    return found


def _path(node: ast.expr, aliases: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_path(node.value, aliases)}.{node.attr}"
    return aliases.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def takes(
    call: Function[Any] | NamedStatement[Any], signatures: Mapping[str, Signature]
) -> Arguments:
    if isinstance(call, NamedStatement):
        return Arguments(call.placeholders, call.placeholders - call.optional.keys())
    return signatures[call.name].arguments()


def columns(db: Conn, text: str) -> list[str]:
    """The columns of a statement, which is not run."""
    plain = re.sub(r"%\(\w+\)s", "NULL", text).replace("%%", "%")
    for result in (db.pgconn.prepare(b"", plain.encode()), db.pgconn.describe_prepared(b"")):
        assert not result.error_message, f"{result.error_message.decode()}\n{plain}"
    return [(result.fname(at) or b"").decode() for at in range(result.nfields)]


def test_functions_are_there_with_the_types_that_are_declared(
    signatures: dict[str, Signature],
) -> None:
    for path, call in FUNCTIONS.items():
        types = signatures[call.name].types
        assert set(call.json) == {name for name, of in types.items() if of == "jsonb"}, path
        assert ("legs" in types) == ("search.leg[]" in types.values()), path


def test_every_public_function_is_declared_under_its_name(signatures: dict[str, Signature]) -> None:
    public = {name for name in signatures if name.startswith(("search.", "eval."))}
    legs = {name for name in signatures if name.endswith("_leg")}  # they make legs for SQL alone
    here = {
        call.name
        for path, call in FUNCTIONS.items()
        if path.rpartition(".")[2] == call.name.partition(".")[2]
    }
    assert public - legs - {"search.analyze"} <= here


def test_rows_have_the_columns_of_the_result(db: Conn, signatures: dict[str, Signature]) -> None:
    for call, path in {call: path for path, call in CALLS.items()}.items():
        if isinstance(call, NamedStatement):
            assert call.optional.keys() | set(call.json) <= call.placeholders, path
            text = call.text
        else:
            text = _call_text(call.within, call.name, tuple(signatures[call.name].types))
        row: Any = getattr(call.row, "__self__", call.row)
        fields = READ_BY.get(row, row).__struct_fields__
        assert sorted(columns(db, text)) == sorted(fields), path


def test_call_sites_pass_the_arguments_there_are(signatures: dict[str, Signature]) -> None:
    calls = {path: takes(call, signatures) for path, call in CALLS.items()}
    wrong = [
        one
        for folder in FOLDERS
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != Path(__file__)
        for one in wrong_calls(
            file.read_text(encoding="utf-8"),
            ".".join(file.relative_to(ROOT).with_suffix("").parts),
            calls,
        )
    ]
    assert wrong == []


def test_a_misspelt_argument_is_found() -> None:
    both = frozenset({"collection", "query"})
    calls = {"db.search.functions.lexical": Arguments(both | {"k"}, both)}
    head = "from db.search import functions as sql\nfrom db.search.functions import lexical\n"
    for line, wrong in {
        "sql.lexical(collection='a', query='b', k=1)": [],
        "sql.lexical(collection='a', **more)": [],
        "sql.lexical(collection='a', qeury='b')": ["unknown argument qeury", "lacks query"],
        "sql.lexical(qeury='b', **more)": ["unknown argument qeury"],
        "lexical(query='b')": ["lacks collection"],
        "db.search.functions.lexical('a', query='b')": ["without a name", "lacks collection"],
        "other.lexical(qeury='b')": [],
    }.items():
        found = list(wrong_calls(f"{head}def f(more):\n    return {line}\n", "jobs.some", calls))
        assert len(found) == len(wrong), line
        assert all(why in one for why, one in zip(wrong, found, strict=True)), line


def test_what_is_left_out_is_not_in_the_statement() -> None:
    query = functions.lexical(query="pump", collection="parts")
    assert query.statement == (
        "SELECT * FROM search.lexical(collection => %(collection)s, query => %(query)s)"
    )
    again = functions.lexical(collection="pipes", query="pump")
    assert again.statement == query.statement
    assert functions.lexical(collection="a", query="b", k=3).statement != query.statement


def test_a_name_that_is_none_never_reaches_the_statement() -> None:
    with pytest.raises(ValueError, match="not a name"):
        functions.lexical(**{"k) OR (1": 1})


def test_a_statement_refuses_arguments_that_it_does_not_have() -> None:
    for given in ({}, {"item_id": 1, "more": 2}):
        with pytest.raises(TypeError, match=r"items\.item takes item_id"):
            CALLS["db.items.items.item"](**given)


def test_repeated_calls_are_prepared_once(db: Conn) -> None:
    make_collection(db)
    put(db, {"P1": {"title": "pump"}})
    asked: list[Query[Any]] = [
        functions.lexical(collection="parts", query="pump", k=3),
        functions.lexical(k=5, query="seal", collection="parts"),
    ]
    for query in asked * 6:
        fetch(db, query)
    named = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%search.lexical(%'"
    assert column(db, named) == [1]
