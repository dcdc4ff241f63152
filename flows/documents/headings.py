"""Headings of manuals: the defect they name, and the kind of section they begin."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.defects.rows import DefectName

_HEADINGS: Mapping[str, str] = {
    "cause": r"(발생\s*)?원인(\s*분석)?|(root\s+|possible\s+)?causes?|why",
    "action": r"조치(\s*(가이드|방법|사항|내용))?|((개선|시정)\s*)?대책|(corrective\s+)?actions?"
    r"|countermeasures?|remed(y|ies)|repairs?|fix(es)?",
    "prevention": r"예방(\s*(방법|대책|조치))?|재발\s*방지(\s*대책)?|prevention"
    r"|preventive\s+(measures|actions?)",
    "inspection": r"검사(\s*방법)?|점검(\s*방법)?|inspection|how\s+to\s+(inspect|check)",
}
_KIND = {kind: re.compile(rf"(?:{words})\s*", re.IGNORECASE) for kind, words in _HEADINGS.items()}
# `원인 및 대책`, `Causes and actions`.
_AND = re.compile(r"\s*(?:및|&|/|·|,|\+)\s*|[와과]\s+|\s+and\s+", re.IGNORECASE)
_LONGEST = 80


def kinds(text: str) -> tuple[str, ...]:
    """The kinds of section that a heading begins; empty if none."""
    whole = _words(text)
    found = [_kind(whole)] if _kind(whole) else [_kind(part) for part in _AND.split(whole)]
    known = tuple(dict.fromkeys(kind for kind in found if kind is not None))
    return known if len(found) and None not in found else ()


def named(text: str, defects: Sequence[DefectName]) -> str | None:
    """The defect named in a short text, by the longest name."""
    words = plain(text)
    if len(words) > _LONGEST:
        return None
    found = [(len(name), one.defect) for one in defects for name in _names(one) if _in(name, words)]
    return max(found)[1] if found else None


def of_defect(texts: Sequence[str], at: int, defects: Sequence[DefectName]) -> str | None:
    """The defect named by a heading that a heading of a kind follows."""
    if at + 1 >= len(texts) or not kinds(texts[at + 1]):
        return None
    return named(texts[at], defects)


def is_heading(defects: Sequence[DefectName], texts: Sequence[str], at: int) -> bool:
    """Whether a line is a heading of a kind or of a defect."""
    return bool(kinds(texts[at])) or of_defect(texts, at, defects) is not None


def plain(text: str) -> str:
    """Remove the number from a heading."""
    return re.sub(r"^[\W\d_]+", "", unicodedata.normalize("NFKC", text)).strip()


def _words(text: str) -> str:
    """Remove the number and trailing punctuation from a heading."""
    return re.sub(r"[\W_]+$", "", plain(text))


def _kind(words: str) -> str | None:
    return next((kind for kind, pattern in _KIND.items() if pattern.fullmatch(words)), None)


def _names(defect: DefectName) -> set[str]:
    whole = {defect.defect, defect.name_ko, defect.name_en}
    return {name.replace("_", " ") for name in whole if name}


def _in(name: str, text: str) -> bool:
    """Whether a text contains a name as whole words."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
