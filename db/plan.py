"""Plan of an upgrade: its statements, the locks that they take, and about how long it would take.

The pending revisions run in an empty database beside, made for it and dropped, so that the locks are those
that PostgreSQL takes and not a guess; the database that the plan is for is only read. Seconds come from the
sizes of its tables.
"""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from psycopg.rows import kwargs_row

from db import migrate
from db.connect import open_connection
from db.operations import backups
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

# Measured on two cores (Xeon 2.5 GHz) that others used too, data in memory, rows of 280 bytes, three
# indexes, so rather too slow; a disk that is asked may take several times as long.
# Of a table's bytes a second:
CHECKED_BYTES_S = 200e6
INDEXED_BYTES_S = 100e6
REWRITTEN_BYTES_S = 15e6
# Rows a second that an UPDATE or DELETE of all of them takes on.
CHANGED_ROWS_S = 12e3
# Items a second of a lexical index that is built anew (bench/ingest.py --docs).
ANALYSED_ITEMS_S = 2000.0
# The least of a lock that somebody waits for; those before it stop other upgrades alone.
BLOCKING = {
    "ShareLock": "writes wait",
    "ShareRowExclusiveLock": "writes wait",
    "ExclusiveLock": "writes wait",
    "AccessExclusiveLock": "reads and writes wait",
}
# A statement ends at a semicolon outside of texts, comments and bodies of functions.
_PART = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|[^;'\"$/-]+|[$/-]|(;)",
    re.DOTALL,
)
_CHANGES = re.compile(
    r"\s*(?:WITH\b.*?\)\s*)?(UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(?:ONLY\s+)?([\w.]+)", re.I
)
_ANALYZERS = "impl.analyzer_version"


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A table at one moment: its file, indexes and checked constraints by number."""

    name: str
    oid: int
    file: int
    bytes: int
    rows: int
    indexes: list[int]
    checks: list[int]


class InTheWay(msgspec.Struct, frozen=True, kw_only=True):
    """A session whose transaction an upgrade would wait for, as long as it lasts."""

    pid: int
    program: str
    seconds: float


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """A statement, the locks it takes of tables that are there before the upgrade, and what it does.

    `seconds` is None where it is not known: a program of its own, such as a DO block.
    """

    revision: str
    statement: str
    locks: dict[str, str]
    work: list[str]
    seconds: float | None


class UpgradePlan(NamedTuple):
    """Outcome of planning: steps in their order, SQL files whose objects are made anew.

    `renewed`: items whose lexical index is built anew behind the transaction, and the seconds of it.
    """

    before: str | None
    after: str
    steps: list[PlanStep]
    files: list[str]
    renewed: tuple[int, float]
    in_the_way: list[InTheWay]

    @property
    def seconds(self) -> float:
        """About how long the transaction takes, as far as that is known."""
        return sum(step.seconds or 0.0 for step in self.steps)


def plan(url: str, on_step: Callable[[str], None] = lambda _: None) -> UpgradePlan:
    """Plan the upgrade of a database; nothing of it is changed or locked.

    Args:
        url: libpq URL of a role that may create databases.
        on_step: gets what is under way.

    Raises:
        SeogoDbError: the role may not, or the schema is a newer one.
    """
    with open_connection(url, autocommit=True) as conn:
        at = migrate.current_revision(conn)
        after = migrate.head_revision()
        if at is None:
            return UpgradePlan(None, after, [], [], (0, 0.0), [])
        changed = [file.path for file in migrate.changed(conn)]
        sizes = {one.name: one for one in _relations(conn)}
        items = sizes["core.item"].rows
        renewed = any(path.endswith(f"{_ANALYZERS}.sql") for path in changed)
        blocked = _rows(conn, "in_the_way", InTheWay)
    pending = [one for one in migrate.revisions() if one > at]
    steps: list[PlanStep] = []
    if pending:
        on_step(f"revisions {pending[0]} to {pending[-1]} in an empty database")
        with _scratch(url, at) as scratch:
            steps = [step for one in pending for step in _rehearsed(scratch, one, sizes)]
    anew = (items, items / ANALYSED_ITEMS_S) if renewed else (0, 0.0)
    return UpgradePlan(at, after, steps, changed, anew, blocked)


def split(script: str) -> list[str]:
    """The statements of a script, without comments before them."""
    found: list[str] = []
    parts: list[str] = []
    for part in _PART.finditer(script):
        if part[2]:
            found.append("".join(parts).strip())
            parts = []
        elif not part[0].startswith(("--", "/*")):
            parts.append(part[0])
    return [one for one in [*found, "".join(parts).strip()] if one]


@contextmanager
def _scratch(url: str, revision: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to an empty database at a revision, which is dropped in the end."""
    name = f"seogo_plan_{uuid.uuid4().hex[:12]}"
    there = backups.create(url, name)
    try:
        migrate.upgrade(there, revision)
        with open_connection(there) as conn:
            yield conn
            conn.rollback()
    finally:
        backups.drop(url, name)


