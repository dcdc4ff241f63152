"""Log lines of every process: text or JSON, on standard error and in a file, without secrets."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from db.settings import PREFIX, LogSettings, read

if TYPE_CHECKING:
    from io import TextIOWrapper

# Set while a request is answered; tasks and threads that it starts inherit it.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_FIELDS = "seogo_fields"
# Ours; of all other loggers warnings are logged. Granian's is named after its module in Rust.
OURS = ("seogo", "encoders", "_granian")
# Granian's configuration of logging: its lines in our form, nothing of its own formats them.
GRANIAN: dict[str, Any] = {"loggers": {"_granian": {"propagate": True}}}
# They have a line for everything they ask or look at, addresses with passwords among it.
TALKATIVE = ("httpx", "procrastinate")
PASSWORDS = re.compile(
    r"(?<=://)([^/@\s:\"]*):[^@\s\"]*(?=@)|(?<=\bpassword=)[^\s\"]+|(?<=\bBearer )[\w.~+/=-]+"
)
SECRET_NAMES = re.compile(r"_(key|secret|token|password)$", re.IGNORECASE)
# A shorter value is a word that lines may have for other reasons.
SHORTEST_SECRET = 6
BUFFER_BYTES = 1 << 20


def fields(**values: Any) -> dict[str, Any]:
    """The `extra` of a log call: what goes into the line beside the message."""
    return {_FIELDS: values}


def without_passwords(text: str) -> str:
    """The text with `…` in place of passwords in URLs and connection strings, and of bearer tokens."""
    return PASSWORDS.sub(lambda found: f"{found[1]}:…" if found[1] is not None else "…", text)


class _Redacted(logging.Formatter):
    """Lines without the values of variables that are secrets."""

    def __init__(self, fmt: str | None = None) -> None:
        super().__init__(fmt)
        secrets = {
            value
            for name, value in os.environ.items()
            if (name.startswith(PREFIX) and SECRET_NAMES.search(name)) or name == "PGPASSWORD"
        }
        written = {
            form
            for one in secrets
            if len(one) >= SHORTEST_SECRET
            for form in (one, json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1])
        }
        longest_first = sorted(written, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if written else None

    def redacted(self, line: str) -> str:
        """The line without secrets."""
        line = without_passwords(line)
        return self._secrets.sub("…", line) if self._secrets else line


class JsonLines(_Redacted):
    """One JSON object per line; line breaks in a path or a message cannot forge others."""

    def format(self, record: logging.LogRecord) -> str:
        """Time (UTC), level, logger, process, message, request, the fields given, and a traceback."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        found = msgspec.json.encode({k: v for k, v in line.items() if v is not None})
        return self.redacted(found.decode())


class PlainLines(_Redacted):
    """Plain lines for a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The message, its line breaks escaped, and the fields given."""
        more = "".join(f" {k}={v!r}" for k, v in getattr(record, _FIELDS, {}).items())
        line = logging.makeLogRecord({**vars(record), "args": None})
        line.msg = "".join(map(_printable, record.getMessage())) + more
        return self.redacted(super().format(line))


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


class SharedFile(WatchedFileHandler):
    """A log file that several processes append to, each line whole; renamed when it is full.

    Who fills it renames it under a lock; the others see that it is another file before their next line.
    """

    def __init__(self, path: Path, most_bytes: int, kept: int) -> None:
        """`kept`: files of before that stay, PATH.1 the latest."""
        self._path, self._most_bytes, self._kept = path, most_bytes, kept
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        super().emit(record)
        if self.stream and os.fstat(self.stream.fileno()).st_size >= self._most_bytes:
            self._rename()

    def _open(self) -> TextIOWrapper:
        # One write for each line, however long.
        return open(self._path, "a", buffering=BUFFER_BYTES, encoding="utf-8", errors="replace")  # noqa: PTH123

    def _rename(self) -> None:
        with Path(f"{self._path}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._path.exists() and self._path.stat().st_size < self._most_bytes:
                return  # another process was faster
            names = [self._path, *(Path(f"{self._path}.{n + 1}") for n in range(self._kept))]
            if not self._kept:
                self._path.unlink(missing_ok=True)
            for older, newer in reversed(list(zip(names[1:], names, strict=False))):
                if newer.exists():
                    newer.replace(older)


def wanted() -> bool:
    """Whether somebody set where lines go or how: what a command prints for people is then logged instead."""
    settings = read(LogSettings)
    return settings.log_format is not None or settings.log_file is not None


def configure(settings: LogSettings | None = None) -> None:
    """Send log lines to standard error, and to a file where one is set.

    Handlers stay where logging is set up already, by tests or by a program that we are a part of.
    """
    wish = settings or read(LogSettings)
    level = logging.getLevelNamesMapping()[wish.log_level.upper()]
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    root = logging.getLogger()
    if root.hasHandlers():
        return
    text = wish.log_format == "text" or (wish.log_format is None and sys.stderr.isatty())
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    handlers[0].setFormatter(PlainLines() if text else JsonLines())
    if wish.log_file:
        most_bytes = round(wish.log_file_mb * (1 << 20))
        file = SharedFile(Path(wish.log_file).expanduser(), most_bytes, wish.log_files)
        file.setFormatter(PlainLines() if wish.log_format == "text" else JsonLines())
        handlers.append(file)
    root.handlers[:] = handlers
    root.setLevel(max(level, logging.WARNING))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
