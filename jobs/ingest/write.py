"""Batches of records written: items, their pictures, and how far the run has come, all or nothing."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, UnknownName, translated
from db.items.items import upsert_items
from db.operations import readings as pictures
from db.operations import runs
from encoders.text.rendering import clean
from jobs.ingest.records import LineError, Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future


# Before the name of a key in the counts of a run; so many keys are named, the others counted together.
UNUSED = "unused "
_NAMED_KEYS = 50
_OTHERS = "(others)"


class Report(msgspec.Struct):
    """What an ingest did; `unused`: keys that the recipe had no place for, by number of records."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    pictures: int = 0
    errors: list[LineError] = msgspec.field(default_factory=list)
    picture_errors: list[LineError] = msgspec.field(default_factory=list)
    unused: Counter[str] = msgspec.field(default_factory=Counter)

    @property
    def written(self) -> int:
        """Items that are in the database as given."""
        return self.inserted + self.updated + self.unchanged

    def counts(self) -> dict[str, int]:
        """The figures, for the record of the run."""
        return {
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "pictures": self.pictures,
            "refused": len(self.errors),
            "refused_pictures": len(self.picture_errors),
            **{UNUSED + key: n for key, n in self.unused.items()},
        }

    def count_unused(self, keys: Counter[str]) -> None:
        """Add keys that were not used; beyond a number of them their names are left out."""
        for key, n in keys.items():
            known = key in self.unused or len(self.unused) < _NAMED_KEYS
            self.unused[key if known else _OTHERS] += n

    def add(self, more: Report) -> None:
        """Add what another part of the same ingest did."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(more, name))


class Prepared(msgspec.Struct, frozen=True):
    """A record and its pictures, which are being decoded; None where the record says nothing of any."""

    record: Record
    media: list[Future[pictures.Decoded | str]] | None


class Batch(msgspec.Struct):
    """What is written in one transaction: records, refused lines, and the last line of both."""

    rows: list[Prepared] = msgspec.field(default_factory=list)
    errors: list[LineError] = msgspec.field(default_factory=list)
    unused: Counter[str] = msgspec.field(default_factory=Counter)
    last_line: int = 0


def write(
    conn: psycopg.Connection[Any], collection: str, batch: Batch, report: Report, run_id: int
) -> None:
    """Write a batch, move the run's cursor behind it, and add to the report what came of it."""
    report.count_unused(batch.unused)
    report.add(retry_on_conflict(partial(_write, conn, collection, batch, report.counts(), run_id)))


def _write(
    conn: psycopg.Connection[Any],
    collection: str,
    batch: Batch,
    before: dict[str, int],
    run_id: int,
) -> Report:
    with translated(), conn.transaction():
        report = _upserted(conn, collection, batch.rows)
        report.errors += batch.errors
        counts = before | {name: n + before[name] for name, n in report.counts().items()}
        fetch(conn, runs.advance(run_id=run_id, line=batch.last_line, counts=counts))
        for error in report.errors + report.picture_errors:
            fetch(
                conn,
                runs.note_error(
                    run_id=run_id,
                    place=f"line {error.line}",
                    # Refused perhaps for what PostgreSQL cannot keep of them.
                    external_id=error.external_id and clean(error.external_id),
                    reason=clean(error.reason),
                    record=error.record,
                ),
            )
    return report


def _upserted(conn: psycopg.Connection[Any], collection: str, rows: Sequence[Prepared]) -> Report:
    """Write items; where the database refuses them, halve until the bad ones stand alone."""
    if not rows:
        return Report()
    try:
        with conn.transaction():
            return _all_upserted(conn, collection, rows)
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, BadRequest) as exc:
        if isinstance(exc, UnknownName):  # the collection: no item of any batch can be written
            raise
        if len(rows) == 1:
            one = rows[0].record
            reason = str(exc).strip().split("\n")[0]
            return Report(errors=[LineError(one.line, one.item.external_id, reason, one.raw)])
    half = len(rows) // 2
    report = _upserted(conn, collection, rows[:half])
    report.add(_upserted(conn, collection, rows[half:]))
    return report


def _all_upserted(
    conn: psycopg.Connection[Any], collection: str, rows: Sequence[Prepared]
) -> Report:
    report = Report()
    items = [row.record.item for row in rows]
    written = fetch(conn, upsert_items(collection=collection, items=items))
    ids = {row.external_id: row.item_id for row in written}
    for row in written:
        setattr(report, row.action, getattr(report, row.action) + 1)
    for prepared in rows:
        if prepared.media is not None:
            _set_media(conn, ids[prepared.record.item.external_id], prepared, report)
    return report


def _set_media(
    conn: psycopg.Connection[Any], item_id: int, prepared: Prepared, report: Report
) -> None:
    record, media = prepared.record, []
    positions: dict[str, int] = {}
    for given, future in zip(record.item.media or (), prepared.media or (), strict=True):
        position = positions.get(given.role, -1) + 1
        positions[given.role] = position
        found = future.result()
        row = pictures.MediaRow(role=given.role, position=position, name=given.name, error="")
        if isinstance(found, str):
            media.append(msgspec.structs.replace(row, error=found))
            reason = f"{given.role} {given.name}: {found}"
            report.picture_errors.append(
                LineError(record.line, record.item.external_id, reason, record.raw)
            )
        else:
            stored = fetch(conn, pictures.store_picture(found))[0].id
            media.append(msgspec.structs.replace(row, picture_id=stored, error=None))
            report.pictures += 1
    fetch(conn, pictures.set_media(item_id=item_id, media=media))
