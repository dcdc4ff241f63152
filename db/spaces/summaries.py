"""Summaries that were embedded in place of long texts."""

from __future__ import annotations

import msgspec

from db.calls.call import statement
from db.calls.rows import Count


class KnownSummary(msgspec.Struct, frozen=True):
    """A summary of a text, by its hash."""

    text: str


# Of the same text by the same model and prompt, whatever item and space it was made for.
known = statement("embed", "known_summary", KnownSummary)
keep = statement("embed", "keep_summary", Count)
# What is not summarised any more.
drop = statement("embed", "drop_summary", Count)
