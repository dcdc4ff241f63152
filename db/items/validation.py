"""Validation of items against the limits of PostgreSQL, before one fails a whole batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inputs.values import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.items.rows import ItemIn

MAX_TEXT = 1_000_000
MAX_ITEM_BYTES = 4 * 1024 * 1024
# Python gives up beyond some hundred levels.
_PLAIN_BRACKETS = 100


def unstorable(item: ItemIn) -> str | None:
    """The reason why PostgreSQL cannot store an item, or None.

    Raises:
        RecursionError: it is nested too deeply.
    """
    for name, text in item.fields.items():
        if len(text) > MAX_TEXT:
            return f"fields.{name}: {len(text):,} characters; the limit is {MAX_TEXT:,}"
    size = len(encode(item.fields))
    if size > MAX_ITEM_BYTES:
        return f"fields: {size:,} bytes together; the limit is {MAX_ITEM_BYTES:,}"
    kept = {"external_id": item.external_id, "fields": item.fields, "metadata": item.metadata}
    kept["media"] = [media.name for media in item.media or ()]
    data = encode(kept)
    # Few items may have one, or be nested too deeply to be looked through: the others are not.
    doubtful = b"\\u0000" in data or data.count(b"[") + data.count(b"{") > _PLAIN_BRACKETS
    where = _find_nul(kept) if doubtful else None
    return where and f"{where}: contains a NUL character, which PostgreSQL cannot store"


def _find_nul(value: Any, path: str = "") -> str | None:
    """Path of the first key or text that has a NUL in it."""
    children: Iterable[tuple[str, Any]]
    match value:
        case str():
            return path if "\0" in value else None
        case dict():
            if any("\0" in key for key in value):
                return f"{path}: a key"
            children = ((f"{path}.{key}".lstrip("."), child) for key, child in value.items())
        case list():
            children = ((f"{path}[{at}]", child) for at, child in enumerate(value))
        case _:
            return None
    return next((found for p, child in children if (found := _find_nul(child, p))), None)
