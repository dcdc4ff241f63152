"""Embed: claims what waits in the outbox, encodes it, stores the vectors."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, assert_never

import msgspec
import numpy as np
import psycopg

from db.calls.query import fetch
from db.calls.retries import retry_on_conflict
from db.errors import BadRequest, SeogoDbError
from db.spaces import embedding
from encoders import registry
from encoders.pictures.decoding import PictureInvalid
from jobs import content
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from db.rows import Claimed, Space
    from encoders.base import TextEncoder, Vectors
    from encoders.settings import EncoderSettings
    from jobs.content import Encoder

BATCH_ITEMS = 64
# So many items in a row that fail by themselves, none having succeeded: it is the encoder.
LONE_FAILURES = 3
# What the database cannot keep, which is no fault of its own.
UNSTORABLE = (BadRequest, psycopg.DataError)
# Vectors have length one; this is for what went wrong, not for rounding.
SHORTEST, LONGEST = 0.5, 2.0


class EncoderChanged(JobError):
    """The encoder of a space is not the one that made its vectors."""


class EncoderFailing(JobError):
    """The encoder of a space fails whatever it is given."""


class VectorInvalid(ValueError):
    """The encoder gave a vector that is none."""


class Report(msgspec.Struct):
    """What an embed run did."""

    stored: int = 0
    vectors: int = 0
    unchanged: int = 0
    changed_meanwhile: int = 0
    failed: int = 0


def ensure_spaces(conn: psycopg.Connection[Any], settings: EncoderSettings) -> list[str]:
    """Make the spaces that collections ask for and that do not exist yet; returns what was made.

    Raises:
        JobError: no encoder is set for what a space embeds.
    """
    made = []
    for missing in fetch(conn, embedding.missing_spaces()):
        spec = registry.spec(settings.encoder_for(missing.modality), settings.models_path)
        fetch(
            conn,
            embedding.create_space(
                name=missing.name,
                encoder=spec.name,
                identity=spec.identity,
                dim=spec.dim,
                modality=missing.modality,
            ),
        )
        made.append(f"{missing.name}: {missing.modality}, encoder {spec.name}")
    return made


def encoder_of(
    space: Space, settings: EncoderSettings, progress: Callable[[str], None] | None = None
) -> Encoder:
    """Build the encoder of a space.

    Raises:
        EncoderChanged: this program's encoder of that name is another model than the space's.
        EncoderError: it is unknown, or cannot be loaded.
    """
    spec = registry.spec(space.encoder, settings.models_path)
    if spec.identity != space.identity:
        raise EncoderChanged(
            f"space {space.space} was made by\n  {space.identity}\nbut this program's is\n  {spec.identity}",
            "run the release that made it, or embed the collection into a new generation",
        )
    args = (spec, settings.models_path, settings.threads, progress)
    match space.modality:
        case "text":
            return registry.build(*args)
        case "image":
            return registry.build_images(*args)
        case "multimodal":
            return registry.build_multimodal(*args)
        case _:
            assert_never(space.modality)


def run(
    conn: psycopg.Connection[Any],
    space: Space,
    encoder: Encoder,
    *,
    on_items: Callable[[Mapping[int, datetime]], None] = lambda _claims: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Encode everything that is due in a space now; safe beside other workers and writers.

    Args:
        conn: autocommit connection with pgvector's types registered.
        space: a live or building space.
        encoder: the space's encoder.
        on_items: called with the items of each batch, and when they were queued, for progress.
        stopped: asked between batches whether to stop.
    """
    report = Report()
    while not stopped():
        done = batch(conn, space, encoder, report)
        if not done:
            break
        on_items(done)
    return report


def batch(
    conn: psycopg.Connection[Any],
    space: Space,
    encoder: Encoder,
    report: Report,
    *,
    batch_n: int = BATCH_ITEMS,
    turn: AbstractContextManager[object] | None = None,
) -> Mapping[int, datetime]:
    """Claim and encode the next items that are due, and add to the report.

    Returns them, with when they were queued; none: nothing is due.

    An item that makes the encoder fail is found by halving the batch, and fails alone.

    Args:
        conn: autocommit connection with pgvector's types registered.
        space: a live or building space.
        encoder: the space's encoder.
        report: counts so far.
        batch_n: items at most.
        turn: held while encoding, for those who share the encoder.

    Raises:
        EncoderFailing: it seems to fail on everything; what it was not tried on is given back.
    """
    claimed = fetch(conn, embedding.claim_batch(space_id=space.space_id, batch_n=batch_n))
    if not claimed:
        return {}
    claims = {row.item_id: row.enqueued_at for row in claimed}
    try:
        _Batch(conn, space, encoder, report, turn or nullcontext()).process(claims, claimed)
    except BaseException:
        with suppress(SeogoDbError):  # a lease ends with its session anyway
            embedding.release(conn, space_id=space.space_id, item_ids=list(claims))
        raise
    return claims


