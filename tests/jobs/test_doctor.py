"""Doctor and the check of a server: what they see, and that each thing wrong says what to do."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from db.calls.query import fetch
from db.calls.steps import run
from db.operations import check, metrics
from db.settings import DbSettings
from db.spaces import embedding
from encoders import registry
from encoders.settings import CaptionSettings, EncoderSettings
from encoders.text.dummy import DummyEncoder
from flows.unserved import unserved
from jobs import doctor, embed, maintain
from jobs.backup import manifest
from jobs.backup.create import create
from jobs.backup.settings import BackupSettings
from jobs.backup.store import FolderStore
from jobs.cli import app
from jobs.schedule.settings import ScheduleSettings
from tests.lexical.support import check_consistent
from tests.sql.helpers import make_collection, put, put_picture, show

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn

GOOD = check.Facts(
    version="18.4",
    version_num=180004,
    pgvector="0.8.5",
    pgvector_available="0.8.5",
    encrypted=True,
    local=False,
    shared_buffers=2 * check.GIB,
    maintenance_work_mem=check.GIB,
    work_mem=64 * check.MIB,
    max_connections=100,
    connections=5,
    random_page_cost=1.1,
    jit=False,
    fsync=True,
    full_page_writes=True,
    autovacuum=True,
    archived=True,
    log_min_duration_ms=500,
    folds_letters=True,
    database_size=8 * check.GIB,
    largest_hnsw=200 * check.MIB,
)


def state_of(checks: list[check.Check], name: str) -> str:
    (found,) = [each for each in checks if each.name == name]
    return found.state


def of(facts: check.Facts) -> list[check.Check]:
    """The checks that follow from facts alone."""
    return [
        check._version(facts),
        check._pgvector(facts),
        *check._locale(facts),
        *check._settings(facts),
        check._encryption(facts),
        check._connections(facts),
    ]


def test_a_good_server_gives_nothing_to_do() -> None:
    assert {each.state for each in of(GOOD)} == {"ok"}
    alone = of(msgspec.structs.replace(GOOD, dblink=False))
    assert (alone[0].state, alone[0].detail.partition(", ")[2][:14]) == ("ok", "without dblink")


@pytest.mark.parametrize(
    ("change", "name", "state"),
    [
        ({"version_num": 150012}, "PostgreSQL", "fail"),
        ({"pgvector": None, "pgvector_available": None}, "pgvector", "fail"),
        ({"pgvector": "0.7.4"}, "pgvector", "fail"),
        ({"pgvector": "0.8.1"}, "pgvector", "warn"),
        ({"shared_buffers": 128 * check.MIB}, "shared_buffers", "warn"),
        ({"largest_hnsw": 3 * check.GIB}, "maintenance_work_mem", "warn"),
        ({"maintenance_work_mem": 64 * check.MIB}, "maintenance_work_mem", "warn"),
        ({"work_mem": 4 * check.MIB}, "work_mem", "warn"),
        ({"random_page_cost": 4.0}, "random_page_cost", "warn"),
        ({"jit": True}, "jit", "warn"),
        ({"fsync": False}, "fsync", "fail"),
        ({"full_page_writes": False}, "full_page_writes", "fail"),
        ({"autovacuum": False}, "autovacuum", "warn"),
        ({"log_min_duration_ms": -1}, "log_min_duration_statement", "warn"),
        ({"folds_letters": False}, "locale", "fail"),
        ({"encrypted": False}, "connection", "warn"),
        ({"connections": 95}, "connections", "warn"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    change: dict[str, object], name: str, state: str
) -> None:
    wrong = [each for each in of(msgspec.structs.replace(GOOD, **change)) if each.state != "ok"]
    assert [(each.name, each.state) for each in wrong] == [(name, state)]
    assert wrong[0].todo


def test_the_statements_that_mend_settings_run(db: Conn) -> None:
    bad = msgspec.structs.replace(GOOD, work_mem=1, largest_hnsw=3 * check.GIB, jit=True)
    for each in check._settings(bad):
        name, _, value = each.todo.split(";")[0].removeprefix("ALTER SYSTEM SET ").partition(" = ")
        db.execute("SELECT set_config(%s, %s, false)", (name, value.strip("'")))


def test_a_locale_that_lowers_only_latin_letters_is_seen(
    server_url: str, db: Conn, tmp_path: Path
) -> None:
    name = f"seogo_test_{tmp_path.name.replace('-', '_')[:20]}_{os.getpid()}"
    assert fetch(db, check.facts())[0].folds_letters
    db.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'".encode()
    )
    try:
        with psycopg.connect(make_conninfo(server_url, dbname=name), autocommit=True) as conn:
            assert not fetch(conn, check.facts())[0].folds_letters
    finally:
        db.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_a_role_that_may_little_is_told_what_it_lacks(db: Conn) -> None:
    assert fetch(db, check.rights())[0].owner
    db.execute("SET ROLE seogo_reader")
    found = check._rights(fetch(db, check.rights())[0])
    db.execute("RESET ROLE")
    assert {each.name: each.state for each in found} == {
        "role": "warn",
        "CREATEDB": "warn",
        "roles": "warn",
    }
    assert all(each.todo for each in found)


def test_waiting_and_failed_items_are_seen_until_they_are_encoded(
    db: Conn, dummy_space: int
) -> None:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    put(db, {"P1": {"title": "pump"}})
    settings = EncoderSettings(text_encoder="dummy")
    before = doctor.content_checks(db, settings)
    assert state_of(before, "parts in text@1") == "warn"
    assert state_of(before, "queues") == "warn"
    assert state_of(before, "corrections of parts") == "warn"
    maintain.run(db)
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    after = doctor.content_checks(db, settings)
    assert {each.state for each in after} == {"ok"}
    db.execute("UPDATE ops.space SET encoder = 'nobody-knows-it'")
    assert state_of(doctor.content_checks(db, settings), "space text") == "fail"


def test_an_empty_queue_has_nothing_that_waits(db: Conn, dummy_space: int) -> None:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    put(db, {"P1": {"title": "pump"}})
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    assert {row.waiting for row in fetch(db, metrics.queues())} == {0}
    found = doctor.content_checks(db, EncoderSettings(text_encoder="dummy"))
    (queues,) = [each for each in found if each.name == "queues"]
    assert queues.state == "ok"
    assert queues.detail.startswith("0 wait, ")


def waiting_pictures(db: Conn, **readers: str) -> None:
    """Two items of the collection `parts`, each with a picture that waits for these readers."""
    make_collection(db, picture_readers=readers)
    ids = put(db, {"P1": {"title": "pump"}, "P2": {"title": "valve"}})
    for item_id, content in zip(ids.values(), (b"a", b"b"), strict=True):
        show(db, item_id, put_picture(db, content))


@pytest.mark.parametrize(
    ("readers", "settings", "told"),
    [
        (
            {"caption": "parts-en"},
            CaptionSettings(),
            "2 pictures wait for captions by parts-en, and nobody does it: captions are off",
        ),
        (
            {"caption": "parts-ko"},
            CaptionSettings(captioners="openai"),
            "2 pictures wait for captions by parts-ko, and nobody does it: the captioner openai has",
        ),
        (
            {"ocr": "nobody"},
            CaptionSettings(),
            "2 pictures wait to be read (OCR) by nobody, and nobody does it: No such encoder.",
        ),
    ],
)
def test_what_nothing_serves_is_told_with_what_to_set(
    db: Conn, readers: dict[str, str], settings: CaptionSettings, told: str
) -> None:
    waiting_pictures(db, **readers)
    encoders = EncoderSettings(text_encoder="dummy")
    (one,) = run(db, unserved(encoders, settings))
    assert str(one).startswith(told)
    assert one.todo
    found = doctor.content_checks(db, encoders, settings)
    assert state_of(found, "queues") == "ok"  # a worker could not help
    (vain,) = [each for each in found if each.name == "unserved"]
    assert (vain.state, vain.detail, vain.todo) == ("warn", str(one), one.todo)


def test_vectors_that_no_model_here_makes_are_told(db: Conn, dummy_space: int) -> None:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    put(db, {"P1": {"title": "pump"}})
    encoders = EncoderSettings(text_encoder="dummy", models="/nowhere")
    assert run(db, unserved(encoders, CaptionSettings())) == []
    for encoder, todo in (
        ("nobody-knows-it", "seogo models list"),
        ("bge-m3", "seogo models pull"),
    ):
        db.execute("UPDATE ops.space SET encoder = %s", (encoder,))
        (one,) = run(db, unserved(encoders, CaptionSettings()))
        assert str(one).startswith("1 items wait for vectors in text@1, and nobody does it")
        assert one.todo.startswith(todo)


def test_the_commands_say_what_will_wait_in_vain(
    db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    waiting_pictures(db)
    env = {"SEOGO_DATABASE_URL": db_url, "SEOGO_CAPTIONERS": "", "SEOGO_TEXT_ENCODER": "dummy"}
    told = "2 pictures wait for captions by parts-en, and nobody does it: captions are off"
    for words, seen in (
        ("collection update parts --caption parts-en", "will wait for captions by parts-en"),
        ("pictures again parts --caption parts-en", told),
        ("embed", told),
        ("worker --once", told),
    ):
        done = CliRunner().invoke(app, words.split(), env=env)
        assert done.exit_code == 0, done.output
        assert seen in done.stderr, words
        assert "SEOGO_CAPTIONERS" in done.stderr


def test_a_time_that_never_comes_and_tasks_that_nobody_does_are_told(
    db: Conn, db_url: str, tmp_path: Path
) -> None:
    good = ScheduleSettings()
    assert [each.state for each in doctor.schedule_checks(db, good)] == ["ok"]
    bad = ScheduleSettings(cron_backup="0 0 31 2 *")
    (found,) = doctor.schedule_checks(db, bad)
    assert (found.state, found.detail.partition(":")[0]) == ("fail", "SEOGO_CRON_BACKUP")
    db.execute("SET search_path = jobs, pg_catalog")  # for their triggers
    db.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('seogo', 'merge_postings')"
    )
    db.execute("RESET search_path")
    (found,) = doctor.schedule_checks(db, good)
    assert (found.state, found.todo) == ("warn", "start one: seogo schedule run --forever")
    assert found.detail == "1 tasks are due, 0 schedulers"
    db.execute("INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now())")
    assert [each.state for each in doctor.schedule_checks(db, good)] == ["ok"]
    env = {"SEOGO_DATABASE_URL": db_url, "SEOGO_CRON_BACKUP": "0 0 31 2 *", "COLUMNS": "160"}
    env["SEOGO_BACKUP_TARGET"] = str(tmp_path)
    done = CliRunner().invoke(app, ["doctor"], env=env)
    assert done.exit_code == 1
    assert "SEOGO_CRON_BACKUP: '0 0 31 2 *' is never due" in done.output


def test_a_schema_that_is_not_this_programs_fails(db: Conn) -> None:
    assert state_of(doctor.database_checks(db), "schema") == "ok"
    db.execute("DROP VIEW search.spaces")
    assert state_of(doctor.database_checks(db), "schema") == "fail"


def test_items_written_with_triggers_off_are_seen_and_mended(db: Conn) -> None:
    make_collection(db, identifier_fields=["pn"])
    make_collection(db, "others")
    put(db, {"P1": {"title": "pump"}, "P2": {"title": "seal"}, "P3": {"title": "valve"}})
    settings = EncoderSettings(text_encoder="dummy")
    assert not [c for c in doctor.content_checks(db, settings) if c.name.startswith("words")]
    db.execute("SET session_replication_role = replica")
    db.execute(
        "INSERT INTO core.item (collection_id, external_id, fields)"
        ' SELECT collection_id, \'P4\', \'{"title": "gasket", "pn": "NRY-1KH"}\' FROM core.item LIMIT 1'
    )
    db.execute("UPDATE core.item SET fields = '{\"title\": \"hose\"}' WHERE external_id = 'P2'")
    db.execute("DELETE FROM core.item WHERE external_id = 'P3'")
    db.execute("RESET session_replication_role")
    [told] = [c for c in doctor.content_checks(db, settings) if c.name.startswith("words")]
    assert (told.name, told.state, told.todo) == ("words of parts", "warn", "seogo maintain")
    assert told.detail.startswith("3 items")
    assert maintain.run(db).mended == 3
    assert maintain.run(db).mended == 0
    assert not [c for c in doctor.content_checks(db, settings) if c.name.startswith("words")]
    found = "SELECT count(*) FROM search.lexical('parts', %s)"
    for word, count in (("gasket", 1), ("hose", 1), ("seal", 0), ("valve", 0), ("pump", 1)):
        assert db.execute(found, (word,)).fetchone() == (count,), word
    exact = "SELECT count(*) FROM search.identifier('parts', 'NRY-1KH')"
    assert db.execute(exact).fetchone() == (1,)
    check_consistent(db)


def test_a_broken_index_is_seen(db: Conn) -> None:
    assert "indexes" not in {each.name for each in doctor.database_checks(db)}
    db.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'core.item_metadata_idx'::regclass"
    )
    assert state_of(doctor.database_checks(db), "indexes") == "warn"


def test_the_age_of_the_newest_backup_is_told(
    db: Conn, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = BackupSettings(backup_target=str(tmp_path / "backups"))
    where = DbSettings(database_url=db_url)
    assert doctor.backup_check(settings, where).state == "warn"
    assert not (tmp_path / "backups").exists()
    made = create(db_url, FolderStore(tmp_path / "backups"))
    assert doctor.backup_check(settings, where).state == "ok"
    at = datetime.now(UTC) - timedelta(days=3)
    old = msgspec.structs.replace(made, made_at=at, name=f"seogo-{at:{manifest.STAMP}}-0000")
    store = FolderStore(tmp_path / "backups")
    store.remove(made.name + manifest.MANIFEST)
    path = store.folder / f"{made.name}{manifest.ARCHIVE}"
    path.rename(store.folder / f"{old.name}{manifest.ARCHIVE}")
    store.write(old.name + manifest.MANIFEST, msgspec.json.encode(old))
    assert "3 days old" in doctor.backup_check(settings, where).detail
    assert doctor.backup_check(settings, where).state == "warn"


def test_captions_that_cannot_work_fail() -> None:
    assert doctor._captions(CaptionSettings()).state == "ok"
    assert doctor._captions(CaptionSettings(captioners="openai")).state == "fail"


def test_the_commands_end_with_1_where_something_fails(
    db: Conn, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("SEOGO_BACKUP_TARGET", str(tmp_path / "backups"))
    result = CliRunner().invoke(app, ["doctor"])
    # The test server is a fast one: fsync is off, which is told.
    assert ("fsync" in result.output) == (result.exit_code == 1)
    assert "seogo backup create" in result.output
    monkeypatch.setenv("SEOGO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "cannot connect" in result.output


@pytest.mark.model
def test_it_says_who_reads_hangul(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = doctor._ocr(tmp_path)
    assert found.state == "ok"
    assert "auto has Hangul read by " in found.detail
    monkeypatch.setattr(doctor, "hangul_engine", lambda _: None)
    found = doctor._ocr(tmp_path)
    assert (found.state, found.todo) == ("warn", "pip install 'seogo[local]'")
    assert "Hangul is not read" in found.detail
