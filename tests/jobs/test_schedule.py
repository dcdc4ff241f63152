"""The schedule: tasks by hand and by the clock, recorded, retried, cancelled, picked up from the dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from db.calls.query import fetch
from db.evaluation import evals
from db.operations import schedule
from db.settings import DbSettings, read
from db.spaces import embedding
from jobs.cli import app
from jobs.errors import JobError
from jobs.schedule import clock
from jobs.schedule.scheduler import Scheduler
from jobs.schedule.settings import ScheduleSettings
from jobs.schedule.tasks import TASKS
from tests.jobs.support import DUMMY, wait_until
from tests.sql.helpers import column, found, make_collection, put, queued

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.jobs.support import Conn


@pytest.fixture
def scheduler(db_url: str) -> Scheduler:
    return Scheduler(DbSettings(database_url=db_url), DUMMY, ScheduleSettings())


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    put(db, {f"P{n}": {"title": f"pump {n}"} for n in range(30)})
    return db


@pytest.fixture(autouse=True)
def backups_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not among those of whoever runs the tests."""
    monkeypatch.setenv("SEOGO_BACKUP_TARGET", str(tmp_path / "backups"))


@pytest.mark.parametrize("task", [task.name for task in TASKS])
def test_every_task_runs_and_leaves_its_counts(
    parts: Conn, scheduler: Scheduler, task: str
) -> None:
    done = scheduler.run_now(task)
    assert (done.task, done.state, done.attempts) == (task, "succeeded", 1)
    assert done.counts
    assert done.error is None
    assert done.finished_at is not None
    recorded = "SELECT state, counts FROM search.runs WHERE run_id = %s"
    assert parts.execute(recorded, (done.run_id,)).fetchall() == [("done", done.counts)]


def test_stale_vectors_that_no_trigger_has_seen_are_queued(
    parts: Conn, scheduler: Scheduler
) -> None:
    parts.execute("DELETE FROM ops.outbox")
    done = scheduler.run_now("embed_stale")
    assert done.counts == {"queued": 30}
    assert len(queued(parts)) == 30
    assert scheduler.run_now("embed_stale").counts == {"queued": 0}


def test_postings_are_merged_and_answer_as_before(parts: Conn, scheduler: Scheduler) -> None:
    for n in range(30):
        put(parts, {f"P{n}": {"title": f"pump {n} again"}})
    before = found(parts, "pump again")
    done = scheduler.run_now("merge_postings")
    assert done.counts is not None
    assert done.counts["fold"] > 0
    assert found(parts, "pump again") == before


def test_judged_queries_are_asked_every_night(parts: Conn, scheduler: Scheduler) -> None:
    parts.execute("INSERT INTO eval.query_set (name) VALUES ('pumps')")
    parts.execute("INSERT INTO eval.query (set_id, external_id, text) VALUES (1, 'Q1', 'pump 7')")
    parts.execute(
        "INSERT INTO eval.judgment (query_id, source, external_id, grade) VALUES (1, 'test', 'P7', 1)"
    )
    done = scheduler.run_now("nightly_evaluation")
    assert done.counts == {"sets": 1, "answered": 1, "failed": 0}
    (run,) = fetch(parts, evals.runs())
    assert (run.query_set, run.collection, run.label) == ("pumps", "parts", "nightly")


def test_a_task_that_fails_says_why_and_is_tried_again(parts: Conn, scheduler: Scheduler) -> None:
    parts.execute("SELECT ops.build_space_index(1)")  # and there is no vector to measure it by
    failed = scheduler.run_now("measure_recall")
    assert (failed.state, failed.attempts) == ("todo", 1)
    assert failed.error == "space text@1 has too few vectors to measure"
    assert failed.scheduled_at is not None
    assert failed.finished_at is None
    scheduler.cancel(failed.job_id)
    assert fetch(parts, schedule.job(job_id=failed.job_id))[0].state == "cancelled"
    with pytest.raises(JobError, match="neither waits nor runs"):
        scheduler.cancel(failed.job_id)


