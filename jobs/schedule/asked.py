"""Tasks that a person asks for, with arguments; no clock queues them, and none is tried again by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db import connect
from db.calls.query import fetch
from db.settings import DbSettings, read
from db.spaces import generations
from db.spaces.generations import Throttle
from jobs.backup import restore
from jobs.backup.manifest import chosen
from jobs.backup.settings import BackupSettings
from jobs.backup.store import open_store
from jobs.backup.target import target_of
from jobs.reembed import lifecycle
from jobs.reembed.drop import drop
from jobs.schedule.tasks import Counts, Step, Task

if TYPE_CHECKING:
    from encoders.settings import EncoderSettings
    from jobs.types import Conn


def start_generation(
    conn: Conn,
    encoders: EncoderSettings,
    step: Step,
    *,
    space: str,
    encoder: str,
    max_rate: float | None = None,
) -> Counts:
    """Begin a generation as `seogo reembed start` does; workers fill it."""
    begun = lifecycle.start(
        conn,
        encoders,
        space=space,
        encoder=encoder,
        throttle=Throttle(max_rate=max_rate),
        tell=lambda *_progress: step(),
    )
    return {"queued": begun.queued}


def switch_generation(
    conn: Conn, encoders: EncoderSettings, step: Step, *, space: str, force: bool = False
) -> Counts:
    """Complete, judge and switch as `seogo reembed switch` does; what stopped it is the run's error."""
    done = lifecycle.switch(
        conn, encoders, space=space, force=force, tell=lambda *_progress: step()
    )
    return {"judged": len(done.verdict.compared), "failed": done.failed}


def drop_generation(
    conn: Conn, _encoders: EncoderSettings, step: Step, *, space: str, generation: int
) -> Counts:
    """Drop a retired generation, or one that is being built, as `seogo reembed drop` does."""
    drop(conn, space=space, generation=generation, tell=lambda *_progress: step())
    return {"deleted": len(fetch(conn, generations.of_space(space=space)))}


def verify_backup(
    conn: Conn, _encoders: EncoderSettings, step: Step, *, name: str = "latest"
) -> Counts:
    """Restore a backup into a scratch database and compare it, as `seogo backup verify` does."""
    store = open_store(target_of(read(BackupSettings).backup_target, read(DbSettings)))
    manifest = chosen(store, name)
    restore.verify(connect.url_of(conn), store, manifest, on_step=lambda *_progress: step())
    return {"items": manifest.items}


ASKED: tuple[Task, ...] = (
    Task("start_generation", "build a generation of vectors by another encoder", start_generation),
    Task("switch_generation", "judge the generation that was built, and switch", switch_generation),
    Task("drop_generation", "drop a generation that is not in use", drop_generation),
    Task("verify_backup", "restore a backup and compare it", verify_backup),
)
