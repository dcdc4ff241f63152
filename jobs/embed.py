"""Embedding: claims items from the outbox, encodes them, stores their vectors."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
import psycopg

from db.calls.bisection import halve_until_alone
from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, SeogoDbError
from db.spaces import embedding
from encoders import registry
from encoders.multi import rows
from encoders.pictures.decoding import PictureInvalid
from jobs import content, weights
from jobs.errors import JobError, reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from db.spaces.rows import Claimed, Space
    from encoders.base import MultiVectorEncoder, TextEncoder, Vectors
    from encoders.settings import EncoderSettings
    from flows.encoding import Encoder
    from jobs.summaries import Summarizer
    from jobs.types import Conn

BATCH_ITEMS = 64
# So many items in a row that fail by themselves, none having succeeded: it is the encoder.
LONE_FAILURES = 3
# What the database cannot keep, which is no fault of its own.
UNSTORABLE = (BadRequest, psycopg.DataError)
# Vectors have length one; this is for what went wrong, not for rounding.
SHORTEST, LONGEST = 0.5, 2.0


class EncoderFailing(JobError):
    """The encoder of a space fails on every input."""


class VectorInvalid(ValueError):
    """The encoder returned a vector that is not of length one."""


class EmbedReport(msgspec.Struct):
    """Counts of an embed run."""

    stored: int = 0
    vectors: int = 0
    unchanged: int = 0
    changed_meanwhile: int = 0
    failed: int = 0


def ensure_spaces(conn: Conn, settings: EncoderSettings) -> list[str]:
    """Create the missing spaces of all collections; returns a line about each.

    Raises:
        JobError: no encoder is set for what a space embeds.
    """
    made = []
    for missing in fetch(conn, embedding.missing_spaces()):
        spec = registry.fitting(settings.encoder_for(missing.modality), settings.models_path)
        about = {
            "encoder": spec.name,
            "identity": spec.identity,
            "modality": missing.modality,
            "kind": spec.kind,
        }
        fetch(conn, embedding.create_space(name=missing.name, dim=spec.dim, **about))
        made.append(f"{missing.name}: {missing.modality}, encoder {spec.name}")
    return made


def run(conn: Conn, space: Space, encoder: Encoder) -> EmbedReport:
    """Encode everything that is due in a space now; as `batch` otherwise."""
    report = EmbedReport()
    while batch(conn, space, encoder, report):
        pass
    return report


def batch(
    conn: Conn,
    space: Space,
    encoder: Encoder,
    report: EmbedReport,
    *,
    batch_n: int = BATCH_ITEMS,
    turn: AbstractContextManager[object] | None = None,
    summarizer: Summarizer | None = None,
) -> Mapping[int, datetime]:
    """Claim, encode and store the next items that are due; safe beside other workers and writers.

    An item that makes the encoder fail is found by halving the batch, and fails alone. `turn` is held
    while encoding, for those who share the encoder. `summarizer` shortens texts that are too long.
    Returns the items, with when they were queued.

    Raises:
        EncoderFailing: it seems to fail on everything; what it was not tried on is given back.
    """
    claimed = fetch(conn, embedding.claim_batch(space_id=space.space_id, batch_n=batch_n))
    if not claimed:
        return {}
    claims = {row.item_id: row.enqueued_at for row in claimed}
    try:
        weights.keep_vocabulary(conn, space, encoder)
        work = _Batch(conn, space, encoder, report, turn or nullcontext(), summarizer)
        work.process(claims, claimed)
    except BaseException:
        with suppress(SeogoDbError):  # a lease ends with its session anyway
            embedding.release(conn, space_id=space.space_id, item_ids=list(claims))
        raise
    weights.merge(conn, space, tidy=False)
    return claims


def answer_queries(conn: Conn, space: Space, encoder: TextEncoder) -> int:
    """Encode the query texts queued by `search.request_vector`; returns how many.

    A text that cannot be encoded is kept with the reason.

    Raises:
        EncoderFailing: not one of several could be encoded.
    """
    done = 0
    while waiting := fetch(conn, embedding.waiting_queries(space_id=space.space_id)):
        texts = [row.text for row in waiting]
        answers = _encoded_queries(encoder, texts)
        if len(answers) >= LONE_FAILURES and all(isinstance(a, str) for a in answers):
            raise _failing(space, str(answers[0]))
        for text, answer in zip(texts, answers, strict=True):
            about: dict[str, Any] = {"space_id": space.space_id, "query": text}
            if isinstance(answer, str):
                fetch(conn, embedding.refuse_query(**about, error=answer))
            else:
                fetch(conn, embedding.keep_query_vector(**about, **answer))
        done += len(waiting)
    return done


def _encoded_queries(encoder: TextEncoder, texts: Sequence[str]) -> list[dict[str, Any] | str]:
    """Encode each text, as `vec` (and `spans`) to keep; a text that fails gets the reason instead."""

    def encode(part: Sequence[str]) -> list[dict[str, Any] | str]:
        if encoder.spec.kind == "multi":
            found = cast("MultiVectorEncoder", encoder).query_tokens(part)
            return [
                {"vec": rows.flat(one), "spans": embedding.multiranges(one.spans)} for one in found
            ]
        vectors = list(encoder.encode_queries(part))
        if encoder.spec.kind != "sparse":
            _check(vectors)
        return [{"vec": vector} for vector in vectors]

    parts: list[list[dict[str, Any] | str]] = halve_until_alone(
        texts, encode, lambda _text, exc: [reason(exc)]
    )
    return [one for part in parts for one in part]


def _failing(space: Space, why: str) -> EncoderFailing:
    return EncoderFailing(
        f"encoder {space.encoder} of space {space.space} fails on everything: {why}",
        "what waits is kept: once it works, run this again",
    )


@dataclass
class _Batch:
    """A claimed batch: encodes and stores it, and records failures."""

    conn: Conn
    space: Space
    encoder: Encoder
    report: EmbedReport
    turn: AbstractContextManager[object]
    summarizer: Summarizer | None = None
    succeeded: bool = False
    lone_failures: int = 0

    def process(self, claims: Mapping[int, datetime], claimed: Sequence[Claimed]) -> None:
        """Encode and store; items that fail are recorded one by one."""

        def encode_and_store(ids: Sequence[int]) -> None:
            part = {i: claims[i] for i in ids}
            self._encode_and_store(part, [row for row in claimed if row.item_id in part])

        def fail(item_id: int, exc: Exception) -> None:
            self._fail({item_id: claims[item_id]}, exc)

        halve_until_alone(list(claims), encode_and_store, fail, _is_fault)

    def _encode_and_store(self, claims: dict[int, datetime], claimed: Sequence[Claimed]) -> None:
        kept = [(r.item_id, r.source) for r in claimed if r.stored and r.source is not None]
        fresh = [row for row in claimed if not row.stored and row.source is not None]
        if self.summarizer is not None:  # before its turn: others encode while the server writes
            fresh = self.summarizer.shorten(self.conn, self.space, self.encoder, fresh)
        with self.turn:
            vectors = content.encode(self.conn, self.encoder, fresh)
        _check([vector.vec for vector in vectors if vector.vec is not None])
        store = partial(embedding.store, space_id=self.space.space_id, claims=claims, kept=kept)
        stored = retry_on_conflict(partial(store, self.conn, vectors=vectors))
        if stored < len(claims):  # what is being deleted at this moment may be there all the same
            embedding.release(self.conn, space_id=self.space.space_id, item_ids=list(claims))
        self.succeeded = True
        self.report.stored += stored
        self.report.vectors += len(vectors)
        self.report.unchanged += len(kept)
        self.report.changed_meanwhile += len(claims) - stored

    def _fail(self, claims: dict[int, datetime], exc: Exception) -> None:
        why = reason(exc)
        embedding.fail(self.conn, space_id=self.space.space_id, claims=claims, error=why)
        self.report.failed += 1
        if isinstance(exc, (ValueError, PictureInvalid, *UNSTORABLE)):
            return  # the item's fault
        self.lone_failures += 1
        if not self.succeeded and self.lone_failures >= LONE_FAILURES:
            raise _failing(self.space, why) from exc


def _is_fault(exc: Exception) -> bool:
    """Whether an item is at fault; every class counts, for runtimes have their own."""
    return isinstance(exc, UNSTORABLE) or not isinstance(exc, (SeogoDbError, psycopg.Error))


def _check(vectors: Sequence[Vectors]) -> None:
    """Refuse vectors whose length is far from one."""
    if not vectors:
        return
    lengths = np.linalg.norm(np.stack(vectors).astype(np.float64), axis=1)
    bad = lengths[~((lengths > SHORTEST) & (lengths < LONGEST))]
    if len(bad):
        raise VectorInvalid(f"the encoder gave a vector of length {bad[0]:g}")