def test_a_task_is_queued_once(parts: Conn, scheduler: Scheduler) -> None:
    parts.execute("SELECT ops.build_space_index(1)")
    scheduler.run_now("measure_recall")  # waits for its next attempt now
    with pytest.raises(JobError, match="measure_recall is queued already"):
        scheduler.run_now("measure_recall")


def test_an_unknown_task_is_answered_with_those_there_are(db: Conn, scheduler: Scheduler) -> None:
    with pytest.raises(JobError, match="unknown task: bake") as caught:
        scheduler.run_now("bake")
    assert "merge_postings" in (caught.value.hint or "")


def died_over(db: Conn, attempts: int = 0) -> None:
    """Leave a job as a scheduler does that is killed while it runs it."""
    db.execute(
        "INSERT INTO jobs.procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
    )
    db.execute(
        "INSERT INTO jobs.procrastinate_jobs"
        " (queue_name, task_name, lock, queueing_lock, status, attempts, worker_id)"
        " SELECT 'seogo', 'embed_stale', 'embed_stale', 'embed_stale', 'doing', %s, id"
        " FROM jobs.procrastinate_workers",
        (attempts,),
    )
    db.execute(
        "INSERT INTO ops.run (kind, args)"
        " SELECT task_name, jsonb_build_object('job_id', id) FROM jobs.procrastinate_jobs"
    )


def test_a_job_whose_scheduler_died_does_not_block_its_task(
    parts: Conn, scheduler: Scheduler
) -> None:
    died_over(parts)
    scheduler.run_due()
    (job,) = fetch(parts, schedule.jobs())
    assert (job.state, job.attempts, job.counts) == ("succeeded", 2, {"queued": 0})
    assert column(parts, "SELECT state FROM search.runs ORDER BY run_id") == ["failed", "done"]


def test_a_job_whose_scheduler_died_makes_room_for_the_one_that_waits(
    parts: Conn, scheduler: Scheduler
) -> None:
    died_over(parts)
    parts.execute("SET search_path = jobs, pg_catalog")  # for their triggers
    parts.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock)"
        " VALUES ('seogo', 'embed_stale', 'embed_stale', 'embed_stale')"
    )
    parts.execute("RESET search_path")
    scheduler.run_due()
    waited, dead = fetch(parts, schedule.jobs())
    assert (waited.state, waited.attempts) == ("succeeded", 1)
    assert (dead.state, dead.error) == ("failed", "its scheduler died over it")


def test_a_job_that_kills_its_schedulers_is_given_up(parts: Conn, scheduler: Scheduler) -> None:
    died_over(parts, attempts=2)
    scheduler.run_due()
    (job,) = fetch(parts, schedule.jobs())
    assert (job.state, job.attempts, job.error) == ("failed", 3, "its scheduler died over it")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("often", "has 1 fields instead of 5"),
        ("@daily", "has 1 fields instead of 5"),
        ("* * * * * *", "has 6 fields instead of 5"),
        ("61 * * * *", "is no cron expression"),
        ("*/0 * * * *", "is no cron expression"),
        ("٥ * * * *", "is no cron expression"),
        ("R * * * *", "is no cron expression"),
        ("0 0 31 2 *", "is never due"),
        ("0 0 30 2 *", "is never due"),
        ("0 0 31 4,6,9,11 *", "is never due"),
    ],
)
def test_a_cron_that_cannot_be_names_itself_and_stops_nothing_else(
    db_url: str, value: str, told: str
) -> None:
    settings = read(ScheduleSettings, {"SEOGO_CRON_BACKUP": value})
    (trouble,) = settings.troubles().values()
    assert trouble.startswith(f"SEOGO_CRON_BACKUP: {value!r} {told}")
    assert settings.cron("backup") is None
    assert settings.cron("merge_postings") == "*/10 * * * *"
    env = {"SEOGO_DATABASE_URL": db_url, "SEOGO_CRON_BACKUP": value, "COLUMNS": "200"}
    done = CliRunner().invoke(app, ["schedule", "list"], env=env)
    assert isinstance(done.exception, JobError)
    assert str(done.exception) == trouble
    row = next(line.split() for line in done.stdout.splitlines() if line.startswith("  backup"))
    assert row[:3] == ["backup", "wrong", "never"]
    assert "*/10" in done.stdout


