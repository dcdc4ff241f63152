"""Bulk upsert of items with their pictures: bad items are refused one by one, the rest is written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import psycopg

from db.calls.bisection import halving
from db.errors import BadRequest, UnknownName
from db.items.items import upsert_items
from db.operations.readings import Decoded, MediaRow, set_media, store_picture
from db.rows import ItemIn, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.calls.steps import Steps


class Row(NamedTuple):
    """An item to write: its place in the input, and its pictures or the reasons why there is none.

    `pictures` None: the item keeps those it has.
    """

    place: int
    item: ItemIn
    pictures: Sequence[Decoded | str] | None = None


class Refusal(NamedTuple):
    """The reason why an item, or one of its pictures, was not written."""

    place: int
    external_id: str | None
    reason: str


class Outcome(msgspec.Struct):
    """The result of a batch; `written` has the place of each item."""

    written: list[tuple[int, Written]] = msgspec.field(default_factory=list)
    refused: list[Refusal] = msgspec.field(default_factory=list)
    refused_pictures: list[Refusal] = msgspec.field(default_factory=list)
    pictures: int = 0

    def add(self, other: Outcome) -> None:
        """Add the result of another batch."""
        self.written += other.written
        self.refused += other.refused
        self.refused_pictures += other.refused_pictures
        self.pictures += other.pictures


def upsert_batch(collection: str, rows: Sequence[Row]) -> Steps[Outcome]:
    """Upsert a batch; where the database refuses it, halve it until the bad items stand alone.

    Without rows it still calls the database, so that an unknown collection is an error however bad the items.

    Raises:
        UnknownName: no such collection.
    """
    outcome = Outcome()
    for part in (yield from halving(rows, partial(_all, collection), _refused, _is_fault)):
        outcome.add(part)
    return outcome


def _is_fault(exc: Exception) -> bool:
    faults = (BadRequest, psycopg.DataError, psycopg.errors.ProgramLimitExceeded)
    return isinstance(exc, faults) and not isinstance(exc, UnknownName)


def _refused(row: Row, exc: Exception) -> Outcome:
    reason = str(exc).strip().partition("\n")[0]
    return Outcome(refused=[Refusal(row.place, row.item.external_id, reason)])


def _all(collection: str, rows: Sequence[Row]) -> Steps[Outcome]:
    written = yield upsert_items(collection=collection, items=[row.item for row in rows])
    by_key: dict[str, Written] = {one.external_id: one for one in written}
    outcome = Outcome()
    for row in rows:
        one = by_key[row.item.external_id]
        outcome.written.append((row.place, one))
        if row.pictures is not None:
            yield from _set_pictures(one.item_id, row, outcome)
    return outcome


def _set_pictures(item_id: int, row: Row, outcome: Outcome) -> Steps[None]:
    media: list[MediaRow] = []
    positions: dict[str, int] = {}
    for given, found in zip(row.item.media or (), row.pictures or (), strict=True):
        position = positions.get(given.role, -1) + 1
        positions[given.role] = position
        kept: dict[str, Any] = {"error": found}
        if isinstance(found, str):
            reason = f"{given.role} {given.name}: {found}"
            outcome.refused_pictures.append(Refusal(row.place, row.item.external_id, reason))
        else:
            (stored,) = yield store_picture(found)
            kept = {"picture_id": stored.id}
            outcome.pictures += 1
        media.append(MediaRow(role=given.role, position=position, name=given.name, **kept))
    yield set_media(item_id=item_id, media=media)
