"""Watching a folder: each file that has come to rest is inspected once, then moved to `done` or `failed`.

A file is claimed in the database by its path and content; the claim ends with the connection. The analysis is
stored in one statement with that place, so that however a watcher dies, the next one inspects what was not
inspected, and only moves what was.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from db.calls.query import fetch
from db.defects import batches
from db.operations import runs
from flows.inspection import BatchPlace
from flows.manuals import find_product
from jobs.defects.batch import ATTEMPTS, find_files, inspect_or_refuse

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from flows.inspection import AnalyzeIn
    from flows.local import Local
    from jobs.types import Conn

DONE, FAILED = "done", "failed"
# Names that programs give to what they have not written to its end.
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")


class Shape(NamedTuple):
    """Size and time of a file: of one that is still written, they change."""

    size: int
    changed_ns: int


class Looked(NamedTuple):
    """The end of a file: its path, `defect`, `normal`, `unknown`, `refused`, `known` or `stuck`, and why."""

    name: str
    became: str
    reason: str = ""


class Watcher:
    """Inspects the files of a folder as they come."""

    def __init__(
        self,
        conn: Conn,
        local: Local,
        folder: Path,
        request: AnalyzeIn,
        say: Callable[[Looked], None],
    ) -> None:
        """Take up the folder's run, or begin it.

        Raises:
            UnknownName: no such product.
        """
        if request.product is not None:
            local.run(find_product(request.product))
        args = {"folder": str(folder.resolve()), **msgspec.to_builtins(request)}
        self.run_id = fetch(conn, batches.watch_folder(args=args))[0].id
        self._conn, self._local, self._folder, self._request = conn, local, folder, request
        self._say = say
        self._seen: dict[Path, Shape] = {}
        # Files that can be neither read nor moved, as they were; they are told once.
        self._stuck: dict[Path, Shape] = {}

    def watch(self, stop: threading.Event, settle_s: float) -> None:
        """Look for files until it is stopped; a file at rest is one that two looks saw the same.

        Raises:
            SeogoDbError: an error of the database, or the product is unknown.
        """
        while not stop.is_set():
            self.look(stop)
            stop.wait(settle_s)
        fetch(self._conn, runs.finish(run_id=self.run_id, state="stopped"))

    def look(self, stop: threading.Event) -> Counter[str]:
        """Inspect the files that have not changed since the last look; counts by what they became."""
        now = {path: shape for path in self._files() if (shape := _shape(path)) is not None}
        rested = [path for path, shape in now.items() if self._seen.get(path) == shape]
        self._seen = now
        counts: Counter[str] = Counter()
        for path in sorted(rested, key=lambda one: (now[one].changed_ns, one)):
            if stop.is_set():
                break
            if self._stuck.get(path) != now[path] and (one := self._take(path, now[path])):
                counts[one.became] += 1
                self._say(one)
        if counts:
            fetch(self._conn, batches.count_batch(run_id=self.run_id))
        return counts

    def _files(self) -> list[Path]:
        own = (self._folder / DONE, self._folder / FAILED)
        found = find_files(self._folder, own).values()
        return [path for path in found if path.suffix.lower() not in UNFINISHED]

    def _take(self, path: Path, shape: Shape) -> Looked | None:
        name = path.relative_to(self._folder).as_posix()
        try:
            data = path.read_bytes()
            if _shape(path) != shape:  # written to again
                return None
            key = hashlib.sha256(data).hexdigest()[:12]
            return self._inspect(path, name, data, key)
        except FileNotFoundError:  # another watcher has moved it
            return None
        except OSError as exc:
            self._stuck[path] = shape
            return Looked(name, "stuck", str(exc))

    def _inspect(self, path: Path, name: str, data: bytes, key: str) -> Looked | None:
        batch = BatchPlace(self.run_id, f"{name}@{key}")
        (claim,) = fetch(self._conn, batches.claim_file(**batch._asdict()))
        if claim.state == "busy":
            return None
        became, reason = "known", ""
        if claim.state == "claimed" and claim.attempts > ATTEMPTS:
            reason = f"programs have died over it {ATTEMPTS} times"
            fetch(self._conn, batches.refuse(**batch._asdict(), reason=reason))
            became = "refused"
        elif claim.state == "claimed":
            became = inspect_or_refuse(self._conn, self._local, self._request, lambda: data, batch)
        failed = "refused" in (became, claim.state)
        if failed:
            reason = reason or self._reason(batch.place)
        self._move(path, name, key, FAILED if failed else DONE, reason)
        return Looked(name, became, reason)

    def _reason(self, place: str) -> str:
        found = fetch(self._conn, runs.errors(run_id=self.run_id))
        return next((one.reason for one in found if one.place == place), "")

    def _move(self, path: Path, name: str, key: str, to: str, reason: str) -> None:
        """Move a file; one of that name that is there stays, and this one gets its key as well."""
        target = self._folder / to / name
        if target.exists():
            target = target.with_name(f"{target.stem}@{key}{target.suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        if reason:
            target.with_name(target.name + ".txt").write_text(reason + "\n", encoding="utf-8")


def _shape(path: Path) -> Shape | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return Shape(told.st_size, told.st_mtime_ns)
