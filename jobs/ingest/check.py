"""Check of an input before it is loaded: contradictions in it and with the collection; nothing is written."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from db.calls.query import fetch
from db.items import contradictions, items
from db.search.legs import vector_text
from db.spaces import embedding
from encoders.ocr.settings import OcrOptions
from encoders.pictures import decoding
from encoders.pictures.look import looks_of_files
from flows.encoding import encode_query, encoder_of
from jobs.ingest.records import IngestRecord, LineError, parse
from jobs.stages.reading import OcrOutcome, end_with_parent, read_or_reason
from jobs.types import Conn, OnCount, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from db.operations.readings import Decoded
    from flows.encoding import Encoder
    from inputs import lines
    from inputs.errors import Bad
    from jobs.ingest.media import MediaSource
    from jobs.recipes.base import Recipe
    from jobs.stages.config import PipelineSettings

# Records that are compared with each other, and whose pictures are in memory.
TOGETHER = 500


class RecordFound(NamedTuple):
    """A contradiction in the record of a line."""

    line: int
    external_id: str
    rule: str
    evidence: dict[str, Any]


class InputReport(msgspec.Struct):
    """Result of a check; `unjudged` counts records by rule and reason, `refused` are unreadable ones."""

    records: int = 0
    pictures: int = 0
    found: list[RecordFound] = msgspec.field(default_factory=list)
    refused: list[LineError] = msgspec.field(default_factory=list)
    unjudged: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)


class InputCheck:
    """Checks records in batches, reading their pictures as the collection would."""

    def __init__(
        self, conn: Conn, collection: str, recipe: Recipe, settings: PipelineSettings
    ) -> None:
        """Look the collection up; one that is missing is judged as the recipe would make it.

        Raises:
            EncoderError: the model of its space of pictures cannot be loaded.
        """
        self._conn, self._collection, self._recipe = conn, collection, recipe
        self._settings = settings
        there = {row.collection: row for row in fetch(conn, items.collections())}
        self._missing = collection not in there
        made = recipe.collection.picture_readers
        readers = made if self._missing else there[collection].picture_readers
        self._engine = readers.get("ocr") if isinstance(readers, dict) else None
        self._encoder = None if self._missing else self._image_encoder()
        self._stack = ExitStack()
        self._pool: ProcessPoolExecutor | None = None

    def run(
        self, read: Iterable[lines.Record | Bad], media: MediaSource, on_line: OnCount = silent
    ) -> InputReport:
        """Check all records."""
        report = InputReport()
        with self._stack:
            for batch in _batches(parse(read, self._recipe), report):
                self._check(batch, media, report)
                on_line(batch[-1].line)
        return report

    def _check(self, batch: list[IngestRecord], media: MediaSource, report: InputReport) -> None:
        prepared = [media.prepare(one.item.media or ()) for one in batch]
        files = [[one.result() for one in futures] for futures in prepared]
        read = self._read([f for per in files for f in per if not isinstance(f, str)])
        records: list[dict[str, Any]] = []
        vectors: list[dict[str, Any]] = []
        for number, (one, decoded) in enumerate(zip(batch, files, strict=True), start=1):
            record = {
                "external_id": one.item.external_id,
                "fields": one.item.fields,
                "metadata": one.item.metadata,
            }
            if one.item.media is not None:
                record["pictures"] = pictures = []
                for given, file in zip(one.item.media, decoded, strict=True):
                    if isinstance(file, str):
                        reason = f"{given.role} {given.name}: {file}"
                        report.refused.append(LineError(one.line, one.item.external_id, reason))
                        continue
                    pictures.append(_picture(given.role, file, read))
                    vectors += self._vector(number, len(pictures), file)
                report.pictures += len(pictures)
            records.append(record)
        report.records += len(batch)
        self._judge(batch, records, vectors, report)

    def _judge(
        self,
        batch: Sequence[IngestRecord],
        records: list[dict[str, Any]],
        vectors: list[dict[str, Any]],
        report: InputReport,
    ) -> None:
        asked = contradictions.quality_of(
            collection=self._collection, records=records, vectors=vectors
        )
        # A collection that is missing is there for the question alone.
        with self._conn.transaction(force_rollback=True):
            if self._missing:
                made = items.create_collection(
                    name=self._collection, settings=self._recipe.collection
                )
                fetch(self._conn, made)
            rows = fetch(self._conn, asked)
        for row in rows:
            if row.unjudged is not None:
                report.unjudged[row.rule, row.unjudged] += 1
            else:
                line = batch[row.record_no - 1].line
                report.found.append(
                    RecordFound(line, row.external_id, row.rule, row.evidence or {})
                )

    def _read(self, files: Sequence[Decoded]) -> dict[bytes, OcrOutcome | str]:
        """Read pictures in spawned processes, each content once, by its sha256."""
        if self._engine is None or not files:
            return {}
        if self._pool is None:
            self._pool = self._stack.enter_context(
                ProcessPoolExecutor(
                    self._settings.processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=end_with_parent,
                )
            )
        jobs: dict[bytes, Future[OcrOutcome | str]] = {}
        options = OcrOptions(threads=1, models=self._settings.encoders.models_path)
        for file in files:
            digest = sha256(file.data).digest()
            if digest not in jobs:
                jobs[digest] = self._pool.submit(read_or_reason, file.data, self._engine, options)
        return {digest: job.result() for digest, job in jobs.items()}

    def _vector(self, record: int, picture: int, file: Decoded) -> list[dict[str, Any]]:
        if self._encoder is None:
            return []
        vector = encode_query(self._encoder, "", decoding.decode(file.data))
        return [{"case": record, "picture": picture, "vec": vector_text(vector)}]

    def _image_encoder(self) -> Encoder | None:
        spaces = fetch(self._conn, embedding.live_spaces(collection=self._collection))
        images = sorted((s for s in spaces if s.modality == "image"), key=lambda s: s.space)
        return encoder_of(images[0], self._settings.encoders) if images else None


def _batches(
    found: Iterable[IngestRecord | LineError], report: InputReport
) -> Iterator[list[IngestRecord]]:
    batch: list[IngestRecord] = []
    pictures = 0
    for one in found:
        if isinstance(one, LineError):
            report.refused.append(one)
            continue
        batch.append(one)
        pictures += len(one.item.media or ())
        if max(len(batch), pictures) >= TOGETHER:
            yield batch
            batch, pictures = [], 0
    if batch:
        yield batch


def _picture(role: str, file: Decoded, read: dict[bytes, OcrOutcome | str]) -> dict[str, Any]:
    """A picture of a record, as `search.quality_of` takes it."""
    digest = sha256(file.data)
    (look,) = looks_of_files([file.thumbnail])
    picture: dict[str, Any] = {"role": role, "sha256": digest.hexdigest()}
    if look is not None:
        picture["look"] = vector_text(look)
    outcome = read.get(digest.digest())
    if isinstance(outcome, OcrOutcome):
        lines = [
            {"text": line.text, "confidence": line.confidence}
            for line in outcome.lines
            if line.text
        ]
        return picture | {
            "state": "read",
            "reader": outcome.reader,
            "lines": lines,
            "numbers": outcome.identifiers,
        }
    return picture | {"state": "unread" if outcome is None else "failed"}
