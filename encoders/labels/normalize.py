"""Normalization of spelling."""

from __future__ import annotations

import re
import unicodedata

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_QUOTES = dict.fromkeys(map(ord, "‘’‚`´"), "'") | dict.fromkeys(map(ord, "“”„"), '"')
_SPELLINGS = _DASHES | _QUOTES
# What OCR takes for one another in words; numbers are compared by the database's own folding.
_CONFUSED = str.maketrans("01|l5", "oiiis")


def normalize(text: str) -> str:
    """Normalize a line for search: NFKC, one kind of dash and quote, single spaces.

    Characters that cannot be seen are dropped; letters keep their case. Doing it again changes
    nothing.
    """
    spelled = unicodedata.normalize("NFKC", text.translate(_SPELLINGS)).translate(_SPELLINGS)
    seen = (" " if c.isspace() else c for c in spelled if c.isspace() or _is_visible(c))
    return unicodedata.normalize("NFC", re.sub(" +", " ", "".join(seen)).strip())


def label_key(text: str) -> str:
    """Fold a label for comparison: letters and digits alone, whatever their case.

    `P/N`, `p.n.` and `PN` are equal, and so are `MODEL` and what OCR makes of it, `M0DEL`.
    """
    letters = "".join(c for c in normalize(text) if c.isalnum() or c == "|")
    return letters.translate(_CONFUSED).casefold().translate(_CONFUSED)


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
