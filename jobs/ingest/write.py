"""Writing a batch of records: items, their pictures and the run's cursor in one transaction."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from db.calls import steps
from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import translated
from db.items.upserts import Outcome, Row, upsert_batch
from db.operations import runs
from db.operations.readings import Decoded
from encoders.text.rendering import clean
from jobs.ingest.records import IngestRecord, LineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.items.upserts import Refusal
    from jobs.types import Conn

PictureFutures: TypeAlias = list[Future[Decoded | str]]

# Before the name of a key in the counts of a run; so many keys are named, the others counted together.
UNUSED = "unused "
_NAMED_KEYS = 50
_OTHERS = "(others)"


class IngestReport(msgspec.Struct):
    """Counts and errors of an ingest; `unused`: keys without a place in the recipe, by number of records."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    pictures: int = 0
    errors: list[LineError] = msgspec.field(default_factory=list)
    picture_errors: list[LineError] = msgspec.field(default_factory=list)
    unused: Counter[str] = msgspec.field(default_factory=Counter)

    @property
    def written(self) -> int:
        """Number of items that the database has as given."""
        return self.inserted + self.updated + self.unchanged

    def counts(self) -> dict[str, int]:
        """The counts, as the run's record keeps them."""
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
        """Count unused keys; beyond a number of them without their names."""
        for key, n in keys.items():
            known = key in self.unused or len(self.unused) < _NAMED_KEYS
            self.unused[key if known else _OTHERS] += n

    def add(self, more: IngestReport) -> None:
        """Add the counts of another part of the ingest."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(more, name))


class IngestBatch(msgspec.Struct):
    """Records with their pictures being decoded, and refused lines, written in one transaction.

    Without pictures (None) an item keeps those it has.
    """

    rows: list[tuple[IngestRecord, PictureFutures | None]] = msgspec.field(default_factory=list)
    errors: list[LineError] = msgspec.field(default_factory=list)
    unused: Counter[str] = msgspec.field(default_factory=Counter)
    last_line: int = 0


def write(
    conn: Conn, collection: str, batch: IngestBatch, report: IngestReport, run_id: int
) -> None:
    """Write a batch, advance the run's cursor, and add the result to the report."""
    report.count_unused(batch.unused)
    rows = [
        Row(one.line, one.item, None if media is None else [one.result() for one in media])
        for one, media in batch.rows
    ]
    records = {one.line: one for one, _ in batch.rows}
    before = report.counts()

    def transaction() -> IngestReport:
        with translated(), conn.transaction():
            outcome = steps.run(conn, upsert_batch(collection, rows)) if rows else Outcome()
            done = _written(outcome, records)
            done.errors += batch.errors
            counts = before | {name: n + before[name] for name, n in done.counts().items()}
            fetch(conn, runs.advance(run_id=run_id, line=batch.last_line, counts=counts))
            for error in done.errors + done.picture_errors:
                _note(conn, run_id, error)
        return done

    report.add(retry_on_conflict(transaction))


def _note(conn: Conn, run_id: int, error: LineError) -> None:
    query = runs.note_error(
        run_id=run_id,
        place=f"line {error.line}",
        # Refused perhaps for what PostgreSQL cannot keep of them.
        external_id=error.external_id and clean(error.external_id),
        reason=clean(error.reason),
        record=error.record,
    )
    fetch(conn, query)


def _written(outcome: Outcome, records: Mapping[int, IngestRecord]) -> IngestReport:
    def errors(refused: Sequence[Refusal]) -> list[LineError]:
        return [LineError(line, key, why, records[line].raw) for line, key, why in refused]

    actions = Counter(row.action for _, row in outcome.written)
    return IngestReport(
        inserted=actions["inserted"],
        updated=actions["updated"],
        unchanged=actions["unchanged"],
        pictures=outcome.pictures,
        errors=errors(outcome.refused),
        picture_errors=errors(outcome.refused_pictures),
    )
