"""Filters on metadata, as requests write them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Filter = dict[str, Any] | str | Annotated[list[dict[str, Any] | str], Meta(max_length=32)]


def filter_text(filter: Filter | None) -> str | None:
    """A filter as SQL takes it: an object or a list becomes its JSON text."""
    return (
        filter
        if filter is None or isinstance(filter, str)
        else msgspec.json.encode(filter).decode()
    )
