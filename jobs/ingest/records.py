"""Parsing: records become items by a recipe, or errors with their line."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from db.items.validation import unstorable
from db.rows import ItemIn
from inputs import lines
from inputs.errors import Bad
from jobs.errors import BadRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobs.recipes.base import Recipe


class LineError(msgspec.Struct, frozen=True):
    """A line that was refused: its number (from 1), its external id where known, and the reason.

    `record` is the line itself, so that it can be tried again; empty where that would be wrong.
    """

    line: int
    external_id: str | None
    reason: str
    record: bytes = b""


class IngestRecord(msgspec.Struct, frozen=True):
    """An item and the line it is from; `unused` are keys of the record without a place in the item."""

    line: int
    raw: bytes
    item: ItemIn
    unused: tuple[str, ...] = ()


Parsed: TypeAlias = IngestRecord | LineError


def parse(read: Iterable[lines.Record | Bad], recipe: Recipe) -> Iterator[Parsed]:
    """Map records to items, in their order.

    An external id of an earlier line is an error, as is what the recipe refuses or PostgreSQL could
    not keep.
    """
    first_seen: dict[str, int] = {}
    for one in read:
        if isinstance(one, Bad):
            yield LineError(one.line, None, one.reason, one.raw)
            continue
        external_id = None
        try:
            item = recipe.to_item(one.value)
            external_id = item.external_id
            if reason := unstorable(item):
                raise BadRecord(reason)
        except (BadRecord, msgspec.ValidationError) as exc:
            yield LineError(one.line, external_id, str(exc), one.raw)
            continue
        except RecursionError:
            yield LineError(one.line, external_id, "nested too deeply", one.raw)
            continue
        if external_id in first_seen:
            # Tried again alone it would replace the first one.
            reason = f"external_id stands already in line {first_seen[external_id]}"
            yield LineError(one.line, external_id, reason)
            continue
        first_seen[external_id] = one.line
        yield IngestRecord(one.line, one.raw, item, tuple(recipe.unused(one.value)))