@pytest.mark.parametrize("value", ["0 0 29 2 *", "0 0 31 2 1", "*/5 8-18 * * MON-FRI", "0 0 L * *"])
def test_a_cron_that_comes_is_taken(value: str) -> None:
    settings = read(ScheduleSettings, {"SEOGO_CRON_BACKUP": value})
    assert (settings.troubles(), settings.cron("backup")) == ({}, value)
    assert (
        read(ScheduleSettings, {"SEOGO_CRON_MERGE_POSTINGS": "off"}).cron("merge_postings") is None
    )


def test_a_time_that_a_person_set_comes_before_the_settings(db: Conn, db_url: str) -> None:
    settings = ScheduleSettings()
    queue = Scheduler(DbSettings(database_url=db_url), DUMMY, settings)._app(periodic=True)

    def planned() -> dict[str, str]:
        """As a scheduler that runs takes them."""
        clock.plan(queue, clock.times(settings, fetch(db, schedule.task_times())), but="recover")
        tasks = queue.periodic_registry.periodic_tasks.values()
        return {one.task.name: one.cron for one in tasks}

    def asked(*arguments: str) -> None:
        done = CliRunner().invoke(app, ["schedule", "set", *arguments], env=env)
        if done.exception is not None:
            raise done.exception

    env = {"SEOGO_DATABASE_URL": db_url, "COLUMNS": "200"}
    fetch(db, schedule.tell_task_times(times={"backup": "off", "embed_stale": "17 * * * *"}))
    before = planned()
    assert before["recover"]  # the queue's own upkeep
    assert before["embed_stale"] == "17 * * * *"
    assert "backup" not in before
    asked("backup", "30 17 * * *")
    asked("embed_stale", "off")
    after = planned()
    assert after["backup"] == "30 17 * * *"
    assert "embed_stale" not in after
    listed = CliRunner().invoke(app, ["schedule", "list"], env=env).stdout.splitlines()
    assert any(line.split()[:4] == ["backup", "30", "17", "*"] for line in listed)
    asked("backup")
    asked("embed_stale")
    assert planned() == before
    for wrong in ("0 0 31 2 *", "often"):
        with pytest.raises(JobError):
            asked("backup", wrong)


def test_one_of_many_that_fails_leaves_the_others_their_turn(
    parts: Conn, scheduler: Scheduler
) -> None:
    parts.execute("SELECT ops.create_space('lost', 'dummy', 'of another model', 32)")
    make_collection(parts, "apart", vector_sources={"lost": {"item": ["title"]}})
    put(parts, {"P7": {"title": "pump 7"}}, "apart")
    parts.execute("INSERT INTO eval.query_set (name) VALUES ('pumps')")
    parts.execute("INSERT INTO eval.query (set_id, external_id, text) VALUES (1, 'Q1', 'pump 7')")
    parts.execute(
        "INSERT INTO eval.judgment (query_id, source, external_id, grade) VALUES (1, 'test', 'P7', 1)"
    )
    failed = scheduler.run_now("nightly_evaluation")
    assert failed.error is not None
    assert "lost" in failed.error
    assert [run.collection for run in fetch(parts, evals.runs())] == ["parts"]


# Every second, which an expression of five fields cannot say.
EVERY_SECOND = """
from db import logs
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from jobs.schedule.scheduler import Scheduler
from jobs.schedule.settings import ScheduleSettings

class Often(ScheduleSettings, frozen=True, kw_only=True):
    def cron(self, task):
        return "* * * * * *" if task == "embed_stale" else None

logs.configure()
Scheduler(read(DbSettings), read(EncoderSettings), read(Often)).run_forever()
"""


