"""The house rules about `sql/` that a machine can check."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db import sqlfiles
from tests.sql.helpers import column

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ROOT = Path(__file__).parents[2]
SQL = ROOT / "sql"
GUIDE = ROOT / "docs" / "sql-api.md"
FILES = sqlfiles.repeatable()
DEFINES = re.compile(
    r"^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|VIEW) ([a-z_]+\.[a-z_0-9]+)", re.MULTILINE
)

RIDDLE = re.compile(r"(?:What|Who|Which|How|Where|When|Whether)\b")

FUNCTIONS = """
    SELECT p.proname FROM pg_proc AS p
    WHERE p.pronamespace = 'search'::regnamespace ORDER BY p.proname"""
VIEWS = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'search'::regnamespace AND c.relkind IN ('v', 'm') ORDER BY c.relname"""


def test_the_interface_is_not_empty(plain: Conn) -> None:
    assert {"analyze", "hybrid", "identifier", "lexical", "semantic"} <= set(
        column(plain, FUNCTIONS)
    )
    assert {"collections", "coverage", "items", "spaces"} <= set(column(plain, VIEWS))


def test_everything_has_a_comment(plain: Conn) -> None:
    schemas = "('search', 'impl', 'ops', 'eval')"
    silent = column(
        plain,
        f"""
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN {schemas} AND obj_description(p.oid, 'pg_proc') IS NULL
        UNION ALL
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text IN ('search', 'eval') AND c.relkind IN ('v', 'm')
          AND obj_description(c.oid, 'pg_class') IS NULL
        """.encode(),
    )
    assert silent == []


def test_there_are_no_overloads(plain: Conn) -> None:
    overloaded = """
        SELECT n.nspname || '.' || p.proname
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('search', 'impl', 'ops', 'eval') GROUP BY 1 HAVING count(*) > 1"""
    assert column(plain, overloaded) == []


def test_the_guide_has_every_function_view_and_argument(plain: Conn) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ `search\.([a-z_0-9]+)`", guide, re.MULTILINE))
    assert headings == set(column(plain, FUNCTIONS)) | set(column(plain, VIEWS))
    for name, signature in plain.execute(
        "SELECT p.proname, pg_get_function_arguments(p.oid) FROM pg_proc AS p"
        " WHERE p.pronamespace = 'search'::regnamespace"
    ):
        section = guide.split(f"`search.{name}`\n", 1)[1].split("\n### ", 1)[0]
        for argument in re.findall(r"(?:^|, )([a-z_]+) [a-z]", signature):
            assert f"`{argument}`" in section, f"{argument} of search.{name}"


# A test for each of 800 files would take seconds, and most of that to be told of.


def test_a_file_is_named_after_what_it_defines() -> None:
    named = {file.path: {file.object_name} if "." in file.object_name else set() for file in FILES}
    assert {file.path: set(DEFINES.findall(file.text)) for file in FILES} == named
    assert [f.path for f in FILES if "." in f.object_name and "COMMENT ON" not in f.text] == []


def test_a_file_says_what_it_is_and_is_short() -> None:
    assert [file.path for file in FILES if not re.match(r"-- \S.{10,}", file.text)] == []
    assert [file.path for file in FILES if len(file.text.splitlines()) > 140] == []
    assert [file.path for file in FILES if "\t" in file.text] == []


def header(text: str) -> str:
    """The comment before the first statement, in one line."""
    lines = takewhile(lambda line: line.startswith("--"), text.splitlines())
    return " ".join(line.removeprefix("--").strip() for line in lines)


def test_functions_without_settings_say_why(plain: Conn) -> None:
    loose = """
        SELECT p.oid::regproc::text FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN ('search', 'impl', 'ops', 'eval')
          AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"""
    texts = {file.object_name: file.text for file in FILES}
    assert [name for name in column(plain, loose) if "No SET: " not in header(texts[name])] == []


def test_the_first_words_of_a_file_and_of_its_comments_name_the_thing() -> None:
    riddles = []
    for file in FILES:
        comments = re.findall(r"^COMMENT ON [^']* IS\s+'([^']*)", file.text, re.MULTILINE)
        openings = [opening for opening in [header(file.text), *comments] if RIDDLE.match(opening)]
        riddles += [(file.path, opening) for opening in openings]
    assert riddles == []


def test_files_are_applied_in_an_order_that_leaves_grants_last() -> None:
    paths = [file.path for file in FILES]
    assert paths == sorted(paths)
    assert paths[-1] == "90_grants/grants.sql"


def test_no_line_of_sql_is_wider_than_110_columns() -> None:
    wide = [
        f"{path.relative_to(SQL)}:{at}"
        for path in SQL.rglob("*.sql")
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 110
    ]
    assert wide == []


def test_no_folder_holds_more_than_twenty_files() -> None:
    folders = Counter(path.parent.name for path in SQL.rglob("*.sql"))
    assert {name: n for name, n in folders.items() if n > 20} == {}


def test_every_named_statement_is_found_and_used() -> None:
    python = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "db").rglob("*.py"))
    for path in (SQL / "queries").glob("*.sql"):
        for name, text in sqlfiles.statements(path.stem).items():
            assert text
            assert f'"{name}"' in python, f"{path.name}: {name}"


def test_search_functions_run_as_the_caller_and_pin_their_search_path(plain: Conn) -> None:
    loose = """
        SELECT p.oid::regproc::text FROM pg_proc AS p
        WHERE p.pronamespace = 'search'::regnamespace AND (p.prosecdef OR (
            p.proname !~ '_leg$' AND NOT coalesce(array_to_string(p.proconfig, ' '), '') ~ 'search_path='))"""
    assert column(plain, loose) == []


def test_no_function_of_ours_looks_names_up_where_others_may_create(plain: Conn) -> None:
    """Neither those that run as the owner, nor those that the owner calls: a worker, an upgrade."""
    elsewhere = """
        SELECT p.oid::regproc::text FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN ('search', 'impl', 'ops', 'eval')
          AND (p.prosecdef OR p.proconfig::text ~ 'search_path=')
          AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"""
    assert column(plain, elsewhere) == []


@pytest.mark.parametrize("name", ["lexical", "identifier", "semantic", "hybrid"])
def test_search_functions_may_run_in_read_only_transactions(plain: Conn, name: str) -> None:
    volatility = "SELECT provolatile::text FROM pg_proc WHERE oid = %s::regproc"
    assert column(plain, volatility, (f"search.{name}",)) == ["s"]
