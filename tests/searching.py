"""Searching as the command line does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from encoders.text.rendering import clean
from flows.local import Local
from flows.search import run
from flows.search.request import SearchIn

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from db.search.results import Found
    from encoders.settings import EncoderSettings


class Searched(NamedTuple):
    """Hits, what was left out and why, numbers read on the picture."""

    hits: list[Found]
    degraded: list[str]
    part_numbers: list[str]


def searched(
    conn: psycopg.Connection[Any],
    settings: EncoderSettings,
    collection: str,
    picture: Path | None = None,
    **request: Any,
) -> Searched:
    """Search in this process; `request` has the fields of a `SearchIn`."""
    if request.get("query") is not None:
        request["query"] = clean(request["query"]).strip() or None
    file = None if picture is None else picture.read_bytes()
    flow = run.search(collection, msgspec.convert(request, SearchIn), file)
    found = Local(conn, settings).run(flow)
    return Searched(found.hits, found.degraded, found.part_numbers or [])