@pytest.fixture
def running(db_url: str) -> Iterator[subprocess.Popen[str]]:
    """The scheduler as a program of its own, with a task that is due every second, and a bad cron."""
    wrong = {"SEOGO_CRON_BACKUP": "0 0 31 2 *", "SEOGO_LOG_FORMAT": "text"}
    process = subprocess.Popen(
        [sys.executable, "-c", EVERY_SECOND],
        env={**os.environ, **wrong, "SEOGO_DATABASE_URL": db_url, "SEOGO_TEXT_ENCODER": "dummy"},
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def jobs(db: Conn, state: str) -> list[Any]:
    return [job for job in fetch(db, schedule.jobs(limit=1000)) if job.state == state]


def test_the_clock_queues_tasks_and_a_signal_ends_it(
    parts: Conn, db_url: str, running: subprocess.Popen[str]
) -> None:
    parts.execute("DELETE FROM ops.outbox")
    wait_until(lambda: len(jobs(parts, "succeeded")) >= 2)
    assert {job.task for job in jobs(parts, "succeeded")} == {"embed_stale"}
    assert len(queued(parts)) == 30
    # A task that runs when the scheduler is asked to stop comes to its end; here it waits for a lock.
    with psycopg.connect(db_url) as blocker:
        blocker.execute("LOCK TABLE core.collection IN ACCESS EXCLUSIVE MODE")
        wait_until(lambda: jobs(parts, "doing"))
        (held,) = jobs(parts, "doing")
        Scheduler(DbSettings(database_url=db_url), DUMMY, ScheduleSettings()).cancel(held.job_id)
        running.send_signal(signal.SIGTERM)
    _, log = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "ERROR seogo.schedule: SEOGO_CRON_BACKUP: '0 0 31 2 *' is never due" in log
    ended = fetch(parts, schedule.job(job_id=held.job_id))[0].state
    assert ended in ("aborted", "succeeded")
    assert jobs(parts, "doing") == []


def test_the_scheduler_outlives_the_database(
    parts: Conn, db_url: str, server_url: str, running: subprocess.Popen[str]
) -> None:
    wait_until(lambda: jobs(parts, "succeeded"))
    name = parts.info.dbname
    parts.close()
    with psycopg.connect(server_url, autocommit=True) as admin:
        close_database(admin, name)
        time.sleep(1)  # long enough for it to find the door closed
        admin.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name))
        )
    with psycopg.connect(db_url, autocommit=True) as conn:
        before = len(jobs(conn, "succeeded"))
        wait_until(lambda: len(jobs(conn, "succeeded")) > before)
    assert running.poll() is None


def test_a_queue_that_cannot_work_is_not_taken_for_a_lost_database(
    parts: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.schedule.scheduler.RECONNECT_S", 0.01)
    parts.execute("DROP TABLE jobs.procrastinate_periodic_defers CASCADE")
    parts.execute("ALTER TABLE jobs.procrastinate_workers RENAME TO gone")
    scheduler = Scheduler(DbSettings(database_url=db_url), DUMMY, ScheduleSettings())
    with pytest.raises(JobError, match="ended 3 times, and the database answers") as caught:
        scheduler.run_forever()
    assert "procrastinate_workers" in str(caught.value)


def close_database(admin: Conn, name: str) -> None:
    closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
    admin.execute(closed)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    admin.execute(cut, (name,))


def test_the_tables_are_those_of_the_library(db: Conn, empty_db_url: str) -> None:
    """What our revision made from its migrations is what its schema file makes."""
    from importlib.resources import files

    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA jobs")
        conn.execute("SET search_path = jobs, pg_catalog")
        script = (files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8")
        conn.execute(script.encode(), prepare=False)
        conn.execute("RESET search_path")
        assert described(conn) == described(db)
    assert len(fetch(db, embedding.live_spaces())) == 0


def described(conn: Conn) -> list[str]:
    return column(
        conn,
        """
        SELECT format('%s.%s %s %s', table_name, column_name, data_type, column_default) AS line
        FROM information_schema.columns WHERE table_schema = 'jobs'
        UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p
        WHERE p.pronamespace = 'jobs'::regnamespace
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'jobs'
        UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        JOIN pg_proc AS p ON p.oid = t.tgfoid  -- one of ours, on failed jobs, is no part of the library
        WHERE c.relnamespace = 'jobs'::regnamespace AND p.pronamespace = 'jobs'::regnamespace
          AND NOT t.tgisinternal
        ORDER BY line""",
    )
