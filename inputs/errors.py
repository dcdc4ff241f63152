"""Errors of inputs."""

from __future__ import annotations

import msgspec


class InputUnusable(Exception):
    """A file or body cannot be read in the expected format."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class NotJson(Exception):
    """Bytes are not JSON, or JSON that cannot be kept exactly."""


class Bad(msgspec.Struct, frozen=True):
    """A refused line: its number, from 1, and the reason; `raw` where it could be tried again."""

    line: int
    reason: str
    raw: bytes = b""
