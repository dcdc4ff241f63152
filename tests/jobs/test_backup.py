"""Backups: made while others write, killed in the middle, damaged, restored and found equal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.testing import CliRunner

from db import connect, migrate
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import backups, database_swap
from db.server import programs
from db.settings import DbSettings
from db.spaces import embedding, generations
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import doctor, embed
from jobs.backup import restore as restoring
from jobs.backup.create import create
from jobs.backup.manifest import (
    ARCHIVE,
    MANIFEST,
    BackupError,
    BackupManifest,
    chosen,
    listed,
    prune,
)
from jobs.backup.settings import BackupSettings
from jobs.backup.store import PART, FolderStore, StoreError, open_store
from jobs.cli import app
from jobs.schedule import tasks
from tests.conftest import fresh_database
from tests.jobs.support import DUMMY, wait_until
from tests.servers import new_server, program_folder
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sql.helpers import Conn

QUERIES = ("vacuum pump", "AB1234", "펌프", "seal")
ANSWER = """
    SELECT i.external_id, h.score, h.legs FROM search.hybrid('parts', %s, ARRAY[
        search.lexical_leg(), search.identifier_leg(),
        search.vector_leg('text', (SELECT vec FROM core.embedding ORDER BY item_id LIMIT 1))], 10, '{}') AS h
    JOIN search.items AS i USING (item_id) ORDER BY h.rank"""


# The items nearest to the first one's own weights of tokens, and to its own vectors of tokens.
WEIGHED = """
    SELECT n.item_id, n.rank, n.score, n.path FROM search.semantic('sparse', (
        SELECT impl.packed(array_agg(w.token_id), array_agg(w.weight)) FROM core.embedding AS e
        CROSS JOIN LATERAL impl.weights_of(e.token_weights) AS w
        WHERE e.item_id = (SELECT min(item_id) FROM core.embedding)), 10, NULL, 'parts') AS n"""
TOKENS = "SELECT item_id, tokens::text, spans FROM core.embedding WHERE tokens IS NOT NULL ORDER BY item_id"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "backups")


def fill(db: Conn) -> None:
    """A collection of three items with vectors."""
    spec = registry.spec("dummy")
    db.execute("SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim))
    make_collection(db, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"])
    put(
        db,
        {
            "P1": {"title": "vacuum pump", "no": "AB-1234"},
            "P2": {"title": "진공 펌프 \n'\\\t seal"},
            "P3": {"title": "valve"},
        },
    )
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(spec))


@pytest.fixture
def ready(db: Conn) -> Conn:
    fill(db)
    return db


class Pair(NamedTuple):
    """Two backups of one database in a store, which tests copy."""

    url: str
    folder: Path
    older: BackupManifest
    latest: BackupManifest


@pytest.fixture(scope="module")
def pair(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    with fresh_database(server_url, template) as url:
        with connect.session(DbSettings(database_url=url)) as conn:
            fill(conn)
        older, latest = (create(url, FolderStore(folder)) for _ in range(2))
        yield Pair(url, folder, older, latest)


@pytest.fixture
def copied(pair: Pair, store: FolderStore) -> FolderStore:
    shutil.copytree(pair.folder, store.folder)
    return store


def answers(url: str) -> list[Any]:
    with psycopg.connect(url) as conn:
        return [conn.execute(ANSWER, (query,)).fetchall() for query in QUERIES]


def make_spaces_of_tokens(conn: Conn) -> None:
    """Feed a space of vectors of tokens and one of weights, whose chunk is made."""
    for space, encoder in (("tokens", "dummy-multi"), ("sparse", "dummy-sparse")):
        spec = registry.spec(encoder)
        sources = {"item": ["title"]}
        fetch(conn, generations.feed(collection="parts", space=space, sources=sources))
        about = {"dim": spec.dim, "modality": spec.modality, "kind": spec.kind}
        fetch(conn, embedding.create_space(name=space, encoder=encoder, identity="x@1", **about))
        live = next(one for one in fetch(conn, embedding.live_spaces()) if one.space == space)
        embed.run(conn, live, registry.build(spec, Path(), 1))
        conn.execute("SELECT ops.merge_weights(%s, 0.0001)", (live.space_id,))


def answers_by_tokens(url: str) -> list[Any]:
    with psycopg.connect(url) as conn:
        return [conn.execute(statement).fetchall() for statement in (WEIGHED, TOKENS)]


def names_of(url: str) -> set[str]:
    with psycopg.connect(url) as conn:
        return {row[0] for row in conn.execute("SELECT datname FROM pg_database")}


def scratch(url: str) -> set[str]:
    """Databases that a backup of this one could have left behind."""
    mine = str(conninfo_to_dict(url)["dbname"])
    return {n for n in names_of(url) if n.startswith((f"{mine}_", f"seogo_verify_{os.getpid()}"))}


@contextmanager
def held_up(url: str) -> Iterator[None]:
    """Nobody can read core.item meanwhile, pg_dump neither."""
    with psycopg.connect(url) as conn:
        conn.execute("LOCK TABLE core.item IN ACCESS EXCLUSIVE MODE")
        yield
        conn.rollback()


def waiting_dump(url: str) -> int:
    """Process on this machine of the pg_dump that waits for the lock."""
    row: list[int] = []

    def found() -> bool:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            database = f"dbname={conninfo_to_dict(url)['dbname']}".encode()
            if words[0].endswith(b"pg_dump") and any(database in word for word in words):
                row[:] = [int(path.parent.name)]
        return bool(row) and is_waiting(url)

    wait_until(found)
    return row[0]


def is_waiting(url: str) -> bool:
    with psycopg.connect(url) as conn:
        told = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'pg_dump' AND wait_event_type = 'Lock'"
        ).fetchone()
    return told == (1,)


def test_a_restored_database_is_equal_and_answers_equally(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    make_spaces_of_tokens(ready)
    of_tokens = answers_by_tokens(db_url)
    made = create(db_url, store)
    before = answers(db_url)
    assert all(before + of_tokens)
    put(ready, {"P4": {"title": "pump that came too late"}})
    told: set[str] = set()
    restored = restoring.restore(
        db_url, store, chosen(store, "latest"), on_step=lambda what, *_: told.add(what)
    )
    try:
        assert answers(restored.url) == before != answers(db_url)
        assert answers_by_tokens(restored.url) == of_tokens
        copy = backups.read_fingerprints(restored.url)
        assert backups.differences(made.fingerprints, copy) == []
        with connect.open_connection(restored.url) as conn:
            assert migrate.pending(conn) == []
            assert len(put(conn, {"P5": {"title": "written in the copy"}})) == 1
        assert {"checksum", "objects", "fingerprints", "statistics"} <= told
    finally:
        backups.drop(db_url, restored.database)


def test_a_backup_made_while_others_write_is_of_one_moment(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    over = threading.Event()
    written: list[int] = []

    def write() -> None:
        with psycopg.connect(db_url, autocommit=True) as conn:
            while not over.is_set():
                n = len(written)
                put(conn, {f"W{n}": {"title": f"pump {n}"}, "P1": {"title": f"changed {n}"}})
                written.append(n)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: len(written) > 3)
        at_first = len(written)
        made = create(db_url, store)
        assert len(written) > at_first
    finally:
        over.set()
        writer.join()
    assert at_first + 3 <= made.items <= len(written) + 3
    restoring.verify(db_url, store, made)
    assert scratch(db_url) == set()


@pytest.mark.parametrize("where", ["middle", "end"])
def test_a_damaged_archive_is_refused_by_its_name(
    pair: Pair, copied: FolderStore, where: str
) -> None:
    made = pair.latest
    path = copied.folder / f"{made.name}{ARCHIVE}"
    content = bytearray(path.read_bytes())
    if where == "middle":
        content[len(content) // 2] ^= 1
    else:
        del content[-1]
    path.write_bytes(content)
    with pytest.raises(BackupError, match=made.name):
        restoring.restore(pair.url, copied, chosen(copied, made.name))
    with pytest.raises(BackupError, match=f"{made.name}.*damaged"):
        restoring.verify(pair.url, copied, chosen(copied, "latest"))
    assert scratch(pair.url) == set()


def test_a_copy_that_differs_from_the_manifest_is_refused(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    made = create(db_url, store)
    for at, wanted in (("table core.item", "as many"), ("collection parts", "3 instead of 4")):
        kind, name = at.split()
        wrong = [
            f
            if (f.kind, f.name) != (kind, name)
            else msgspec.structs.replace(f, hash="0")
            if kind == "table"
            else msgspec.structs.replace(f, n=4)
            for f in made.fingerprints
        ]
        with pytest.raises(BackupError, match=f"{at}: {wanted}"):
            restoring.verify(db_url, store, msgspec.structs.replace(made, fingerprints=wrong))
    assert scratch(db_url) == set()


def test_a_backup_that_is_killed_counts_as_nothing(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    whole = create(db_url, store)
    environ = {**os.environ, "SEOGO_DATABASE_URL": db_url}
    command = [sys.executable, "-c", "from jobs.cli import main; main()", "backup", "create"]
    with held_up(db_url):
        running = subprocess.Popen([*command, "--target", str(store.folder)], env=environ)
        dump = waiting_dump(db_url)
        running.kill()
        running.wait()
        os.kill(dump, signal.SIGKILL)
    states = {entry.name: entry.trouble for entry in listed(store)}
    assert states.pop(whole.name) is None
    assert list(states.values()) == ["incomplete: never finished, or its manifest is gone"]
    killed = next(iter(states))
    for name in (killed, "latest"):
        with pytest.raises(BackupError, match=f"{killed}.*incomplete") as caught:
            chosen(store, name)
    assert whole.name in str(caught.value.hint)
    assert chosen(store, whole.name) == whole
    assert prune(store, 0, datetime.now(UTC)) == []
    assert prune(store, 0, datetime.now(UTC) + timedelta(days=2)) == list(states)
    assert create(db_url, store).items == 3


def test_pg_dump_killed_is_an_error_and_leaves_nothing(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    url = make_conninfo(db_url, password="very-secret")
    failed: list[Exception] = []

    def run() -> None:
        try:
            create(url, store)
        except BackupError as exc:
            failed.append(exc)

    with held_up(db_url):
        thread = threading.Thread(target=run)
        thread.start()
        dump = waiting_dump(db_url)
        assert b"very-secret" not in Path(f"/proc/{dump}/cmdline").read_bytes()
        os.kill(dump, signal.SIGKILL)
        thread.join()
    assert "pg_dump failed" in str(failed[0])
    assert store.sizes() == {}


def test_a_backup_of_an_older_server_is_restored_on_a_newer_one(
    db_url: str, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Programs of 18 say things that a server of 16 does not understand, so those of 16 are wanted.
    monkeypatch.setenv("PATH", f"{program_folder(16)}{os.pathsep}{os.environ['PATH']}")
    with new_server(16) as old:
        migrate.upgrade(old.url())
        with psycopg.connect(old.url(), autocommit=True) as conn:
            make_collection(conn)
            put(conn, {"P1": {"title": "진공 pump"}})
        made = create(old.url(), store)
        assert made.server.postgresql_major == 16
        restoring.verify(old.url(), store, made)
    restoring.verify(db_url, store, made)


def test_switching_is_its_own_way_back(ready: Conn, db_url: str, store: FolderStore) -> None:
    create(db_url, store)
    put(ready, {"P4": {"title": "later"}})
    restored = restoring.restore(db_url, store, chosen(store, "latest"))

    def items() -> int:
        with psycopg.connect(db_url) as conn:
            row = conn.execute("SELECT count(*) FROM core.item").fetchone()
        assert row is not None
        return int(row[0])

    assert items() == 4
    kept = restoring.switch(db_url, restored.database)
    assert items() == 3
    back = restoring.switch(db_url, kept)
    assert items() == 4
    backups.drop(make_conninfo(db_url, dbname="postgres"), back)


def test_a_switch_to_nothing_changes_nothing(ready: Conn, db_url: str) -> None:
    with pytest.raises(SeogoDbError, match="there is no such database"):
        restoring.switch(db_url, "seogo_there_is_none")
    assert scratch(db_url) == set()


def test_a_refused_switch_sends_nobody_away(
    ready: Conn, db_url: str, empty_db_url: str, template: str
) -> None:
    mine = ready.info.dbname
    empty = str(conninfo_to_dict(empty_db_url)["dbname"])
    refused = {
        "seogo_there_is_none": "there is no such database",
        "": "there is no such database",
        "x'; DROP": "there is no such database",
        mine: "is the database in use",
        "postgres": "has no Seogo schema",
        "template0": "takes no connections",
        template: "takes no connections",
        empty: "has no Seogo schema",
    }
    with psycopg.connect(empty_db_url, autocommit=True) as guest:
        for name, told in refused.items():
            with pytest.raises(SeogoDbError, match=told):
                restoring.switch(db_url, name)
        # As another program that uses Alembic would have it.
        guest.execute("CREATE TABLE alembic_version (version_num text)")
        guest.execute("INSERT INTO alembic_version VALUES ('0014')")
        with pytest.raises(SeogoDbError, match="has no Seogo schema"):
            restoring.switch(db_url, empty)
        assert guest.execute("SELECT 1").fetchone() == (1,)
    assert ready.execute("SELECT count(*) FROM core.item").fetchone() == (3,)
    assert scratch(db_url) == set()


def test_a_database_of_another_revision_is_not_switched_to(
    ready: Conn, db_url: str, empty_db_url: str
) -> None:
    name = str(conninfo_to_dict(empty_db_url)["dbname"])
    migrate.upgrade(empty_db_url, "0013")
    with pytest.raises(SeogoDbError, match="is not this program's") as caught:
        restoring.switch(db_url, name)
    assert "seogo db upgrade" in str(caught.value.hint)
    assert ready.execute("SELECT count(*) FROM core.item").fetchone() == (3,)


def test_a_role_that_may_not_rename_sends_nobody_away(ready: Conn, db_url: str) -> None:
    ready.execute("CREATE ROLE seogo_test_mover LOGIN PASSWORD 'x'")
    try:
        url = make_conninfo(db_url, user="seogo_test_mover", password="x")
        with pytest.raises(SeogoDbError, match="belongs to another role"):
            database_swap.check(url)
        assert ready.execute("SELECT 1").fetchone() == (1,)
    finally:
        ready.execute("DROP ROLE seogo_test_mover")


def test_a_backup_that_still_runs_is_not_damaged(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    whole = create(db_url, store)
    with held_up(db_url):
        thread = threading.Thread(target=create, args=(db_url, store))
        thread.start()
        waiting_dump(db_url)
        (running,) = [entry for entry in listed(store) if entry.running]
        assert running.trouble == "incomplete: it is still being made"
        assert chosen(store, "latest") == whole
        settings = BackupSettings(backup_target=str(store.folder))
        assert doctor.backup_check(settings, DbSettings()).state == "ok"
        assert prune(store, 0, datetime.now(UTC) + timedelta(days=2)) == []
    thread.join()
    assert chosen(store, "latest").name == running.name


def test_looking_for_backups_makes_no_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "typo"))
    with pytest.raises(StoreError, match="typo: No such file"):
        chosen(store, "latest")
    done = CliRunner().invoke(app, ["backup", "list", "--target", str(tmp_path / "typo")])
    assert isinstance(done.exception, StoreError)
    assert not (tmp_path / "typo").exists()
    env = {"SEOGO_HOME": str(tmp_path / "home"), "SEOGO_BACKUP_TARGET": ""}
    done = CliRunner().invoke(app, ["backup", "list"], env=env)
    assert (done.exit_code, done.output) == (0, "no backups yet: `seogo backup create`\n")
    assert list(tmp_path.iterdir()) == []


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda file: os.truncate(f"{file}{ARCHIVE}", 1000),
    "empty": lambda file: os.truncate(f"{file}{ARCHIVE}", 0),
    "no archive": lambda file: Path(f"{file}{ARCHIVE}").unlink(),
    "no manifest": lambda file: Path(f"{file}{MANIFEST}").unlink(),
    "manifest cut": lambda file: os.truncate(f"{file}{MANIFEST}", 50),
    "manifest empty": lambda file: os.truncate(f"{file}{MANIFEST}", 0),
    "manifest not UTF-8": lambda file: Path(f"{file}{MANIFEST}").write_bytes(b"\xff\xfe{"),
    "manifest of a newer program": lambda file: Path(f"{file}{MANIFEST}").write_bytes(
        Path(f"{file}{MANIFEST}").read_bytes().replace(b'"format": 1', b'"format": 3')
    ),
    "manifest of another": lambda file: Path(f"{file}{MANIFEST}").write_bytes(
        next(f for f in sorted(file.parent.glob("*.json")) if f.stem != file.name).read_bytes()
    ),
    "never finished": lambda file: [
        Path(f"{file}{ARCHIVE}").rename(f"{file}{ARCHIVE}{PART}"),
        Path(f"{file}{MANIFEST}").unlink(),
    ],
}


@pytest.mark.parametrize("how", DAMAGE)
def test_latest_is_the_newest_and_says_what_is_wrong_with_it(
    pair: Pair, copied: FolderStore, how: str
) -> None:
    older, latest = pair.older, pair.latest
    DAMAGE[how](copied.folder / latest.name)
    with pytest.raises(BackupError, match=f"newest backup, {latest.name}: .") as caught:
        chosen(copied, "latest")
    assert older.name in str(caught.value.hint)
    assert chosen(copied, older.name) == older
    told = doctor.backup_check(BackupSettings(backup_target=str(copied.folder)), DbSettings())
    assert told.state == "warn"
    assert latest.name in told.detail
    assert older.name in told.detail


def test_what_cannot_be_restored_here_is_refused_before_anything_is_made(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    ready.execute("CREATE ROLE seogo_test_guest")
    try:
        ready.execute("GRANT SELECT ON core.item TO seogo_test_guest")
        made = create(db_url, store)
    finally:
        ready.execute("DROP OWNED BY seogo_test_guest")
        ready.execute("DROP ROLE seogo_test_guest")
    assert made.roles == ["seogo_admin", "seogo_reader", "seogo_test_guest", "seogo_writer"]
    newer = msgspec.structs.replace(made, roles=[], revision="9999")
    server = msgspec.structs.replace(made.server, postgresql_major=99)
    for manifest, told in (
        (made, "seogo_test_guest"),
        (newer, "9999"),
        (msgspec.structs.replace(made, roles=[], server=server), "PostgreSQL 99"),
    ):
        with pytest.raises(BackupError, match=told):
            restoring.restore(db_url, store, manifest)
    assert scratch(db_url) == set()


def test_old_backups_go_and_unreadable_manifests_are_told(
    ready: Conn, db_url: str, store: FolderStore
) -> None:
    first, second = (create(db_url, store) for _ in range(2))
    (store.folder / f"{first.name}{MANIFEST}").write_bytes(b"{")
    assert "manifest cannot be read" in str({e.name: e.trouble for e in listed(store)}[first.name])
    (store.folder / "notes.txt").write_text("not ours")
    third = create(db_url, store, keep=1)
    assert {e.name for e in listed(store)} == {first.name, third.name}
    assert second.name not in str(store.sizes())
    assert "notes.txt" in store.sizes()
    for path in store.folder.glob("seogo-*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert not list(store.folder.glob(f"*{PART}"))


def test_an_object_store_serves_as_well(ready: Conn, db_url: str) -> None:
    store = open_store(f"memory://seogo-{os.getpid()}/nightly")
    assert listed(store) == []
    made = create(db_url, store)
    assert chosen(store, "latest") == made
    restoring.verify(db_url, store, made)
    assert prune(store, 1, datetime.now(UTC)) == []
    create(db_url, store, keep=1)
    assert made.name not in {e.name for e in listed(store)}


def test_a_target_that_nobody_knows_says_what_to_install() -> None:
    with pytest.raises(StoreError, match="nosuch") as caught:
        open_store("nosuch://bucket")
    assert "seogo[s3]" in str(getattr(caught.value, "hint", ""))


def test_a_program_older_than_the_server_is_not_used() -> None:
    with pytest.raises(programs.ProgramMissing, match="pg_dump of PostgreSQL 99"):
        programs.find("pg_dump", 99)
    assert programs.find("pg_dump", 17).is_file()


def test_fingerprints_see_every_change(ready: Conn) -> None:
    def changed(statement: str) -> set[str]:
        before = {(f.kind, f.name): f for f in fetch(ready, backups.fingerprints())}
        with ready.transaction(force_rollback=True):
            ready.execute(statement.encode())
            after = {(f.kind, f.name): f for f in fetch(ready, backups.fingerprints())}
        return {name for (kind, name), f in after.items() if before.get((kind, name)) != f}

    assert changed("SELECT 1") == set()
    assert "core.embedding" in changed(
        "UPDATE core.embedding SET vec = (SELECT vec FROM core.embedding ORDER BY item_id DESC LIMIT 1)"
    )
    assert {"core.item", "parts"} <= changed(
        "UPDATE core.item SET fields = '{}' WHERE external_id = 'P3'"
    )
    assert changed("DROP INDEX core.item_metadata_idx") == {"indexes"}
    assert changed("ALTER TABLE core.item DISABLE TRIGGER ALL") == {"triggers"}
    assert changed("UPDATE core.collection SET created_at = created_at + interval '1 s'") == {
        "core.collection"
    }


def test_a_manifest_survives_a_round_trip(pair: Pair, copied: FolderStore) -> None:
    made = pair.latest
    assert msgspec.json.decode(copied.read(made.name + MANIFEST), type=BackupManifest) == made
    assert [(s.space, s.encoder, s.dim) for s in made.spaces] == [("text", "dummy", 32)]


def test_the_schedule_makes_one(
    ready: Conn, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_BACKUP_TARGET", str(store.folder))
    monkeypatch.setenv("SEOGO_BACKUP_KEEP", "1")
    for _ in range(2):
        counts = tasks.backup(ready, DUMMY, lambda: None)
    made = chosen(store, "latest")
    assert counts == {"items": 3, "bytes": made.bytes}
    assert len(listed(store)) == 1
