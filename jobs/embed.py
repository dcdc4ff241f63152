"""Embed: claims what waits in the outbox, encodes it, stores the vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from db import ops
from db.query import fetch
from encoders import registry
from encoders.errors import EncoderError
from jobs import content
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import psycopg

    from db.rows import Claimed, Space
    from encoders.base import TextEncoder
    from encoders.settings import EncoderSettings
    from jobs.content import Encoder

BATCH_ITEMS = 64


class EncoderChanged(JobError):
    """The encoder of a space is not the one that made its vectors."""


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
    for missing in fetch(conn, ops.missing_spaces()):
        spec = registry.spec(settings.encoder_for(missing.modality), settings.models_path)
        fetch(
            conn,
            ops.create_space(
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
    on_items: Callable[[int], None] = lambda _n: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Encode everything that is due in a space now; safe beside other workers and writers.

    Args:
        conn: autocommit connection with pgvector's types registered.
        space: a live or building space.
        encoder: the space's encoder.
        on_items: called with the number of items finished, for progress.
        stopped: asked between batches whether to stop.
    """
    report = Report()
    while not stopped():
        claimed = fetch(conn, ops.claim_batch(space_id=space.space_id, batch_n=BATCH_ITEMS))
        if not claimed:
            break
        claims = {row.item_id: row.enqueued_at for row in claimed}
        try:
            _process(conn, space, encoder, claims, claimed, report)
        except BaseException:
            ops.release(conn, space_id=space.space_id, item_ids=list(claims))
            raise
        on_items(len(claims))
    return report


def answer_queries(conn: psycopg.Connection[Any], space: Space, encoder: TextEncoder) -> int:
    """Encode the query texts that SQL users asked for (`search.request_vector`); returns how many."""
    done = 0
    while waiting := fetch(conn, ops.waiting_queries(space_id=space.space_id)):
        texts = [row.text for row in waiting]
        for text, vec in zip(texts, encoder.encode_queries(texts), strict=True):
            fetch(conn, ops.keep_query_vector(space_id=space.space_id, query=text, vec=vec))
        done += len(texts)
    return done


def _process(
    conn: psycopg.Connection[Any],
    space: Space,
    encoder: Encoder,
    claims: dict[int, datetime],
    claimed: Sequence[Claimed],
    report: Report,
) -> None:
    try:
        vectors = content.encode(conn, encoder, [row for row in claimed if not row.stored])
    except (ValueError, RuntimeError, EncoderError) as exc:
        ids = list(claims)
        if len(ids) == 1:
            ops.fail(
                conn, space_id=space.space_id, item_ids=ids, error=f"{type(exc).__name__}: {exc}"
            )
            report.failed += 1
            return
        # One poisonous item must not hold up its batch: halve until it stands alone.
        for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
            part = {i: claims[i] for i in half}
            _process(conn, space, encoder, part, [r for r in claimed if r.item_id in part], report)
        return
    kept = [(row.item_id, row.source) for row in claimed if row.stored and row.source is not None]
    stored = ops.store(conn, space_id=space.space_id, claims=claims, vectors=vectors, kept=kept)
    report.stored += stored
    report.vectors += len(vectors)
    report.unchanged += len(kept)
    report.changed_meanwhile += len(claims) - stored
