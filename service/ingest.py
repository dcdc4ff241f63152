"""A bulk request written item by item as far as possible: the bad ones are named, the rest stands."""

from typing import Any, NamedTuple

import msgspec
import psycopg

from db.errors import BadRequest, UnknownName
from db.items import upsert_items
from db.rows import ItemIn, Written, unstorable
from service.database import Database
from service.schemas import ItemsOut, Refused


class _Row(NamedTuple):
    at: int
    item: ItemIn


class _Outcome(NamedTuple):
    written: list[Written]
    refused: list[Refused]


async def write(database: Database, collection: str, raw: list[Any]) -> ItemsOut:
    """Check every item, upsert those that pass.

    Raises:
        UnknownName: no such collection.
    """
    rows, refused = _checked(raw)
    outcome = await _upsert(database, collection, rows)
    place = {row.item.external_id: row.at for row in rows}
    written = sorted(outcome.written, key=lambda w: place[w.external_id])
    actions = [w.action for w in written]
    return ItemsOut(
        collection=collection,
        inserted=actions.count("inserted"),
        updated=actions.count("updated"),
        unchanged=actions.count("unchanged"),
        refused=sorted(refused + outcome.refused, key=lambda r: r.index),
        written=written,
    )


def _checked(raw: list[Any]) -> tuple[list[_Row], list[Refused]]:
    rows: list[_Row] = []
    refused: list[Refused] = []
    first: dict[str, int] = {}
    for index, value in enumerate(raw):
        item, reason = _read(value)
        if item is not None and reason is None and item.external_id in first:
            reason = f"external_id: stands already at index {first[item.external_id]}"
        if item is None or reason is not None:
            refused.append(Refused(index=index, external_id=_key(value), reason=reason or ""))
            continue
        first[item.external_id] = index
        rows.append(_Row(index, item))
    return rows, refused


def _read(value: Any) -> tuple[ItemIn | None, str | None]:
    try:
        item = msgspec.convert(value, ItemIn)
        return item, unstorable(item)
    except msgspec.ValidationError as exc:
        return None, str(exc)
    except RecursionError:
        return None, "metadata: nested too deeply"


def _key(value: Any) -> str | None:
    key = value.get("external_id") if isinstance(value, dict) else None
    return key[:500] if isinstance(key, str) else None


async def _upsert(database: Database, collection: str, rows: list[_Row]) -> _Outcome:
    """Write all at once; where the database refuses, halve until the bad items stand alone.

    Without rows it still asks, so that an unknown collection is an error however bad the items.
    """
    try:
        query = upsert_items(collection=collection, items=[row.item for row in rows])
        return _Outcome(await database.fetch(query), [])
    except UnknownName:
        raise
    except (BadRequest, psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as exc:
        if len(rows) <= 1:
            return _Outcome([], [_refusal(row, exc) for row in rows])
    half = len(rows) // 2
    left = await _upsert(database, collection, rows[:half])
    right = await _upsert(database, collection, rows[half:])
    return _Outcome(left.written + right.written, left.refused + right.refused)


def _refusal(row: _Row, exc: Exception) -> Refused:
    reason = str(exc).strip().partition("\n")[0]
    return Refused(index=row.at, external_id=row.item.external_id, reason=reason)
