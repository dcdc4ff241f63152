"""What the JSON of law.go.kr has in common: one thing or a list of it, texts with marks in them."""

from __future__ import annotations

import re
from typing import Any

from jobs.errors import BadRecord

# When a text was changed: <개정 2020. 1. 1.>, [전문개정 2011.4.12], [본조신설 …].
_AMENDED = re.compile(
    r"<(?:개정|신설|삭제|전문개정|본조신설|종전)[^>]*>"
    r"|\[(?:전문개정|본조신설|제목개정|종전|본조제목|단순위헌|헌법불합치|시행일)[^\]]*\]"
)
_DELETED = re.compile(r"^제[0-9-]+조(?:의[0-9]+)?\s*(?:\([^)]*\))?\s*삭제")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
ARTICLE = re.compile(r"^(제[0-9]+(?:-[0-9]+)?조(?:의[0-9]+)?)\s*(?:\(([^)]*)\))?")


def listed(value: Any) -> list[Any]:
    """A list as it is, nothing as none, one thing as a list of it."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def words(value: Any) -> str:
    """A text; of a nested list its parts in order, of an object its content."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(words, value)))
    if isinstance(value, dict):
        return words(value.get("content"))
    return "" if value is None else str(value).strip()


def cleaned(text: str) -> str:
    """Without marks of amendments, on one line."""
    return re.sub(r"\s+", " ", _AMENDED.sub("", _BREAK.sub(" ", text))).strip()


def deleted(text: str) -> bool:
    """Whether the text of an article only says that it is gone."""
    return bool(_DELETED.match(re.sub(r"\s+", " ", text.strip())))


def part(record: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """An object inside an object.

    Raises:
        BadRecord: it is not there.
    """
    found = record.get(key)
    if not isinstance(found, dict):
        raise BadRecord(f"{where}: {key} is missing")
    return found


def named(record: dict[str, Any], where: str, *keys: str) -> str:
    """The first text that is there under one of some keys.

    Raises:
        BadRecord: none is.
    """
    for key in keys:
        if found := words(record.get(key)):
            return found
    raise BadRecord(f"{where}: {' or '.join(keys)} is missing or empty")


def day(value: Any) -> str:
    """A date as YYYYMMDD; empty where it is none."""
    digits = re.sub(r"[^0-9]", "", words(value))
    return digits if len(digits) == 8 else ""
