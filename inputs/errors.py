"""What is wrong with an input."""

from __future__ import annotations

import msgspec


class InputUnusable(Exception):
    """A file or body cannot be read as what it is given for."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class NotJson(Exception):
    """Bytes are no JSON value that can be kept as it is."""


class Bad(msgspec.Struct, frozen=True):
    """A line that was not taken: its number, from 1, and why; `raw` where it could be tried again."""

    line: int
    reason: str
    raw: bytes = b""
