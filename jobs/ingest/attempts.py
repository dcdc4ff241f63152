"""An ingest begun, resumed, or begun again with what an earlier one did not take."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.operations import runs
from inputs import lines
from jobs import ingest, recipes
from jobs.errors import JobError
from jobs.ingest import source
from jobs.ingest.media import MediaSource
from jobs.ingest.records import LineError, Record

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

    import psycopg

    from db.operations.runs import Run, RunError
    from inputs.errors import Bad

KIND = "ingest"


class NothingToResume(JobError):
    """There is no ingest that did not come to its end."""


class InputChanged(JobError):
    """The input is not the file that the run began with."""


class Args(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an ingest is told; kept with its run.

    `sha256` is that of the input, hex, `lines` how many it has; `retries` the run whose errors are tried
    again: as they were kept, or as the file has them now if it was `mended`. `before` holds the counts of
    earlier attempts at the same run.
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
    before: dict[str, int] = {}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """An ingest ready to run: its records, how many lines they are, and those already committed.

    Attributes:
        wanted: which records of the input are meant.
        about: what is to be said of it beforehand.
    """

    run_id: int
    args: Args
    records: Callable[[], Iterable[lines.Record | Bad]]
    total: int
    after_line: int = 0
    wanted: Callable[[Record | LineError], bool] = lambda _found: True
    about: str = ""

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
        lines=given.count(),
    )
    return _of_file(_start(conn, args), args)


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


def retried(
    conn: psycopg.Connection[Any], run_id: int, given: source.Source | None = None
) -> Attempt:
    """Begin a run with the records that an earlier one did not take, or whose pictures it did not.

    They are read from the file anew if it was mended since; if it is as it was, or gone, they are tried
    again as they were kept.

    Args:
        conn: autocommit connection.
        run_id: the earlier run.
        given: the mended input where it is another file.

    Raises:
        NothingToResume: there is no such run, it took everything, or its file is to be mended first.
        InputUnusable: the file cannot be read now.
    """
    found = fetch(conn, runs.get(run_id=run_id))
    if not found or found[0].kind != KIND or not found[0].errors:
        raise NothingToResume(f"run {run_id} has no errors that wait to be tried again")
    args = msgspec.structs.replace(_args(found[0]), retries=run_id, mended=False, before={})
    file = source.Source(Path(args.file), Path(args.media)) if given is None else given
    if file.file.is_file() and (sha256 := _digest(file.file)) != args.sha256:
        file.check(recipes.get(args.recipe))
        args = msgspec.structs.replace(
            args,
            file=str(file.file.resolve()),
            media=str(file.media_root.resolve()),
            sha256=sha256,
            lines=file.count(),
            mended=True,
        )
        return _of_mended(conn, _start(conn, args), args, 0)
    if not fetch(conn, runs.errors(run_id=run_id, repeatable=True, shown=1)):
        raise NothingToResume(
            f"{file.file} is as it was, and nothing of what run {run_id} refused can be tried as it stands",
            "mend the file first",
        )
    return _of_errors(conn, _start(conn, args), args, 0)


def _of_file(run_id: int, args: Args, after_line: int = 0) -> Attempt:
    given = source.Source(Path(args.file), Path(args.media))
    return Attempt(
        run_id=run_id,
        args=args,
        records=given.records,
        total=args.lines if args.lines is not None else given.count(),
        after_line=after_line,
    )


def _of_errors(conn: psycopg.Connection[Any], run_id: int, args: Args, after_line: int) -> Attempt:
    errors = fetch(conn, runs.errors(run_id=args.retries or 0, repeatable=True))
    numbered = sorted({_line(error): error.record or b"" for error in errors}.items())
    return Attempt(
        run_id=run_id,
        args=args,
        records=lambda: lines.of_lines(numbered),
        total=numbered[-1][0] if numbered else 0,
        after_line=after_line,
    )


def _of_mended(conn: psycopg.Connection[Any], run_id: int, args: Args, after_line: int) -> Attempt:
    """The records of a mended file that stand where errors stood, or have their external ids.

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

    def wanted(found: Record | LineError) -> bool:
        key = found.external_id if isinstance(found, LineError) else found.item.external_id
        return found.line in places or key in keys

    about = f"{args.file} was mended: {len(places):,} of its lines are read again"
    return msgspec.structs.replace(attempt, about=about, wanted=wanted)


def _line(error: RunError) -> int:
    return int(error.place.removeprefix("line "))


def _start(conn: psycopg.Connection[Any], args: Args) -> int:
    return fetch(conn, runs.start(kind=KIND, args=msgspec.to_builtins(args)))[0].id


def _args(run: Run) -> Args:
    return msgspec.convert(run.args, Args)


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