def _rehearsed(
    conn: psycopg.Connection[Any], revision: str, sizes: dict[str, Relation]
) -> Iterator[PlanStep]:
    """Run the statements of a revision, within the connection's transaction, and see what each does."""
    migrate.see_vectors(conn)
    before = {one.oid: one for one in _relations(conn)}
    for statement in split(_script(revision)):
        held = _locks(conn)
        conn.execute(statement.encode(), prepare=False)
        taken = _locks(conn) - held
        after = {one.oid: one for one in _relations(conn)}
        locks: dict[str, str] = {}
        for oid, mode in sorted(taken, key=lambda lock: list(BLOCKING).index(lock[1])):
            # What the same upgrade has made before is nobody's to wait for.
            if oid in before and before[oid].name in sizes:
                locks[before[oid].name] = mode
        work = list(_work(statement, before, after, sizes))
        yield PlanStep(
            revision=revision,
            statement=statement,
            locks=locks,
            work=[what for what, _ in work],
            seconds=None if _unknown(statement) else sum(seconds for _, seconds in work),
        )
        before = after


def _work(
    statement: str,
    before: dict[int, Relation],
    after: dict[int, Relation],
    sizes: dict[str, Relation],
) -> Iterator[tuple[str, float]]:
    """Name what a statement does with rows that are there now, with about how many seconds it takes."""
    for oid in before.keys() & after.keys():
        then, now = before[oid], after[oid]
        if then.name not in sizes:
            continue
        size = sizes[then.name].bytes
        if now.file != then.file:
            yield f"writes {then.name} anew", size / REWRITTEN_BYTES_S
        if built := len(set(now.indexes) - set(then.indexes)):
            yield f"builds an index of {then.name}", built * size / INDEXED_BYTES_S
        if set(now.checks) - set(then.checks):
            yield f"checks every row of {then.name}", size / CHECKED_BYTES_S
    if (changes := _CHANGES.match(statement)) and changes[2] in sizes:
        rows = 0 if changes[1].upper().startswith("INSERT") else sizes[changes[2]].rows
        yield f"changes rows of {changes[2]}", rows / CHANGED_ROWS_S


def _unknown(statement: str) -> bool:
    return statement.upper().startswith(("DO", "SELECT", "CALL", "INSERT"))


def _script(revision: str) -> str:
    """All SQL that a revision runs."""
    names = [file.name for file in (files("migrations") / "versions").iterdir()]
    (name,) = (one for one in names if one.startswith(revision) and one.endswith(".py"))
    from migrations.script import collected  # with Alembic, which loads slowly

    return "\n;\n".join(collected(import_module(f"migrations.versions.{name[:-3]}").upgrade))


def _relations(conn: psycopg.Connection[Any]) -> list[Relation]:
    return _rows(conn, "relations", Relation)


def _locks(conn: psycopg.Connection[Any]) -> set[tuple[int, str]]:
    """Locks of this session that somebody waits for."""
    found = conn.execute(statements("upgrade")["locks"]).fetchall()
    return {(oid, mode) for oid, mode in found if mode in BLOCKING}


def _rows(conn: psycopg.Connection[Any], name: str, kind: Callable[..., Any]) -> list[Any]:
    with conn.cursor(row_factory=kwargs_row(kind)) as cur:
        return cur.execute(statements("upgrade")[name]).fetchall()
