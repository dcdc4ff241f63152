"""The house rules about `sql/` that a machine can check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db import sqlfiles
from tests.sql.helpers import column

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

GUIDE = Path(__file__).parents[2] / "docs" / "sql-api.md"
FILES = [pytest.param(file, id=file.path) for file in sqlfiles.repeatable()]
DEFINES = re.compile(
    r"^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|VIEW) ([a-z_]+\.[a-z_0-9]+)", re.MULTILINE
)

FUNCTIONS = """
    SELECT p.proname FROM pg_proc AS p
    WHERE p.pronamespace = 'search'::regnamespace ORDER BY p.proname"""
VIEWS = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'search'::regnamespace AND c.relkind IN ('v', 'm') ORDER BY c.relname"""


def test_the_interface_is_not_empty(db: Conn) -> None:
    assert {"analyze", "hybrid", "identifier", "lexical", "semantic"} <= set(column(db, FUNCTIONS))
    assert {"collections", "coverage", "items", "spaces"} <= set(column(db, VIEWS))


def test_everything_has_a_comment(db: Conn) -> None:
    schemas = "('search', 'impl', 'ops', 'eval')"
    silent = column(
        db,
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


def test_there_are_no_overloads(db: Conn) -> None:
    overloaded = """
        SELECT n.nspname || '.' || p.proname
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('search', 'impl', 'ops', 'eval') GROUP BY 1 HAVING count(*) > 1"""
    assert column(db, overloaded) == []


def test_the_guide_has_every_function_view_and_argument(db: Conn) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ `search\.([a-z_0-9]+)`", guide, re.MULTILINE))
    assert headings == set(column(db, FUNCTIONS)) | set(column(db, VIEWS))
    for name, signature in db.execute(
        "SELECT p.proname, pg_get_function_arguments(p.oid) FROM pg_proc AS p"
        " WHERE p.pronamespace = 'search'::regnamespace"
    ):
        section = guide.split(f"`search.{name}`\n", 1)[1].split("\n### ", 1)[0]
        for argument in re.findall(r"(?:^|, )([a-z_]+) [a-z]", signature):
            assert f"`{argument}`" in section, f"{argument} of search.{name}"


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_named_after_what_it_defines(file: sqlfiles.SqlFile) -> None:
    defined = DEFINES.findall(file.text)
    if "." in file.object_name:
        assert set(defined) == {file.object_name}
        assert "COMMENT ON" in file.text
    else:
        assert defined == []


@pytest.mark.parametrize("file", FILES)
def test_a_file_says_what_it_is_and_is_short(file: sqlfiles.SqlFile) -> None:
    assert re.match(r"-- \S.{10,}", file.text)
    assert len(file.text.splitlines()) <= 120
    assert "\t" not in file.text


def test_files_are_applied_in_an_order_that_leaves_grants_last() -> None:
    paths = [file.path for file in sqlfiles.repeatable()]
    assert paths == sorted(paths)
    assert paths[-1] == "90_grants/grants.sql"


def test_every_named_statement_is_found_and_used() -> None:
    root = Path(__file__).parents[2]
    python = "".join(p.read_text(encoding="utf-8") for p in (root / "db").rglob("*.py"))
    for path in (root / "sql" / "queries").glob("*.sql"):
        for name, text in sqlfiles.statements(path.stem).items():
            assert text
            assert f'"{name}"' in python, f"{path.name}: {name}"


def test_search_functions_run_as_the_caller_and_pin_their_search_path(db: Conn) -> None:
    loose = """
        SELECT p.oid::regproc::text FROM pg_proc AS p
        WHERE p.pronamespace = 'search'::regnamespace AND (p.prosecdef OR (
            p.proname !~ '_leg$' AND NOT coalesce(array_to_string(p.proconfig, ' '), '') ~ 'search_path='))"""
    assert column(db, loose) == []


def test_no_function_of_ours_looks_names_up_where_others_may_create(db: Conn) -> None:
    """Neither those that run as the owner, nor those that the owner calls: a worker, an upgrade."""
    elsewhere = """
        SELECT p.oid::regproc::text FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN ('search', 'impl', 'ops', 'eval')
          AND (p.prosecdef OR p.proconfig::text ~ 'search_path=')
          AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"""
    assert column(db, elsewhere) == []


@pytest.mark.parametrize("name", ["lexical", "identifier", "semantic", "hybrid"])
def test_search_functions_may_run_in_read_only_transactions(db: Conn, name: str) -> None:
    volatility = "SELECT provolatile::text FROM pg_proc WHERE oid = %s::regproc"
    assert column(db, volatility, (f"search.{name}",)) == ["s"]
