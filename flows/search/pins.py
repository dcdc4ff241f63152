"""Pinned and buried items of queries: their checked request, and tables of them in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from db.errors import BadRequest
from db.search import shaping
from inputs.errors import Bad
from inputs.tables import rows, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from db.search.shaping import Pin, PinsWritten
    from flows.effects import Flow

COLUMNS = ("query", "external_id", "place", "from", "until", "note")
NEEDED = COLUMNS[:2]


class PinIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item to pin to a place (from 1) in the results of a query, or to bury (place 0).

    `from` and `until` are dates or moments, UTC; at `until` the pin is over.
    """

    query: Annotated[str, Meta(pattern=r"\S", max_length=1000)]
    external_id: Annotated[str, Meta(min_length=1, max_length=500)]
    place: Annotated[int, Meta(ge=0, le=100)] = 1
    from_: Annotated[str, Meta(max_length=40)] | None = msgspec.field(name="from", default=None)
    until: Annotated[str, Meta(max_length=40)] | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None


def write_pin(collection: str, pin: PinIn) -> Flow[list[Pin]]:
    """Pin or bury an item, in place of what there was for it and the query; the pins of the query then.

    Raises:
        UnknownName: no such collection, or it has no such item.
        BadRequest: a date is none, or the query has 100 pins.
    """
    yield shaping.check_item(collection=collection, external_id=pin.external_id)
    yield shaping.import_pins(collection=collection, pins=[msgspec.to_builtins(pin)])
    found: list[Pin] = yield shaping.pins(collection=collection, query=pin.query)
    return found


def import_table(collection: str, file: Path, *, replace: bool = False) -> Flow[PinsWritten]:
    """Write the pins of a CSV table with the columns `COLUMNS`, of which the first two are needed.

    Args:
        collection: where they apply.
        file: the table; a cell `place` that is empty is 1, 0 buries.
        replace: delete the collection's pins that are not in it.

    Raises:
        UnknownName: no such collection.
        InputUnusable: the file cannot be read, or lacks a column.
        BadRequest: a row is wrong; nothing is written then.
    """
    pins = []
    for row in rows(file, NEEDED):
        if isinstance(row, Bad):
            raise BadRequest(f"line {row.line}: {row.reason}", "mend the row; nothing was written")
        given = {name: row.cells[name].strip() for name in COLUMNS if row.cells.get(name)}
        pins.append({**given, "place": given.get("place", "1")})
    (written,) = yield shaping.import_pins(collection=collection, pins=pins, replace=replace)
    done: PinsWritten = written
    return done


def export_table(collection: str) -> Flow[str]:
    """Write the pins of a collection as a CSV table that `import_table` reads.

    Raises:
        UnknownName: no such collection.
    """
    found: list[Pin] = yield shaping.pins(collection=collection)
    return written(COLUMNS, map(_cells, found))


def _cells(pin: Pin) -> Sequence[object]:
    """The cells of a pin in the order of `COLUMNS`: dates as ISO text, none as empty text."""
    moments = [m.isoformat() if m else "" for m in (pin.valid_from, pin.valid_until)]
    return pin.query, pin.external_id, pin.place or 0, *moments, pin.note or ""
