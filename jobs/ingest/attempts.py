"""Ingest runs: begun, resumed, or retried with the records an earlier one refused."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.items.items import is_empty
from db.operations import runs
from inputs import lines
from jobs.errors import JobError
from jobs.ingest import load, source
from jobs.ingest.media import MediaSource
from jobs.ingest.records import LineError, Parsed
from jobs.recipes import registry as recipes

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

    from db.operations.runs import Run, RunError
    from inputs.errors import Bad
    from jobs.ingest.write import IngestReport
    from jobs.types import Conn, OnCount

KIND = "ingest"


class NothingToResume(JobError):
    """There is no unfinished ingest."""


class InputChanged(JobError):
    """The input is another file than the run began with."""


class Args(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of an ingest, stored with its run.

    `sha256` is that of the input, hex, `lines` how many it has; `retries` the run whose errors are tried
    again: as they were kept, or as the file has them now if it was `mended`. `into_empty`: the collection
    had no item when the run began.
    """

    collection: str
    recipe: str
    file: str
    media: str
    allow_urls: bool = False
    sha256: str | None = None
    lines: int | None = None
    retries: int | None = None
    mended: bool = False
    into_empty: bool = False


class IngestAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """An ingest ready to run: its records, their number of lines, and the lines committed before.

    `wanted` selects records of the input; `about` is a line for the user before it runs.
    """

    run_id: int
    args: Args
    records: Callable[[], Iterable[lines.Record | Bad]]
    total: int
    after_line: int = 0
    wanted: Callable[[Parsed], bool] = lambda _found: True
    about: str = ""

    def run(self, conn: Conn, *, on_line: OnCount, stop: threading.Event) -> IngestReport:
        """Load the records, until stopped."""
        media = MediaSource(Path(self.args.media), allow_urls=self.args.allow_urls)
        try:
            report = load.run(
                conn,
                self.records(),
                collection=self.args.collection,
                recipe=recipes.get(self.args.recipe),
                run_id=self.run_id,
                media=media,
                after_line=self.after_line,
                wanted=self.wanted,
                on_line=on_line,
                stopped=stop.is_set,
            )
            if self.args.retries is not None and not stop.is_set():
                # What was kept without its record could not be tried.
                as_kept = not self.args.mended
                done = runs.mark_retried(
                    run_id=self.args.retries, by=self.run_id, repeatable=as_kept
                )
                fetch(conn, done)
            return report
        finally:
            media.close()


def begin(
    conn: Conn, given: source.IngestSource, *, collection: str, recipe: str, allow_urls: bool
) -> IngestAttempt:
    """Begin a new run."""
    args = Args(
        collection=collection,
        recipe=recipe,
        allow_urls=allow_urls,
        into_empty=fetch(conn, is_empty(collection=collection))[0].empty,
        **_about(given),
    )
    return _of_file(_start(conn, args), args)


def resume(conn: Conn) -> IngestAttempt:
    """Resume the latest unfinished run.

    Raises:
        NothingToResume: every run came to its end.
        InputChanged: the file is gone or another one now.
    """
    left = fetch(conn, runs.unfinished(kind=KIND))
    if not left:
        raise NothingToResume()
    run, args = left[0], _args(left[0])
    after_line = run.cursor.get("line", 0)
    if args.retries is not None and not args.mended:
        fetch(conn, runs.resume(run_id=run.run_id))
        return _of_errors(conn, run.run_id, args, after_line)
    file = Path(args.file)
    if not file.is_file() or _digest(file) != args.sha256:
        raise InputChanged(
            f"{args.file} is not the file that run {run.run_id} began with",
            "ingest it anew: what is in the database as given is left alone",
        )
    fetch(conn, runs.resume(run_id=run.run_id))
    if args.mended:
        return _of_mended(conn, run.run_id, args, after_line)
    return _of_file(run.run_id, args, after_line)


def retry(conn: Conn, run_id: int, given: source.IngestSource | None = None) -> IngestAttempt:
    """Begin a run with the records, or pictures, that an earlier one refused.

    They are read from the file (or from `given`) anew if it was mended since; if it is as it was, or gone,
    they are tried again as they were kept.

    Raises:
        NothingToResume: there is no such run, it took everything, or its file is to be mended first.
        InputUnusable: the file cannot be read now.
    """
    found = fetch(conn, runs.get(run_id=run_id))
    if not found or found[0].kind != KIND or not found[0].errors:
        raise NothingToResume(f"run {run_id} has no errors that wait to be tried again")
    args = msgspec.structs.replace(_args(found[0]), retries=run_id, mended=False, into_empty=False)
    file = source.IngestSource(Path(args.file), Path(args.media)) if given is None else given
    if file.file.is_file() and _digest(file.file) != args.sha256:
        file.check(recipes.get(args.recipe))
        args = msgspec.structs.replace(args, mended=True, **_about(file))
        return _of_mended(conn, _start(conn, args), args, 0)
    if not fetch(conn, runs.errors(run_id=run_id, repeatable=True, shown=1)):
        raise NothingToResume(
            f"{file.file} is as it was, and nothing of what run {run_id} refused can be tried as it stands",
            "mend the file first",
        )
    return _of_errors(conn, _start(conn, args), args, 0)


def _about(given: source.IngestSource) -> dict[str, Any]:
    return {
        "file": str(given.file.resolve()),
        "media": str(given.media_root.resolve()),
        "sha256": _digest(given.file),
        "lines": given.count(),
    }


def _of_file(run_id: int, args: Args, after_line: int = 0) -> IngestAttempt:
    given = source.IngestSource(Path(args.file), Path(args.media))
    return IngestAttempt(
        run_id=run_id,
        args=args,
        records=given.records,
        total=args.lines if args.lines is not None else given.count(),
        after_line=after_line,
    )


def _of_errors(conn: Conn, run_id: int, args: Args, after_line: int) -> IngestAttempt:
    errors = fetch(conn, runs.errors(run_id=args.retries or 0, repeatable=True))
    numbered = sorted({_line(error): error.record or b"" for error in errors}.items())
    return IngestAttempt(
        run_id=run_id,
        args=args,
        records=lambda: lines.of_lines(numbered),
        total=numbered[-1][0] if numbered else 0,
        after_line=after_line,
    )


def _of_mended(conn: Conn, run_id: int, args: Args, after_line: int) -> IngestAttempt:
    """Retry the lines of a corrected file that had errors, or have their external ids.

    In a file with other lines than before nothing stands where it stood: all of it is compared.
    """
    attempt = _of_file(run_id, args, after_line)
    (first,) = fetch(conn, runs.get(run_id=args.retries or 0))
    if _args(first).lines != args.lines:
        about = (
            f"{args.file} has lines that it had not: all of it is compared, and what is in as given"
            " stays as it is"
        )
        return msgspec.structs.replace(attempt, about=about)
    errors = fetch(conn, runs.errors(run_id=args.retries or 0))
    places = {_line(error) for error in errors}
    keys = {error.external_id for error in errors} - {None}

    def wanted(found: Parsed) -> bool:
        key = found.external_id if isinstance(found, LineError) else found.item.external_id
        return found.line in places or key in keys

    about = f"{args.file} was mended: {len(places):,} of its lines are read again"
    return msgspec.structs.replace(attempt, about=about, wanted=wanted)


def _line(error: RunError) -> int:
    return int(error.place.removeprefix("line "))


def _start(conn: Conn, args: Args) -> int:
    return fetch(conn, runs.start(kind=KIND, args=msgspec.to_builtins(args)))[0].id


def _args(run: Run) -> Args:
    return msgspec.convert(run.args, Args)


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
