"""The plan of an upgrade: what it would do, by an empty database beside; nothing is changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from db import migrate, plan
from tests.conftest import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE = "0038"


@pytest.fixture(scope="module")
def older(server_url: str) -> Iterator[str]:
    """A database at an older revision."""
    with fresh_database(server_url, "template0") as url:
        migrate.upgrade(url, BEFORE)
        yield url


def test_a_plan_tells_locks_and_work_and_changes_nothing(older: str) -> None:
    with psycopg.connect(older) as conn:
        conn.execute("LOCK TABLE core.item IN ACCESS SHARE MODE")
        conn.execute("SELECT pg_sleep(1.1)")
        found = plan.plan(older)
        assert [one.pid for one in found.in_the_way] == [conn.info.backend_pid]
        names = conn.execute("SELECT datname FROM pg_database WHERE datname LIKE 'seogo_plan_%'")
        assert names.fetchall() == []
    assert (found.before, found.after) == (BEFORE, migrate.head_revision())
    pending = [one for one in migrate.revisions() if one > BEFORE]
    assert sorted({step.revision for step in found.steps}) == pending
    assert found.files
    index = [s for s in found.steps if s.revision == "0039" and "builds an index" in str(s.work)]
    assert index
    assert [step.locks for step in index] == [{"core.item": "ShareLock"}, {}]  # held from then on
    with psycopg.connect(older) as conn:
        assert migrate.current_revision(conn) == BEFORE


def test_what_is_up_to_date_has_an_empty_plan(db_url: str) -> None:
    found = plan.plan(db_url)
    assert (found.before, found.steps, found.files) == (found.after, [], [])


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("SELECT ';'; SELECT 2 -- ; three", 2),
        ("CREATE FUNCTION f() AS $a$ ; $$ ; $a$; /* ; */ SELECT 1;", 2),
        ('CREATE TABLE "a;b" (c int); -- \'\nSELECT 4 / 2 - 1', 2),
    ],
)
def test_scripts_are_split_at_their_statements(script: str, count: int) -> None:
    assert len(plan.split(script)) == count


def test_statements_of_all_revisions_are_whole() -> None:
    for revision in migrate.revisions():
        script = plan._script(revision)
        assert all(one.count("$$") % 2 == 0 for one in plan.split(script))
