"""Records read from their lines: decoded, mapped by a recipe, checked."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

import msgspec

from db.rows import ItemIn
from db.storable import unstorable
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
    """A line that became an item."""

    line: int
    raw: bytes
    item: ItemIn


def parse(lines: Iterable[tuple[int, bytes]], recipe: Recipe) -> Iterator[Record | LineError]:
    """Make items of numbered JSON lines, in their order; blank lines are skipped.

    An external id that stands in an earlier line already is an error, as is what the recipe refuses
    or PostgreSQL could not keep.
    """
    first_seen: dict[str, int] = {}
    for number, raw in lines:
        line = raw.removeprefix(BOM_UTF8) if number == 1 else raw
        if not line.strip():
            continue
        external_id = None
        try:
            item = recipe.to_item(_decode(line))
            external_id = item.external_id
            if reason := unstorable(item):
                raise BadRecord(reason)
        except (BadRecord, msgspec.ValidationError) as exc:
            yield LineError(number, external_id, str(exc), line)
            continue
        except RecursionError:
            yield LineError(number, external_id, "nested too deeply", line)
            continue
        if external_id in first_seen:
            # Tried again alone it would replace the first one.
            reason = f"external_id stands already in line {first_seen[external_id]}"
            yield LineError(number, external_id, reason)
            continue
        first_seen[external_id] = number
        yield Record(number, line, item)


def _decode(line: bytes) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BadRecord(f"not JSON: {exc}") from exc
    if not isinstance(record, dict):
        raise BadRecord(f"a JSON {type(record).__name__}, not an object")
    return record
