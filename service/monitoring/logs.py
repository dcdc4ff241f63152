"""Log lines: JSON for machines, plain ones on a terminal; each says to which request it belongs."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

# Set while a request is answered; tasks and threads that it starts inherit it.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_FIELDS = "seogo_fields"


def fields(**values: Any) -> dict[str, Any]:
    """The `extra` of a log call: what goes into the line beside the message."""
    return {_FIELDS: values}


class JsonLines(logging.Formatter):
    """One JSON object per line; line breaks in a path or a message cannot forge others."""

    def format(self, record: logging.LogRecord) -> str:
        """Time (UTC), level, logger, message, request, the fields given, and a traceback."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode({k: v for k, v in line.items() if v is not None}).decode()


class PlainLines(logging.Formatter):
    """Plain lines for a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The message, its line breaks escaped, and the fields given."""
        more = "".join(f" {k}={v!r}" for k, v in getattr(record, _FIELDS, {}).items())
        line = logging.makeLogRecord({**vars(record), "args": None})
        line.msg = record.getMessage().encode("unicode_escape").decode("ascii") + more
        return super().format(line)


def configure() -> None:
    """Send the service's own lines to standard error, unless logging is set up already."""
    ours = logging.getLogger("seogo")
    if ours.level == logging.NOTSET:
        ours.setLevel(logging.INFO)
    if not ours.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(PlainLines() if sys.stderr.isatty() else JsonLines())
        ours.addHandler(handler)
