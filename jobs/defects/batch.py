"""Inspection of a folder of pictures as a run: one that broke off goes on with what is missing."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.defects import batches
from db.defects.batches import KIND
from db.errors import ServerUnreachable, UnknownName
from db.operations import runs
from encoders.errors import EncoderError
from flows.guessing import NotGuessed
from flows.inspection import AnalyzeIn, BatchPlace, inspect
from jobs.errors import JobError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection

    from flows.local import Local
    from jobs.types import Conn


# Of a picture over which programs die, or fail as nobody expects.
ATTEMPTS = 3


def find_files(folder: Path, skipped: Collection[Path] = ()) -> dict[str, Path]:
    """The files of a folder and of those in it, but hidden ones, by their path in it, sorted."""
    found: dict[str, Path] = {}
    for root, folders, names in os.walk(folder):
        at = Path(root)
        folders[:] = [one for one in folders if one[0] != "." and at / one not in skipped]
        files = (at / name for name in names if name[0] != ".")
        found |= {one.relative_to(folder).as_posix(): one for one in files if one.is_file()}
    return dict(sorted(found.items()))


def find_pictures(folder: Path) -> dict[str, Path]:
    """The files of a folder, as `find_files` finds them.

    Raises:
        JobError: there are none.
    """
    found = find_files(folder)
    if not found:
        raise JobError(f"{folder} has no files", "name a folder with pictures")
    return found


def begin(conn: Conn, folder: Path, request: AnalyzeIn, total: int) -> int:
    """Record the beginning of a batch; its run."""
    args = {"folder": str(folder.resolve()), "total": total, **msgspec.to_builtins(request)}
    return fetch(conn, runs.start(kind=KIND, args=args))[0].id


def resume(conn: Conn, run_id: int, folder: Path) -> AnalyzeIn:
    """Take up a batch that broke off; its request.

    Raises:
        UnknownName: there is no such run.
        JobError: it is no batch, or one of another folder.
    """
    found = fetch(conn, runs.get(run_id=run_id))
    if not found:
        raise UnknownName(f"unknown run: {run_id}", "search.runs lists them")
    args = dict(found[0].args)
    if found[0].kind != KIND or args.get("folder") != str(folder.resolve()):
        raise JobError(
            f"run {run_id} is no batch of {folder}",
            f"it was a run of the kind {found[0].kind}, of {args.get('folder', 'no folder')}",
        )
    fetch(conn, runs.resume(run_id=run_id))
    known = {name: args[name] for name in AnalyzeIn.__struct_fields__}
    return msgspec.convert(known, AnalyzeIn)


def run(
    conn: Conn,
    local: Local,
    run_id: int,
    request: AnalyzeIn,
    files: dict[str, Path],
    on_progress: Callable[..., None],
    stop: threading.Event,
) -> Counter[str]:
    """Inspect what the run has not inspected or refused yet; how many came to which verdict now.

    Raises:
        SeogoDbError: an error of the database, or the product is unknown: the run has failed.
    """
    done = {row.place for row in fetch(conn, batches.batch_pictures(run_id=run_id))}
    counts: Counter[str] = Counter()
    try:
        for at, (place, file) in enumerate(files.items(), 1):
            if stop.is_set():
                break
            if place not in done:
                batch = BatchPlace(run_id, place)
                counts[inspect_or_refuse(conn, local, request, file.read_bytes, batch)] += 1
                fetch(conn, runs.advance(run_id=run_id, line=at, counts=counts))
            on_progress(completed=at)
    except Exception as exc:
        if not isinstance(exc, ServerUnreachable):
            fetch(conn, runs.finish(run_id=run_id, state="failed", error=str(exc)))
        raise
    left = len(files.keys() - done) - counts.total()
    fetch(conn, runs.finish(run_id=run_id, state="stopped" if left else "done"))
    return counts


def inspect_or_refuse(
    conn: Conn, local: Local, request: AnalyzeIn, read: Callable[[], bytes], batch: BatchPlace
) -> str:
    """Inspect a picture; its verdict, or `refused`, with the reason kept."""
    try:
        return local.run(inspect(request, read(), batch)).verdict
    except (EncoderError, NotGuessed, OSError) as exc:
        fetch(conn, batches.refuse(**batch._asdict(), reason=str(exc)))
        return "refused"
