"""Helpers for the JSON of law.go.kr: lists, texts with markup, dates."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from jobs.errors import BadRecord

# When a text was changed: <개정 2020. 1. 1.>, [전문개정 2011.4.12], [본조신설 …].
_AMENDED = re.compile(
    r"<(?:개정|신설|삭제|전문개정|본조신설|종전)[^>]*>"
    r"|\[(?:전문개정|본조신설|제목개정|종전|본조제목|단순위헌|헌법불합치|시행일)[^\]]*\]"
)
_DELETED = re.compile(r"^제[0-9-]+조(?:의[0-9]+)?\s*(?:\([^)]*\))?\s*삭제")
# Marks of HTML; <별표 1> and <개정 …> are none.
_TAG = re.compile(
    r"</?(?:a|b|br|center|div|em|font|i|img|li|ol|p|span|strong|sub|sup|t[adrh]|table|tbody|thead|u|ul)(?:\s+[\w-]+\s*=[^<>]*)?\s*/?>"
    r"|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_DAY = re.compile(
    r"([0-9]{4})(?:\D{1,3}([0-9]{1,2})\D{1,3}([0-9]{1,2})\D{0,2}|([0-9]{2})([0-9]{2}))"
)
ARTICLE = re.compile(r"^(제[0-9]+(?:-[0-9]+)?조(?:의[0-9]+)?)\s*(?:\(([^)]*)\))?")


def listed(value: Any) -> list[Any]:
    """Convert to a list: nothing is empty, a single value a list of one."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def words(value: Any) -> str:
    """The text of a value; of a list its parts in order, of an object its content."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(words, value)))
    if isinstance(value, dict):
        return words(value.get("content"))
    return "" if value is None else str(value).strip()


def clean(text: str) -> str:
    """Remove marks of HTML and of amendments, and line breaks."""
    return re.sub(r"\s+", " ", _AMENDED.sub("", _TAG.sub(" ", text))).strip()


def deleted(text: str) -> bool:
    """Whether an article is marked as deleted (삭제)."""
    return bool(_DELETED.match(re.sub(r"\s+", " ", text.strip())))


def part(record: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """Get an object inside an object.

    Raises:
        BadRecord: it is not there.
    """
    found = record.get(key)
    if not isinstance(found, dict):
        raise BadRecord(f"{where}: {key} is missing")
    return found


def pick(record: dict[str, Any], where: str, *keys: str) -> str:
    """Get the first text under one of some keys.

    Raises:
        BadRecord: none is.
    """
    for key in keys:
        if found := words(record.get(key)):
            return found
    raise BadRecord(f"{where}: {' or '.join(keys)} is missing or empty")


def dicts(value: Any, where: str, key: str) -> list[dict[str, Any]]:
    """Get the objects of a list, or the single one; nulls are left out.

    Raises:
        BadRecord: something else is among them.
    """
    found = [one for one in listed(value) if one is not None]
    if any(not isinstance(one, dict) for one in found):
        raise BadRecord(f"{where}: {key} holds something that is no object")
    return found


def read_text(value: Any, key: str) -> str:
    """Get the text of an object, or of a plain text in its place."""
    return words(value.get(key)) if isinstance(value, dict) else words(value)


def day(value: Any) -> str:
    """Convert a date (20250101, 2025.1.1 or 2025년 1월 1일) to YYYYMMDD; empty if invalid."""
    found = _DAY.fullmatch(words(value).strip())
    if found is None:
        return ""
    try:
        year, month, day_ = (int(digits) for digits in found.groups() if digits)
        return f"{date(year, month, day_):%Y%m%d}"
    except ValueError:
        return ""
