"""Conditional requests and byte ranges of files (RFC 9110)."""

import re
from typing import NamedTuple

from service.errors import RangeOutside

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Span(NamedTuple):
    """Bytes [start, stop) of a file."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self.stop - self.start


def parse_range(header: str, size: int) -> Span | None:
    """Read a Range header; None for the whole file.

    Several ranges, other units and what cannot be read are answered with the whole file, as the
    standard allows.

    Raises:
        RangeOutside: the file ends before the range begins.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    first, last = found[1], found[2]
    if not first:  # the last so many bytes
        span = Span(max(0, size - int(last)), size)
    else:
        span = Span(int(first), min(int(last) + 1, size) if last else size)
        if last and int(last) < int(first):
            return None
    if span.start >= size or span.size == 0:
        raise RangeOutside(size)
    return span


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names this version: the client has it already."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags
