"""Doctor: everything an operator would look at first, on one screen, each with what to do next."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from db import connect, migrate
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import (
    check,
    grants,
    health,
    metrics,
    replication,
    workers,
)
from db.operations.check import GIB, Check
from db.server import embedded
from db.spaces import embedding
from encoders import inventory, registry
from encoders.errors import EncoderError
from encoders.ocr.registry import NAMES as OCR_ENGINES
from encoders.ocr.registry import ocr_spec
from encoders.settings import CaptionSettings
from jobs.backup.manifest import listed, newest, newest_usable
from jobs.backup.store import open_store
from jobs.backup.target import target_of
from jobs.errors import JobError
from jobs.unserved import captions_off, unserved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from db.settings import DbSettings
    from encoders.settings import EncoderSettings
    from jobs.backup.settings import BackupSettings
    from jobs.schedule.settings import ScheduleSettings

LOW_DISK = 5 * GIB
NO_DISK = GIB
OLD_BACKUP = timedelta(hours=36)
# Of write-ahead log; a replica that works is some kilobytes behind.
FAR_BEHIND = 256 * check.MIB


def database_checks(conn: psycopg.Connection[Any]) -> list[Check]:
    """The server, the schema and what waits in it; after the first failure only what still makes sense."""
    found = check.server_checks(conn)
    pending = migrate.pending(conn)
    if pending:
        more = " …" if len(pending) > 3 else ""
        told = f"not this program's: {', '.join(pending[:3])}{more}"
        todo = "seogo db upgrade"
        return [*found, Check(name="schema", state="fail", detail=told, todo=todo)]
    revision = str(migrate.current_revision(conn))
    found.append(Check(name="schema", state="ok", detail=f"revision {revision}"))
    found += _indexes(conn)
    found += grants.grant_checks(conn)
    return found


def content_checks(
    conn: psycopg.Connection[Any],
    encoders: EncoderSettings,
    captions: CaptionSettings | None = None,
) -> list[Check]:
    """Spaces with their encoders, how far vectors are, queues, workers, failures, replicas.

    Without `captions`, nobody makes any.
    """
    in_vain = unserved(conn, encoders, captions or CaptionSettings())
    return [
        *_unindexed(conn),
        *_spaces(conn, encoders),
        *_coverage(conn),
        _queues(conn, sum(one.n for one in in_vain)),
        *(Check(name="waits in vain", state="warn", detail=str(e), todo=e.todo) for e in in_vain),
        *_failed(conn),
        *_followers(conn),
    ]


def machine_checks(
    db: DbSettings, encoders: EncoderSettings, captions: CaptionSettings
) -> list[Check]:
    """Disk, OCR and captions of this machine."""
    places = [("disk of models", encoders.models_path)]
    own = []
    if db.database_url is None:
        places.insert(0, ("disk of data", db.home_path))
        own.append(_embedded(db.home_path))
    return [*own, *(_disk(name, path) for name, path in places), _ocr(), _captions(captions)]


def _embedded(home: Path) -> Check:
    """Whether other accounts of this machine could reach the embedded server."""
    if doors := embedded.open_doors(home):
        todo = "seogo db stop, then any command: the next start closes it"
        return Check(name="embedded server", state="fail", detail="; ".join(doors), todo=todo)
    return Check(
        name="embedded server", state="ok", detail="only its own account and root may enter"
    )


def backup_check(settings: BackupSettings, db: DbSettings) -> Check:
    """How old the newest backup is, and whether it is complete."""
    target = target_of(settings.backup_target, db)
    todo = "seogo backup create"
    try:
        entries = listed(open_store(target))
    except (JobError, OSError) as exc:
        return Check(name="backup", state="warn", detail=str(exc), todo=todo)
    last, usable = newest(entries), newest_usable(entries)
    if last is None:
        return Check(name="backup", state="warn", detail=f"none in {target}", todo=todo)
    if last.trouble:
        told = f"the newest, {last.name}: {last.trouble}"
        told += f"; the newest that is complete: {usable.name}" if usable else "; none is complete"
        return Check(name="backup", state="warn", detail=told, todo=todo)
    age = datetime.now(UTC) - last.begun_at
    told = f"{last.name}, {_hours(age)} old; `seogo backup verify latest` proves it"
    if age > OLD_BACKUP:
        todo += "; every night: SEOGO_CRON_BACKUP"
        return Check(name="backup", state="warn", detail=told, todo=todo)
    return Check(name="backup", state="ok", detail=told)


def replica_checks(settings: DbSettings) -> Iterator[Check]:
    """Whether each replica that the service reads from answers, and is one."""
    for url in connect.replica_urls(settings):
        name = f"replica {connect.redacted(url)}"
        try:
            with connect.open_connection(url, connect_timeout=settings.connect_timeout_s) as conn:
                position = fetch(conn, replication.position())[0]
        except SeogoDbError as exc:
            todo = "searches go to the primary meanwhile; start it"
            yield Check(name=name, state="warn", detail=str(exc), todo=todo)
            continue
        if position.replica:
            yield Check(name=name, state="ok", detail="answers")
        else:
            todo = "take it out of SEOGO_REPLICA_URLS"
            yield Check(name=name, state="fail", detail="it is no replica", todo=todo)


def _indexes(conn: psycopg.Connection[Any]) -> list[Check]:
    names = [row.name for row in fetch(conn, health.invalid_indexes())]
    told = f"broken off while they were built: {', '.join(names)}"
    todo = "start a worker: it drops and builds them again"
    return [Check(name="indexes", state="warn", detail=told, todo=todo)] if names else []


def _unindexed(conn: psycopg.Connection[Any]) -> list[Check]:
    return [
        Check(
            name=f"words of {row.collection}",
            state="warn",
            detail=f"{row.items:,} items written while triggers were off are not found as they are",
            todo="seogo maintain",
        )
        for row in fetch(conn, health.unindexed())
    ]


def _spaces(conn: psycopg.Connection[Any], settings: EncoderSettings) -> list[Check]:
    found = []
    for space in fetch(conn, embedding.live_spaces()):
        name = f"space {space.space}"
        try:
            entry = inventory.entry(registry.spec(space.encoder), settings.models_path)
        except EncoderError as exc:
            found.append(Check(name=name, state="fail", detail=str(exc), todo="seogo models list"))
            continue
        told = f"{space.encoder}, {space.dim} dimensions: {entry.state} ({entry.detail})"
        usable = entry.state in ("ready", "to build")
        todo = "" if usable else f"seogo models pull {space.encoder}"
        found.append(Check(name=name, state="ok" if usable else "fail", detail=told, todo=todo))
    return found or [
        Check(
            name="spaces",
            state="ok",
            detail="none yet: the first collection with vectors makes them",
        )
    ]


def _coverage(conn: psycopg.Connection[Any]) -> list[Check]:
    found = []
    for row in fetch(conn, embedding.coverage()):
        lacking = row.stale + row.missing
        name = f"{row.collection} in {row.space}@{row.generation}"
        told = f"{row.fresh:,} of {row.items:,} fresh, {lacking:,} wait, {row.failed:,} failed"
        todo = "seogo worker --once" if lacking else ""
        state: Any = "warn" if lacking or row.failed else "ok"
        found.append(Check(name=name, state=state, detail=told, todo=todo))
    return found


def schedule_checks(conn: psycopg.Connection[Any], settings: ScheduleSettings) -> list[Check]:
    """Whether all tasks have a time that comes, and whether somebody does those that are due."""
    found = [
        Check(name="schedule", state="fail", detail=told, todo="until then this task is off")
        for told in settings.troubles().values()
    ]
    now = fetch(conn, metrics.servers())[0]
    told = f"{now.jobs_waiting:,} tasks are due, {now.schedulers} schedulers"
    if now.jobs_waiting and not now.schedulers:
        todo = "start one: seogo schedule run --forever"
        return [*found, Check(name="schedule", state="warn", detail=told, todo=todo)]
    return found or [Check(name="schedule", state="ok", detail=told)]


def _queues(conn: psycopg.Connection[Any], in_vain: int) -> Check:
    """How much waits for a worker, but for what no worker would do."""
    waiting = max(0, sum(row.waiting for row in fetch(conn, metrics.queues())) - in_vain)
    alive = fetch(conn, health.workers())[0].n
    told = f"{waiting:,} wait, {alive} worker sessions"
    if waiting and not alive:
        return Check(name="queues", state="warn", detail=told, todo="start one: seogo worker")
    return Check(name="queues", state="ok", detail=told)


def _failed(conn: psycopg.Connection[Any]) -> list[Check]:
    queues = fetch(conn, metrics.queues())
    parked = sum(row.parked for row in queues)
    failed = sum(row.failed for row in queues) + parked
    first = fetch(conn, workers.failed(limit=1))
    if not first:
        return [Check(name="failed", state="ok", detail="nothing")]
    told = f"{failed:,} failed, {parked:,} of them parked; one of them: {first[0].error}"
    return [Check(name="failed", state="warn", detail=told, todo="seogo failed list")]


def _followers(conn: psycopg.Connection[Any]) -> list[Check]:
    found = []
    for row in fetch(conn, health.followers()):
        far = row.behind_bytes > FAR_BEHIND
        told = f"{row.state}, {row.behind_bytes // 1024:,} kB of log behind"
        todo = "look at its load, its network and its log" if far else ""
        name = f"follower {row.name}"
        found.append(Check(name=name, state="warn" if far else "ok", detail=told, todo=todo))
    return found


def _disk(name: str, path: Path) -> Check:
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / GIB:.1f} GB free under {path}"
    if free < LOW_DISK:
        todo = "make room: a full disk stops the database"
        state: Any = "fail" if free < NO_DISK else "warn"
        return Check(name=name, state=state, detail=told, todo=todo)
    return Check(name=name, state="ok", detail=told)


def _ocr() -> Check:
    ready = []
    for engine in OCR_ENGINES:
        try:
            ready.append(ocr_spec(engine).name)
        except EncoderError:
            continue
    if ready:
        return Check(name="OCR", state="ok", detail=", ".join(ready))
    todo = "pip install 'seogo[local]'"
    return Check(name="OCR", state="warn", detail="no engine: pictures are not read", todo=todo)


def _captions(settings: CaptionSettings) -> Check:
    if not settings.captioners:
        return Check(name="captions", state="ok", detail="off (SEOGO_CAPTIONERS)")
    if (off := captions_off(settings)) is not None:
        return Check(name="captions", state="fail", detail=off[0], todo=off[1])
    return Check(name="captions", state="ok", detail=settings.captioners)


def _hours(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
