"""Error messages of commands: a sentence about any exception, and a hint what to do.

Imported only when something did: these imports are what makes a program slow to start.
"""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import traceback
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import msgspec
import psycopg
from rich.markup import escape

from db.connect import password
from db.errors import SeogoDbError
from db.settings import DbSettings, read
from encoders.errors import EncoderError
from flows.errors import FlowError
from inputs.errors import InputUnusable
from jobs.cli.console import err
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable

# Modules whose package has another name.
PACKAGES = {
    "cv2": "opencv-python-headless",
    "docx": "python-docx",
    "fitz": "pymupdf",
    "paddle": "paddlepaddle",
    "sklearn": "scikit-learn",
}
HINTS = {
    errno.ENOENT: "check the path; folders that are written to must be there",
    errno.ENOTDIR: "check the path: a part of it is a file",
    errno.EISDIR: "name a file, not a folder",
    errno.EACCES: "give this user the right, or name another place",
    errno.EPERM: "give this user the right, or name another place",
    errno.EROFS: "name another place: nothing can be written there",
    errno.EEXIST: "name another place, or move what is there",
    errno.ENOSPC: "make room; what is committed is kept, and the same command goes on from there",
    errno.EDQUOT: "make room; what is committed is kept, and the same command goes on from there",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "allow more open files: ulimit -n",
    errno.ECONNREFUSED: "start the server, or check its address",
    errno.EADDRINUSE: "another program listens there: choose another --port",
}
NOT_UTF8 = "save the file as UTF-8 (Excel: CSV UTF-8), or: iconv -f CP949 -t UTF-8 OLD > NEW"


class Explanation(NamedTuple):
    """A sentence about what went wrong, and a hint what to do."""

    message: str
    hint: str | None


def report(exc: Exception) -> int:
    """Print an error on standard error; returns the exit status."""
    if isinstance(exc, BrokenPipeError):
        # Whoever read what we print has seen enough; what is left must not be tried at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    found = explain(exc)
    err.print(f"[bold red]error:[/] {escape(found.message)}", highlight=False, soft_wrap=True)
    if found.hint:
        err.print(f"[cyan]hint:[/]  {escape(found.hint)}", highlight=False, soft_wrap=True)
    return 1


def explain(exc: Exception) -> Explanation:
    """Explain an exception: a sentence and a hint; for an unexpected one, where its traceback is."""
    for kinds, explain in _LADDER:
        if isinstance(exc, kinds):
            return explain(exc)
    return _unexpected(exc)


def _ours(exc: Exception) -> Explanation:
    return Explanation(str(exc), getattr(exc, "hint", None))


def _database(exc: psycopg.Error) -> Explanation:
    message = (exc.diag.message_primary or str(exc)).strip()
    detail = f" ({exc.diag.message_detail})" if exc.diag.message_detail else ""
    hint = exc.diag.message_hint
    if hint is None:
        match (exc.sqlstate or "")[:2]:
            case "42" if exc.sqlstate == "42501":
                hint = "this role may not: see docs/operations.md on roles, or use another one"
            case "40" | "55":
                hint = "others were at the same rows: run it again"
            case _:
                hint = "look at it: `seogo doctor`; the server's log says more"
    return Explanation(f"the database refused: {message}{detail}", hint)


def _text(exc: UnicodeError) -> Explanation:
    if isinstance(exc, UnicodeDecodeError):
        at = f"byte {exc.start + 1:,}" if exc.end <= len(exc.object) else "a byte"
        return Explanation(f"a text is not {exc.encoding.upper()}: {at}: {exc.reason}", NOT_UTF8)
    if isinstance(exc, UnicodeEncodeError) and _is_surrogate(exc.object[exc.start : exc.start + 1]):
        return Explanation("what was typed has bytes that are not UTF-8", "type it again, in UTF-8")
    return Explanation(
        f"a text cannot be written: {exc}", "set the terminal to UTF-8: export PYTHONUTF8=1"
    )


def _is_surrogate(letter: str) -> bool:
    """Whether a letter is how Python keeps a byte that is not UTF-8."""
    return "\ud800" <= letter <= "\udfff"


def _file(exc: OSError) -> Explanation:
    why = exc.strerror or str(exc) or type(exc).__name__
    places = [str(place) for place in (exc.filename, exc.filename2) if place is not None]
    hint = HINTS.get(exc.errno or 0, "check that path, or the network it leads to")
    return Explanation(": ".join([" -> ".join(places), why] if places else [why]), hint)


def _package(exc: ImportError) -> Explanation:
    module = (exc.name or "").partition(".")[0]
    extra = extra_of(module)
    if extra is None:
        return Explanation(
            f"a package cannot be imported: {exc}", "install it: pip install 'seogo[local]'"
        )
    return Explanation(
        f"the package for {module} is missing or broken: {exc}", f"pip install '{extra}'"
    )


def extra_of(module: str) -> str | None:
    """The extra that brings a module, as pip takes it; None where there is none."""
    package = PACKAGES.get(module, module).replace("_", "-").lower()
    try:
        wanted = requires("seogo") or []
    except PackageNotFoundError:
        return None
    for line in wanted:
        name = re.match(r"[\w.-]+", line)
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", line)
        if name and extra and extra[1] != "dev" and name[0].replace("_", "-").lower() == package:
            return f"seogo[{extra[1]}]"
    return None


def _unexpected(exc: Exception) -> Explanation:
    first = str(exc).strip().partition("\n")[0]
    message = f"this should not happen: {type(exc).__name__}{f': {first}' if first else ''}"
    path = _save_traceback(_redact("".join(traceback.format_exception(exc))))
    if path is None:
        return Explanation(_redact(message), "please report it with the command that you ran")
    return Explanation(_redact(message), f"please report it with the file {path}, which says where")


def _save_traceback(text: str) -> Path | None:
    """Write the traceback to a file of its own; None where that fails."""
    name = f"error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    for folder in (*_traceback_folder(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return None


def _traceback_folder() -> list[Path]:
    """A folder beside the embedded server's data, where there is such a server."""
    try:
        home = read(DbSettings).home_path
    except SeogoDbError:  # the settings may be what is wrong
        return []
    return [home / "errors"] if home.is_dir() else []


def _redact(text: str) -> str:
    """Replace the password of the database, which libraries repeat."""
    try:
        secret = password(os.environ.get("SEOGO_DATABASE_URL", ""))
    except psycopg.Error:
        return text
    return text.replace(secret, "***") if secret else text


def _saying(message: str, hint: str) -> Callable[[Exception], Explanation]:
    """A sentence with what the exception says at its end, and always the same hint."""

    def explain(exc: Exception) -> Explanation:
        said = str(exc).strip()
        return Explanation(f"{message}: {said}" if said else message, hint)

    return explain


# The first that fits.
_LADDER: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], Explanation]], ...
] = (
    ((SeogoDbError, FlowError, JobError, EncoderError, InputUnusable), _ours),
    (psycopg.Error, _database),
    (
        (msgspec.MsgspecError, json.JSONDecodeError, tomllib.TOMLDecodeError),
        _saying("a file or an answer is not as it must be", "mend it, and run again"),
    ),
    (UnicodeError, _text),
    (OSError, _file),
    (
        httpx.HTTPError,
        _saying("a server does not answer as it should", "check its address, and that it runs"),
    ),
    (
        subprocess.SubprocessError,
        _saying("another program failed", "run it by itself: it says more"),
    ),
    (ImportError, _package),
    (
        MemoryError,
        _saying("there is not enough memory", "close other programs, or give it less at a time"),
    ),
)
