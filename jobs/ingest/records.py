"""Records made items: mapped by a recipe, checked; what cannot be one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """What was not ingested: its line (from 1), its external id where known, and why.

    `record` is the line itself, so that it can be tried again; empty where that would be wrong.
    """

    line: int
    external_id: str | None
    reason: str
    record: bytes = b""


class Record(msgspec.Struct, frozen=True):
    """A line that became an item; `unused` are the keys of the record that it has no place for."""

    line: int
    raw: bytes
    item: ItemIn
    unused: tuple[str, ...] = ()


def parse(read: Iterable[lines.Record | Bad], recipe: Recipe) -> Iterator[Record | LineError]:
    """Make items of records, in their order.

    An external id that stands in an earlier line already is an error, as is what the recipe refuses
    or PostgreSQL could not keep.
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
        yield Record(one.line, one.raw, item, tuple(recipe.unused(one.value)))
