"""Loading records in batches; a bad record is reported and the rest goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

from jobs.ingest.records import LineError, Parsed, parse
from jobs.ingest.write import IngestBatch, IngestReport, write
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from inputs import lines
    from inputs.errors import Bad
    from jobs.ingest.media import MediaSource
    from jobs.recipes.base import Recipe

# A statement of some thousand items is indexed as a whole; a first, small batch is searchable at once, and
# shows early what is wrong.
BATCH_ITEMS = 16_000
FIRST_ITEMS = 500
# Of records as they stand in the file; in memory a batch takes some five times that.
BATCH_BYTES = 16_000_000
BATCH_PICTURES = 32


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
    with closing(_ahead(_batches(fresh, media))) as ready:
        for batch in ready:
            if stopped():
                break
            write(conn, collection, batch, report, run_id)
            on_line(batch.last_line)
    report.errors.sort(key=lambda e: e.line)
    return report


def _batches(found: Iterable[Parsed], media: MediaSource | None) -> Iterator[IngestBatch]:
    batch, size, pictures = IngestBatch(), 0, 0
    most = min(FIRST_ITEMS, BATCH_ITEMS)
    for one in found:
        batch.last_line = one.line
        if isinstance(one, LineError):
            batch.errors.append(one)
            size += len(one.record)
        else:
            batch.unused.update(one.unused)
            wanted = one.item.media if media is not None else None
            futures = None if wanted is None or media is None else media.prepare(wanted)
            batch.rows.append((one, futures))
            size += len(one.raw)
            pictures += len(wanted or ())
        full = len(batch.rows) + len(batch.errors) >= most
        if full or size >= BATCH_BYTES or pictures >= BATCH_PICTURES:
            yield batch
            batch, size, pictures = IngestBatch(), 0, 0
            most = BATCH_ITEMS
    if batch.rows or batch.errors:
        yield batch


def _ahead(batches: Iterator[IngestBatch]) -> Generator[IngestBatch]:
    """The same batches; while one is written, the next is read and its pictures are decoded."""
    with ThreadPoolExecutor(1, thread_name_prefix="seogo-read") as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch
