"""Ingest: records from a JSONL file become items; a bad record is reported and the rest goes on."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from db.errors import BadRequest, UnknownName
from db.items import upsert_items
from db.query import fetch
from db.rows import ItemIn, unstorable
from jobs.errors import BadRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jobs.recipes.base import Recipe

BATCH_ITEMS = 500
BATCH_CHARS = 2_000_000


class LineError(msgspec.Struct, frozen=True):
    """A record that was not ingested: its line (from 1), its external id where known, and why."""

    line: int
    external_id: str | None
    reason: str


class Report(msgspec.Struct):
    """What an ingest did."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[LineError] = msgspec.field(default_factory=list)

    @property
    def written(self) -> int:
        """Items that are in the database as given."""
        return self.inserted + self.updated + self.unchanged


Row = tuple[int, ItemIn]


def run(
    conn: psycopg.Connection[Any],
    lines: Iterable[bytes],
    *,
    collection: str,
    recipe: Recipe,
    on_line: Callable[[bytes], None] = lambda _line: None,
) -> Report:
    """Read JSON lines and upsert them in batches, each committed on its own.

    Args:
        conn: autocommit connection.
        lines: the file's lines; blank ones are skipped.
        collection: name of an existing collection.
        recipe: maps records to items.
        on_line: called with every line read, for progress.

    Raises:
        UnknownName: no such collection.
        ServerUnreachable: the connection was lost; batches before it are committed, and ingesting
            the file again completes it (unchanged items are left alone).
    """
    report = Report()
    for batch in _batches(_parse(lines, recipe, report, on_line)):
        _write(conn, collection, batch, report)
    report.errors.sort(key=lambda e: e.line)
    return report


def _parse(
    lines: Iterable[bytes], recipe: Recipe, report: Report, on_line: Callable[[bytes], None]
) -> Iterator[Row]:
    first_seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        on_line(line)
        if number == 1:
            line = line.removeprefix(BOM_UTF8)
        if not line.strip():
            continue
        external_id = None
        try:
            item = recipe.to_item(_decode(line))
            external_id = item.external_id
            _check(item, first_seen)
        except (BadRecord, msgspec.ValidationError) as exc:
            report.errors.append(LineError(number, external_id, str(exc)))
            continue
        except RecursionError:
            report.errors.append(LineError(number, external_id, "nested too deeply"))
            continue
        first_seen[item.external_id] = number
        yield number, item


def _decode(line: bytes) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BadRecord(f"not JSON: {exc}") from exc
    if not isinstance(record, dict):
        raise BadRecord(f"a JSON {type(record).__name__}, not an object")
    return record


def _check(item: ItemIn, first_seen: dict[str, int]) -> None:
    if item.external_id in first_seen:
        raise BadRecord(f"external_id stands already in line {first_seen[item.external_id]}")
    if reason := unstorable(item):
        raise BadRecord(reason)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    chars = 0
    for row in rows:
        batch.append(row)
        chars += sum(map(len, row[1].fields.values()))
        if len(batch) >= BATCH_ITEMS or chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _write(
    conn: psycopg.Connection[Any], collection: str, batch: list[Row], report: Report
) -> None:
    """Upsert a batch; where the database refuses it, halve it until the bad items stand alone."""
    try:
        written = fetch(conn, upsert_items(collection=collection, items=[i for _, i in batch]))
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, BadRequest) as exc:
        if isinstance(exc, UnknownName):  # the collection: no item of any batch can be written
            raise
        if len(batch) == 1:
            number, item = batch[0]
            report.errors.append(
                LineError(number, item.external_id, str(exc).strip().split("\n")[0])
            )
            return
        half = len(batch) // 2
        _write(conn, collection, batch[:half], report)
        _write(conn, collection, batch[half:], report)
        return
    for row in written:
        setattr(report, row.action, getattr(report, row.action) + 1)
