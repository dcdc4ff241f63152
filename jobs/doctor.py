"""Health checks for operators, each with the next step."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from db import connect, migrate
from db.calls.query import fetch
from db.calls.steps import run
from db.errors import SeogoDbError
from db.operations import check, grants, health, metrics, replication, shards, workers
from db.operations.check import GIB, Check
from db.server import embedded
from db.spaces import embedding
from encoders.errors import EncoderError
from encoders.ocr.registry import NAMES as OCR_ENGINES
from encoders.ocr.registry import hangul_engine, ocr_spec
from encoders.ocr.settings import OcrOptions
from encoders.settings import CaptionSettings
from flows.unserved import captions_off, encoder_state, unserved
from jobs.backup.manifest import listed, newest, newest_usable
from jobs.backup.store import open_store
from jobs.backup.target import target_of
from jobs.defects.drift import drift_checks
from jobs.errors import JobError
from jobs.quality import quality_checks
from jobs.shards.checks import shard_checks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from db.settings import DbSettings
    from encoders.settings import EncoderSettings
    from jobs.backup.settings import BackupSettings
    from jobs.schedule.settings import ScheduleSettings
    from jobs.types import Conn

LOW_DISK = 5 * GIB
NO_DISK = GIB
OLD_BACKUP = timedelta(hours=36)
# Of write-ahead log; a replica that works is some kilobytes behind.
FAR_BEHIND = 256 * check.MIB


def _ok(name: str, detail: str) -> Check:
    return Check(name=name, state="ok", detail=detail)


def _warn(name: str, detail: str, todo: str) -> Check:
    return Check(name=name, state="warn", detail=detail, todo=todo)


def _fail(name: str, detail: str, todo: str) -> Check:
    return Check(name=name, state="fail", detail=detail, todo=todo)


def database_checks(conn: Conn) -> list[Check]:
    """Check the server, the schema, broken indexes and grants."""
    found = check.server_checks(conn)
    if pending := migrate.pending(conn):
        more = " …" if len(pending) > 3 else ""
        detail = f"not this program's: {', '.join(pending[:3])}{more}"
        todo = "seogo db upgrade"
        return [*found, _fail("schema", detail, todo)]
    revision = str(migrate.current_revision(conn))
    found.append(_ok("schema", f"revision {revision}"))
    found += _indexes(conn)
    found += grants.grant_checks(conn)
    return found


def content_checks(
    conn: Conn, encoders: EncoderSettings, captions: CaptionSettings | None = None
) -> list[Check]:
    """Check spaces, encoders, coverage, queues, failures and replicas.

    Without `captions` they count as off.
    """
    stuck = run(conn, unserved(encoders, captions or CaptionSettings()))
    return [
        *_words(conn),
        *_spaces(conn, encoders),
        *_coverage(conn),
        *shard_checks(conn),
        _queues(conn, sum(one.n for one in stuck)),
        *(_warn("unserved", str(e), e.todo) for e in stuck),
        *_failed(conn),
        *quality_checks(conn),
        *drift_checks(conn),
        *_followers(conn),
    ]


def machine_checks(
    db: DbSettings, encoders: EncoderSettings, captions: CaptionSettings
) -> list[Check]:
    """Check the disks, OCR and captions of this machine."""
    places = [("disk of models", encoders.models_path)]
    own = []
    if db.database_url is None:
        places.insert(0, ("disk of data", db.home_path))
        own.append(_embedded(db.home_path))
    return [
        *own,
        *(_disk(name, path) for name, path in places),
        _ocr(encoders.models_path),
        _captions(captions),
    ]


def _embedded(home: Path) -> Check:
    """Check that no other account of this machine can reach the embedded server."""
    if doors := embedded.open_doors(home):
        todo = "seogo db stop, then any command: the next start closes it"
        return _fail("embedded server", "; ".join(doors), todo)
    return _ok("embedded server", "only its own account and root may enter")


def backup_check(settings: BackupSettings, db: DbSettings) -> Check:
    """Check the age and completeness of the newest backup."""
    target = target_of(settings.backup_target, db)
    todo = "seogo backup create"
    try:
        entries = listed(open_store(target))
    except (JobError, OSError) as exc:
        return _warn("backup", str(exc), todo)
    last, usable = newest(entries), newest_usable(entries)
    if last is None:
        return _warn("backup", f"none in {target}", todo)
    if last.trouble:
        detail = f"the newest, {last.name}: {last.trouble}"
        detail += f"; the newest complete one: {usable.name}" if usable else "; none is complete"
        return _warn("backup", detail, todo)
    age = datetime.now(UTC) - last.begun_at
    detail = f"{last.name}, {_hours(age)} old; `seogo backup verify latest` proves it"
    if age > OLD_BACKUP:
        todo += "; every night: SEOGO_CRON_BACKUP"
        return _warn("backup", detail, todo)
    return _ok("backup", detail)


def replica_checks(settings: DbSettings) -> Iterator[Check]:
    """Check that each read replica answers and is a replica."""
    for url in connect.replica_urls(settings):
        name = f"replica {connect.redacted(url)}"
        try:
            with connect.open_connection(url, connect_timeout=settings.connect_timeout_s) as conn:
                position = fetch(conn, replication.position())[0]
        except SeogoDbError as exc:
            todo = "searches go to the primary meanwhile; start it"
            yield _warn(name, str(exc), todo)
            continue
        if position.replica:
            yield _ok(name, "answers")
        else:
            todo = "take it out of SEOGO_REPLICA_URLS"
            yield _fail(name, "it is no replica", todo)


def _indexes(conn: Conn) -> list[Check]:
    names = [row.name for row in fetch(conn, health.invalid_indexes())]
    detail = f"broken off while they were built: {', '.join(names)}"
    todo = "start a worker: it drops and builds them again"
    return [_warn("indexes", detail, todo)] if names else []


def _words(conn: Conn) -> list[Check]:
    """Check that words are indexed, and counted for corrections, as they are."""
    unindexed = "{:,} items written while triggers were off are not indexed"
    uncounted = "the words of {:,} items are not counted: fewer typing errors are recognised"
    behind = [
        *(("words", row, unindexed) for row in fetch(conn, health.unindexed())),
        *(("corrections", row, uncounted) for row in fetch(conn, health.uncounted())),
    ]
    return [
        _warn(f"{what} of {row.collection}", detail.format(row.items), "seogo maintain")
        for what, row, detail in behind
    ]


def _spaces(conn: Conn, settings: EncoderSettings) -> list[Check]:
    found = []
    for space in fetch(conn, embedding.live_spaces()):
        name = f"space {space.space}"
        detail, todo = encoder_state(space, settings)
        detail += f", {space.dim} dimensions"
        found.append(_fail(name, detail, todo) if todo else _ok(name, detail))
    return found or [_ok("spaces", "none yet: the first collection with vectors makes them")]


def _coverage(conn: Conn) -> list[Check]:
    found = []
    spread = {name for one in fetch(conn, shards.shards()) for name in one.collections}
    for row in fetch(conn, embedding.coverage()):
        lacking = row.stale + row.missing
        name = f"{row.collection} in {row.space}@{row.generation}"
        detail = f"{row.fresh:,} of {row.items:,} fresh, {lacking:,} wait, {row.failed:,} failed"
        where = ", with SEOGO_DATABASE_URL of each shard" if row.collection in spread else ""
        todo = f"seogo worker --once{where}" if lacking else ""
        if row.unanswered:
            detail += f"; not counted, since they do not answer: {', '.join(row.unanswered)}"
        state: Any = "warn" if lacking or row.failed or row.unanswered else "ok"
        found.append(Check(name=name, state=state, detail=detail, todo=todo))
    return found


def schedule_checks(conn: Conn, settings: ScheduleSettings) -> list[Check]:
    """Check the cron expressions, and that a scheduler runs the tasks that are due."""
    found = [
        _fail("schedule", detail, "until then this task is off")
        for detail in settings.troubles().values()
    ]
    now = fetch(conn, metrics.servers())[0]
    detail = f"{now.jobs_waiting:,} tasks are due, {now.schedulers} schedulers"
    if now.jobs_waiting and not now.schedulers:
        todo = "start one: seogo schedule run --forever"
        return [*found, _warn("schedule", detail, todo)]
    return found or [_ok("schedule", detail)]


def _queues(conn: Conn, stuck: int) -> Check:
    """Check that a worker serves the queues; `stuck` of the waiting entries are not its to do."""
    waiting = max(0, sum(row.waiting for row in fetch(conn, metrics.queues())) - stuck)
    alive = fetch(conn, health.workers())[0].n
    detail = f"{waiting:,} wait, {alive} worker sessions"
    if waiting and not alive:
        return _warn("queues", detail, "start one: seogo worker")
    return _ok("queues", detail)


def _failed(conn: Conn) -> list[Check]:
    queues = fetch(conn, metrics.queues())
    parked = sum(row.parked for row in queues)
    failed = sum(row.failed for row in queues) + parked
    away = sum(row.failed or 0 for row in fetch(conn, shards.shard_states()))
    first = fetch(conn, workers.failed(limit=1))
    if not first:
        return [_ok("failed", "nothing")]
    if first[0].kind == "shard" and not failed + away:
        return [_warn("failed", f"not all is known: {first[0].error}", "seogo shard doctor")]
    detail = f"{failed:,} failed, {parked:,} of them parked"
    detail += f"; on shards the vectors of {away:,} items" if away else ""
    detail += f"; one of them: {first[0].error}"
    return [_warn("failed", detail, "seogo failed list")]


def _followers(conn: Conn) -> list[Check]:
    found = []
    for row in fetch(conn, health.followers()):
        far = row.behind_bytes > FAR_BEHIND
        detail = f"{row.state}, {row.behind_bytes // 1024:,} kB of log behind"
        todo = "look at its load, its network and its log" if far else ""
        name = f"follower {row.name}"
        found.append(Check(name=name, state="warn" if far else "ok", detail=detail, todo=todo))
    return found


def _disk(name: str, path: Path) -> Check:
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / GIB:.1f} GB free under {path}"
    if free < LOW_DISK:
        todo = "make room: a full disk stops the database"
        state: Any = "fail" if free < NO_DISK else "warn"
        return Check(name=name, state=state, detail=detail, todo=todo)
    return _ok(name, detail)


def _ocr(models_path: Path) -> Check:
    options = OcrOptions(models=models_path)
    ready = []
    for engine in OCR_ENGINES:
        try:
            ready.append(ocr_spec(engine, options).name)
        except EncoderError:
            continue
    todo = "pip install 'seogo[local]'"
    if not ready:
        return _warn("OCR", "no engine: pictures are not read", todo)
    hangul = hangul_engine(options)
    if hangul is None:
        return _warn("OCR", f"{', '.join(ready)}; Hangul is not read", todo)
    return _ok("OCR", f"{', '.join(ready)}; auto has Hangul read by {hangul}")


def _captions(settings: CaptionSettings) -> Check:
    if not settings.captioners:
        return _ok("captions", "off (SEOGO_CAPTIONERS)")
    if (off := captions_off(settings)) is not None:
        return _fail("captions", off[0], off[1])
    return _ok("captions", settings.captioners)


def _hours(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
