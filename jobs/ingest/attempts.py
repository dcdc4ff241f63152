"""An ingest begun, resumed, or begun again with what an earlier one did not take."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from db import runs
from db.query import fetch
from jobs import ingest, recipes
from jobs.errors import JobError
from jobs.ingest import source
from jobs.ingest.media import MediaSource

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

    import psycopg

    from db.runs import Run

KIND = "ingest"


class NothingToResume(JobError):
    """There is no ingest that did not come to its end."""


class InputChanged(JobError):
    """The input is not the file that the run began with."""


class Args(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an ingest is told; kept with its run.

    `sha256` is that of the input, hex; `retries` the run whose errors are the input instead.
    `before` holds the counts of earlier attempts at the same run.
    """

    collection: str
    recipe: str
    file: str
    media: str
    allow_urls: bool = False
    sha256: str | None = None
    retries: int | None = None
    before: dict[str, int] = {}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """An ingest ready to run: its lines, how many they are, and those already committed."""

    run_id: int
    args: Args
    lines: Callable[[], Iterable[tuple[int, bytes]]]
    total: int
    after_line: int = 0

    def run(
        self,
        conn: psycopg.Connection[Any],
        *,
        on_line: Callable[[int], None],
        stop: threading.Event,
    ) -> ingest.Report:
        """Load the records, until stopped."""
        media = MediaSource(Path(self.args.media), allow_urls=self.args.allow_urls)
        try:
            report = ingest.run(
                conn,
                self.lines(),
                collection=self.args.collection,
                recipe=recipes.get(self.args.recipe),
                run_id=self.run_id,
                media=media,
                after_line=self.after_line,
                on_line=on_line,
                stopped=stop.is_set,
            )
            if self.args.retries is not None and not stop.is_set():
                fetch(conn, runs.retried(run_id=self.args.retries, by=self.run_id))
            return report
        finally:
            media.close()


def fresh(
    conn: psycopg.Connection[Any],
    given: source.Source,
    *,
    collection: str,
    recipe: str,
    allow_urls: bool,
) -> Attempt:
    """Begin a run."""
    args = Args(
        collection=collection,
        recipe=recipe,
        file=str(given.file.resolve()),
        media=str(given.media_root.resolve()),
        allow_urls=allow_urls,
        sha256=_digest(given.file),
    )
    return Attempt(run_id=_start(conn, args), args=args, lines=given.lines, total=given.count())


def resumed(conn: psycopg.Connection[Any]) -> Attempt:
    """Go on with the latest run that has no end.

    Raises:
        NothingToResume: every run came to its end.
        InputChanged: the file is gone or another one now.
    """
    left = fetch(conn, runs.unfinished(kind=KIND))
    if not left:
        raise NothingToResume()
    run = left[0]
    args = _args(run)
    if args.retries is not None:
        fetch(conn, runs.resume(run_id=run.run_id))
        return _of_errors(conn, run.run_id, args, run.cursor.get("line", 0))
    given = source.Source(Path(args.file), Path(args.media))
    if not given.file.is_file() or _digest(given.file) != args.sha256:
        raise InputChanged(
            f"{args.file} is not the file that run {run.run_id} began with",
            "ingest it anew: what is in the database as given is left alone",
        )
    fetch(conn, runs.resume(run_id=run.run_id))
    return Attempt(
        run_id=run.run_id,
        args=args,
        lines=given.lines,
        total=given.count(),
        after_line=run.cursor.get("line", 0),
    )


def retried(conn: psycopg.Connection[Any], run_id: int) -> Attempt:
    """Begin a run with the records that an earlier one did not take, or whose pictures it did not.

    Raises:
        NothingToResume: there is no such run, or it took everything.
    """
    found = fetch(conn, runs.get(run_id=run_id))
    if not found or found[0].kind != KIND or not repeatable(conn, run_id):
        raise NothingToResume(f"run {run_id} has no errors that wait to be tried again")
    args = msgspec.structs.replace(_args(found[0]), retries=run_id, before={})
    return _of_errors(conn, _start(conn, args), args, 0)


def repeatable(conn: psycopg.Connection[Any], run_id: int) -> bool:
    """Whether a run has errors that wait to be tried again."""
    return bool(fetch(conn, runs.errors(run_id=run_id, repeatable=True, shown=1)))


def _of_errors(conn: psycopg.Connection[Any], run_id: int, args: Args, after_line: int) -> Attempt:
    records: dict[int, bytes] = {}
    for error in fetch(conn, runs.errors(run_id=args.retries or 0, repeatable=True)):
        records[int(error.place.removeprefix("line "))] = error.record or b""
    numbered = sorted(records.items())
    return Attempt(
        run_id=run_id,
        args=args,
        lines=lambda: numbered,
        total=numbered[-1][0] if numbered else 0,
        after_line=after_line,
    )


def _start(conn: psycopg.Connection[Any], args: Args) -> int:
    return fetch(conn, runs.start(kind=KIND, args=msgspec.to_builtins(args)))[0].id


def _args(run: Run) -> Args:
    return msgspec.convert(run.args, Args)


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