def answer_queries(conn: psycopg.Connection[Any], space: Space, encoder: TextEncoder) -> int:
    """Encode the query texts that SQL users asked for (`search.request_vector`); returns how many.

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
                fetch(conn, embedding.keep_query_vector(**about, vec=answer))
        done += len(waiting)
    return done


def _encoded_queries(encoder: TextEncoder, texts: Sequence[str]) -> list[Vectors | str]:
    """A vector of each text, or why it has none."""
    try:
        vectors = encoder.encode_queries(texts)
        _check(list(vectors))
        return list(vectors)
    # Whatever class it is of: runtimes have classes of their own.
    except Exception as exc:
        if len(texts) == 1:
            return [f"{type(exc).__name__}: {exc}"]
        half = len(texts) // 2
        return _encoded_queries(encoder, texts[:half]) + _encoded_queries(encoder, texts[half:])


def _failing(space: Space, why: str) -> EncoderFailing:
    return EncoderFailing(
        f"encoder {space.encoder} of space {space.space} fails on everything: {why}",
        "what waits is kept: once it works, run this again",
    )


class _Batch:
    """One claimed batch on its way into the database."""

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        space: Space,
        encoder: Encoder,
        report: Report,
        turn: AbstractContextManager[object],
    ) -> None:
        self._conn = conn
        self._space = space
        self._encoder = encoder
        self._report = report
        self._turn = turn
        self._succeeded = False
        self._lone_failures = 0

    def process(self, claims: dict[int, datetime], claimed: Sequence[Claimed]) -> None:
        """Encode and store; where that fails, halve until the poisonous item stands alone."""
        try:
            self._encode_and_store(claims, claimed)
        # Whatever class it is of: runtimes have classes of their own.
        except Exception as exc:
            if isinstance(exc, (SeogoDbError, psycopg.Error)) and not isinstance(exc, UNSTORABLE):
                raise
            ids = list(claims)
            if len(ids) == 1:
                self._fail(claims, exc)
                return
            for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
                part = {i: claims[i] for i in half}
                self.process(part, [row for row in claimed if row.item_id in part])

    def _encode_and_store(self, claims: dict[int, datetime], claimed: Sequence[Claimed]) -> None:
        kept = [(r.item_id, r.source) for r in claimed if r.stored and r.source is not None]
        with self._turn:
            fresh = [row for row in claimed if not row.stored]
            vectors = content.encode(self._conn, self._encoder, fresh)
        _check([vector.vec for vector in vectors])
        store = partial(embedding.store, space_id=self._space.space_id, claims=claims, kept=kept)
        stored = retry_on_conflict(partial(store, self._conn, vectors=vectors))
        if stored < len(claims):  # what is being deleted at this moment may be there all the same
            embedding.release(self._conn, space_id=self._space.space_id, item_ids=list(claims))
        self._succeeded = True
        self._report.stored += stored
        self._report.vectors += len(vectors)
        self._report.unchanged += len(kept)
        self._report.changed_meanwhile += len(claims) - stored

    def _fail(self, claims: dict[int, datetime], exc: Exception) -> None:
        why = f"{type(exc).__name__}: {exc}"
        embedding.fail(self._conn, space_id=self._space.space_id, claims=claims, error=why)
        self._report.failed += 1
        if isinstance(exc, (ValueError, PictureInvalid, *UNSTORABLE)):
            return  # the item's fault
        self._lone_failures += 1
        if not self._succeeded and self._lone_failures >= LONE_FAILURES:
            raise _failing(self._space, why) from exc


def _check(vectors: Sequence[Vectors]) -> None:
    """Refuse vectors that point nowhere; encoders give vectors of length one."""
    if not vectors:
        return
    lengths = np.linalg.norm(np.stack(vectors).astype(np.float64), axis=1)
    bad = lengths[~((lengths > SHORTEST) & (lengths < LONGEST))]
    if len(bad):
        raise VectorInvalid(f"the encoder gave a vector of length {bad[0]:g}")
