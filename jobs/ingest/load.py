"""Loading records in batches; a bad record is reported and the rest goes on."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from jobs.ingest.records import LineError, Parsed, parse
from jobs.ingest.write import IngestBatch, IngestReport, write
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from inputs import lines
    from inputs.errors import Bad
    from jobs.ingest.media import MediaSource
    from jobs.recipes.base import Recipe

BATCH_ITEMS = 500
BATCH_CHARS = 2_000_000
BATCH_PICTURES = 32
# Batches whose pictures are read and decoded while one is written.
AHEAD = 2


def run(
    conn: Conn,
    read: Iterable[lines.Record | Bad],
    *,
    collection: str,
    recipe: Recipe,
    run_id: int,
    media: MediaSource | None = None,
    after_line: int = 0,
    wanted: Callable[[Parsed], bool] = lambda _found: True,
    on_line: OnCount = silent,
    stopped: Callable[[], bool] = lambda: False,
) -> IngestReport:
    """Upsert records in batches, each committed with the run's cursor; the run's end is the caller's.

    Lines up to `after_line` were committed before: they are read, but not written again. Records that
    are not `wanted` are only checked for repeated ids. Without `media` items keep their pictures.
    `on_line` gets the number of every line committed; `stopped` is called between batches.

    Raises:
        UnknownName: no such collection.
        ServerUnreachable: the connection was lost; batches before it are committed, and resuming the
            run completes it.
    """
    report = IngestReport()
    found = parse(read, recipe)
    fresh = (one for one in found if one.line > after_line and wanted(one))
    for batch in _ahead(_batches(fresh, media), AHEAD):
        if stopped():
            break
        write(conn, collection, batch, report, run_id)
        on_line(batch.last_line)
    report.errors.sort(key=lambda e: e.line)
    return report


def _batches(found: Iterable[Parsed], media: MediaSource | None) -> Iterator[IngestBatch]:
    batch, chars, pictures = IngestBatch(), 0, 0
    for one in found:
        batch.last_line = one.line
        if isinstance(one, LineError):
            batch.errors.append(one)
        else:
            batch.unused.update(one.unused)
            wanted = one.item.media if media is not None else None
            futures = None if wanted is None or media is None else media.prepare(wanted)
            batch.rows.append((one, futures))
            chars += sum(map(len, one.item.fields.values()))
            pictures += len(wanted or ())
        if (
            len(batch.rows) + len(batch.errors) >= BATCH_ITEMS
            or chars >= BATCH_CHARS
            or pictures >= BATCH_PICTURES
        ):
            yield batch
            batch, chars, pictures = IngestBatch(), 0, 0
    if batch.rows or batch.errors:
        yield batch


def _ahead(batches: Iterator[IngestBatch], n: int) -> Iterator[IngestBatch]:
    """The same batches, each built `n` before it is handed out."""
    waiting: deque[IngestBatch] = deque()
    for batch in batches:
        waiting.append(batch)
        if len(waiting) > n:
            yield waiting.popleft()
    yield from waiting
